"""Values of rows: null, one value, or a list of two and more, never an empty list or a list of one.

A date is milliseconds, an address 128 bits, a point longitude and latitude; types are those of the expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from converter.model.pipeline import Period, Type

Scalar: TypeAlias = str | int | float | bool | tuple[float, float] | Period
Value: TypeAlias = Scalar | list[Scalar] | None
Row: TypeAlias = dict[str, Any]
"""Columns by name; under `EVENT` the event itself, under `ORIGIN` the numbers of the events that a row is made of."""

EVENT = ""
ORIGIN = "\x00"

INT_LIMIT = 1 << 31
LONG_LIMIT = 1 << 63
UNSIGNED_LIMIT = 1 << 64


def many(values: Iterable[Scalar | None]) -> Value:
    """Values in their normal form; nulls vanish."""
    found = [v for v in values if v is not None]
    if len(found) > 1:
        return found
    return found[0] if found else None


def values_of(value: Value) -> list[Scalar]:
    """The values, none for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def within(value: int, kind: Type) -> int | None:
    """A whole number of a type; null if it does not fit (rule Q18)."""
    if kind is Type.INTEGER:
        return value if -INT_LIMIT <= value < INT_LIMIT else None
    if kind is Type.UNSIGNED_LONG:
        return value if 0 <= value < UNSIGNED_LIMIT else None
    return value if -LONG_LIMIT <= value < LONG_LIMIT else None


def widened(value: Value, kind: Type) -> Value:
    """Whole numbers as decimals where the type is double."""
    if kind is not Type.DOUBLE:
        return value
    if isinstance(value, list):
        return [float(v) if isinstance(v, int) else v for v in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def distinct(values: Iterable[Scalar]) -> list[Scalar]:
    """Each value once, in order; true and 1 are two."""
    seen: Mapping[tuple[type, Scalar], Scalar] = {(type(v), v): v for v in values}
    return list(seen.values())
