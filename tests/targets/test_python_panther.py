"""Rules for Panther: what it calls, the YAML beside it, and its tests, which hold of the module itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from shared import SHARED, needs_shared

import converter
from backends.python import TARGET
from converter import parse_rule
from converter.target.artifact import Artifact, Status

RULE = """
[metadata]
maturity = "production"
[rule]
name = 'Say <"no"> & 100%'
rule_id = "0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a00"
author = ["Elastic"]
license = "Elastic License v2"
type = "{kind}"
severity = "high"
risk_score = 73
description = "Looks at shells.\\nOn two lines."
note = "Ask who it was."
tags = ["Domain: Endpoint"]
references = ["https://example.org/a"]
query = '{query}'
{more}
"""
QUERY = 'process.name: ("cmd.exe" or "power*") and not user.name: "root"'
THRESHOLD = '[rule.threshold]\nfield = ["host.name"]\nvalue = 5'


def made(query: str = QUERY, kind: str = "query", more: str = "") -> Artifact:
    rule = parse_rule(RULE.format(kind=kind, query=query, more=more), "a_rule.toml")
    return converter.convert(rule, "python", format="panther")


def module(artifact: Artifact) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(artifact.text, artifact.filename, "exec"), names)  # noqa: S102 - what we just emitted
    return names


def beside(artifact: Artifact) -> dict[str, Any]:
    (file,) = artifact.files
    found: dict[str, Any] = yaml.safe_load(file.data)
    return found


class Event:
    """As Panther hands one over: not a dict, but it gives one."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def to_dict(self) -> dict[str, Any]:
        return self._data


def test_what_panther_calls() -> None:
    names = module(made(more='rule_name_override = "message"\ninvestigation_fields = {field_names = ["host.name"]}'))
    event = Event({"process": {"name": "cmd.exe"}, "host.name": "h", "message": "said"})
    assert names["rule"](event) is True
    assert names["rule"](Event({"process.name": "cmd.exe", "user.name": "root"})) is False
    assert names["title"](event) == "said"
    assert names["title"](Event({})) == 'Say <"no"> & 100%'
    assert names["alert_context"](event) == {"host.name": ["h"], "process.name": ["cmd.exe"]}
    assert names["RULE"]["severity"] == "high"


def test_the_yaml_beside_it() -> None:
    artifact = made()
    assert artifact.status is Status.EXACT
    found = beside(artifact)
    assert [file.path for file in artifact.files] == ["a_rule.yml"]
    assert found["Filename"] == artifact.filename == "a_rule.py"
    assert found["RuleID"] == "Elastic.0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a00"
    assert found["DisplayName"] == "Say no 100"  # Panther takes no < > & " %
    assert found["Severity"] == "High"
    assert found["Runbook"] == "Ask who it was."
    assert "DedupPeriodMinutes" not in found


def test_the_id_is_derived_where_the_rules_own_is_none_of_panthers() -> None:
    text = RULE.replace("0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a00", "a rule of ours")
    rule = parse_rule(text.format(kind="query", query=QUERY, more=""), "a_rule.toml")
    found = beside(converter.convert(rule, "python", format="panther"))["RuleID"]
    assert re.fullmatch(r"Elastic\.[0-9a-f]{16}", found)
    assert beside(converter.convert(rule, "python", format="panther"))["RuleID"] == found


ATTACK = """
[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0002"
name = "Execution"
reference = ""
[[rule.threat.technique]]
id = "T1059"
name = "Command and Scripting Interpreter"
reference = ""
[[rule.threat.technique.subtechnique]]
id = "T1059.001"
name = "PowerShell"
reference = ""
[[rule.threat.technique]]
id = "T1106"
name = "Native API"
reference = ""
[[rule.threat]]
framework = "Ours"
[rule.threat.tactic]
id = "X1"
name = "Other"
reference = ""
"""


def test_techniques_stand_under_their_tactic() -> None:
    assert beside(made(more=ATTACK))["Reports"] == {"MITRE ATT&CK": ["TA0002:T1059.001", "TA0002:T1106"]}


