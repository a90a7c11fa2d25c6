"""`verify`: what every engine says of events, for each rule of the arguments, and where two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from converter.cli.console import Console, Verbosity, plural
from converter.cli.exit import Exit
from converter.cli.inputs import collect
from converter.cli.inspection import show
from converter.cli.native import Rows, native_rows
from converter.cli.reading import Entry, read_all
from converter.cli.verdicts import Verified, as_html, as_junit
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.errors import ConverterError, EmitError, UnsupportedQueryError
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.model.rule import Rule
    from converter.proof import Verdicts
    from converter.proof.panel.seats import Convert, Panel
    from converter.rulefile import RuleText

_JUNIT: Final = "junit"


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line. `artifacts` and `native` are `[TARGET=]FILE`; `report` is junit or a file that ends in .xml.

    `source`: the data set whose rows `native` holds.
    """

    paths: Sequence[str]
    to: tuple[str, ...] = ()
    events: str | None = None
    artifacts: tuple[str, ...] = ()
    html: str | None = None
    report: str | None = None
    native: str | None = None
    source: str | None = None


def verify(asked: Asked, console: Console) -> Exit:
    """Judge every rule, show it, and write what was asked for."""
    try:
        targets = _targets(asked.to)
        edited = _edited(asked.artifacts, targets)
        report = _report(asked.report)
        rows = _rows(asked, targets)
        events = _events(asked.events)
    except EmitError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    inputs = collect(asked.paths)
    console.tell_all(inputs.problems)
    reading = read_all(inputs.rules, console)
    run = _Run(targets, edited, events, console)
    if rows is not None:
        run.on_rows(rows)
    done: list[Verified] = []
    for number, entry in enumerate(reading.entries):
        console.progress(number, len(reading.entries), entry.input.name)
        done.append(run.judge(entry))
        _show(done[-1], asked, console, single=len(reading.entries) == 1)
    code = Exit.REFUSED if inputs.problems or any(one.failed for one in done) else Exit.CONVERTED
    _close(run, done, console)
    return max(code, _written(asked, report, done, console), Exit.INTERNAL if run.broken else code)


class _Run:
    """Judges rules one after another. `broken`: something of ours failed."""

    def __init__(
        self,
        targets: tuple[str, ...],
        edited: Mapping[str, str],
        events: list[dict[str, object]] | None,
        console: Console,
    ) -> None:
        from converter import api  # imports the stages
        from converter.proof.panel.seats import panel

        self._known = api.catalogue()
        self._edited = edited
        self._events = events
        self._console = console
        self._asked_about = tuple(edited)
        self.broken = False
        self.panel: Panel = panel(targets, self._known.schema, _convert(edited))

    def on_rows(self, rows: Rows) -> None:
        """Judge rows as a platform holds them, by its native artifact, in place of events."""
        self._events = list(rows.events)
        self.panel = rows.panel(self._known, self._edited)
        self._asked_about = (rows.target,)

    def judge(self, entry: Entry) -> Verified:
        """The verdicts on one rule; what is wrong with it is told."""
        from converter import api
        from converter.proof import verify as judged

        done = Verified(entry.input.name, problems=list(entry.problems))
        try:
            if (text := _text(entry)) is not None:
                rule = _carried(api.understand(text, self._known))
                done.verdicts = judged(rule, self._events, self.panel.engines)
                done.silent = tuple(_silent(done.verdicts, self._asked_about))
        except ConverterError as error:
            done.problems += error.diagnostics
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other rules
            done.problems.append(self._console.internal(error, f"verifying {entry.input.name}"))
            self.broken = True
        self._console.tell_all(done.problems)
        return done


def _text(entry: Entry) -> RuleText | None:
    """The rule's text, None for a file whose slips are told; what failed in reading is raised."""
    if entry.fault is not None:
        raise entry.fault
    return entry.text


def _carried(rule: Rule) -> Rule:
    """The rule, if it has a meaning here. Raises UnsupportedQueryError."""
    from converter.api import errors_of

    if errors := errors_of(rule):
        raise UnsupportedQueryError(errors)
    return rule


def _convert(edited: Mapping[str, str]) -> Convert:
    """Conversion for judges: under Elastic's names, whole, and only what claims to be exact; or the user's own text."""
    from converter import api
    from converter.proof import CannotJudgeError
    from converter.target.artifact import Artifact

    def convert(rule: Rule, target: str, fields: str) -> Artifact:
        made = api.convert(rule, target, fields=fields, bare=True, case="exact", inline_macros=True)
        if target in edited:
            return replace(made, text=edited[target])
        codes = {d.code for d in made.diagnostics if d.severity is not Severity.NOTE and d.code[0] in "TMX"}
        if codes or not made.text:
            raise CannotJudgeError(f"{target}: {made.status} ({', '.join(sorted(codes))})")
        return made

    return convert


