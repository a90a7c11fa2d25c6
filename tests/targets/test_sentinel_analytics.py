"""Analytics rules keep the service's limits, and say what they leave out."""

from __future__ import annotations

import json

import pytest
import yaml
from engines import sentinel_rules
from targets.sentinel_cases import NAME, PID, SOURCE, emitted

import converter
from backends.sentinel.deploy.schedule import iso
from converter.diagnostics.catalogue import lookup
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
            *("T337", "T372", "T373", "T375", "T376", "T377", "T378"),
            *("T379", "T380", "T380", "T381", "T382", "T384"),
        ]
    )
    assert all(lookup(code) is not None for code in codes)
    rule = yaml.safe_load(emission.text)
    assert list(sentinel_rules.template(rule, {})) == []
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


RULE = """
[rule]
name = "External alerts"
rule_id = "0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a01"
type = "query"
language = "kuery"
query = 'event.kind: "alert" and data_stream.dataset: "vendor.alert"'
severity = "medium"
risk_score = 47
rule_name_override = "vendor.alert.title"
[[rule.severity_mapping]]
field = "event.severity"
operator = "equals"
value = "73"
severity = "high"
[rule.alert_suppression]
group_by = ["host.id"]
missing_fields_strategy = "suppress"
"""


@pytest.mark.parametrize("target", ["sentinel", "splunk"])
def test_the_rows_have_what_the_file_asks_to_see(target: str) -> None:
    """What names an alert, weighs it and groups it, though the query compares none of it."""
    form = {"sentinel": "yaml", "splunk": "savedsearches"}[target]
    artifact = converter.convert(converter.parse_rule(RULE, "r.toml"), target, format=form)
    for name in ("vendor.alert.title", "event.severity", "host.id"):
        assert name in artifact.text
    if target == "sentinel":
        found = yaml.safe_load(artifact.text)
        assert found["alertDetailsOverride"] == {
            "alertDisplayNameFormat": "{{VendorAlertTitle}}",
            "alertSeverityColumnName": "AlertSeverity",
        }
        assert "T380" not in {d.code for d in artifact.diagnostics}
