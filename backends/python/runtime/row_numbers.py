"""Arithmetic of rows: null where a result does not fit or is divided by zero."""

from __future__ import annotations

import math


def whole(bits, compute, left, right):
    """An operator on whole numbers."""
    try:
        found = compute(left, right)
    except ZeroDivisionError:
        return None
    return found if -(1 << bits - 1) <= found < 1 << bits - 1 else None


def decimal(compute, left, right):
    """An operator on decimals."""
    try:
        found = compute(float(left), float(right))
    except (ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def add(left, right):
    return left + right


def subtract(left, right):
    return left - right


def multiply(left, right):
    return left * right


def divide(left, right):
    """Whole numbers toward zero."""
    if isinstance(left, float):
        return left / right
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left, right):
    """The sign of the left side."""
    if isinstance(left, float):
        if right == 0:
            raise ZeroDivisionError
        return math.fmod(left, right)
    return left - right * divide(left, right)


def rounded(value, digits=0):
    """Half away from zero; whole numbers stay whole."""
    if isinstance(value, int):
        if digits >= 0:
            return value
        unit = 10**-digits
        return (abs(value) + unit // 2) // unit * unit * (1 if value >= 0 else -1)
    scale = 10.0**digits
    middle = abs(value) * scale
    if scale == 0 or not math.isfinite(middle):
        return 0.0 if scale == 0 else value
    return math.copysign(math.floor(middle + 0.5) / scale, value)


def ceiling(value):
    return value if isinstance(value, int) else float(math.ceil(value))


def floor(value):
    return value if isinstance(value, int) else float(math.floor(value))


def root(value):
    return math.sqrt(value) if value >= 0 else None


def power(base, exponent):
    try:
        found = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) and math.isfinite(found) else None


def logarithm(*arguments):
    base, value = arguments if len(arguments) > 1 else (math.e, arguments[0])
    if value <= 0 or base <= 0 or base == 1:
        return None
    return math.log(value) if len(arguments) == 1 else math.log(value) / math.log(base)


def logarithm10(value):
    return math.log10(value) if value > 0 else None


def exponential(value):
    try:
        return math.exp(value)
    except OverflowError:
        return None


def sign(value):
    return float((value > 0) - (value < 0))


def distance(left, right):
    """Metres between two points (longitude, latitude)."""
    one, other = math.radians(left[1]), math.radians(right[1])
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(right[0] - left[0]) / 2) ** 2
    return 2 * 6_371_008.7714 * math.asin(min(1.0, math.sqrt(half)))
