"""Text as a value of a type: dates, addresses, durations, whole numbers (rules L6, L7, Q15, Q20)."""

from __future__ import annotations

import functools
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from converter.deferred import compiled
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Constant, Expression, Period, Type, type_of

_DATE = compiled(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?)?",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_MAPPED: Final = 0xFFFF << 32

INT_LIMIT: Final = 1 << 31
LONG_LIMIT: Final = 1 << 63
UNSIGNED_LIMIT: Final = 1 << 64


@functools.lru_cache(maxsize=4096)
def instant(text: str) -> int | None:
    """A date as milliseconds since 1970; None if the text is none (elastic: strict_date_optional_time)."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(
            *(int(year), int(month or 1), int(day or 1)),
            *(int(hour or 0), int(minute or 0), int(second or 0)),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    shift = 0
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        shift = (int(digits[:2]) * 60 + int(digits[2:] or 0)) * (60_000 if zone[0] == "+" else -60_000)
    return (moment - _EPOCH) // _MS + int((fraction or "0").ljust(3, "0")[:3]) - shift


@functools.lru_cache(maxsize=4096)
def address(text: str) -> int | None:
    """An address as 128 bits, IPv4 as ::ffff:a.b.c.d; None if the text is none."""
    if "%" in text:
        return None
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return int(found) | _MAPPED if found.version == 4 else int(found)  # noqa: PLR2004


def address_text(bits: int) -> str:
    """The shortest text of an address, IPv4 where it is one."""
    v6 = ipaddress.IPv6Address(bits)
    return str(v6.ipv4_mapped or v6)


@functools.lru_cache(maxsize=4096)
def network(text: str) -> range | None:
    """The addresses of `address/bits`, or of one address; None if the text is neither."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    base = _MAPPED if found.version == 4 else 0  # noqa: PLR2004
    return range(int(found.network_address) | base, (int(found.broadcast_address) | base) + 1)


def _units(*groups: str) -> frozenset[str]:
    return frozenset(word for group in groups for word in group.split())


_CALENDAR: Final = (
    (_units("day days d"), 0, 1),
    (_units("week weeks w"), 0, 7),
    (_units("month months mo"), 1, 0),
    (_units("quarter quarters q"), 3, 0),
    (_units("year years yr y"), 12, 0),
)
_CLOCK: Final = (
    (_units("millisecond milliseconds ms"), 1),
    (_units("second seconds sec s"), 1_000),
    (_units("minute minutes min m"), 60_000),
    (_units("hour hours h"), 3_600_000),
)


def duration(count: int, unit: str) -> Constant | None:
    """A count and a unit; None for no unit (elastic: ES|QL time spans)."""
    word = unit.lower()
    for words, months, days in _CALENDAR:
        if word in words:
            return Constant(Period(count * months, count * days), Type.PERIOD)
    for words, ms in _CLOCK:
        if word in words:
            return Constant(count * ms, Type.DURATION)
    return None


_SPAN = compiled(r"\s*(\d+)\s*([A-Za-z]+)\s*", re.ASCII)


def span(text: str) -> Constant | None:
    """A duration in quotes: "1 hour"."""
    found = _SPAN.fullmatch(text)
    return None if found is None else duration(int(found[1]), found[2])


def number(value: float) -> Constant:
    """A number by the smallest type that holds it (rule L6)."""
    if not isinstance(value, int):
        return Constant(value, Type.DOUBLE)
    if -INT_LIMIT <= value < INT_LIMIT:
        return Constant(value, Type.INTEGER)
    if -LONG_LIMIT <= value < LONG_LIMIT:
        return Constant(value, Type.LONG)
    if 0 <= value < UNSIGNED_LIMIT:
        return Constant(value, Type.UNSIGNED_LONG)
    return Constant(float(value), Type.DOUBLE)


def typed(text: str, wanted: Type) -> Constant | None:
    """A string constant as a value of `wanted`; None if it is none (rule Q15)."""
    match wanted:
        case Type.DATE:
            return _known(instant(text), wanted)
        case Type.IP:
            return _known(address(text), wanted)
        case Type.BOOLEAN:
            lowered = text.lower()
            return Constant(lowered == "true", wanted) if lowered in ("true", "false") else None
        case Type.PERIOD | Type.DURATION:
            return span(text)
        case Type.VERSION | Type.KEYWORD | Type.TEXT:
            return Constant(text, wanted)
        case _:
            return None


def _known(value: int | None, kind: Type) -> Constant | None:
    return None if value is None else Constant(value, kind)


def as_addresses(sides: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The text of an address beside constant ones, as the addresses that they are: TO_STRING writes each in one way.

    Events may spell an address in several ways, which platforms keep. Unchanged where a text is no address so written.
    """
    texts = [side for side in sides if isinstance(side, Constant)]
    rest = [side for side in sides if not isinstance(side, Constant)]
    match rest:
        case [Apply(Operation.TO_STRING, (operand,))] if type_of(operand) is Type.IP and texts:
            pass
        case _:
            return sides
    found = [address(one.value) if isinstance(one.value, str) else None for one in texts]
    if any(one is None or address_text(one) != text.value for one, text in zip(found, texts, strict=True)):
        return sides
    known = iter(found)
    return tuple(Constant(next(known), Type.IP) if isinstance(side, Constant) else operand for side in sides)
