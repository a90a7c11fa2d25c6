"""Some lines or events of a file that follow each other: what every reader of files gives."""

from __future__ import annotations

from dataclasses import dataclass

from converter.engine.sources.decode import Event


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines or events of one file that follow each other; `first` is the place of the first, from 1.

    A line may be empty. Rows of tables are events already.
    """

    name: str
    first: int
    lines: tuple[bytes, ...] = ()
    events: tuple[Event, ...] = ()
    noun: str = "line"
    done: int = 0  # bytes of the file that are behind the reader, for progress
