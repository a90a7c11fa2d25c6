"""Points in time as milliseconds since 1970."""

from __future__ import annotations

import datetime as dt
import math
import re
import time

from backends.python.runtime.reading import read

_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T(?:([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?)?)?"
)


def to_moment(value):
    """A JSON scalar as a date field indexes it: epoch milliseconds or ISO 8601; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    iso = _ISO.fullmatch(value)
    if iso is None:
        return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None
    year, month, day, hour, minute, second, part, zone = iso.groups()
    try:
        moment = dt.datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
            tzinfo=dt.timezone.utc,
        )  # fmt: skip
    except ValueError:
        return None
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
    ms = since // dt.timedelta(milliseconds=1) + int(((part or "0") + "00")[:3])
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        shift = (int(digits[:2]) * 60 + int(digits[2:] or 0)) * 60_000
        ms -= shift if zone[0] == "+" else -shift
    return ms


def date_math(now, offset, unit):
    """now + offset, rounded down to the unit (milliseconds; 0 = not rounded)."""
    moment = (int(time.time() * 1000) if now is None else now) + offset
    return moment - moment % unit if unit else moment


def event_time(event, paths):
    """The event's time by the first of the fields that has one, or None."""
    for path in paths:
        for value in read(event, path):
            moment = to_moment(value)
            if moment is not None:
                return moment
    return None
