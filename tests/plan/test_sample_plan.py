"""Demands of samples: exactly the keys with different events for all stages meet them."""

from __future__ import annotations

import itertools
import random

from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Key, Sample, Step
from converter.model.value import Field
from converter.plan.branch import Branch
from converter.plan.sample import Demand, plan_sample

ONE, MANY = Field("kind", many=False), Field("kinds")


def step(value: str, field: Field = MANY, runs: int = 1) -> Step:
    return Step(OneOf(field, (value,), Case.SENSITIVE), (Key(Field("user")),), runs=runs)


def test_filters_that_exclude_each_other_are_counted_apart() -> None:
    plan = plan_sample(Sample((step("a", ONE), step("b", ONE), step("c", ONE, runs=2))))
    assert plan.demands == (Demand((0,), 1), Demand((1,), 1), Demand((2,), 2))
    assert plan.stages == 4


def test_equal_filters_are_one_branch() -> None:
    plan = plan_sample(Sample((step("a"), step("b"), step("a"))))
    assert [b.stages for b in plan.branches] == [(1, 3), (2,)]
    assert plan.demands == (Demand((0,), 2), Demand((1,), 1), Demand((0, 1), 3))


def test_parts_and_whether_an_event_may_serve_two_stages() -> None:
    apart = plan_sample(Sample((step("a", ONE), step("b", ONE))))
    assert [(p.branch.stages, p.runs) for p in apart.parts] == [((1,), 1), ((2,), 1)]
    assert apart.one_each
    assert not plan_sample(Sample((step("a"), step("b")))).one_each
    twice = plan_sample(Sample((step("a", ONE), step("a", ONE))))
    assert [(p.branch.stages, p.runs) for p in twice.parts] == [((1, 2), 2)]
    assert not twice.one_each


def test_demands_say_whether_there_are_different_events() -> None:
    rng = random.Random(21)
    possible = 0
    for _ in range(500):
        steps = [_some_step(rng) for _ in range(rng.randrange(1, 4))]
        plan = plan_sample(Sample(tuple(steps)))
        rows = [(frozenset(rng.sample("abc", rng.randrange(3))), rng.choice("xyz")) for _ in range(rng.randrange(6))]
        counted = all(
            sum(any(_meets(plan.branches[b], row) for b in demand.branches) for row in rows) >= demand.events
            for demand in plan.demands
        )
        feeds = [branch for branch in plan.branches for _ in branch.stages]
        exists = any(
            all(_meets(branch, row) for branch, row in zip(feeds, chosen, strict=True))
            for chosen in itertools.permutations(rows, len(feeds))
        )
        assert counted is exists, (steps, rows)
        possible += exists
    assert 50 < possible < 450


def _some_step(rng: random.Random) -> Step:
    if rng.random() < 0.6:
        return step(rng.choice("abc"), runs=rng.choice((1, 1, 2)))
    return step(rng.choice("xyz"), ONE)


def _meets(branch: Branch, row: tuple[frozenset[str], str]) -> bool:
    assert isinstance(branch.where, OneOf)
    values = row[0] if branch.where.field == MANY else {row[1]}
    return branch.where.values[0] in values


def test_a_plan_of_many_steps_takes_no_time() -> None:
    plan = plan_sample(Sample(tuple(step(f"v{i}") for i in range(60))))
    assert plan.stages == len(plan.branches) == 60
