"""Objects of a Kibana export, for tests."""

from __future__ import annotations

import json

RULE: dict[str, object] = {
    "id": "k1",
    "rule_id": "11111111-0000-4000-8000-000000000001",
    "name": "One",
    "description": "d",
    "type": "query",
    "language": "kuery",
    "index": ["logs-okta.system-*"],
    "query": "event.action: a",
    "severity": "low",
    "risk_score": 21,
    "note": None,
    "exceptions_list": [],
}
OTHER = {**RULE, "rule_id": "11111111-0000-4000-8000-000000000002", "name": "Two", "query": "event.action: b"}
ITEM = {
    "item_id": "i",
    "list_id": "vpn",
    "name": "known exits",
    "type": "simple",
    "entries": [{"field": "source.ip", "operator": "included", "type": "match", "value": "10.0.0.1"}],
}
LIST = {"list_id": "vpn", "name": "vpn", "type": "detection", "namespace_type": "single"}
SUMMARY = {"exported_count": 2, "exported_rules_count": 2, "missing_rules": []}


def lines(*values: object) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)
