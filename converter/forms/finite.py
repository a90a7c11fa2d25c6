"""Regular expressions that say no more than a few wildcard patterns do."""

from __future__ import annotations

import itertools
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
    of,
)

MOST = 24
"""More patterns than this read worse than the regular expression."""
_FEW = 4
_Parts = tuple[str | Wild, ...]


def patterns(regexes: Sequence[Regex], case: Case) -> tuple[Pattern, ...] | None:
    """The patterns that match the same texts, or None if there are none or too many."""
    found: list[Pattern] = []
    for regex in regexes:
        options = _options(regex, case)
        if options is None:
            return None
        found += [of(*parts) for parts in options]
        if len(found) > MOST:
            return None
    return tuple(dict.fromkeys(found)) if found else None


def _options(regex: Regex, case: Case) -> list[_Parts] | None:
    match regex:
        case Char(char):
            return [(char,)]
        case AnyChar():
            return [(Wild.ANY_ONE,)]
        case CharClass():
            return _class(regex, case)
        case Concat(parts):
            return _product([_options(p, case) for p in parts])
        case Alternate(options):
            each = [_options(o, case) for o in options]
            return None if any(e is None for e in each) else [p for e in each for p in e or ()]
        case Repeat():
            return _repeat(regex, case)
        case _:
            assert_never(regex)


def _product(each: Sequence[list[_Parts] | None]) -> list[_Parts] | None:
    out: list[_Parts] = [()]
    for options in each:
        if options is None or len(out) * len(options) > MOST:
            return None
        out = [(*head, *tail) for head, tail in itertools.product(out, options)]
    return out


def _class(node: CharClass, case: Case) -> list[_Parts] | None:
    """A class of few characters; under folding it stays case-sensitive, so that only signs without case will do."""
    chars = [chr(c) for low, high in node.ranges if ord(high) - ord(low) < _FEW for c in range(ord(low), ord(high) + 1)]
    wide = any(ord(high) - ord(low) >= _FEW for low, high in node.ranges)
    folds = case is Case.INSENSITIVE and any(c.lower() != c.upper() for c in chars)
    if node.negated or wide or folds or not 0 < len(chars) <= _FEW:
        return None
    return [(c,) for c in dict.fromkeys(chars)]


def _repeat(node: Repeat, case: Case) -> list[_Parts] | None:
    if node.most is None:
        run: list[_Parts] | None = [((Wild.ANY_ONE,) * node.least + (Wild.ANY_RUN,))]
        return run if isinstance(node.item, AnyChar) and node.least <= _FEW else None
    if node.most > _FEW:
        return None
    item = _options(node.item, case)
    if item is None:
        return None
    out: list[_Parts] = []
    for count in range(node.least, node.most + 1):
        some = _product([item] * count)
        if some is None:
            return None
        out += some
    return out if len(out) <= MOST else None
