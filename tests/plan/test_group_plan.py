"""Plans of thresholds and new terms: what is counted, and that a condition left out was implied."""

from __future__ import annotations

import random

import pytest

from converter.model.metadata import Metadata, Window
from converter.model.predicate import Constant
from converter.model.rule import Distinct, NewTerms, Threshold
from converter.model.value import Field
from converter.plan.group import GroupPlan, plan_group, plan_new_terms
from converter.reference import alerts
from converter.reference.detection import key_values

ANY = Constant(value=True)
USER, HOSTS, KIND = Field("user", many=False), Field("hosts"), Field("kind", many=False)
META = Metadata("r", "threshold", window=Window(600, 100, 300))


@pytest.mark.parametrize(
    ("detection", "count"),
    [
        (Threshold(ANY, (USER,), 5), 5),
        (Threshold(ANY, (USER,), 1), None),
        (Threshold(ANY, (), 1), 1),
        (Threshold(ANY, (USER,), 3, Distinct(KIND, 3)), None),
        (Threshold(ANY, (USER,), 4, Distinct(KIND, 3)), 4),
        (Threshold(ANY, (USER,), 3, Distinct(HOSTS, 3)), 3),
    ],
)
def test_a_count_that_something_implies_is_left_out(detection: Threshold, count: int | None) -> None:
    plan = plan_group(detection, META)
    assert (plan.count, plan.at_least, plan.distinct) == (count, detection.at_least, detection.distinct)


def test_facts_of_a_group() -> None:
    plan = plan_group(Threshold(ANY, (USER, HOSTS), 2, Distinct(KIND, 2)), META)
    assert plan.multiplies
    assert plan.counted == (USER, HOSTS, KIND)
    assert plan.window.length_ms == 500
    assert not plan_group(Threshold(ANY, (USER,), 2), META).multiplies


def test_new_terms() -> None:
    plan = plan_new_terms(NewTerms(ANY, (USER, HOSTS), 9_000), META)
    assert (plan.where, plan.fields, plan.history_ms) == (ANY, (USER, HOSTS), 9_000)
    assert plan.multiplies
    assert not plan_new_terms(NewTerms(ANY, (USER,), 9_000), META).multiplies
    assert plan.window.from_ms == 600


def test_groups_of_the_plan_are_those_of_the_model() -> None:
    rng = random.Random(2)
    reached = 0
    for _ in range(400):
        distinct = rng.choice((None, Distinct(rng.choice((KIND, HOSTS)), rng.randrange(1, 4))))
        keys = rng.choice(((), (USER,), (USER, HOSTS)))
        detection = Threshold(ANY, keys, rng.randrange(1, 4), distinct)
        events: list[dict[str, object]] = [
            {
                "user": rng.choice(("u", "v", None)),
                "hosts": rng.sample(["a", "b", "c"], rng.randrange(3)),
                "kind": rng.choice("xyz"),
            }
            for _ in range(rng.randrange(6))
        ]
        expected = {alert.key for alert in alerts(detection, events)}
        assert _reached(plan_group(detection, META), events) == expected
        reached += bool(expected)
    assert reached > 100


def _reached(plan: GroupPlan, events: list[dict[str, object]]) -> set[tuple[object, ...]]:
    """The keys of the groups that the plan asks for, counted as a platform would."""
    groups: dict[tuple[object, ...], list[dict[str, object]]] = {} if plan.keys else {(): []}
    for event in events:
        combinations: list[tuple[object, ...]] = [()]
        for key in plan.keys:
            combinations = [(*c, value) for c in combinations for value in key_values(key, event)]
        for combination in combinations:
            groups.setdefault(combination, []).append(event)
    return {
        key
        for key, members in groups.items()
        if (plan.count is None or len(members) >= plan.count)
        and (
            plan.distinct is None
            or len({v for e in members for v in key_values(plan.distinct.field, e)}) >= plan.distinct.at_least
        )
    }
