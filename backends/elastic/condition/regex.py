"""Regular expressions in Lucene's syntax (elastic.co/docs/reference/query-languages/query-dsl/regexp-syntax)."""

from __future__ import annotations

from typing import Final

from converter.languages.regex.render import Dialect, render
from converter.model.pattern import Regex

_SPECIAL: Final = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
"""Lucene's operators, and the signs that stand for themselves but are escaped for the reader of other dialects."""


def _escaped(char: str) -> str:
    return "\\" + char if char in _SPECIAL else char


LUCENE: Final = Dialect(
    escape=_escaped,
    escape_in_class=_escaped,
    any_char=".",
    never="#",
    start="",
    end="",
    searches=False,
    group=("(", ")"),
    fold="",
    fold_off=None,
    folds_unicode=False,
)
"""Whole values; case is an option beside the expression, so that none is folded in it."""


def lucene(regex: Regex) -> str:
    """The expression as Elasticsearch reads it."""
    return render(regex, LUCENE)
