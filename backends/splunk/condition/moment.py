"""Points in time as eval compares them: whole milliseconds, so that no fraction of a second is lost."""

from __future__ import annotations

from converter.languages.spl.shorthand import NULL, binary, call, concat, number
from converter.languages.spl.syntax import Expression, Name, Number, Sign, Text
from converter.model.duration import ROUND_MS
from converter.model.value import Instant, Now

_HALF = Number("0.01")
_THOUSAND = Number("1000")

TIME_MS = call("floor", binary(binary(Name("_time"), Sign.MULTIPLY, _THOUSAND), Sign.ADD, _HALF))
"""The event's time; `_time` is a fraction of seconds that a double holds to 0.0002 milliseconds."""

_EPOCH = "^(?:-[0-9]{1,18}|[0-9]{1,3}|[0-9]{5,18})\\z"


def milliseconds(value: Expression) -> Expression:
    """The time in a field of text: ISO 8601 with or without a fraction, a day, or epoch milliseconds."""

    def parsed(text: Expression, form: str) -> Expression:
        return binary(call("strptime", text, Text(form)), Sign.MULTIPLY, _THOUSAND)

    epoch = call("if", call("match", value, Text(_EPOCH)), call("tonumber", value), NULL)
    forms = [parsed(value, f"%Y-%m-%dT%H:%M:%S{part}%z") for part in (".%N", "")]
    day = parsed(concat(value, Text("T00:00:00Z")), "%Y-%m-%dT%H:%M:%S%z")
    return call("floor", binary(call("coalesce", epoch, *forms, day), Sign.ADD, _HALF))


def moment(value: Instant | Now) -> Expression:
    """A constant, or the moment the search runs and an offset, rounded down in UTC."""
    if isinstance(value, Instant):
        return number(value.ms)
    now: Expression = binary(call("now"), Sign.MULTIPLY, _THOUSAND)
    if value.offset_ms:
        sign = Sign.ADD if value.offset_ms > 0 else Sign.SUBTRACT
        now = binary(now, sign, number(abs(value.offset_ms)))
    if not value.round_to:
        return now
    unit = number(ROUND_MS[value.round_to])
    return binary(call("floor", binary(now, Sign.DIVIDE, unit)), Sign.MULTIPLY, unit)
