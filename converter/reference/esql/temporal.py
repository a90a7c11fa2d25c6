"""Dates: arithmetic, truncation, differences, formats (rules Q31 to Q33)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from converter.model.duration import DAY, HOUR, MINUTE
from converter.model.operation import Operation
from converter.model.pipeline import Period
from converter.readers.esql.literal import instant
from converter.reference.esql.text import date_text, milliseconds, moment
from converter.reference.esql.value import INT_LIMIT, Value

_WEEK: Final = 7
_EPOCH_MONDAY: Final = -3 * DAY
"""1970-01-01 was a Thursday."""


def plus_months(date: datetime, months: int) -> datetime:
    """A date some months on; the day is clipped to the end of its month. Raises ValueError beyond the calendar."""
    total = date.year * 12 + date.month - 1 + months
    year, month = divmod(total, 12)
    day = min(date.day, calendar.monthrange(year, month + 1)[1])
    return date.replace(year=year, month=month + 1, day=day)


def shifted(ms: int, by: Period | int, sign: int) -> int | None:
    """A date and a duration; null beyond the calendar."""
    if isinstance(by, int):
        return ms + sign * by
    date = moment(ms)
    if date is None:
        return None
    try:
        return milliseconds(plus_months(date, sign * by.months) + timedelta(days=sign * by.days))
    except (ValueError, OverflowError):
        return None


def truncated(by: Period | int, ms: int) -> int | None:
    """DATE_TRUNC: durations and days from the epoch, a week from Monday, months and years from their start."""
    if isinstance(by, int):
        return ms // by * by if by > 0 else None
    if by.days and not by.months:
        if by.days == _WEEK:
            return (ms - _EPOCH_MONDAY) // (_WEEK * DAY) * (_WEEK * DAY) + _EPOCH_MONDAY
        return ms // (by.days * DAY) * (by.days * DAY)
    date = moment(ms)
    if date is None or by.months <= 0 or by.days:
        return None
    total = date.year * 12 + date.month - 1
    total -= total % by.months
    first = date.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return milliseconds(first.replace(year=total // 12, month=total % 12 + 1)) if total >= 12 else None  # noqa: PLR2004


def _months_between(first: int, second: int) -> int:
    """As java.time counts them: a month is whole at the same day and time of the next, which February 29 is not to 31.

    LocalDateTime.until and LocalDate.monthsUntil, https://github.com/openjdk/jdk (java.base, java/time).
    """
    start, end = moment(first), moment(second)
    if start is None or end is None:
        return 0
    since, until = start.date(), end.date()
    if until > since and end.time() < start.time():
        until -= timedelta(days=1)
    elif until < since and end.time() > start.time():
        until += timedelta(days=1)
    return _quotient(((until.year - since.year) * 12 + until.month - since.month) * 32 + until.day - since.day, 32)


def _quotient(value: int, by: int) -> int:
    return value // by if value >= 0 else -(-value // by)


def _fixed(ms: int) -> Callable[[int, int], int]:
    return lambda a, b: _quotient(b - a, ms)


def _months(count: int) -> Callable[[int, int], int]:
    return lambda a, b: _quotient(_months_between(a, b), count)


_DIFFERENCES: Final[Mapping[str, Callable[[int, int], int]]] = {
    word: compute
    for words, compute in (
        ("year years yy yyyy", _months(12)),
        ("quarter quarters qq q", _months(3)),
        ("month months mm m", _months(1)),
        ("dayofyear dy y day days dd d weekday weekdays dw", _fixed(DAY)),
        ("week weeks wk ww", _fixed(_WEEK * DAY)),
        ("hour hours hh", _fixed(HOUR)),
        ("minute minutes mi n", _fixed(MINUTE)),
        ("second seconds ss s", _fixed(1_000)),
        ("millisecond milliseconds ms", _fixed(1)),
        ("microsecond microseconds mcs", lambda a, b: (b - a) * 1_000),
        ("nanosecond nanoseconds ns", lambda a, b: (b - a) * 1_000_000),
    )
    for word in words.split()
}


def difference(unit: str, first: int, second: int) -> int | None:
    """DATE_DIFF: whole units, toward zero; null beyond an integer or for no unit."""
    compute = _DIFFERENCES.get(unit.lower())
    found = None if compute is None else compute(first, second)
    return found if found is not None and -INT_LIMIT <= found < INT_LIMIT else None


_LETTERS = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|(.)", re.DOTALL)
_MONTHS = tuple(calendar.month_name)
_DAYS = tuple(calendar.day_name)


def _field(letters: str, date: datetime) -> str | None:
    size = len(letters)
    number = {
        "d": date.day,
        "H": date.hour,
        "k": date.hour or 24,
        "h": date.hour % 12 or 12,
        "K": date.hour % 12,
        "m": date.minute,
        "s": date.second,
        "D": date.timetuple().tm_yday,
        "e": date.isoweekday(),
    }.get(letters[0])
    if number is not None:
        return str(number).zfill(size)
    match letters[0]:
        case "y" | "u":
            return f"{date.year % 100:02d}" if size == 2 else str(date.year).zfill(size)  # noqa: PLR2004
        case "M" | "L":
            named = {3: _MONTHS[date.month][:3], 4: _MONTHS[date.month]}
            return named.get(size) or str(date.month).zfill(size)
        case "E":
            return _DAYS[date.weekday()] if size > 3 else _DAYS[date.weekday()][:3]  # noqa: PLR2004
        case "S":
            return f"{date.microsecond:06d}".ljust(size, "0")[:size]
        case "a":
            return "AM" if date.hour < 12 else "PM"  # noqa: PLR2004
        case "X" | "z" | "V":
            return "Z"
        case "Z" | "x":
            return "+0000"
        case _:
            return None


def formatted(*arguments: str | int) -> str | None:
    """DATE_FORMAT by Java's letters; without a format ISO 8601."""
    ms = arguments[-1]
    if not isinstance(ms, int):
        return None
    pattern = arguments[0]
    date = moment(ms)
    if not isinstance(pattern, str) or date is None:
        return date_text(ms)
    out: list[str] = []
    for found in _LETTERS.finditer(pattern):
        if found[1] is None:
            out.append(found[3] or found[2].replace("''", "'") or "'")
            continue
        text = _field(found[0], date)
        if text is None:
            return None
        out.append(text)
    return "".join(out)


