"""What Microsoft's services and repositories ask of an analytics rule, as a list of findings; it judges, and mends nothing.

Written from the validation of templates in Azure/Azure-Sentinel (.script/tests/detectionTemplateSchemaValidation: models
and tests), the service's documented limits (learn.microsoft.com/azure/sentinel/sentinel-service-limits) and the API's
definition (Microsoft.SecurityInsights/alertRules, Microsoft Graph security/rules/detectionRules). Nothing is taken from
the target that it checks: the tables here are its own.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

Found = Iterator[str]

TACTICS = frozenset(
    [
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
        "Reconnaissance",
        "ResourceDevelopment",
        "PreAttack",
        "ImpairProcessControl",
        "InhibitResponseFunction",
    ]
)
SEVERITIES = {"Informational", "Low", "Medium", "High"}
# For each type: its identifiers, and those of which one must be there.
ENTITIES = {
    "Account": (
        "Name FullName NTDomain DnsDomain UPNSuffix Sid AadTenantId AadUserId PUID IsDomainJoined DisplayName ObjectGuid",
        "FullName Sid Name AadUserId PUID ObjectGuid",
    ),
    "Host": (
        "DnsDomain NTDomain HostName FullName NetBiosName AzureID OMSAgentID OSFamily OSVersion IsDomainJoined",
        "FullName HostName NetBiosName AzureID OMSAgentID",
    ),
    "IP": ("Address AddressScope", "Address"),
    "URL": ("Url", "Url"),
    "AzureResource": ("ResourceId", "ResourceId"),
    "CloudApplication": ("AppId Name InstanceName", "AppId Name"),
    "DNS": ("DomainName", "DomainName"),
    "File": ("Directory Name", "Name"),
    "FileHash": ("Algorithm Value", "Value"),
    "Malware": ("Name Category", "Name"),
    "Process": ("ProcessId CommandLine ElevationToken CreationTimeUtc", "CommandLine ProcessId"),
    "RegistryKey": ("Hive Key", "Key Hive"),
    "RegistryValue": ("Name Value ValueType", "Name"),
    "SecurityGroup": ("DistinguishedName SID ObjectGuid", "DistinguishedName SID ObjectGuid"),
    "Mailbox": (
        "MailboxPrimaryAddress DisplayName Upn ExternalDirectoryObjectId RiskLevel",
        "MailboxPrimaryAddress",
    ),
}
SCALARS = {"string", "long", "int", "guid", "datetime", "bool", "real"}
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_KEY = re.compile(r"[a-zA-Z]+\w*", re.ASCII)
_COLUMN = re.compile(r"[a-zA-Z_]+\w*", re.ASCII)
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")


def short(text: str) -> timedelta:
    """5m, 1h, 14d."""
    found = re.fullmatch(r"(\d+)([mhd])", text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(-1)


def iso(text: str) -> timedelta:
    """PT5M, P14D."""
    found = _ISO.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        return timedelta(-1)
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def template(rule: Mapping[str, Any], tactics_of: Mapping[str, Sequence[str]]) -> Found:
    """Findings about a rule of the repository's YAML. `tactics_of` are ATT&CK's tactics of a technique."""
    needed = [
        "id",
        "name",
        "description",
        "severity",
        "requiredDataConnectors",
        "tactics",
        "relevantTechniques",
        "query",
        "version",
        "kind",
    ]
    yield from (f"{key} is missing" for key in needed if key not in rule)
    yield from _identified(str(rule.get("id", "")))
    if rule.get("kind") != "Scheduled":
        yield f"kind {rule.get('kind')}"
    if rule.get("triggerOperator") not in {"gt", "lt", "eq", "ne"}:
        yield "triggerOperator"
    yield from _texts(rule.get("name"), rule.get("description"), rule.get("severity"))
    yield from _times(short(str(rule.get("queryFrequency"))), short(str(rule.get("queryPeriod"))))
    yield from _query(str(rule.get("query", "")))
    yield from _details(rule)
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(rule.get("version"))) or len(str(rule.get("version"))) > 20:
        yield "version"
    for one in rule.get("requiredDataConnectors", ()):
        if set(one) != {"connectorId", "dataTypes"} or not one["dataTypes"]:
            yield f"connector {one}"
    tactics = set(rule.get("tactics", ()))
    yield from (f"tactic {t}" for t in tactics - TACTICS)
    for technique in rule.get("relevantTechniques", ()):
        if not _TECHNIQUE.fullmatch(technique):
            yield f"technique {technique}"
        under = set(tactics_of.get(technique) or tactics_of.get(technique.split(".")[0], ()))
        if not under <= tactics:
            yield f"{technique} without {', '.join(sorted(under - tactics))}"
    yield from _hidden(rule)


def alert_rule(properties: Mapping[str, Any]) -> Found:
    """Findings about the properties of a scheduled rule as the API takes them."""
    needed = (
        "displayName enabled suppressionDuration suppressionEnabled severity query queryFrequency queryPeriod"
        " triggerOperator triggerThreshold"
    )
    yield from (f"{key} is missing" for key in needed.split() if key not in properties)
    yield from _texts(properties.get("displayName"), properties.get("description"), properties.get("severity"))
    yield from _times(iso(str(properties.get("queryFrequency"))), iso(str(properties.get("queryPeriod"))))
    yield from _query(str(properties.get("query", "")))
    yield from _details(properties)
    if properties.get("triggerOperator") not in {"GreaterThan", "LessThan", "Equal", "NotEqual"}:
        yield "triggerOperator"
    yield from (f"tactic {t}" for t in set(properties.get("tactics", ())) - TACTICS)
    yield from (f"technique {t}" for t in properties.get("techniques", ()) if not re.fullmatch(r"T\d{4}", t))
    yield from (
        f"sub-technique {t}" for t in properties.get("subTechniques", ()) if not re.fullmatch(r"T\d{4}\.\d{3}", t)
    )
    if properties.get("techniques") and not properties.get("tactics"):
        yield "techniques without a tactic"
    grouping = properties["incidentConfiguration"].get("groupingConfiguration")
    if grouping and not timedelta(minutes=5) <= iso(grouping["lookbackDuration"]) <= timedelta(days=7):
        yield "lookbackDuration"
    yield from _hidden(properties)


def deployment(content: Mapping[str, Any]) -> Found:
    """Findings about a template of Azure Resource Manager, and about the rules in it."""
    if not str(content.get("$schema", "")).endswith("deploymentTemplate.json#"):
        yield "$schema"
    names: set[str] = set()
    for one in content["resources"]:
        kinds, segments = one["type"].split("/"), one["name"].split("'/")[-1].count("/")
        if not re.fullmatch(r"\[concat\(parameters\('workspace'\), '/[A-Za-z0-9_./-]+'\)\]", one["name"]):
            yield f"name {one['name']}"
        if len(kinds) - 2 != segments + 1:  # the name has a segment for each type after the provider's
            yield f"{one['type']} and {one['name']} have different numbers of segments"
        if one["name"] in names:
            yield f"{one['name']} stands twice"
        names.add(one["name"])
        if one["type"].endswith("alertRules"):
            yield from _identified(one["name"].split("/")[-1].removesuffix("')]"))
            yield from alert_rule(_read(one["properties"]))


def detection(content: Mapping[str, Any]) -> Found:
    """Findings about a custom detection as Microsoft Graph takes it."""
    if content["status"] not in {"enabled", "disabled"}:
        yield "status"
    if content["schedule"]["frequency"] not in {"PT0S", "PT1H", "PT3H", "PT12H", "P1D"}:
        yield "frequency"
    made = content["detectionAction"]["alertTemplate"]
    if made["severity"] not in {"informational", "low", "medium", "high"}:
        yield "severity"
    yield from _query(content["queryCondition"]["queryText"])
    for one in made["tactics"]:
        if one["tactic"] not in TACTICS:
            yield f"tactic {one['tactic']}"
        for technique in one["techniques"]:
            if any(not part.startswith(technique["technique"] + ".") for part in technique["subTechniques"]):
                yield f"sub-techniques of {technique['technique']}"
    if not made["entityMappings"]:
        yield "no entity"
    yield from _hidden(content)


def _read(node: Any) -> Any:
    """A template's value as the service reads it: `[[` begins a text that starts with `[`."""
    if isinstance(node, str):
        if node.startswith("[") and not node.startswith("[["):
            raise AssertionError(f"an expression: {node[:60]}")
        return node[1:] if node.startswith("[[") else node
    if isinstance(node, list):
        return [_read(one) for one in node]
    return {key: _read(one) for key, one in node.items()} if isinstance(node, dict) else node


