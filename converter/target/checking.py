"""A look at what was just written, before it is given out: whether it asks what its rule asks, as far as that is cheap.

What both say alike is left out, and a small rest is compared. `converter.proof.readback` decides what is open here.
"""

from __future__ import annotations

from typing import Final

from converter.forms.same import alike, rests, same_under
from converter.model.predicate import InNetwork, Leaf, Like, Matches, OneOf, Predicate
from converter.model.walk import leaves
from converter.target.readback import Raised, Reading, Same, Several, Unlike

LONGEST: Final = 2_000
"""Characters of an artifact that is looked at: of what is longer, regular expressions and lists take their time."""

_SMALL: Final = 12
"""Conditions and values in a rest that is compared."""

_LARGE: Final = 60
"""Conditions and values in a rest that is put into one form."""

_WHOLE: Final = 400
"""Conditions and values of a rule that is looked at: a doubt about more would take a proof that no one waits for."""


def looks_right(reading: Reading) -> bool | None:
    """Whether the artifact asks what its rule asks; None where that is left open, False where it is to be looked into.

    A rest that is large, or about parts of texts, is left open, but where the artifact asks for nothing that the rule
    does not ask for, or the other way round.
    """
    match reading:
        case Several(parts):
            found = [looks_right(part) for part in parts]
            return False if False in found else None if None in found else True
        case Raised():
            return _looks_right(reading)
        case Same():
            return True
        case Unlike():
            return False
        case _:
            return None


def _looks_right(reading: Raised) -> bool | None:
    if max(_size(reading.wanted), _size(reading.found)) > _WHOLE:
        return None
    wanted, found = rests(reading.wanted, reading.found)
    sizes = _size(wanted), _size(found)
    if max(sizes) > _LARGE and min(sizes):
        return None
    if alike(wanted, found, reading.facts):
        return True
    if min(sizes) and (max(sizes) > _SMALL or any(map(_of_parts, (*leaves(wanted), *leaves(found))))):
        return None
    return same_under(wanted, found, reading.facts, empties=reading.empties, apart=reading.apart)


def _size(where: Predicate) -> int:
    return sum(_weight(leaf) for leaf in leaves(where))


def _weight(leaf: Leaf) -> int:
    match leaf:
        case OneOf(_, listed) | Like(_, listed) | Matches(_, listed) | InNetwork(_, listed):
            return 1 + len(listed)
        case _:
            return 1


def _of_parts(leaf: Leaf) -> bool:
    return isinstance(leaf, Like | Matches)