def test_what_panther_does_not_carry_is_said() -> None:
    kept = '[[rule.exceptions_list]]\nid = "e"\nlist_id = "vpn"\ntype = "detection"\nnamespace_type = "single"'
    artifact = made(more=kept)
    said = [d.message for d in artifact.diagnostics]
    assert "the exceptions of vpn are kept in Kibana, not in the rule: they are not applied" in said


def test_its_tests_hold() -> None:
    artifact = made()
    tests = beside(artifact)["Tests"]
    assert {test["ExpectedResult"] for test in tests} == {True, False}
    rule = module(artifact)["rule"]
    assert all(rule(Event(test["Log"])) is test["ExpectedResult"] for test in tests)


def test_no_test_depends_on_when_it_runs() -> None:
    tests = beside(made('process.name: "cmd.exe" and process.start > now-1d'))["Tests"]
    assert not [test for test in tests if test["ExpectedResult"]]


def test_a_threshold_is_counted_by_panther() -> None:
    artifact = made(kind="threshold", more=THRESHOLD)
    assert artifact.status is Status.APPROXIMATE
    assert "T405" in {d.code for d in artifact.diagnostics}
    assert beside(artifact)["Threshold"] == 5
    dedup = module(artifact)["dedup"]
    assert dedup(Event({"host.name": "a"})) == dedup(Event({"host": {"name": "a"}})) != dedup(Event({"host.name": "b"}))


def test_suppression_is_dedup() -> None:
    artifact = made(more='[rule.alert_suppression]\ngroup_by = ["host.name"]\nduration = {value = 2, unit = "h"}')
    assert beside(artifact)["DedupPeriodMinutes"] == 120
    assert "dedup" in module(artifact)


def test_several_events_are_refused_with_the_reason() -> None:
    more = '[rule.threshold]\nfield = []\nvalue = 5\n[[rule.threshold.cardinality]]\nfield = "user.name"\nvalue = 3'
    artifact = made(kind="threshold", more=more)
    assert artifact.status is Status.REFUSED
    assert artifact.files == ()
    assert [str(d.code) for d in artifact.diagnostics] == ["T404"]


def test_a_module_of_a_sequence_gives_the_alerts_of_a_list() -> None:
    text = """
[rule]
name = "Two steps"
type = "eql"
language = "eql"
query = 'sequence by host.name [any where x == "1"] [any where x == "2"]'
"""
    artifact = converter.convert(parse_rule(text, "two.toml"), "python")
    at = "2024-06-01T00:00:0{}Z".format
    events = [{"host.name": "h", "x": x, "@timestamp": at(3 - int(x))} for x in ("1", "2")]
    assert module(artifact)["alerts"](events) == []  # the second step was first
    (alert,) = module(artifact)["alerts"]([{**e, "@timestamp": at(e["x"])} for e in reversed(events)])
    assert [event["x"] for event in alert["events"]] == ["1", "2"]
    assert set(TARGET.formats) == {"module", "panther"}


@needs_shared
@pytest.mark.sweep
def test_panthers_own_runner_passes_the_corpus(tmp_path: Path) -> None:
    """`pip install panther_analysis_tool` into an environment of its own, and name it: PANTHER_ANALYSIS_TOOL."""
    runner = os.environ.get("PANTHER_ANALYSIS_TOOL") or shutil.which("panther_analysis_tool")
    if runner is None:
        pytest.skip("panther_analysis_tool is not installed")
    written = set()  # of two rules of one name, which the command line tells apart, the last
    for path in sorted((SHARED / "corpus").rglob("*.toml")):
        try:
            artifact = converter.convert(converter.read_rule(path), "python", format="panther")
        except converter.ConverterError:
            continue
        if artifact.text:
            written.add(artifact.filename)
            (tmp_path / artifact.filename).write_text(artifact.text, encoding="utf-8")
            for file in artifact.files:
                (tmp_path / file.path).write_bytes(file.data)
    done = subprocess.run(
        [runner, "--skip-version-check", "test", "--path", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert f"Passed: {len(written)}\n" in done.stdout
    assert "Failed: 0" in done.stdout
    assert done.returncode == 0
