"""Rows and events as platforms really hold them: what ideal rows had hidden, kind by kind.

Each condition is Elastic's, each row the platform's own; whether it must be found is what Elastic's document of the
same event would say.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping

import evidence
import pytest
from pairs import Setting, hits, probe_rule, table_named
from shared import needs_shared

import converter
from converter.datasets.choice.bind import bind
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.load import builtin_tables
from converter.datasets.reading.table import Counterpart, Status
from converter.diagnostics import Severity
from converter.model.rule import Sequence as Steps

pytestmark = needs_shared

Row = Mapping[str, object]


@functools.cache
def sentinel_rows(table: str) -> tuple[Row, ...]:
    """Real rows of a Sentinel table; the records that Defender XDR streams have the same columns."""
    found = [row["row"] for name in evidence._FILES[:2] for row in evidence._read(name) if row["table"] == table]
    for event in evidence._read(evidence._FILES[2]):
        raw = event["raw"]
        whole = json.loads(raw) if isinstance(raw, str) and f"AdvancedHunting-{table}" in raw else None
        if isinstance(whole, dict) and whole.get("category") == f"AdvancedHunting-{table}":
            found.append(whole["properties"])
    known = set(read_columns()[table]) - {"TimeGenerated"}
    return tuple({k: v for k, v in row.items() if k in known} for row in found if isinstance(row, dict))


@functools.cache
def splunk_events(channel: str) -> tuple[Row, ...]:
    """Real events of a Windows log with the fields that the add-ons cut out of their XML, as it is written."""
    found = []
    for event in evidence._read(evidence._FILES[2]):
        raw = str(event["raw"])
        log, code = re.search(r"<Channel>([^<]+)<", raw), re.search(r"<EventID[^>]*>(\d+)<", raw)
        if log and code and log[1] == channel:
            data = dict(re.findall(r"""<Data Name=['"](\w+)['"]>([^<]+)<""", raw))
            computer = re.search(r"<Computer>([^<]+)<", raw)
            keywords = re.search(r"<Keywords>([^<]+)<", raw)
            found.append(
                {
                    **data,
                    "EventCode": code[1],
                    "Channel": channel,
                    "Computer": computer[1] if computer else "c",
                    "Keywords": keywords[1] if keywords else "",
                }
            )
    return tuple(found)


def test_the_agent_of_splunk_writes_accounts_for_sids() -> None:
    rows = splunk_events("Security")
    found = hits("windows.security", "splunk", "security", 'winlog.event_data.SubjectUserSid: "S-1-5-18"', rows)
    wanted = [row for row in rows if row.get("SubjectUserSid") in ("S-1-5-18", r"NT AUTHORITY\SYSTEM")]
    assert found == wanted
    assert any(row["SubjectUserSid"] == r"NT AUTHORITY\SYSTEM" for row in wanted)
    nobody = hits("windows.security", "splunk", "security", 'winlog.event_data.TargetUserSid: "S-1-0-0"', rows)
    assert nobody == [row for row in rows if row.get("TargetUserSid") in ("S-1-0-0", "NULL SID")]
    assert nobody
    label = hits("windows.security", "splunk", "security", 'winlog.event_data.MandatoryLabel: "S-1-16-16384"', rows)
    assert [row["MandatoryLabel"] for row in label] == [r"Mandatory Label\System Mandatory Level"] * len(label) != []


def test_accounts_of_a_domain_are_approximated_by_names() -> None:
    query = "winlog.event_data.SubjectUserSid: S-1-5-21-* and event.code: 4625"
    artifact = converter.convert(
        probe_rule(table_named("windows.security"), query), to="splunk", fields="native", source="windows.security"
    )
    assert [d.code for d in artifact.diagnostics if d.severity is Severity.WARNING] == ["M016"]


def test_entities_of_xml_stay_in_command_lines_of_splunk() -> None:
    rows = splunk_events("Microsoft-Windows-Sysmon/Operational")
    marked = [row for row in rows if "&amp;" in str(row.get("CommandLine")) and row["EventCode"] == "1"]
    assert marked
    plain = [row for row in rows if row["EventCode"] == "1" and "&" not in str(row.get("CommandLine"))]
    place = ("endpoint.process.windows", "splunk", "sysmon")
    assert hits(*place, "process.command_line: *&*", [*marked, *plain]) == marked
    assert hits(*place, "process.command_line: *&amp*", [*marked, *plain]) == []
    assert hits(*place, "process.command_line: *amp;*", [*marked, *plain]) == []
    assert hits(*place, "process.args: &", [*marked, *plain]) == []  # it stands inside a quoted argument
    assert hits(*place, "process.command_line: *sam* and not process.command_line: *;*", marked) == marked


