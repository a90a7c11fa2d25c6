"""Functions on several values."""

from __future__ import annotations

import math

from backends.python.runtime.rows import distinct, each, many


def count_of(value):
    return None if value is None else len(each(value))


def least(value):
    return min(each(value), default=None)


def greatest(value):
    return max(each(value), default=None)


def sum_of(value):
    found = each(value)
    if not found:
        return None
    return math.fsum(found) if any(isinstance(v, float) for v in found) else sum(found)


def average(value):
    found = each(value)
    return math.fsum(found) / len(found) if found else None


def first(value):
    return None if value is None else each(value)[0]


def last(value):
    return None if value is None else each(value)[-1]


def concatenated(value, delimiter):
    if value is None or delimiter is None or isinstance(delimiter, list):
        return None
    return delimiter.join(each(value))


def unique(value):
    return many(distinct(each(value)))


def in_order(value, order="ASC"):
    return many(sorted(each(value), reverse=order.upper() == "DESC"))


def part(value, start, end=None):
    """From one place to another, both included, counted from 0 or from the end."""
    end = start if end is None else end
    if value is None or start is None or isinstance(start, list) or isinstance(end, list):
        return None
    found = each(value)
    start = start + len(found) if start < 0 else start
    end = end + len(found) if end < 0 else end
    return many(found[max(start, 0) : end + 1]) if end >= 0 else None


def has_all(whole, wanted):
    have = {(type(v), v) for v in each(whole)}
    return all((type(v), v) in have for v in each(wanted))


def common(left, right):
    have = {(type(v), v) for v in each(right)}
    return many(v for v in distinct(each(left)) if (type(v), v) in have)


def appended(left, right):
    return None if left is None or right is None else many([*each(left), *each(right)])


def united(left, right):
    return many(distinct([*each(left), *each(right)]))
