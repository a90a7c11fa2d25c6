"""One diagnostic as plain text: the line, the caret, the hint."""

from __future__ import annotations

import unicodedata

from converter.diagnostics.record import Diagnostic


def _width(text: str) -> int:
    """Terminal columns of `text` (tabs already expanded)."""
    if text.isascii():
        return len(text)
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    none = sum(1 for c in text if unicodedata.combining(c))
    return len(text) + wide - none


def printable(text: str) -> str:
    """`text` with tabs as four blanks and every other control character made visible and harmless."""
    if text.isprintable():
        return text
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
    before, marked, after = printable(before), printable(marked), printable(after)
    carets = "^" * max(1, _width(marked))
    return before + marked + after, " " * _width(before) + carets


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as text: place, severity, code and message, the line, the caret, the hint."""
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {printable(diagnostic.message)}"
    place = diagnostic.place
    lines = [f"{printable(place)}: {head}" if place else head]
    if diagnostic.source is not None and diagnostic.span is not None:
        number, column = diagnostic.source.place(diagnostic.span.start)
        line = diagnostic.source.line(number)
        length = min(diagnostic.span.end - diagnostic.span.start, max(1, len(line) - column + 1))
        text, carets = _excerpt(line, column, length)
        gutter = " " * len(str(number))
        lines += [f" {gutter} |", f" {number} | {text}", f" {gutter} | {carets}"]
    if diagnostic.hint:
        lines.append(f"  hint: {printable(diagnostic.hint)}")
    return "\n".join(lines)
