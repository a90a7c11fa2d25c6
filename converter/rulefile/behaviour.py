"""Elastic Defend's behaviour rules: EQL that the endpoint runs, in TOML of its own.

github.com/elastic/protections-artifacts, behavior/. Read as a rule of type eql over the endpoint's events, restricted
to the systems of `os_list`.
"""

from __future__ import annotations

from converter.fields.roles import HOST_SYSTEM, field_of
from converter.rulefile.codes import F008
from converter.rulefile.table import Findings

_INDEX = ["logs-endpoint.events.*"]
_RENAMED = {"id": "rule_id", "reference": "references"}
_DROPPED = ("min_endpoint_version", "max_endpoint_version", "optional_actions", "reputation", "os_list", "actions")


def is_behaviour(document: dict[str, object]) -> bool:
    """Whether a document is a behaviour rule: `os_list` and a query, and no type."""
    rule = document.get("rule")
    return isinstance(rule, dict) and "os_list" in rule and "query" in rule and "type" not in rule


def as_rule(document: dict[str, object], findings: Findings) -> dict[str, object]:
    """The same as a detection rule; what the endpoint does about it (actions) is left out."""
    own = document["rule"]
    assert isinstance(own, dict)  # noqa: S101 - told by `is_behaviour`
    rule: dict[str, object] = {"type": "eql", "language": "eql", "index": _INDEX}
    for key, value in own.items():
        if key == "version":
            rule["version"] = _version(value)
        elif key not in _DROPPED:
            rule[_RENAMED.get(str(key), str(key))] = value
    systems = own["os_list"]
    if isinstance(systems, list) and systems and all(isinstance(one, str) for one in systems):
        rule["filters"] = [{"meta": {}, "query": {"terms": {field_of(HOST_SYSTEM): systems}}}]
    else:
        findings.say(F008, "rule.os_list must be a list of systems", ("rule", "os_list"), hint='os_list = ["windows"]')
    if "threat" in document:
        rule["threat"] = document["threat"]
    return {"rule": rule}


def _version(value: object) -> object:
    """`1.0.29` counts its last number up; a rule's version is one number."""
    last = str(value).rpartition(".")[2]
    return max(1, int(last)) if last.isascii() and last.isdigit() else 1
