"""Sequences: the chain of streamstats finds what Elasticsearch's state machine does, under every reading."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Sequence_
from pathlib import Path
from typing import Any

import pytest
import tomli
from golden import check_golden
from shared import SHARED, needs_shared
from targets.splunk_cases import rule, text_of, under_every_reading

from backends.splunk import TARGET
from converter.fields.schema import FieldInfo, Schema
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Key, Sequence, Step
from converter.model.value import Column, Field, Kind
from converter.proof.judges.spl.run import READINGS, run
from converter.readers import eql
from converter.reference import alerts
from converter.reference.event import instant
from converter.target import Binding, Bound, Options

GOLDEN = Path(__file__).parent / "golden" / "splunk"
START = 1_700_000_000_000
Event = Mapping[str, object]


def tagged(tag: str, *keys: str, optional: bool = False, many: bool = False, **more: Any) -> Step:
    by = tuple(Key(Field(k, many=many), optional) for k in keys)
    return Step(OneOf(Field("tags"), (tag,), Case.SENSITIVE), by, **more)


def spans(found: Sequence_[Mapping[str, object]]) -> Counter[tuple[int, int]]:
    """The first and the last moment of each sequence found."""
    return Counter((round(float(str(r["sequence_start"])) * 1000), int(str(r["@timestamp"]))) for r in found)


def wanted(sequence: Sequence, events: Sequence_[Event]) -> Counter[tuple[int, int]]:
    times = [int(str(e["@timestamp"])) for e in events]
    return Counter((times[a.events[0]], times[a.events[-1]]) for a in alerts(sequence, events))


def random_sequence(rng: random.Random) -> Sequence:
    count, optional, many = rng.randint(0, 2), rng.random() < 0.2, rng.random() < 0.2
    common = [rng.choice(("k1", "k2")) for _ in range(count)]
    steps = []
    for _ in range(rng.randint(1, 4)):
        keys = common if rng.random() < 0.7 else [rng.choice(("k1", "k2")) for _ in range(count)]
        missing = rng.random() < 0.25
        runs = rng.randint(2, 3) if not missing and rng.random() < 0.2 else 1
        steps.append(tagged(rng.choice("abcd"), *keys, optional=optional, many=many, missing=missing, runs=runs))
    if all(s.missing for s in steps):
        steps.append(tagged("a", *common, optional=optional, many=many))
    maxspan = rng.choice((2_000, 5_000, 10_000, None))
    if any(s.missing for s in steps) and maxspan is None:
        maxspan = 3_000
    until = tagged("u", *common, optional=optional, many=many) if rng.random() < 0.3 else None
    return Sequence(tuple(steps), maxspan, until)


def random_stream(rng: random.Random) -> list[Event]:
    events: list[Event] = []
    time = START
    for _ in range(rng.randint(3, 25)):
        time += rng.choice((0, 0, 1, 500, 1_000, 1_000, 3_000))
        event: dict[str, object] = {"@timestamp": time, "tags": rng.sample("abcdu", rng.randint(1, 3))}
        for key in ("k1", "k2"):
            if rng.random() < 0.85:
                event[key] = rng.choice("xy")
        if rng.random() < 0.2:
            event["k2"] = [rng.choice("xyz") for _ in range(2)]
        events.append(event)
    return events


def fitting(sequence: Sequence, events: list[Event]) -> list[Event]:
    """A field that is declared to hold one value holds one."""
    if any(key.field.many for step in sequence.steps for key in step.by):
        return events
    return [{k: v[0] if k != "tags" and isinstance(v, list) else v for k, v in e.items()} for e in events]


def short_sequence(rng: random.Random) -> Sequence:
    """One filter several times over, with another once behind it or not; two steps."""
    keys = [rng.choice(("k1", "k2")) for _ in range(rng.randint(0, 2))]
    optional, many = rng.random() < 0.2, rng.random() < 0.2
    run = tagged(rng.choice("ab"), *keys, optional=optional, many=many, runs=rng.randint(1, 4))
    step = tagged(rng.choice("abc"), *keys, optional=optional, many=many)
    alone = run.runs > 1 and rng.random() < 0.4
    return Sequence((run,) if alone else (run, step), rng.choice((1_000, 3_000, 8_000, None)))


def check(
    rng: random.Random,
    count: int,
    readings: Sequence_[Any],
    draw: Callable[[random.Random], Sequence] = random_sequence,
) -> int:
    total = 0
    for number in range(count):
        sequence = draw(rng)
        text = text_of(sequence)
        events = fitting(sequence, random_stream(rng))
        expected = wanted(sequence, events)
        total += sum(expected.values())
        for reading in readings:
            assert spans(run(text, events, reading=reading)) == expected, (
                f"stream {number} {reading.name}: {events}\n{text}"
            )
    return total


def test_random_streams_under_every_reading() -> None:
    assert check(random.Random(3), 25, READINGS) > 10


def test_random_streams_under_the_extremes() -> None:
    assert check(random.Random(4), 150, (READINGS[0], READINGS[-1])) > 100


def test_random_runs_and_pairs() -> None:
    assert check(random.Random(6), 400, (READINGS[0], READINGS[-1]), short_sequence) > 300
    assert check(random.Random(7), 30, READINGS, short_sequence) > 20


@pytest.mark.sweep
def test_twenty_thousand_random_streams() -> None:
    assert check(random.Random(5), 20_000, (READINGS[0],)) > 5_000


SERIES_PATH = SHARED / "conformance" / "eql" / "sequences.series-spec"


def series() -> list[tuple[str, list[str], list[str]]]:
    if not SERIES_PATH.is_file():
        return []
    lines = [x for x in SERIES_PATH.read_text(encoding="utf-8").splitlines() if x.strip() and not x.startswith("//")]
    parts = "\n".join(lines).split("\n;")
    heads = [p.strip().splitlines() for p in parts[0::2] if p.strip()]
    return [(h[0], h[1:], r.strip().splitlines()) for h, r in zip(heads, parts[1::2], strict=False)]


@needs_shared
def test_series_spec_is_whole() -> None:
    assert len(series()) == 25


@pytest.mark.parametrize(("name", "stages", "expected"), series(), ids=[s[0] for s in series()])
def test_series_spec(name: str, stages: list[str], expected: list[str]) -> None:
    """Words of a line are the hits of a step; `key|A1` has a join key, and the number is the time."""
    keyed = any("|" in word for stage in stages for word in stage.split())
    steps = tuple(tagged(f"step{n}", *(["key"] if keyed else [])) for n in range(len(stages)))
    hits: dict[tuple[int, str], set[str]] = {}
    for number, stage in enumerate(stages):
        for word in stage.split():
            key, _, label = word.rpartition("|")
            hits.setdefault((int(label[1:]), key), set()).add(f"step{number}")
    events = [
        {"@timestamp": START + time * 1000, "tags": sorted(tags), **({"key": key} if key else {})}
        for (time, key), tags in sorted(hits.items())
    ]
    ends = Counter(
        tuple(START + int(word.rpartition("|")[2][1:]) * 1000 for word in (line.split()[0], line.split()[-1]))
        for line in expected
    )
    text = text_of(Sequence(steps))
    assert under_every_reading(text, events, spans) == ends, name


CASES = SHARED / "conformance" / "eql" / "test_missing_events.toml"
QUERIES = tomli.loads(CASES.read_text(encoding="utf-8"))["queries"] if CASES.is_file() else []
SCHEMA = Schema(
    [FieldInfo(name, Kind.KEYWORD, many=False) for name in ("event_type", "tag", "k1", "k2")]
    + [FieldInfo("sequence", Kind.LONG, many=False)]
)


@pytest.mark.parametrize("case", QUERIES, ids=[case["name"] for case in QUERIES])
def test_missing_events(case: dict[str, Any]) -> None:
    """Elasticsearch's own cases; a pipe after the query cuts alerts and is not part of it."""
    query, _, pipe = str(case["query"]).strip().partition("\n  |")
    detection = eql.lower(eql.parse(query), SCHEMA, "event_type").detection
    assert isinstance(detection, Sequence)
    events = [
        {**event, "_time": (instant(event["@timestamp"]) or 0) / 1000}
        for event in json.loads((CASES.parent / "missing-events.json").read_text(encoding="utf-8"))
    ]
    text = text_of(detection)

    def ends(rows: list[dict[str, object]]) -> list[object]:
        return [int(str(row["sequence"])) for row in sorted(rows, key=lambda r: (str(r["_time"]), str(r["sequence"])))]

    found = under_every_reading(text, events, ends)
    assert isinstance(found, list)
    stages = [step.missing for step in detection.steps for _ in range(step.runs)]
    last = max(i for i, missing in enumerate(stages) if not missing)
    expected = [e for i, e in enumerate(case["expected_event_ids"]) if i % len(stages) == last]
    if not pipe:
        assert sorted(found) == sorted(expected)
        return
    assert set(expected) <= set(found)


