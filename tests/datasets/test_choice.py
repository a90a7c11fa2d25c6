"""Which place a rule is bound to: one that holds what it asks for, by the words that it names."""

from __future__ import annotations

import pytest

import converter
from converter.datasets.choice.index import indices, is_plain, meet
from converter.diagnostics import Severity

RULE = """
[rule]
name = "Case"
description = "d"
severity = "low"
risk_score = 21
rule_id = "0f0f0f0f-0000-4000-8000-0000000000aa"
index = {index}
type = "{type}"
language = "{language}"
query = '''
{query}
'''
"""
DEFAULT = ("apm-*-transaction*", "auditbeat-*", "endgame-*", "filebeat-*", "logs-*", "packetbeat-*", "traces-apm*",
           "winlogbeat-*", "-*elastic-cloud-logs-*")  # fmt: skip


def convert(query: str, *index: str, language: str = "kuery", to: str = "splunk") -> converter.Artifact:
    kind = "eql" if language == "eql" else "query"
    names = str(list(index)).replace("'", '"')
    text = RULE.format(index=names, type=kind, language=language, query=query)
    return converter.convert(converter.parse_rule(text), to=to)


@pytest.mark.parametrize(
    ("patterns", "read"),
    [
        (["hq:logs-system.security-*", "*:winlogbeat-*"], ("logs-system.security-*", "winlogbeat-*")),
        ([".ds-logs-system.security-default-2026.01.01-000001"], ("logs-system.security-default",)),
        ([".ds-logs-*", "partial-.ds-logs-x.y-default-2026.*"], ("logs-*", "logs-x.y-default")),
        (["logs-*,-*elastic-cloud-logs-*"], ("logs-*",)),
    ],
)
def test_patterns_are_read_as_streams(patterns: list[str], read: tuple[str, ...]) -> None:
    assert indices(patterns) == read


@pytest.mark.parametrize(
    ("own", "theirs", "met", "plain"),
    [
        ("filebeat-*", "filebeat-*", True, True),
        ("filebeat-*", "filebeat-8.14.0", True, True),
        ("filebeat-*", "filebeat-orders-*", False, True),
        ("filebeat-*", "*", True, False),
        ("logs-a.b-*", "logs-a*", True, True),
        ("logs-a.b-*", "logs-*", True, False),
        ("logs-a.b-*", "logs-a.c-*", False, True),
    ],
)
def test_pattern_names_a_data_set(own: str, theirs: str, met: bool, plain: bool) -> None:
    assert meet(own, theirs) is met
    assert is_plain(own, theirs) is plain


@pytest.mark.parametrize(
    ("query", "index", "dataset"),
    [
        ('event.code: "4720" and winlog.event_data.SamAccountName: *svc*', ("winlogbeat-*",), "windows.security"),
        ('event.code: "4688" and process.name: "whoami.exe"', DEFAULT, "windows.security"),
        ('event.action: "audit-log-cleared"', DEFAULT, "windows.security"),
        ('event.code: "4104" and message: "ToCharArray"', ("logs-*",), "windows.powershell_operational"),
        (
            'event.code: "4624" and winlog.event_data.LogonType: "10"',
            (".ds-logs-system.security-*",),
            "windows.security",
        ),
        ('event.code: "8" and winlog.event_data.SourceImage: *', DEFAULT, "windows.sysmon"),
        ('okta.event_type: "user.session.start"', ("logs-*",), "okta.system"),
        ('event.provider: "iam.amazonaws.com" and event.action: "CreateUser"', DEFAULT, "aws.cloudtrail"),
        ('event.provider: "iam.amazonaws.com"', ("logs-aws*",), "aws.cloudtrail"),
    ],
)
def test_rule_is_bound_to_the_log_that_holds_its_events(query: str, index: tuple[str, ...], dataset: str) -> None:
    artifact = convert(query, *index)
    assert artifact.status != "refused", artifact.diagnostics
    assert artifact.dataset == dataset


