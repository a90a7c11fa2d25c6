"""Windows event logs, read by the package evtx: whole ones, and ones that are broken or cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run
from evtx_file import CHUNK, HEADER, Moment, Row, log

from converter.diagnostics import Diagnostic
from converter.engine.sources.files import batches

pytest.importorskip("evtx", reason="evtx is in the extra evtx")

CHANNEL = "Microsoft-Windows-Sysmon/Operational"
RULE = """[metadata]
maturity = "production"
[rule]
name = "A shell"
rule_id = "00000000-0000-4000-8000-000000000001"
type = "query"
language = "kuery"
index = ["logs-windows.sysmon_operational-*"]
query = "event.code : 1 and process.executable : *cmd.exe"
"""


def row(number: int) -> dict[str, list[tuple[str, object]]]:
    """A record as Sysmon writes it."""
    return {
        "System": [
            ("Provider", {"Name": "Microsoft-Windows-Sysmon", "Guid": "{1}"}),
            ("EventID", "1"),
            ("TimeCreated", {"SystemTime": "2026-03-02T08:00:00.000Z"}),
            ("Channel", CHANNEL),
        ],
        "EventData": [("Image", "C:\\Windows\\System32\\cmd.exe"), ("ProcessId", str(number))],
    }


def read(path: Path) -> tuple[list[dict[str, object]], list[str]]:
    said: list[Diagnostic] = []
    found = [event for batch in batches(str(path), said.append) for event in batch.events]
    return found, [f"{one.code}: {one.message}" for one in said]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A log of two chunks with two records and one."""
    path = tmp_path / "events.evtx"
    path.write_bytes(log([row(0), row(1)], [row(2)]))
    return path


def test_records_in_their_order(whole: Path) -> None:
    found, said = read(whole)
    assert said == []
    assert [event["ProcessId"] for event in found] == ["0", "1", "2"]
    assert found[1] == {
        "@timestamp": "2026-03-02T08:00:01Z",
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Provider_Guid": "{1}",
        "EventID": "1",
        "SystemTime": "2026-03-02T08:00:00.000Z",
        "Channel": CHANNEL,
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "ProcessId": "1",
    }


def typed_row(number: int) -> dict[str, list[tuple[str, object]]]:
    """A record as Windows keeps it: numbers and moments by their types, an id with an attribute."""
    return {
        "System": [
            ("Provider", {"Name": "Service Control Manager", "Guid": "{2}"}),
            ("EventID", {"Qualifiers": 16384, "": 7036}),
            ("TimeCreated", {"SystemTime": Moment(1_772_438_400_000 + number)}),
            ("Channel", "System"),
        ],
        "EventData": [("param1", f"Service {number}"), ("State", 4)],
    }


def test_records_by_templates_as_windows_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "events.evtx"
    other: Row = {
        "System": typed_row(0)["System"],
        "UserData": [("Logged", [("Account", "SYSTEM")])],
    }
    unnamed: Row = {"System": typed_row(0)["System"], "EventData": [("", "first"), ("", "second")]}
    path.write_bytes(log([typed_row(0), typed_row(1), other], [unnamed, typed_row(2)], templates=True))
    found, said = read(path)
    assert said == []
    assert found[1] == {
        "@timestamp": "2026-03-02T08:00:01Z",
        "Provider_Name": "Service Control Manager",
        "Provider_Guid": "{2}",
        "EventID": 7036,
        "SystemTime": "2026-03-02T08:00:00.001000Z",
        "Channel": "System",
        "param1": "Service 1",
        "State": 4,
    }
    assert (found[2]["EventID"], found[2]["Account"]) == (7036, "SYSTEM")
    assert found[3]["Data"] == ["first", "second"]
    assert found[4]["param1"] == "Service 2"


@pytest.mark.parametrize(
    ("size", "count"), [(HEADER + 900, 0), (HEADER + CHUNK, 2), (HEADER + CHUNK + 700, 2), (HEADER + 2 * CHUNK - 1, 2)]
)
def test_error_a_log_that_is_cut_off_is_told_after_what_it_held(whole: Path, size: int, count: int) -> None:
    whole.write_bytes(whole.read_bytes()[:size])
    found, said = read(whole)
    assert len(found) == count
    assert said == [f"V002: the event log is cut off: its header tells of 135,168 bytes, it has {size:,}"]


def test_error_a_header_that_is_cut_off(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:100])
    found, said = read(whole)
    assert found == []
    assert [one.partition(" be read: ")[0] for one in said] == ["V002: the event log cannot"]


@pytest.mark.parametrize(("place", "count"), [(HEADER + 512 + 60, 2), (HEADER, 1)])
def test_error_a_broken_record_or_chunk_stops_no_other(whole: Path, place: int, count: int) -> None:
    data = bytearray(whole.read_bytes())
    data[place : place + 30] = b"\xff" * 30
    whole.write_bytes(data)
    found, said = read(whole)
    assert len(found) == count
    assert [one.partition(" be read: ")[0] for one in said] == ["V001: a record cannot"]


def test_rules_over_a_log_and_over_one_in_a_pipe(whole: Path) -> None:
    rules = whole.with_name("rule.toml")
    rules.write_text(RULE)
    command = ("evaluate", str(rules), "--source", "windows.sysmon", "--events")
    done = run(*command, str(whole))
    assert (done.code, done.err.splitlines()[-1].partition(";")[0]) == (0, "3 events, 3 alerts of 1 rule")
    assert [json.loads(line)["rule"]["name"] for line in done.out.splitlines()] == ["A shell"] * 3
    piped = run(*command, "-", stdin=whole.read_bytes())
    assert (piped.code, len(piped.out.splitlines())) == (0, 3)
    whole.write_bytes(whole.read_bytes()[: HEADER + CHUNK])
    cut = run(*command, str(whole))
    assert (cut.code, len(cut.out.splitlines())) == (1, 2)
