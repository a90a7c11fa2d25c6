"""The plan of a sequence: numbers, gaps, branches, keys, and the facts that shorter forms rest on."""

from __future__ import annotations

import itertools
import random

import pytest

from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Key, Sequence, Step
from converter.model.value import Field
from converter.plan.sequence import UNTIL, Gap, Position, Shape, plan_sequence, shape
from converter.reference.sequence import SequenceMatcher, ordinal
from converter.target.contract import Binding

ONE = Field("kind", many=False)
USER, HOST = Field("user", many=False), Field("host")
TABLE, OTHER = Binding("native", header={"table": "T"}), Binding("native", header={"table": "U"})


def step(value: str, *by: Key, missing: bool = False, runs: int = 1, field: Field = ONE) -> Step:
    return Step(OneOf(field, (value,), Case.SENSITIVE), by, missing, runs)


def test_stages_are_numbered_and_gaps_placed() -> None:
    steps = (
        step("a", missing=True),
        step("b", runs=2),
        step("c", missing=True),
        step("d", missing=True),
        step("e"),
        step("f", missing=True),
    )
    plan = plan_sequence(Sequence(steps, 5, step("u")))
    assert plan.shape == Shape(
        3,
        (
            Gap(0, (-1,), Position.LEADING, carried=True),
            Gap(2, (-2, -3), Position.INSIDE, carried=False),
            Gap(3, (-4,), Position.TRAILING, carried=False),
        ),
    )
    assert [b.stages for b in plan.branches] == [(-1,), (1, 2), (-2,), (-3,), (3,), (-4,), (UNTIL,)]
    assert plan.shape.leading is plan.shape.gaps[0]
    assert plan.shape.inside == plan.shape.gaps[1:2]
    assert plan.shape.trailing is plan.shape.gaps[2]
    assert plan.shape.carried == plan.shape.gaps[:1]
    assert plan.until is plan.branches[-1]
    assert plan.branch(2).stages == (1, 2)
    assert not plan.two_step


def test_runs_of_a_missing_event_are_stages_each() -> None:
    plan = plan_sequence(Sequence((step("a"), step("b", missing=True, runs=2), step("c")), 5))
    assert [b.stages for b in plan.branches] == [(1,), (-1, -2), (2,)]
    assert plan.shape == shape([False, True, True, False])


def test_only_missing_events_are_no_sequence() -> None:
    with pytest.raises(ValueError, match="not a missing event"):
        shape([True, True])


def test_equal_steps_in_one_place_share_a_branch() -> None:
    steps = (step("a"), step("b"), step("a"))
    assert [b.stages for b in plan_sequence(Sequence(steps)).branches] == [(1, 3), (2,)]
    apart = plan_sequence(Sequence(steps), (TABLE, TABLE, OTHER))
    assert [b.stages for b in apart.branches] == [(1,), (2,), (3,)]
    assert [[b.stages for b in place] for place in apart.places] == [[(1,), (2,)], [(3,)]]
    keyed = Sequence((step("a", Key(USER)), step("a", Key(HOST))))
    assert len(plan_sequence(keyed).branches) == 2


def test_parts_are_branches_in_succession() -> None:
    steps = (step("a", runs=2), step("a"), step("x", missing=True), step("b"), step("a"))
    plan = plan_sequence(Sequence(steps, 5, step("u")))
    assert [(p.branch.where, p.runs) for p in plan.parts] == [
        (steps[0].where, 3),
        (steps[3].where, 1),
        (steps[0].where, 1),
    ]


def test_two_steps_and_nothing_else() -> None:
    pair = (step("a"), step("b"))
    assert plan_sequence(Sequence(pair)).two_step
    assert plan_sequence(Sequence((step("a", runs=2),))).two_step
    assert not plan_sequence(Sequence(pair, None, step("u"))).two_step
    assert not plan_sequence(Sequence((*pair, step("c", missing=True)), 5)).two_step


def test_exclusive_by_filter_or_by_place() -> None:
    assert plan_sequence(Sequence((step("a"), step("b")))).exclusive
    assert plan_sequence(Sequence((step("a"), step("a")))).exclusive
    many = Sequence((step("a", field=HOST), step("b", field=HOST)))
    assert not plan_sequence(many).exclusive
    assert plan_sequence(many, (TABLE, OTHER)).exclusive
    assert not plan_sequence(Sequence((step("a"), step("b")), None, step("a", Key(USER)))).exclusive


def test_keys_by_position() -> None:
    steps = (step("a", Key(USER), Key(HOST)), step("b", Key(USER), Key(USER, optional=True)))
    first, second = plan_sequence(Sequence(steps)).keys
    assert first.common == Key(USER)
    assert not first.marked
    assert not first.many
    assert second.common is None
    assert second.fields == (HOST, USER)
    assert second.marked
    assert second.many
    plan = plan_sequence(Sequence((step("a", Key(USER)), step("b"))))
    assert plan.ragged
    assert plan.keys == ()


def test_the_row_before_decides_two_steps() -> None:
    """What `two_step` promises, against the machine: 2,000 random streams, ties and rows of both stages included."""
    rng = random.Random(8)
    hits = 0
    for _ in range(2_000):
        span = rng.choice((None, 2, 5))
        stream = sorted((rng.randrange(8), rng.choice(((1,), (2,), (1, 2)))) for _ in range(rng.randrange(2, 9)))
        matcher: SequenceMatcher[int] = SequenceMatcher(shape([False, False]), span)
        expected = [
            (found.start, found.end)
            for number, (time, stages) in enumerate(stream)
            for found in matcher.push(number, ordinal(time), dict.fromkeys(stages, ((),)))
        ]
        rows = sorted(((time, -stage) for time, stages in stream for stage in stages))
        adjacent = [
            (before, time)
            for (before, first), (time, second) in itertools.pairwise(rows)
            if (first, second) == (-1, -2) and (span is None or time - before <= span)
        ]
        assert adjacent == sorted(expected), (span, stream)
        hits += len(expected)
    assert hits > 500
