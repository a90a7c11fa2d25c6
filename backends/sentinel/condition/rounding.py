"""Numbers cut to a place, and the sizes of the units that times are cut to."""

from __future__ import annotations

from typing import Final

from backends.sentinel.condition import tree
from converter.languages.kusto.syntax import Binary, Expression, Number

UNITS: Final = {
    **dict.fromkeys(("day", "days", "dd", "d"), 86_400_000),
    **dict.fromkeys(("week", "weeks", "wk", "ww"), 604_800_000),
    **dict.fromkeys(("hour", "hours", "hh"), 3_600_000),
    **dict.fromkeys(("minute", "minutes", "mi", "n"), 60_000),
    **dict.fromkeys(("second", "seconds", "ss", "s"), 1_000),
    **dict.fromkeys(("millisecond", "milliseconds", "ms"), 1),
}
"""Milliseconds by the names of DATE_DIFF."""


def rounded(value: Expression, digits: int) -> Expression:
    """Half away from zero (rule Q22); which way round() goes at the half its page does not say."""
    scale = 10.0**digits
    size = Binary("*", tree.call("abs", value), Number(scale))
    whole = tree.call("bin", Binary("+", size, Number(0.5)), Number(1))
    sign = tree.call("iff", Binary("<", value, Number(0)), Number(-1), Number(1))
    return Binary("*", Binary("/", whole, Number(scale)), sign)
