"""Arithmetic and the functions on numbers (rules Q18, Q22)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from converter.model.operation import Operation
from converter.model.pipeline import Type
from converter.reference.esql.value import Value, within


def arithmetic(operation: Operation, kind: Type) -> Callable[[Any, Any], Value]:
    """An operator on numbers, with a result of this type; null where it does not fit or divides by zero."""
    compute = _OPERATORS[operation]

    def apply(left: float, right: float) -> Value:
        try:
            if kind is Type.DOUBLE:
                found = float(compute(float(left), float(right)))
                return found if math.isfinite(found) else None
            return within(int(compute(int(left), int(right))), kind)
        except (ZeroDivisionError, OverflowError):
            return None

    return apply


def _divide(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right


def _modulo(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int):
        return left - right * int(_divide(left, right))
    return math.fmod(left, right) if right else left % right


_OPERATORS: Mapping[Operation, Callable[[Any, Any], Any]] = {
    Operation.ADD: lambda a, b: a + b,
    Operation.SUBTRACT: lambda a, b: a - b,
    Operation.MULTIPLY: lambda a, b: a * b,
    Operation.DIVIDE: _divide,
    Operation.MODULO: _modulo,
}


def rounded(value: float, digits: int = 0) -> float:
    """ROUND: half away from zero; whole numbers stay whole."""
    if isinstance(value, int):
        if digits >= 0:
            return value
        unit = int(10**-digits)
        return (abs(value) + unit // 2) // unit * unit * (1 if value >= 0 else -1)
    scale = 10.0**digits
    middle = abs(value) * scale
    if scale == 0 or not math.isfinite(middle):
        return 0.0 if scale == 0 else value
    return math.copysign(math.floor(middle + 0.5) / scale, value)


def _power(base: float, exponent: float) -> float | None:
    try:
        found = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) and math.isfinite(found) else None


def _log(*arguments: float) -> float | None:
    base, value = arguments if len(arguments) > 1 else (math.e, arguments[0])
    if value <= 0 or base <= 0 or base == 1:
        return None
    return math.log(value) if len(arguments) == 1 else math.log(value) / math.log(base)


def _exp(value: float) -> float | None:
    try:
        return math.exp(value)
    except OverflowError:
        return None


def _finite(compute: Callable[..., float]) -> Callable[..., float | None]:
    """A function that is null where it is not defined, or beyond what a double holds."""

    def apply(*arguments: float) -> float | None:
        try:
            found = compute(*map(float, arguments))
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    return apply


def _cube_root(value: float) -> float:
    """The root of a whole cube is whole, which not every library's is."""
    whole = round(math.cbrt(value))
    return float(whole) if abs(whole) < 1 << 17 and float(whole**3) == value else math.cbrt(value)


def _scaled(value: float, exponent: int) -> float | None:
    try:
        found = math.ldexp(float(value), exponent)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _signed(value: float, sign: float) -> float:
    """The first with the sign of the second."""
    negative = math.copysign(1.0, sign) < 0
    return -abs(value) if negative else abs(value)


def _rounded_to(value: float, *points: float) -> float:
    """The greatest of the points that is not above the value, or the least of all."""
    below = [point for point in points if point <= value]
    return max(below) if below else min(points)


def _stepped(value: float, count: float, *ends: float) -> float | None:
    """BUCKET of numbers: a size, or a round one that cuts a range into at most so many steps."""
    size = float(count)
    if ends:
        first, last = map(float, ends)
        exact = (last - first) / size if size else 0.0
        if exact <= 0:
            return None
        power = 10.0 ** math.ceil(math.log10(exact))
        size = power / 2 if exact < power / 2 else power
    return math.floor(float(value) / size) * size if size else None


NUMERIC: Mapping[Operation, Callable[..., Value]] = {
    Operation.ABS: abs,
    Operation.CEIL: lambda v: v if isinstance(v, int) else float(math.ceil(v)),
    Operation.FLOOR: lambda v: v if isinstance(v, int) else float(math.floor(v)),
    Operation.ROUND: rounded,
    Operation.POWER: _power,
    Operation.SQRT: lambda v: None if v < 0 else math.sqrt(v),
    Operation.EXP: _exp,
    Operation.LOG: _log,
    Operation.LOG10: lambda v: None if v <= 0 else math.log10(v),
    Operation.SIN: _finite(math.sin),
    Operation.COS: _finite(math.cos),
    Operation.TAN: _finite(math.tan),
    Operation.ASIN: _finite(math.asin),
    Operation.ACOS: _finite(math.acos),
    Operation.ATAN: _finite(math.atan),
    Operation.ATAN2: _finite(math.atan2),
    Operation.SINH: _finite(math.sinh),
    Operation.COSH: _finite(math.cosh),
    Operation.TANH: _finite(math.tanh),
    Operation.ASINH: _finite(math.asinh),
    Operation.ACOSH: _finite(math.acosh),
    Operation.ATANH: _finite(math.atanh),
    Operation.CUBE_ROOT: _finite(_cube_root),
    Operation.HYPOT: _finite(math.hypot),
    Operation.SCALE: _scaled,
    Operation.COPY_SIGN: _signed,
    Operation.ROUND_TO: _rounded_to,
    Operation.CLAMP: lambda v, low, high: max(min(v, high), low),
    Operation.BUCKET: _stepped,
    Operation.SIGNUM: lambda v: float((v > 0) - (v < 0)),
    Operation.TO_DEGREES: math.degrees,
    Operation.TO_RADIANS: math.radians,
}

_EARTH_METRES = 6_371_008.7714
"""The mean radius of WGS 84 (lucene: GeoUtils.EARTH_MEAN_RADIUS_METERS)."""


def distance(left: tuple[float, float], right: tuple[float, float]) -> float:
    """ST_DISTANCE of two points in metres, by the haversine of their angle."""
    one, other = map(math.radians, (left[1], right[1]))
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(right[0] - left[0]) / 2) ** 2
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


POINTS: Mapping[Operation, Callable[..., Value]] = {
    Operation.ST_DISTANCE: distance,
    Operation.ST_X: lambda p: p[0],
    Operation.ST_Y: lambda p: p[1],
}