def test_names_of_acting_processes_are_in_lower_case_for_the_most_part() -> None:
    rows = [r for r in sentinel_rows("DeviceImageLoadEvents") if r.get("InitiatingProcessFileName")]
    defender = [r for r in rows if r["InitiatingProcessFileName"] == "msmpeng.exe"]
    assert defender
    place = ("endpoint.library.windows", "sentinel", "DeviceImageLoadEvents")
    assert hits(*place, 'process.name: "MsMpEng.exe"', rows) == defender
    system = [r for r in rows if r.get("InitiatingProcessAccountDomain") == "nt authority"]
    assert hits(*place, 'user.domain: "NT AUTHORITY"', rows) == system != []


def test_an_account_sid_does_not_mean_windows() -> None:
    rows = sentinel_rows("DeviceProcessEvents")
    posix = [r for r in rows if str(r["FolderPath"]).startswith("/")]
    assert posix
    assert all(r["InitiatingProcessAccountSid"] for r in posix)
    place = ("endpoint.process.windows", "sentinel", "DeviceProcessEvents")
    assert hits(*place, "host.os.type: windows", rows) == [r for r in rows if r not in posix]


def test_the_parent_of_a_program_that_replaced_another_is_the_process_before() -> None:
    rows = [r for r in sentinel_rows("DeviceProcessEvents") if str(r["FolderPath"]).startswith("/")]
    (row,) = [r for r in rows if r["ProcessId"] == r["InitiatingProcessId"]]
    place = next(p for p in table_named("endpoint.process.macos").places["sentinel"] if p.name == "DeviceProcessEvents")
    expression = table_named("endpoint.process.macos").entries["process.parent.pid"].places["sentinel"][place.name].to
    assert expression.startswith("iff(InitiatingProcessId == ProcessId, InitiatingProcessParentId")
    assert row["InitiatingProcessParentId"] != row["ProcessId"]


def test_values_of_events_that_security_event_keeps_as_xml() -> None:
    rows = [r for r in sentinel_rows("SecurityEvent") if r.get("EventID") in (4656, 4663)]
    asked = [r for r in rows if r["EventID"] == 4656 and "Winlogon" in str(r["EventData"])]
    assert asked
    assert all("ObjectName" not in r for r in asked)
    query = "event.code: 4656 and winlog.event_data.ObjectName: *Winlogon"
    rule = probe_rule(table_named("windows.security"), query)
    bound = converter.convert(rule, to="sentinel", fields="native", bare=True, source="windows.security")
    assert "EventID in (4656, 5156, 5158)" in bound.text
    assert Setting("windows.security", "sentinel", "SecurityEventXml").hits(bound, rows) == {
        number for number, row in enumerate(rows) if row in asked
    }
    user = "event.code: 4656 and winlog.event_data.SubjectUserSid: S-1-5-18"
    found = hits("windows.security", "sentinel", "SecurityEventXml", user, rows)
    assert found == [r for r in rows if r["EventID"] == 4656 and ">S-1-5-18<" in str(r["EventData"])] != []


def test_outcome_where_the_agent_leaves_keywords_out() -> None:
    rows = sentinel_rows("SecurityEvent")
    assert not any(row.get("Keywords") for row in rows)
    logons = [row for row in rows if row["EventID"] == 4624]
    query = "event.code: 4624 and event.outcome: success"
    assert hits("windows.security", "sentinel", "SecurityEvent", query, rows) == logons != []
    assert hits("windows.security", "sentinel", "SecurityEvent", "event.outcome: failure", rows) == []


