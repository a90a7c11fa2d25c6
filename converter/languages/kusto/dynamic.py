"""JSON as Kusto writes it."""

from __future__ import annotations

from typing import assert_never

from converter.languages.kusto import literal
from converter.languages.kusto.syntax import Array, Bag, Json, Null, Number, Text, Truth


def json_text(node: Json) -> str:
    """What stands inside of `dynamic(...)`."""
    match node:
        case Text(value):
            return literal.text(value)
        case Number(value):
            return literal.number(value)
        case Truth(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case Array(items):
            return f"[{', '.join(map(json_text, items))}]"
        case Bag(pairs):
            return "{" + ", ".join(f"{literal.quoted(k)}: {json_text(v)}" for k, v in pairs) + "}"
        case _:
            assert_never(node)
