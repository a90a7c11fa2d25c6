"""`siemglot evaluate`: options checked, rules read, the engine made, the run begun or gone on with."""

from __future__ import annotations

import contextlib
import difflib
import gc
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from converter import api
from converter.cli.console import Console
from converter.cli.convert import silence_stdout
from converter.cli.evaluation.dump import dumped
from converter.cli.evaluation.overview import Overview
from converter.cli.evaluation.page import page
from converter.cli.evaluation.rules import read_rules
from converter.cli.evaluation.run import Options, Run, StoppedError, output_of, unwritable
from converter.cli.exit import Exit
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.errors import ConverterError
from converter.engine import Engine
from converter.engine.codes import V005, V008
from converter.engine.judging import judge
from converter.engine.sources.decode import Event, decode
from converter.engine.sources.files import STDIN, batches
from converter.engine.state import StateFile
from converter.engine.vendor import over_raw
from converter.model.rule import Rule
from converter.reference.event import instant

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORMS = ("ndjson", "table", "html")


@dataclass(frozen=True, slots=True)
class Given:
    """The options as the user gave them."""

    rules: tuple[str, ...]
    events: tuple[str, ...]
    output: str
    form: str
    explain: bool
    source: str
    time: str
    indicators: tuple[str, ...]
    history: tuple[str, ...]
    as_scheduled: bool
    lateness: str
    now: str
    state: str
    save_every: str
    end: bool
    jobs: int
    strict: bool
    dump: bool


class _UsageError(Exception):
    """The options do not go together."""


def run(given: Given, console: Console) -> Exit:
    """The whole command."""
    try:
        lateness, saving, now = _checked(given)
        found = read_rules(given.rules, console, whole=bool(given.source))
        if not found.rules:
            raise _usage("there is no rule to evaluate")
        worst = Exit.USAGE if found.missing else Exit.REFUSED if found.refused else Exit.CONVERTED
        rules: tuple[Rule, ...] = found.rules
        _settle()
        if given.source:
            rules = _over_raw(rules, given, console)
            worst = max(worst, Exit.CONVERTED if len(rules) == len(found.rules) else Exit.REFUSED)
        engine = Engine(
            rules,
            indicators=_events(given.indicators, console),
            now=now,
            lateness_ms=lateness,
            as_scheduled=given.as_scheduled,
        )
        if given.dump:
            return max(worst, _dump(engine, given, console))
        return max(worst, _evaluate(engine, given, saving, console))
    except _UsageError as error:
        (diagnostic,) = error.args
        console.tell(diagnostic)
        return Exit.USAGE
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    except BrokenPipeError:
        silence_stdout()
        return Exit.REFUSED


