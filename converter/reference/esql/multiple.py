"""The functions on several values (rules Q34, Q35): they take arrays whole, and null as the empty one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from converter.model.operation import Operation
from converter.reference.esql.value import Value, distinct, many, values_of


def _one(value: Value) -> Any:  # noqa: ANN401 -- whatever the type of the argument is
    return None if isinstance(value, list) else value


def _least(value: Value) -> Value:
    found: list[Any] = list(values_of(value))
    return min(found) if found else None


def _greatest(value: Value) -> Value:
    found: list[Any] = list(values_of(value))
    return max(found) if found else None


def _sum(value: Value) -> Value:
    found: list[Any] = list(values_of(value))
    if not found:
        return None
    return math.fsum(found) if any(isinstance(v, float) for v in found) else sum(found)


def _average(value: Value) -> Value:
    found: list[Any] = list(values_of(value))
    return math.fsum(found) / len(found) if found else None


def _joined(value: Value, delimiter: Value) -> Value:
    between = _one(delimiter)
    if value is None or between is None:
        return None
    return str(between).join(str(v) for v in values_of(value))


def _sorted(value: Value, order: Value = "ASC") -> Value:
    found: list[Any] = list(values_of(value))
    return many(sorted(found, reverse=str(_one(order)).upper() == "DESC"))


def _slice(value: Value, start: Value, end: Value = None) -> Value:
    """Both ends count, from 0, or from the end if negative; what lies outside is left out."""
    first = _one(start)
    last = first if end is None else _one(end)
    found = values_of(value)
    if first is None or last is None or not found:
        return None
    first = first + len(found) if first < 0 else first
    last = last + len(found) if last < 0 else last
    return many(found[max(first, 0) : last + 1]) if last >= 0 else None


def _contains(whole: Value, part: Value) -> bool:
    have = {(type(v), v) for v in values_of(whole)}
    return all((type(v), v) in have for v in values_of(part))


def _common(left: Value, right: Value) -> Value:
    have = {(type(v), v) for v in values_of(right)}
    return many(v for v in distinct(values_of(left)) if (type(v), v) in have)


def _appended(left: Value, right: Value) -> Value:
    return None if left is None or right is None else many([*values_of(left), *values_of(right)])


MULTIPLE: Mapping[Operation, Callable[..., Value]] = {
    Operation.MV_COUNT: lambda v: None if v is None else len(values_of(v)),
    Operation.MV_MIN: _least,
    Operation.MV_MAX: _greatest,
    Operation.MV_SUM: _sum,
    Operation.MV_AVG: _average,
    Operation.MV_FIRST: lambda v: None if v is None else values_of(v)[0],
    Operation.MV_LAST: lambda v: None if v is None else values_of(v)[-1],
    Operation.MV_CONCAT: _joined,
    Operation.MV_DEDUPE: lambda v: many(distinct(values_of(v))),
    Operation.MV_SORT: _sorted,
    Operation.MV_SLICE: _slice,
    Operation.MV_APPEND: _appended,
    Operation.MV_CONTAINS: _contains,
    Operation.MV_INTERSECTION: _common,
    Operation.MV_UNION: lambda a, b: many(distinct([*values_of(a), *values_of(b)])),
}