@pytest.mark.parametrize("to", ["splunk", "sentinel", "sigma"])
def test_events_of_a_log_without_table_are_not_looked_for_elsewhere(to: str) -> None:
    artifact = convert(
        'event.code: "12288" and winlog.channel: "Key Management Service"', "logs-*", "winlogbeat-*", to=to
    )
    assert artifact.dataset == ""
    assert {d.code for d in artifact.diagnostics if d.severity is Severity.WARNING} >= {"M010"}
    assert artifact.status == "approximate"


@pytest.mark.parametrize("query", ['event.code: "7045"', 'winlog.channel: "System" and user.name: x'])
def test_error_log_that_cannot_hold_the_events(query: str) -> None:
    artifact = convert(query, "logs-system.security-*")
    assert artifact.status == "refused"
    assert [d.code for d in artifact.diagnostics if d.severity is Severity.ERROR] == ["M012"]


def test_event_ids_of_two_logs_are_looked_for_in_both() -> None:
    artifact = convert('event.code: ("1" or "4688") and process.name: "whoami.exe"', "winlogbeat-*")
    assert artifact.status == "exact", artifact.diagnostics
    assert artifact.dataset == "windows.sysmon.process, windows.security"


def test_event_ids_that_no_log_records_are_said() -> None:
    artifact = convert('event.code: ("4624" or "7045") and user.name: x', "winlogbeat-*")
    assert artifact.status == "approximate"
    assert [d.severity for d in artifact.diagnostics if d.code == "M026"] == [Severity.WARNING]


def test_own_index_that_begins_like_a_shippers_is_no_shippers() -> None:
    artifact = convert("request_uri: *onerror=*", "filebeat-nginx-access-*")
    assert artifact.dataset == ""
    assert artifact.status == "approximate"


def test_data_set_beside_a_known_one_is_not_taken_for_it() -> None:
    assert convert("event.action: x", "logs-aws.guardduty-*").dataset == ""
    assert convert("event.action: x", "logs-azure.*").dataset


SHELL = 'process where event.type == "start" and process.name in ("bash", "sh") and process.command_line : "*sudoers*"'


def test_rule_without_system_is_looked_for_on_all_of_them() -> None:
    artifact = convert(SHELL, "logs-endpoint.events.*", "auditbeat-*", language="eql")
    assert artifact.dataset
    assert {"endpoint.process.windows", "endpoint.process.linux", "endpoint.process.macos"} <= set(
        artifact.dataset.split(", ")
    )


def test_sequence_without_system_says_which_are_left_out() -> None:
    steps = f"sequence by host.id [{SHELL}] [{SHELL}]"
    artifact = convert(steps, "logs-endpoint.events.*", language="eql")
    (said,) = (d.message for d in artifact.diagnostics if d.code == "M026")
    assert said.endswith("the artifact lacks the events of linux, macos")
    assert artifact.status == "approximate"


def test_other_data_set_with_other_events_makes_an_artifact_approximate() -> None:
    both = convert("source.ip: 10.0.0.1", "logs-network_traffic.flow-*", "logs-okta.system-*")
    assert [d.severity for d in both.diagnostics if d.code == "M024"] == [Severity.WARNING]
    sensors = convert(
        'process.name: "x.exe" and event.category: process and host.os.type: windows',
        "logs-endpoint.events.process-*", "logs-windows.sysmon_operational-*",
    )  # fmt: skip
    assert [d.severity for d in sensors.diagnostics if d.code == "M024"] == [Severity.NOTE]


def test_refusal_names_the_place_that_could_hold_the_events() -> None:
    query = 'process where host.os.type == "linux" and event.type == "start" and process.env_vars : "LD_PRELOAD*"'
    artifact = convert(query, "logs-endpoint.events.process-*", language="eql")
    (said,) = (d.message for d in artifact.diagnostics if d.severity is Severity.ERROR)
    assert "sysmon_linux (" in said


_STARTED = 'process where host.os.type == "linux" and event.type == "start" and process.name == "nc" and '


