"""Two-operand operators on values: equality, order, logic, arithmetic, text.

Nulls: https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/null-values and the readings. Text:
https://learn.microsoft.com/en-us/kusto/query/datatypes-string-operators.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import ge, gt, le, lt

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.reading import Reading
from converter.proof.judges.kusto.regexes import pattern
from converter.proof.judges.kusto.values import (
    FALSE,
    NUMBERS,
    TRUE,
    UNKNOWN,
    Kind,
    Value,
    boolean,
    kind_of,
    null,
    plain,
    text_of,
)

_FOLD_ASCII = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def fold(text: str, reading: Reading) -> str:
    return text.lower() if reading.folds_unicode else text.translate(_FOLD_ASCII)


def comparable(left: Value, right: Value, operator: str) -> tuple[object, object]:
    """Both as plain data of one type; a dynamic beside a typed value is read as that type, two dynamics are refused."""
    if left.kind == "dynamic" and right.kind == "dynamic":
        if left.is_null or right.is_null:
            return plain(left), plain(right)
        raise KustoError(f"two dynamic values under {operator}: cast one")
    one, other = _beside(left, right.kind), _beside(right, left.kind)
    if _family(one.kind) != _family(other.kind):
        raise KustoError(f"{one.kind} {operator} {other.kind}: cast one")
    return one.data, other.data


def _beside(value: Value, kind: Kind) -> Value:
    """A dynamic as the value of its inside; a null takes the type of the other side, and a string's null is empty."""
    data = plain(value)
    if value.kind != "dynamic":
        return value
    if data is None:
        return null(kind)
    inner = kind_of(data)
    if inner == "dynamic":  # an array or bag equals no primitive
        return Value(kind, text_of(data)) if kind == "string" else null(kind)
    return Value(inner, data)


def _family(kind: Kind) -> str:
    return "number" if kind in NUMBERS else "string" if kind == "guid" else kind


def equal(left: Value, right: Value, reading: Reading) -> bool | None:
    one, other = comparable(left, right, "==")
    if one is None and other is None:
        return reading.null_equals_null
    if one is None or other is None:
        return False
    return one == other


def different(left: Value, right: Value, reading: Reading) -> bool | None:
    one, other = comparable(left, right, "!=")
    if one is None and other is None:
        return reading.null_differs_from_null
    return one is None or other is None or one != other


_ORDERS = {"<": lt, "<=": le, ">": gt, ">=": ge}


def ordered(operator: str, left: Value, right: Value, reading: Reading) -> bool | None:
    one, other = comparable(left, right, operator)
    if one is None or other is None:
        return reading.null_ordered
    match one, other:
        case (bool(), _) | (_, bool()):
            raise KustoError(f"bool {operator} bool")
        case (int() | float(), int() | float()) | (datetime(), datetime()) | (timedelta(), timedelta()):
            return bool(_ORDERS[operator](one, other))  # type: ignore[arg-type]
        case _:
            raise KustoError(f"{left.kind} {operator} {right.kind}")


def truth(value: Value) -> bool | None:
    data = plain(value)
    if value.kind != "bool" or not (data is None or isinstance(data, bool)):
        raise KustoError(f"{value.kind} is no condition")
    return data


def conjunction(left: bool | None, right: bool | None, reading: Reading) -> Value:
    if left is False or right is False:
        return FALSE
    if left is None or right is None:
        return boolean(reading.null_and_true)
    return TRUE


def disjunction(left: bool | None, right: bool | None) -> Value:
    if left or right:
        return TRUE
    return UNKNOWN if left is None or right is None else FALSE


# --- text -----------------------------------------------------------------------------------------------------


def text_operand(value: Value, operator: str) -> str:
    if value.kind not in ("string", "dynamic", "guid"):
        raise KustoError(f"{operator} on {value.kind}: tostring() it")
    return text_of(plain(value))


def text_test(operator: str, left: Value, right: Value, reading: Reading) -> bool:
    """`!` negates, `_cs` keeps case, `=~` is equality without case."""
    text, sought = text_operand(left, operator), text_operand(right, operator)
    if operator == "matches regex":
        return pattern(sought).found_in(text)
    negated = operator.startswith("!")
    stem = operator.lstrip("!").removesuffix("_cs")
    if not operator.endswith("_cs"):
        text, sought = fold(text, reading), fold(sought, reading)
    return _TEXT_TESTS[stem](text, sought) != negated


def has_term(text: str, sought: str, *, start: bool, end: bool) -> bool:
    """Whether `sought` stands in `text` on the borders of maximal alphanumeric runs."""
    at = text.find(sought)
    while at >= 0:
        stop = at + len(sought)
        opens = not start or _border(text[at - 1 : at] if at else "", sought[:1])
        closes = not end or _border(text[stop : stop + 1], sought[-1:])
        if opens and closes:
            return True
        at = text.find(sought, at + 1)
    return False


def _border(outside: str, inside: str) -> bool:
    return not (outside.isalnum() and inside.isalnum())


_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "=~": str.__eq__,
    "~": str.__eq__,
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "has": partial(has_term, start=True, end=True),
    "hasprefix": partial(has_term, start=True, end=False),
    "hassuffix": partial(has_term, start=False, end=True),
}


# --- arithmetic -----------------------------------------------------------------------------------------------


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """https://learn.microsoft.com/en-us/kusto/query/numerical-operators: int and int truncates, % is never negative."""
    kind = _result_kind(operator, left.kind, right.kind)
    one, other = left.data, right.data
    if one is None or other is None:
        return null(kind)
    match operator:
        case "+":
            return Value(kind, one + other)  # type: ignore[operator]
        case "-":
            return Value(kind, one - other)  # type: ignore[operator]
        case "*":
            return Value(kind, one * other)  # type: ignore[operator]
        case "/":
            return _quotient(kind, one, other)
        case _:  # %, of numbers only
            return Value(kind, one % abs(other) if other else None)  # type: ignore[operator,arg-type]


def _result_kind(operator: str, left: Kind, right: Kind) -> Kind:
    match left, operator, right:
        case (("int" | "long" | "real" | "decimal"), _, ("int" | "long" | "real" | "decimal")):
            return "real" if "real" in (left, right) or "decimal" in (left, right) else "long"
        case "datetime", "-", "datetime":
            return "timespan"
        case "datetime", "+" | "-", "timespan":
            return "datetime"
        case "timespan", "+", "datetime":
            return "datetime"
        case "timespan", "+" | "-", "timespan":
            return "timespan"
        case "timespan", "/", "timespan":
            return "real"
        case "timespan", "*" | "/", ("int" | "long" | "real"):
            return "timespan"
        case (("int" | "long" | "real"), "*", "timespan"):
            return "timespan"
        case _:
            pass
    raise KustoError(f"{left} {operator} {right}: cast one")


def _quotient(kind: Kind, one: object, other: object) -> Value:
    match one, other:
        case int(), int():
            if other == 0:
                return null(kind)
            quotient = abs(one) // abs(other)
            return Value(kind, quotient if (one < 0) == (other < 0) else -quotient)
        case ((int() | float()), (int() | float())):
            return Value(kind, one / other if other else math.copysign(math.inf, one) if one else math.nan)
        case _:  # a timespan by a timespan or by a number
            return Value(kind, one / other if other else None)  # type: ignore[operator]
