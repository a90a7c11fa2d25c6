"""A rule as a custom detection of Defender's unified portal: the JSON that Microsoft Graph takes.

https://learn.microsoft.com/en-us/graph/api/resources/security-detectionrule (version 1.0)
https://learn.microsoft.com/en-us/defender-xdr/custom-detection-rules
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from backends.sentinel.codes import T383, T387
from backends.sentinel.condition.finding import error, note, warning
from backends.sentinel.deploy.arm import json_text
from backends.sentinel.deploy.attack import Attack, attack, parents, parts
from backends.sentinel.deploy.connectors import tables
from backends.sentinel.deploy.describe import cut, name
from backends.sentinel.deploy.header import licence, lines, origin, span
from backends.sentinel.deploy.rule import LONGEST_TEXT, Json
from backends.sentinel.detection.shown import name_of
from converter.deferred import dataclass, replace
from converter.languages.kusto.syntax import (
    Dynamic,
    Item,
    Name,
    Nested,
    Program,
    Project,
    Query,
    Text,
    Union,
)
from converter.model.duration import DAY, HOUR
from converter.model.metadata import Metadata
from converter.model.rule import AnyOf, Detection, Match
from converter.plan.uncarried import retired
from converter.plan.window import plan_window
from converter.target.contract import Notebook

_FILE = Path(__file__).parent / "defender.yaml"
# How often a custom detection may run, and how far each run looks back.
_RUNS = ((HOUR, 4 * HOUR), (3 * HOUR, 12 * HOUR), (12 * HOUR, 48 * HOUR), (DAY, 30 * DAY))
_ISO = {HOUR: "PT1H", 3 * HOUR: "PT3H", 12 * HOUR: "PT12H", DAY: "P1D"}
_OWN_TIME, _ITS_TIME = "TimeGenerated", "Timestamp"


@dataclass(frozen=True, slots=True)
class Hunted:
    """A table of advanced hunting: what a query must return, and the columns of each kind of entity."""

    returns: tuple[str, ...]
    maps: Mapping[str, tuple[Mapping[str, str], ...]]


@functools.cache
def _written() -> Mapping[str, Any]:
    import yaml

    text = _FILE.read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe loaders
    return found


@functools.cache
def _known() -> Mapping[str, Hunted]:
    return {
        table: Hunted(tuple(one["returns"]), {kind: tuple(found) for kind, found in one["maps"].items()})
        for table, one in _written()["tables"].items()
    }


def _looked_up() -> Sequence[str]:
    """Tables that a query looks something up in, whose rows it does not return."""
    found: Sequence[str] = _written()["lookups"]
    return found


def _returns(table: str) -> tuple[str, ...]:
    return _known()[table].returns if table in _known() else ()


def hunting(detection: Detection, program: Program, notes: Notebook) -> Program | None:
    """The program over the tables as advanced hunting has them; None where the notes say why it cannot be one.

    Each row is an event by itself: what a custom detection shows and what it takes action on are events.
    """
    if not isinstance(detection, Match | AnyOf):
        notes.add(error(T383, "a custom detection finds single events: this rule is about several together"))
        return None
    read = tables(program)
    if others := [table for table in read if table not in _known() and table not in _looked_up()]:
        notes.add(error(T383, f"custom detections of Defender XDR do not read {', '.join(others)}"))
        return None
    wanted = tuple(dict.fromkeys(column for table in read for column in _returns(table)))
    told = _renamed(program)
    return replace(told, query=_returning(told.query, wanted))


_Node = TypeVar("_Node")


def _renamed(node: _Node) -> _Node:
    """A tree with the tables' own name of an event's time."""
    if isinstance(node, Text | Dynamic):
        return node  # values, whatever they say
    if node == _OWN_TIME:
        return cast("_Node", _ITS_TIME)
    if isinstance(node, tuple):
        return cast("_Node", tuple(_renamed(part) for part in node))
    if is_dataclass(node) and not isinstance(node, type):
        parts_ = {field.name: _renamed(getattr(node, field.name)) for field in fields(node)}
        return cast("_Node", replace(node, **parts_))
    return node


def _returning(query: Query, wanted: tuple[str, ...]) -> Query:
    """The query with these columns among those that it keeps."""
    last = query.operators[-1] if query.operators else None
    if isinstance(last, Project):
        kept = {name_of(item) for item in last.items}
        lacking = [w for w in wanted if w not in kept]
        items = (*last.items, *(Item(Name(w)) for w in lacking))
        return Query(query.source, (*query.operators[:-1], Project(items)))
    if last is None and isinstance(query.source, Union):
        arms = tuple(_returning(arm, wanted) for arm in query.source.queries)
        return Query(Union(arms, query.source.options))
    if last is None and isinstance(query.source, Nested):
        return Query(Nested(_returning(query.source.query, wanted)))
    return query


def returned(program: Program) -> tuple[str, ...]:
    """The columns that every row has; none where whole rows are kept."""
    query = program.query
    if query.operators and isinstance(query.operators[-1], Project):
        return tuple(name_of(item) for item in query.operators[-1].items)
    if not query.operators and isinstance(query.source, Union):
        each = [returned(Program(arm)) for arm in query.source.queries]
        return tuple(column for column in each[0] if all(column in other for other in each[1:]))
    return ()


def xdr_text(meta: Metadata, program: Program, text: str, severity: str, notes: Notebook) -> str:
    """The detection as JSON, to be sent to `/security/rules/detectionRules`."""
    frequency, lookback = _schedule(meta, notes)
    title = name(meta, notes)
    described: dict[str, Json] = {
        "title": title,
        "description": "\n\n".join(filter(None, [lines(meta.description), f"{origin(meta)}. {licence(meta)}"])),
        "severity": severity.lower(),
        "tactics": _tactics(attack(meta, notes)),
        "entityMappings": _mapped(tables(program), returned(program)),
    }
    actions = lines(meta.note)
    if actions:
        described["recommendedActions"] = cut(actions, LONGEST_TEXT)
    body: dict[str, Json] = {
        "displayName": title,
        "status": "disabled" if retired(meta) else "enabled",
        "queryCondition": {"queryText": text},
        "schedule": {"frequency": frequency},
        "detectionAction": {"alertTemplate": described},
    }
    notes.add(note(T387, f"every run looks back over {lookback}; the service makes one alert of those that are alike"))
    return json_text(body)


def _schedule(meta: Metadata, notes: Notebook) -> tuple[str, str]:
    window = plan_window(meta)
    interval = window.interval_ms
    frequency, lookback = next(((f, back) for f, back in _RUNS if f >= interval), _RUNS[-1])
    if frequency != interval:
        said = f"Elastic runs the rule every {span(interval)}, a custom detection every {span(frequency)}"
        notes.add(note(T387, said))
    if window.from_ms > lookback + interval:
        message = f"the rule looks at events of the last {span(window.from_ms)}, here of {span(lookback)}"
        notes.add(warning(T387, message))
    return _ISO[frequency], span(lookback)


def _tactics(found: Attack) -> list[Json]:
    made: list[Json] = []
    for tactic, techniques in found.under:
        under: list[Json] = [
            {"technique": one, "subTechniques": [p for p in parts(techniques) if p.startswith(f"{one}.")]}
            for one in parents(techniques)
        ]
        made.append({"tactic": tactic, "techniques": under})
    return made


def _mapped(read: Iterable[str], columns: tuple[str, ...]) -> dict[str, Json]:
    """Entities of the columns that the query returns."""
    found: dict[str, list[Json]] = {}
    for table in read:
        for kind, mappings in (_known()[table].maps if table in _known() else {}).items():
            for mapping in mappings:
                told: dict[str, Json] = {key: c for key, c in mapping.items() if not columns or c in columns}
                if told and told not in found.setdefault(kind, []):
                    found[kind].append(told)
    return {kind: mappings for kind, mappings in found.items() if mappings}