def _identified(text: str) -> Found:
    try:
        uuid.UUID(text)
    except ValueError:
        yield f"{text} is no GUID"


def _texts(name: object, description: object, severity: object) -> Found:
    if not isinstance(name, str) or not 0 < len(name) <= 256:
        yield "name"
    if not isinstance(description, str) or not 0 < len(description) <= 5_000:
        yield "description"
    if severity not in SEVERITIES:
        yield f"severity {severity}"


def _times(frequency: timedelta, period: timedelta) -> Found:
    if not timedelta(minutes=5) <= frequency <= timedelta(days=14):
        yield f"queryFrequency {frequency}"
    if not frequency <= period <= timedelta(days=14):
        yield f"queryPeriod {period}"
    if period >= timedelta(days=2) and frequency < timedelta(hours=1):
        yield f"every {frequency} over {period}"


def _query(query: str) -> Found:
    if not 0 < len(query) <= 10_000:
        yield f"a query of {len(query)} characters"
    bare = re.sub(r'@"(?:[^"]|"")*"|"(?:[^"\\]|\\.)*"', '""', query)
    if re.search(r"\b(search|union)\s+\*", bare):
        yield "search * or union *"


def _details(rule: Mapping[str, Any]) -> Found:
    details = rule.get("customDetails", {})
    if len(details) > 20:
        yield f"{len(details)} details"
    for key, column in details.items():
        if not _KEY.fullmatch(key) or len(key) > 20 or not _COLUMN.fullmatch(column) or len(column) > 500:
            yield f"detail {key}: {column}"
    entities = rule.get("entityMappings")
    if entities is not None and not 1 <= len(entities) <= 10:
        yield f"{len(entities)} entities"
    for entity in entities or ():
        yield from _entity(entity)
    override = rule.get("alertDetailsOverride", {})
    for key, longest in (("alertDisplayNameFormat", 256), ("alertDescriptionFormat", 5_000)):
        if len(override.get(key, "")) > longest or override.get(key, "").count("{{") > 3:
            yield key


