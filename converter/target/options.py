"""What a caller may choose of an artifact's form, as closed types; their values are the words of the command line."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TypeVar

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.model.fact import Trust
from converter.target.codes import T005

Word = TypeVar("Word", bound=Enum)


class NewTermsForm(StrEnum):
    """How a rule about values that were not seen before keeps its history."""

    SEARCH = "search"
    LOOKUP = "lookup"


class ArgumentForm(StrEnum):
    """How conditions on single arguments are written where a platform has the whole command line only."""

    EXACT = "exact"
    """The command line is cut as the system cuts it."""

    WORDS = "words"
    """In positive places, the argument as a word of the command line: shorter, and approximate."""


class CaseForm(StrEnum):
    """How letters' case is compared where the target's usual comparison ignores it."""

    INSENSITIVE = "insensitive"
    """The usual way: approximate where case decides."""

    EXACT = "exact"
    """As the rule says."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may choose beyond the target. `format` "" is the target's default.

    `trust`: which facts forms may rest on. `bare`: leave out the closing output columns. `arguments` and `case`:
    the form of such conditions. `inline_macros`: write in place what else stands in a macro's definition.
    `summaries`: ask what the platform has summed up beforehand (Splunk's data models), where that is enough.
    """

    format: str = ""
    new_terms: NewTermsForm = NewTermsForm.SEARCH
    trust: Trust = Trust.DECLARED
    bare: bool = False
    arguments: ArgumentForm = ArgumentForm.EXACT
    case: CaseForm = CaseForm.INSENSITIVE
    inline_macros: bool = False
    summaries: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """The same in the words of a command line or a call, not yet checked."""

    new_terms: str = "search"
    facts: str = "declared"
    bare: bool = False
    args: str = "exact"
    case: str = "insensitive"
    inline_macros: bool = False
    tstats: bool = False

    def options(self, form: str = "") -> Options:
        """The options they mean, in the format `form`. Raises EmitError (T005) for a word that does not exist."""
        return Options(
            form,
            _word("new-terms", NewTermsForm, self.new_terms),
            _word("facts", Trust, self.facts),
            self.bare,
            _word("args", ArgumentForm, self.args),
            _word("sigma-case", CaseForm, self.case),
            self.inline_macros,
            self.tstats,
        )


def _word(option: str, words: type[Word], value: str) -> Word:
    try:
        return words(value)
    except ValueError:
        hint = f"use one of {', '.join(str(word.value) for word in words)}"
        raise EmitError(Diagnostic(T005, f"{option} cannot be {value!r}", hint=hint)) from None