GOLDENS = {
    "sequence": Sequence((tagged("a", "user"), tagged("b", "user")), 60_000),
    "sequence_keys": Sequence((tagged("a", "user"), tagged("b", "other", many=True)), None),
    "sequence_runs_until": Sequence((tagged("a", "user", runs=3), tagged("b", "user")), 60_000, tagged("u", "user")),
    "sequence_missing": Sequence(
        (tagged("a", missing=True), tagged("b"), tagged("c", missing=True), tagged("d"), tagged("e", missing=True)),
        60_000,
    ),
    "sequence_optional": Sequence((tagged("a", "user", optional=True), tagged("b", "user")), 60_000),
}


@pytest.mark.parametrize("name", sorted(GOLDENS))
def test_text_of_sequences(name: str, update_golden: bool) -> None:
    text = text_of(GOLDENS[name])
    check_golden(GOLDEN / f"{name}.spl", text, update=update_golden)


def test_steps_in_two_places_are_searched_apart() -> None:
    detection = Sequence((tagged("a", "user"), tagged("b", "user"), tagged("a", "user")), 60_000)
    places = (Binding("native", header={"index": "one"}), Binding("native", header={"index": "two"}))
    bound = Bound(rule(detection), (places[0], places[1], places[0]))
    text = TARGET.emit(bound, Options("search", bare=True)).text
    assert text.startswith("| multisearch")
    events = [
        {"@timestamp": START + number * 1_000, "tags": tag, "index": index, "user": "x"}
        for number, (tag, index) in enumerate([("a", "one"), ("b", "one"), ("b", "two"), ("a", "two"), ("a", "one")])
    ]
    assert under_every_reading(text, events, spans) == Counter({(START, START + 4_000): 1})


