"""The account of a rule's leaves: where each went, so that none can vanish.

Every leaf of a rule ends as emitted (in which column), implied (by which fact) or given up (by which finding). A
conversion whose account lacks a leaf is never exact.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.model.predicate import Holds, InNetwork, Leaf, Like, Matches, OneOf, Predicate
from converter.model.value import Field
from converter.model.walk import leaves, value_fields


class Ending(StrEnum):
    """How a leaf ends."""

    EMITTED = "emitted"
    IMPLIED = "implied"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Line:
    """One leaf of the rule and what became of it.

    `bound` are the leaves that stand for it in the place's fields. `columns` are the columns or expressions, `why`
    the fact that implies it, `finding` what gave it up. `entry` is the table entry as file:line, `evidence` what that
    rests on (texts of the table), `known` how it is known: row, document, guess, or "" without a table.
    """

    leaf: Leaf
    ending: Ending
    bound: tuple[Leaf, ...] = ()
    columns: tuple[str, ...] = ()
    why: str = ""
    finding: Diagnostic | None = None
    entry: str = ""
    evidence: tuple[str, ...] = ()
    known: str = ""


Account = tuple[Line, ...]
"""The lines of one predicate, bound to one place."""


def fields_of(leaf: Leaf) -> tuple[Field, ...]:
    """The fields that a leaf looks at, each once."""
    return tuple(dict.fromkeys(value_fields(leaf.call))) if isinstance(leaf, Holds) else (leaf.field,)


def own_names(where: Predicate) -> Account:
    """The account of a predicate whose fields keep their names."""
    return tuple(Line(leaf, Ending.EMITTED, (leaf,), tuple(f.path for f in fields_of(leaf))) for leaf in leaves(where))


def uncovered(where: Predicate, account: Iterable[Line]) -> tuple[Leaf, ...]:
    """The leaves of a predicate that an account lacks, as often as it does."""
    lines = tuple(account)
    asked = tuple(leaves(where))
    if [id(line.leaf) for line in lines] == [id(leaf) for leaf in asked]:
        return ()  # as they mostly stand: in the order of the predicate
    left = Counter(line.leaf for line in lines)
    lacking = []
    for leaf in asked:
        if left[leaf] > 0:
            left[leaf] -= 1
        else:
            lacking.append(leaf)
    return tuple(lacking)


def unwritten(account: Iterable[Line], written: frozenset[Leaf]) -> tuple[Line, ...]:
    """The emitted lines of which some leaf is not among those that the target says it wrote, alone or merged."""
    there = Leaves(written)
    return tuple(line for line in account if line.ending is Ending.EMITTED and not all(map(there.hold, line.bound)))


class Leaves:
    """The leaves of a predicate, to be asked for one of them, which may stand by itself or be merged with others."""

    def __init__(self, found: Iterable[Leaf]) -> None:
        self._alone = frozenset(found)

    def hold(self, one: Leaf) -> bool:
        """Whether the leaf is among them, or one of them lists what it lists among more."""
        if one in self._alone:
            return True
        first = next(_items(one), None)
        return first is not None and any(_holds(one, other) for other in self._listing.get((type(one), *first), ()))

    @functools.cached_property
    def _listing(self) -> Mapping[tuple[type, Field, object], list[Leaf]]:
        """The leaves by what they list, since a rule may have thousands on one field. Most are found by themselves."""
        found: dict[tuple[type, Field, object], list[Leaf]] = {}
        for leaf in self._alone:
            for field, item in _items(leaf):
                found.setdefault((type(leaf), field, item), []).append(leaf)
        return found


def _items(leaf: Leaf) -> Iterator[tuple[Field, object]]:
    """What a leaf lists, each with the field; nothing for leaves of other kinds, which never merge."""
    match leaf:
        case OneOf(field, items) | Like(field, items) | Matches(field, items) | InNetwork(field, items):
            return ((field, item) for item in items)
        case _:
            return iter(())


def _holds(one: Leaf, other: Leaf) -> bool:
    """Whether `other` lists what `one` lists among more."""
    match one, other:
        case (OneOf(field, values, case), OneOf(other_field, others, other_case)):
            return (field, case) == (other_field, other_case) and set(values) <= set(others)
        case (Like(field, patterns, case), Like(other_field, more, other_case)):
            return (field, case) == (other_field, other_case) and set(patterns) <= set(more)
        case (Matches(field, regexes, case), Matches(other_field, several, other_case)):
            return (field, case) == (other_field, other_case) and set(regexes) <= set(several)
        case (InNetwork(field, networks), InNetwork(other_field, wider)):
            return field == other_field and set(networks) <= set(wider)
        case _:
            raise AssertionError("leaves of one kind that lists are asked for")
