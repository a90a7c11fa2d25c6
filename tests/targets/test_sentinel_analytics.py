"""Analytics rules keep the service's limits, and say what they leave out."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest
import yaml
from shared import corpus_rules, needs_shared
from targets.sentinel_cases import NAME, PID, SOURCE, emitted

import converter
from backends.sentinel.deploy.schedule import iso
from converter.diagnostics.catalogue import lookup
from converter.diagnostics.errors import ConverterError
from converter.model.metadata import (
    ExceptionList,
    RiskMapping,
    Subtechnique,
    Suppression,
    Technique,
    Threat,
    Window,
)
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Match, NewTerms, Threshold
from converter.model.value import Field, Kind
from converter.target import Binding

MATCH = Match(OneOf(NAME, ("a",), Case.SENSITIVE))
HOUR, DAY = 3_600_000, 86_400_000
NATIVE = Binding("native", "unknown.table", "", {"table": "SecurityEvent"}, {"Computer": "string"})

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def length(text: str) -> timedelta:
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def check(rule: dict[str, object]) -> None:
    """The limits of the repository's template checks and of the service (artifact facts, part A)."""
    uuid.UUID(str(rule["id"]))
    assert 0 < len(str(rule["name"])) <= 256
    assert 0 < len(str(rule["description"])) <= 5_000
    assert rule["severity"] in {"Informational", "Low", "Medium", "High"}
    frequency, period = length(str(rule["queryFrequency"])), length(str(rule["queryPeriod"]))
    assert timedelta(minutes=5) <= frequency <= period <= timedelta(days=14)
    assert period < timedelta(days=2) or frequency >= timedelta(hours=1)
    query = str(rule["query"])
    assert "search *" not in re.sub(r'"[^"]*"', "", query)
    assert "union *" not in re.sub(r'"[^"]*"', "", query)
    details = rule.get("customDetails", {})
    assert isinstance(details, dict)
    assert len(details) <= 20
    for key, value in details.items():
        assert re.fullmatch(r"[a-zA-Z]+\w*", key)
        assert len(key) <= 20
        assert re.fullmatch(r"[a-zA-Z_]+\w*", value)
    entities = rule.get("entityMappings", [])
    assert isinstance(entities, list)
    assert len(entities) <= 10
    for entity in entities:
        assert 1 <= len(entity["fieldMappings"]) <= 3
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(rule["version"]))


@needs_shared
def test_limits_corpus() -> None:
    seen = 0
    for path in list(corpus_rules())[::9]:
        try:
            rule = converter.read_rule(path)
        except ConverterError:
            continue
        artifact = converter.convert(rule, to="sentinel", fields="ecs", format="yaml")
        if artifact.text:
            seen += 1
            check(yaml.safe_load(artifact.text))
            arm = json.loads(converter.convert(rule, to="sentinel", fields="ecs", format="arm").text)
            content = arm["resources"][0]["properties"]
            assert content["query"].strip() == yaml.safe_load(artifact.text)["query"].strip()
    assert seen > 50


SHOWN = {
    path: Field(path, Kind.KEYWORD, many=path == "process.args")
    for path in ("user.name", "host.name", "source.ip", "destination.ip", "process.args", "message")
}


def test_every_code_is_explained() -> None:
    emission = emitted(
        MATCH,
        Binding(fields=SHOWN),
        form="yaml",
        severity="critical",
        threat=(Threat("MITRE ATLAS", "AML", "Whatever", ""),),
        note="guide",
        rule_name_override="x",
        risk_score_mapping=(RiskMapping("a", "equals", ""),),
        alert_suppression=Suppression(("user.name",), None),
        exceptions_list=(ExceptionList("e", "list", "detection", "agnostic"),),
        timestamp_override="event.created",
        references=("https://example.org/" + "x" * 6000,),
        window=Window(600_000, 60_000, 60_000),
        investigation_fields=tuple(SHOWN),
    )
    codes = [d.code for d in emission.diagnostics]
    assert sorted(codes) == sorted(
        [
            *("T337", "T372", "T373", "T375", "T376", "T376", "T377"),
            *("T378", "T379", "T380", "T380", "T381", "T382"),
        ]
    )
    assert all(lookup(code) is not None for code in codes)
    rule = yaml.safe_load(emission.text)
    check(rule)
    assert rule["severity"] == "High"
    assert [e["entityType"] for e in rule["entityMappings"]] == ["Account", "Host", "IP", "IP"]
    assert rule["customDetails"] == {"ProcessArgs": "ProcessArgs", "Message": "message"}