def test_steps_that_one_column_tells_apart_are_one_search() -> None:
    """The column is called differently by the tables of the two steps, as an event's code is."""
    code, action = (Field(path, many=False, way=Column("Code")) for path in ("code", "event.action"))
    by = (Key(Field("user", many=False)),)
    steps = (Step(OneOf(code, ("1",), Case.SENSITIVE), by), Step(OneOf(action, ("23",), Case.SENSITIVE), by))
    text = text_of(Sequence(steps, 60_000))
    assert "multisearch" not in text
    assert text.count("Code IN (1, 23)") == 1
    events = [
        {"@timestamp": START + number * 1_000, "Code": given, "user": "x"}
        for number, given in enumerate(["23", "1", "2", "23"])
    ]
    assert under_every_reading(text, events, spans) == Counter({(START + 1_000, START + 3_000): 1})


def coded(number: int) -> Step:
    return Step(OneOf(Field("code", many=False), (str(number),), Case.SENSITIVE), (Key(Field("user", many=False)),))


def test_more_than_three_steps_that_one_column_tells_apart_are_a_list() -> None:
    text = text_of(Sequence(tuple(map(coded, (1, 2, 3, 4))), 60_000))
    assert "seq_step=case(code==1, 1, code==2, 2, code==3, 3, 1==1, 4)" in " ".join(text.split())
    events = [
        {"@timestamp": START + number * 1_000, "code": given, "user": "x"}
        for number, given in enumerate(["4", "1", "2", "2", "3", "1", "4"])
    ]
    assert under_every_reading(text, events, spans) == Counter({(START + 1_000, START + 6_000): 1})


def test_steps_do_not_stand_in_each_other() -> None:
    """What ends a long sequence is a limit of its reader, not the stack."""
    assert "1==1, 400)" in text_of(Sequence(tuple(map(coded, range(1, 401))), 60_000))


def test_error_steps_with_different_numbers_of_keys() -> None:
    detection = Sequence((tagged("a", "user"), tagged("b")))
    emission = TARGET.emit(Bound(rule(detection), (Binding(), Binding())), Options())
    assert [d.code for d in emission.diagnostics if d.severity.value == "error"] == ["T211"]


def test_tiebreaker_is_approximate() -> None:
    detection = Sequence((tagged("a"), tagged("b")))
    emission = TARGET.emit(Bound(rule(detection, tiebreaker_field="n"), (Binding(), Binding())), Options())
    assert "T210" in {d.code for d in emission.diagnostics}
