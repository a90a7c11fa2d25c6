"""Regular expressions in the subset that the Sigma specification names: . ^ $ * + ? {n,m} [a-z] | ( )."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)
from converter.model.predicate import Analyzer
from converter.regex import Dialect, pattern_regex, render

# No flag for case: `re|i` would fold classes too, which Lucene does not; letters are written [aA] instead.
_DIALECT = Dialect(any_char=".", never="[^\\s\\S]", start="^", end="$", group=("(", ")"), fold="", fold_off=None)


def matching(regex: Regex, case: Case) -> str:
    """The expression for a whole value; `.` needs the `|s` modifier to take line breaks."""
    return render(regex, _DIALECT, case)


def uses_dot(regex: Regex) -> bool:
    """Whether the expression has an any-character sign, for which line breaks matter."""
    match regex:
        case AnyChar():
            return True
        case Char() | CharClass():
            return False
        case Concat(parts) | Alternate(parts):
            return any(map(uses_dot, parts))
        case Repeat(item):
            return uses_dot(item)
        case _:
            assert_never(regex)


_WORDS = {Analyzer.POWERSHELL: "A-Za-z0-9_\\-", Analyzer.STANDARD: "A-Za-z0-9_"}


def phrase(tokens: Sequence[Pattern], analyzer: Analyzer) -> str:
    """Tokens one after another with only signs between, anywhere in the text."""
    word = _WORDS[analyzer]
    texts = []
    for token in tokens:
        parts = []
        for part in token.parts:
            if isinstance(part, Wild):
                parts.append(f"[{word}]*" if part is Wild.ANY_RUN else f"[{word}]")
            else:
                literal = pattern_regex(Pattern((part,)))
                parts.append(render(literal, _DIALECT, Case.INSENSITIVE, anchored=False))
        texts.append("".join(parts))
    return f"(^|[^{word}])" + f"[^{word}]+".join(texts) + f"([^{word}]|$)"
