"""Events as they lie in Splunk, in Sentinel and in a relational table under ECS names.

What the conventions of the targets say: a field of several values is a multi-value field or a dynamic column, every
other has one column of its type, a nested array is JSON. Values are those that Elastic indexes. An event that a
platform cannot hold (several values in a single column, "" where "" is the missing value) is Unrepresentable there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Sequence as Listed
from datetime import UTC, datetime, timedelta
from typing import assert_never

from converter.model.pipeline import Pipeline
from converter.model.predicate import Element
from converter.model.references import stored_fields
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.model.value import Field, Kind
from converter.model.walk import fields, predicates, walk
from converter.proof.example import iso
from converter.proof.staging import Scene
from converter.reference.event import address, coerce, instant, raw_values

NUMBER = "event_number"
"""The column that tells which event a row is."""

_MAPPED = 0xFFFF
_COLUMNS = {
    Kind.KEYWORD: "string",
    Kind.TEXT: "string",
    Kind.IP: "string",
    Kind.LONG: "long",
    Kind.DOUBLE: "real",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "datetime",
}


class Unrepresentable(Exception):  # noqa: N818 - of the event, not an error
    """The platform cannot hold this event under its convention; the text says what."""


def detection_fields(detection: Detection) -> dict[str, Field]:
    """Every field that the detection looks at, by path; several values win over one."""
    found: dict[str, Field] = {}
    for one in _all_fields(detection):
        known = found.get(one.path)
        if known is None or (one.many and not known.many):
            found[one.path] = one
    return found


def _all_fields(detection: Detection) -> Iterable[Field]:
    for where in predicates(detection):
        yield from fields(where)
    match detection:
        case Sequence(steps=steps, until=until):
            yield from (key.field for step in (*steps, *((until,) if until else ())) for key in step.by)
        case Sample(steps=steps):
            yield from (key.field for step in steps for key in step.by)
        case Threshold(group_by=group_by, distinct=distinct):
            yield from group_by
            if distinct:
                yield distinct.field
        case NewTerms(fields=terms):
            yield from terms
        case IndicatorMatch(any_of=any_of):
            for pairs in any_of:
                for pair in pairs:
                    yield from (pair.field, pair.indicator)
        case Pipeline():
            yield from stored_fields(detection)
        case Match() | AnyOf() | Opaque():
            pass
        case _:
            assert_never(detection)


def nested_paths(detection: Detection) -> frozenset[str]:
    """The arrays of objects of which one object must satisfy several conditions."""
    return frozenset(node.path for where in predicates(detection) for node in walk(where) if isinstance(node, Element))


def typed(event: Mapping[str, object], field: Field) -> list[object]:
    """The values of the field, as an ingest pipeline types them."""
    out: list[object] = []
    for raw in raw_values(event, field.path):
        value = coerce(raw, field.kind)
        if value is None:
            continue
        if field.kind is Kind.IP:
            out.append(raw)
        elif field.kind is Kind.DATE:
            out.append(iso(int(value)))
        else:
            out.append(value)
    return out


def mapped_ipv4(event: Mapping[str, object], paths: Iterable[str]) -> bool:
    """Whether an IPv4 address is spelled as IPv6: Kusto and SPL take it for what it is spelled as, by their notes."""
    raws = (raw for path in paths for raw in raw_values(event, path))
    return any(isinstance(raw, str) and ":" in raw and (address(raw) or 0) >> 32 == _MAPPED for raw in raws)


Row = dict[str, object]


def lay(scene: Scene, make: Callable[[Mapping[str, object], int], Row]) -> tuple[list[Row], list[bool]]:
    """The rows of the events that the platform can hold, and which events these are."""
    rows, held = [], []
    for number, event in enumerate(scene.events):
        try:
            rows.append(make(event, number))
            held.append(True)
        except Unrepresentable:
            held.append(False)
    return rows, held


def found_numbers(rows: Listed[Row], results: Callable[[Listed[Row]], Listed[Mapping[str, object]]]) -> set[int]:
    """The numbers of the rows of which `results` has one; row by row where what it shows leaves the number out."""
    shown = results(rows)
    if all(NUMBER in row for row in shown):
        return {int(str(row[NUMBER])) for row in shown}
    return {int(str(row[NUMBER])) for row in rows if results([row])}


def verdicts(found: Collection[int], held: Listed[bool]) -> list[bool | None]:
    """Whether each event was found; None for one that was not laid into the platform."""
    return [(i in found) if there else None for i, there in enumerate(held)]


def under_all(readings: Listed[set[int]]) -> set[int]:
    """What the first reading finds, but the opposite of it for each event on which another reading differs."""
    first, *others = readings
    disputed: set[int] = set()
    for other in others:
        disputed |= first ^ other
    return first ^ disputed


def _in_nested(path: str, nested: frozenset[str]) -> bool:
    return any(path.startswith(one + ".") for one in nested)


def _nested_value(event: Mapping[str, object], path: str) -> list[object]:
    found: object = event
    if path in event:
        found = event[path]
    else:
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    listed = list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]
    return [_unfolded(one) for one in listed]


def splunk_event(
    event: Mapping[str, object], number: int, known: Mapping[str, Field], nested: frozenset[str]
) -> dict[str, object]:
    """The event's fields as Splunk extracts them."""
    out: dict[str, object] = {NUMBER: str(number), "_time": (instant(event.get("@timestamp")) or 0) / 1000}
    for path, field in known.items():
        if _in_nested(path, nested):
            continue
        values = typed(event, field)
        if len(values) > 1 and not field.many:
            raise Unrepresentable("several values in a field declared single-valued")
        if values:
            shown = [v if isinstance(v, str) else json.dumps(v) for v in values]
            out[path] = shown if field.many else shown[0]
    for path in nested:
        found = _nested_value(event, path)
        if found:
            out[path] = json.dumps(found)
    return out


