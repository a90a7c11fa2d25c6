"""Points in time as eval compares them: whole milliseconds, so that no fraction of a second is lost."""

from __future__ import annotations

from converter.model.value import Instant, Now

TIME_MS = "floor(_time*1000+0.01)"
"""The event's time; `_time` is a fraction of seconds that a double holds to 0.0002 milliseconds."""

_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds(name: str) -> str:
    """The time in a field of text: ISO 8601 with or without a fraction, a day, or epoch milliseconds."""
    forms = [f'strptime({name}, "%Y-%m-%dT%H:%M:%S{part}%z")*1000' for part in (".%N", "")]
    day = f'strptime({name}."T00:00:00Z", "%Y-%m-%dT%H:%M:%S%z")*1000'
    epoch = f'if(match({name}, "^(?:-[0-9]{{1,18}}|[0-9]{{1,3}}|[0-9]{{5,18}})\\z"), tonumber({name}), null())'
    return f"floor(coalesce({', '.join([epoch, *forms, day])})+0.01)"


def moment(value: Instant | Now) -> str:
    """A constant, or the moment the search runs and an offset, rounded down in UTC."""
    if isinstance(value, Instant):
        return str(value.ms)
    now = f"now()*1000{value.offset_ms:+d}" if value.offset_ms else "now()*1000"
    if not value.round_to:
        return f"({now})"
    unit = _UNITS[value.round_to]
    return f"floor(({now})/{unit})*{unit}"
