"""Readers of one field, compiled once: the same values that the reference reads, sooner for the usual shapes.

An event is nearly always a tree of plain dicts whose names hold no dots, or one flat dict of dotted names. A reader
looks those two shapes up directly and leaves every other shape (lists on the way, both spellings together, mappings
of another kind) to `converter.reference.event.raw_values`, which says what a path means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from converter.model.value import Kind
from converter.reference.event import Event, coerce, raw_values

Raw: TypeAlias = Sequence[object]
Reader: TypeAlias = Callable[[Event], Raw]

_SCALARS = frozenset({str, int, float, bool})
_NOTHING: Raw = ()


def reader(path: str) -> Reader:
    """A function from an event to the JSON scalars at `path`, as `raw_values` gives them."""
    parts = path.split(".")
    match parts:
        case [name]:
            return _shallow(name)
        case [first, second]:
            return _pair(path, first, second)
        case [first, second, third]:
            return _triple(path, first, second, third)
        case _:
            return _deep(path, parts)


def _settled(value: object) -> Raw | None:
    """The values of what stands at the end of a path; None if only the reference knows."""
    if type(value) in _SCALARS:
        return (value,)
    if value is None or type(value) is dict:
        return _NOTHING
    if type(value) is list and all(type(one) is str for one in value):
        return value
    return None


def _shallow(name: str) -> Reader:
    def read(event: Event) -> Raw:
        found = _settled(event.get(name))
        return tuple(raw_values(event, name)) if found is None else found

    return read


def _pair(path: str, first: str, second: str) -> Reader:
    def read(event: Event) -> Raw:
        outer = event.get(first)
        if path not in event:
            if outer is None:
                return _NOTHING
            if type(outer) is dict:
                value = outer.get(second)
                if type(value) is str:
                    return (value,)
                found = _settled(value)
                if found is not None:
                    return found
        elif outer is None:
            found = _settled(event[path])
            if found is not None:
                return found
        return tuple(raw_values(event, path))

    return read


def _triple(path: str, first: str, second: str, third: str) -> Reader:
    front, back = f"{first}.{second}", f"{second}.{third}"

    def read(event: Event) -> Raw:
        outer = event.get(first)
        if front in event:
            return tuple(raw_values(event, path))
        if path not in event:
            if outer is None:
                return _NOTHING
            if type(outer) is dict and back not in outer:
                inner = outer.get(second)
                if inner is None:
                    return _NOTHING
                if type(inner) is dict:
                    found = _settled(inner.get(third))
                    if found is not None:
                        return found
        elif outer is None:
            found = _settled(event[path])
            if found is not None:
                return found
        return tuple(raw_values(event, path))

    return read


def _deep(path: str, parts: Sequence[str]) -> Reader:
    """Longer paths: a name at the top that begins like the path tells whether there is anything at all."""
    starts = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]

    def read(event: Event) -> Raw:
        for start in starts:
            if start in event:
                return tuple(raw_values(event, path))
        return _NOTHING

    return read


def text(raw: object) -> str | None:
    """A JSON scalar as a keyword field indexes it."""
    return raw if type(raw) is str else coerce(raw, Kind.KEYWORD)  # type: ignore[return-value]  # KEYWORD gives text


def unfolded(names: Mapping[str, object]) -> dict[str, object]:
    """An object with the first dot of each name made a level: a dotted name beside a plain one becomes a list.

    It holds at every path at least what the object holds there, which is all that looking for candidates needs.
    """
    out: dict[str, object] = {}
    for name, value in names.items():
        first, _, rest = name.partition(".")
        item = {rest: value} if rest else value
        out[first] = [out[first], item] if first in out else item
    return out
