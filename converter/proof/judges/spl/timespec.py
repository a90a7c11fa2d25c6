"""Relative times such as -7d@d, and the date formats of strftime and strptime. All times are UTC."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from converter.proof.judges.spl.errors import SplError

_UNITS: Final = {
    "s": "s s sec secs second seconds",
    "m": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "w": "w week weeks",
    "mon": "mon month months",
    "q": "q qtr qtrs quarter quarters",
    "y": "y yr yrs year years",
}
_UNIT: Final = {word: unit for unit, listed in _UNITS.items() for word in listed.split()}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MONTHS: Final = {"mon": 1, "q": 3, "y": 12}
_STEP: Final = re.compile(r"([-+])(\d*)([A-Za-z]+)|@(w[0-7]|[A-Za-z]+)")
_SPAN: Final = re.compile(r"(\d*)([A-Za-z]+)?")
_ABSOLUTE: Final = ("%m/%d/%Y:%H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def resolve(spec: str, now: float) -> float:
    """The time that a modifier such as now, 0, -9m, -7d@d, @w1 or 10/19/2018:00:00:00 stands for."""
    spec = spec.strip()
    if spec in {"now", "now()"}:
        return now
    if re.fullmatch(r"\d+(?:\.\d+)?", spec):
        return float(spec)
    for form in _ABSOLUTE:
        try:
            return datetime.strptime(spec, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return relative(spec.removeprefix("now"), now)


def relative(spec: str, base: float) -> float:
    """`base` moved by each step of `spec` from left to right."""
    moment, at = base, 0
    while at < len(spec):
        found = _STEP.match(spec, at)
        if found is None:
            raise SplError(f"invalid time modifier {spec}", at, spec)
        sign, count, unit, snap = found.groups()
        if snap:
            moment = _snap(moment, snap.lower(), spec)
        else:
            moment = _shift(moment, int(sign + (count or "1")), _unit(unit, spec))
        at = found.end()
    if not spec:
        raise SplError("an empty time modifier", 0, spec)
    return moment


def _unit(word: str, spec: str) -> str:
    unit = _UNIT.get(word if word in _UNIT else word.lower())
    if unit is None:
        raise SplError(f"unknown unit of time {word}", 0, spec)
    return unit


def _shift(moment: float, count: int, unit: str) -> float:
    if unit in _SECONDS:
        return moment + count * _SECONDS[unit]
    at = _date(moment)
    months = at.year * 12 + at.month - 1 + count * _MONTHS[unit]
    year, month = divmod(months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day).timestamp()


def _date(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _snap(moment: float, unit: str, spec: str) -> float:
    at = _date(moment).replace(microsecond=0)
    if unit[0] == "w" and unit[1:].isdigit():
        midnight = at.replace(hour=0, minute=0, second=0)
        back = (midnight.isoweekday() % 7 - int(unit[1:]) % 7) % 7
        return (midnight - timedelta(days=back)).timestamp()
    match _unit(unit, spec):
        case "s":
            return at.timestamp()
        case "m":
            return at.replace(second=0).timestamp()
        case "h":
            return at.replace(second=0, minute=0).timestamp()
        case "d":
            return at.replace(second=0, minute=0, hour=0).timestamp()
        case "w":
            return _snap(moment, "w0", spec)
        case "mon":
            return at.replace(second=0, minute=0, hour=0, day=1).timestamp()
        case "q":
            month = (at.month - 1) // 3 * 3 + 1
            return at.replace(second=0, minute=0, hour=0, day=1, month=month).timestamp()
        case _:
            return at.replace(second=0, minute=0, hour=0, day=1, month=1).timestamp()


def floor(moment: float, span: str) -> float:
    """The start of the bin of `span` that holds `moment`."""
    found = _SPAN.fullmatch(span.strip())
    if found is None or not span.strip():
        raise SplError(f"invalid span {span}", 0, span)
    count = int(found.group(1) or "1")
    unit = _unit(found.group(2), span) if found.group(2) else "s"
    if count < 1:
        raise SplError("a span must be positive", 0, span)
    if unit in _SECONDS:
        size = count * _SECONDS[unit]
        return float(moment // size * size)
    at = _date(moment)
    size = count * _MONTHS[unit]
    months = (at.year * 12 + at.month - 1) // size * size
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp()


def seconds(span: str) -> float:
    """The length of a span such as 5m."""
    found = _SPAN.fullmatch(span.strip())
    if found is None or not found.group(2):
        raise SplError(f"invalid span {span}", 0, span)
    unit = _unit(found.group(2), span)
    if unit not in _SECONDS:
        raise SplError(f"a span of {span} has no fixed length", 0, span)
    return float(int(found.group(1) or "1") * _SECONDS[unit])


_FORMATS: Final[dict[str, Callable[[datetime], str]]] = {
    "Q": lambda at: f"{at.microsecond // 1000:03d}",
    "3N": lambda at: f"{at.microsecond // 1000:03d}",
    "3Q": lambda at: f"{at.microsecond // 1000:03d}",
    "6N": lambda at: f"{at.microsecond:06d}",
    "6Q": lambda at: f"{at.microsecond:06d}",
    "9N": lambda at: f"{at.microsecond:06d}000",
    "s": lambda at: str(int(at.timestamp())),
    "z": lambda _at: "+0000",
    "Z": lambda _at: "UTC",
    "F": lambda at: at.strftime("%Y-%m-%d"),
    "T": lambda at: at.strftime("%H:%M:%S"),
}
_DIRECTIVE: Final = re.compile(r"%(\d?[A-Za-z]|%)")
_PLAIN: Final = frozenset("aAbBcdeHIjkmMpSuUwyYxXfV")


def strftime(moment: float, form: str) -> str:
    at = _date(moment)

    def one(found: re.Match[str]) -> str:
        directive = found.group(1)
        if directive == "%":
            return "%"
        if directive in _FORMATS:
            return _FORMATS[directive](at)
        if directive not in _PLAIN:
            raise SplError(f"unknown date format %{directive}", found.start(), form)
        return at.strftime(f"%{directive}")

    return _DIRECTIVE.sub(one, form)


def strptime(text: str, form: str) -> float | None:
    """The time in `text`, or None if it is not in that form."""
    if form.strip() == "%s":
        return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None
    python = re.sub(r"%\d?[QN]", "%f", form).replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S")
    try:
        at = datetime.strptime(text, python)  # noqa: DTZ007
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
