"""Kusto for whole detections against the reference meaning, in our interpreter."""

from __future__ import annotations

from collections.abc import Sequence as Seq
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from targets.sentinel_cases import ARGS, NAME, PID, SOURCE, columns, emitted, table

from converter.model.metadata import Window
from converter.model.pattern import Case
from converter.model.predicate import Constant, OneOf, Or, Predicate, Present
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    NewTerms,
    Pair,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Field, Kind
from converter.proof.judges.kusto.run import READINGS, Reading, run
from converter.reference.detection import Clock, alerts

START = datetime(2024, 1, 1, tzinfo=UTC)
START_MS = 1_704_067_200_000
SETTINGS = settings(max_examples=120, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
HOST = Field("host.id", Kind.KEYWORD, many=False)
COLUMNS = {**columns(), "host.id": "string"}


def one(*names: str) -> Predicate:
    return OneOf(NAME, names, Case.SENSITIVE)


def stream(names: str = "abcd", gap: int = 3) -> st.SearchStrategy[list[dict[str, object]]]:
    """Events at whole minutes, some at the same minute, some without a key."""
    single: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
        {
            "process.name": st.sampled_from(names),
            "host.id": st.sampled_from(["h", "h", "i", None]),
            "process.pid": st.sampled_from([1, 1, 2, None]),
            "process.args": st.sampled_from([None, "h", ["h", "i"], ["h", "h", None], []]),
            "source.ip": st.sampled_from([None, "10.0.0.1", "10.0.0.2", "::1"]),
            "wait": st.integers(0, gap),
        }
    )
    return st.lists(single, max_size=9).map(_timed)


def _timed(found: list[dict[str, object]]) -> list[dict[str, object]]:
    minute, out = 0, []
    for event in found:
        minute += int(str(event.pop("wait")))
        out.append({**event, "@timestamp": (START + timedelta(minutes=minute)).isoformat()})
    return out


def emit(detection: Detection, **keys: Any) -> str:
    emission = emitted(detection, **keys)
    assert emission.text, emission.diagnostics
    note(emission.text)
    return emission.text


def result(
    text: str, found: Seq[dict[str, object]], reading: Reading, now: datetime | None = None
) -> list[dict[str, object]]:
    tables = {"ECS": table(found, COLUMNS)}
    return run(text, tables, reading=reading, now=now or START)


KEYS = (
    (),
    (Key(HOST),),
    (Key(HOST), Key(PID)),
    (Key(ARGS),),
    (Key(HOST, optional=True),),
    (Key(ARGS, optional=True), Key(PID)),
)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    wheres = st.sampled_from([one("a"), one("b"), one("c"), one("a", "b"), one("b", "c"), Or((one("a"), Present(PID)))])
    size = draw(st.integers(2, 4))
    keys = draw(st.sampled_from(KEYS))
    missing = draw(st.booleans())
    steps = []
    for _ in range(size):
        by = keys
        if keys == (Key(HOST),) and draw(st.booleans()):
            by = (Key(ARGS),)
        absent = missing and draw(st.booleans())
        steps.append(Step(draw(wheres), by, absent, 1 if absent else draw(st.sampled_from([1, 1, 1, 2]))))
    if all(s.missing for s in steps):
        steps[0] = Step(steps[0].where, steps[0].by)
    span = draw(st.sampled_from([2, 5, 60]))
    bounded = any(s.missing for s in steps) or draw(st.booleans())
    until = Step(draw(wheres), keys) if not missing and draw(st.booleans()) else None
    return Sequence(tuple(steps), span * 60_000 if bounded else None, until)


def times(event: dict[str, object]) -> object:
    return datetime.fromisoformat(str(event["@timestamp"]))


@SETTINGS
@given(sequences(), stream(), st.sampled_from(READINGS))
def test_sequence_random_streams(detection: Sequence, found: list[dict[str, object]], reading: Reading) -> None:
    wanted = sorted(
        [*(str(times(found[i])) for i in alert.events), str(alert.events[-1])] for alert in alerts(detection, found)
    )
    rows = result(emit(detection), found, reading)
    steps = sum(s.runs for s in detection.steps if not s.missing)
    told = [n for n in range(1, steps + 1) if all(f"Time{n}" in r for r in rows)]
    assert {1, steps} <= set(told)
    got = sorted([str(r[f"Time{n}"]) for n in told] for r in rows)
    assert got == sorted([w[n - 1] for n in told] for w in wanted)


