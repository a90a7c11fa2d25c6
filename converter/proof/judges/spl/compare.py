"""The comparison operators of eval and where."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from converter.proof.judges.spl.reading import Reading
from converter.proof.judges.spl.syntax import CompareOp
from converter.proof.judges.spl.values import Evaluated, Scalar, number, text, values

_OPERATORS: Final[dict[CompareOp, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def compare(op: CompareOp, left: Evaluated, right: Evaluated, reading: Reading, *, literal: bool) -> bool | None:
    """TRUE, FALSE or NULL. `literal` says that one side is a string literal.

    A comparison with a missing field is NULL (spl-search-reference/10.0/search-commands/head, option null=).
    """
    if left is None or right is None:
        return None
    if not isinstance(left, tuple) and not isinstance(right, tuple):
        return _single(op, left, right, reading, literal=literal)
    found = [_single(op, a, b, reading, literal=literal) for a in values(left) for b in values(right)]
    match reading.many_compare:
        case "any":
            return any(one is True for one in found)
        case "all":
            return all(one is True for one in found)
        case "first":
            return found[0]
        case "null":
            return None
        case "false":
            return False


def _single(op: CompareOp, left: Scalar, right: Scalar, reading: Reading, *, literal: bool) -> bool | None:
    both_text = isinstance(left, str) and isinstance(right, str)
    if both_text and literal and reading.numeric_text == "text":
        return _OPERATORS[op](left, right)
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return _OPERATORS[op](a, b)
    if not both_text and reading.mixed_compare == "null":
        return None
    return _OPERATORS[op](text(left), text(right))
