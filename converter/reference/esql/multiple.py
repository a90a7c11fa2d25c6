"""The functions on several values (rules Q34, Q35): they take arrays whole, and null as the empty one."""

from __future__ import annotations

import itertools
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


def _difference(left: Value, right: Value) -> Value:
    have = {(type(v), v) for v in values_of(right)}
    return many(v for v in distinct(values_of(left)) if (type(v), v) not in have) if have else left


def _share(left: Value, right: Value) -> bool:
    have = {(type(v), v) for v in values_of(left)}
    return any((type(v), v) in have for v in values_of(right))


def median(found: list[Any]) -> Any:  # noqa: ANN401 -- whatever the type of the numbers is
    """The middle value; of two the mean, cut to a whole number where they are whole."""
    ordered = sorted(found)
    middle, odd = divmod(len(ordered), 2)
    if odd:
        return ordered[middle]
    low, high = ordered[middle - 1], ordered[middle]
    return (low + high) / 2 if isinstance(low, float) else (low + high) // 2


def _median(value: Value) -> Value:
    found = values_of(value)
    return median(found) if found else None


def _deviation(value: Value) -> Value:
    found: list[Any] = list(values_of(value))
    if not found:
        return None
    middle = median(found)
    return median([abs(v - middle) for v in found])  # type: ignore[no-any-return] # a number


def percentile(found: list[Any], part: float) -> float:
    """The value below which a part of 100 lies, between the two next to it by their distance."""
    ordered = sorted(found)
    place = part / 100 * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def _percentile(value: Value, part: Value) -> Value:
    found: list[Any] = list(values_of(value))
    wanted = _one(part)
    if not found or wanted is None or not 0 <= wanted <= 100:  # noqa: PLR2004 -- per cent
        return None
    return percentile(found, wanted) if isinstance(found[0], float) else int(percentile(found, wanted))


def _weighted(value: Value, power: Value) -> Value:
    found: list[Any] = list(values_of(value))
    wanted = _one(power)
    if not found or wanted is None:
        return None
    try:
        return math.fsum(v / float(place) ** wanted for place, v in enumerate(found, 1))
    except (OverflowError, ZeroDivisionError):
        return None


def _zipped(left: Value, right: Value, delimiter: Value = ",") -> Value:
    """Pairs of values; what one list has more than the other stands alone."""
    between = _one(delimiter)
    if left is None or right is None or between is None:
        return None if between is None else right if left is None else left
    pairs = itertools.zip_longest(values_of(left), values_of(right))
    return many(f"{a}{between}{b}" if a is not None and b is not None else (b if a is None else a) for a, b in pairs)


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
    Operation.MV_DIFFERENCE: _difference,
    Operation.MV_INTERSECTS: _share,
    Operation.MV_MEDIAN: _median,
    Operation.MV_DEVIATION: _deviation,
    Operation.MV_PERCENTILE: _percentile,
    Operation.MV_WEIGHTED_SUM: _weighted,
    Operation.MV_ZIP: _zipped,
    Operation.MV_UNION: lambda a, b: many(distinct([*values_of(a), *values_of(b)])),
}
