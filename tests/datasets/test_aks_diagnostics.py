"""Audit logs of AKS clusters whose diagnostics are not resource-specific: one JSON text in AzureDiagnostics."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pairs import probe_rule, table_named

import converter
from converter.proof.judges.kusto import run as kusto

NOW = datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
_COLUMNS = {"TimeGenerated": "datetime", "Category": "string", "log_s": "string", "Number": "long"}
_EVENTS: list[dict[str, object]] = [
    {"verb": "get", "user": {"username": "a"}, "impersonatedUser": {"username": "system:admin", "groups": ["g", "h"]}},
    {"verb": "create", "user": {"username": "system:admin"}, "sourceIPs": ["10.0.0.1"]},
    {"verb": "get", "objectRef": {"resource": "secrets"}, "annotations": {"authorization.k8s.io/decision": "allow"}},
]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ('kubernetes.audit.impersonatedUser.username: "system:admin"', [0]),
        ("not kubernetes.audit.impersonatedUser.username: *", [1, 2]),
        ('kubernetes.audit.impersonatedUser.groups: "h"', [0]),
        ('kubernetes.audit.impersonatedUser.username: * or user.name: "system:admin"', [0, 1]),
        ('kubernetes.audit.verb: "get" and not kubernetes.audit.impersonatedUser.username: *', [2]),
    ],
)
def test_what_aksaudit_has_no_column_for_is_in_the_text(query: str, numbers: list[int]) -> None:
    rule = probe_rule(table_named("kubernetes.audit_logs"), query)
    artifact = converter.convert(rule, "sentinel", "native", bare=True)
    assert str(artifact.status) == "exact"
    time = "2026-07-18T11:57:00Z"
    rows = [
        {"TimeGenerated": time, "Category": category, "log_s": json.dumps(event), "Number": number}
        for number, event in enumerate(_EVENTS)
        for category in ("kube-audit", "kube-scheduler")
    ]
    found = kusto.run(artifact.text, {"AzureDiagnostics": kusto.Table(_COLUMNS, rows)}, now=NOW)
    assert sorted(int(str(row["Number"])) for row in found) == numbers


def test_what_both_tables_hold_is_asked_of_aksaudit() -> None:
    rule = probe_rule(table_named("kubernetes.audit_logs"), 'kubernetes.audit.verb: "get"')
    assert "AzureDiagnostics" not in converter.convert(rule, "sentinel", "native").text
