"""How text matches: wildcards, regular expressions and phrases, in time polynomial in pattern and text."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import assert_never

from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(text: str, case: Case) -> str:
    """`text` in the spelling that comparisons under `case` use: A-Z become a-z and nothing else changes."""
    return text.translate(_FOLD) if case is Case.INSENSITIVE else text


def like(text: str, pattern: Pattern, case: Case) -> bool:
    """Whether the whole text matches the wildcard pattern."""
    text = fold(text, case)
    signs = [sign for part in pattern.parts for sign in ([part] if isinstance(part, Wild) else fold(part, case))]
    at = here = 0
    star, resume = -1, 0
    while here < len(text):
        sign = signs[at] if at < len(signs) else None
        if sign is Wild.ANY_RUN:
            star, resume = at, here
            at += 1
        elif sign is Wild.ANY_ONE or (sign is not None and sign == text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            # The last run takes one character more; earlier runs need no other try.
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(sign is Wild.ANY_RUN for sign in signs[at:])


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
