"""What scenes are made of: events at a time, with keys, lacking a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from converter.evaluate import matches
from converter.model.predicate import Predicate
from converter.model.value import Field, Kind
from converter.verify.example import NOW, iso

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


def keyed(where: Predicate, event: Made, fields: Iterable[Field], choice: int = 0) -> Made:
    """The event with a value for each key field; one that the predicate needs as it is stays."""
    out = dict(event)
    for one in fields:
        tried = {**out, one.path: KEYS[one.kind][choice]}
        if matches(where, tried, NOW) or one.path not in out:
            out = tried
    return out


def without(event: Made, path: str) -> Made:
    """The event without a field."""
    return {name: value for name, value in event.items() if name != path}