def _silent(verdicts: Verdicts, asked_about: Sequence[str]) -> Sequence[str]:
    """The targets of the user's own artifacts, or of the rows given, of which no judge said anything."""
    from converter.proof.panel.seats import NAMES

    mute = []
    for target in asked_about:
        columns = [i for i, name in enumerate(verdicts.engines) if name in NAMES[target]]
        if not any(row.verdicts[i] is not None for row in verdicts.rows for i in columns):
            mute.append(target)
    return mute


# ---- what was asked for


def _targets(named: tuple[str, ...]) -> tuple[str, ...]:
    from converter.cli.choices import targets
    from converter.proof.panel.seats import NAMES

    found = tuple(t.name for t in targets(named or ("all",)))
    unjudged = [name for name in found if name not in NAMES]
    if unjudged and named and "all" not in named:
        hint = f"judges sit for {', '.join(NAMES)}"
        raise EmitError(Diagnostic(T005, f"no judge runs what {unjudged[0]} writes", hint=hint))
    return tuple(name for name in found if name in NAMES)


def _edited(given: tuple[str, ...], targets: tuple[str, ...]) -> dict[str, str]:
    """The user's own artifacts by target, which a name before `=` or the file's ending tells."""
    from converter.rulefile import read_bounded
    from converter.target import registry

    endings = {
        ending: name for name in targets for t in (registry.load(name),) for ending in (t.suffix, *t.suffixes.values())
    }
    found: dict[str, str] = {}
    for one in given:
        target, equals, path = one.partition("=")
        if not equals or target not in targets:
            path = one
            target = next((endings[e] for e in sorted(endings, key=len, reverse=True) if one.endswith(e)), "")
        if not target:
            hint = f"name it, as in --artifact {targets[0] if targets else 'splunk'}={one}"
            raise EmitError(Diagnostic(T005, f"artifact {one!r} does not show its target", hint=hint))
        found[target] = read_bounded(Path(path))
    return found


def _events(path: str | None) -> list[dict[str, object]] | None:
    from converter.cli.events import read_events

    return None if path is None else read_events(Path(path))


def _rows(asked: Asked, targets: tuple[str, ...]) -> Rows | None:
    if asked.native is None:
        return None
    if asked.events is not None:
        raise EmitError(Diagnostic(T005, "--events and --native both name events", hint="give one of them"))
    return native_rows(asked.native, targets, asked.source)


def _report(choice: str | None) -> Path | None:
    """The file of the report; None for stdout or no report."""
    if choice in (None, _JUNIT):
        return None
    path = Path(str(choice))
    if path.suffix != ".xml":
        raise EmitError(Diagnostic(T005, f"report cannot be {choice!r}", hint="use junit, or a file that ends in .xml"))
    return path


# ---- what is shown


def _show(done: Verified, asked: Asked, console: Console, *, single: bool) -> None:
    """A whole table for one rule, and one line for each of several, with the table where engines differ."""
    if done.verdicts is None:
        return
    for target in done.silent:
        message = f"no judge could run the {target} artifact: nothing is verified"
        console.tell(Diagnostic(T005, message, source=Source(done.name, "")))
    if asked.report == _JUNIT:
        return
    show([str(done.verdicts) if single or not done.verdicts.agree else done.verdicts.summary])


def _close(run: _Run, done: Sequence[Verified], console: Console) -> None:
    if run.panel.absent:
        names = ", ".join(run.panel.absent)
        console.line(f"second opinions that are not installed: {names} (pip install 'siemglot[judges]')")
    if len(done) > 1:
        differing = sum(one.verdicts is not None and not one.verdicts.agree for one in done)
        unread = sum(one.verdicts is None for one in done)
        outcome = f"{plural(differing, 'rule')} on which engines differ" if differing else "all engines agree"
        rest = f", {unread} not judged" if unread else ""
        console.line(f"verified {plural(len(done) - unread, 'rule')}: {outcome}{rest}", Verbosity.NORMAL)


def _written(asked: Asked, report: Path | None, done: Sequence[Verified], console: Console) -> Exit:
    from converter.build.files import write

    try:
        if asked.report == _JUNIT:
            show([as_junit(done)])
        elif report is not None:
            write(report, as_junit(done) + "\n")
        if asked.html is not None:
            write(Path(asked.html), as_html(done))
    except EmitError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    return Exit.CONVERTED
