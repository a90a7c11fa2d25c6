"""What a field holds: text or a number, or several of them. A boolean lives inside an expression only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

Scalar = str | int | float
Many = tuple[Scalar, ...]
Stored = Scalar | Many
Evaluated = Scalar | Many | bool | None
Row = dict[str, Stored]

_NUMERIC: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_INTEGER: Final = re.compile(r"[-+]?\d{1,19}")
_EXACT: Final = 2**53


def number(value: Scalar) -> int | float | None:
    """The number `value` is or looks like; a double, so exact only within ±2^53 (eval page, "Long numbers")."""
    if isinstance(value, str):
        if not _NUMERIC.fullmatch(value):
            return None
        parsed: int | float = int(value) if _INTEGER.fullmatch(value) else float(value)
    else:
        parsed = value
    if isinstance(parsed, int):
        return parsed if abs(parsed) <= _EXACT else float(parsed)
    return parsed if math.isfinite(parsed) else None


def tidy(value: float) -> int | float:
    """A double without fraction is shown, and grouped, as an integer."""
    return int(value) if abs(value) <= _EXACT and value == int(value) else value


def text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    plain = tidy(value)
    return str(plain) if isinstance(plain, int) else repr(plain)


def values(stored: Stored | None) -> Many:
    """Every value of a field; none for a missing one."""
    if stored is None:
        return ()
    return stored if isinstance(stored, tuple) else (stored,)


def many(found: Iterable[Scalar]) -> Stored | None:
    """A field holding `found`: nothing, one value or several."""
    collected = tuple(found)
    if not collected:
        return None
    return collected[0] if len(collected) == 1 else collected


def key(stored: Stored) -> tuple[str, ...]:
    """What makes two fields equal for grouping: their text, all values in order."""
    return tuple(text(one) for one in values(stored))


def scalar(value: Evaluated) -> Scalar | None:
    """The first value, for functions that take one."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "True" if value else "False"
    return value[0] if isinstance(value, tuple) else value
