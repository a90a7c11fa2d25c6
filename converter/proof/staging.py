"""What scenes are made of: events at a time, with keys, lacking a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from converter.model.predicate import Like, OneOf, Predicate
from converter.model.value import Field, Kind
from converter.model.walk import leaves
from converter.proof.example import NOW, iso, pattern_text
from converter.reference import matches

Made: TypeAlias = Mapping[str, object]

VARIANTS = 4
"""How many variations of one kind a scene is made in."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Events given to one run at `now`, and the indicator documents beside them."""

    name: str
    events: tuple[Made, ...]
    indicators: tuple[Made, ...] = ()
    now: int = field(default=NOW)


KEYS: Mapping[Kind, tuple[object, object]] = {
    Kind.KEYWORD: ("key-1", "key-2"),
    Kind.TEXT: ("key one", "key two"),
    Kind.LONG: (4242, 4243),
    Kind.DOUBLE: (42.5, 43.5),
    Kind.BOOLEAN: (True, False),
    Kind.IP: ("10.9.8.7", "10.9.8.8"),
    Kind.DATE: (iso(NOW - 7_000), iso(NOW - 8_000)),
}


def at_time(event: Made, ms: int) -> Made:
    """The event at another time."""
    return {**event, "@timestamp": iso(ms)}


def value(where: Predicate, event: Made, field: Field, number: int) -> object:
    """The value of a field numbered `number`, one that keeps the event matching if there is one."""
    tried = candidates(where, field, number)
    return next((one for one in tried if matches(where, {**event, field.path: one}, NOW)), next(iter(tried)))


def candidates(where: Predicate, field: Field, number: int) -> list[object]:
    """Values number `number` worth trying for a field, the plainest first."""
    plain = KEYS[field.kind][number] if number < len(KEYS[field.kind]) else _numbered(field.kind, number)
    return [plain, *_allowed(where, field, number)]


def _allowed(where: Predicate, field: Field, number: int) -> Iterator[object]:
    """Values that the predicate itself speaks of, and a public address."""
    for leaf in leaves(where):
        if isinstance(leaf, Like) and leaf.field.path == field.path:
            yield from (pattern_text(pattern, f"v{number}") for pattern in leaf.patterns)
        elif isinstance(leaf, OneOf) and leaf.field.path == field.path:
            yield from leaf.values[number:]
    if field.kind is Kind.IP:
        yield f"81.2.{number // 250}.{number % 250 + 1}"


def _numbered(kind: Kind, number: int) -> object:
    match kind:
        case Kind.KEYWORD | Kind.TEXT:
            return f"value{number}"
        case Kind.LONG:
            return 1_000 + number
        case Kind.DOUBLE:
            return 1_000.5 + number
        case Kind.BOOLEAN:
            return bool(number % 2)
        case Kind.IP:
            return f"10.20.{number // 250}.{number % 250 + 1}"
        case Kind.DATE:
            return iso(NOW - 10_000 - number)


def keyed(where: Predicate, event: Made, fields: Iterable[Field], choice: int = 0) -> Made:
    """The event with a value for each key field; one that the predicate needs as it is stays."""
    out = dict(event)
    for one in fields:
        tried = {**out, one.path: value(where, out, one, choice)}
        if one.path not in out or matches(where, tried, NOW):
            out = tried
    return out


def joining(where: Predicate, event: Made, fields: Iterable[Field], model: Made) -> Made:
    """The event with the key fields of `model`, where that leaves its verdict as it is or it has no value."""
    out = dict(event)
    for one in fields:
        tried = {**out, one.path: model.get(one.path)}
        if one.path not in out or matches(where, tried, NOW) == matches(where, out, NOW):
            out = tried
    return out


def without(event: Made, path: str) -> Made:
    """The event without a field."""
    return {name: value for name, value in event.items() if name != path}
