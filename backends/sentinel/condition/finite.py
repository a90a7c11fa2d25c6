"""Regular expressions that say no more than a short list of wildcard patterns."""

from __future__ import annotations

from itertools import product
from typing import assert_never

from converter.model import pattern as patterns
from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild

_MOST = 12

_Parts = tuple[str | Wild, ...]


def listed(node: Regex) -> tuple[Pattern, ...] | None:
    """The patterns that together take what the expression takes, None if there is no short list."""
    found = _options(node)
    return None if found is None else tuple(dict.fromkeys(patterns.of(*parts) for parts in found))


def _options(node: Regex) -> list[_Parts] | None:
    match node:
        case Char(one):
            return [(one,)]
        case AnyChar():
            return [(Wild.ANY_ONE,)]
        case CharClass():
            return None
        case Alternate(options):
            return _limited([_options(o) for o in options], joined=False)
        case Concat(parts):
            return _limited([_options(p) for p in parts], joined=True)
        case Repeat(AnyChar(), least, None):
            return [(*(Wild.ANY_ONE,) * least, Wild.ANY_RUN)] if least <= 1 else None
        case Repeat(item, 0, 1):
            return _limited([[()], _options(item)], joined=False)
        case Repeat():
            return None
        case _:
            assert_never(node)


def _limited(groups: list[list[_Parts] | None], *, joined: bool) -> list[_Parts] | None:
    known = [g for g in groups if g is not None]
    if len(known) < len(groups):
        return None
    if not joined:
        found = [parts for g in known for parts in g]
        return found if len(found) <= _MOST else None
    count = 1
    for group in known:
        count *= len(group)
    if count > _MOST:
        return None
    return [tuple(p for parts in chosen for p in parts) for chosen in product(*known)]
