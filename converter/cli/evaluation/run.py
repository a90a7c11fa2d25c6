"""One run of `siemglot evaluate`: batches of events through the plan, alerts to the output, a summary to stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import IO

from converter.cli.console import Console, plural
from converter.cli.evaluation.output import as_json
from converter.cli.evaluation.overview import Overview
from converter.cli.exit import Exit
from converter.cli.stdout import NAME
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import ConverterError, EmitError
from converter.engine import Alert, Engine, Session
from converter.engine.codes import V001, V007
from converter.engine.judging import Broken, Judged, judged
from converter.engine.sources.batch import Batch
from converter.engine.sources.decode import Event, decode
from converter.engine.sources.files import SMALL_PIECE, STDIN, batches
from converter.engine.state import Place, StateFile
from converter.rulefile.codes import F022

_MOST_REPORTED = 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `form`: ndjson, table or html."""

    events: tuple[str, ...]
    form: str = "ndjson"
    output: str = ""
    explain: bool = False
    strict: bool = False
    jobs: int = 1
    state: str = ""
    finish: bool = True
    save_every: float = 2.0


class StoppedError(Exception):
    """--strict met a line that is no event."""


@dataclass(slots=True)
class Run:
    """The run: what it writes, counts and remembers."""

    engine: Engine
    session: Session
    options: Options
    console: Console
    out: IO[bytes]
    overview: Overview
    broken: int = 0
    unread: int = 0
    alerts: int = 0
    place: Place = field(default_factory=Place)
    state: StateFile | None = None
    saved_at: float = 0.0
    started: float = 0.0
    counts: Counter[int] = field(default_factory=Counter)

    def whole(self) -> None:
        """Every file, then what waited for the end."""
        self.started = self.saved_at = time.perf_counter()
        names = self.options.events
        for number in range(self.place.file, len(names)):
            skip = self.place.items if number == self.place.file else 0
            for batch, found in judged(self.engine, self._batches(names[number], skip), self.options.jobs):
                self._take(batch, found)
                reached = batch.first - 1 + batch.count
                self.place = Place(number, reached, 0, self.alerts, self.broken)
                if self.state is not None and time.perf_counter() - self.saved_at >= self.options.save_every:
                    self.save()
                self._progress(number, batch)
        if self.options.finish:
            self._write(self.session.finish(), "")
        if self.state is not None:
            self.save()

    def _batches(self, name: str, skip: int) -> Iterator[Batch]:
        """The batches of a file behind the first `skip` items."""
        size = {} if self.options.jobs > 1 else {"size": SMALL_PIECE}
        for batch in batches(name, self._report_file, wanted=self.engine.paths, **size):
            behind = skip - (batch.first - 1)
            if behind <= 0:
                yield batch
            elif behind < batch.count:
                yield batch.behind(behind)

    def _report_file(self, diagnostic: Diagnostic) -> None:
        self.unread += 1
        self.console.tell(diagnostic)
        if self.options.strict:
            raise StoppedError

    def _take(self, batch: Batch, found: Judged) -> None:
        """The hits of a batch, in order, and the broken lines."""
        base = self.session.count
        lines = batch.lines_of_text if found.hits or found.broken or self.session.lanes else ()
        whole = batch.whole([hit.offset for hit in found.hits]) if batch.whole and found.hits else ()
        for place_of_hit, hit in enumerate(found.hits):
            line = lines[hit.offset] if lines else b""
            event = whole[place_of_hit] if whole else hit.event or _again(batch, hit.offset, line)
            place = f"{batch.name}:{batch.first + hit.offset}"
            text = line.decode("utf-8").strip().removeprefix("\ufeff") if self.session.lanes and line else None
            self._write(self.session.apply(event, hit.hits, base + hit.before, text), place)
        self.session.count = base + found.total
        if found.last is not None and self.session.lanes:
            last = batch.events[found.last] if batch.events else decode(lines[found.last])
            self._write(self.session.pass_time(last), "")
        for one in found.broken:
            self._tell_broken(batch, one, lines)

    def _tell_broken(self, batch: Batch, one: Broken, lines: Sequence[bytes]) -> None:
        self.broken += 1
        if self.broken <= _MOST_REPORTED:
            text = lines[one.offset].decode("utf-8", "replace").rstrip("\r")[:2000] if lines else ""
            number = batch.first + one.offset
            message = f"{batch.noun} {number} is no event: {one.message}"
            place = min(one.place, len(text))
            source = Source(batch.name, "\n" * (number - 1) + text)
            at = number - 1 + place
            self.console.tell(Diagnostic(V001, message, span=Span(at, at + 1), source=source))
        if self.options.strict:
            raise StoppedError

    def _write(self, alerts: Sequence[Alert], place: str) -> None:
        for alert in alerts:
            self.alerts += 1
            self.overview.add(alert)
            if self.options.form == "ndjson":
                single = place if len(alert.numbers) == 1 and alert.time is None else ""
                line = as_json(alert, single, explain=self.options.explain)
                try:
                    self.out.write(line.encode("ascii") + b"\n")
                except BrokenPipeError:
                    raise
                except OSError as error:
                    raise unwritable(self.options.output, error) from error

    def save(self) -> None:
        """Everything written is on disk before the state says so."""
        assert self.state is not None  # noqa: S101 - the caller looked
        try:
            self.out.flush()
            length = self.out.tell()
        except OSError as error:
            raise unwritable(self.options.output, error) from error
        place = Place(self.place.file, self.place.items, length, self.alerts, self.broken)
        self.state.save(place, self.session.save(with_texts=False))
        self.saved_at = time.perf_counter()

    def _progress(self, number: int, batch: Batch) -> None:
        self.console.progress_of(
            self._sizes_before(number) + batch.done, self._sizes_before(None), self.started, batch.name
        )

    def _sizes_before(self, number: int | None) -> int:
        """Bytes of the files before the one of this number; of all for None."""
        return sum(Path(name).stat().st_size for name in self.options.events[:number] if _is_file(name))

    def summary(self) -> None:
        """What happened, for stderr."""
        seconds = max(time.perf_counter() - self.started, 1e-9)
        count = self.session.count
        said = f"{plural(count, 'event')}, {plural(self.alerts, 'alert')}"
        if self.overview.rules:
            said += f" of {plural(len(self.overview.rules), 'rule')}"
        said += f"; {count / seconds:,.0f} events/s"
        if self.session.lanes:
            said += f"; {self.session.size:,} remembered"
        self.console.line(said)
        self._warn(self.broken, "that is no event was left out", "that are no events were left out", "line")
        self._warn(
            self.session.late,
            "came too late for a rule over several events (--lateness)",
            "came too late for rules over several events (--lateness)",
            "hit",
        )
        self._warn(
            self.session.timeless,
            "has no time and took no part in a rule over several events",
            "have no time and took no part in rules over several events",
            "hit",
        )

    def _warn(self, count: int, one: str, many: str, noun: str) -> None:
        if count:
            self.console.line(f"{plural(count, noun)} {one if count == 1 else many}")

    @property
    def exit(self) -> Exit:
        """1 if something was left out that should have been evaluated."""
        return Exit.REFUSED if self.broken or self.unread else Exit.CONVERTED


def _again(batch: Batch, offset: int, line: bytes) -> Event:
    """An event that was judged in another process."""
    return decode(line) if line else batch.events[offset]


def _is_file(name: str) -> bool:
    return name != STDIN and Path(name).is_file()


def unwritable(name: str, error: OSError) -> ConverterError:
    """What is said where alerts could not be written."""
    message = f"the alerts cannot be written: {(error.strerror or str(error)).lower()}"
    return ConverterError(Diagnostic(V007, message, source=Source(name or "<stdout>", "")))


def output_of(options: Options) -> IO[bytes]:
    """Where alerts go. Raises ConverterError."""
    if not options.output or options.output == STDIN:
        if sys.stdout is None:  # closed by who called us
            raise EmitError(Diagnostic(F022, "standard output is closed", source=Source(NAME, "")))
        return sys.stdout.buffer
    try:
        return Path(options.output).open("r+b" if options.state and Path(options.output).exists() else "wb")
    except OSError as error:
        raise unwritable(options.output, error) from error
