"""The run of `build`: read, convert, compare with the folder, write, report, and say what happened."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from converter.build import files, pending
from converter.build.alone import alone
from converter.build.changes import Change, Kind, changes, with_broken
from converter.build.codes import B005
from converter.build.kept import shelf
from converter.build.lock import FILE, Lock, read, text
from converter.build.run import Build, build, reasons
from converter.build.work import Item
from converter.cli.asking import Asked, Resolved, items, resolved
from converter.cli.asking import asked as asked  # noqa: PLC0414 - the command calls it
from converter.cli.console import Console, Verbosity, opened, plural, table
from converter.cli.exit import Exit
from converter.cli.settings import FAIL_ON
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import ConverterError, EmitError
from converter.parallel import cores
from converter.rulefile.codes import F001
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.cache.shelf import Shelf
    from converter.cli import reporting

_MOST_REASONS = 20
_MOST_FILES = 20
"""Files that are named one by one."""


_FAILED = "not everything could be written; the lock is that of the last build, and the next one completes this one"


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier builds: the last that ended, what those after it had begun to write, and the one to compare with."""

    last: Lock | None
    begun: pending.Hashes
    compared: Lock | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A build beside the one before it, its files with its lock, and what they would do to the folder."""

    build: Build
    wanted: Mapping[str, bytes]
    before: Lock | None
    changes: tuple[Change, ...]
    difference: files.Difference


def run(one: Asked, reports: Sequence[str], fail_on: str | None, against: str | None = None) -> Exit:
    """Build and return the exit code. `against`: a lock to compare with, in place of that of the output folder."""
    with opened(one.verbosity) as console:
        try:
            wish = resolved(one)
            wanted = _fail_on(fail_on, wish, check=one.check)
            from converter.cli import reporting  # imports the reports

            kinds = reporting.kinds(reports, wish.folder, check=one.check)
            with alone(wish.folder, writes=not one.check):
                last = read(wish.folder / FILE)
                past = Past(last, pending.read(wish.folder), last if against is None else there(Path(against)))
                return _run(one, wish, past, kinds, wanted, console)
        except ConverterError as error:
            console.tell_all(error.diagnostics)
            return Exit.USAGE
        except KeyboardInterrupt:
            console.line("interrupted: no file is half written, and the next build completes this one", Verbosity.QUIET)
            raise


def _run(
    one: Asked, wish: Resolved, past: Past, kinds: Sequence[reporting.Wanted], fail_on: str, console: Console
) -> Exit:
    """The build of a folder that is ours alone."""
    from converter.cli import reporting  # imports the reports

    console.tell_all(wish.plan.known.messages)
    kept = shelf(wish.plan, os.environ) if one.given.cache else None
    try:
        rules, misused = items(wish.paths, console, wish.folder, past.last, kept)
        done = built(one, wish, rules, past, console, kept)
    finally:
        if kept is not None:
            kept.close()
    code, written = Exit.USAGE if misused else Exit.CONVERTED, True
    try:
        if not one.check:
            _write(done, wish.folder, past.begun)
        for path in reporting.write_all(kinds, done.build, done.changes):
            console.line(f"report: {path.as_posix()}")
    except EmitError as error:
        console.tell_all(error.diagnostics)
        code, written = Exit.USAGE, False
    _say(done, wish, console, check=one.check, written=written)
    return max(code, _exit(done, fail_on, check=one.check))


def _fail_on(given: str | None, wish: Resolved, *, check: bool) -> str:
    if given is not None and given not in FAIL_ON:
        raise EmitError(Diagnostic(T005, f"fail-on cannot be {given!r}", hint=f"use one of {', '.join(FAIL_ON)}"))
    return given or ("never" if check else wish.settings.fail_on or "broken")


def there(path: Path) -> Lock:
    """The lock in a file, or in a folder. Raises ConverterError if there is none."""
    place = path / FILE if path.is_dir() else path
    found = read(place)
    if found is None:
        hint = "name a siemglot.lock, or a folder with one; `siemglot build` writes it"
        raise EmitError(Diagnostic(F001, "there is no lock", source=Source(place.as_posix(), ""), hint=hint))
    return found


def built(
    one: Asked, wish: Resolved, rules: Sequence[Item], past: Past, console: Console, kept: Shelf | None
) -> Outcome:
    """Convert, and compare: files with what earlier builds wrote, rules with the lock that was asked for."""
    clock = _Clock(console)
    jobs = one.jobs or cores()
    made = build(rules, wish.plan, console.internal, jobs=jobs, progress=clock.progress, shelf=kept)
    lock = made.lock()
    old = past.compared.rules if past.compared is not None else ()
    differing = changes(old, with_broken(old, lock.rules)) if past.compared is not None else ()
    wanted = {**made.files, FILE: _bytes(lock)}
    difference = files.compare(wish.folder, wanted, pending.owned(past.last, past.begun))
    return Outcome(made, wanted, past.compared, differing, difference)


def _bytes(lock: Lock) -> bytes:
    """The lock's file. A byte of a rule's file name that is no UTF-8 stands in it as JSON writes a lone surrogate."""
    return text(lock).encode("utf-8", "backslashreplace")


class _Clock:
    """Progress with the time that is left, which is as long for a rule as it was so far."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.monotonic()

    def progress(self, done: int, total: int, name: str) -> None:
        """Redraw the bar; on a terminal only."""
        spent = time.monotonic() - self._start
        left = f"{spent / done * (total - done):.0f} s left, " if done > 3 and done < total else ""  # noqa: PLR2004
        self._console.progress(done, total, f"{left}{name}")


