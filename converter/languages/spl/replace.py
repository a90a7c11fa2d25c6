"""Names in expressions of eval, replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from converter.languages.spl.syntax import (
    Among,
    Binary,
    Call,
    Expression,
    Logic,
    Macro,
    Name,
    Negation,
    Negative,
    Number,
    Parameter,
    Text,
)


def replaced(value: Expression, known: Mapping[str, Expression]) -> Expression:
    """The expression with the columns that are known by the expressions that made them."""
    match value:
        case Name(text):
            return known.get(text, value)
        case Text() | Number() | Parameter():
            return value
        case Call(function, parts):
            return Call(function, tuple(replaced(p, known) for p in parts))
        case Macro(name, parts):
            return Macro(name, tuple(replaced(p, known) for p in parts))
        case Binary(sign, left, right):
            return Binary(sign, replaced(left, known), replaced(right, known))
        case Negative(term):
            return Negative(replaced(term, known))
        case Negation(term):
            return Negation(replaced(term, known))
        case Among(term, items):
            return Among(replaced(term, known), tuple(replaced(i, known) for i in items))
        case Logic(junction, parts):
            return Logic(junction, tuple(replaced(p, known) for p in parts))
        case _:
            assert_never(value)
