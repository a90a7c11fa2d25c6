"""Rows beside those of another table: LOOKUP JOIN and ENRICH (rule Q49)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from converter.model.operation import Operation
from converter.model.pipeline import Adjoin
from converter.reference.esql.expression import compile_expression
from converter.reference.esql.value import Row, Value, many, values_of

_COMPARED: Final[Mapping[Operation, Callable[[Any, Any], bool]]] = {
    Operation.EQ: operator.eq,
    Operation.NE: operator.ne,
    Operation.LT: operator.lt,
    Operation.LE: operator.le,
    Operation.GT: operator.gt,
    Operation.GE: operator.ge,
}


def joining(stage: Adjoin, now: int, other: Sequence[Row]) -> Callable[[list[Row]], list[Row]]:
    """The rows beside those of `other` that match; every row stays."""
    pairs = [(compile_expression(pair.left, now), _COMPARED[pair.comparison], pair.right) for pair in stage.on]
    holds = _any_value if stage.gathers else _one_value

    def found(row: Row) -> list[Row]:
        wanted = [(value(row), compare, name) for value, compare, name in pairs]
        return [one for one in other if all(holds(left, compare, one[name]) for left, compare, name in wanted)]

    def gathered(row: Row) -> list[Row]:
        rows = found(row)
        return [{**row, **{c.name: many(v for r in rows for v in values_of(r[name])) for c, name in stage.columns}}]

    def beside(row: Row) -> list[Row]:
        nothing: Row = {name: None for _, name in stage.columns}
        return [{**row, **{c.name: one[name] for c, name in stage.columns}} for one in found(row) or [nothing]]

    make = gathered if stage.gathers else beside
    return lambda rows: [made for row in rows for made in make(row)]


def _one_value(left: Value, compare: Callable[[Any, Any], bool], right: Value) -> bool:
    """A join is on one value of each side; null and several values match nothing."""
    if left is None or right is None or isinstance(left, list) or isinstance(right, list):
        return False
    return compare(left, right)


def _any_value(left: Value, compare: Callable[[Any, Any], bool], right: Value) -> bool:
    """A policy's rows are found by any value."""
    return any(compare(one, other) for one in values_of(left) for other in values_of(right))
