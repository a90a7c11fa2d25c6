"""An analytics rule: as the Azure-Sentinel repository keeps it (YAML), and as a template that deploys it (ARM)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import TypeAlias

from backends.sentinel.codes import T375, T376, T377
from backends.sentinel.condition.finding import note
from backends.sentinel.deploy.entity import Shown
from backends.sentinel.deploy.header import licence, origin, plain
from backends.sentinel.deploy.schedule import Schedule, iso, short
from converter.model.metadata import Metadata
from converter.target.contract import Notebook

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:sentinel")
_SEVERITY = {"low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
_LONGEST_NAME, _LONGEST_TEXT = 256, 5_000
_API = "2024-01-01-preview"

# Tactics of the service's enumeration (azure-mgmt-securityinsight, AttackTactic).
_TACTICS = frozenset(
    {
        "Reconnaissance",
        "ResourceDevelopment",
        "InitialAccess",
        "Execution",
        "Persistence",
        "PrivilegeEscalation",
        "DefenseEvasion",
        "CredentialAccess",
        "Discovery",
        "LateralMovement",
        "Collection",
        "Exfiltration",
        "CommandAndControl",
        "Impact",
        "PreAttack",
        "ImpairProcessControl",
        "InhibitResponseFunction",
    }
)


def identity(meta: Metadata) -> str:
    """The rule's own id: the same for every conversion, and never Elastic's."""
    return str(uuid.uuid5(_NAMESPACE, meta.rule_id or meta.name))


def template(meta: Metadata, query: str, times: Schedule, shown: Shown, notes: Notebook) -> dict[str, Json]:
    """The rule as a mapping, in the order of the repository's files."""
    tactics, techniques = _attack(meta, notes)
    out: dict[str, Json] = {
        "id": identity(meta),
        "name": plain(meta.name)[:_LONGEST_NAME],
        "description": _description(meta, notes),
        "severity": _severity(meta, notes),
        "requiredDataConnectors": [],
        "queryFrequency": short(times.frequency_ms),
        "queryPeriod": short(times.period_ms),
        "triggerOperator": "gt",
        "triggerThreshold": 0,
        "tactics": list(tactics),
        "relevantTechniques": list(techniques),
        "query": query,
    }
    if shown.entities:
        out["entityMappings"] = _entities(shown)
    if shown.details:
        out["customDetails"] = dict(shown.details)
    out["eventGroupingSettings"] = {"aggregationKind": "AlertPerResult"}
    out["version"] = f"1.{meta.version or 0}.0"
    out["kind"] = "Scheduled"
    return out


def _entities(shown: Shown) -> list[Json]:
    """Each entity with its identifiers."""
    return [
        {
            "entityType": kind,
            "fieldMappings": [{"identifier": identifier, "columnName": name} for identifier, name in mapped],
        }
        for kind, mapped in shown.entities
    ]


def _severity(meta: Metadata, notes: Notebook) -> str:
    if meta.building_block_type:
        return "Informational"
    if meta.severity == "critical":
        notes.add(note(T375, "Sentinel has no severity above High"))
    return _SEVERITY.get(meta.severity, "Medium")


def _description(meta: Metadata, notes: Notebook) -> str:
    parts = [meta.description.strip(), f"{origin(meta)}. {licence(meta)}" if origin(meta) else licence(meta)]
    if meta.false_positives:
        parts.append("False positives: " + " ".join(map(plain, meta.false_positives)))
    if meta.references:
        parts.append("References: " + " ".join(meta.references))
    kept = parts[:2]
    for part in parts[2:]:
        if len("\n\n".join([*kept, part])) <= _LONGEST_TEXT:
            kept.append(part)
        else:
            notes.add(note(T376, f"the description has no room for: {part.split(':', 1)[0].lower()}"))
    head = kept[0][: _LONGEST_TEXT - len("\n\n".join(kept[1:])) - 2]
    return "\n\n".join([head, *kept[1:]])


def _attack(meta: Metadata, notes: Notebook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ATT&CK tactics and techniques. A technique without a tactic beside it is left out."""
    tactics: dict[str, None] = {}
    techniques: dict[str, None] = {}
    for threat in meta.threat:
        name = "".join(word[:1].upper() + word[1:] for word in threat.tactic_name.split())
        if threat.framework != "MITRE ATT&CK" or name not in _TACTICS:
            notes.add(note(T377, f"{threat.framework} {threat.tactic_name} is no tactic that Sentinel knows"))
            continue
        tactics.setdefault(name)
        for technique in threat.techniques:
            for one in (technique.id, *(s.id for s in technique.subtechniques)):
                techniques.setdefault(one)
    return tuple(tactics), tuple(techniques)


def yaml_text(rule: Mapping[str, Json], meta: Metadata) -> str:
    """The rule as YAML, texts of several lines as blocks."""
    import yaml  # only this format needs it

    class Dumper(yaml.SafeDumper):
        """The safe dumper with our way to write text."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    body = yaml.dump(dict(rule), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"# {licence(meta)}\n{body}"


_OPERATORS = {"gt": "GreaterThan"}


def arm_text(rule: Mapping[str, Json], meta: Metadata, times: Schedule) -> str:
    """An ARM template that creates the rule in a workspace."""
    named = rule["relevantTechniques"]
    techniques = [str(t) for t in named] if isinstance(named, list) else []
    properties: dict[str, Json] = {
        "displayName": rule["name"],
        "description": rule["description"],
        "severity": rule["severity"],
        "enabled": True,
        "query": rule["query"],
        "queryFrequency": iso(times.frequency_ms),
        "queryPeriod": iso(times.period_ms),
        "triggerOperator": _OPERATORS[str(rule["triggerOperator"])],
        "triggerThreshold": rule["triggerThreshold"],
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "tactics": rule["tactics"],
        "techniques": [t for t in techniques if "." not in t],
        "subTechniques": [t for t in techniques if "." in t],
        "incidentConfiguration": {"createIncident": not meta.building_block_type},
        "eventGroupingSettings": rule["eventGroupingSettings"],
    }
    for key in ("entityMappings", "customDetails"):
        if key in rule:
            properties[key] = rule[key]
    return json.dumps(_deployment(str(rule["id"]), properties), indent=2, ensure_ascii=False) + "\n"


def _deployment(identifier: str, properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"workspace": {"type": "String"}},
        "resources": [
            {
                "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
                "apiVersion": _API,
                "name": f"[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{identifier}')]",
                "kind": "Scheduled",
                "properties": {name: _literal(value) for name, value in properties.items()},
            }
        ],
    }


def _literal(value: Json) -> Json:
    """A text that starts with `[` is an expression to ARM, unless it starts with `[[`."""
    match value:
        case str():
            return f"[{value}" if value.startswith("[") else value
        case list():
            return [_literal(v) for v in value]
        case dict():
            return {k: _literal(v) for k, v in value.items()}
        case _:
            return value
