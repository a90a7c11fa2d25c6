"""An analytics rule as a value, before it is text in one of the forms that people deploy."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeAlias

from backends.sentinel.deploy.attack import Attack
from backends.sentinel.deploy.entity import Mapped
from backends.sentinel.deploy.schedule import Schedule
from converter.deferred import dataclass
from converter.model.metadata import Metadata

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:sentinel")
LONGEST_NAME, LONGEST_TEXT = 256, 5_000


def identity(meta: Metadata) -> str:
    """The rule's own id: the same for every conversion, and never Elastic's."""
    return str(uuid.uuid5(NAMESPACE, meta.identity))


@dataclass(frozen=True, slots=True)
class Function:
    """A query that is saved in the workspace, for a rule that is too long to hold it."""

    alias: str
    query: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """Alerts that one incident holds: those with equal entities of these types and equal details of these keys."""

    entities: tuple[str, ...]
    details: tuple[str, ...]
    lookback_ms: int


@dataclass(frozen=True, slots=True)
class Override:
    """What an alert takes from the columns of its row: its name, its severity; "" what it does not."""

    name: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class AnalyticsRule:
    """A scheduled rule. `query` calls `function` where there is one. Texts are clean, and within the limits."""

    identity: str
    name: str
    description: str
    notice: str
    severity: str
    enabled: bool
    incident: bool
    version: str
    connectors: tuple[tuple[str, tuple[str, ...]], ...]
    times: Schedule
    attack: Attack
    query: str
    entities: tuple[Mapped, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    override: Override = Override()
    grouping: Grouping | None = None
    function: Function | None = None


def told(rule: AnalyticsRule) -> dict[str, Json]:
    """What an alert tells beside its row, as every form has it: entities, details, and what it overrides."""
    out: dict[str, Json] = {}
    if rule.entities:
        out["entityMappings"] = _entity_mappings(rule)
    if rule.details:
        out["customDetails"] = dict(rule.details)
    if found := _overrides(rule):
        out["alertDetailsOverride"] = found
    return out


def incident(rule: AnalyticsRule, spelled: Callable[[int], str]) -> dict[str, Json]:
    """What becomes of alerts; `spelled` writes a number of milliseconds in the words of the form."""
    found: dict[str, Json] = {"createIncident": rule.incident}
    if rule.grouping is not None:
        found["groupingConfiguration"] = {
            "enabled": True,
            "reopenClosedIncident": False,
            "lookbackDuration": spelled(rule.grouping.lookback_ms),
            "matchingMethod": "Selected",
            "groupByEntities": list(rule.grouping.entities),
            "groupByAlertDetails": [],
            "groupByCustomDetails": list(rule.grouping.details),
        }
    return found


def _entity_mappings(rule: AnalyticsRule) -> list[Json]:
    """Each entity with its identifiers."""
    return [
        {
            "entityType": kind,
            "fieldMappings": [{"identifier": identifier, "columnName": name} for identifier, name in mapped],
        }
        for kind, mapped in rule.entities
    ]


def _overrides(rule: AnalyticsRule) -> dict[str, Json]:
    """`alertDetailsOverride`; empty where nothing is."""
    found: dict[str, Json] = {}
    if rule.override.name:
        found["alertDisplayNameFormat"] = f"{{{{{rule.override.name}}}}}"
    if rule.override.severity:
        found["alertSeverityColumnName"] = rule.override.severity
    return found
