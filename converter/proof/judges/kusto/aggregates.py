"""summarize's functions. All but count() skip nulls (null-values page); distinct counts here are exact."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias, cast

from converter.proof.judges.kusto.comparison import truth
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.rows import Row
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import Expression
from converter.proof.judges.kusto.values import Kind, Value, dynamic, long, null, plain, text_of

Evaluate: TypeAlias = Callable[[Expression, Scope], Value]

_CONDITIONAL = {
    "countif": "count",
    "sumif": "sum",
    "avgif": "avg",
    "minif": "min",
    "maxif": "max",
    "dcountif": "dcount",
    "count_distinctif": "count_distinct",
    "make_set_if": "make_set",
    "make_list_if": "make_list",
    "take_anyif": "take_any",
}
_PLAIN = frozenset(_CONDITIONAL.values()) | {"any"}
EXTREMES = ("arg_min", "arg_max")
AGGREGATES = frozenset(_CONDITIONAL) | _PLAIN


def aggregate(name: str, arguments: tuple[Expression, ...], scope: Scope, evaluate: Evaluate) -> Value:
    rows = list(scope.group or ())
    inner = scope.over(())  # no aggregate inside of an aggregate
    if name in _CONDITIONAL:
        position = 0 if name == "countif" else 1
        if len(arguments) <= position:
            raise KustoError(f"{name} needs a condition")
        condition = arguments[position]
        rows = [row for row in rows if truth(evaluate(condition, _at(inner, row))) is True]
        arguments = arguments[:position] + arguments[position + 1 :]
        name = _CONDITIONAL[name]
    if name == "count":
        if arguments:
            raise KustoError("count takes no argument")
        return long(len(rows))
    if not arguments:
        raise KustoError(f"{name} needs an argument")
    values = [evaluate(arguments[0], _at(inner, row)) for row in rows]
    limit = plain(evaluate(arguments[1], scope)) if name.startswith("make_") and len(arguments) > 1 else None
    # Where no row passes the condition, the null is of the argument's type all the same.
    shown = values or [evaluate(arguments[0], _at(inner, row)) for row in (scope.group or ())[:1]]
    return _fold(name, values, cast("int | None", limit), shown[0].kind if shown else "dynamic")


def extreme_row(name: str, expression: Expression, scope: Scope, evaluate: Evaluate) -> tuple[Row, Value]:
    """arg_min and arg_max: the row, and the value there. Where all are null, the first row (arg-max page, Banana)."""
    best, *others = ((row, evaluate(expression, _at(scope.over(()), row))) for row in scope.group or ())
    for row, value in others:
        if not value.is_null and (best[1].is_null or _beyond(name, value, best[1])):
            best = row, value
    return best


def _at(scope: Scope, row: Row) -> Scope:
    return Scope(scope.tables, scope.lets, scope.reading, scope.now, scope.queries, row)


def _beyond(name: str, one: Value, other: Value) -> bool:
    low, high = (other.data, one.data) if name.endswith("max") else (one.data, other.data)
    return bool(low < high)  # type: ignore[operator]


def _fold(name: str, values: list[Value], limit: int | None, kind: Kind) -> Value:
    present = [value for value in values if plain(value) is not None]
    match name:
        case "dcount" | "count_distinct":
            return long(len({identity(value) for value in present}))
        case "make_set" | "make_list":
            return _collect(name, present, limit)
        case "take_any" | "any":
            return present[0] if present else null(kind)
        case _:
            pass
    if kind == "dynamic" and values:
        raise KustoError(f"{name} of dynamic: cast it")
    data = [value.data for value in present]
    if not data:
        return _of_none(name, kind)
    match name:
        case "min":
            return Value(kind, min(data))  # type: ignore[type-var]
        case "max":
            return Value(kind, max(data))  # type: ignore[type-var]
        case "sum":
            start: object = timedelta() if kind == "timespan" else 0
            return Value("long" if kind == "int" else kind, sum(cast("list[float]", data), cast("float", start)))
        case _:  # avg
            return Value("real", sum(cast("list[float]", data)) / len(data))


def _of_none(name: str, kind: Kind) -> Value:
    """The sum of no values is 0, their average 0 divided by 0 (summarize page, examples); all others are null."""
    match name:
        case "avg":
            return Value("real", math.nan)
        case "sum":
            return Value("long" if kind == "int" else kind, timedelta() if kind == "timespan" else 0)
        case _:
            return null(kind)


def _collect(name: str, values: list[Value], limit: int | None) -> Value:
    found: dict[object, object] = {}
    for position, value in enumerate(values):
        if name == "make_set" and isinstance(value.data, list):
            raise KustoError("make_set of arrays is not interpreted")
        found.setdefault(identity(value) if name == "make_set" else position, plain(value))
    return dynamic(list(found.values())[:limit])


def identity(value: Value) -> object:
    """What makes two values one group: nulls of a type are one, 1 and true are not."""
    data = plain(value)
    if isinstance(data, (list, dict)):
        return "json", text_of(data)
    return type(data).__name__ if isinstance(data, bool) else "", data
