"""Our own Sigma documents: read, written in every target's words, and read again from Sigma's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run
from unordered import unordered_detection

from converter import api
from converter.diagnostics import Severity
from converter.model.metadata import LogSource
from converter.model.rule import Distinct, Rule, Sample, Sequence, Threshold
from converter.proof.example import NOW, iso
from converter.target.artifact import Status

FOLDER = Path(__file__).parent.parent / "sigma_documents"
DOCUMENTS = sorted(FOLDER.glob("*.yml"))


def read(name: str) -> Rule:
    return api.read_rule(FOLDER / f"{name}.yml")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_a_document_that_is_written_again_means_the_same(path: Path) -> None:
    rule = api.read_rule(path)
    artifact = api.convert(rule, "sigma")
    assert artifact.status is Status.EXACT, artifact.diagnostics
    again = api.parse_rule(artifact.text, "again.yml")
    assert unordered_detection(again.detection) == unordered_detection(rule.detection)
    assert again.meta.log_source == rule.meta.log_source


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_a_process_creation_is_written_natively(target: str) -> None:
    artifact = api.convert(read("process"), target)
    assert artifact.status is Status.EXACT
    assert artifact.place == {"splunk": "", "sentinel": "DeviceProcessEvents"}[target]
    words = {"splunk": "Image=", "sentinel": "FolderPath endswith"}
    assert words[target] in artifact.text
    assert "Sigma rule 11111111" in artifact.text
    assert "Elastic" not in artifact.text


@pytest.mark.parametrize(("name", "warned"), [("process", set()), ("registry", {"M032"}), ("keywords", {"M032"})])
def test_elastics_rule_says_which_values_its_events_lack(name: str, warned: set[str]) -> None:
    artifact = api.convert(read(name), "elastic")
    assert {str(d.code) for d in artifact.diagnostics if d.severity is Severity.WARNING} == warned
    assert "status =" not in artifact.text


def test_the_metadata_of_a_document() -> None:
    meta = read("registry").meta
    assert (meta.name, meta.severity, meta.building_block_type) == ("Event Log Disabled", "low", "default")
    assert meta.log_source == LogSource("windows", "registry_set")
    assert [(t.tactic_id, t.tactic_name) for t in meta.threat] == [("TA0005", "Defense Evasion")]
    assert [s.id for t in meta.threat for k in t.techniques for s in k.subtechniques] == ["T1562.002"]
    assert meta.tags == ("cve.2024-1234",)
    assert meta.creation_date == "2024/03/04"
    assert meta.investigation_fields == ("process.executable", "registry.path")


def _logons(*users: str, **more: object) -> list[dict[str, object]]:
    found = []
    for number, user in enumerate(users):
        event = {"winlog.channel": "Security", "event.code": "4625", "winlog.computer_name": "pc"}
        values = {"winlog.event_data.TargetUserName": user, "user.name": user}
        found.append({"@timestamp": iso(NOW - 60_000 + number * 1000), **event, **values, **more})
    return found


def test_a_count_is_a_threshold_and_a_filter_excludes() -> None:
    rule = read("event_count")
    assert isinstance(rule.detection, Threshold)
    assert rule.detection.at_least == 10
    assert (rule.meta.window.from_ms, rule.meta.interval) == (3_600_000, "5m")
    assert any(api.evaluate(rule, _logons(*["ann"] * 10)))
    assert not any(api.evaluate(rule, _logons(*["ann"] * 9)))
    assert not any(api.evaluate(rule, _logons(*["svc_x"] * 10)))


def test_a_count_of_values_and_proximities() -> None:
    counted = read("value_count").detection
    assert isinstance(counted, Threshold)
    assert isinstance(counted.distinct, Distinct)
    assert (counted.at_least, counted.distinct.at_least) == (1, 4)
    ordered, near = read("temporal_ordered").detection, read("temporal").detection
    assert isinstance(ordered, Sequence)
    assert ordered.maxspan_ms == 600_000
    assert isinstance(near, Sample)
    keys = [[key.field.path for key in step.by] for step in near.steps]
    assert keys[0][0] != keys[1][0]
    assert keys[0][1] == keys[1][1]


def test_a_folder_of_both_kinds_of_rules(tmp_path: Path) -> None:
    (tmp_path / "sigma.yml").write_text((FOLDER / "process.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "other.yaml").write_text("services: {a: b}\n", encoding="utf-8")
    toml = '[rule]\nname = "T"\ntype = "query"\nquery = "process.name: a.exe"\nindex = ["logs-endpoint.events.process-*"]\n'
    (tmp_path / "elastic.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "broken.yml").write_text("title: B\nlogsource: {product: windows}\n", encoding="utf-8")
    done = run("convert", str(tmp_path), "--to", "splunk", "-o", str(tmp_path / "out"))
    assert done.code == 1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["elastic.spl", "sigma.spl"]
    assert "broken.yml:1:1: error[S006]: a Sigma rule needs a detection" in done.err


def test_rules_and_filters_in_files_of_their_own(tmp_path: Path) -> None:
    parts = (FOLDER / "event_count.yml").read_text(encoding="utf-8").split("---\n")
    for name, part in zip(("many", "one", "mine"), parts, strict=True):
        (tmp_path / f"{name}.yml").write_text(part, encoding="utf-8")
    done = run("convert", str(tmp_path), "--to", "splunk", "-o", str(tmp_path / "out"))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["many.spl", "one.spl"]
    many = (tmp_path / "out" / "many.spl").read_text(encoding="utf-8")
    assert "event_count>=10" in many
    assert 'NOT TargetUserName="svc_*"' in many
    assert "1 filter" in done.err


def test_a_document_from_a_pipe() -> None:
    text = (FOLDER / "process.yml").read_text(encoding="utf-8")
    done = run("convert", "-", "--to", "sentinel", stdin=text.encode())
    assert done.code == 0
    assert "DeviceProcessEvents" in done.out
