"""What an artifact counts, where it is read back: events by keys, at least so many, of so many different values."""

from __future__ import annotations

from converter.deferred import dataclass, replace
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate, Present
from converter.model.rule import Distinct, Threshold


@dataclass(frozen=True, slots=True)
class Grouped:
    """Events that meet a condition, by the names of their keys.

    `least`: so many events at least make an alert, 1 where that is not asked. `distinct`: the name of a field that has
    so many different values at least.
    """

    where: Predicate
    keys: frozenset[str]
    least: int = 1
    distinct: tuple[str, int] | None = None

    def __str__(self) -> str:
        keys = ", ".join(sorted(self.keys)) or "nothing"
        different = f", {self.distinct[1]} different {self.distinct[0]}" if self.distinct is not None else ""
        return f"at least {self.least} events{different} by {keys}"

    @property
    def bare(self) -> Grouped:
        """The same without the condition."""
        return replace(self, where=And(()))


def grouped(named: Threshold) -> Grouped:
    """What a threshold counts, its fields named as they are read: an event without one of the keys is in no group."""
    where = normalise(And((named.where, *(Present(field) for field in dict.fromkeys(named.group_by)))))
    keys = frozenset(field.path for field in named.group_by)
    return counting(where, keys, named.at_least, named.distinct)


def counting(where: Predicate, keys: frozenset[str], least: int, distinct: Distinct | None) -> Grouped:
    """The counts; so many different values of a field that holds one take so many events, which need not be said."""
    if distinct is None:
        return Grouped(where, keys, least)
    implied = not distinct.field.many and least <= distinct.at_least
    return Grouped(where, keys, 1 if implied else least, (distinct.field.path, distinct.at_least))
