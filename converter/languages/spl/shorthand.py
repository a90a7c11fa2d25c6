"""Short ways to build trees."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from converter.languages.spl.syntax import (
    Binary,
    Call,
    Condition,
    Every,
    Excluding,
    Expression,
    Junction,
    Logic,
    Negation,
    Negative,
    Number,
    Sign,
    Some,
)

TRUE = Binary(Sign.EQ, Number("1"), Number("1"))
FALSE = Binary(Sign.EQ, Number("1"), Number("0"))
NULL = Call("null")


def call(function: str, *arguments: Expression) -> Call:
    """A function of eval."""
    return Call(function, arguments)


def binary(left: Expression, sign: Sign, right: Expression) -> Binary:
    """Two values and the operator between them."""
    return Binary(sign, left, right)


def equal(left: Expression, right: Expression) -> Binary:
    """`left==right`."""
    return Binary(Sign.EQ, left, right)


def number(value: float) -> Expression:
    """A number in digits without exponent."""
    digits = str(abs(value)) if isinstance(value, int) else f"{Decimal(repr(abs(value))):f}"
    return Negative(Number(digits)) if value < 0 else Number(digits)


def concat(first: Expression, *rest: Expression) -> Expression:
    """The texts one after another."""
    for part in rest:
        first = Binary(Sign.CONCAT, first, part)
    return first


def case(*arms: tuple[Expression, Expression]) -> Call:
    """`case(condition, value, ...)`."""
    return Call("case", tuple(part for arm in arms for part in arm))


def conjunction(parts: Iterable[Expression]) -> Expression:
    """All of the conditions of eval."""
    return _logic(Junction.AND, parts, TRUE)


def disjunction(parts: Iterable[Expression]) -> Expression:
    """One of the conditions of eval."""
    return _logic(Junction.OR, parts, FALSE)


def _logic(junction: Junction, parts: Iterable[Expression], empty: Expression) -> Expression:
    flat: list[Expression] = []
    for part in parts:
        flat += part.parts if isinstance(part, Logic) and part.junction is junction else (part,)
    if not flat:
        return empty
    return flat[0] if len(flat) == 1 else Logic(junction, tuple(flat))


def negation(term: Expression) -> Expression:
    """`NOT` a condition that is never NULL."""
    return term.term if isinstance(term, Negation) else Negation(term)


def every(parts: Iterable[Condition]) -> Condition | None:
    """All of the terms of `search`, None if there are none."""
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, Every) else (part,)
    return (flat[0] if len(flat) == 1 else Every(tuple(flat))) if flat else None


def some(parts: Iterable[Condition]) -> Condition | None:
    """One of the terms of `search`, None if there are none."""
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, Some) else (part,)
    return (flat[0] if len(flat) == 1 else Some(tuple(flat))) if flat else None


def excluding(part: Condition) -> Condition:
    """`NOT` a term."""
    return part.part if isinstance(part, Excluding) else Excluding(part)
