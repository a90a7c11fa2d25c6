"""What the tool says about a rule, as data: where (`Span`, `Source`), how bad (`Severity`), and what to do."""

from __future__ import annotations

import functools
from bisect import bisect_right
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics.code import Code


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of characters `[start, end)` in the text of one `Source`."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of `other`."""
        return Span(self.start, other.end)

    def shifted(self, by: int) -> Span:
        """This span moved `by` characters, to place a query's span inside its file."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Source:
    """A text that spans point into: a rule file, a mapping table or a bare query."""

    name: str
    text: str

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        starts = _line_starts(self.text)
        number = bisect_right(starts, offset)
        return number, offset - starts[number - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line break; empty past the end."""
        starts = _line_starts(self.text)
        if number > len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")


@functools.lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    """Offsets at which the lines of a text begin; kept, since a file of many slips asks for each of them."""
    starts = [0]
    end = text.find("\n")
    while end >= 0:
        starts.append(end + 1)
        end = text.find("\n", end + 1)
    return tuple(starts)


class Severity(Enum):
    """How a diagnostic bears on the artifact.

    `ERROR` refuses it, `WARNING` makes it approximate, `NOTE` states a fact it rests on. `ADVICE` is about the file:
    a slip that changes nothing that is found; it is said as readily as a warning.
    """

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` says what kind of finding it is; `span` points into `source`."""

    code: Code
    message: str
    severity: Severity = Severity.ERROR
    span: Span | None = None
    source: Source | None = None
    hint: str = ""

    def located(self, source: Source, offset: int = 0) -> Diagnostic:
        """The same finding with its source filled in, if it has none, and its span moved by `offset`."""
        if self.source is not None:
            return self
        span = self.span.shifted(offset) if self.span else None
        return Diagnostic(self.code, self.message, self.severity, span, source, self.hint)

    @property
    def place(self) -> str:
        """`file:line:column`, `file`, or the empty string, as far as it is known."""
        if self.source is None:
            return ""
        if self.span is None:
            return self.source.name
        line, column = self.source.place(self.span.start)
        return f"{self.source.name}:{line}:{column}"
