"""A sample as counts: which sets of filters must have how many events together (rule E21).

There is a different event for every stage if every set of filters is met by at least as many events together as it
feeds stages (Hall's theorem). Equal filters are one branch that feeds several stages. A set that splits into parts
with no event in common asks nothing that its parts do not, and is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from converter.deferred import dataclass
from converter.model.rule import Sample
from converter.plan.branch import Branch, JoinKey, Part, branches, exclusive, join_keys, parts, places, ragged
from converter.plan.disjoint import disjoint
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Demand:
    """At least `events` different events must meet one of the branches (positions in `SamplePlan.branches`)."""

    branches: tuple[int, ...]
    events: int


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What a sample asks for; every key that meets all `demands` has one.

    Each branch feeds the stages numbered in it, from 1 as written.
    """

    branches: tuple[Branch, ...]
    keys: tuple[JoinKey, ...]
    ragged: bool

    @property
    def demands(self) -> tuple[Demand, ...]:
        """What is asked of sets of branches, of single ones first. Grows with 2 to the number of branches."""
        return _demands(self.branches)

    @property
    def stages(self) -> int:
        """How many events a sample has."""
        return sum(len(branch.stages) for branch in self.branches)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The branches in the order of the stages."""
        return parts(self.branches, range(1, self.stages + 1))

    @property
    def one_each(self) -> bool:
        """Whether no event may serve two stages: a key with an event of each stage has a sample."""
        return all(len(branch.stages) == 1 for branch in self.branches) and exclusive(self.branches)

    @property
    def places(self) -> tuple[tuple[Branch, ...], ...]:
        """The branches of each place."""
        return places(self.branches)


def plan_sample(detection: Sample, bindings: Sequence[Binding] = ()) -> SamplePlan:
    """The plan of a sample; `bindings`: one a step (`Bound.bindings`), none = all in one place."""
    where = bindings or (Binding(),) * len(detection.steps)
    steps, number = [], 0
    for step, binding in zip(detection.steps, where, strict=True):
        steps.append((step, binding, tuple(range(number + 1, number + 1 + step.runs))))
        number += step.runs
    found = branches(steps)
    return SamplePlan(found, join_keys(found), ragged(found))


def _demands(found: tuple[Branch, ...]) -> tuple[Demand, ...]:
    meets = {
        frozenset(pair)
        for pair in itertools.combinations(range(len(found)), 2)
        if not disjoint(*(found[i].where for i in pair))
    }
    return tuple(
        Demand(chosen, sum(len(found[i].stages) for i in chosen))
        for size in range(1, len(found) + 1)
        for chosen in itertools.combinations(range(len(found)), size)
        if _connected(chosen, meets)
    )


def _connected(chosen: tuple[int, ...], meets: set[frozenset[int]]) -> bool:
    """Whether the branches hang together by pairs that may share events."""
    reached, todo = {chosen[0]}, [chosen[0]]
    while todo:
        here = todo.pop()
        fresh = {other for other in chosen if other not in reached and frozenset((here, other)) in meets}
        reached |= fresh
        todo += fresh
    return len(reached) == len(chosen)
