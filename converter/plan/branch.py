"""Which events serve which stages: equal filters over one place are looked for once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from converter.deferred import dataclass, replace
from converter.model.predicate import Predicate
from converter.model.rule import Key, Step
from converter.model.value import Field
from converter.plan.disjoint import disjoint
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Branch:
    """The events of one filter in one place; each of them is an event of every stage in `stages`."""

    where: Predicate
    by: tuple[Key, ...]
    binding: Binding
    stages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JoinKey:
    """A position of the join key: its key in each branch, in the order of the branches (rule E17).

    `marked`: some branch takes events without a value, so that "no value" is a value of its own and must differ
    from every text. `many`: an event may have several values here; it stands once for each.
    """

    keys: tuple[Key, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field in each branch."""
        return tuple(key.field for key in self.keys)

    @property
    def marked(self) -> bool:
        """Whether some branch takes events without a value."""
        return any(key.optional for key in self.keys)

    @property
    def many(self) -> bool:
        """Whether an event of some branch may have several values."""
        return any(key.field.many for key in self.keys)

    @property
    def common(self) -> Key | None:
        """The key, if it is the same in every branch."""
        return self.keys[0] if len(set(self.keys)) == 1 else None


@dataclass(frozen=True, slots=True)
class Part:
    """A branch, and how many stages in succession it feeds: n equal steps are one step with runs n (rule E20)."""

    branch: Branch
    runs: int


def parts(found: Sequence[Branch], stages: Iterable[int]) -> tuple[Part, ...]:
    """The branches as the stages, in this order, come to them."""
    owner = {stage: place for place, branch in enumerate(found) for stage in branch.stages}
    runs = itertools.groupby(stages, owner.__getitem__)
    return tuple(Part(found[place], len(tuple(group))) for place, group in runs)


def same_place(left: Binding, right: Binding) -> bool:
    """Whether two bindings look at the same rows."""
    return (left.mode, dict(left.header), left.lookups) == (right.mode, dict(right.header), right.lookups)


def branches(steps: Iterable[tuple[Step, Binding, tuple[int, ...]]]) -> tuple[Branch, ...]:
    """The steps, with their places and stages, as branches in the order of their first stages."""
    found: list[Branch] = []
    for step, binding, stages in steps:
        same = next(
            (
                i
                for i, b in enumerate(found)
                if (b.where, b.by) == (step.where, step.by) and same_place(b.binding, binding)
            ),
            None,
        )
        if same is None:
            found.append(Branch(step.where, step.by, binding, stages))
        else:
            found[same] = replace(found[same], stages=(*found[same].stages, *stages))
    return tuple(found)


def places(found: Iterable[Branch]) -> tuple[tuple[Branch, ...], ...]:
    """The branches of each place, in the order in which places first come."""
    groups: list[list[Branch]] = []
    for branch in found:
        group = next((g for g in groups if same_place(g[0].binding, branch.binding)), None)
        if group is None:
            groups.append([branch])
        else:
            group.append(branch)
    return tuple(map(tuple, groups))


def join_keys(found: Sequence[Branch]) -> tuple[JoinKey, ...]:
    """The positions that all branches have; `ragged` tells whether some have more."""
    return tuple(JoinKey(keys) for keys in zip(*(branch.by for branch in found), strict=False))


def ragged(found: Sequence[Branch]) -> bool:
    """Whether the branches have different numbers of keys: a binding found no counterpart for some."""
    return len({len(branch.by) for branch in found}) > 1


def exclusive(found: Sequence[Branch]) -> bool:
    """Whether no row is an event of two branches: their places or their filters exclude each other."""
    return all(
        not same_place(left.binding, right.binding) or disjoint(left.where, right.where)
        for left, right in itertools.combinations(found, 2)
    )
