"""A condition on one text as the options of which one must hold, each in its plainest form.

A list is taken apart, a regular expression over alternatives too, and one that says no more than a wildcard pattern is
said as that pattern.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from converter.deferred import replace
from converter.languages.regex.charset import ASCII_FOLD
from converter.model import pattern as patterns
from converter.model.equivalence import ordered
from converter.model.normalise import normalise
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild
from converter.model.predicate import Like, Matches, OneOf, Or, Predicate

_MOST: Final = 600


def options(node: Predicate) -> frozenset[Predicate]:
    """The options, told apart by what they say alone."""
    return frozenset(_options(node))


def _options(node: Predicate) -> Iterator[Predicate]:
    match node:
        case Or(terms):
            for term in terms:
                yield from _options(term)
        case OneOf(_, values, case):
            for value in values:
                kept = _case((value,), case)
                yield OneOf(node.field, (patterns.fold(value, kept),), kept)
        case Like(field, found, case):
            for one in found:
                yield _plain(Like(field, (_folded(one, case),), _case(one.parts, case)))
        case Matches(field, regexes, case):
            for regex in regexes:
                for single in _alternatives(regex):
                    pattern = _pattern(single) if case is Case.SENSITIVE else None
                    if pattern is None:
                        yield Matches(field, (single,), case)
                    else:
                        yield _plain(Like(field, (pattern[0],), _case(pattern[0].parts, pattern[1])))
        case _:
            yield ordered(node)


def _folded(pattern: Pattern, case: Case) -> Pattern:
    return Pattern(tuple(patterns.fold(p, case) if isinstance(p, str) else p for p in pattern.parts))


def _plain(like: Like) -> Predicate:
    found = normalise(like)
    return replace(found, span=None) if isinstance(found, OneOf | Like) else found


def _case(parts: tuple[object, ...], case: Case) -> Case:
    """Where no letter stands, case makes no difference."""
    letters = any(c in ASCII_FOLD for part in parts if isinstance(part, str) for c in part)
    return case if letters else Case.SENSITIVE


def _alternatives(regex: Regex) -> list[Regex]:
    """The expression as several without alternatives at its top, if they are not too many."""
    match regex:
        case Alternate(options_):
            return [one for option in options_ for one in _alternatives(option)]
        case Concat(parts):
            each = [_alternatives(part) for part in parts]
            count = 1
            for some in each:
                count *= len(some)
            if count > _MOST:
                return [regex]
            return [Concat(tuple(_flat(chosen))) for chosen in itertools.product(*each)]
        case _:
            return [regex]


def _flat(parts: tuple[Regex, ...]) -> Iterator[Regex]:
    for part in parts:
        if isinstance(part, Concat):
            yield from _flat(part.parts)
        else:
            yield part


def _pattern(regex: Regex) -> tuple[Pattern, Case] | None:
    """The wildcard pattern that an expression says, and whether its letters ignore case; None if it says more."""
    signs: list[str | Wild] = []
    cases: set[Case] = set()
    for part in _flat(regex.parts) if isinstance(regex, Concat) else (regex,):
        match part:
            case Char(char):
                signs.append(char)
                if char in ASCII_FOLD:
                    cases.add(Case.SENSITIVE)
            case CharClass(((low, high), (other, end)), False) if (low, other) == (high, end) and (
                ASCII_FOLD.get(low) == other + low
            ):
                signs.append(other)
                cases.add(Case.INSENSITIVE)
            case AnyChar():
                signs.append(Wild.ANY_ONE)
            case Repeat(AnyChar(), least, None):
                signs += [Wild.ANY_ONE] * least
                signs.append(Wild.ANY_RUN)
            case _:
                return None
    if len(cases) > 1:
        return None
    return patterns.of(*signs), next(iter(cases), Case.SENSITIVE)
