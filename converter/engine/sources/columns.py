"""Parquet and Arrow files as events, by pyarrow (the extra `parquet`). Column names may be dotted or structs."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from converter.diagnostics import Diagnostic, Source
from converter.engine.codes import V002, V004
from converter.engine.sources.batch import Batch, Whole

if TYPE_CHECKING:
    from converter.engine.sources.decode import Event

ROWS = 1000


def column_batches(
    name: str,
    raw: IO[bytes],
    report: Callable[[Diagnostic], None],
    wanted: frozenset[str] | None = None,
    *,
    is_parquet: bool,
) -> Iterator[Batch]:
    """The rows in batches; a cell without value is no value of the event.

    Columns that no path of `wanted` asks for are read for events that hit alone.
    """
    try:
        import pyarrow as pa  # the extra `parquet`
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError:
        hint = "pip install 'siemglot[parquet]'"
        report(Diagnostic(V004, "Parquet and Arrow are read with pyarrow", source=Source(name, ""), hint=hint))
        return
    number = 1
    try:
        if is_parquet:
            first = pa.parquet.ParquetFile(raw)
            # Whole events are asked for after the last batch was given, when `raw` may be closed.
            again = first if wanted is None else pa.parquet.ParquetFile(raw.name)
            parts = _of_parquet(first, again, wanted)
        else:
            parts = _of_arrow(pa, raw, wanted)
        for batch, whole in parts:
            events = tuple(event_of(row) for row in batch.to_pylist())
            yield Batch(name, number, events=events, noun="row", whole=None if wanted is None else whole)
            number += len(events)
    except (pa.ArrowException, OSError) as error:
        message = f"the rows cannot be read: {str(error).splitlines()[0][:300]}"
        report(Diagnostic(V002, message, source=Source(name, "")))


def _of_parquet(
    file: Any,  # noqa: ANN401 - untyped package
    again: Any,  # noqa: ANN401
    wanted: frozenset[str] | None,
) -> Iterator[tuple[Any, Whole]]:
    """Each batch of chosen columns, and how to read whole events of it."""
    columns = (None if wanted is None else _leaves(file.schema_arrow, wanted)) or None
    for group in range(file.num_row_groups):
        later = _Later(functools.partial(again.iter_batches, batch_size=ROWS, row_groups=[group]))
        start = 0
        for batch in file.iter_batches(batch_size=ROWS, row_groups=[group], columns=columns):
            yield batch, functools.partial(later.whole, start)
            start += batch.num_rows


class _Later:
    """The rows of a group with all their columns, read forwards, and no further than is asked for."""

    def __init__(self, read: Callable[[], Iterable[Any]]) -> None:
        self._read = read
        self._batches: Iterator[Any] | None = None
        self._start = self._end = 0
        self._rows: Any = None

    def whole(self, start: int, places: Sequence[int]) -> list[Event]:
        """The events at some places behind `start`, in order."""
        found = []
        for place in places:
            if place + start < self._start or self._batches is None:
                self._batches, self._start, self._end = iter(self._read()), 0, 0
            while place + start >= self._end:
                self._rows = next(self._batches)
                self._start, self._end = self._end, self._end + self._rows.num_rows
            found += self._rows.slice(place + start - self._start, 1).to_pylist()
        return [event_of(row) for row in found]


def _of_arrow(pa: Any, raw: IO[bytes], wanted: frozenset[str] | None) -> Iterator[tuple[Any, Whole]]:  # noqa: ANN401 - untyped
    """Each batch of chosen columns, and how to read whole events of it."""
    reader = pa.ipc.open_file(raw)
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number)
        names = batch.schema.names
        chosen = [place for place, name in enumerate(names) if wanted is None or _is_wanted(name, wanted)]
        for start in range(0, batch.num_rows, ROWS):
            rows = batch.slice(start, ROWS)
            yield (rows.select(chosen) if chosen else rows), functools.partial(_sliced, rows)


def _sliced(rows: Any, places: Sequence[int]) -> list[Event]:  # noqa: ANN401 - untyped package
    return [event_of(rows.slice(place, 1).to_pylist()[0]) for place in places]


def _leaves(schema: Any, wanted: frozenset[str]) -> list[str]:  # noqa: ANN401 - untyped package
    """The columns, and members of columns that are objects, that some path asks for."""
    found: list[str] = []

    def look(prefix: str, fields: Iterable[Any]) -> None:
        for one in fields:
            path = f"{prefix}{one.name}"
            if not _is_wanted(path, wanted):
                continue
            members = [one.type.field(place) for place in range(one.type.num_fields)] if _is_object(one.type) else []
            if members and path not in wanted:
                look(f"{path}.", members)
            else:
                found.append(path)

    look("", schema)
    return found


def _is_object(kind: Any) -> bool:  # noqa: ANN401 - untyped package
    return str(kind).startswith("struct<")


def _is_wanted(column: str, wanted: frozenset[str]) -> bool:
    """Whether a path is the column, leads into it, or is led into by it."""
    return any(path == column or path.startswith(f"{column}.") or column.startswith(f"{path}.") for path in wanted)


def event_of(row: dict[str, Any]) -> Event:
    """A row as JSON would hold it: no nulls, times as ISO 8601, bytes as base64."""
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever a cell holds
    match value:
        case dict():
            return event_of(value)
        case list():
            return [_plain(one) for one in value if one is not None]
        case dt.datetime():
            moment = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case dt.date() | dt.time() | dt.timedelta():
            return str(value)
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case _:
            return value
