"""How tightly the text of an expression binds: what has to stand in parentheses."""

from __future__ import annotations

from typing import assert_never

from converter.languages.kusto.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Chain,
    Duration,
    Dynamic,
    Expression,
    Index,
    Member,
    Name,
    Negative,
    Number,
    Star,
    Subquery,
    Text,
    Truth,
    Typed,
)  # fmt: skip

# How tightly each binds, loosest first, as in Microsoft's grammar: operators on strings bind tighter than arithmetic.
OR, AND, EQUAL, COMPARE, ADD, MULTIPLY, STRING, UNARY, ATOM = range(9)
_BINDS = {
    "==": EQUAL, "!=": EQUAL, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY,
}  # fmt: skip
LEFT = {ADD, MULTIPLY}


def binds(node: Expression) -> int:
    """The strength of the weakest operator of the text."""
    match node:
        case Chain(word):
            return OR if word == "or" else AND
        case Among() | Between():
            return EQUAL
        case Binary(operator):
            return _BINDS.get(operator, STRING)
        case Negative():
            return UNARY
        case Number(value):
            return UNARY if value < 0 else ATOM
        case (
            Text() | Truth() | Duration() | Typed() | Dynamic() | Name() | Member() | Index() | Call() | Star()
            | Subquery()
        ):  # fmt: skip
            return ATOM
        case _:
            assert_never(node)
