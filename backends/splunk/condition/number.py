"""Numbers as SPL writes them."""

from __future__ import annotations

from decimal import Decimal

LARGEST = 2**53
"""Beyond it the doubles of eval and search do not hold every whole number."""


def number(value: float) -> str:
    """Digits without exponent."""
    return str(value) if isinstance(value, int) else f"{Decimal(repr(value)):f}"
