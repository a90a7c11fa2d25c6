"""`siemglot evaluate`, `test` and `witness`: what they write and say, and that no alert is lost or given twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import run
from shared import ROOT

from benchmarks.events import events as stream
from converter.cli.exit import Exit

RULE = """\
[rule]
name = "A shell"
rule_id = "11111111-1111-4111-8111-111111111111"
description = "d"
author = ["a"]
license = "Apache-2.0"
severity = "high"
risk_score = 73
type = "query"
language = "kuery"
query = 'process.name : "sh" and not user.name : "root"'
[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0002"
name = "Execution"
reference = "https://attack.mitre.org/tactics/TA0002/"
"""
SEQUENCE = """\
[rule]
name = "Two shells"
rule_id = "22222222-2222-4222-8222-222222222222"
description = "d"
author = ["a"]
license = "Apache-2.0"
severity = "low"
risk_score = 21
type = "eql"
language = "eql"
query = '''
sequence by host.name with maxspan=10m
  [process where event.type == "start"]
  [network where event.type == "start"]
'''
"""
SHELL = {
    "@timestamp": "2026-03-02T08:00:00.000Z",
    "process": {"name": "sh"},
    "host": {"name": "h1"},
    "user": {"name": "u"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shell.toml").write_text(RULE)
    return tmp_path


def unmeasured() -> dict[str, str]:
    """The environment of a process that has no room for the file of lines that coverage would leave."""
    measured = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    return {name: text for name, text in os.environ.items() if name not in measured} | {"PYTHONPATH": str(ROOT)}


def write(path: Path, *found: object) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in found))
    return path


def test_an_alert_is_one_line(folder: Path) -> None:
    write(folder / "e.ndjson", {"process": {"name": "x"}}, SHELL)
    ran = run("evaluate", "rules", "--events", "e.ndjson")
    assert ran.code == Exit.CONVERTED
    assert json.loads(ran.out) == {
        "@timestamp": "2026-03-02T08:00:00.000Z",
        "rule": {
            "name": "A shell",
            "id": "11111111-1111-4111-8111-111111111111",
            "type": "query",
            "severity": "high",
            "risk_score": 73,
            "tactics": ["Execution"],
        },
        "key": [],
        "numbers": [1],
        "place": "e.ndjson:2",
        "events": [SHELL],
    }
    assert ran.err.startswith("2 events, 1 alert of 1 rule; ")
    assert ran.err.endswith(" events/s\n")


def test_why(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--explain")
    (tree,) = json.loads(ran.out)["why"][0]
    shell, root = tree["all"]
    assert shell == {"holds": True, "condition": "process.name is sh", "values": {"process.name": ["sh"]}}
    assert root["not"] == {"holds": False, "condition": "user.name is root", "values": {"user.name": ["u"]}}


def test_broken_lines_are_told_counted_and_left_out(folder: Path) -> None:
    (folder / "e.ndjson").write_bytes(b'{"a": 1, }\n\n' + json.dumps(SHELL).encode() + b'\n{"a":NaN}\n')
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert ran.code == Exit.REFUSED
    assert json.loads(ran.out)["place"] == "e.ndjson:3"
    told, _, rest = ran.err.partition("\ne.ndjson:4")
    assert told == (
        "e.ndjson:1:10: error[V001]: line 1 is no event: expecting property name enclosed in double quotes\n"
        '   |\n 1 | {"a": 1, }\n   |          ^'
    )
    assert rest.splitlines()[-1] == "2 lines that are no events were left out"


def test_a_key_twice_makes_no_alert(folder: Path) -> None:
    (folder / "e.ndjson").write_text('{"process":{"name":"x"},"process":{"name":"sh"}}\n')
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "e.ndjson:1:1: error[V001]: line 1 is no event: the key 'process' stands twice in one object" in ran.err


def test_strict_stops(folder: Path) -> None:
    (folder / "e.ndjson").write_bytes(b"nothing\n" + json.dumps(SHELL).encode())
    (folder / "f.ndjson").write_bytes(json.dumps(SHELL).encode())
    ran = run("evaluate", "rules", "-e", "e.ndjson", "-e", "f.ndjson", "--strict")
    assert ran.code == Exit.REFUSED
    assert "f.ndjson" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "pdf"), "error[V008]: there is no format 'pdf'\n  hint: use one of ndjson, table, html\n"),
        (
            ("--lateness", "5"),
            "error[V008]: --lateness cannot be '5'\n  hint: give a number with its unit, as 30s, 5m or 2h\n",
        ),
        (("--now", "noon"), "error[V008]: --now cannot be 'noon'\n  hint: give a moment as 2026-03-01T12:00:00Z\n"),
        (
            ("--state", "s"),
            (
                "error[V008]: --state needs alerts as JSON lines in a file\n"
                "  hint: add -o FILE: what stdout got cannot be taken back\n"
            ),
        ),
        (
            ("--source", "o365.audi"),
            "error[V008]: there is no data set 'o365.audi'\n  hint: did you mean o365.audit?\n",
        ),
    ],
)
def test_options_that_cannot_be(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", *arguments)
    assert (ran.code, ran.out, ran.err) == (Exit.USAGE, "", said)


def test_a_rule_that_cannot_be_evaluated_stops_no_other(folder: Path) -> None:
    (folder / "rules" / "broken.toml").write_text(RULE.replace("process.name : ", "process.name ::: "))
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert ran.code == Exit.REFUSED
    assert ran.out
    assert "rules/broken.toml:11:" in ran.err


def test_events_that_are_not_there(folder: Path) -> None:
    assert folder.is_dir()
    ran = run("evaluate", "rules", "-e", "none.ndjson")
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith("none.ndjson: error[V002]: the events cannot be read: no such file or directory\n")


def test_raw_events_of_a_vendor(folder: Path) -> None:
    raw = {"Workload": "Exchange", "Operation": "MailItemsAccessed", "RecordType": 50, "OperationCount": 120}
    write(folder / "e.ndjson", {**raw, "OperationCount": 3}, raw)
    rule = str(ROOT / "rules" / "elastic")
    ran = run("evaluate", rule, "-e", "e.ndjson", "--source", "o365.audit")
    assert ran.code == Exit.CONVERTED
    assert json.loads(ran.out)["numbers"] == [1]


def test_a_table_and_a_page(folder: Path) -> None:
    hostile = {**SHELL, "host": {"name": "<script>alert(1)</script>"}}
    write(folder / "e.ndjson", SHELL, hostile)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--format", "table")
    assert ran.out.splitlines()[:2] == ["severity  alerts  rule", "high      2       A shell"]
    assert run("evaluate", "rules", "-e", "e.ndjson", "--format", "html", "-o", "page.html").code == Exit.CONVERTED
    page = (folder / "page.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "Execution" in page
    assert "http" not in page


def test_the_plan_as_text(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--dump")
    assert ran.out.splitlines()[0].startswith("1 rule, 1 predicate; a class is: ")
    assert "process.name = 'sh'" in ran.out
    assert "verify A shell" in ran.out


def test_processes_find_the_same(folder: Path) -> None:
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    write(folder / "e.ndjson", *stream(1500))
    one = run("evaluate", "rules", "-e", "e.ndjson", "-j", "1")
    two = run("evaluate", "rules", "-e", "e.ndjson", "-j", "2")
    assert one.out.count("\n") > 20
    assert two.out == one.out


def test_history_is_no_alert_and_known(folder: Path) -> None:
    (folder / "rules" / "shell.toml").write_text(
        RULE.replace('type = "query"', 'type = "new_terms"').replace(
            "[[rule.threat]]",
            '[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["host.name"]\n'
            '[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-7d"\n[[rule.threat]]',
        )
    )
    write(folder / "old.ndjson", SHELL)
    write(folder / "e.ndjson", SHELL, {**SHELL, "host": {"name": "h2"}})
    ran = run("evaluate", "rules", "-e", "e.ndjson", "--history", "old.ndjson")
    assert [json.loads(line)["key"] for line in ran.out.splitlines()] == [["h2"]], ran.err


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "converter", "evaluate", "rules", "-e", "-", "-o", "out.ndjson", *arguments]


def _saved(path: Path) -> int:
    """How many lines the saved state is behind."""
    try:
        with sqlite3.connect(path) as base:
            (text,) = base.execute("SELECT value FROM state WHERE name = 'place'").fetchone()
        return int(json.loads(text)["items"])
    except (sqlite3.Error, TypeError):
        return 0


def test_a_run_that_was_killed_goes_on_without_losing_or_repeating_an_alert(folder: Path) -> None:
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    lines = [json.dumps(event).encode() + b"\n" for event in stream(600)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    whole = run("evaluate", "rules", "-e", str(write(folder / "e.ndjson", *stream(600))))
    wanted = [json.loads(line)["numbers"] for line in whole.out.splitlines()]
    assert len(wanted) > 10
    state = folder / "state"
    options = ("--state", "state", "--save-every", "0ms", "--end", "-q")
    with subprocess.Popen(_command(*options), stdin=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        for start in range(0, 400, 50):
            process.stdin.write(b"".join(lines[start : start + 50]))
            process.stdin.flush()
            deadline = time.monotonic() + 60
            while start == 200 and _saved(state) < 200 and time.monotonic() < deadline:
                time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert 0 < _saved(state) < 600
    with (folder / "out.ndjson").open("ab") as out:
        out.write(b"written after the last save")
    subprocess.run(_command(*options), input=b"".join(lines), env=environment, check=True)
    found = [json.loads(line)["numbers"] for line in (folder / "out.ndjson").read_text().splitlines()]
    assert found == wanted


def test_a_state_of_other_rules_is_refused(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    arguments = ("evaluate", "rules", "-e", "e.ndjson", "-o", "out", "--state", "state", "-q")
    assert run(*arguments).code == Exit.CONVERTED
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    ran = run(*arguments)
    assert ran.code == Exit.REFUSED
    assert ran.err == (
        "state: error[V006]: the state is of other rules or options\n"
        "  hint: give the rules and options of the run that saved it, or the name of a new file\n"
    )


def test_a_file_that_is_no_state(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "-o", "out", "--state", "e.ndjson", "-q")
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith("e.ndjson: error[V006]: the file is no state of a run: ")
    assert json.loads((folder / "e.ndjson").read_text()) == SHELL


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk(folder: Path) -> None:
    write(folder / "e.ndjson", *[SHELL] * 100)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "-o", "/dev/full", "-q")
    assert ran.code == Exit.REFUSED
    assert ran.err == "/dev/full: error[V007]: the alerts cannot be written: no space left on device\n"


def test_tests_beside_rules(folder: Path) -> None:
    assert run("witness", "rules/shell.toml", "-o", "rules/tests/shell.yml").code == Exit.CONVERTED
    ran = run("test", "rules", "--junit", "report.xml")
    assert (ran.code, ran.out) == (Exit.CONVERTED, "ok   rules/shell.toml: witnesses\n")
    assert ran.err == "1 test of 1 rule, 0 failed\n"
    path = folder / "rules" / "shell.toml"
    path.write_text(RULE.replace('"sh"', '"zsh"').replace("A shell", "A <shell>"))
    ran = run("test", "rules", "--junit", "report.xml")
    assert ran.code == Exit.REFUSED
    assert "FAIL rules/shell.toml: witnesses\n     event 1 must be found and is not: " in ran.out
    assert '<testsuite name="rules/shell.toml" tests="1" failures="1">' in (folder / "report.xml").read_text()
    again = run("witness", "rules/shell.toml", "-o", "rules/tests/shell.yml")
    assert again.err == "rules/tests/shell.yml: error[V007]: the tests cannot be written: it is there already\n"


def test_no_tests_are_no_success(folder: Path) -> None:
    assert folder.is_dir()
    ran = run("test", "rules")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert ran.err == (
        "error[V009]: none of the rules has tests\n"
        "  hint: `siemglot witness RULE -o tests/RULE.yml` writes tests to start from\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests:\n  - events: []\n", "2:5: error[V009]: a test needs `events`: a list of `found` and `event`"),
        ("tests:\n  - evnts: []\n", "2:5: error[V009]: there is no key 'evnts' in a test"),
        (
            "tests:\n  - events:\n      - {found: 1, event: {}}\n",
            "3:9: error[V009]: `found` is true or false, and `event` an object",
        ),
        ("test: []\n", " error[V009]: a file of tests has the one key `tests` with a list"),
        ("tests: []\n", "1:1: error[V009]: there is no test in the list"),
        ("tests: [x]\n", "1:9: error[V009]: a test has `name` and `events`"),
        ("tests:\n  - events:\n      - {found: true}\n", "3:9: error[V009]: an entry has `found` and `event`"),
        (
            "tests:\n  - now: noon\n    events:\n      - {found: true, event: {}}\n",
            "2:5: error[V009]: `now` is a moment as 2026-03-01T12:00:00Z",
        ),
        (
            "tests:\n  - indicators: [a]\n    events:\n      - {found: true, event: {}}\n",
            "2:5: error[V009]: `indicators` is a list of documents",
        ),
        ("tests: [\n", "2:1: error[F004]: not valid YAML: expected the node content, but found '<stream end>'"),
        ("# nothing\n", " error[V009]: the file holds no tests"),
    ],
)
def test_tests_that_cannot_be_read(folder: Path, text: str, said: str) -> None:
    (folder / "rules" / "tests").mkdir()
    (folder / "rules" / "tests" / "shell.yml").write_text(text)
    ran = run("test", "rules")
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith(f"rules/tests/shell.yml:{said}\n")


def test_a_state_that_cannot_be_written(folder: Path) -> None:
    write(folder / "e.ndjson", SHELL)
    ran = run("evaluate", "rules", "-e", "e.ndjson", "-o", "out", "--state", "nowhere/state", "-q")
    assert ran.code == Exit.REFUSED
    assert ran.err == "nowhere/state: error[V007]: the state cannot be written: unable to open database file\n"


def test_a_value_of_another_type_is_no_value_and_no_error(folder: Path) -> None:
    """As an index with ignore_malformed takes it: the other fields count."""
    write(folder / "e.ndjson", {**SHELL, "user": {"name": {"first": "u"}}, "@timestamp": {"a": 1}}, {"process": 3})
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert ran.code == Exit.CONVERTED
    assert [json.loads(line)["numbers"] for line in ran.out.splitlines()] == [[0]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"a":' * 100_000, "line 1 is no event: it is nested too deeply"),
        (b'{"process":{"name":"\xff"}}', "line 1 is no event: it is no UTF-8 text: byte 0xff"),
        (b'{"n":' + b"9" * 5000 + b"}", "line 1 is no event: it holds a number that no field can hold"),
    ],
)
def test_lines_that_are_no_events(folder: Path, line: bytes, said: str) -> None:
    (folder / "e.ndjson").write_bytes(line + b"\n" + json.dumps(SHELL).encode() + b"\n")
    ran = run("evaluate", "rules", "-e", "e.ndjson")
    assert ran.code == Exit.REFUSED
    assert [json.loads(one)["numbers"] for one in ran.out.splitlines()] == [[1]]
    assert f"error[V001]: {said}\n" in ran.err


@pytest.mark.parametrize("room", [20_000, 60_000, 150_000])
def test_a_disk_that_fills_up_while_the_state_is_saved(folder: Path, room: int) -> None:
    """The run says so and ends; with room again it goes on from the last save, and no alert is lost or given twice."""
    resource = pytest.importorskip("resource")
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    write(folder / "e.ndjson", *stream(600))
    whole = run("evaluate", "rules", "-e", "e.ndjson")
    wanted = [json.loads(line)["numbers"] for line in whole.out.splitlines()]
    assert len(wanted) > 10
    command = [sys.executable, "-m", "converter", "evaluate", "rules", "-e", "e.ndjson", "-o", "out.ndjson"]
    options = ["--state", "state", "--save-every", "0ms", "--end", "-q"]
    environment = unmeasured()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    ran = subprocess.run(
        [*command, *options], env=environment, preexec_fn=full, capture_output=True, text=True, check=False
    )
    assert ran.returncode == Exit.REFUSED
    assert "error[V007]: " in ran.stderr
    assert "Traceback" not in ran.stderr
    subprocess.run([*command, *options], env=environment, check=True)
    found = [json.loads(line)["numbers"] for line in (folder / "out.ndjson").read_text().splitlines()]
    assert found == wanted


def test_a_disk_without_room_for_what_is_remembered(folder: Path) -> None:
    """Without a state too texts of events lie on disk once they are many."""
    resource = pytest.importorskip("resource")
    (folder / "rules" / "two.toml").write_text(SEQUENCE)
    write(folder / "e.ndjson", *stream(6000))
    command = [sys.executable, "-m", "converter", "evaluate", "rules", "-e", "e.ndjson", "--lateness", "1h", "-q"]
    ran = subprocess.run(
        command,
        env=unmeasured(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == Exit.REFUSED
    assert "error[V007]: the events that rules remember cannot be kept: " in ran.stderr
    assert "hint: TMPDIR says where they lie of a run without --state\n" in ran.stderr
