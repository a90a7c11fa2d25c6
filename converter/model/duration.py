"""Durations and Elasticsearch date math relative to now, in milliseconds.

elastic.co/docs/reference/elasticsearch/rest-apis/common-options, "Date math": units y M w d h H m s. Years and
months have no fixed length, so that a schedule written in them cannot be said in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.deferred import compiled
from converter.model.value import Now

SECOND, MINUTE, HOUR, DAY, WEEK = 1_000, 60_000, 3_600_000, 86_400_000, 604_800_000
"""Milliseconds."""

UNIT_MS: Mapping[str, int] = {"s": SECOND, "m": MINUTE, "h": HOUR, "H": HOUR, "d": DAY, "w": WEEK}
"""The units of a rule file's durations and date math."""
ROUND_MS: Mapping[str, int] = {"": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
"""What `Now.round_to` rounds down to; "" does not round."""
SIZES: tuple[tuple[int, str], ...] = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "ms"))
"""The units that every platform has, the largest first."""
DIFFERENCE_MS: Mapping[str, int] = {
    **dict.fromkeys(("day", "days", "dd", "d"), DAY),
    **dict.fromkeys(("week", "weeks", "wk", "ww"), WEEK),
    **dict.fromkeys(("hour", "hours", "hh"), HOUR),
    **dict.fromkeys(("minute", "minutes", "mi", "n"), MINUTE),
    **dict.fromkeys(("second", "seconds", "ss", "s"), SECOND),
    **dict.fromkeys(("millisecond", "milliseconds", "ms"), 1),
}
"""The units of ES|QL's DATE_DIFF that have a length, but for those below a millisecond."""
_CALENDAR = {"y": "years", "M": "months"}
_ROUNDING = {"s": "s", "m": "m", "h": "h", "H": "h", "d": "d"}

_DURATION = compiled(r"([0-9]{1,12})([a-zA-Z]+)\Z")
_SHIFT = compiled(r"([+-])([0-9]{0,12})([a-zA-Z])")
_ROUND = compiled(r"/([a-zA-Z])\Z")


class DurationError(ValueError):
    """The text is no duration or date math that has a length in milliseconds; `hint` says what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _unit(unit: str, text: str) -> int:
    if unit in _CALENDAR:
        raise DurationError(
            f"{text!r} counts in {_CALENDAR[unit]}, which have no fixed length",
            "count in days (d) or weeks (w); m is minutes",
        )
    if unit not in UNIT_MS:
        raise DurationError(f"{text!r} has the unknown unit {unit!r}", "the units are s, m, h, d and w")
    return UNIT_MS[unit]


def largest_unit(ms: int, least: int = 1) -> tuple[int, str]:
    """A duration as a count of the largest unit that says it whole, none smaller than `least`, rounded up to that."""
    whole = -(-abs(ms) // least) * least
    size, sign = next((size, sign) for size, sign in SIZES if whole % size == 0)
    return (whole // size if ms >= 0 else -(whole // size)), sign


def date_math(moment: Now) -> str:
    """The moment as date math, in whole seconds; `parse_date_math` reads it back."""
    count, sign = largest_unit(moment.offset_ms, SECOND)
    shift = f"{'+' if count > 0 else '-'}{abs(count)}{sign}" if moment.offset_ms else ""
    return f"now{shift}{'/' + moment.round_to if moment.round_to else ''}"


def parse_duration(text: str) -> int:
    """duration = digits unit"""
    found = _DURATION.match(text)
    if found is None:
        raise DurationError(f"{text!r} is not a duration", "write a number and a unit, such as 5m, 1h or 7d")
    return int(found[1]) * _unit(found[2], text)


def parse_date_math(text: str) -> Now:
    """date math = "now" *(("+" / "-") [digits] unit) ["/" unit]"""
    hint = "write now, or now minus a number and a unit, such as now-9m or now-7d"
    if not text.startswith("now"):
        raise DurationError(f"{text!r} does not start with now", hint)
    position, offset = len("now"), 0
    while shift := _SHIFT.match(text, position):
        count = int(shift[2] or "1") * _unit(shift[3], text)
        offset += count if shift[1] == "+" else -count
        position = shift.end()
    rounding = _ROUND.match(text, position)
    if rounding is not None:
        _unit(rounding[1], text)
        if rounding[1] not in _ROUNDING:
            raise DurationError(f"{text!r} rounds down to weeks", "round down to s, m, h or d")
        return Now(offset, _ROUNDING[rounding[1]])
    if position != len(text):
        raise DurationError(f"{text!r} is not date math relative to now", hint)
    return Now(offset)
