"""The functions over the rows of a group: nulls are skipped, arrays give each value (rules Q05, Q39 to Q42)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, assert_never

from converter.model.operation import Aggregator
from converter.model.pipeline import Aggregation, Constant, Type
from converter.reference.esql.expression import Compiled, compile_expression, is_true
from converter.reference.esql.multiple import percentile
from converter.reference.esql.text import version_key
from converter.reference.esql.value import Row, Value, distinct, many, values_of, widened, within

Summed: TypeAlias = Callable[[Sequence[Row]], Value]


def compile_aggregation(aggregation: Aggregation, now: int) -> Summed:
    """The value of an aggregate for the rows of a group."""
    arguments = [compile_expression(a, now) for a in aggregation.arguments]
    where = None if aggregation.where is None else compile_expression(aggregation.where, now)
    compute = _function(aggregation, arguments)

    def compiled(rows: Sequence[Row]) -> Value:
        return compute(rows if where is None else [row for row in rows if is_true(where(row))])

    return compiled


def _function(aggregation: Aggregation, arguments: Sequence[Compiled]) -> Summed:
    function, kind = aggregation.function, aggregation.type
    if not arguments:
        return len
    value = arguments[0]

    def over(compute: Callable[[list[Any]], Value]) -> Summed:
        return lambda rows: compute([v for row in rows for v in values_of(value(row))])

    match function:
        case Aggregator.COUNT:
            return over(len)
        case Aggregator.COUNT_DISTINCT:
            return over(lambda found: len(distinct(found)))
        case Aggregator.VALUES:
            # In order, though Elasticsearch promises none: MV_FIRST of them is then one and the same value.
            return over(_values)
        case Aggregator.MIN:
            return over(lambda found: min(found, key=_key(kind), default=None))
        case Aggregator.MAX:
            return over(lambda found: max(found, key=_key(kind), default=None))
        case Aggregator.SUM:
            return over(lambda found: _sum(found, kind))
        case Aggregator.AVG:
            return over(lambda found: math.fsum(found) / len(found) if found else None)
        case Aggregator.MEDIAN:
            return over(lambda found: float(statistics.median(found)) if found else None)
        case Aggregator.STD_DEV:
            return over(lambda found: statistics.pstdev(map(float, found)) if found else None)
        case Aggregator.VARIANCE:
            return over(lambda found: statistics.pvariance(map(float, found)) if found else None)
        case Aggregator.PERCENTILE:
            part = _constant(aggregation, 1)
            return over(lambda found: percentile(found, part) if found else None)
        case Aggregator.DEVIATION:
            return over(_deviation)
        case Aggregator.SAMPLE:
            size = int(_constant(aggregation, 1))
            return over(lambda found: many(found[:size]))
        case Aggregator.WEIGHTED_AVG:
            return _weighted(value, arguments[1])
        case Aggregator.PRESENT:
            return over(bool)
        case Aggregator.ABSENT:
            return over(lambda found: not found)
        case Aggregator.TOP:
            return over(_top(aggregation))
        case Aggregator.FIRST | Aggregator.LAST:
            return _at_end(value, arguments[1], last=function is Aggregator.LAST)
        case _:
            assert_never(function)


def _constant(aggregation: Aggregation, position: int) -> float:
    """The number that an argument must be."""
    node = aggregation.arguments[position]
    return node.value if isinstance(node, Constant) and isinstance(node.value, int | float) else 0


def _deviation(found: list[Any]) -> Value:
    if not found:
        return None
    middle = statistics.median(found)
    return float(statistics.median([abs(v - middle) for v in found]))


def _weighted(value: Compiled, weight: Compiled) -> Summed:
    """The mean of values by their weights; rows that lack one or hold several of either do not count."""

    def compiled(rows: Sequence[Row]) -> Value:
        total = weights = 0.0
        for row in rows:
            one, by = value(row), weight(row)
            if isinstance(one, int | float) and isinstance(by, int | float):
                total += one * by
                weights += by
        return total / weights if weights else None

    return compiled


def _values(found: list[Any]) -> Value:
    ordered: list[Any] = distinct(found)
    return many(sorted(ordered))


def _key(kind: Type) -> Callable[[Any], Any] | None:
    return version_key if kind is Type.VERSION else None


def _sum(found: list[Any], kind: Type) -> Value:
    if not found:
        return None
    return widened(math.fsum(found), kind) if kind is Type.DOUBLE else within(sum(found), kind)


def _top(aggregation: Aggregation) -> Callable[[list[Any]], Value]:
    """The least or greatest values, with repeats."""
    constants = [a.value for a in aggregation.arguments[1:] if isinstance(a, Constant)]
    count = constants[0] if isinstance(constants[0], int) else 0
    descending = len(constants) > 1 and str(constants[1]).lower() == "desc"
    key = _key(aggregation.type)
    return lambda found: many(sorted(found, key=key, reverse=descending)[:count])


def _at_end(value: Compiled, order: Compiled, *, last: bool) -> Summed:
    """FIRST and LAST: the value, null too, of the row with the least or greatest key; rows without a key are none."""

    def compiled(rows: Sequence[Row]) -> Value:
        best: Any = None
        found: Value = None
        for row in rows:
            keys: list[Any] = values_of(order(row))
            if not keys:
                continue
            key = max(keys) if last else min(keys)
            if best is None or (key > best if last else key < best):
                best, found = key, value(row)
        return found

    return compiled