def _settle() -> None:
    """Rules stay to the end: collections need not look at them, and may come more often over a stream that is long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _usage(message: str, hint: str = "") -> _UsageError:
    return _UsageError(Diagnostic(V008, message, hint=hint))


def _checked(given: Given) -> tuple[int, int, int | None]:
    """Lateness, the time between saves, and now, in milliseconds."""
    if given.form not in _FORMS:
        raise _usage(f"there is no format {given.form!r}", f"use one of {', '.join(_FORMS)}")
    now = instant(given.now) if given.now else None
    if given.now and now is None:
        raise _usage(f"--now cannot be {given.now!r}", "give a moment as 2026-03-01T12:00:00Z")
    if given.state and (not given.output or given.output == STDIN or given.form != "ndjson"):
        raise _usage(
            "--state needs alerts as JSON lines in a file", "add -o FILE: what stdout got cannot be taken back"
        )
    if given.state and given.history:
        raise _usage("--history is for the beginning of a run, and --state goes on with one", "leave one of them out")
    if given.time and not given.source:
        raise _usage("--time belongs to --source", "events in Elastic's names have their time where the rule says")
    if given.end and not given.state:
        raise _usage("--end belongs to --state", "without a state every run ends with its events")
    return _span("--lateness", given.lateness), _span("--save-every", given.save_every), now


def _span(option: str, text: str) -> int:
    """A length of time in milliseconds."""
    found = re.fullmatch(r"([0-9]{1,12})(ms|s|m|h|d)", text)
    if found is None:
        raise _usage(f"{option} cannot be {text!r}", "give a number with its unit, as 30s, 5m or 2h")
    return int(found[1]) * _UNITS[found[2]]


def _events(names: Sequence[str], console: Console) -> list[Event]:
    """All events of some files, read before the run. Raises ConverterError for what cannot be read."""

    def refuse(diagnostic: Diagnostic) -> None:
        raise ConverterError(diagnostic)

    found: list[Event] = []
    for name in names:
        for batch in batches(name, refuse):
            for offset, line in enumerate(batch.items):
                if isinstance(line, dict):
                    found.append(line)
                elif line.strip():
                    try:
                        found.append(decode(line))
                    except ValueError as error:
                        source = Source(f"{batch.name}:{batch.first + offset}", "")
                        console.tell(Diagnostic(V008, f"the line is no document: {error}", source=source))
    return found


def _over_raw(rules: Sequence[Rule], given: Given, console: Console) -> tuple[Rule, ...]:
    """The rules in the vendor's names; why one cannot be held against raw events is told."""
    tables = api.catalogue()
    known = {listing.name for listing in tables.listings if "sigma" in listing.places}
    if given.source not in known:
        near = difflib.get_close_matches(given.source, sorted(known), 1)
        raise _usage(
            f"there is no data set {given.source!r}", f"did you mean {near[0]}?" if near else "see `siemglot fields`"
        )
    kept: list[Rule] = []
    for rule in rules:
        bound = over_raw(rule, given.source, given.time, tables)
        if isinstance(bound, Rule):
            kept.append(bound)
            continue
        first = bound[0]
        message = f"{rule.meta.name!r} is not evaluated over {given.source} ({first.code}: {first.message})"
        console.tell(Diagnostic(V005, message, Severity.WARNING, first.span, first.source))
    if not kept:
        raise _usage(f"none of the rules can be held against raw events of {given.source}")
    return tuple(kept)


def _evaluate(engine: Engine, given: Given, saving: int, console: Console) -> Exit:
    options = Options(
        given.events,
        given.form,
        given.output,
        given.explain,
        given.strict,
        given.jobs,
        given.state,
        not given.state or given.end,
        saving / 1000,
    )
    state = StateFile(Path(given.state), engine.fingerprint()) if given.state else None
    session = engine.session(None if state is None else state.shelf)
    session.learn(_events(given.history, console))
    with _closing(options) as out:
        whole = Run(engine, session, options, console, out, Overview(keeps=options.form == "html"), state=state)
        if state is not None:
            _resume(whole, state)
        code = Exit.CONVERTED
        try:
            whole.whole()
        except StoppedError:
            code = Exit.REFUSED
        if given.form != "ndjson":
            _tell(whole, given.form)
    whole.summary()
    return max(code, whole.exit)


@contextlib.contextmanager
def _closing(options: Options) -> Iterator[IO[bytes]]:
    out = output_of(options)
    try:
        yield out
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(options.output, error) from error
    finally:
        if options.output not in ("", STDIN):
            with contextlib.suppress(OSError):  # a full disk was told already
                out.close()


def _resume(whole: Run, state: StateFile) -> None:
    """Go on from the saved state, with the output as it was then."""
    saved = state.load()
    if saved is None:
        whole.out.truncate(0)
        return
    whole.place, session = saved
    whole.session.restore(session)
    whole.alerts, whole.broken = whole.place.alerts, whole.place.broken
    whole.out.truncate(whole.place.output)
    whole.out.seek(whole.place.output)


def _tell(whole: Run, form: str) -> None:
    said = f"{whole.session.count:,} events, {whole.alerts:,} alerts"
    found = page(whole.overview, said) if form == "html" else whole.overview.lines()
    for line in found:
        whole.out.write(line.encode("utf-8", "replace") + b"\n")


def _dump(engine: Engine, given: Given, console: Console) -> Exit:
    """The plan as text, after the events were looked at."""
    for name in given.events:
        for batch in batches(name, console.tell):
            judge(engine, batch)
    for line in dumped(engine):
        sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    return Exit.CONVERTED
