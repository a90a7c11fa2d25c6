"""What several refused rules asked for together: columns and tables that platforms have, row by row."""

from __future__ import annotations

import json

import pytest
from pairs import hits, table_named

import converter
from converter.datasets.reading.table import Status
from converter.diagnostics import Severity

RULE = """
[rule]
name = "Kind"
description = "d"
severity = "low"
risk_score = 21
rule_id = "0f0f0f0f-0000-4000-8000-0000000000ac"
index = {index}
type = "{type}"
language = "{language}"
query = '''{query}'''
{more}
"""


def rule(query: str, *index: str, kind: str = "eql", more: str = "") -> converter.Rule:
    language = "kuery" if kind in ("query", "threat_match") else kind
    text = RULE.format(index=json.dumps(list(index)), type=kind, language=language, query=query, more=more)
    return converter.parse_rule(text)


@pytest.mark.parametrize("platform", ["splunk", "sentinel"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*", [1, 2]),
        ('"New Device"', [1, 2]),
        ("Velocity", [1]),
        ('"New IP"', []),
    ],
)
def test_behaviours_of_a_login_that_okta_calls_positive(platform: str, query: str, found: list[int]) -> None:
    texts = (
        "{New Device=NEGATIVE, New IP=NEGATIVE}",
        "{New Device=POSITIVE, New IP=NEGATIVE, Velocity=POSITIVE}",
        "{New IP=UNKNOWN, New Device=POSITIVE}",
    )
    places: dict[str, tuple[str, list[dict[str, object]]]] = {
        "splunk": ("system_log", [{"debugContext": {"debugData": {"behaviors": text}}} for text in texts]),
        "sentinel": ("OktaV2_CL", [{"DebugData": json.dumps({"behaviors": text})} for text in texts]),
    }
    place, rows = places[platform]
    asked = f"okta.debug_context.debug_data.risk_behaviors: {query}"
    assert hits("okta.system", platform, place, asked, rows) == [rows[i] for i in found]


def test_sessions_of_the_console_are_told_by_their_user_agent() -> None:
    agents = {"aws-cli/2.13.0": False, "AWS Internal": True, "Mozilla/5.0 (X11)": True, "S3Console/0.4": True,
              "console.ec2.amazonaws.com": True, "Boto3/1.26": False}  # fmt: skip
    rows = [{"EventName": "x", "UserAgent": agent} for agent in agents]
    asked = 'not aws.cloudtrail.session_credential_from_console: "true"'
    found = hits("aws.cloudtrail", "sentinel", "AWSCloudTrail", asked, rows)
    assert [row["UserAgent"] for row in found] == [agent for agent, console in agents.items() if not console]
    bound = converter.convert(rule(asked, "logs-aws.cloudtrail-*", kind="query"), to="sentinel", fields="native")
    assert [d.code for d in bound.diagnostics if d.severity is Severity.WARNING] == ["M016"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("event.type: start", ["curl https://x"]),
        ("event.type: end", ["id"]),
        ("gcp.audit.labels.command.gke.io/command: *https*", ["curl https://x"]),
        ("event.action: io.k8s.core.v1.pods.exec.get and event.outcome: success", ["curl https://x", "id"]),
        ("gcp.audit.labels.cluster: c", ["id"]),
        ("service.name: compute.googleapis.com", []),
    ],
)
def test_the_audit_log_of_kubernetes_engine_keeps_labels_and_operations(query: str, found: list[str]) -> None:
    call = {"serviceName": "k8s.io", "methodName": "io.k8s.core.v1.pods.exec.get",
            "authorizationInfo": [{"granted": True, "permission": "p"}]}  # fmt: skip
    rows = [
        {"ProtoPayload": call, "Operation": {"first": True}, "Labels": {"command.gke.io/command": "curl https://x"}},
        {"ProtoPayload": call, "Operation": {"last": True}, "Labels": {"command.gke.io/command": "id", "cluster": "c"}},
        {"ProtoPayload": {**call, "serviceName": "compute.googleapis.com"}, "Operation": {"first": True}, "Labels": {}},
    ]
    query = f"data_stream.dataset: gcp.audit and {query}"
    if not found:
        bound = converter.convert(
            rule(query, "logs-gcp.audit-*", kind="query"), to="sentinel", fields="native", source="gcp.audit/GKEAudit"
        )
        assert bound.status == "refused"
        return
    made = hits("gcp.audit", "sentinel", "GKEAudit", query, rows)
    assert [row["Labels"]["command.gke.io/command"] for row in made] == found  # type: ignore[index]


