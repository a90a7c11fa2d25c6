"""Events as Splunk would hold them after field extraction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from converter.proof.judges.spl.json_path import shown
from converter.proof.judges.spl.reading import READINGS, Reading
from converter.proof.judges.spl.values import Row, Scalar, many, number, tidy

_MILLISECONDS_FROM = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """Rows as `rows` makes them, for several searches over the same events under readings that extract alike."""

    rows: tuple[Row, ...]


def rows(
    events: Sequence[Mapping[str, object]], *, raw_json: bool = False, reading: Reading = READINGS[0]
) -> list[Row]:
    """The events as flat rows, with `_raw`, and `_time` where an event tells one.

    `raw_json=False`: dotted names; a list is a multivalue field of the same name, and so are the like-named fields of a
    list of objects. `raw_json=True`: the names of automatic JSON extraction, where a list adds `{}` to its name.
    null, [] and {} leave no field, but for the reading in which an extracted null is the text null.
    """
    return [_row(event, raw_json=raw_json, reading=reading) for event in events]


def _row(event: Mapping[str, object], *, raw_json: bool, reading: Reading) -> Row:
    collected: dict[str, list[Scalar]] = {}
    null = "null" if raw_json and reading.json_null == "text" else None
    for name, value in event.items():
        for full, one in _leaves(name, value, "{}" if raw_json else ""):
            text = shown(one) if one is not None else null
            if text is not None:
                collected.setdefault(full, []).append(text)
    row: Row = {name: stored for name, found in collected.items() if (stored := many(found)) is not None}
    row.setdefault("_raw", json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=str))
    _set_time(row, "_time", event.get("_time"), event, ("@timestamp",))
    _set_time(row, "_indextime", event.get("_indextime"), event, ("event", "ingested"))
    return row


def _leaves(name: str, value: object, mark: str) -> Iterator[tuple[str, object]]:
    match value:
        case None | str() | int() | float():  # nearly all
            yield name, value
        case Mapping():
            for inner, one in value.items():
                yield from _leaves(f"{name}.{inner}", one, mark)
        case list() | tuple():
            for one in value:
                yield from _leaves(name + mark, one, mark)
        case _:
            yield name, value


def _set_time(row: Row, target: str, own: object, event: Mapping[str, object], path: tuple[str, ...]) -> None:
    found: object = own
    if found is None:
        found = event.get(".".join(path), event)
        if found is event:
            for step in path:
                found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, int | float) and found >= _MILLISECONDS_FROM:
            found = found / 1000
    moment = _moment(found)
    if moment is None:
        row.pop(target, None)
    else:
        row[target] = tidy(moment)


def _moment(value: object) -> float | None:
    """Epoch seconds of a number, of text that is one, or of an ISO date."""
    if isinstance(value, list) and value:
        return _moment(value[0])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    parsed = number(value)
    if parsed is not None:
        return float(parsed) / 1000 if parsed >= _MILLISECONDS_FROM else float(parsed)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def plain(row: Row) -> dict[str, object]:
    """A row as a caller gets it: several values as a list."""
    return {name: list(stored) if isinstance(stored, tuple) else stored for name, stored in row.items()}
