"""The lookups of a place: sets of keys, filled over their own period, that restrict it to the data set's events."""

from __future__ import annotations

import yaml

from converter.datasets.codes import M003, M004, M005
from converter.datasets.reading.document import Document
from converter.target.lookup import Lookup

_KEYS = ("column", "key", "query", "days", "note")
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
    days = parts["days"]
    if not days.isdecimal() or not 1 <= int(days) <= _LONGEST_DAYS:
        raise doc.error(node, M003, f"a lookup reads 1 to {_LONGEST_DAYS} days, not {days!r}")
    return Lookup(name, parts["column"], parts["key"], parts["query"].strip(), int(days), parts.get("note", ""))
