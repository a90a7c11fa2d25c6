"""Phrases of PowerShell text as regular expressions, where an artifact that says them so is read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild
from converter.model.predicate import Analyzer, Leaf, Matches, Phrase

_WORD: Final = (("-", "-"), ("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_INSIDE: Final = CharClass(_WORD)
_OUTSIDE: Final = CharClass(_WORD, negated=True)
_ANY: Final = Repeat(AnyChar(), 0, None)
_NOTHING: Final = Concat(())
BEGIN: Final = Alternate((_NOTHING, Concat((_ANY, _OUTSIDE))))
"""What stands before a word."""
END: Final = Alternate((_NOTHING, Concat((_OUTSIDE, _ANY))))
"""What stands behind a word."""
BETWEEN: Final = Repeat(_OUTSIDE, 1, None)
"""What stands between two words."""


def as_regex(leaf: Leaf) -> Leaf:
    """A phrase of PowerShell text as the texts that hold it; any other leaf as it is.

    Words are the runs of letters, digits, _ and - of ASCII, and compared without regard to case (rule K14).
    """
    if not isinstance(leaf, Phrase) or leaf.analyzer is not Analyzer.POWERSHELL:
        return leaf
    words: list[Regex] = []
    for token in leaf.tokens:
        words += [BETWEEN, Concat(tuple(_token(token)))]
    return Matches(leaf.field, (Concat((BEGIN, *words[1:], END)),), Case.INSENSITIVE)


def _token(token: Pattern) -> Sequence[Regex]:
    """A wildcard stands for signs of words."""
    found: list[Regex] = []
    for part in token.parts:
        match part:
            case Wild.ANY_RUN:
                found.append(Repeat(_INSIDE, 0, None))
            case Wild.ANY_ONE:
                found.append(_INSIDE)
            case _:
                found += map(Char, part)
    return found
