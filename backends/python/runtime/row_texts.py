"""Texts of rows, and values as texts and back."""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import re

_WRITTEN_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_POINT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)
_SPACE = "".join(map(chr, (*range(9, 14), *range(28, 33))))


def date_name(ms):
    """A date in ISO 8601 with milliseconds."""
    try:
        found = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(milliseconds=ms)
    except OverflowError:
        return str(ms)
    return (found.strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z").rjust(24, "0")


def double_name(value):
    """A decimal as Java prints it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text else f"{value:f}"
    exponent = int(f"{value:e}".partition("e")[2])
    digits = repr(value).lower().partition("e")[0].lstrip("-").replace(".", "").strip("0") or "0"
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def name_of(value):
    """A value as text; dates and addresses have functions of their own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"POINT ({double_name(value[0])} {double_name(value[1])})"
    return double_name(value) if isinstance(value, float) else str(value)


def address_text(bits):
    """An address as text, IPv4 where it is one."""
    found = ipaddress.IPv6Address(bits)
    return str(found.ipv4_mapped or found)


def _number_of(value):
    if not isinstance(value, str):
        return value if isinstance(value, (int, float)) else None
    if not _WRITTEN_NUMBER.fullmatch(value):
        return None
    return int(value) if value.strip().lstrip("+-").isdigit() else float(value)


def whole_of(bits, value):
    """A value as a whole number of so many bits; half goes away from zero."""
    number = _number_of(value)
    if isinstance(number, float):
        number = math.floor(abs(number) + 0.5) * (1 if number >= 0 else -1) if math.isfinite(number) else None
    return int(number) if number is not None and -(1 << bits - 1) <= number < 1 << bits - 1 else None


def integer_of(value):
    return whole_of(32, value)


def long_of(value):
    return whole_of(64, value)


def decimal_of(value):
    number = _number_of(value)
    return None if number is None else float(number)


def truth_of(value):
    """Of texts only true, in any case, is True."""
    return value.lower() == "true" if isinstance(value, str) else value != 0


def bits_of(value):
    """An address as 128 bits."""
    if not isinstance(value, str):
        return value
    try:
        found = ipaddress.ip_address(value) if "%" not in value else None
    except ValueError:
        return None
    return None if found is None else int(found) | (0xFFFF << 32) if found.version == 4 else int(found)


def point_of(value):
    """A point (longitude, latitude): well-known text, latitude and longitude with a comma, or what is one."""
    if isinstance(value, tuple):
        return value
    found = _POINT.fullmatch(value) if isinstance(value, str) else None
    try:
        if found:
            return float(found[1]), float(found[2])
        if isinstance(value, str) and value.count(",") == 1:
            latitude, longitude = value.split(",")
            return float(longitude), float(latitude)
    except ValueError:
        return None
    return None


def substring(text, start, length=None):
    if length is not None and length < 0:
        return None
    first = start - 1 if start > 0 else max(len(text) + start, 0) if start < 0 else 0
    return text[first : None if length is None else first + length]


def left(text, length):
    return text[: max(length, 0)]


def right(text, length):
    return text[max(len(text) - length, 0) :] if length > 0 else ""


def locate(text, part, start=0):
    return text.find(part, max(start - 1, 0)) + 1


def contains(text, part):
    return part in text


def joined(*texts):
    return "".join(texts)


def trimmed(text):
    return text.strip(_SPACE)


def left_trimmed(text):
    return text.lstrip(_SPACE)


def right_trimmed(text):
    return text.rstrip(_SPACE)


def replaced(regex, parts, text):
    """Every match of a compiled expression replaced; `parts` are texts and numbers of groups."""
    return regex.sub(lambda m: "".join(p if isinstance(p, str) else m[p] or "" for p in parts), text)


def cut(text, delimiter):
    """The parts between delimiters; one part is a single value."""
    found = text.split(delimiter) if delimiter else list(text) or [text]
    return found if len(found) > 1 else found[0]


def spaces(count):
    return " " * count if 0 <= count <= 1 << 20 else None


def repeated(text, count):
    return text * count if count >= 0 and len(text) * count <= 1 << 20 else None


def turned(text):
    return text[::-1]


def byte_length(text):
    return len(text.encode())
