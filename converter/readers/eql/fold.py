"""Expressions without fields, computed once (Elasticsearch's ConstantFolding)."""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

from converter.languages.eql.syntax import (
    Arithmetic,
    ArithmeticOperator,
    Boolean,
    Call,
    Expression,
    Negative,
    Null,
    Number,
    Text,
)
from converter.readers.eql.functions import FUNCTIONS

Constant: TypeAlias = "str | int | float | bool | None"


class Open:
    """The value of an expression that depends on an event, or cannot be computed here."""


OPEN: Final = Open()


def fold(node: Expression) -> Constant | Open:
    """The value of a constant expression (None is null), or `OPEN`."""
    match node:
        case Text(value) | Number(value) | Boolean(value):
            return value
        case Null():
            return None
        case Negative(operand):
            inner = fold(operand)
            if inner is None:
                return None
            return -inner if isinstance(inner, int | float) and not isinstance(inner, bool) else OPEN
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, fold(left), fold(right))
        case Call():
            return _call(node)
        case _:
            return OPEN


_NAMED = {
    "add": ArithmeticOperator.ADD,
    "subtract": ArithmeticOperator.SUBTRACT,
    "multiply": ArithmeticOperator.MULTIPLY,
    "divide": ArithmeticOperator.DIVIDE,
    "modulo": ArithmeticOperator.MODULO,
}


def _arithmetic(operator: ArithmeticOperator, left: Constant | Open, right: Constant | Open) -> Constant | Open:
    if isinstance(left, Open) or isinstance(right, Open):
        return OPEN
    if left is None or right is None:
        return None
    if isinstance(left, bool | str) or isinstance(right, bool | str):
        return OPEN
    match operator:
        case ArithmeticOperator.ADD:
            return left + right
        case ArithmeticOperator.SUBTRACT:
            return left - right
        case ArithmeticOperator.MULTIPLY:
            return left * right
        case ArithmeticOperator.DIVIDE:
            return OPEN if right == 0 else _quotient(left, right)
        case ArithmeticOperator.MODULO:
            if right == 0:
                return OPEN
            whole = isinstance(left, int) and isinstance(right, int)
            return left - right * _quotient(left, right) if whole else math.fmod(left, right)


def _quotient(left: float, right: float) -> int | float:
    """Whole numbers are cut towards zero, as Java's are."""
    if isinstance(left, int) and isinstance(right, int):
        found = abs(left) // abs(right)
        return found if (left < 0) == (right < 0) else -found
    return left / right


def _call(node: Call) -> Constant | Open:
    name = node.function.lower()
    signature = FUNCTIONS.get(name)
    if signature is None:
        return OPEN
    arguments = [fold(a) for a in node.arguments]
    if len(arguments) < signature.least or any(isinstance(a, Open) for a in arguments):
        return OPEN
    required = arguments[: signature.least] if name in ("number", "substring") else arguments
    if None in required:
        # Every function is null of null; a null end of substring and a null base of number are as if left out.
        return None
    if name in _NAMED:
        return _arithmetic(_NAMED[name], arguments[0], arguments[1])
    match name, *arguments:
        case ["string", value]:
            return shown(value)
        case ["concat", *values]:
            return "".join(shown(v) for v in values)
        case ["length", str(text)]:
            return len(text)
        case ["substring", str(text), int(start), *rest]:
            end = rest[0] if rest else None
            return text[start : end if isinstance(end, int) else None]
        case ["number", str(text), *rest]:
            return _to_number(text, rest[0] if rest else None)
        case _:
            return OPEN


def shown(value: Constant | Open) -> str:
    """A constant as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_DECIMAL = 10
_HEXADECIMAL = 16


def _to_number(text: str, base: Constant | Open) -> Constant | Open:
    hexadecimal = text.startswith("0x")
    radix = base if isinstance(base, int) else _HEXADECIMAL if hexadecimal else _DECIMAL
    if hexadecimal and radix == _HEXADECIMAL:
        text = text[2:]
    try:
        if radix != _DECIMAL or re.fullmatch(r"[+-]?\d+", text, re.ASCII):
            return int(text, radix)
        return float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII) else OPEN
    except ValueError:
        return OPEN
