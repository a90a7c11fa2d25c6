"""A rule as the Azure-Sentinel repository keeps it: YAML, in the order of its files.

https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
"""

from __future__ import annotations

from collections.abc import Mapping

from backends.sentinel.deploy.rule import AnalyticsRule, Function, Json, incident, told
from backends.sentinel.deploy.schedule import short
from converter.languages.yaml import dump


def template(rule: AnalyticsRule) -> dict[str, Json]:
    """The rule as a mapping. Every tactic of a technique is listed: the repository's checks ask for it."""
    out: dict[str, Json] = {
        "id": rule.identity,
        "name": rule.name,
        "description": rule.description,
        "severity": rule.severity,
        "status": "Available",
        "requiredDataConnectors": [
            {"connectorId": connector, "dataTypes": list(kinds)} for connector, kinds in rule.connectors
        ],
        "queryFrequency": short(rule.times.frequency_ms),
        "queryPeriod": short(rule.times.period_ms),
        "triggerOperator": "gt",
        "triggerThreshold": 0,
        "tactics": list(rule.attack.all_tactics),
        "relevantTechniques": list(rule.attack.techniques),
        "query": rule.query,
    }
    out |= told(rule)
    out["eventGroupingSettings"] = {"aggregationKind": "AlertPerResult"}
    if rule.grouping is not None or not rule.incident:
        out["incidentConfiguration"] = incident(rule, short)
    out["version"] = rule.version
    out["kind"] = "Scheduled"
    return out


def template_text(rule: AnalyticsRule) -> str:
    """The rule as YAML, under its licence."""
    return f"# {rule.notice}\n{yaml_text(template(rule))}"


def parser_text(rule: AnalyticsRule, function: Function) -> str:
    """A function of the workspace, as the repository keeps one (a parser)."""
    named: dict[str, Json] = {"Title": function.alias, "Version": rule.version}
    body: dict[str, Json] = {
        "id": rule.identity,
        "Function": named,
        "Category": "Microsoft Sentinel Parser",
        "FunctionName": function.alias,
        "FunctionAlias": function.alias,
        "FunctionQuery": function.query,
    }
    return f"# {rule.notice}\n{yaml_text(body)}"


def yaml_text(value: Mapping[str, Json]) -> str:
    """A mapping as YAML, texts of several lines as blocks."""
    return dump(value, step="  ")