def test_an_audit_rule_that_needs_no_label_stays_with_the_usual_table() -> None:
    plain = rule('service.name: "k8s.io" and event.outcome: success', "logs-gcp.audit-*", kind="query")
    assert converter.convert(plain, to="sentinel", fields="native").place == "GCPAuditLogs"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("process.code_signature.subject_name: *Microsoft*", ["UBF8T346G9"]),
        ('process.code_signature.subject_name: "Software Signing"', ["(APPLE)"]),
        ("not process.code_signature.subject_name: (*Mozilla* or *Google*)", ["UBF8T346G9", "(APPLE)", "other", None]),
        ("process.code_signature.subject_name: *Zscaler*", []),
    ],
)
def test_signers_of_programs_of_macos_are_told_by_their_team(query: str, found: list[object]) -> None:
    teams = ["UBF8T346G9", "(APPLE)", "EQHXZ8M8AV", "other", None]
    column = "InitiatingProcessVersionInfoCompanyName"
    rows = [
        {"category": "AdvancedHunting-DeviceNetworkEvents",
         "properties": {"ActionType": "ConnectionSuccess", "DeviceId": "d", "RemotePort": 443, column: team}}
        for team in teams
    ]  # fmt: skip
    asked = query if found else f"destination.port: 80 or {query}"
    made = hits("endpoint.network.macos", "splunk", "defender", asked, rows)
    assert [row["properties"][column] for row in made] == found  # type: ignore[index]


def test_elastics_own_programs_are_on_no_host_of_another_sensor() -> None:
    query = (
        'process where host.os.type == "macos" and event.type == "start" and process.name == "a" and not {} like "{}"'
    )
    for field in ("process.Ext.effective_parent.executable", "Effective_process.executable"):
        for path, status in (
            ("/Library/Elastic/Endpoint/elastic-endpoint", "approximate"),
            ("/Applications/x", "refused"),
        ):
            made = rule(query.format(field, path), "logs-endpoint.events.process-*")
            for to in ("splunk", "sentinel"):
                assert converter.convert(made, to=to, fields="native").status == status


