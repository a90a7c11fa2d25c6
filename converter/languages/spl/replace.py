"""Expressions of eval with parts replaced: columns by what made them, parameters of macros by arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    if isinstance(value, Name):
        return known.get(value.text, value)
    return map_children(value, lambda one: replaced(one, known))


def filled(value: Expression, arguments: Mapping[str, Expression]) -> Expression:
    """The definition of a macro with its arguments in the place of parameters."""
    if isinstance(value, Parameter):
        return arguments[value.name]
    return map_children(value, lambda one: filled(one, arguments))


def map_children(value: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The expression with each one directly inside replaced."""
    match value:
        case Name() | Text() | Number() | Parameter():
            return value
        case Call(function, parts):
            return Call(function, tuple(map(change, parts)))
        case Macro(name, parts):
            return Macro(name, tuple(map(change, parts)))
        case Binary(sign, left, right):
            return Binary(sign, change(left), change(right))
        case Negative(term):
            return Negative(change(term))
        case Negation(term):
            return Negation(change(term))
        case Among(term, items):
            return Among(change(term), tuple(map(change, items)))
        case Logic(junction, parts):
            return Logic(junction, tuple(map(change, parts)))
        case _:
            assert_never(value)


def children(value: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside."""
    found: list[Expression] = []

    def kept(one: Expression) -> Expression:
        found.append(one)
        return one

    map_children(value, kept)
    return tuple(found)
