"""Searches over data models (`--tstats`): they find what the search of the events finds, or that search is written."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from shared import corpus_rule, corpus_rules, needs_shared, some_or_all

import converter
from converter.diagnostics import Severity
from converter.languages.spl import parse
from converter.languages.spl.syntax import (
    Condition,
    Every,
    Excluding,
    OneOf,
    Relation,
    Some,
    Stats,
    Tstats,
    Where,
    Word,
)
from converter.languages.spl.syntax import Test as FieldTest
from converter.model.rule import Rule
from converter.proof.judges.spl.run import DataModel, run

# The CIM manual: what each dataset asks of its events, and fields that its definition fills.
TAGS = {
    "Network_Traffic.All_Traffic": ["network", "communicate"],
    "Endpoint.Processes": ["process", "report"],
    "Endpoint.Filesystem": ["endpoint", "filesystem"],
    "Web.Web": ["web"],
}
FILLED = ("action", "dest", "src", "user", "transport", "process_name", "parent_process_name", "file_name", "url")
ROWS = 60


def rule(query: str, more: str = "", *, index: str = "logs-endpoint.events.process-*", kind: str = "query") -> Rule:
    language = 'language = "kuery"' if kind in ("query", "threshold") else 'language = "eql"'
    text = f"[rule]\nname = 'R'\ntype = '{kind}'\n{language}\nindex = ['{index}']\nquery = '''{query}'''\n{more}"
    return converter.parse_rule(text)


TRAFFIC = "packetbeat-*"
FLOW = "event.dataset: network_traffic.flow"
LINUX = "host.os.type: linux and event.category: process and event.type: start"
RULES = {
    "names": rule(f"{LINUX} and process.name: (nc or ncat or php*) and not process.parent.name: bash"),
    "paths": rule(f"{LINUX} and process.executable: /tmp/* and not process.executable: (/tmp/a or /tmp/b*)"),
    "unknown": rule(f"{LINUX} and process.name: *n* and not user.name: *know*"),
    "present": rule(f"{LINUX} and process.name: nc and user.name: *"),
    "ports": rule(f"{FLOW} and destination.port >= 5800 and destination.port <= 5810", index=TRAFFIC),
    "networks": rule(f"{FLOW} and source.ip: 10.0.0.0/8 and not destination.ip: 10.1.0.0/16", index=TRAFFIC),
    "sweep": rule(
        f"{FLOW} and source.ip: 10.0.0.0/8",
        "[rule.threshold]\nfield = ['source.ip']\nvalue = 2\n[[rule.threshold.cardinality]]\n"
        "field = 'destination.port'\nvalue = 2",
        index=TRAFFIC,
        kind="threshold",
    ),
    "many": rule(
        f"{LINUX} and process.name: nc", "[rule.threshold]\nfield = ['user.name']\nvalue = 3", kind="threshold"
    ),
}


def search(one: Rule, *, tstats: bool) -> converter.Artifact:
    return converter.convert(one, "splunk", "cim", format="search", bare=True, tstats=tstats)


def summed(artifact: converter.Artifact) -> Tstats | None:
    if not artifact.text:
        return None
    first, *_ = parse.pipeline(artifact.text).stages
    return first if isinstance(first, Tstats) else None


# ---- events that the conditions tell apart


def asked_of(condition: Condition | None) -> Iterator[FieldTest]:
    match condition:
        case FieldTest():
            yield condition
        case OneOf(field, words):
            yield from (FieldTest(field, Relation.EQUAL, word) for word in words)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from asked_of(part)
        case Excluding(part):
            yield from asked_of(part)
        case _:
            return


def told_by(word: Word) -> list[object]:
    """Values at and around a value of `search`."""
    text = word.raw.replace('\\"', '"').replace("\\\\", "\\")
    if "/" in text and text.replace(".", "").replace("/", "").isdigit():
        address = text.partition("/")[0]
        return [address, address.rsplit(".", 1)[0] + ".7", "203.0.113.9", "10.1.2.3", "10.2.3.4"]
    if text.isdigit():
        return [int(text), int(text) - 1, int(text) + 1]
    return [text.replace("*", ""), text.replace("*", "n"), f"{text}x".replace("*", ""), f"y{text}".replace("*", "")]


def rows(stage: Tstats, seed: int, number: int = ROWS) -> list[dict[str, object]]:
    rng = random.Random(seed)
    choices: dict[str, list[object]] = {}
    for test in asked_of(stage.where):
        choices.setdefault(test.field.partition(".")[2], []).extend(told_by(test.value))
    for name in (*stage.by, *(a.field for a in stage.aggregates if a.field and "." in a.field)):
        choices.setdefault(name.partition(".")[2], []).extend(["one", "two"])
    found = []
    for second in range(number):
        row: dict[str, object] = {"_time": second, "tag": TAGS[stage.model] if rng.random() < 0.9 else ["other"]}
        row |= {n: rng.choice(values) for n, values in choices.items() if rng.random() < 0.9}
        found.append(row)
    return found


def model(stage: Tstats, found: list[dict[str, object]]) -> Mapping[str, DataModel]:
    names = sorted({name for row in found for name in row} - {"tag", "_time"})
    constraint = " ".join(f"tag={tag}" for tag in TAGS[stage.model])
    return {stage.model: DataModel(constraint, names, dict.fromkeys(FILLED, "unknown"))}


def compared(one: Rule) -> tuple[int, int]:
    """How many events both searches were asked about, and how many they found; they agree on each."""
    stage = summed(search(one, tstats=True))
    assert stage is not None
    text, events = search(one, tstats=True).text, search(one, tstats=False).text
    found = rows(stage, 7)
    models = model(stage, found)
    if any(isinstance(s, Stats) for s in parse.pipeline(events).stages):
        groups = run(text, found, models=models)
        keys = [name.partition(".")[2] for name in stage.by]
        wanted = [
            {k: row[k] for k in row if k in (*keys, "event_count", "distinct_count")} for row in run(events, found)
        ]
        # A group of what the model itself has filled in is its own.
        filled = [row for row in groups if all(row.get(k) != "unknown" for k in keys)]
        assert [{k: row[k] for k in row if k in wanted[0]} for row in filled] == wanted
        return len(found), len(wanted)
    verdicts = [(bool(run(text, [row], models=models)), bool(run(events, [row]))) for row in found]
    assert [mine for mine, _ in verdicts] == [whole for _, whole in verdicts], text
    assert sum(int(str(row["event_count"])) for row in run(text, found, models=models)) == sum(v for v, _ in verdicts)
    return len(verdicts), sum(mine for mine, _ in verdicts)


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_summary_finds_what_the_events_hold(name: str) -> None:
    judged, hits = compared(RULES[name])
    assert judged == ROWS
    assert hits


@needs_shared
@some_or_all
def test_rules_over_data_models_find_what_the_events_hold(everything: bool, capsys: pytest.CaptureFixture[str]) -> None:
    few = [path for path in corpus_rules() if path.parent.name in ("network", "linux")][:: 1 if everything else 9]
    asked = [read for path in few if (read := corpus_rule(path)) is not None and summed(search(read, tstats=True))]
    counts = [compared(one) for one in asked]
    with capsys.disabled():
        sys.stdout.write(
            f"\ntstats: {len(counts)} rules, {sum(n for n, _ in counts)} events, {sum(h for _, h in counts)} hits\n"
        )
    assert len(counts) >= (15 if everything else 1)


# ---- the form


def test_the_form() -> None:
    artifact = search(RULES["names"], tstats=True)
    stage = summed(artifact)
    assert stage is not None
    assert (stage.model, stage.options) == (
        "Endpoint.Processes",
        (("summariesonly", "false"), ("fillnull_value", "unknown")),
    )
    assert {test.field for test in asked_of(stage.where)} == {"Processes.process_name", "Processes.parent_process_name"}
    assert "tag" not in artifact.text  # the model's own constraint
    assert "CASE(" not in artifact.text
    assert artifact.status.value == "approximate"
    assert "T237" not in {d.code for d in artifact.diagnostics}  # the model calls the macro, not the search
    (told,) = [d for d in artifact.diagnostics if d.code == "T238"]
    assert "Endpoint.Processes" in told.message


def test_a_case_that_is_given_up_is_told() -> None:
    blind = rule(f"{LINUX} and process.executable: /tmp/A")
    (told,) = [d for d in search(blind, tstats=True).diagnostics if d.code == "T238"]
    assert "upper and lower case are alike" in told.message
    (told,) = [d for d in search(RULES["ports"], tstats=True).diagnostics if d.code == "T238"]
    assert "upper and lower case" not in told.message


def test_groups_are_counted_by_tstats() -> None:
    stages = parse.pipeline(search(RULES["sweep"], tstats=True).text).stages
    grouped = stages[0]
    assert isinstance(grouped, Tstats)
    assert grouped.by == ("All_Traffic.src_ip",)
    assert ("dc", "All_Traffic.dest_port") in [(a.function, a.field) for a in grouped.aggregates]
    assert isinstance(stages[-1], Where)
    assert not any(isinstance(stage, Stats) for stage in stages)


@pytest.mark.parametrize(
    ("one", "fields", "why"),
    [
        (rule(f"{LINUX} and process.args: -x"), "cim", "more than terms of search"),
        (rule(f"{LINUX} and process.name: nc"), "native", "no data model"),
        (rule(f"{LINUX} and process.name: nc"), "ecs", "no data model"),
    ],
)
def test_what_a_model_cannot_say_is_searched(one: Rule, fields: str, why: str) -> None:
    with_flag = converter.convert(one, "splunk", fields, tstats=True)
    without = converter.convert(one, "splunk", fields)
    assert with_flag.text == without.text
    (told,) = [d for d in with_flag.diagnostics if d.code == "T239"]
    assert told.severity is Severity.NOTE
    assert why in told.message
    assert with_flag.status == without.status


@pytest.mark.parametrize("form", ["spl", "savedsearches", "contentctl"])
def test_every_format_holds_it(form: str) -> None:
    text = converter.convert(RULES["names"], "splunk", "cim", format=form, tstats=True).text
    # contentctl's schedules have no range of arrival; this rule asks for none.
    assert "datamodel=Endpoint.Processes" in text


TABLE = """
dataset: acme.door
title: Acme doors
match: {index: ["logs-acme.*"]}
platforms:
  splunk:
    door: {header: {index: door}}
    cim: {mode: cim, like: door, header: {macro: cim_Door_indexes, HEADER}}
fields:
  user.name: {splunk: exact who}
"""


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("datamodel: 'Door] | delete'", "no model and dataset"),
        ("datamodel: Door.Door, datamodel_constraint: '(tag=door'", "no terms of search"),
        ("datamodel: Door.Door", "the data model has no who"),
    ],
)
def test_a_header_that_is_wrong_is_told(header: str, why: str, tmp_path: Path) -> None:
    table = tmp_path / "door.yaml"
    table.write_text(TABLE.replace("HEADER", header), encoding="utf-8")
    doors = rule("user.name: a", index="logs-acme.*")
    artifact = converter.convert(doors, "splunk", "cim", mapping=table, tstats=True)
    (told,) = [d for d in artifact.diagnostics if d.code == "T239"]
    assert why in told.message
    assert "tstats" not in artifact.text.replace("--tstats", "")
