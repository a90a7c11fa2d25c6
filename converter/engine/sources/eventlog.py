"""Windows event logs (EVTX) as events, by the package evtx (the extra `evtx`).

A record is a flat row as Windows' own tools show it: the members of System and of EventData by their names. Rules are
held against it with `--source`, by the data set's table; `Channel` tells which one.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from converter.diagnostics import Diagnostic, Source
from converter.engine.codes import V001, V002, V004
from converter.engine.sources.batch import Batch

if TYPE_CHECKING:
    from converter.engine.sources.decode import Event

_ROWS = 500
_HEAD = 128
_CHUNK = 1 << 16


def eventlog_batches(name: str, raw: IO[bytes], report: Callable[[Diagnostic], None]) -> Iterator[Batch]:
    """The records in batches. A record that cannot be read is reported and left out."""
    try:
        from evtx import PyEvtxParser  # the extra `evtx`
    except ImportError:
        hint = "pip install 'siemglot[evtx]'"
        report(Diagnostic(V004, "EVTX is read with the package evtx", source=Source(name, ""), hint=hint))
        return
    raw = raw if raw.seekable() else io.BytesIO(raw.read())  # the format is read at places, which a pipe has not
    cut = _cut_off(raw)
    try:
        records = iter(PyEvtxParser(raw).records_json())
    except (OSError, RuntimeError) as error:
        report(Diagnostic(V002, f"the event log cannot be read: {error}", source=Source(name, "")))
        return
    number = 1
    while taken := list(islice(_read(records, name, report), _ROWS)):
        yield Batch(name, number, events=tuple(taken), noun="record")
        number += len(taken)
    if cut:
        report(Diagnostic(V002, f"the event log is cut off: {cut}", source=Source(name, "")))


def _cut_off(raw: IO[bytes]) -> str:
    """What is missing of the chunks that the log's header counts: the parser ends at a cut without a word.

    Header size and number of chunks stand at 40 and 42, two bytes each (libyal: EVTX, file header); a chunk has 64 KiB.
    """
    head = raw.read(_HEAD)
    size = raw.seek(0, io.SEEK_END)
    raw.seek(0)
    wanted = int.from_bytes(head[40:42], "little") + _CHUNK * int.from_bytes(head[42:44], "little")
    return f"its header tells of {wanted:,} bytes, it has {size:,}" if len(head) == _HEAD and size < wanted else ""


def _read(records: Iterator[Any], name: str, report: Callable[[Diagnostic], None]) -> Iterator[Event]:
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except (OSError, RuntimeError) as error:
            report(Diagnostic(V001, f"a record cannot be read: {error}", source=Source(name, "")))
            continue
        yield flat(json.loads(record["data"]), str(record.get("timestamp", "")))


def flat(data: dict[str, Any], moment: str) -> Event:
    """A record of the log as one row; `moment` is when the log says that it was written."""
    event = data.get("Event", {})
    at = moment.removesuffix(" UTC").removesuffix("Z").replace(" ", "T")
    row: Event = {"@timestamp": f"{at}Z"} if at else {}
    for part in ("System", "EventData", "UserData"):
        _members(event.get(part), row)
    return row


def _members(value: object, row: Event) -> None:
    """The members of an element; text with attributes stands under `#text`, which alone matters."""
    if not isinstance(value, dict):
        return
    for name, one in value.items():
        if name == "#attributes":
            continue
        if isinstance(one, dict) and "#text" in one:
            row[name] = one["#text"]
        elif isinstance(one, dict) and set(one) == {"#attributes"}:
            row |= {
                f"{name}_{key}" if key in ("Name", "Guid") else key: held for key, held in one["#attributes"].items()
            }
        elif isinstance(one, dict):
            _members(one, row)
        elif one is not None:
            row[name] = one
