"""Numbers cut to a place."""

from __future__ import annotations

from backends.sentinel.condition import tree
from converter.languages.kusto.syntax import Binary, Expression, Number


def rounded(value: Expression, digits: int) -> Expression:
    """Half away from zero (rule Q22); which way round() goes at the half its page does not say."""
    scale = 10.0**digits
    size = Binary("*", tree.call("abs", value), Number(scale))
    whole = tree.call("bin", Binary("+", size, Number(0.5)), Number(1))
    sign = tree.call("iff", Binary("<", value, Number(0)), Number(-1), Number(1))
    return Binary("*", Binary("/", whole, Number(scale)), sign)