@pytest.mark.parametrize(
    ("path", "key", "name", "found"),
    [
        (r"HKU\S-1-5-21-*\Software\Run\x", r"HKEY_CURRENT_USER\S-1-5-21-1-2-3-500\Software\Run", "x", True),
        (r"HKU\*\Software\Run\x", r"HKEY_CURRENT_USER\S-1-5-21-1-2-3-500\Software\Run", "x", True),
        (r"HKEY_USERS\S-1-5-21-*\Software\Run\x", r"HKEY_CURRENT_USER\S-1-5-21-1-2-3-500\Software\Run", "x", True),
        (r"HKEY_USERS\*\Software\Run\x", r"HKEY_USERS\.DEFAULT\Software\Run", "x", True),
        (r"HKU\.DEFAULT\Software\Run\x", r"HKEY_USERS\.DEFAULT\Software\Run", "x", True),
        (r"HKU\.DEFAULT\Software\Run\x", r"HKEY_CURRENT_USER\S-1-5-21-1-2-3-500\Software\Run", "x", False),
        (r"HKLM\SAM\SAM\Domains\Account\Users\Names\*$" + "\\", r"HKEY_LOCAL_MACHINE\SAM\SAM\Domains\Account\Users\Names\a$", "(Default)", True),
        (r"HKLM\SAM\SAM\Domains\Account\Users\Names\*$" + "\\", r"HKEY_LOCAL_MACHINE\SAM\SAM\Domains\Account\Users\Names\a$", "", True),
        (r"HKLM\SAM\SAM\Domains\Account\Users\Names\*$" + "\\", r"HKEY_LOCAL_MACHINE\SAM\SAM\Domains\Account\Users\Names\a$", "x", False),
    ],
)  # fmt: skip
def test_hives_of_users_and_default_values_on_defender(path: str, key: str, name: str, *, found: bool) -> None:
    row = {"ActionType": "RegistryValueSet", "RegistryKey": key, "RegistryValueName": name, "RegistryValueData": "1"}
    escaped = path.replace("\\", "\\\\")
    rule = f'registry where registry.path : "{escaped}"'
    artifact = converter.convert(_eql("endpoint.registry.windows", rule), to="sentinel", fields="native", bare=True)
    hit = Setting("endpoint.registry.windows", "sentinel", "DeviceRegistryEvents").hits(artifact, [row])
    assert hit == ({0} if found else set())


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (r"HKLM\SAM\SAM\Domains\Account\Users\Names\a$\(Default)", True),
        (r"HKLM\SAM\SAM\Domains\Account\Users\Names\a$\x", False),
    ],
)
def test_default_values_of_sysmon(target: str, *, found: bool) -> None:
    row = {"EventCode": "13", "EventType": "SetValue", "TargetObject": target, "Details": "1"}
    rule = r'registry where registry.path : "HKLM\\SAM\\SAM\\Domains\\Account\\Users\\Names\\*$\\"'
    artifact = converter.convert(_eql("endpoint.registry.windows", rule), to="splunk", fields="native", bare=True)
    hit = Setting("endpoint.registry.windows", "splunk", "sysmon").hits(artifact, [row])
    assert hit == ({0} if found else set())


def _eql(table: str, query: str) -> converter.Rule:
    text = _RULE.format(index=json.dumps(list(table_named(table).selector.index)), query=json.dumps(query))
    return converter.parse_rule(text)


_RULE = """
[metadata]
creation_date = "2024/01/01"
integration = ["endpoint"]
maturity = "production"
updated_date = "2024/01/01"
[rule]
author = ["t"]
description = "d"
index = {index}
language = "eql"
license = "Apache-2.0"
name = "Probe"
risk_score = 21
rule_id = "11111111-1111-4111-8111-111111111111"
severity = "low"
type = "eql"
query = {query}
"""


@pytest.mark.parametrize("table", ["endpoint.process.linux", "endpoint.file.linux", "endpoint.network.linux"])
def test_the_host_of_a_streamed_event_is_the_device(table: str) -> None:
    query = f'sequence by host.id with maxspan=1m [{table.split(".")[1]} where process.name == "a"] [{table.split(".")[1]} where process.name == "b"]'
    rule = _eql(table, query)
    bound = bind(rule, "splunk", "native", tables=builtin(), source=f"{table}/defender")
    assert isinstance(bound.rule.detection, Steps)
    keys = {key.field.way.text for step in bound.rule.detection.steps for key in step.by if key.field.way}
    assert keys == {"properties.DeviceId"}


def _case_of(part: Counterpart) -> str:
    text = part.to.lower()
    return "lower" if "lower(" in text else "as it is"


def test_keys_that_join_tables_of_a_family_are_in_one_case() -> None:
    """What joins the events of two tables is written by one function on both sides."""
    seen: dict[tuple[str, ...], set[str]] = {}
    for table in builtin_tables():
        for path, entry in table.entries.items():
            if not path.endswith(("entity_id", "host.id", "agent.id")):
                continue
            for platform, parts in entry.places.items():
                for place, part in parts.items():
                    if part.status in (Status.KEY, Status.EXACT, Status.EXPR) and "Guid" in part.to:
                        seen.setdefault((table.family, platform, place, path.rpartition(".")[2]), set()).add(
                            _case_of(part)
                        )
    assert len(seen) > 5
    assert {key: cases for key, cases in seen.items() if len(cases) > 1} == {}
