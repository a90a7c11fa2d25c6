"""Our own Sigma documents: read, written in every target's words, and read again from Sigma's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run
from unordered import unordered_detection

from converter import api
from converter.diagnostics import Severity, render
from converter.model.metadata import LogSource
from converter.model.rule import Distinct, Rule, Sample, Sequence, Threshold
from converter.model.walk import leaves
from converter.proof.example import NOW, iso
from converter.rulefile import read_collection, sigma
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


LOGON = """title: Logon
name: logon
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4624}
    condition: selection
"""
LOGOFF = LOGON.replace("Logon", "Logoff").replace("logon", "logoff").replace("4624", "4634")
NEAR = """title: Many
correlation:
    type: temporal
    rules: [logon, logoff]
    group-by: [Computer]
    timespan: 10m
"""


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (
            "event_count",
            "condition: {gte: 3}",
            "where the time span of a count begins and ends is the backend's: here it ends at each run",
        ),
        (
            "value_count",
            "condition: {gte: 3, field: a}",
            "where the time span of a count begins and ends is the backend's: here it ends at each run",
        ),
        (
            "temporal",
            "",
            "where the time span of a proximity begins and ends is the backend's: here it ends at each run",
        ),
        (
            "temporal_ordered",
            "",
            "how many alerts a chain of events makes, and which of several it takes, is the backend's",
        ),
    ],
)
def test_what_sigma_leaves_to_backends_is_said(kind: str, more: str, said: str) -> None:
    text = f"{NEAR.replace('type: temporal', f'type: {kind}')}    {more}\n"
    line = text.split("\n").index(f"    type: {kind}") + 1
    rule = api.parse_rule(f"{text}---\n{LOGON}---\n{LOGOFF}", "a.yml")
    assert [render(d) for d in rule.notes if d.code == "S023"] == [
        f"a.yml:{line}:5: note[S023]: {said}\n   |\n {line} |     type: {kind}\n   |     ^^^^"
    ]


@pytest.mark.parametrize("condition", ["{gte: 2}", "{gt: 1}", "{eq: 2}"])
def test_a_proximity_of_all_rules_is_one_without_a_condition(condition: str) -> None:
    # sigma-correlation-rules-specification.md: without a condition all the rules have to find something.
    said = api.parse_rule("---\n".join((f"{NEAR}    condition: {condition}\n", LOGON, LOGOFF)), "a.yml")
    assert said.detection == api.parse_rule(f"{NEAR}---\n{LOGON}---\n{LOGOFF}", "a.yml").detection


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", ["Many"]),
        ("generate: false", ["Many"]),
        ("generate: true", ["Many", "Logon"]),
        ("generate:   true  # both", ["Many", "Logon"]),
        ("aliases: {x: {logon: a}}\n    'generate': true", ["Many", "Logon"]),
        ("note: |\n        generate: true", ["Many"]),
    ],
)
def test_a_rule_that_is_counted_is_wanted_by_itself_where_it_says_so(more: str, wanted: list[str]) -> None:
    # sigma-correlation-rules-specification.md, "generate": false where it is not said.
    counted = f"title: Many\ncorrelation:\n    type: event_count\n    rules: [logon]\n    timespan: 10m\n    condition: {{gte: 3}}\n    {more}\n"
    found = read_collection(f"{counted}---\n{LOGON}", "a.yml")
    related = sigma.attached(found.rules, found.filters)
    assert [rule.meta.name for number, rule in sorted(related.rules.items()) if number not in related.parts] == wanted


def test_error_rules_of_several_log_sources_are_no_one_rule_of_sigmas() -> None:
    other = LOGOFF.replace("service: security", "service: system")
    text = "---\n".join((NEAR.replace("temporal", "event_count") + "    condition: {gte: 3}\n", LOGON, other))
    artifact = api.convert(api.parse_rule(text, "a.yml"), "sigma")
    assert [d.message for d in artifact.diagnostics if str(d.code) == "M031"] == [
        "the correlation counts rules of several log sources together, which is no one rule of Sigma's"
    ]
    assert artifact.status is Status.REFUSED


def test_a_count_of_the_values_of_one_field_in_a_list() -> None:
    counted = "title: Many\ncorrelation:\n    type: value_count\n    rules: [logon]\n    timespan: 10m\n    condition: "
    one, listed = (
        api.parse_rule(f"{counted}{{field: {field}, gte: 3}}\n---\n{LOGON}", "a.yml").detection
        for field in ("TargetUserName", "[TargetUserName]")
    )
    assert isinstance(one, Threshold)
    assert one == listed


def test_the_places_of_a_counted_rule_are_those_of_the_file() -> None:
    counted = "title: Many\ncorrelation:\n    type: event_count\n    rules: [logon]\n    timespan: 10m\n    condition: {gte: 3}\n"
    rule = api.parse_rule(f"{counted}---\n{LOGON.replace('EventID: 4624', 'a|fieldref: b, c: 1')}", "a.yml")
    assert isinstance(rule.detection, Threshold)
    text = rule.source.text
    places = {
        text[leaf.span.start + rule.query_offset : leaf.span.end + rule.query_offset]
        for leaf in leaves(rule.detection.where)
        if leaf.span is not None
    }
    assert places == {"a|fieldref", "c"}


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        (
            "many",
            LOGON.replace("EventID", "EventID|nope"),
            "many.yml: error[S022]: the rule logon cannot be read: there is no modifier 'nope'",
        ),
        (
            "logoff",
            (
                "title: Mine\nlogsource: {product: windows}\n"
                "filter:\n    rules: [logoff]\n    selection: {a|nope: 1}\n    condition: not selection\n"
            ),
            "logoff.yml: error[S008]: the filter Mine: there is no modifier 'nope'",
        ),
    ],
)
def test_error_what_stands_in_a_file_of_its_own_is_named(tmp_path: Path, name: str, broken: str, said: str) -> None:
    for file, text in (("many", NEAR), ("logoff", LOGOFF), ("logon", LOGON), ("broken", broken)):
        (tmp_path / f"{file}.yml").write_text(text, encoding="utf-8")
    if broken.startswith("title: Logon"):
        (tmp_path / "logon.yml").unlink()
    done = run("convert", str(tmp_path), "--to", "splunk", "-o", str(tmp_path / "out"))
    assert said in done.err
    assert not (tmp_path / "out" / f"{name}.spl").exists()


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
