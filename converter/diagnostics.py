"""What the tool says about a rule, as data: where (`Span`, `Source`), how bad (`Severity`), and what to do.

Nothing here formats for a terminal except `render`, which draws one diagnostic as plain text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum


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
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - start + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line break; empty past the end."""
        lines = self.text.split("\n", number)
        return lines[number - 1].rstrip("\r") if number <= len(lines) else ""


class Severity(Enum):
    """How a diagnostic bears on the artifact.

    `ERROR` refuses it, `WARNING` makes it approximate, `NOTE` states a fact it rests on.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is an entry of `converter.codes`; `span` points into `source`."""

    code: str
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


def _width(text: str) -> int:
    """Terminal columns of `text` (tabs already expanded)."""
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    none = sum(1 for c in text if unicodedata.combining(c))
    return len(text) + wide - none


def _printable(text: str) -> str:
    """`text` with tabs as four blanks and every other control character made visible and harmless."""
    shown = text.replace("\t", "    ")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)


_LONGEST_LINE = 160


def _excerpt(line: str, column: int, length: int) -> tuple[str, str]:
    """The source line and its caret line, cut around the caret when the line is very long."""
    before, marked, after = line[: column - 1], line[column - 1 : column - 1 + length], line[column - 1 + length :]
    if len(before) > _LONGEST_LINE // 2:
        before = "..." + before[-(_LONGEST_LINE // 2) :]
    if len(marked) > _LONGEST_LINE:
        marked, after = marked[:_LONGEST_LINE], "..."
    if len(after) > _LONGEST_LINE // 2:
        after = after[: _LONGEST_LINE // 2] + "..."
    before, marked, after = _printable(before), _printable(marked), _printable(after)
    carets = "^" * max(1, _width(marked))
    return before + marked + after, " " * _width(before) + carets


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as text: place, severity, code and message, the line, the caret, the hint."""
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {_printable(diagnostic.message)}"
    place = diagnostic.place
    lines = [f"{place}: {head}" if place else head]
    if diagnostic.source is not None and diagnostic.span is not None:
        number, column = diagnostic.source.place(diagnostic.span.start)
        line = diagnostic.source.line(number)
        length = min(diagnostic.span.end - diagnostic.span.start, max(1, len(line) - column + 1))
        text, carets = _excerpt(line, column, length)
        gutter = " " * len(str(number))
        lines += [f" {gutter} |", f" {number} | {text}", f" {gutter} | {carets}"]
    if diagnostic.hint:
        lines.append(f"  hint: {_printable(diagnostic.hint)}")
    return "\n".join(lines)
