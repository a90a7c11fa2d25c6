"""Texts that conditions were made for: the shortest of each option, and what differs from it a little."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild
from converter.model.predicate import And, Like, Matches, Not, OneOf, Or, Predicate

_MOST: Final = 48
_MOST_OPTIONS: Final = 6
_PLAIN: Final = "~"


def samples(node: Predicate) -> tuple[str, ...]:
    """So many texts, each once, none of them empty."""
    found = (text for one in _made(node) for text in (one, one.swapcase(), f"{one}{_PLAIN}", f"{_PLAIN}{one}") if text)
    return tuple(itertools.islice(dict.fromkeys(found), _MOST))


def _made(node: Predicate) -> Iterator[str]:
    match node:
        case And(terms) | Or(terms):
            yield from _in_turn([_made(term) for term in terms])
        case Not(term):
            yield from _made(term)
        case OneOf(_, values):
            yield from values
        case Like(_, patterns):
            yield from map(_of_pattern, patterns)
        case Matches(_, regexes):
            yield from _in_turn([_of_regex(regex) for regex in regexes])
        case _:
            return


def _in_turn(several: list[Iterator[str]]) -> Iterator[str]:
    """One of each, then the next of each."""
    for row in itertools.zip_longest(*several):
        yield from (text for text in row if text is not None)


def _of_pattern(pattern: Pattern) -> str:
    return "".join(part if isinstance(part, str) else _PLAIN if part is Wild.ANY_ONE else "" for part in pattern.parts)


def _of_regex(regex: Regex) -> Iterator[str]:
    match regex:
        case Char(char):
            yield char
        case AnyChar():
            yield _PLAIN
        case CharClass(ranges, negated):
            chars = (_PLAIN, *(low for low, _ in ranges), "0", "a", "\n") if negated else (low for low, _ in ranges)
            inside = (c for c in chars if any(low <= c <= high for low, high in ranges) is not negated)
            yield from itertools.islice(inside, 1)
        case Concat(parts):
            each = [list(itertools.islice(_of_regex(part), _MOST_OPTIONS)) for part in parts]
            yield from ("".join(chosen) for chosen in itertools.islice(itertools.product(*each), _MOST))
        case Alternate(options):
            yield from _in_turn([_of_regex(option) for option in options])
        case Repeat(item, least, most):
            if least == 0:
                yield ""
            times = max(1, least)
            if most is None or times <= most:
                yield from (text * times for text in _of_regex(item))
