"""A sequence as numbered stages, the gaps where events must be missing, and the branches that feed them (E14 to E20).

Stages that an event must reach are numbered from 1 in the order of time, with runs written out (rule E20). `UNTIL` is
0; stages of missing events are -1, -2, ... as written. Sorted by time and then by stage downwards, rows come in the
order that the machine needs: at one moment later stages first, so that a stage only sees what ended strictly before
(rule E14), and until and missing events last, which count only for what is later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from converter.deferred import dataclass
from converter.model import rule
from converter.model.rule import Step
from converter.plan.branch import Branch, JoinKey, Part, branches, exclusive, join_keys, parts, places, ragged
from converter.target.contract import Binding

UNTIL = 0
"""The stage of until events."""


class Position(Enum):
    """Where a gap lies: before the first stage, between two, after the last (rule E19)."""

    LEADING = "leading"
    INSIDE = "inside"
    TRAILING = "trailing"


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that must be missing after stage `after` and before the next; 0 = before the first stage.

    `stages` are the (negative) numbers of the missing events. `carried`: the nearest missing event is known at stage
    `after` + 1, yet judged only when the last stage is reached, so it must be carried there (rule E15: what a hit
    completes is consumed even if a missing event voids it).
    """

    after: int
    stages: tuple[int, ...]
    position: Position
    carried: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The stages of a sequence without what they ask of events: `last` is the number of the last stage."""

    last: int
    gaps: tuple[Gap, ...] = ()

    @property
    def leading(self) -> Gap | None:
        """The gap before the first stage."""
        return next((g for g in self.gaps if g.position is Position.LEADING), None)

    @property
    def trailing(self) -> Gap | None:
        """The gap after the last stage."""
        return next((g for g in self.gaps if g.position is Position.TRAILING), None)

    @property
    def inside(self) -> tuple[Gap, ...]:
        """The gaps between two stages."""
        return tuple(g for g in self.gaps if g.position is Position.INSIDE)

    @property
    def carried(self) -> tuple[Gap, ...]:
        """The gaps whose missing event is remembered until the last stage."""
        return tuple(g for g in self.gaps if g.carried)


def shape(missing: Iterable[bool]) -> Shape:
    """The shape of stages of which each is missing or not, runs written out.

    Raises ValueError if all are missing: Elasticsearch takes no such sequence.
    """
    last, absent = 0, 0
    gaps: dict[int, list[int]] = {}
    for is_missing in missing:
        if is_missing:
            absent -= 1
            gaps.setdefault(last, []).append(absent)
        else:
            last += 1
    if not last:
        raise ValueError("a sequence needs a stage that is not a missing event")
    return Shape(last, tuple(_gap(after, tuple(stages), last) for after, stages in gaps.items()))


def _gap(after: int, stages: tuple[int, ...], last: int) -> Gap:
    position = Position.LEADING if after == 0 else Position.TRAILING if after == last else Position.INSIDE
    return Gap(after, stages, position, carried=after < last - 1)


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """What a sequence asks for.

    `branches` hold the filters, those of missing events and of `until` too. `maxspan_ms` counts from the first
    event, inclusive (rule E16); None = the rule's window alone bounds it. `keys` are the positions of the join key;
    `ragged`: some branch lacks one, so that there is no sequence to write. `exclusive`: no row is an event of two
    branches, so that each row has one stage, or the stages of one branch.
    """

    shape: Shape
    branches: tuple[Branch, ...]
    maxspan_ms: int | None
    keys: tuple[JoinKey, ...]
    ragged: bool
    exclusive: bool

    @property
    def until(self) -> Branch | None:
        """The branch of the until events."""
        return next((b for b in self.branches if UNTIL in b.stages), None)

    @property
    def two_step(self) -> bool:
        """Two stages and nothing else: a hit of stage 2 completes exactly the row before it of the same key.

        That row, in the order above, is of stage 1 if and only if a pending sequence waits that no other hit of
        stage 2 has taken (rules E14 and E15); maxspan is then asked of the two.
        """
        return self.shape == Shape(2) and self.until is None

    @property
    def places(self) -> tuple[tuple[Branch, ...], ...]:
        """The branches of each place."""
        return places(self.branches)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The branches in the order of the stages that events must reach."""
        return parts(self.branches, range(1, self.shape.last + 1))

    def branch(self, stage: int) -> Branch:
        """The branch that feeds a stage."""
        return next(b for b in self.branches if stage in b.stages)


def plan_sequence(detection: rule.Sequence, bindings: Sequence[Binding] = ()) -> SequencePlan:
    """The plan of a sequence; `bindings`: one a step and one for until (`Bound.bindings`), none = all in one place."""
    steps = (*detection.steps, *((detection.until,) if detection.until else ()))
    where = bindings or (Binding(),) * len(steps)
    stages = (*_numbered(detection.steps), *(((UNTIL,),) if detection.until else ()))
    found = branches(zip(steps, where, stages, strict=True))
    return SequencePlan(
        shape=shape(step.missing for step in detection.steps for _ in range(step.runs)),
        branches=found,
        maxspan_ms=detection.maxspan_ms,
        keys=join_keys(found),
        ragged=ragged(found),
        exclusive=exclusive(found),
    )


def _numbered(steps: Iterable[Step]) -> tuple[tuple[int, ...], ...]:
    """The stages of each step."""
    out: list[tuple[int, ...]] = []
    reached, absent = 0, 0
    for step in steps:
        if step.missing:
            out.append(tuple(range(absent - 1, absent - 1 - step.runs, -1)))
            absent -= step.runs
        else:
            out.append(tuple(range(reached + 1, reached + 1 + step.runs)))
            reached += step.runs
    return tuple(out)
