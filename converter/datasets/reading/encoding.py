"""Values of tables as JSON and back, an entry when it is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from converter.datasets.reading import table as tables
from converter.datasets.reading.table import Entry
from converter.diagnostics import Source, Span
from converter.model.fact import Fact
from converter.model.value import Macro
from converter.target.lookup import Beside, Lookup

_CLASSES: Mapping[Any, type] = {
    cls.__name__: cls
    for cls in (
        tables.Raw, tables.When, tables.Always, tables.Unknown, tables.AsIs, tables.Lost, tables.Counterpart, Entry,
        tables.Implied, tables.Place, tables.Selector, Lookup, Beside, Macro,
    )
}  # fmt: skip
_MEMBERS: Mapping[str, Mapping[str, object]] = {
    enum.__name__: {member.value: member for member in enum} for enum in (tables.Status, tables.Known)
}
_TAG = "$"
"""Marks an object that is no mapping; no key of a table is this."""


class Encoder:
    """A value of a table as JSON: a tuple is a list, a mapping an object, anything else an object with its class."""

    def __init__(self, sources: Mapping[str, int]) -> None:
        self._sources = sources

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - any value that a table holds
        """Fields that have their default are left out."""
        match value:
            case None | bool() | int() | str():
                return value
            case tuple():
                return [self(one) for one in value]
            case Span(start, end):
                return {_TAG: "Span", "v": [start, end]}
            case Source(name):
                return {_TAG: "Source", "v": self._sources[name]}
            case frozenset():
                return {_TAG: "facts", "v": sorted(fact.value for fact in value)}
            case tables.Status() | tables.Known():
                return {_TAG: type(value).__name__, "v": value.value}
            case Mapping():
                assert _TAG not in value  # noqa: S101 - else it would be read as another thing
                return {key: self(one) for key, one in value.items()}
            case _:
                return self._object(value)

    def _object(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the classes
        cls: Any = type(value)
        assert cls is _CLASSES[cls.__name__]  # noqa: S101 - else it would be read as another class
        found = {_TAG: cls.__name__}
        for field in dataclasses.fields(cls):
            one = getattr(value, field.name)
            default = field.default_factory() if callable(field.default_factory) else field.default
            if type(one) is not type(default) or one != default:
                found[field.name] = self(one)
        return found


class Decoder:
    """The value that an `Encoder` wrote."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - any value that a table holds
        """As it was. Most of what stands in lists and objects is plain, and is taken as it is."""
        if isinstance(value, list):
            return tuple([self(one) if type(one) in _NESTED else one for one in value])
        if not isinstance(value, dict):
            return value
        tag = value.get(_TAG)
        cls = _CLASSES.get(tag)
        if tag is None or cls is not None:
            found = {k: self(one) if type(one) in _NESTED else one for k, one in value.items() if k != _TAG}
            return found if cls is None else cls(**found)
        match tag:
            case "Span":
                return Span(*value["v"])
            case "Source":
                return self._sources[value["v"]]
            case "facts":
                return frozenset(map(Fact, value["v"]))
            case _:
                return _MEMBERS[tag][value["v"]]


_NESTED = frozenset({list, dict})


class Late(Mapping[str, Any]):
    """A mapping whose values are decoded when they are asked for: a rule needs a few of a table's fields."""

    def __init__(self, encoded: Mapping[str, Any], decode: Decoder) -> None:
        self._encoded, self._decode = encoded, decode
        self._found: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - an entry, or places
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._decode(self._encoded[key])
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._encoded

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)
