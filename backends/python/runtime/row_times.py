"""Dates of rows, in milliseconds."""

from __future__ import annotations

import calendar
import datetime as dt

_START = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_DAY = 86_400_000


def _date(ms):
    try:
        return _START + dt.timedelta(milliseconds=ms)
    except OverflowError:
        return None


def _ms(date):
    return (date - _START) // dt.timedelta(milliseconds=1)


def _months_on(date, months):
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return date.replace(year=year, month=month + 1, day=min(date.day, calendar.monthrange(year, month + 1)[1]))


def shifted(ms, by):
    """A date and a duration: milliseconds, or (months, days)."""
    if not isinstance(by, tuple):
        return ms + by
    date = _date(ms)
    try:
        return None if date is None else _ms(_months_on(date, by[0]) + dt.timedelta(days=by[1]))
    except (ValueError, OverflowError):
        return None


def truncated(by, ms):
    """From the epoch; a week from Monday, months and years from their start."""
    if not isinstance(by, tuple):
        return ms // by * by if by > 0 else None
    months, days = by
    if days and not months:
        shift = -3 * _DAY if days == 7 else 0
        return (ms - shift) // (days * _DAY) * (days * _DAY) + shift
    date = _date(ms)
    if date is None or months <= 0 or days:
        return None
    total = date.year * 12 + date.month - 1
    total -= total % months
    if total < 12:
        return None
    return _ms(date.replace(year=total // 12, month=total % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0))


def _toward_zero(value, by):
    return value // by if value >= 0 else -(-value // by)


def difference(unit, first, second):
    """Whole units, toward zero, that fit into an integer; `unit` is milliseconds, or ("months", n), ("less", n)."""
    if not isinstance(unit, tuple):
        found = _toward_zero(second - first, unit)
    elif unit[0] == "less":
        found = (second - first) * unit[1]
    else:
        start, end = _date(first), _date(second)
        if start is None or end is None:
            return 0
        since, until = start.date(), end.date()  # a month is whole at the same day and time of the next
        if until > since and end.time() < start.time():
            until -= dt.timedelta(days=1)
        elif until < since and end.time() > start.time():
            until += dt.timedelta(days=1)
        found = ((until.year - since.year) * 12 + until.month - since.month) * 32 + until.day - since.day
        found = _toward_zero(_toward_zero(found, 32), unit[1])
    return found if -(1 << 31) <= found < 1 << 31 else None
