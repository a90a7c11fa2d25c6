"""Splunk's own samples of CloudTrail, with the fields that its add-on makes: outcomes are found there as Elastic sees them."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable, Mapping

import pytest
from shared import SHARED, needs_shared

import converter
from converter.proof.judges.spl import run as spl

pytestmark = needs_shared

RULE = """
[rule]
name = "Outcome"
description = "d"
severity = "low"
risk_score = 21
rule_id = "0f0f0f0f-0000-4000-8000-0000000000aa"
index = ["logs-aws.cloudtrail-*"]
type = "query"
language = "kuery"
query = '{query}'
"""


@functools.cache
def samples() -> tuple[Mapping[str, object], ...]:
    """Records as searched: the JSON, and errorCode as the add-on shows it."""
    found: list[Mapping[str, object]] = []
    with gzip.open(SHARED / "events" / "splunk_events.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            raw, fields = data["raw"], data.get("fields") or {}
            if data["sourcetype"] != "aws:cloudtrail":
                continue
            raw = json.loads(raw) if isinstance(raw, str) else raw
            if isinstance(raw, dict) and "errorCode" in fields:
                found.append({**raw, "errorCode": fields["errorCode"], "n": len(found)})
    return tuple(found)


def failed(record: Mapping[str, object]) -> bool:
    """Whether the vendor's record itself tells of an error."""
    answer = record.get("responseElements")
    login = answer.get("ConsoleLogin") if isinstance(answer, dict) else None
    return record["errorCode"] not in ("success", "failure") or "errorMessage" in record or login == "Failure"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("event.outcome: success", lambda r: not failed(r)),
        ("event.outcome: failure", failed),
        ("not event.outcome: failure", lambda r: not failed(r)),
        ("aws.cloudtrail.error_code: *", lambda r: r["errorCode"] not in ("success", "failure")),
        ("aws.cloudtrail.error_code: success", lambda _: False),
    ],
)
def test_outcomes_are_found_with_the_fields_of_the_add_on(
    query: str, wanted: Callable[[Mapping[str, object]], bool]
) -> None:
    rule = converter.parse_rule(RULE.format(query=query))
    artifact = converter.convert(rule, "splunk", format="search", bare=True, inline_macros=True)
    expected = {r["n"] for r in samples() if wanted(r)}
    if artifact.status == "refused":
        assert {d.code for d in artifact.diagnostics if d.severity.name == "ERROR"} == {"M012"}
        assert not expected
        return
    assert artifact.status == "exact"
    macros = {"cloudtrail": "index=*"}
    for reading in spl.READINGS:
        found = spl.run(artifact.text, samples(), macros=macros, raw_json=True, reading=reading)
        assert {int(str(row["n"])) for row in found} == expected


def test_the_samples_hold_successes_and_failures() -> None:
    assert len([r for r in samples() if not failed(r)]) >= 10
    assert [r for r in samples() if failed(r)]
