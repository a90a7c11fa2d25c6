"""What an event holds: the values of a field as a tuple, coerced as Elasticsearch indexes them.

An event is a mapping of names to JSON values; names may be dotted, nested or both ({"a.b": {"c": 1}} has a
value at a.b.c). Arrays may stand anywhere; arrays of objects are flattened (rule K19). null, [] and [null] are
no value. A value that the field's kind cannot hold is ignored, as an index with ignore_malformed does.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from converter.model.value import Field, Kind

Event: TypeAlias = Mapping[str, object]
Indexed: TypeAlias = str | int | float | bool


def values(event: Event, field: Field) -> tuple[Indexed, ...]:
    """The values of `field`: text for KEYWORD and TEXT, numbers, bool, milliseconds for DATE, 128 bits for IP."""
    found = (coerce(raw, field.kind) for raw in raw_values(event, field.path))
    return tuple(value for value in found if value is not None)


def raw_values(event: Event, path: str) -> Iterator[object]:
    """Every JSON scalar at `path`, arrays flattened, nulls left out."""
    for found in _at(event, path.split(".")):
        if not isinstance(found, Mapping):
            yield found


def elements(event: Event, path: str) -> Iterator[Event]:
    """The objects of the nested array at `path`, each as an event of its own under that path."""
    for found in _at(event, path.split(".")):
        if isinstance(found, Mapping):
            yield {path: found}


def _at(value: object, parts: list[str]) -> Iterator[object]:
    """The scalars and objects at a path, every way of reading dots in names tried."""
    if value is None:
        return
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _at(one, parts)
    elif not parts:
        yield value
    elif isinstance(value, Mapping):
        for split in range(1, len(parts) + 1):
            name = ".".join(parts[:split])
            if name in value:
                yield from _at(value[name], parts[split:])


def coerce(raw: object, kind: Kind) -> Indexed | None:
    """`raw` as a field of this kind indexes it, or None if it cannot."""
    match kind:
        case Kind.KEYWORD | Kind.TEXT:
            return _text(raw)
        case Kind.LONG:
            return _long(raw)
        case Kind.DOUBLE:
            return _double(raw)
        case Kind.BOOLEAN:
            return _boolean(raw)
        case Kind.IP:
            return address(raw) if isinstance(raw, str) else None
        case Kind.DATE:
            return instant(raw)


def _text(raw: object) -> str | None:
    """Numbers and booleans are indexed as their JSON text."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return repr(raw) if isinstance(raw, (int, float)) else None


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?")


def _double(raw: object) -> float | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
        return None
    try:
        number = float(raw) if isinstance(raw, (str, int, float)) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


_LONG = range(-(2**63), 2**63)


def _long(raw: object) -> int | None:
    """A fraction is cut off and text is read as a number: `coerce` is on unless a mapping says otherwise."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str) and re.fullmatch(r"[+-]?[0-9]{1,20}", raw):
        number = int(raw)
    elif isinstance(raw, int):
        number = raw
    else:
        real = _double(raw)
        if real is None:
            return None
        number = int(real)
    return number if number in _LONG else None


def _boolean(raw: object) -> bool | None:
    """`""` is false too (elastic: boolean field type)."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return {"true": True, "false": False, "": False}.get(raw)
    return None


@functools.lru_cache(maxsize=4096)
def address(text: str) -> int | None:
    """An address as its 128 bits: Lucene keeps IPv4 as the IPv6 address ::ffff:a.b.c.d, so both forms are equal."""
    try:
        return _bits(ipaddress.ip_address(text)) if "%" not in text else None
    except ValueError:
        return None


def _bits(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    return int(found) | _MAPPED if found.version == 4 else int(found)  # noqa: PLR2004


_MAPPED = 0xFFFF << 32


def address_text(bits: int) -> str:
    """The shortest text of an address, IPv4 where it is one."""
    v6 = ipaddress.IPv6Address(bits)
    return str(v6.ipv4_mapped or v6)


@functools.lru_cache(maxsize=4096)
def network(text: str) -> range | None:
    """The addresses of `address/bits` (or of one address) as a range of 128-bit numbers."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return range(_bits(found.network_address), _bits(found.broadcast_address) + 1)


# strict_date_optional_time: a year has four digits, every further part may be left out.
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?:(?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def instant(raw: object) -> int | None:
    """A date as milliseconds: a JSON number or digits are epoch milliseconds, else ISO 8601 (four digits: a year)."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, (int, float)):
        return int(raw) if math.isfinite(raw) else None
    if not isinstance(raw, str):
        return None
    iso = _ISO.fullmatch(raw)
    if iso is None:
        return int(raw) if re.fullmatch(r"-?[0-9]{1,18}", raw) else None
    return _iso_instant(iso)


def _iso_instant(iso: re.Match[str]) -> int | None:
    def part(name: str, otherwise: int) -> int:
        return int(iso[name] or otherwise)

    try:
        moment = datetime(
            part("year", 1),
            part("month", 1),
            part("day", 1),
            part("hour", 0),
            part("minute", 0),
            part("second", 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    ms = (moment - _EPOCH) // _MILLISECOND + int(((iso["part"] or "0") + "00")[:3])
    zone = iso["zone"]
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
        ms -= minutes * 60_000 * (1 if zone[0] == "+" else -1)
    return ms