def test_zip_archives_by_the_type_that_defender_makes_of_them() -> None:
    kinds = ["Zip", "PortableExecutable", None]
    rows = [{"ActionType": "FileCreated", "FileName": "a", "AdditionalFields": {"FileType": kind}} for kind in kinds]
    place = ("endpoint.file.windows", "sentinel", "DeviceFileEvents")
    found = hits(*place, 'file.Ext.header_bytes: ("504b0304*" or "377abcaf271c*")', rows)
    assert found == rows[:1]
    query = 'file where host.os.type == "windows" and event.type == "creation" and file.Ext.header_bytes : {}'
    for asked, status in (
        ('("504B0304*", "1F8B*")', "approximate"),
        ('"1F8B*"', "refused"),
        ('"4d444d50*"', "refused"),
    ):
        made = rule(query.format(asked), "logs-endpoint.events.file-*")
        artifact = converter.convert(made, to="sentinel", fields="native")
        assert artifact.status == status
        assert ("M022" in {d.code for d in artifact.diagnostics}) == ("1F8B" in asked)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("event.action: updated and file.path: /etc/cron.d/*", ["/etc/cron.d/a"]),
        ("event.type: creation", ["/etc/new.conf"]),
        ("file.extension: conf", ["/etc/new.conf"]),
        ("not process.name: x and event.action: deleted", ["/etc/old"]),
    ],
)
def test_changes_that_file_integrity_monitoring_tells_of(query: str, found: list[str]) -> None:
    rows = [
        {"ActionType": action, "FolderPath": path, "FileName": path.rpartition("/")[2], "DeviceId": "d"}
        for action, path in (
            ("FileModified", "/etc/cron.d/a"),
            ("FileCreated", "/etc/new.conf"),
            ("FileDeleted", "/etc/old"),
        )
    ]
    streamed = [{"category": "AdvancedHunting-DeviceFileEvents", "properties": row} for row in rows]
    made = hits("fim.event", "splunk", "defender", query, streamed)
    assert [row["properties"]["FolderPath"] for row in made] == found  # type: ignore[index]
    artifact = converter.convert(rule(query, "logs-fim.event-*", kind="query"), to="sentinel", fields="native")
    assert artifact.place == "DeviceFileEvents"
    assert artifact.status != "refused"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email.from.address: a@x.example", ["one"]),
        ("email.to.address: (b@x.example or c@x.example)", ["one", "two"]),
        ("email.direction: Inbound and not email.sender.address: *", ["one"]),
        ("source.ip: 192.0.2.0/24", ["two"]),
    ],
)
def test_messages_that_defender_records(query: str, found: list[str]) -> None:
    rows = [
        {"SenderFromAddress": "a@x.example", "RecipientEmailAddress": "b@x.example", "EmailDirection": "Inbound", "Subject": "one"},
        {"SenderFromAddress": "d@x.example", "RecipientEmailAddress": "c@x.example", "EmailDirection": "Outbound", "Subject": "two", "SenderIPv4": "192.0.2.7"},
    ]  # fmt: skip
    query = f"event.category: email and {query}"
    made = hits("m365_defender.email", "sentinel", "EmailEvents", query, rows)
    assert [row["Subject"] for row in made] == found
    streamed = [{"category": "AdvancedHunting-EmailEvents", "properties": row} for row in rows]
    again = hits("m365_defender.email", "splunk", "email", query, streamed)
    assert [row["properties"]["Subject"] for row in again] == found  # type: ignore[index]


# ---- places and keys


SOCKS = (
    "sequence by {} with maxspan=1m "
    '[network where data_stream.dataset == "fortinet_fortigate.log" and event.action == "signature"] '
    '[network where event.module == "endpoint" and event.action == "connection_attempted"]'
)


@pytest.mark.parametrize(
    ("to", "texts"),
    [
        ("splunk", ("sourcetype=fortigate_*", "`sysmon` EventCode=3", "seq_key1=if(seq_step==1, source_ip, SourceIp)")),
        ("sentinel", ("CommonSecurityLog", "DeviceNetworkEvents", "tostring(pack_array(SourceIp")),
    ],
)
def test_addresses_and_ports_join_the_events_of_a_firewall_and_a_host(to: str, texts: tuple[str, ...]) -> None:
    index = ("logs-endpoint.events.network-*", "logs-fortinet_fortigate.log-*")
    found = converter.convert(rule(SOCKS.format("source.ip, source.port"), *index), to=to, fields="native")
    assert found.status == "approximate"
    assert all(text in found.text for text in texts)
    for keys in ("host.id", "source.ip, user.name"):
        other = converter.convert(rule(SOCKS.format(keys), *index), to=to, fields="native")
        assert other.status == "refused"


def test_the_last_event_of_two_sensors_is_shown_by_its_own_columns() -> None:
    index = ("logs-endpoint.events.network-*", "logs-fortinet_fortigate.log-*")
    found = converter.convert(rule(SOCKS.format("source.ip"), *index), to="splunk", fields="native")
    shown = found.text.rpartition("| table ")[2].replace("\n", " ")
    assert "first_devname" in shown
    assert " devname" not in shown
    assert "DestinationHostname" in shown


MATCH = """
threat_index = ["logs-ti_*"]
threat_query = "*:*"
threat_language = "kuery"
{}
"""
ENTRY = '[[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = "{}"\ntype = "mapping"\nvalue = "{}"\n'