_PARSED: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "uuuu": r"(?P<year>\d{4})",
    "MM": r"(?P<month>\d\d)",
    "dd": r"(?P<day>\d\d)",
    "HH": r"(?P<hour>\d\d)",
    "mm": r"(?P<minute>\d\d)",
    "ss": r"(?P<second>\d\d)",
    "SSS": r"(?P<ms>\d{3})",
    "X": "Z",
}


def parsed(*arguments: str) -> int | None:
    """DATE_PARSE by a format of fixed numbers, or ISO 8601."""
    if len(arguments) == 1:
        return instant(arguments[0])
    pattern, text = arguments
    pieces = [_PARSED.get(f[0]) if f[1] else re.escape(f[3] or f[2] or "'") for f in _LETTERS.finditer(pattern)]
    if any(p is None for p in pieces):
        return None
    found = re.fullmatch("".join(p for p in pieces if p), text)
    if found is None:
        return None
    parts = {"year": "1970", "month": "01", "day": "01", "hour": "00", "minute": "00", "second": "00", "ms": "000"}
    parts |= found.groupdict()
    return instant("{year}-{month}-{day}T{hour}:{minute}:{second}.{ms}Z".format(**parts))


_PARTS: Final[Mapping[str, Callable[[datetime], int]]] = {
    "YEAR": lambda d: d.year,
    "MONTH_OF_YEAR": lambda d: d.month,
    "DAY_OF_MONTH": lambda d: d.day,
    "DAY_OF_WEEK": lambda d: d.isoweekday(),
    "DAY_OF_YEAR": lambda d: d.timetuple().tm_yday,
    "HOUR_OF_DAY": lambda d: d.hour,
    "MINUTE_OF_HOUR": lambda d: d.minute,
    "MINUTE_OF_DAY": lambda d: d.hour * 60 + d.minute,
    "SECOND_OF_MINUTE": lambda d: d.second,
    "MILLI_OF_SECOND": lambda d: d.microsecond // 1000,
    "EPOCH_DAY": lambda d: milliseconds(d) // DAY,
    "ALIGNED_DAY_OF_WEEK_IN_MONTH": lambda d: (d.day - 1) % _WEEK + 1,
    "ALIGNED_DAY_OF_WEEK_IN_YEAR": lambda d: (d.timetuple().tm_yday - 1) % _WEEK + 1,
    "ALIGNED_WEEK_OF_MONTH": lambda d: (d.day - 1) // _WEEK + 1,
    "ALIGNED_WEEK_OF_YEAR": lambda d: (d.timetuple().tm_yday - 1) // _WEEK + 1,
    "AMPM_OF_DAY": lambda d: d.hour // 12,
    "HOUR_OF_AMPM": lambda d: d.hour % 12,
    "CLOCK_HOUR_OF_AMPM": lambda d: d.hour % 12 or 12,
    "CLOCK_HOUR_OF_DAY": lambda d: d.hour or 24,
    "ERA": lambda _: 1,
    "INSTANT_SECONDS": lambda d: milliseconds(d) // 1_000,
    "OFFSET_SECONDS": lambda _: 0,
    "PROLEPTIC_MONTH": lambda d: d.year * 12 + d.month - 1,
    "YEAR_OF_ERA": lambda d: d.year,
    "SECOND_OF_DAY": lambda d: milliseconds(d) % DAY // 1_000,
    "MILLI_OF_DAY": lambda d: milliseconds(d) % DAY,
    "MICRO_OF_DAY": lambda d: milliseconds(d) % DAY * 1_000,
    "NANO_OF_DAY": lambda d: milliseconds(d) % DAY * 1_000_000,
    "MICRO_OF_SECOND": lambda d: d.microsecond,
    "NANO_OF_SECOND": lambda d: d.microsecond * 1_000,
}


