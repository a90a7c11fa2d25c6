"""A rule as a template of Azure Resource Manager that creates it in a workspace.

https://learn.microsoft.com/en-us/azure/templates/microsoft.securityinsights/alertrules
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from backends.sentinel.deploy.attack import parents, parts
from backends.sentinel.deploy.rule import AnalyticsRule, Function, Json, incident, told
from backends.sentinel.deploy.schedule import iso

RULES_API, SAVED_API = "2024-01-01-preview", "2020-08-01"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_SAVED = "Microsoft.OperationalInsights/workspaces/savedSearches"


def properties(rule: AnalyticsRule) -> dict[str, Json]:
    """The properties of the rule, as the service has them."""
    out: dict[str, Json] = {
        "displayName": rule.name,
        "description": rule.description,
        "severity": rule.severity,
        "enabled": rule.enabled,
        "query": rule.query,
        "queryFrequency": iso(rule.times.frequency_ms),
        "queryPeriod": iso(rule.times.period_ms),
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "tactics": list(rule.attack.tactics),
        "techniques": list(parents(rule.attack.techniques)),
        "subTechniques": list(parts(rule.attack.techniques)),
        "incidentConfiguration": incident(rule, iso),
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
    }
    return out | told(rule)


def saved(function: Function) -> dict[str, Json]:
    """The properties of a function of the workspace."""
    return {
        "category": "siemglot",
        "displayName": function.alias,
        "query": function.query,
        "functionAlias": function.alias,
        "version": 2,
    }


def resources(rule: AnalyticsRule) -> list[Json]:
    """The rule, after the function that it calls."""
    found: list[Json] = []
    made: dict[str, Json] = {
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "apiVersion": RULES_API,
        "name": f"[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{rule.identity}')]",
        "kind": "Scheduled",
        "properties": literal(properties(rule)),
    }
    if rule.function is not None:
        found.append(
            {
                "type": _SAVED,
                "apiVersion": SAVED_API,
                "name": f"[concat(parameters('workspace'), '/{rule.function.alias}')]",
                "properties": literal(saved(rule.function)),
            }
        )
        made["dependsOn"] = [f"[resourceId('{_SAVED}', parameters('workspace'), '{rule.function.alias}')]"]
    return [*found, made]


def deployment(made: Iterable[Json], notice: str = "") -> str:
    """A template of resources. The workspace is a parameter."""
    body: dict[str, Json] = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "metadata": {"comments": literal(notice)},
        "parameters": {
            "workspace": {"type": "string", "metadata": {"description": "The name of the Log Analytics workspace."}}
        },
        "resources": list(made),
    }
    return json_text(body)


def json_text(value: Mapping[str, Json]) -> str:
    """A mapping as JSON; letters outside ASCII are escaped, so that none can hide."""
    return json.dumps(value, indent=2) + "\n"


def literal(value: Json) -> Json:
    """A text that starts with `[` is an expression to ARM, unless it starts with `[[`."""
    match value:
        case str():
            return f"[{value}" if value.startswith("[") else value
        case list():
            return [literal(v) for v in value]
        case dict():
            return {k: literal(v) for k, v in value.items()}
        case _:
            return value
