"""What the library raises.

ConverterError                 the root: catch this one
├── RuleFileError              the TOML file cannot be read as a rule
├── QuerySyntaxError           the query is not a sentence of its language
├── UnsupportedQueryError      the query is well formed, its meaning has no place in the model
├── MappingError               a data set table or a user's mapping file is wrong
└── EmitError                  an unknown target, format or field binding was asked for

A rule that one target cannot say is no exception: `convert` returns an artifact with status `refused`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from converter.diagnostics.record import Diagnostic
from converter.diagnostics.render import render

Failure = Callable[[BaseException, str], Diagnostic]
"""The diagnostic of a fault of ours, which is no `ConverterError`, and what was being done when it happened."""


class ConverterError(Exception):
    """A problem in what the user gave, told by one or more diagnostics."""

    def __init__(self, diagnostics: Diagnostic | Sequence[Diagnostic]) -> None:
        if isinstance(diagnostics, Diagnostic):
            diagnostics = (diagnostics,)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(render(d) for d in self.diagnostics)


class RuleFileError(ConverterError):
    """The file is no TOML, no rule, or a key has the wrong type."""


class QuerySyntaxError(ConverterError):
    """The query is not a sentence of its language."""


class UnsupportedQueryError(ConverterError):
    """The query is well formed but says something that cannot be carried."""


class MappingError(ConverterError):
    """A data set table or mapping file is malformed."""


class EmitError(ConverterError):
    """The target, format or field binding asked for does not exist."""
