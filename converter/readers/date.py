"""Dates and date math of Elasticsearch's range query, in milliseconds.

elastic.co/docs/reference/query-languages/query-dsl/query-dsl-range-query: `gt` and `lte` round up, `gte` and
`lt` round down; parts that a date leaves out become month 01, day 01 and the last or first moment of the day,
hour, minute or second. The format is the default of a date field: strict_date_optional_time, then epoch_millis.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from converter.deferred import compiled
from converter.model.duration import UNIT_MS, DurationError, parse_date_math
from converter.model.predicate import Comparison
from converter.model.value import Instant, Now

_DATE = compiled(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"(?:Z|([+-]\d\d)(?::?(\d\d))?)?)?)?)?)?",
    re.ASCII,
)
_EPOCH = compiled(r"-?\d{1,18}", re.ASCII)
_SHIFT = compiled(r"([+-])(\d{0,9})([yMwdhHms])|/([yMwdhHms])", re.ASCII)
_EPOCH_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


class DateError(ValueError):
    """The text is no date; the message says why."""


def compared(order: Comparison, text: str) -> tuple[Comparison, Instant | Now]:
    """The comparison with a point in time that `order` and the date `text` mean; `order` is never EQ."""
    up = order in (Comparison.GT, Comparison.LE)
    if not text.startswith("now"):
        return order, _absolute(text, up=up)
    try:
        now = parse_date_math(text)
    except DurationError as error:
        raise DateError(str(error)) from error
    if now.round_to and up:
        # After the last moment of a day means from the next day on.
        flipped = Comparison.GE if order is Comparison.GT else Comparison.LT
        return flipped, Now(now.offset_ms + UNIT_MS[now.round_to], now.round_to)
    return order, now


def _absolute(text: str, *, up: bool) -> Instant:
    anchor, bar, math = text.partition("||")
    try:
        moment = _moment(anchor, up=up and not bar)
        return Instant((_shifted(moment, math, up=up) - _EPOCH_START) // _MS)
    except (ValueError, OverflowError) as error:
        raise DateError(f"{text!r} is not a date" if not isinstance(error, DateError) else str(error)) from error


def _moment(text: str, *, up: bool) -> datetime:
    """The first moment of a date, or the last if `up`."""
    found = _DATE.fullmatch(text)
    if found is None:
        if _EPOCH.fullmatch(text) is None:
            raise DateError(f"{text!r} is not a date")
        return _EPOCH_START + timedelta(milliseconds=int(text))
    year, month, day, hour, minute, second, fraction, zone_hour, zone_minute = found.groups()
    ms = int(fraction.ljust(9, "0")[:3]) if fraction else 999 if up else 0
    zone: tzinfo = UTC
    if zone_hour:
        zone = timezone(timedelta(hours=int(zone_hour), minutes=int(zone_hour[0] + (zone_minute or "0"))))
    return datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or (23 if up else 0)),
        int(minute or (59 if up else 0)),
        int(second or (59 if up else 0)),
        ms * 1000,
        tzinfo=zone,
    )


def _shifted(moment: datetime, math: str, *, up: bool) -> datetime:
    position = 0
    moment = moment.astimezone(UTC)
    while step := _SHIFT.match(math, position):
        position = step.end()
        if step[4]:
            moment = _floor(moment, step[4])
            moment = _plus(moment, 1, step[4]) - _MS if up else moment
        else:
            moment = _plus(moment, int(step[1] + (step[2] or "1")), step[3])
    if position != len(math):
        raise DateError(f"{math[position:]!r} is not date math")
    return moment


def _floor(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "y":
            return day.replace(month=1, day=1)
        case "M":
            return day.replace(day=1)
        case "w":
            return day - timedelta(days=day.weekday())
        case _:
            length = timedelta(milliseconds=UNIT_MS[unit])
            return day + (moment - day) // length * length


def _plus(moment: datetime, count: int, unit: str) -> datetime:
    if unit not in "yM":
        return moment + timedelta(milliseconds=count * UNIT_MS[unit])
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
    start = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    following = (start + timedelta(days=31)).replace(day=1)
    return start.replace(day=min(moment.day, (following - timedelta(days=1)).day))
