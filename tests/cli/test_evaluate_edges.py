"""`siemglot evaluate`, `test` and `witness` at their edges: what is said, where it goes, and work in other processes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cli.test_evaluate import RULE, SEQUENCE, SHELL, write
from command import run

from benchmarks.events import events as stream
from converter import api
from converter.cli.evaluation.dump import dumped
from converter.cli.exit import Exit
from converter.engine import Engine, judging
from converter.engine.sources.batch import Batch

INDICATORS = """\
[rule]
name = "Known bad"
rule_id = "33333333-3333-4333-8333-333333333333"
severity = "low"
type = "threat_match"
language = "kuery"
query = "destination.ip: *"
threat_index = ["ti"]
threat_query = "*:*"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "destination.ip"
type = "mapping"
value = "threat.indicator.ip"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shell.toml").write_text(RULE)
    return tmp_path


# ---- other processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only a system that can fork shares the work")
def test_processes_from_the_first_batch_on_find_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short run never gets so far that it asks other processes."""
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    found = list(stream(540))
    parts = [write(folder / f"e{n}.ndjson", *found[n * 60 : n * 60 + 60]) for n in range(9)]
    (folder / "f.csv").write_text("process.name,host.name\nsh,h9\nls,h9\n")
    (folder / "g.ndjson").write_bytes(b"nothing\n" + json.dumps(SHELL).encode())
    names = [*(path.name for path in parts), "f.csv", "g.ndjson"]
    asked = [argument for name in names for argument in ("-e", name)]
    one = run("evaluate", "rules", *asked, "-j", "1")
    made: list[int] = []

    class Pool(ProcessPoolExecutor):
        def submit(self, *arguments: Any, **named: Any) -> Any:
            made.append(1)
            return super().submit(*arguments, **named)

    monkeypatch.setattr(judging, "_PLANNING", 0)
    monkeypatch.setattr(judging, "ProcessPoolExecutor", Pool)
    two = run("evaluate", "rules", *asked, "-j", "2")
    assert len(made) >= len(parts) + 2
    assert one.out.count("\n") > 5
    assert (two.code, two.out) == (one.code, one.out)
    assert two.err.splitlines()[:2] == one.err.splitlines()[:2]


def test_a_worker_gives_places_and_no_events(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine([api.read_rule(folder / "rules" / "shell.toml")])
    monkeypatch.setattr(judging, "_ENGINE", engine)
    batch = Batch("e", 1, (b'{"process":{"name":"ls"}}', json.dumps(SHELL).encode(), b"x"))
    found = judging._judge_there(batch)
    assert [(hit.offset, hit.before, hit.event) for hit in found.hits] == [(1, 1, None)]
    assert (found.total, [one.offset for one in found.broken], found.last) == (3, [2], 1)
    assert [hit.event for hit in judging.judge(engine, batch).hits] == [SHELL]


@pytest.mark.parametrize("slot", [64, 3_000, 1 << 20])
def test_blocks_of_any_length_reach_the_workers(folder: Path, monkeypatch: pytest.MonkeyPatch, slot: int) -> None:
    """A block lies in memory that workers share, or goes through a pipe where it is longer than its place there."""
    engine = Engine([api.read_rule(folder / "rules" / "shell.toml")])
    lines = [json.dumps(SHELL if number % 17 == 0 else event).encode() for number, event in enumerate(stream(400))]
    sizes = (1, 30, 5, 200, 2, 100, 62)
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    blocks = [b"\n".join(lines[start : start + size]) + b"\n" for start, size in zip(starts, sizes, strict=True)]
    batches = [Batch("e", start + 1, block=block) for start, block in zip(starts, blocks, strict=True)]
    monkeypatch.setattr(judging, "_PLANNING", 0)
    monkeypatch.setattr(judging, "_SLOT", slot)
    one, two = ([done for _, done in judging.judged(engine, batches, jobs)] for jobs in (1, 2))
    assert sum(len(done.hits) for done in one) == 24
    assert [[hit[:3] for hit in done.hits] for done in two] == [[hit[:3] for hit in done.hits] for done in one]
    assert [done.total for done in two] == list(sizes)


def test_runs_beside_each_other_have_memory_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine([api.read_rule(folder / "rules" / "shell.toml")])
    monkeypatch.setattr(judging, "_PLANNING", 0)
    monkeypatch.setattr(judging, "_SLOT", 5_000)

    def hits(events: list[object]) -> Iterator[int]:
        blocks = (json.dumps(event).encode() + b"\n" for event in events)
        batches = [Batch("e", place, block=block) for place, block in enumerate(blocks, 1)]
        return (len(done.hits) for _, done in judging.judged(engine, batches, 2))

    other: object = {"process": {"name": "ls"}}
    both = list(zip(hits([other] * 8 + [SHELL] * 8), hits([SHELL] * 8 + [other] * 8), strict=True))
    assert both == [(0, 1)] * 8 + [(1, 0)] * 8


# ---- options and files


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--state", "s", "-o", "a.ndjson", "--history", "e.ndjson"),
            (
                "error[V008]: --history is for the beginning of a run, and --state goes on with one\n"
                "  hint: leave one of them out\n"
            ),
        ),
        (("--end",), "error[V008]: --end belongs to --state\n  hint: without a state every run ends with its events\n"),
        (
            ("--time", "when"),
            (
                "error[V008]: --time belongs to --source\n"
                "  hint: events in Elastic's names have their time where the rule says\n"
            ),
        ),
    ],
)
def test_options_that_do_not_go_together(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", *arguments)
    assert (ran.code, ran.out, ran.err) == (Exit.USAGE, "", said)


def test_error_no_rule(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    (folder / "rules" / "shell.toml").write_text("[rule]\nname = 5\n")
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert ran.code == Exit.USAGE
    assert ran.err.endswith("error[V008]: there is no rule to evaluate\n")


def test_error_rules_that_say_nothing_of_raw_events(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--source", "o365.audit")
    assert ran.code == Exit.USAGE
    assert "warning[V005]: 'A shell' is not evaluated over o365.audit (M" in ran.err
    assert ran.err.endswith("error[V008]: none of the rules can be held against raw events of o365.audit\n")


@pytest.mark.parametrize("output", ["none/a.ndjson", "rules"])
def test_error_alerts_that_cannot_be_written(folder: Path, output: str) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "-o", output)
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith(f"{output}: error[")
    assert "Traceback" not in ran.err


def test_strict_stops_at_a_file_that_cannot_be_read(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "none.ndjson", "-e", "e.ndjson", "--strict")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")


# ---- indicators


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_indicators_from_a_file(folder: Path, form: str) -> None:
    (folder / "rules" / "shell.toml").write_text(INDICATORS)
    (folder / "i.ndjson").write_text('\n{"threat":{"indicator":{"ip":"10.0.0.1"}}}\nnone\n')
    (folder / "i.csv").write_text("threat.indicator.ip\n10.0.0.1\n")
    addresses = [{**SHELL, "destination": {"ip": ip}} for ip in ("10.0.0.2", "10.0.0.1")]
    write(folder / "e.ndjson", *addresses)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--indicators", f"i.{form}")
    (event,) = json.loads(ran.out)["events"]
    assert event["destination"]["ip"] == "10.0.0.1"
    said = [line for line in ran.err.splitlines() if "V008" in line]
    told = "i.ndjson:3: error[V008]: the line is no document: expecting value"
    assert said == ([told] if form == "ndjson" else [])


def test_error_indicators_that_are_not_there(folder: Path) -> None:
    (folder / "rules" / "shell.toml").write_text(INDICATORS)
    write(folder / "e.ndjson", {"destination": {"ip": "10.0.0.1"}})
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--indicators", "none.ndjson")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert ran.err == "none.ndjson: error[V002]: the events cannot be read: no such file or directory\n"


# ---- pages and plans


def test_a_page_of_many_days_and_many_alerts(folder: Path) -> None:
    """Hours become days where they are too many; the first alerts of a rule are shown, and how many there are."""
    found = [{**SHELL, "@timestamp": f"2026-03-{day:02}T0{hour}:00:00.000Z"} for day in (1, 9, 20) for hour in range(9)]
    write(folder / "e.ndjson", *found)
    assert run("evaluate", "rules", "-e", "e.ndjson", "--format", "html", "-o", "page.html").code == Exit.CONVERTED
    page = (folder / "page.html").read_text()
    assert "<small>alerts a day, UTC</small>" in page
    assert page.count('<i style="height:') == 20
    assert 'title="2026-03-01: 9"' in page
    assert 'title="2026-03-02: 0"' in page
    assert '<p class="dim">The first 20 of 27 alerts are shown.</p>' in page


def test_a_page_of_events_without_a_time_has_no_time_line(folder: Path) -> None:
    write(folder / "e.ndjson", {"process": {"name": "sh"}})
    assert run("evaluate", "rules", "-e", "e.ndjson", "--format", "html", "-o", "page.html").code == Exit.CONVERTED
    page = (folder / "page.html").read_text()
    assert "alerts a" not in page
    assert "A shell" in page


def test_a_plan_names_its_classes_and_look_ups() -> None:
    queries = [
        "event.category: process and process.pid: 4",
        "event.category: process and process.name: *bad*",
        "event.category: process and user.name: *",
        "event.category: process and host.name: (" + " or ".join(f"h{n}" for n in range(50)) + ")",
        *[f"event.category: process and not file.name: x{n}" for n in range(45)],
    ]
    head = "[rule]\nname = 'R{}'\ntype = 'query'\nlanguage = 'kuery'\nquery = '{}'\n"
    rules = [api.parse_rule(head.format(n, query)) for n, query in enumerate(queries)]
    chain = 'sequence by host.name [process where event.code == "1"] [process where event.code == "2"]'
    rules.append(api.parse_rule(f"[rule]\nname = 'Chain'\ntype = 'eql'\nlanguage = 'eql'\nquery = '{chain}'\n"))
    engine = Engine(rules)
    for _ in range(1100):
        engine.matcher.match({"event": {"category": "process"}, "process": {"name": "sh"}})
    text = "\n".join(dumped(engine))
    assert "\nclass event.category = 'process'\n" in text
    assert "\n  process.pid = 4\n    verify R0\n" in text
    assert "\n  process.name has 'bad'\n    verify R1\n" in text
    assert "\n  user.name exists\n    verify R2\n" in text
    assert "\n  host.name = 10 more texts\n" in text
    assert "\n  verify 5 more\n" in text
    assert "verify predicate " in text


# ---- tests and witnesses


def test_error_a_report_of_tests_that_cannot_be_written(folder: Path) -> None:
    (folder / "rules" / "tests").mkdir()
    (folder / "rules" / "tests" / "shell.yml").write_text(
        "tests:\n  - name: x\n    events:\n      - {found: false, event: {a: 1}}\n"
    )
    ran = run("test", "rules", "--junit", "none/report.xml")
    assert ran.code == Exit.REFUSED
    assert ran.err == "none/report.xml: error[V007]: the report cannot be written: no such file or directory\n"


def test_a_suite_that_cannot_be_read_fails_in_the_report(folder: Path) -> None:
    (folder / "rules" / "tests").mkdir()
    (folder / "rules" / "tests" / "shell.yml").write_text("tests: 5\n")
    ran = run("test", "rules", "--junit", "report.xml")
    assert ran.code == Exit.REFUSED
    report = (folder / "report.xml").read_text()
    assert '<testsuite name="rules/shell.toml" tests="1" failures="1">' in report
    assert '<testcase classname="rules/shell.toml" name="reading"><failure message=' in report


def test_error_witness_of_a_rule_without_meaning(folder: Path) -> None:
    (folder / "ml.toml").write_text(
        '[rule]\nname = "x"\ntype = "machine_learning"\nanomaly_threshold = 5\nmachine_learning_job_id = "j"\n'
    )
    ran = run("witness", "ml.toml")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert ran.err.startswith("ml.toml:")


@pytest.mark.parametrize("text", [INDICATORS, SEQUENCE, RULE.replace('"sh"', '"\U0001f600"')])
def test_witnesses_pass_as_tests(folder: Path, text: str) -> None:
    """What is written holds of the rule as it is, indicators and letters beyond the first plane included."""
    (folder / "rules" / "shell.toml").write_text(text)
    assert run("witness", "rules/shell.toml", "-o", "rules/tests/shell.yml").code == Exit.CONVERTED
    written = (folder / "rules" / "tests" / "shell.yml").read_text()
    assert ("    indicators:\n" in written) == (text is INDICATORS)
    ran = run("test", "rules")
    assert (ran.code, "FAIL" in ran.out) == (Exit.CONVERTED, False), ran.out + ran.err
