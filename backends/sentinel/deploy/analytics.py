"""An analytics rule made of a rule's file and its query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backends.sentinel.codes import T375, T379, T380, T384
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note
from backends.sentinel.deploy.attack import attack
from backends.sentinel.deploy.connectors import connectors, tables, unfed
from backends.sentinel.deploy.describe import Described, name
from backends.sentinel.deploy.entity import Shown
from backends.sentinel.deploy.header import licence
from backends.sentinel.deploy.rule import AnalyticsRule, Function, Grouping, Override, identity
from backends.sentinel.deploy.schedule import Schedule
from backends.sentinel.detection import source
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Binary, Expression, Item, Program, Text
from converter.model.duration import DAY, MINUTE
from converter.model.metadata import Metadata
from converter.plan.uncarried import Suppressed, retired, severity_mappings, suppressed
from converter.target.contract import Binding, Notebook

_SEVERITY = {"low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
_OWN = "save a function ECS that gives your events under Elastic's names, and TimeGenerated for the service's period"
_SEVERITY_COLUMN = "AlertSeverity"
_SHORTEST_GROUP, _LONGEST_GROUP = 5 * MINUTE, 7 * DAY


@dataclass(frozen=True, slots=True)
class Made:
    """What the rows need beside the detection: columns, and what of the alert they tell."""

    items: tuple[Item, ...]
    override: Override


def made(meta: Metadata, shows: Shown, notes: Notebook) -> Made:
    """The columns of entities and details, and those by which an alert is named or weighed."""
    column = shows.held.get(meta.rule_name_override, "") if meta.rule_name_override else ""
    if meta.rule_name_override and not column:
        notes.add(note(T380, f"Elastic names the alert by {meta.rule_name_override}; here it has the rule's name"))
    severity = _severity_by_event(meta, shows, notes)
    named = Override(column, _SEVERITY_COLUMN if severity is not None else "")
    items = [*shows.made, *(Item(value, own) for own, value in shows.computed.items() if own == column)]
    items += [Item(severity, _SEVERITY_COLUMN)] if severity is not None else []
    return Made(tuple(dict.fromkeys(items)), named)


def _severity_by_event(meta: Metadata, shows: Shown, notes: Notebook) -> Expression | None:
    """The severity as a value of the row, by the first mapping that holds."""
    mappings = severity_mappings(meta)
    if meta.risk_score_mapping:
        notes.add(note(T380, "Sentinel has no risk score of an alert: the mapping of risk scores is not carried"))
    if not mappings:
        return None
    if any(m.operator not in ("equals", "") or m.field not in shows.values for m in mappings):
        notes.add(note(T380, "the severity follows a field that the rows do not have: every alert has the rule's own"))
        return None
    arms: list[Expression] = []
    for mapping in mappings:
        value = tree.call("tostring", shows.values[mapping.field])
        arms += [Binary("==", value, Text(mapping.value)), Text(_SEVERITY.get(mapping.severity, "Medium"))]
    return tree.call("case", *arms, Text(severity(meta, notes)))


def severity(meta: Metadata, notes: Notebook) -> str:
    """The rule's severity in Sentinel's words."""
    if meta.building_block_type:
        return "Informational"
    if meta.severity == "critical":
        notes.add(note(T375, "Sentinel has no severity above High"))
    return _SEVERITY.get(meta.severity, "Medium")


@dataclass(frozen=True, slots=True)
class Queried:
    """The query of a rule: its text, the program that it is of, and the function that it calls."""

    text: str
    program: Program
    function: Function | None = None


def analytics_rule(
    meta: Metadata,
    queried: Queried,
    times: Schedule,
    shows: Shown,
    override: Override,
    described: Described,
    stated: dict[str, str],
    notes: Notebook,
) -> AnalyticsRule:
    """The rule as a value. `stated` names the connectors of tables of one's own."""
    read = tables(queried.program)
    if lacking := unfed(read, stated):
        hint = _OWN if any(table == source.ECS for table in lacking) else ""
        notes.add(note(T384, f"no data connector is known that fills {', '.join(lacking)}", hint=hint))
    return AnalyticsRule(
        identity=identity(meta),
        name=name(meta, notes),
        description=described.text,
        notice=licence(meta),
        severity=severity(meta, notes),
        enabled=not retired(meta),
        incident=not meta.building_block_type,
        version=f"1.{meta.version or 0}.0",
        connectors=connectors(read, stated),
        times=times,
        attack=attack(meta, notes),
        query=queried.text,
        entities=shows.entities,
        details=shows.details,
        override=override,
        grouping=_grouping(meta, shows, times, notes),
        function=queried.function,
    )


def stated_connectors(bindings: Iterable[Binding]) -> dict[str, str]:
    """The connectors that tables of one's own name in their header."""
    headers = [b.header for b in bindings]
    return {h["table"]: h["connector"] for h in headers if h.get("table") and h.get("connector")}


def _grouping(meta: Metadata, shows: Shown, times: Schedule, notes: Notebook) -> Grouping | None:
    """Incidents that hold alerts as Elastic's suppression does, where the alerts show all that it groups by."""
    suppression = suppressed(meta)
    if suppression is None or not suppression.by:
        return None
    by = [*_grouped_by(suppression, shows)]
    names = ", ".join(suppression.by)
    if None in by:
        notes.add(note(T379, f"alert suppression by {names} is not carried: the alerts do not show all of these"))
        return None
    notes.add(note(T379, f"alerts with equal {names} stand in one incident; Elastic makes one alert of them"))
    found = [one for one in by if one is not None]
    entities = tuple(dict.fromkeys(name for kind, name in found if kind))
    details = tuple(dict.fromkeys(name for kind, name in found if not kind))
    wanted = suppression.duration_ms or times.frequency_ms
    return Grouping(entities, details, min(max(wanted, _SHORTEST_GROUP), _LONGEST_GROUP))


def _grouped_by(suppression: Suppressed, shows: Shown) -> Iterator[tuple[bool, str] | None]:
    """For each field: whether it is told by an entity, and its type or the detail's key; None where nothing does."""
    for path in suppression.by:
        column = shows.held.get(path)
        kinds = (kind for kind, mapped in shows.entities if column in [name for _, name in mapped])
        keys = (key for key, name in shows.details if name == column)
        kind = next(kinds, None)
        key = next(keys, None)
        yield (True, kind) if kind else (False, key) if key else None