@SETTINGS
@given(st.sampled_from(KEYS), st.integers(1, 3), st.integers(0, 3), stream("ab"), st.sampled_from(READINGS))
def test_threshold_random_groups(
    keys: tuple[Key, ...], least: int, distinct: int, found: list[dict[str, object]], reading: Reading
) -> None:
    field = [SOURCE, ARGS, PID][distinct % 3]
    detection = Threshold(
        one("a"), tuple(k.field for k in keys), least, Distinct(field, distinct) if distinct else None
    )
    rows = result(emit(detection), found, reading)
    wanted = sorted((tuple(map(str, a.key)), len(a.events)) for a in alerts(detection, found))
    names = [k for k in rows[0] if k not in {"EventCount", "DistinctCount", "FirstEvent", "LastEvent"}] if rows else []
    assert sorted((tuple(str(r[n]) for n in names), r["EventCount"]) for r in rows) == wanted


@SETTINGS
@given(
    st.sampled_from([(HOST,), (ARGS,), (HOST, PID), (HOST, PID, ARGS)]),
    st.integers(1, 10),
    st.integers(0, 24),
    stream("ab"),
    st.sampled_from(READINGS),
)
def test_new_terms_random_histories(
    fields: tuple[Field, ...], history: int, window: int, found: list[dict[str, object]], reading: Reading
) -> None:
    now = START + timedelta(minutes=27)
    detection = NewTerms(one("a"), fields, (window + history) * 60_000)
    now_ms = START_MS + 27 * 60_000
    text = emit(detection, window=Window(window * 60_000, 0, 300_000))
    rows = result(text, found, reading, now)
    clock = Clock((now_ms - window * 60_000, now_ms), now_ms)
    wanted = alerts(detection, found, clock=clock)
    assert sorted(str(times(found[a.events[0]])) for a in wanted) == sorted(str(r["@timestamp"]) for r in rows)


@SETTINGS
@given(st.sampled_from([(), (Key(HOST),), (Key(ARGS),)]), st.integers(2, 3), stream("abc"), st.sampled_from(READINGS))
def test_sample_random_events(
    keys: tuple[Key, ...], size: int, found: list[dict[str, object]], reading: Reading
) -> None:
    wheres = [one("a", "b"), one("b"), one("b", "c")][:size]
    detection = Sample(tuple(Step(w, keys) for w in wheres))
    rows = result(emit(detection), found, reading)
    names = [k for k in rows[0] if k in {"host.id", "ProcessArgs"}] if rows else []
    wanted = sorted(tuple(map(str, a.key)) for a in alerts(detection, found))
    assert sorted(tuple(str(r[n]) for n in names) for r in rows) == wanted


def _indicator(path: str, *, many: bool = False) -> Field:
    return Field(f"threat.indicator.{path}", Kind.KEYWORD, many)


PAIRS = (
    ((Pair(HOST, _indicator("id")),),),
    ((Pair(ARGS, _indicator("name", many=True)),),),
    ((Pair(HOST, _indicator("id")), Pair(NAME, _indicator("tool"))),),
    ((Pair(ARGS, _indicator("id")),), (Pair(HOST, _indicator("name", many=True)), Pair(NAME, _indicator("tool")))),
)


@SETTINGS
@given(
    st.sampled_from(PAIRS),
    stream("ab"),
    st.lists(
        st.fixed_dictionaries(
            {
                "threat.indicator.id": st.sampled_from([None, "h", "j"]),
                "threat.indicator.name": st.sampled_from([None, "h", ["i"], ["h", "i"], []]),
                "threat.indicator.tool": st.sampled_from([None, "a", "b"]),
                "threat.indicator.on": st.booleans(),
            }
        ),
        max_size=3,
    ),
    st.sampled_from(READINGS),
)
def test_indicator_match_random_indicators(
    any_of: tuple[tuple[Pair, ...], ...],
    found: list[dict[str, object]],
    indicators: list[dict[str, object]],
    reading: Reading,
) -> None:
    wanted_on = OneOf(_indicator("tool"), ("a", "b"), Case.SENSITIVE)
    detection = IndicatorMatch(one("a"), Or((wanted_on, Constant(value=False))), ("ti",), any_of)
    types = {
        "row": "long",
        "threat.indicator.id": "string",
        "threat.indicator.name": "dynamic",
        "threat.indicator.tool": "string",
    }
    tables = {"ECS": table(found, COLUMNS), "Indicators": table(indicators, types)}
    rows = run(emit(detection), tables, reading=reading, now=START)
    assert sorted(int(str(r["row"])) for r in rows) == [
        a.events[0] for a in alerts(detection, found, indicators=indicators)
    ]


def test_error_sample_with_other_keys() -> None:
    emission = emitted(Sample((Step(one("a"), (Key(HOST),)), Step(one("b"), (Key(ARGS),)))))
    assert not emission.text
    assert [d.code for d in emission.diagnostics] == ["T351"]
