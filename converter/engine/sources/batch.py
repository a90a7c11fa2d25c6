"""Some lines or events of a file that follow each other: what every reader of files gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from converter.engine.sources.decode import Event

Whole: TypeAlias = Callable[[Sequence[int]], list[Event]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines or events of one file that follow each other; `first` is the place of the first, from 1.

    A line may be empty. Rows of tables are events already. A `block` is whole lines that nobody has told apart yet: it
    goes to another process as it is.
    """

    name: str
    first: int
    lines: tuple[bytes, ...] = ()
    events: tuple[Event, ...] = ()
    noun: str = "line"
    done: int = 0  # bytes of the file that are behind the reader, for progress
    block: bytes = b""
    whole: Whole | None = field(default=None, compare=False)
    """Where `events` hold only what rules ask for: the whole events at some places (from 0)."""

    @property
    def items(self) -> Sequence[Event | bytes]:
        """The lines or events."""
        return self.events or self.lines_of_text

    @property
    def lines_of_text(self) -> Sequence[bytes]:
        """The lines, none where rows are events already."""
        if not self.block:
            return self.lines
        lines = self.block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return lines

    @property
    def count(self) -> int:
        """How many items there are."""
        if self.block:
            return self.block.count(b"\n") + (not self.block.endswith(b"\n"))
        return len(self.events or self.lines)

    def behind(self, count: int) -> Batch:
        """What follows the first `count` items."""
        lines = tuple(self.lines_of_text[count:])
        inner = self.whole
        whole = None if inner is None else lambda places: inner([place + count for place in places])
        return Batch(self.name, self.first + count, lines, self.events[count:], self.noun, self.done, whole=whole)
