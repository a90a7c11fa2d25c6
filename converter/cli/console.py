"""What goes to stderr: diagnostics, progress, summaries. Colour and progress only where a person looks."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from converter.cli.codes import X001
from converter.diagnostics import Diagnostic, Severity, render
from converter.diagnostics.render import printable

_COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.ADVICE: "1;35", Severity.NOTE: "1;36"}


class Verbosity(IntEnum):
    """How much is said."""

    QUIET = 0  # errors only
    NORMAL = 1  # and warnings, and a summary
    VERBOSE = 2  # and notes


_SAID = {
    Severity.ERROR: Verbosity.QUIET,
    Severity.WARNING: Verbosity.NORMAL,
    Severity.ADVICE: Verbosity.NORMAL,
    Severity.NOTE: Verbosity.VERBOSE,
}


_MOST_OF_ONE_CODE = 20


def debugging() -> bool:
    """Whether internal errors are shown with their traceback."""
    return os.environ.get("SIEMGLOT_DEBUG", "") not in ("", "0")


class Console:
    """The stderr of one run."""

    def __init__(self, verbosity: Verbosity = Verbosity.NORMAL) -> None:
        self.verbosity = verbosity
        # closed by who called us: what is said goes nowhere, the exit code still tells
        self._stream = sys.stderr if sys.stderr is not None else Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
        terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        # no-color.org: any value but the empty one switches colour off
        self._colour = terminal and not os.environ.get("NO_COLOR")
        self._progress = terminal and verbosity is not Verbosity.QUIET
        self._bar = ""

    def line(self, text: str, at: Verbosity = Verbosity.NORMAL) -> None:
        """One line, if this much is to be said."""
        if self.verbosity >= at:
            self._write("\n".join(map(printable, text.split("\n"))))

    def _write(self, text: str) -> None:
        self._clear()
        self._stream.write(f"{text}\n")

    def tell(self, diagnostic: Diagnostic, context: str = "") -> None:
        """One diagnostic as text; `context` is added to its first line."""
        if self.verbosity < _SAID[diagnostic.severity]:
            return
        head, newline, rest = render(diagnostic).partition("\n")
        word = f"{diagnostic.severity.value}[{diagnostic.code}]"
        if self._colour:
            head = head.replace(word, f"\033[{_COLOURS[diagnostic.severity]}m{word}\033[0m", 1)
        self._write(f"{head}{context}{newline}{rest}")

    def tell_all(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Several diagnostics."""
        for diagnostic in diagnostics:
            self.tell(diagnostic)

    def tell_some(self, diagnostics: Iterable[tuple[Diagnostic, str]]) -> None:
        """Diagnostics of one rule with their contexts: the first of each code, and how many more there are."""
        told: Counter[str] = Counter()
        for diagnostic, context in diagnostics:
            if self.verbosity < _SAID[diagnostic.severity]:
                continue
            told[str(diagnostic.code)] += 1
            if told[str(diagnostic.code)] <= _MOST_OF_ONE_CODE:
                self.tell(diagnostic, context)
        for code, count in told.items():
            if count > _MOST_OF_ONE_CODE:
                self.line(f"{count - _MOST_OF_ONE_CODE} more of {code}; --report has them all", Verbosity.QUIET)

    def internal(self, error: BaseException, what: str) -> Diagnostic:
        """The diagnostic for a failure of ours; with SIEMGLOT_DEBUG, its traceback is shown."""
        message = f"internal error while {what}: {type(error).__name__}: {error}"[:500]
        hint = "set SIEMGLOT_DEBUG=1 to see where it happened, and report it with the rule"
        if debugging():
            self._clear()
            traceback.print_exception(error, file=self._stream)
        return Diagnostic(X001, message, hint=hint)

    def progress(self, done: int, total: int, name: str) -> None:
        """Redraw the progress bar; only on a terminal."""
        if self._progress and total > 1:
            width = 24
            filled = "#" * (width * done // total)
            self._clear()
            self._bar = f"[{filled:<{width}}] {done}/{total} {printable(name[-40:])}"
            self._stream.write(self._bar)
            self._stream.flush()

    def progress_of(self, done: int, total: int, started: float, name: str) -> None:
        """Redraw the bar of a run over bytes, with the time that is left; only on a terminal."""
        if not self._progress or total <= 0:
            return
        share = min(done / total, 1.0)
        left = f"{(time.perf_counter() - started) * (1 - share) / share:.0f} s left" if share > 0 else ""
        self._clear()
        self._bar = f"[{'#' * int(24 * share):<24}] {share:4.0%} {left} {name[-40:]}"
        self._stream.write(self._bar)
        self._stream.flush()

    def _clear(self) -> None:
        if self._bar:
            self._stream.write(f"\r{' ' * len(self._bar)}\r")
            self._bar = ""

    def close(self) -> None:
        """Leave no bar behind."""
        self._clear()
        self._stream.flush()


@contextmanager
def opened(verbosity: Verbosity) -> Iterator[Console]:
    """A console that is closed whatever happens."""
    console = Console(verbosity)
    try:
        yield console
    finally:
        console.close()


def plural(count: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with their columns aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
