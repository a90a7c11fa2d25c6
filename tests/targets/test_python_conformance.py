"""Elasticsearch's own sequence cases, run by the matcher of the Python artifact."""

from __future__ import annotations

import json
import re

import pytest
import tomli
from shared import SHARED, needs_shared

from backends.python import TARGET
from converter.diagnostics import Source
from converter.fields.schema import FieldInfo, Schema
from converter.model.metadata import Metadata
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Key, Rule, Sequence, Step
from converter.model.value import Field, Kind
from converter.readers import eql
from converter.target import Binding, Bound, Options

FOLDER = SHARED / "conformance" / "eql"
MISSING = FOLDER / "test_missing_events.toml"
SERIES = FOLDER / "sequences.series-spec"
QUERIES = tomli.loads(MISSING.read_text(encoding="utf-8"))["queries"] if MISSING.is_file() else []
SCHEMA = Schema(
    [FieldInfo(name, Kind.KEYWORD, many=False) for name in ("event_type", "tag", "k1", "k2")]
    + [FieldInfo("sequence", Kind.LONG, many=False)]
)
SOURCE = Source("case", "")
PIPE = re.compile(r"\|\s*(head|tail)\s+(\d+)\s*$")


def run(detection: Sequence, events: list[dict[str, object]], tiebreaker: str = "") -> list[list[dict[str, object]]]:
    """The events of each alert that the emitted module's matcher finds."""
    rule = Rule(Metadata("case", "eql", tiebreaker_field=tiebreaker), detection, SOURCE, SOURCE)
    names: dict[str, object] = {"__name__": "artifact"}
    text = TARGET.emit(Bound.everywhere(rule, Binding()), Options()).text
    exec(compile(text, "artifact.py", "exec"), names)  # noqa: S102
    matcher = names["Matcher"]()  # type: ignore[operator]
    to_moment = names["to_moment"]
    ordered = sorted(events, key=lambda e: (to_moment(e["@timestamp"]), e.get("sequence", 0)))  # type: ignore[operator]
    found = [alert for event in ordered for alert in matcher.feed(event)] + matcher.flush()
    return [alert["events"] for alert in found]


@needs_shared
def test_cases_are_whole() -> None:
    assert (len(QUERIES), len(series())) == (26, 25)


@pytest.mark.parametrize("case", QUERIES, ids=[case["name"] for case in QUERIES])
def test_missing_events(case: dict[str, object]) -> None:
    query = str(case["query"]).strip()
    pipe = PIPE.search(query)
    detection = eql.lower(eql.parse(PIPE.sub("", query)), SCHEMA, "event_type").detection
    assert isinstance(detection, Sequence)
    events = json.loads((FOLDER / "missing-events.json").read_text(encoding="utf-8"))
    number = {id(e): i for i, e in enumerate(events)}
    found = sorted(run(detection, events, "sequence"), key=lambda alert: [number[id(e)] for e in alert])
    if pipe:
        count = int(pipe[2])
        found = found[:count] if pipe[1] == "head" else found[-count:]
    ids: list[object] = []
    for alert in found:
        there = iter(alert)
        for step in detection.steps:
            ids += [-1 if step.missing else next(there)["sequence"] for _ in range(step.runs)]
    assert ids == case["expected_event_ids"]


def series() -> list[tuple[str, list[str], list[list[str]]]]:
    """(name, lines of a stage each, expected matches) of every case in the series specification."""
    if not SERIES.is_file():
        return []
    text = re.sub(r"//[^\n]*\n", "", SERIES.read_text(encoding="utf-8"))
    parts = [part.strip("\n") for part in re.split(r"^;[ \t]*$", text, flags=re.MULTILINE)]
    found = []
    for head, matches in zip(parts[::2], parts[1::2], strict=False):
        name, *lines = [line for line in head.split("\n") if line.strip()]
        found.append((name, lines, [line.split() for line in matches.split("\n") if line.strip()]))
    return found


@pytest.mark.parametrize("case", series(), ids=[name for name, _, _ in series()])
def test_series(case: tuple[str, list[str], list[list[str]]]) -> None:
    _, lines, expected = case
    by = (Key(Field("k", many=False)),) if any("|" in line for line in lines) else ()
    steps, events = [], []
    for stage, line in enumerate(lines):
        steps.append(Step(OneOf(Field("stage", many=False), (str(stage),), Case.SENSITIVE), by))
        for word in line.split():
            key, _, name = word.rpartition("|")
            time = int(re.sub(r"\D", "", name))
            events.append({"@timestamp": time, "stage": str(stage), "name": name, "k": key or None})
    found = run(Sequence(tuple(steps), None), events)
    got = sorted([str(e["name"]) for e in alert] for alert in found)
    assert got == sorted([name.rpartition("|")[2] for name in match] for match in expected)
