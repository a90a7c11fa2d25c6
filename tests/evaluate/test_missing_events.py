"""Elasticsearch's own cases of missing events, read by the EQL reader and run over its test data."""

from __future__ import annotations

import json
import re

import pytest
import tomli
from shared import SHARED, needs_shared

from converter.fields.schema import FieldInfo, Schema
from converter.model.rule import Sequence
from converter.model.value import Kind
from converter.reference import Clock, alerts

eql = pytest.importorskip("converter.readers.eql")

CASES = SHARED / "conformance" / "eql" / "test_missing_events.toml"
QUERIES = tomli.loads(CASES.read_text(encoding="utf-8"))["queries"] if CASES.is_file() else []
EVENTS = json.loads((CASES.parent / "missing-events.json").read_text(encoding="utf-8")) if QUERIES else []
SCHEMA = Schema(
    [
        FieldInfo("event_type", Kind.KEYWORD, many=False),
        FieldInfo("tag", Kind.KEYWORD, many=False),
        FieldInfo("k1", Kind.KEYWORD, many=False),
        FieldInfo("k2", Kind.KEYWORD, many=False),
        FieldInfo("sequence", Kind.LONG, many=False),
    ]
)
# A pipe keeps the first or last alerts: truncation, which no detection rule has and the model does not hold.
PIPE = re.compile(r"\|\s*(head|tail)\s+(\d+)\s*$")


@needs_shared
def test_cases_are_whole() -> None:
    assert len(QUERIES) == 26


@pytest.mark.parametrize("case", QUERIES, ids=[case["name"] for case in QUERIES])
def test_missing_events(case: dict[str, object]) -> None:
    if not hasattr(eql, "parse"):
        pytest.skip("the EQL reader is not there")
    query = str(case["query"]).strip()
    pipe = PIPE.search(query)
    lowered = eql.lower(eql.parse(PIPE.sub("", query)), SCHEMA, "event_type")
    assert isinstance(lowered.detection, Sequence), lowered.diagnostics
    found = sorted(alerts(lowered.detection, EVENTS, clock=Clock(tiebreaker="sequence")), key=lambda a: a.events)
    if pipe:
        count = int(pipe[2])
        found = found[:count] if pipe[1] == "head" else found[-count:]
    ids = []
    for alert in found:
        there = iter(alert.events)
        for step in lowered.detection.steps:
            ids += [-1 if step.missing else EVENTS[next(there)]["sequence"] for _ in range(step.runs)]
    assert ids == case["expected_event_ids"]
