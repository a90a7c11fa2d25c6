"""kuery as text again: a tree in Kibana's one layout, and text escaped so that it reads back as itself."""

from __future__ import annotations

import re
from typing import Final, assert_never

from converter.deferred import compiled
from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Order, Range, Value, Wildcard

_SIGNS: Final = {Order.GT: ">", Order.GTE: ">=", Order.LT: "<", Order.LTE: "<="}
_WHITESPACE: Final = {"\t": "\\t", "\r": "\\r", "\n": "\\n"}
_SPECIAL = compiled(r'[\\():<>"*{}]')
_JOINED = compiled(r"(\s)(and|or)(?=\s)", re.IGNORECASE)
_NOT = compiled(r"not(?=\s)", re.IGNORECASE)
_LINE = compiled(r"[\t\r\n]")
_QUOTED = compiled(r'[\\"]')


def quote(text: str) -> str:
    """`text` in quotes; reads back as the same text, whatever it holds."""
    escaped = _QUOTED.sub(r"\\\g<0>", text)
    return '"' + _LINE.sub(lambda m: _WHITESPACE[m[0]], escaped) + '"'


def escape(text: str) -> str:
    r"""`text` as an unquoted value, as Kibana's escapeKuery writes it.

    Blanks at the ends are lost, and the grammar reads `\n` of an escaped `\not` as a line break: `quote` has
    neither trouble.
    """
    signs = _SPECIAL.sub(r"\\\g<0>", text)
    words = _NOT.sub(r"\\\g<0>", _JOINED.sub(r"\1\\\2", signs))
    return _LINE.sub(lambda m: _WHITESPACE[m[0]], words)


def write(node: Node) -> str:
    """The tree as text; reads back as the same tree."""
    match node:
        case And(terms):
            return "(" + " AND ".join(map(write, terms)) + ")"
        case Or(terms):
            return "(" + " OR ".join(map(write, terms)) + ")"
        case Not(term):
            return f"NOT {write(term)}"
        case Is(Literal(None), value):
            return value_text(value)
        case Is(field, value):
            return f"{value_text(field)}: {value_text(value)}"
        case Range(field, order, value):
            return f"{value_text(field)} {_SIGNS[order]} {value_text(value)}"
        case Nested(path, term):
            return f"{value_text(path)}: {{ {write(term)} }}"
        case _:
            assert_never(node)


def value_text(value: Value) -> str:
    """A field or a value by itself."""
    if isinstance(value, Wildcard):
        return "*".join(map(escape, value.parts))
    if isinstance(value.value, str):
        return quote(value.value) if value.quoted else escape(value.value)
    return "null" if value.value is None else str(value.value).lower()
