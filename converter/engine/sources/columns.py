"""Parquet and Arrow files as events, by pyarrow (the extra `parquet`). Column names may be dotted or structs."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any

from converter.diagnostics import Diagnostic, Source
from converter.engine.codes import V002, V004
from converter.engine.sources.batch import Batch

if TYPE_CHECKING:
    from converter.engine.sources.decode import Event

ROWS = 1000


def column_batches(
    name: str, raw: IO[bytes], report: Callable[[Diagnostic], None], *, is_parquet: bool
) -> Iterator[Batch]:
    """The rows in batches; a cell without value is no value of the event."""
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
        for batch in _record_batches(pa, raw, is_parquet=is_parquet):
            events = tuple(event_of(row) for row in batch.to_pylist())
            yield Batch(name, number, events=events, noun="row")
            number += len(events)
    except (pa.ArrowException, OSError) as error:
        message = f"the rows cannot be read: {str(error).splitlines()[0][:300]}"
        report(Diagnostic(V002, message, source=Source(name, "")))


def _record_batches(pa: Any, raw: IO[bytes], *, is_parquet: bool) -> Iterable[Any]:  # noqa: ANN401 - untyped package
    if is_parquet:
        yield from pa.parquet.ParquetFile(raw).iter_batches(batch_size=ROWS)
        return
    reader = pa.ipc.open_file(raw)
    for place in range(reader.num_record_batches):
        yield reader.get_batch(place)


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