def _unfolded(value: object) -> object:
    """An object as platforms read it: dotted names, which Elastic takes for objects, as objects."""
    if not isinstance(value, Mapping):
        return value
    out: dict[str, object] = {}
    for name, inner in value.items():
        *outer, last = str(name).split(".")
        place = out
        for step in outer:
            there = place.setdefault(step, {})
            if not isinstance(there, dict):
                raise Unrepresentable("a name that is a value and an object at once")
            place = there
        place[last] = _unfolded(inner)
    return out


def kusto_columns(known: Mapping[str, Field], nested: frozenset[str]) -> dict[str, str]:
    """The columns of the table and their types."""
    columns = {NUMBER: "long", "@timestamp": "datetime"}
    for path, field in known.items():
        if not _in_nested(path, nested) and path != "@timestamp":
            columns[path] = "dynamic" if field.many else _COLUMNS[field.kind]
    return columns | dict.fromkeys(nested, "dynamic")


def kusto_row(
    event: Mapping[str, object],
    number: int,
    known: Mapping[str, Field],
    nested: frozenset[str],
    *,
    arrays_only: bool = False,
) -> dict[str, object]:
    """The event as a row of the table ECS."""
    row: dict[str, object] = {NUMBER: number}
    ms = instant(event.get("@timestamp"))
    row["@timestamp"] = None if ms is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    for path, field in known.items():
        if _in_nested(path, nested) or path == "@timestamp":
            continue
        values = typed(event, field)
        if field.many:
            if "" in values:
                raise Unrepresentable('"" in a dynamic column: the presence test takes it for the missing value (T301)')
            row[path] = _dynamic(values, array=arrays_only or number % 2 == 1)
            continue
        if len(values) > 1:
            raise Unrepresentable("several values in a column of one")
        if values == [""]:
            raise Unrepresentable('"" in a string column is the missing value')
        empty = "" if _COLUMNS[field.kind] == "string" else None
        row[path] = values[0] if values else empty
        if values and field.kind is Kind.DATE:
            row[path] = datetime.fromisoformat(str(values[0]))
    for path in nested:
        row[path] = _nested_value(event, path) or None
    return row


def _dynamic(values: list[object], *, array: bool) -> object:
    """A table of mixed sources holds one value by itself or in an array; several are an array."""
    if not values:
        return [] if array else None
    return values[0] if len(values) == 1 and not array else values
