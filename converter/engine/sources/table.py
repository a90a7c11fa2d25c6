"""Rows of CSV as events: the header names fields, dots make them nested names; an empty cell is no value."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from converter.diagnostics import Diagnostic, Source
from converter.engine.codes import V001
from converter.engine.sources.batch import Batch

if TYPE_CHECKING:
    from converter.engine.sources.array import Readable
    from converter.engine.sources.decode import Event

_ROWS = 1000
_LARGEST_CELL = 1 << 20


def table_batches(name: str, stream: Readable, report: Callable[[Diagnostic], None]) -> Iterator[Batch]:
    """The rows in batches. A row with more cells than the header is reported and left out."""
    csv.field_size_limit(_LARGEST_CELL)
    rows = csv.reader(_text_lines(stream), strict=True)
    try:
        header = next(rows, [])
        number = 2
        while taken := [(rows.line_num, row) for row in islice(rows, _ROWS)]:
            events: list[Event] = []
            for line, row in taken:
                if len(row) > len(header):
                    message = f"the row has {len(row)} cells, the header {len(header)}"
                    report(Diagnostic(V001, message, source=Source(f"{name}:{line}", "")))
                    row = []  # noqa: PLW2901 - left out, counted as a place all the same
                events.append(_event(header, row))
            yield Batch(name, number, events=tuple(events), noun="row")
            number += len(taken)
    except csv.Error as error:
        message = f"the rows cannot be read on: {str(error).lower()}"
        report(Diagnostic(V001, message, source=Source(f"{name}:{rows.line_num}", "")))


def _event(header: Sequence[str], row: Sequence[str]) -> Event:
    return {field: cell for field, cell in zip(header, row, strict=False) if cell != ""}


def _text_lines(stream: Readable) -> Iterator[str]:
    decoder, rest = codecs.getincrementaldecoder("utf-8-sig")("replace"), ""
    while piece := stream.read(1 << 20):
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        yield from (f"{line}\n" for line in lines)
    if rest:
        yield rest
