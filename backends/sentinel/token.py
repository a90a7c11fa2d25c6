"""Analysed text: a phrase of tokens as a regular expression over the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.sentinel.regex import part_text
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Analyzer

# POWERSHELL cuts at every run of characters outside [A-Za-z0-9_-] (rule K14).
_POWERSHELL = r"A-Za-z0-9_\-"

# STANDARD (UAX 29): letters, marks, digits and connectors make words; a single . ' or : between two letters, and
# a single . , ; or ' between two digits, stay inside a word. https://www.unicode.org/reports/tr29/
_STANDARD = r"\p{L}\p{M}\p{N}_"


def _token(token: Pattern, word: str) -> str:
    signs = {Wild.ANY_RUN: f"[{word}]*", Wild.ANY_ONE: f"[{word}]"}
    return "".join(signs[p] if isinstance(p, Wild) else part_text(p, Case.INSENSITIVE) for p in token.parts)


def phrase_regex(tokens: Sequence[Pattern], analyzer: Analyzer) -> str:
    """The text has the tokens one after another, whatever separates them."""
    match analyzer:
        case Analyzer.POWERSHELL:
            word = _POWERSHELL
        case Analyzer.STANDARD:
            word = _STANDARD
        case _:
            assert_never(analyzer)
    inner = f"[^{word}]+".join(_token(t, word) for t in tokens)
    return f"(?i)(?:^|[^{word}]){inner}(?:[^{word}]|$)"