@pytest.mark.parametrize("to", ["splunk", "sentinel"])
def test_indicators_are_looked_for_in_the_fields_that_the_data_set_has(to: str) -> None:
    def made(*names: str) -> converter.Artifact:
        more = MATCH.format("".join(ENTRY.format(n, "threat.indicator.file.hash.sha256") for n in names))
        query = " or ".join(f"{name}: *" for name in names)
        asked = rule(query, "logs-m365_defender.event-*", kind="threat_match", more=more)
        return converter.convert(asked, to=to, fields="native", source="m365_defender.event")

    both = made("process.hash.sha256", "dll.hash.ssdeep")
    assert both.status == "approximate"
    assert "M026" in {d.code for d in both.diagnostics}
    none = made("dll.hash.ssdeep", "file.hash.tlsh")
    assert none.status == "refused"
    assert {"M012", "M013"} & {d.code for d in none.diagnostics}


def test_which_process_is_the_parent_is_a_guess_on_linux_and_seen_on_macos() -> None:
    steps = 'sequence by process.parent.entity_id with maxspan=1m [process where host.os.type == "{0}" and process.name == "a"] [process where host.os.type == "{0}" and process.name == "b"]'
    codes = {}
    for system in ("linux", "macos"):
        made = rule(steps.format(system), "logs-endpoint.events.process-*")
        found = converter.convert(made, to="sentinel", fields="native")
        codes[system] = {d.code for d in found.diagnostics if d.severity is Severity.WARNING}
    assert codes == {"linux": {"M017"}, "macos": set()}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ('event.type == "start" and event.action == "load_module"', "kernel modules are not recorded here"),
        ('event.type == "change" and event.action == "uid_change"', "changes of user are not recorded here"),
        ('event.type == "info" and event.action == "already_running"', "processes that run when the sensor starts"),
    ],
)
def test_a_refusal_names_the_place_that_says_why(asked: str, why: str) -> None:
    query = f'process where host.os.type == "linux" and {asked} and process.name == "a"'
    found = converter.convert(rule(query, "logs-endpoint.events.process-*"), to="splunk", fields="native")
    assert found.status == "refused"
    said = [d.message for d in found.diagnostics]
    assert any(why in message for message in said)
    assert not any("sysmon_linux_end" in message for message in said)


def test_the_end_of_a_process_of_linux_is_still_an_event_of_its_own() -> None:
    query = 'process where host.os.type == "linux" and event.type == "end" and process.name == "a"'
    found = converter.convert(rule(query, "logs-endpoint.events.process-*"), to="splunk", fields="native")
    assert found.status == "exact"
    assert "EventCode=5" in found.text


def test_new_tables_have_no_process_where_their_sensor_knows_none() -> None:
    for name in ("fim.event", "m365_defender.email"):
        places = table_named(name).entries["process.*"].places
        assert {part.status for parts in places.values() for part in parts.values()} == {Status.ABSENT}


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("4d5a*", "approximate"),
        ("54567151*", "refused"),  # lost, and nothing else is asked for
        ("000000*", "refused"),
        ("4d5a90*", "refused"),  # less than the table's word says
    ],
)
def test_a_wildcard_that_no_listed_value_meets_is_said(pattern: str, status: str) -> None:
    query = f'file where host.os.type == "windows" and event.type == "creation" and file.Ext.header_bytes : "{pattern}"'
    for to in ("splunk", "sentinel"):
        made = converter.convert(rule(query, "logs-endpoint.events.file-*"), to=to, fields="native")
        assert made.status == status
        either = query.replace(": ", ": (").replace('*"', '*", "4d5a*")')
        both = converter.convert(rule(either, "logs-endpoint.events.file-*"), to=to, fields="native")
        assert both.status == ("refused" if pattern in ("000000*", "4d5a90*") else "approximate")


def test_a_wildcard_below_a_value_that_no_event_has_is_none_of_its_own() -> None:
    query = (
        'process where host.os.type == "linux" and event.type == "start" and (process.name == "a" or user.id : "{}")'
    )
    for pattern, status in (("S-1-5-21-*", "exact"), ("1*", "refused")):
        made = rule(query.format(pattern), "logs-endpoint.events.process-*")
        assert converter.convert(made, to="splunk", fields="native", source="sysmon_linux").status == status
