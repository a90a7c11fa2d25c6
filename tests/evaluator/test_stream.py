"""Rules over several events in a stream: the reference's alerts, bounded memory, and a state that can be saved."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from samples import samples

from converter.engine import Alert, Engine
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Distinct, Key, Match, NewTerms, Rule, Step, Threshold
from converter.model.rule import Sequence as Sequenced
from converter.model.value import Field
from converter.proof.engine import clock_for
from converter.proof.example import iso
from converter.reference import alerts, clock_of

START = 1_700_000_000_000
WHERE = {name: OneOf(Field("kind"), (name,), Case.SENSITIVE) for name in "abc"}
USER = Field("user")
SCENES = [
    pytest.param(sample.rule, expected.scene, id=f"{sample.name}: {expected.scene.name}")
    for sample in samples()
    if not sample.refused and not isinstance(sample.rule.detection, Match)
    for expected in sample.scenes
]
BASE = next(sample.rule for sample in samples() if not sample.refused)


def rule(detection: object, **window: int) -> Rule:
    """A rule about it, with this window."""
    span = replace(BASE.meta.window, **window)
    return replace(BASE, meta=replace(BASE.meta, timestamp_override="", window=span), detection=detection)  # type: ignore[arg-type]


def told(found: Sequence[Alert]) -> list[object]:
    return sorted(((one.numbers, one.key) for one in found), key=repr)


@pytest.mark.parametrize("as_scheduled", [False, True], ids=["sliding", "scheduled"])
@pytest.mark.parametrize(("judged", "scene"), SCENES)
def test_samples(judged: Rule, scene: object, as_scheduled: bool) -> None:
    """What the reference finds in one run over the scene; a stream sees what is history to the run as new too."""
    wanted = alerts(judged.detection, scene.events, clock=clock_for(judged, scene), indicators=scene.indicators)  # type: ignore[attr-defined, arg-type]
    engine = Engine([judged], indicators=scene.indicators, now=scene.now, as_scheduled=as_scheduled)  # type: ignore[attr-defined]
    found = told(list(engine.stream(scene.events)))  # type: ignore[attr-defined]
    expected = sorted(((one.events, one.key) for one in wanted), key=repr)
    if isinstance(judged.detection, NewTerms):
        assert [one for one in expected if one not in found] == []
    else:
        assert found == expected


def walk(count: int, seed: int, step: int = 60_000) -> list[dict[str, object]]:
    dice = random.Random(seed)
    found: list[dict[str, object]] = []
    moment = START
    for _ in range(count):
        moment += dice.randrange(step)
        user = dice.choice((["u1"], ["u2"], ["u1", "u2"], []))
        found.append({"@timestamp": iso(moment), "kind": dice.choice("abc"), "user": user, "n": dice.randrange(4)})
    return found


def steps(*kinds: str, missing: str = "") -> tuple[Step, ...]:
    return tuple(Step(WHERE[kind], (Key(USER),), missing=kind == missing) for kind in kinds)


DETECTIONS = {
    "sequence": Sequenced(steps("a", "b", "c"), 300_000),
    "until": Sequenced(steps("a", "b"), 300_000, Step(WHERE["c"], (Key(USER),))),
    "missing": Sequenced(steps("a", "b", "c", missing="c"), 300_000),
    "threshold": Threshold(WHERE["a"], (USER,), 3),
    "distinct": Threshold(WHERE["a"], (USER,), 2, Distinct(Field("n"), 3)),
    "new terms": NewTerms(WHERE["a"], (USER, Field("n")), 1_200_000),
}


@pytest.mark.parametrize("name", ["sequence", "until", "missing"])
def test_sequences_are_those_of_the_reference(name: str) -> None:
    for seed in range(12):
        found = walk(80, seed)
        judged = rule(DETECTIONS[name])
        wanted = alerts(judged.detection, found, clock=clock_of(judged))
        assert told(list(Engine([judged]).stream(found))) == sorted(((w.events, w.key) for w in wanted), key=repr)


@pytest.mark.parametrize("as_scheduled", [False, True], ids=["sliding", "scheduled"])
@pytest.mark.parametrize("name", DETECTIONS)
def test_a_saved_run_goes_on_as_if_nothing_had_happened(name: str, as_scheduled: bool) -> None:
    found = walk(60, 7)
    engine = Engine([rule(DETECTIONS[name])], as_scheduled=as_scheduled)
    wanted = told(list(engine.stream(found)))
    assert wanted
    for cut in range(1, 60, 7):
        first, second = engine.session(), engine.session()
        got = [alert for event in found[:cut] for alert in first.push(event)]
        second.restore(json.loads(json.dumps(first.save())))
        got += [alert for event in found[cut:] for alert in second.push(event)]
        assert told([*got, *second.finish()]) == wanted, cut


def test_events_out_of_order_by_less_than_the_lateness() -> None:
    found = walk(100, 3, step=4000)
    numbered = [{**event, "place": number} for number, event in enumerate(found)]
    dice = random.Random(5)
    shuffled = sorted(numbered, key=lambda event: int(str(event["place"])) + dice.random() * 4)
    assert shuffled != numbered
    judged = rule(DETECTIONS["sequence"])

    def places(events: Sequence[dict[str, object]], lateness: int) -> list[list[object]]:
        found = Engine([judged], lateness_ms=lateness).stream(events)
        return sorted([event["place"] for event in alert.events] for alert in found)

    assert places(shuffled, 60_000) == places(numbered, 0)
    session = Engine([judged], lateness_ms=0).session()
    for event in shuffled:
        session.push(event)
    assert session.late > 0


@pytest.mark.parametrize("name", ["threshold", "distinct", "sequence", "until"])
def test_memory_is_bounded_by_the_window(name: str) -> None:
    """Ten times the events, no more of them kept."""
    engine = Engine([rule(DETECTIONS[name], from_ms=300_000)])
    sizes = []
    session = engine.session()
    for number, event in enumerate(walk(4000, 2, step=2000)):
        session.push({**event, "user": f"u{number}"})  # every event another key
        sizes.append(session.size)
    assert max(sizes[1000:]) < 2 * max(sizes[:1000])


def test_a_threshold_alerts_wherever_the_window_lies_and_starts_anew() -> None:
    judged = rule(Threshold(WHERE["a"], (USER,), 3), from_ms=300_000)
    times = (0, 200, 290, 295, 700, 1001)
    found = [{"@timestamp": iso(START + 1000 * time), "kind": "a", "user": "u"} for time in times]
    assert told(list(Engine([judged]).stream(found))) == [((0, 1, 2), ("u",))]


def test_the_schedule_sees_an_event_of_two_windows_once() -> None:
    judged = rule(Threshold(WHERE["a"], (USER,), 2), from_ms=600_000, interval_ms=300_000)
    found = [{"@timestamp": iso(START + 1000 * time), "kind": "a", "user": "u"} for time in (0, 10, 20, 400, 410)]
    assert told(list(Engine([judged], as_scheduled=True).stream(found))) == [((0, 1, 2), ("u",)), ((3, 4), ("u",))]


def test_the_schedule_leaves_gaps_where_windows_do() -> None:
    """A rule that looks at one minute every five does not see the other four."""
    judged = rule(Match(WHERE["a"]), from_ms=60_000, interval_ms=300_000)
    start = START - START % 300_000
    found = [{"@timestamp": iso(start + 1000 * time), "kind": "a"} for time in (10, 250, 299, 300, 301)]
    assert [alert.numbers for alert in Engine([judged], as_scheduled=True).stream(found)] == [(1,), (2,), (3,)]


def test_an_event_without_a_time_takes_no_part_and_is_counted() -> None:
    session = Engine([rule(DETECTIONS["threshold"])]).session()
    for _ in range(5):
        assert session.push({"kind": "a", "user": "u"}) == []
    assert session.timeless == 5
