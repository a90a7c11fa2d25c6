"""What a place says of its columns (`missing`, `lowered`), and records that are prepared before any condition."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from pairs import probe_rule, table_named

import converter
from converter.datasets.reading.columns import read_columns
from converter.diagnostics import Severity
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.spl import run as spl

AUDIT = (
    (
        "type=SYSCALL msg=audit(1723035666.627:3663): arch=c000003e syscall=59 success=yes exit=0 a0=556a a1=556b a2=556c "
        'a3=0 items=2 ppid=1300 pid=1301 auid=1000 uid=1000 gid=0 euid=0 egid=0 tty=pts1 ses=1 comm="bash" exe="/tmp/bash" '
        'key="x" SYSCALL=execve UID="ubuntu"'
    ),
    'type=EXECVE msg=audit(1723035666.627:3663): argc=3 a0="bash" a1="-p" a2=6563686F2068',
    'type=CWD msg=audit(1723035666.627:3663): cwd="/root"',
    (
        "type=SYSCALL msg=audit(1723035670.001:3664): arch=c000003e syscall=42 success=no exit=-111 a0=3 a1=7f a2=10 a3=0 "
        'ppid=1 pid=7 auid=1000 uid=0 gid=0 euid=0 egid=0 tty=(none) ses=1 comm="curl" exe="/usr/bin/curl" SYSCALL=connect'
    ),
    "type=SOCKADDR msg=audit(1723035670.001:3664): saddr=020001BBC63364070000000000000000",
)


def artifact(table: str, query: str, target: str, place: str) -> converter.Artifact:
    rule = probe_rule(table_named(table), query)
    return converter.convert(rule, to=target, fields="native", source=f"{table}/{place}", bare=True, inline_macros=True)


def sysmon(query: str) -> list[str]:
    """The images of two events, one of a process without a known parent, that a query finds on Splunk."""
    events = [
        {"EventCode": "1", "Image": "/usr/bin/a", "ParentImage": "-", "parent_process_name": "-"},
        {"EventCode": "1", "Image": "/usr/bin/b", "ParentImage": "/usr/bin/x-y", "parent_process_name": "x-y"},
    ]
    found = artifact("endpoint.process.linux", query, "splunk", "sysmon_linux")
    rows = spl.run(found.text, [{**e, "sourcetype": "sysmon:linux"} for e in events], raw_json=True)
    return [str(row["Image"])[-1] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("process.parent.executable: *", ["b"]),
        ("not process.parent.executable: *", ["a"]),
        ("process.parent.executable: *-*", ["b"]),
        ("not process.parent.executable: *-*", ["a"]),
        ('not process.parent.executable: "/usr/bin/x-y"', ["a"]),
    ],
)
def test_dash_is_no_value_where_the_place_says_so(query: str, found: list[str]) -> None:
    assert sysmon(query) == found


def test_dash_asked_for_as_a_value_is_never_found() -> None:
    found = artifact("endpoint.process.linux", 'process.parent.executable: "-"', "splunk", "sysmon_linux")
    assert [d.code for d in found.diagnostics if d.severity is Severity.ERROR] == ["M012"]


def test_lower_case_column_is_compared_without_regard_to_case() -> None:
    found = artifact(
        "endpoint.process.macos",
        'process.parent.executable: "/Applications/A.app/Contents/MacOS/A"',
        "sentinel",
        "DeviceProcessEvents",
    )
    assert found.status == "exact"
    assert [d.severity for d in found.diagnostics if d.code == "M025"] == [Severity.NOTE]
    columns = read_columns()
    event = {
        "DeviceId": "d",
        "ActionType": "ProcessCreated",
        "InitiatingProcessFolderPath": "/applications/a.app/contents/macos/a",
    }
    tables = {
        "DeviceProcessEvents": kusto.Table(columns["DeviceProcessEvents"], [event, {**event, "DeviceId": "linux"}]),
        "DeviceInfo": kusto.Table(
            {"TimeGenerated": "datetime", "DeviceId": "string", "OSPlatform": "string"},
            [
                {"TimeGenerated": "2024-06-01T10:00:00Z", "DeviceId": "d", "OSPlatform": "macOS"},
                {"TimeGenerated": "2024-06-01T10:00:00Z", "DeviceId": "linux", "OSPlatform": "Linux"},
            ],
        ),
    }  # fmt: skip
    now = datetime(2024, 6, 2, tzinfo=UTC)
    assert [row["DeviceId"] for row in kusto.run(found.text, tables, now=now)] == ["d"]


def splunk_record(line: str) -> dict[str, object]:
    """A record with the fields that the add-on extracts."""
    row: dict[str, object] = {"_raw": line, "sourcetype": "linux:audit", "host": "h", "_time": 1}
    for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line):
        row.setdefault(key, quoted or plain)
    return row


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('event.action: executed and process.args: "-p"', ["bash"]),
        ('process.args: "echo h"', ["bash"]),
        ('process.command_line: "bash -p echo h" and process.working_directory: "/root"', ["bash"]),
        ("event.category: network and event.outcome: failure", ["curl"]),
        ("auditd.data.a0: 3 and auditd.data.syscall: connect", ["curl"]),
        ('event.type: start and user.id: "0"', ["curl"]),
        ("not process.args: *", ["curl"]),
        ("process.args_count: 3 and user.effective.id: 0", ["bash"]),
        ('destination.ip: "198.51.100.7" and destination.port: 443', ["curl"]),
        ("auditd.data.socket.family: ipv4", ["curl"]),
        ("event.action: executed and not destination.ip: *", ["bash"]),
        ("event.action: (exec or start)", []),
    ],
)
def test_audit_records_are_joined_before_any_condition(query: str, names: list[str]) -> None:
    found = artifact("auditd_manager.auditd", query, "splunk", "audit")
    rows = spl.run(found.text, [splunk_record(line) for line in AUDIT], raw_json=True) if names else []
    assert [row["comm"] for row in rows] == names
    found = artifact("auditd_manager.auditd", query, "sentinel", "Syslog")
    if not names:
        assert any(d.code == "M012" for d in found.diagnostics)
        return
    lines = [{"TimeGenerated": "2024-08-07T13:01:06Z", "Computer": "h", "SyslogMessage": line} for line in AUDIT]
    rows = kusto.run(found.text, {"Syslog": kusto.Table(read_columns()["Syslog"], lines)})
    assert [row["comm"] for row in rows] == names
