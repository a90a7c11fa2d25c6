"""kuery as people write it: small keywords, the values of one field in one pair of parentheses, long queries on lines.

`parse(layout(tree)) == tree`, as for `converter.languages.kuery.write`, which keeps Kibana's one layout.
"""

from __future__ import annotations

from typing import Final, assert_never

from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Range, Value
from converter.languages.kuery.write import value_text, write

WIDTH: Final = 110
"""The longest line, where there is a place to break it."""

_OR, _AND, _CLAUSE = range(3)
_INDENT: Final = "  "


def layout(node: Node) -> str:
    """The tree as text; reads back as the same tree."""
    return _laid(node, "", _OR)


def _laid(node: Node, indent: str, least: int) -> str:
    """On one line if it fits behind `indent`, else a chain with a term a line."""
    flat = _flat(node, least)
    if len(indent) + len(flat) <= WIDTH:
        return flat
    inner = indent + _INDENT
    match node:
        case Not(term):
            return f"not {_laid(term, indent, _CLAUSE)}"
        case Nested(path, term):
            return f"{value_text(path)}: {{\n{inner}{_laid(term, inner, _OR)}\n{indent}}}"
        case Or(terms) if (field := _one_field(terms)) is not None:
            return f"{value_text(field)}: (\n{_filled([value_text(v) for v in _values(terms)], inner)}\n{indent})"
        case And() | Or():
            if _binds(node) < least:
                return f"(\n{inner}{_chain(node, inner)}\n{indent})"
            return _chain(node, indent)
        case _:
            return flat


def _chain(node: And | Or, indent: str) -> str:
    word, binds = ("and", _AND) if isinstance(node, And) else ("or", _OR)
    return f" {word}\n{indent}".join(_laid(t, indent, max(binds + 1, _CLAUSE)) for t in node.terms)


def _binds(node: Node) -> int:
    match node:
        case Or(terms):
            return _CLAUSE if _one_field(terms) is not None else _OR
        case And():
            return _AND
        case Not() | Is() | Range() | Nested():
            return _CLAUSE
        case _:
            assert_never(node)


def _flat(node: Node, least: int) -> str:
    text = _bare(node)
    return text if _binds(node) >= least else f"({text})"


def _bare(node: Node) -> str:
    match node:
        case Or(terms) if (field := _one_field(terms)) is not None:
            return f"{value_text(field)}: ({' or '.join(value_text(v) for v in _values(terms))})"
        case Or(terms):
            return " or ".join(_flat(t, _CLAUSE) for t in terms)
        case And(terms):
            return " and ".join(_flat(t, _CLAUSE) for t in terms)
        case Not(term):
            inner = _flat(term, _CLAUSE)
            return f"not ({inner})" if isinstance(term, Not) else f"not {inner}"
        case Is() | Range():
            return write(node)
        case Nested(path, term):
            return f"{value_text(path)}: {{ {_flat(term, _OR)} }}"
        case _:
            assert_never(node)


def _one_field(terms: tuple[Node, ...]) -> Value | None:
    """The field that all terms ask one value of; None where they do not, or it is no field."""
    first = terms[0]
    if not isinstance(first, Is) or first.field == Literal(None):
        return None
    return first.field if all(isinstance(t, Is) and t.field == first.field for t in terms) else None


def _values(terms: tuple[Node, ...]) -> list[Value]:
    return [term.value for term in terms if isinstance(term, Is)]


def _filled(values: list[str], indent: str) -> str:
    """Values joined by or, as many on a line as fit."""
    lines = [indent + values[0]]
    for value in values[1:]:
        if len(lines[-1]) + len(" or ") + len(value) < WIDTH:
            lines[-1] += f" or {value}"
        else:
            lines[-1] += " or"
            lines.append(indent + value)
    return "\n".join(lines)