def _write(done: Outcome, folder: Path, begun: pending.Hashes) -> None:
    """The files, then the lock: after a crash the old one, and what was begun, still own what there is."""
    first = files.Difference(
        tuple(p for p in done.difference.created if p != FILE),
        tuple(p for p in done.difference.changed if p != FILE),
        done.difference.removed,
    )
    files.clear(folder, begun)
    if first.stale:
        pending.begin(folder, begun, done.wanted, (*first.created, *first.changed))
    files.apply(folder, done.wanted, first)
    if FILE in (*done.difference.created, *done.difference.changed):
        files.write(folder / FILE, done.wanted[FILE])
    pending.end(folder)


def _exit(done: Outcome, fail_on: str, *, check: bool) -> Exit:
    rules = done.build.rules
    if any(rule.failed for rule in rules):
        return Exit.INTERNAL
    level = FAIL_ON.index(fail_on)
    counts = done.build.counts().values()
    bad = (
        level >= FAIL_ON.index("broken") and any(rule.broken for rule in rules),
        level >= FAIL_ON.index("worse") and any(change.worse for change in done.changes),
        level >= FAIL_ON.index("refused") and any(found["refused"] for found in counts),
        level >= FAIL_ON.index("approximate") and any(found["approximate"] for found in counts),
        check and bool(done.difference.stale),
    )
    return Exit.REFUSED if any(bad) else Exit.CONVERTED


def _say(done: Outcome, wish: Resolved, console: Console, *, check: bool, written: bool) -> None:
    for rule in done.build.rules:
        if rule.broken or rule.failed:
            for message in rule.said("error"):
                console.line(message.shown, Verbosity.QUIET)
    console.tell_all(done.difference.warnings(wish.folder))
    if check:
        _say_stale(done, wish.folder, console)
    _say_reasons(done.build, console)
    rows: list[tuple[str, ...]] = [("target", "exact", "approximate", "refused")]
    rows += [(name, *map(str, counts.values())) for name, counts in done.build.counts().items()]
    for line in table(rows):
        console.line(line)
    broken = sum(rule.broken for rule in done.build.rules)
    parts = [plural(len(done.build.rules), "rule")]
    parts += [f"{broken} broken"] if broken else []
    parts += [f"{done.build.left_out} left out by the filter"] if done.build.left_out else []
    console.line(", ".join(parts))
    if done.before is not None:
        console.line(f"since the last build: {changed_words(done.changes)}")
    if not written:
        console.line(f"{wish.folder.as_posix()}: {_FAILED}", Verbosity.QUIET)
        return
    made, gone = len(done.difference.created) + len(done.difference.changed), len(done.difference.removed)
    verb = ("would be written", "would be removed") if check else ("written", "removed")
    console.line(
        f"{wish.folder.as_posix()}: {plural(len(done.build.files) + 1, 'file')}, {made} {verb[0]}, {gone} {verb[1]}"
    )


def changed_words(found: Sequence[Change]) -> str:
    """`2 new, 1 removed`."""
    counts = Counter(change.kind for change in found)
    worse = sum(bool(change.worse) for change in found)
    words = [f"{counts[kind]} {kind}" for kind in Kind if counts[kind]]
    return ", ".join([*words, *([f"{worse} with a worse status"] if worse else [])]) or "no rule changed"


def _say_stale(done: Outcome, folder: Path, console: Console) -> None:
    what = [(path, "is missing") for path in done.difference.created]
    what += [(path, "differs from what a build gives") for path in done.difference.changed]
    what += [(path, "is no longer made") for path in done.difference.removed]
    for path, words in what[:_MOST_FILES]:
        console.tell(Diagnostic(B005, f"the file {words}", source=Source((folder / path).as_posix(), "")))
    if len(what) > _MOST_FILES:
        console.line(f"... and {len(what) - _MOST_FILES} more files", Verbosity.QUIET)


def _say_reasons(done: Build, console: Console) -> None:
    """Why artifacts are not exact, the most frequent reason first, and what to do about it."""
    from converter.diagnostics.catalogue import lookup  # imports every room's codes

    rows = [("target", "status", "rules", "reason", "next step")]
    for target, status, code, count in list(reasons(done))[:_MOST_REASONS]:
        entry = lookup(code)
        what = (entry.summary, entry.remedy.partition(". ")[0].rstrip(".")) if entry else ("", "")
        rows.append((target, status, str(count), f"{code} {what[0]}", what[1]))
    if len(rows) > 1:
        for line in table(rows):
            console.line(line)