def test_technique_and_building_block() -> None:
    threat = Threat(
        "MITRE ATT&CK", "TA0009", "Collection", "", (Technique("T1114", "", "", (Subtechnique("T1114.002", "", ""),)),)
    )
    emission = emitted(MATCH, form="arm", threat=(threat,), building_block_type="default")
    content = json.loads(emission.text)["resources"][0]["properties"]
    assert (content["techniques"], content["subTechniques"]) == (["T1114"], ["T1114.002"])
    assert content["severity"] == "Informational"
    assert content["incidentConfiguration"] == {"createIncident": False}


def test_arm_text_that_looks_like_an_expression() -> None:
    emission = emitted(MATCH, form="arm", description="[resourceGroup().id]")
    content = json.loads(emission.text)["resources"][0]["properties"]
    assert content["description"].startswith("[[resourceGroup")


def test_new_terms_are_run_every_hour() -> None:
    detection = NewTerms(MATCH.where, (NAME,), 7 * DAY)
    emission = emitted(detection, form="yaml", window=Window(540_000, 0, 300_000))
    rule = yaml.safe_load(emission.text)
    assert (rule["queryFrequency"], rule["queryPeriod"]) == ("1h", "7d")
    # every run takes what is new since the one before, and Elastic's four minutes of overlap
    assert "| where ['@timestamp'] > ago(64m)" in emission.text
    assert "T334" in [d.code for d in emission.diagnostics]


def test_error_history_beyond_14_days() -> None:
    detection = NewTerms(MATCH.where, (NAME,), 15 * DAY)
    emission = emitted(detection, form="yaml")
    assert not emission.text
    assert "T335" in [d.code for d in emission.diagnostics]
    assert [d.code for d in emitted(detection).diagnostics] == ["T332", "T331"]


def test_arrival_time_in_native_rules() -> None:
    emission = emitted(MATCH, NATIVE, "yaml", timestamp_override="event.ingested")
    # the window is told by arrival; the event's own time is bounded by how late events come
    assert "| where TimeGenerated >= ago(1446m) and ingestion_time() > ago(5m) and" in emission.text
    assert yaml.safe_load(emission.text)["queryPeriod"] == "1446m"
    assert "ingestion_time" not in emitted(MATCH, NATIVE, timestamp_override="event.ingested").text


def test_groups_show_what_they_are_grouped_by() -> None:
    detection = Threshold(MATCH.where, (PID,), 2)
    rule = yaml.safe_load(emitted(detection, form="yaml", investigation_fields=("user.name",)).text)
    assert "customDetails" not in rule
    (entity,) = rule["entityMappings"]
    assert (entity["entityType"], entity["fieldMappings"][0]["identifier"]) == ("Process", "ProcessId")
    assert f"| extend {entity['fieldMappings'][0]['columnName']} = " in rule["query"]


def test_table_of_the_users_own_shows_nothing() -> None:
    emission = emitted(MATCH, NATIVE, "yaml", investigation_fields=("user.name", "source.ip"))
    assert "entityMappings" not in yaml.safe_load(emission.text)
    assert "T374" in [d.code for d in emission.diagnostics]


def test_long_query_is_told() -> None:
    found = emitted(Match(OneOf(SOURCE, tuple("x" * 100 + str(i) for i in range(100)), Case.SENSITIVE)))
    assert "T371" in [d.code for d in found.diagnostics]


@pytest.mark.parametrize(("ms", "text"), [(300_000, "PT5M"), (HOUR, "PT1H"), (14 * DAY, "P14D")])
def test_iso_duration(ms: int, text: str) -> None:
    assert iso(ms) == text