def _entity(entity: Mapping[str, Any]) -> Found:
    kind, mapped = entity["entityType"], entity["fieldMappings"]
    if kind not in ENTITIES:
        yield f"entity {kind}"
        return
    known, required = (set(names.split()) for names in ENTITIES[kind])
    told = [one["identifier"] for one in mapped]
    if not 1 <= len(mapped) <= 3 or len(set(told)) != len(told):
        yield f"{kind} by {told}"
    if not set(told) <= known or not set(told) & required:
        yield f"{kind} by {told}"
    if kind == "FileHash" and set(told) != {"Algorithm", "Value"}:
        yield f"{kind} by {told}"
    yield from (f"column {m['columnName']}" for m in mapped if not _COLUMN.fullmatch(m["columnName"]))


def columns_of(rule: Mapping[str, Any]) -> Iterator[str]:
    """The columns that entities, details and overrides name."""
    for entity in rule.get("entityMappings", ()):
        yield from (one["columnName"] for one in entity["fieldMappings"])
    yield from rule.get("customDetails", {}).values()
    override = rule.get("alertDetailsOverride", {})
    yield from re.findall(r"\{\{(\w+)\}\}", override.get("alertDisplayNameFormat", ""))
    yield from (override[key] for key in ("alertSeverityColumnName",) if key in override)


def _hidden(node: object) -> Found:
    """Characters that cannot be seen or end a line elsewhere, in any text."""
    if isinstance(node, str):
        found = {c for c in node if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        yield from (f"U+{ord(c):04X} in {node[:40]!r}" for c in found)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _hidden(key)
            yield from _hidden(value)
    elif isinstance(node, Sequence):
        for value in node:
            yield from _hidden(value)
