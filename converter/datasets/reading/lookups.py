"""The lookups of a place, which restrict it to the data set's events, and the tables beside it that it reads."""

from __future__ import annotations

import yaml

from converter.datasets.codes import M003, M004, M005
from converter.datasets.reading.document import Document
from converter.target.lookup import Beside, Lookup

_KEYS = ("column", "key", "query", "days", "note")
_BESIDE_KEYS = ("name", "column", "key", "columns", "query", "days", "note")
_LONGEST_DAYS = 14  # the longest period of a Sentinel rule


def lookups(doc: Document, node: yaml.Node | None) -> tuple[Lookup, ...]:
    """The lookups under a place's key `lookups`. Raises MappingError."""
    return () if node is None else tuple(_lookup(doc, name, value) for name, _, value in doc.items(node, "lookups"))


def _lookup(doc: Document, name: str, node: yaml.Node) -> Lookup:
    parts: dict[str, str] = {}
    for key, key_node, value in doc.items(node, f"the lookup {name}"):
        if key not in _KEYS:
            raise doc.error(key_node, M004, f"{key!r} is no key of a lookup", f"one of: {', '.join(_KEYS)}")
        parts[key] = doc.text(value, key)
    for needed in ("column", "key", "query", "days"):
        if needed not in parts:
            raise doc.error(node, M005, f"the lookup {name} has no {needed!r}")
    days = _days(doc, node, parts["days"])
    return Lookup(name, parts["column"], parts["key"], parts["query"].strip(), days, parts.get("note", ""))


def beside(doc: Document, node: yaml.Node | None) -> tuple[Beside, ...]:
    """The tables under a place's key `beside`. Raises MappingError."""
    return () if node is None else tuple(_beside(doc, name, value) for name, _, value in doc.items(node, "beside"))


def _beside(doc: Document, name: str, node: yaml.Node) -> Beside:
    parts: dict[str, str] = {}
    adds: tuple[tuple[str, str], ...] = ()
    for key, key_node, value in doc.items(node, f"the table {name}"):
        if key not in _BESIDE_KEYS:
            hint = f"one of: {', '.join(_BESIDE_KEYS)}"
            raise doc.error(key_node, M004, f"{key!r} is no key of a table beside a place", hint)
        if key == "columns":
            adds = tuple((own, doc.text(source, "a column")) for own, _, source in doc.items(value, key))
        else:
            parts[key] = doc.text(value, key)
    for needed in ("days", *(("column", "key", "query") if adds else ())):
        if needed not in parts:
            raise doc.error(node, M005, f"the table {name} has no {needed!r}")
    texts = {key: parts.get(key, "").strip() for key in ("column", "key", "query", "note")}
    return Beside(parts.get("name", name), _days(doc, node, parts["days"]), adds=adds, **texts)


def _days(doc: Document, node: yaml.Node, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_DAYS:
        raise doc.error(node, M003, f"a lookup reads 1 to {_LONGEST_DAYS} days, not {text!r}")
    return int(text)
