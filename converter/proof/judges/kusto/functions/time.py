"""Clock and calendar, rounding, and plain mathematics."""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions import conversion
from converter.proof.judges.kusto.functions.signature import Signature, text_argument, whole_argument
from converter.proof.judges.kusto.rows import INGESTION
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import Value, long, null

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_PERIODS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": _SECOND,
    "millisecond": timedelta(milliseconds=1),
    "microsecond": timedelta(microseconds=1),
}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _moment(name: str, value: Value) -> datetime | None:
    if value.kind != "datetime" or not isinstance(value.data, datetime | None):
        raise KustoError(f"{name} takes a datetime, not {value.kind}")
    return value.data


def _now(name: str, arguments: list[Value], scope: Scope) -> Value:
    """now(offset) adds, ago(span) subtracts."""
    span = arguments[0].data if arguments else timedelta()
    if not isinstance(span, timedelta):
        raise KustoError(f"{name} takes a timespan")
    return Value("datetime", scope.now - span if name == "ago" else scope.now + span)


def _ingestion_time(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Null outside of a table's own rows: ingestion-time-function page."""
    return scope.row.get(INGESTION, null("datetime"))


def _bin(name: str, arguments: list[Value], scope: Scope) -> Value:
    """bin-function page: down to a multiple; null for null and for a bin size that is negative or null."""
    value, size = arguments
    match value.data, size.data:
        case (None, _) | (_, None):
            return null(value.kind)
        case (int() | float() as number, int() | float() as step) if step > 0:
            kind = "real" if "real" in (value.kind, size.kind) else value.kind
            return Value(kind, math.floor(number / step) * step if kind == "real" else number // step * step)
        case (datetime() as moment, timedelta() as step) if step > timedelta():
            return Value("datetime", _EPOCH + (moment - _EPOCH) // step * step)
        case (timedelta() as span, timedelta() as step) if step > timedelta():
            return Value("timespan", span // step * step)
        case (int() | float(), int() | float()) | (datetime() | timedelta(), timedelta()):
            return null(value.kind)
        case _:
            pass
    raise KustoError(f"{name} of {value.kind} by {size.kind}")


def _datetime_diff(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Borders of the period between the two moments: datetime-diff-function page."""
    period = text_argument(name, arguments[0]).lower()
    one, other = (_moment(name, value) for value in arguments[1:])
    if one is None or other is None:
        return null("long")
    if period in _MONTHS:
        size = _MONTHS[period]
        return long((one.year * 12 + one.month - 1) // size - (other.year * 12 + other.month - 1) // size)
    if period == "week":  # weeks begin on Sunday, as 0001-01-07 was
        first = _EPOCH + timedelta(days=6)
        return long((one - first) // timedelta(days=7) - (other - first) // timedelta(days=7))
    if period in _PERIODS:
        size_span = _PERIODS[period]
        return long((one - _EPOCH) // size_span - (other - _EPOCH) // size_span)
    raise KustoError(f"datetime_diff by {period} is not interpreted")


def _datetime_add(name: str, arguments: list[Value], scope: Scope) -> Value:
    period = text_argument(name, arguments[0]).lower()
    amount, moment = whole_argument(name, arguments[1]), _moment(name, arguments[2])
    if period not in _PERIODS:
        raise KustoError(f"datetime_add by {period} is not interpreted")
    if amount is None or moment is None:
        return null("datetime")
    return Value("datetime", moment + amount * _PERIODS[period])


def _startofday(name: str, arguments: list[Value], scope: Scope) -> Value:
    moment = _moment(name, arguments[0])
    if moment is None:
        return null("datetime")
    return Value("datetime", moment.replace(hour=0, minute=0, second=0, microsecond=0))


def _part(name: str, arguments: list[Value], scope: Scope) -> Value:
    """hourofday is a number, dayofweek the time since Sunday as a timespan of days."""
    moment = _moment(name, arguments[0])
    if name == "hourofday":
        return long(None if moment is None else moment.hour)
    return Value("timespan", None if moment is None else timedelta(days=moment.isoweekday() % 7))


def _abs(name: str, arguments: list[Value], scope: Scope) -> Value:
    value = arguments[0]
    if not isinstance(value.data, (int, float, timedelta)) and value.data is not None:
        raise KustoError(f"abs of {value.kind}")
    return value if value.data is None else Value(value.kind, abs(value.data))


def _ceiling(name: str, arguments: list[Value], scope: Scope) -> Value:
    """The least whole number that is not below: ceiling-function page."""
    value = arguments[0]
    match value.data:
        case None:
            return null(value.kind)
        case int() | float() as number:
            return Value(value.kind, math.ceil(number) if isinstance(number, int) else float(math.ceil(number)))
        case _:
            pass
    raise KustoError(f"{name} of {value.kind}")


def _bits(name: str, arguments: list[Value], scope: Scope) -> Value:
    one, other = (whole_argument(name, value) for value in arguments)
    if one is None or other is None:
        return null("long")
    return long({"binary_and": one & other, "binary_or": one | other, "binary_xor": one ^ other}[name])


def call_conversion(kind: str, value: Value, scope: Scope) -> Value:
    """typeof(kind) of extract()."""
    name = {"double": "todouble", "date": "todatetime", "time": "totimespan"}.get(kind, f"to{kind}")
    if name not in conversion.FUNCTIONS:
        raise KustoError(f"no conversion to {kind}")
    return conversion.FUNCTIONS[name].run(name, [value], scope)


FUNCTIONS = {
    "now": Signature(0, 1, _now),
    "ago": Signature(1, 1, _now),
    "ingestion_time": Signature(0, 0, _ingestion_time),
    "bin": Signature(2, 2, _bin),
    "floor": Signature(2, 2, _bin),
    "datetime_diff": Signature(3, 3, _datetime_diff),
    "datetime_add": Signature(3, 3, _datetime_add),
    "startofday": Signature(1, 1, _startofday),
    "hourofday": Signature(1, 1, _part),
    "dayofweek": Signature(1, 1, _part),
    "abs": Signature(1, 1, _abs),
    "ceiling": Signature(1, 1, _ceiling),
    "binary_and": Signature(2, 2, _bits),
    "binary_or": Signature(2, 2, _bits),
    "binary_xor": Signature(2, 2, _bits),
}