def extracted(part: str, ms: int) -> int | None:
    """DATE_EXTRACT of one of Java's chrono fields."""
    compute, date = _PARTS.get(part.upper()), moment(ms)
    return None if compute is None or date is None else compute(date)


_STEPS: Final[tuple[Period | int, ...]] = (
    *(Period(12, 0), Period(1, 0), Period(0, _WEEK), Period(0, 1), 12 * HOUR, 3 * HOUR, HOUR),
    *(30 * MINUTE, 10 * MINUTE, 5 * MINUTE, MINUTE, 30_000, 10_000, 5_000, 1_000, 100, 50, 10, 1),
)
"""The steps that people read, from the longest."""


def _covers(step: Period | int, count: int, first: int, last: int) -> bool:
    """Whether at most so many steps reach from the first date to the last."""
    start = truncated(step, first)
    if start is None or count < 1:
        return False
    if isinstance(step, Period) and step.months:
        needed = _months_between(start, last) // step.months
        reached = shifted(start, Period(step.months * needed, 0), 1)
        return max(needed + (reached is None or reached < last), 1) <= count
    length = step if isinstance(step, int) else step.days * DAY
    return max(-((start - last) // length), 1) <= count


def stepped(ms: int, count: int, first: int, last: int) -> int | None:
    """BUCKET of dates: the shortest of the steps that people read of which at most `count` cover the range."""
    best = _STEPS[0]
    for step in _STEPS[1:]:
        if not _covers(step, count, first, last):
            break
        best = step
    return truncated(best, ms)


TEMPORAL: Mapping[Operation, Callable[..., Value]] = {
    Operation.DATE_TRUNC: truncated,
    Operation.DATE_DIFF: difference,
    Operation.DATE_FORMAT: formatted,
    Operation.DATE_PARSE: parsed,
    Operation.DATE_EXTRACT: extracted,
    Operation.DAY_NAME: lambda ms: None if (d := moment(ms)) is None else _DAYS[d.weekday()],
    Operation.MONTH_NAME: lambda ms: None if (d := moment(ms)) is None else _MONTHS[d.month],
}
