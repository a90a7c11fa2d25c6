"""Typed values: a null knows its type, a string is never null.

https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/null-values. Times are held to the microsecond, Kusto
holds 100 ns; `decimal` is computed as `real`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args

from converter.proof.judges.kusto.errors import KustoError

Kind = Literal["bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"]
KINDS: tuple[str, ...] = get_args(Kind)
NUMBERS = ("int", "long", "real", "decimal")
_ALIASES = {"double": "real", "time": "timespan", "date": "datetime", "boolean": "bool", "uuid": "guid"}


@dataclass(frozen=True, slots=True)
class Value:
    kind: Kind
    data: object

    @property
    def is_null(self) -> bool:
        return self.data is None


class JsonNull:
    """A null written in JSON, where a reading tells it from a missing key."""


JSON_NULL = JsonNull()
TRUE = Value("bool", data=True)
FALSE = Value("bool", data=False)
UNKNOWN = Value("bool", None)


def kind_named(name: str) -> Kind:
    kind = _ALIASES.get(name, name)
    if kind not in KINDS:
        raise KustoError(f"unknown type {name}")
    return cast("Kind", kind)


_NULLS = {kind: Value(cast("Kind", kind), "" if kind == "string" else None) for kind in KINDS}


def null(kind: Kind) -> Value:
    return _NULLS[kind]


def boolean(data: bool | None) -> Value:
    return UNKNOWN if data is None else (TRUE if data else FALSE)


def string(data: str) -> Value:
    return Value("string", data)


def long(data: int | None) -> Value:
    return Value("long", data)


def dynamic(data: object) -> Value:
    """A dynamic of JSON data; a `Value` inside is taken by its data."""
    return Value("dynamic", data)


def from_python(kind: Kind, data: object) -> Value:
    """A cell of a column; what does not fit the type of the column is an error, not a null."""
    if data is None:
        return null(kind)
    match kind:
        case "string" | "guid" if isinstance(data, str):
            return Value(kind, data if kind == "string" else data.lower())
        case "bool" if isinstance(data, bool):
            return Value(kind, data)
        case "int" | "long" if isinstance(data, int) and not isinstance(data, bool):
            return Value(kind, data)
        case "real" | "decimal" if isinstance(data, (int, float)) and not isinstance(data, bool):
            return Value(kind, float(data))
        case "datetime" if isinstance(data, datetime):
            return Value(kind, data if data.tzinfo else data.replace(tzinfo=UTC))
        case "datetime" if isinstance(data, str):
            moment = parse_datetime(data)
            if moment is None:
                raise KustoError(f"{data!r} is no datetime")
            return Value(kind, moment)
        case "timespan" if isinstance(data, timedelta):
            return Value(kind, data)
        case "dynamic":
            return Value(kind, data)
        case _:
            raise KustoError(f"{data!r} does not fit a column of type {kind}")


# --- text forms -----------------------------------------------------------------------------------------------

_DATETIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?")


def parse_datetime(text: str) -> datetime | None:
    """ISO 8601 with T or a blank, any number of fraction digits; without a zone it is UTC."""
    text = text.strip()
    if not _DATETIME.fullmatch(text):
        return None
    head = re.sub(r"(\.\d{1,6})\d*", r"\1", text).replace("Z", "+00:00")
    head = re.sub(r"\.(\d+)", lambda m: "." + m[1].ljust(6, "0"), head)
    head = re.sub(r"\b(\d)\b(?=[:T -])", r"0\1", head)
    try:
        moment = datetime.fromisoformat(head)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_UNITS = (
    (("d", "day", "days"), 86_400_000_000),
    (("h", "hr", "hrs", "hour", "hours"), 3_600_000_000),
    (("m", "min", "minute", "minutes"), 60_000_000),
    (("s", "sec", "second", "seconds"), 1_000_000),
    (("ms", "milli", "millis", "millisec", "millisecond", "milliseconds"), 1_000),
    (("micro", "micros", "microsec", "microsecond", "microseconds"), 1),
    (("tick", "ticks"), 0.1),
)
_MICROSECONDS = {name: size for names, size in _UNITS for name in names}
TIMESPAN_UNITS = tuple(sorted(_MICROSECONDS, key=len, reverse=True))
_QUANTITY = re.compile(rf"(-?\d+(?:\.\d+)?)\s*({'|'.join(TIMESPAN_UNITS)})")
_CLOCK = re.compile(r"(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?")


def parse_timespan(text: str) -> timedelta | None:
    """`2d`, `1.5h`, `15 seconds`, `0.12:34:56.7`, or a plain number of days (timespan page)."""
    text = text.strip()
    if found := _QUANTITY.fullmatch(text):
        return timedelta(microseconds=float(found[1]) * _MICROSECONDS[found[2]])
    if re.fullmatch(r"-?\d+", text):
        return timedelta(days=int(text))
    if not (found := _CLOCK.fullmatch(text)):
        return None
    sign, days, hours, minutes, seconds, fraction = found.groups()
    micro = int((fraction or "").ljust(6, "0")[:6])
    span = timedelta(int(days or 0), int(seconds or 0), micro, 0, int(minutes), int(hours))
    return -span if sign else span


def datetime_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}0Z"


def timespan_text(span: timedelta) -> str:
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}0" if span.microseconds else ""
    return f"{sign}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def real_text(number: float) -> str:
    """Integral reals print without a fraction, as the parse-json page shows (118.0 gives 118)."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _json_default(data: object) -> object:
    match data:
        case datetime():
            return datetime_text(data)
        case timedelta():
            return timespan_text(data)
        case _:
            raise KustoError(f"no JSON form of {data!r}")


def _json_numbers(data: object) -> object:
    match data:
        case float() if data.is_integer() and abs(data) < 1e15:
            return int(data)
        case list():
            return [_json_numbers(one) for one in data]
        case dict():
            return {key: _json_numbers(one) for key, one in data.items()}
        case _:
            return data


def text_of(data: object) -> str:
    """tostring(): null is ""; a string is itself, also inside of a dynamic; arrays and bags are compact JSON."""
    match data:
        case None | JsonNull():
            return ""
        case bool():
            return "true" if data else "false"
        case str():
            return data
        case int():
            return str(data)
        case float():
            return real_text(data)
        case datetime():
            return datetime_text(data)
        case timedelta():
            return timespan_text(data)
        case _:
            return json.dumps(_json_numbers(data), separators=(",", ":"), ensure_ascii=False, default=_json_default)


def kind_of(data: object) -> Kind:
    """The type a primitive has inside of a dynamic."""
    match data:
        case bool():
            return "bool"
        case int():
            return "long"
        case float():
            return "real"
        case str():
            return "string"
        case datetime():
            return "datetime"
        case timedelta():
            return "timespan"
        case _:
            return "dynamic"


def typed(data: object) -> Value:
    return Value(kind_of(data), data)


def plain(value: Value) -> object:
    """The data of a primitive or a dynamic; either kind of null is None."""
    return None if value.data is JSON_NULL else value.data


def empty(columns: Mapping[str, Kind]) -> dict[str, Value]:
    """A row of nulls."""
    return {name: _NULLS[kind] for name, kind in columns.items()}


def row_of(columns: Mapping[str, Kind], nulls: Mapping[str, Value], row: Mapping[str, object]) -> dict[str, Value]:
    """The cells of a row of such columns, of which most rows fill few; `nulls` is their empty row."""
    strange = row.keys() - columns.keys()
    if strange:
        raise KustoError(f"row has no such column: {', '.join(sorted(strange))}")
    return {**nulls, **{name: from_python(columns[name], data) for name, data in row.items()}}
