"""How text matches: wildcards, regular expressions and phrases, in time polynomial in pattern and text."""

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
    fold,
    like,
)


def regex_matches(text: str, regex: Regex, case: Case) -> bool:
    """Whether the whole text matches the regular expression."""
    return len(text) in _ends(regex, text, frozenset({0}), case)


def _ends(regex: Regex, text: str, starts: frozenset[int], case: Case) -> frozenset[int]:
    """Every place where a match of `regex` that begins at one of `starts` can end."""
    match regex:
        case Char(char=char):
            wanted = fold(char, case)
            return frozenset(i + 1 for i in starts if i < len(text) and fold(text[i], case) == wanted)
        case AnyChar():
            return frozenset(i + 1 for i in starts if i < len(text))
        case CharClass(ranges=ranges, negated=negated):
            # A class stays case-sensitive (rule E04).
            return frozenset(i + 1 for i in starts if i < len(text) and _in_class(text[i], ranges) != negated)
        case Concat(parts=parts):
            for part in parts:
                starts = _ends(part, text, starts, case)
            return starts
        case Alternate(options=options):
            return frozenset[int]().union(*(_ends(option, text, starts, case) for option in options))
        case Repeat():
            return _repeat_ends(regex, text, starts, case)
        case _:
            assert_never(regex)


def _in_class(char: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(low <= char <= high for low, high in ranges)


def _repeat_ends(repeat: Repeat, text: str, starts: frozenset[int], case: Case) -> frozenset[int]:
    here = starts
    for _ in range(repeat.least):
        after = _ends(repeat.item, text, here, case)
        if after == here:
            break  # nothing left, or only empty matches: more rounds change nothing
        here = after
    reached = here
    rounds = 0
    while here and (repeat.most is None or rounds < repeat.most - repeat.least):
        here = _ends(repeat.item, text, here, case) - reached
        reached |= here
        rounds += 1
    return reached


def has_phrase(words: Sequence[str], phrase: Sequence[Pattern]) -> bool:
    """Whether the patterns match consecutive words; an empty phrase matches nothing, as an empty query does."""
    if not phrase:
        return False
    return any(
        all(like(words[at + i], pattern, Case.SENSITIVE) for i, pattern in enumerate(phrase))
        for at in range(len(words) - len(phrase) + 1)
    )