@pytest.mark.parametrize(("to", "place"), [("splunk", "kube:container:falco"), ("sentinel", "CloudProcessEvents")])
def test_what_asks_for_processes_of_containers_is_bound_to_a_sensor_of_containers(to: str, place: str) -> None:
    asked = 'process.entry_leader.entry_meta.type == "container"'
    found = convert(_STARTED + asked, "logs-endpoint.events.process*", language="eql", to=to)
    assert str(found.status) == "approximate"
    assert place in found.text


@pytest.mark.parametrize("to", ["splunk", "sentinel"])
@pytest.mark.parametrize(
    "asked",
    [
        'process.entry_leader.entry_meta.type == "sshd"',
        "process.interactive == true",
        '(process.entry_leader.entry_meta.type == "container" or process.parent.name == "runc")',
        'process.entry_leader.entry_meta.type != "container"',
    ],
)
def test_what_does_not_ask_for_containers_alone_is_not(to: str, asked: str) -> None:
    native = converter.convert(
        converter.parse_rule(
            RULE.format(index='["logs-endpoint.events.process*"]', type="eql", language="eql", query=_STARTED + asked)
        ),
        to=to,
        fields="native",
    )
    assert "falco" not in native.text
    assert "CloudProcessEvents" not in native.text
    assert str(native.status) == "refused"


@pytest.mark.parametrize(
    ("dataset", "splunk", "sentinel"),
    [
        ("m365_defender.alert", "ms365:defender:incident:alerts", "AlertInfo"),
        ("m365_defender.incident", "ms365:defender:incident", 'ProviderName in ("Microsoft XDR"'),
        ("microsoft_sentinel.alert", "", "SecurityAlert"),
        ("sentinel_one.threat", "sentinelone:channel:threats", "SentinelOneThreats_CL"),
        ("splunk.alert", "index=notable", ""),
        ("google_workspace.alert", "gws:alerts", ""),
    ],
)
def test_alerts_of_other_products_are_theirs_and_never_exactly_elastics(
    dataset: str, splunk: str, sentinel: str
) -> None:
    for to, place in (("splunk", splunk), ("sentinel", sentinel)):
        query = f"event.kind: alert and data_stream.dataset: {dataset}"
        text = RULE.format(index=f'["logs-{dataset}-*"]', type="query", language="kuery", query=query)
        found = converter.convert(converter.parse_rule(text), to=to, fields="native")
        assert str(found.status) == ("approximate" if place else "refused")
        assert place in found.text


def test_the_code_of_a_cyberark_record_is_the_class_of_its_event() -> None:
    query = "data_stream.dataset: cyberarkpas.audit and event.code: (4 or 295) and not event.type: error"
    splunk, sentinel = (convert(query, "logs-cyberarkpas.audit*", to=to) for to in ("splunk", "sentinel"))
    assert "signature_id IN (4, 295) NOT severity_id=7" in splunk.text
    assert 'DeviceVendor == "Cyber-Ark"' in sentinel.text
    assert 'DeviceEventClassID in ("4", "295")' in sentinel.text
    assert {str(splunk.status), str(sentinel.status)} == {"approximate"}


_MADE = 'file where host.os.type == "windows" and event.type == "creation" and '


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ('file.extension == "exe"', "EventCode=11", "exact"),
        ('file.Ext.header_bytes : "4d5a*"', "EventCode=29", "approximate"),
        ('(file.Ext.header_bytes : "4d5a*" or file.extension == "exe")', "EventCode=29", "approximate"),
        ('file.Ext.header_bytes : "504b0304*"', "", "refused"),
        ("file.size > 10", "", "refused"),
    ],
)
def test_what_asks_for_executables_is_bound_to_sysmons_event_of_them(asked: str, code: str, status: str) -> None:
    text = RULE.format(index='["logs-endpoint.events.file-*"]', type="eql", language="eql", query=_MADE + asked)
    found = converter.convert(converter.parse_rule(text), to="splunk", fields="native")
    assert str(found.status) == status
    assert code in found.text
