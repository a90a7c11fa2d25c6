"""Regular expressions that are a few wildcard patterns: `(a|b)(x86)?.*` is four of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from converter.model import pattern as patterns
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

_Parts = tuple[str | Wild, ...]
_LONGEST = 64
"""The most repetitions that are written out."""


class _ManyError(Exception):
    """The expression is no finite set of patterns, or one of too many."""


def alternatives(regex: Regex, case: Case, most: int = 16) -> tuple[Pattern, ...] | None:
    """The patterns of which a value matches one if and only if it matches the expression, in the order written.

    None if there are none or more than `most`. A class stays sensitive to case where the rest ignores it (Lucene), so
    that under `INSENSITIVE` a class that holds a letter in one case only is no set of patterns.
    """
    try:
        found = _expanded(regex, case, most)
    except _ManyError:
        return None
    return tuple(dict.fromkeys(patterns.of(*parts) for parts in found))


def _expanded(regex: Regex, case: Case, most: int) -> list[_Parts]:
    match regex:
        case Char(char):
            return [(char,)]
        case AnyChar():
            return [(Wild.ANY_ONE,)]
        case CharClass():
            return [(char,) for char in _members(regex, case, most)]
        case Concat(parts):
            return _product([_expanded(part, case, most) for part in parts], most)
        case Alternate(options):
            return _limited([parts for option in options for parts in _expanded(option, case, most)], most)
        case Repeat():
            return _repeated(regex, case, most)
        case _:
            assert_never(regex)


def _repeated(node: Repeat, case: Case, most: int) -> list[_Parts]:
    if node.most is None:
        if not isinstance(node.item, AnyChar) or node.least > _LONGEST:
            raise _ManyError
        return [(*[Wild.ANY_ONE] * node.least, Wild.ANY_RUN)]
    if node.most > _LONGEST or node.most - node.least >= most:
        raise _ManyError
    one = _expanded(node.item, case, most)
    counts = range(node.least, node.most + 1)
    return _limited([parts for count in counts for parts in _product([one] * count, most)], most)


def _members(node: CharClass, case: Case, most: int) -> list[str]:
    if node.negated or sum(ord(high) - ord(low) + 1 for low, high in node.ranges) > most:
        raise _ManyError
    members = [chr(code) for low, high in node.ranges for code in range(ord(low), ord(high) + 1)]
    if case is Case.INSENSITIVE:
        letters = {char for char in members if char.isascii() and char.isalpha()}
        if any(char.swapcase() not in letters for char in letters):
            raise _ManyError
        return [char for char in members if char not in letters or char.islower()]
    return members


def _product(factors: Iterable[Sequence[_Parts]], most: int) -> list[_Parts]:
    found: list[_Parts] = [()]
    for factor in factors:
        found = _limited([(*head, *rest) for head in found for rest in factor], most)
    return found


def _limited(found: list[_Parts], most: int) -> list[_Parts]:
    if len(found) > most:
        raise _ManyError
    return found
