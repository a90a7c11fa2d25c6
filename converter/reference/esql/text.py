"""Values as text, and text as values, as Elasticsearch converts them (rules Q19, Q20)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from converter.model.pipeline import Type
from converter.readers.esql.literal import address, address_text, instant
from converter.reference.esql.value import Scalar, within

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_POINT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)
_LEAST_PLAIN, _MOST_PLAIN = 1e-3, 1e7


def moment(ms: int) -> datetime | None:
    """A date of the calendar, UTC; None beyond the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None


def milliseconds(date: datetime) -> int:
    """The milliseconds of a date."""
    return (date - _EPOCH) // timedelta(milliseconds=1)


def date_text(ms: int) -> str:
    """ISO 8601 with milliseconds."""
    found = moment(ms)
    if found is None:
        return str(ms)
    return f"{found:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z".rjust(24, "0")


def double_text(value: float) -> str:
    """A double as Java prints it: 1.0, 1.0E10, NaN."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _LEAST_PLAIN <= abs(value) < _MOST_PLAIN:
        text = repr(value)
        return text if "e" not in text else f"{value:f}"
    exponent = f"{value:e}".partition("e")[2]
    digits = repr(value).lower().partition("e")[0].lstrip("-").replace(".", "").strip("0") or "0"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{int(exponent)}"


def point_text(value: tuple[float, float]) -> str:
    """Well-known text of a point."""
    return f"POINT ({double_text(value[0])} {double_text(value[1])})"


def text_of(value: Scalar, kind: Type) -> str:
    """TO_STRING."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return point_text(value)
    if isinstance(value, int) and kind is Type.DATE:
        return date_text(value)
    if isinstance(value, int) and kind is Type.IP:
        return address_text(value)
    return double_text(value) if isinstance(value, float) else str(value)


def _number(text: str) -> float | int | None:
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if text.strip().lstrip("+-").isdigit() else float(text)


def _rounded(value: float) -> int | None:
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1) if math.isfinite(value) else None


def whole(value: Scalar, wanted: Type) -> int | None:
    """TO_INTEGER and TO_LONG: half is rounded away from zero."""
    number = _number(value) if isinstance(value, str) else value
    if not isinstance(number, int | float):
        return None
    found = _rounded(number) if isinstance(number, float) else int(number)
    return None if found is None else within(found, wanted)


def double(value: Scalar) -> float | None:
    """TO_DOUBLE."""
    number = _number(value) if isinstance(value, str) else value
    return float(number) if isinstance(number, int | float) else None


def boolean(value: Scalar) -> bool | None:
    """TO_BOOLEAN: of texts only true, in any case, is true."""
    if isinstance(value, str):
        return value.lower() == "true"
    return value != 0 if isinstance(value, int | float) else None


def date(value: Scalar) -> int | None:
    """TO_DATETIME: text by strict_date_optional_time, numbers are milliseconds."""
    if isinstance(value, str):
        return instant(value)
    return int(value) if isinstance(value, int | float) else None


def ip(value: Scalar) -> int | None:
    """TO_IP."""
    return address(value) if isinstance(value, str) else value if isinstance(value, int) else None


def point(value: Scalar) -> tuple[float, float] | None:
    """TO_GEOPOINT: well-known text, or latitude and longitude with a comma between."""
    if isinstance(value, tuple):
        return value
    found = _POINT.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is not None:
            return float(found[1]), float(found[2])
        if isinstance(value, str) and value.count(",") == 1:
            latitude, longitude = value.split(",")
            return float(longitude), float(latitude)
    except ValueError:
        return None
    return None


def version_key(text: str) -> tuple[object, ...]:
    """An order of versions: numbers by size, a release after its pre-releases (semver 2.0, clause 11)."""
    release, _, pre = text.partition("-")
    numbers = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in release.split("."))
    rest = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split(".")) if pre else ()
    return numbers, not pre, rest
