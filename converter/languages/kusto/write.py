"""Trees to text, in one layout: an operator a line, lines broken at joints where they get long."""

from __future__ import annotations

from converter.languages.kusto import literal
from converter.languages.kusto.filling import STEP, WIDTH
from converter.languages.kusto.layout import flat, lay, lines, on_one_line
from converter.languages.kusto.syntax import Expression, Let, Program, Query


def program(node: Program) -> str:
    """Statements and the query, ended by a line break."""
    return "".join(f"{let(one)}\n" for one in node.lets) + query(node.query) + "\n"


def query(node: Query) -> str:
    """A query, an operator a line."""
    return lines(node)


def expression(node: Expression) -> str:
    """An expression on one line."""
    return flat(node)


def let(node: Let) -> str:
    """`let name = ...;`, on one line where it fits."""
    head = f"let {literal.name(node.name)} = "
    if not isinstance(node.value, Query):
        return f"{head}{lay(node.value, STEP, len(head))};"
    short = f"{head}{on_one_line(node.value)};"
    return short if len(short) <= WIDTH else f"{head}{lines(node.value, STEP)};"


def compact(node: Program) -> str:
    """The same on as few lines as there are statements, for a service that counts characters."""
    lets = "".join(f"{_compact_let(one)}\n" for one in node.lets)
    return f"{lets}{on_one_line(node.query)}\n"


def _compact_let(node: Let) -> str:
    value = on_one_line(node.value) if isinstance(node.value, Query) else flat(node.value)
    return f"let {literal.name(node.name)} = {value};"
