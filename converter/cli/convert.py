"""The run of `convert`: every rule for every target, one bad rule never stopping the others."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cli import verification
from converter.cli.choices import Choices, Given, resolve
from converter.cli.console import Console, Verbosity, plural, table
from converter.cli.exit import Exit
from converter.cli.inputs import Input, Inputs, collect
from converter.cli.output import Output, choose
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import ConverterError, EmitError
from converter.target.artifact import Artifact, File, Status

_MOST_REASONS = 20

if TYPE_CHECKING:
    from converter.cli.reading import Entry, Reading
    from converter.model.rule import Rule
    from converter.target.contract import Target


@dataclass(slots=True)
class Outcome:
    """What became of one rule: its artifacts, or why it could not be read."""

    input: Input
    rule: Rule | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """All that happened, and the exit code it amounts to."""

    choices: Choices
    targets: tuple[Target, ...]
    outcomes: list[Outcome] = field(default_factory=list)
    exit: Exit = Exit.CONVERTED
    checked: Counter[verification.Seen] = field(default_factory=Counter)

    def worse(self, code: Exit) -> None:
        """Remember the worst."""
        self.exit = max(self.exit, code)

    def counts(self) -> dict[str, dict[Status, int]]:
        """For each target, how many artifacts have each status. A rule that cannot be read is refused by all."""
        found = {t.name: dict.fromkeys(Status, 0) for t in self.targets}
        for outcome in self.outcomes:
            for artifact in outcome.artifacts:
                found[artifact.target][artifact.status] += 1
            if not outcome.artifacts:
                for counts in found.values():
                    counts[Status.REFUSED] += 1
        return found


def run(paths: Sequence[str], given: Given, console: Console) -> Exit:
    """Convert and return the exit code."""
    inputs = collect(paths)
    console.tell_all(inputs.problems)
    try:
        choices = resolve(given)
        targets = choices.targets
        _check(choices, targets)
        dry = choices.check or choices.diff
        several = len(targets) + choices.all_sources
        bundled = next((choices.formats[t.name] for t in targets if choices.bundle(t) is not None), "")
        output = choose(choices.output, inputs, several, dry=dry, formatted=bool(choices.formats), bundled=bundled)
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    done = Run(choices, targets, exit=Exit.USAGE if inputs.problems else Exit.CONVERTED)
    reading = _rules(done, inputs, output, console)
    try:
        _bundles(done, output, console)
        output.finish()
        _report(done, output, console)
    except EmitError as error:
        console.tell_all(error.diagnostics)
        done.worse(Exit.USAGE)
    _summary(done, reading, output, console)
    return done.exit


def _check(choices: Choices, targets: Iterable[Target]) -> None:
    """Choices that no rule could be converted with are told once, not with every rule."""
    from converter.api import catalogue, check_choices  # imports the stages

    problems: dict[Diagnostic, None] = {}
    for target in targets:
        try:
            check_choices(
                target, choices.fields, choices.unmapped, choices.formats.get(target.name, ""), choices.wishes
            )
        except EmitError as error:
            problems |= dict.fromkeys(error.diagnostics)
    if problems:
        raise EmitError(tuple(problems))
    catalogue(choices.mapping)


def _rules(done: Run, inputs: Inputs, output: Output, console: Console) -> Reading:
    from converter.cli.reading import read_all  # imports what reads files

    reading = read_all(inputs.rules, console, strict=done.choices.strict_schema)
    console.tell_all(reading.advice)
    for number, entry in enumerate(reading.entries):
        console.progress(number, len(reading.entries), entry.input.name)
        outcome = Outcome(entry.input)
        done.outcomes.append(outcome)
        outcome.rule = _read(done, outcome, entry, console)
        if outcome.rule is not None:
            for target in done.targets:
                _artifact(done, outcome, target, output, console)
            _tell(outcome, done.targets, console)
    return reading


def _read(done: Run, outcome: Outcome, entry: Entry, console: Console) -> Rule | None:
    from converter import api  # imports the stages

    outcome.problems += entry.problems
    if entry.problems:
        done.worse(Exit.REFUSED)
    try:
        if entry.fault is not None:
            raise entry.fault  # noqa: TRY301 - told as any other fault
        if entry.text is not None:
            return api.understand(entry.text, api.catalogue(done.choices.mapping))
    except ConverterError as error:
        outcome.problems += error.diagnostics
        done.worse(Exit.REFUSED)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other rules
        outcome.problems.append(console.internal(error, f"reading {outcome.input.name}"))
        done.worse(Exit.INTERNAL)
    console.tell_all(outcome.problems)
    return None


def _artifact(done: Run, outcome: Outcome, target: Target, output: Output, console: Console) -> None:
    """Convert the rule for one target and put the artifacts where they go."""
    rule, choices = outcome.rule, done.choices
    if rule is None:
        return
    try:
        if choices.verify:
            done.checked.update((verification.check(rule, target, choices),))
        for artifact in _converted(rule, target, choices):
            outcome.artifacts.append(artifact)
            if artifact.status == Status.REFUSED or (artifact.status == Status.APPROXIMATE and choices.strict):
                done.worse(Exit.REFUSED)
            if artifact.status != Status.REFUSED and choices.bundle(target) is not None:
                output.licensed(rule.meta.license)
            elif artifact.status != Status.REFUSED:
                _put(done, outcome, artifact, target, output, console)
    except BrokenPipeError:
        raise
    except ConverterError as error:
        outcome.problems += error.diagnostics
        console.tell_all(error.diagnostics)
        done.worse(Exit.USAGE)
    except Exception as error:  # noqa: BLE001 - see _read
        problem = console.internal(error, f"converting {outcome.input.name} to {target.name}")
        if isinstance(error, verification.ReadBackError):
            console.line(error.trees, Verbosity.QUIET)
        outcome.problems.append(problem)
        console.tell(problem)
        done.worse(Exit.INTERNAL)


def _converted(rule: Rule, target: Target, choices: Choices) -> tuple[Artifact, ...]:
    """The rule's artifact for a target, or those of all its data sets."""
    from converter import api  # imports the stages

    chosen: api.Chosen = {
        "unmapped": choices.unmapped,
        "known": api.catalogue(choices.mapping),
        "format": choices.formats.get(target.name, ""),
        "new_terms": choices.wishes.new_terms,
        "facts": choices.wishes.facts,
        "bare": choices.wishes.bare,
        "args": choices.wishes.args,
        "case": choices.wishes.case,
        "inline_macros": choices.wishes.inline_macros,
        "naming": choices.naming,
    }
    if choices.all_sources and choices.source is None:
        return api.convert_all(rule, target, choices.fields, **chosen)
    return (api.convert(rule, target, choices.fields, source=choices.source, **chosen),)


def _put(done: Run, outcome: Outcome, artifact: Artifact, target: Target, output: Output, console: Console) -> None:
    assert outcome.rule is not None  # noqa: S101 - narrowed by the caller
    path = output.path(outcome.input, artifact)
    problem = output.put(outcome.input, artifact, target, outcome.rule.meta.license)
    if path is not None and problem is None:
        outcome.files[artifact.filename] = path
    if path is None or problem is None or problem.stale:
        for file in artifact.files:
            _put_file(done, output, file, outcome.input.name, path.parent if path else None, console)
    if problem is None:
        return
    if problem.diagnostic not in outcome.problems:  # two rules, one file: once for all targets
        outcome.problems.append(problem.diagnostic)
        console.tell(problem.diagnostic)
    done.worse(Exit.REFUSED)
    if done.choices.diff and path is not None and problem.stale:
        console.line(output.difference(path, artifact.text).rstrip("\n"), Verbosity.QUIET)


def _bundles(done: Run, output: Output, console: Console) -> None:
    """Put together the artifacts of each target whose format is a folder, and write it. Raises EmitError."""
    for target in done.targets:
        bundle = done.choices.bundle(target)
        places = [
            (outcome, number)
            for outcome in done.outcomes
            for number, artifact in enumerate(outcome.artifacts)
            if artifact.target == target.name and artifact.status != Status.REFUSED
        ]
        if bundle is None or not places:
            continue
        given = [outcome.artifacts[number] for outcome, number in places]
        found = bundle(given, done.choices.package)
        for (outcome, number), old, new in zip(places, given, found.artifacts, strict=True):
            outcome.artifacts[number] = new
            for diagnostic in new.diagnostics:
                if diagnostic not in old.diagnostics:
                    console.tell(diagnostic)
        for file in found.files:
            owner = places[file.artifact][0] if file.artifact is not None else None
            if owner is not None and file.artifact is not None and output.folder is not None:
                owner.files[given[file.artifact].filename] = output.folder / file.path
            name = owner.input.name if owner else f"the {done.choices.formats[target.name]} of {target.name}"
            _put_file(done, output, file, name, output.folder, console)


def _put_file(done: Run, output: Output, file: File, name: str, folder: Path | None, console: Console) -> None:
    """One file that is no artifact's text; it needs a folder."""
    if folder is None:
        console.line(f"{file.path} is not written without -o")
        return
    problem = output.put_file(file, name, folder)
    if problem is not None:
        console.tell(problem.diagnostic)
        done.worse(Exit.REFUSED)


def _tell(outcome: Outcome, targets: Sequence[Target], console: Console) -> None:
    """The diagnostics of one rule, each once, with the targets it concerns unless it concerns all."""
    concerned: dict[Diagnostic, list[str]] = {}
    for artifact in outcome.artifacts:
        for diagnostic in artifact.diagnostics:
            concerned.setdefault(diagnostic, []).append(artifact.target)
    for diagnostic, names in concerned.items():
        partly = len(names) < len(targets)
        console.tell(diagnostic, f" [{', '.join(names)}]" if partly else "")


def _report(done: Run, output: Output, console: Console) -> None:
    if done.choices.report is None:
        return
    from converter.cli import report  # only runs that want one need it

    path = report.place(done.choices.report, output.folder)
    report.write_report(done, path)
    console.line(f"report: {path.as_posix()}")


def _summary(done: Run, reading: Reading, output: Output, console: Console) -> None:
    if beside := reading.summary():
        console.line(f"beside rules: {beside}")
    if not done.outcomes:
        return
    if len(done.outcomes) > 1:
        _reasons(done, console)
    for line in verification.summary(done.checked):
        console.line(line)
    for name, counts in done.counts().items():
        console.line(f"{name}: " + ", ".join(f"{counts[s]} {s}" for s in Status))
    if output.dry and output.folder is None and output.file is None:
        return
    if output.dry:
        console.line(f"{plural(len(output.changed), 'file')} would change")
    elif output.written:
        place = output.file or output.folder
        console.line(f"wrote {plural(len(output.written), 'file')} to {place.as_posix() if place else 'stdout'}")


def _reasons(done: Run, console: Console) -> None:
    """Why artifacts are not exact, the most frequent reason first, and what to do about it."""
    from converter.diagnostics.catalogue import lookup  # only a run of many rules has a table

    found: Counter[tuple[str, str, str]] = Counter()
    for outcome in done.outcomes:
        for artifact in outcome.artifacts:
            bad = Severity.ERROR if artifact.status is Status.REFUSED else Severity.WARNING
            for code in {str(d.code) for d in artifact.diagnostics if d.severity is bad}:
                found[artifact.target, str(artifact.status), code] += 1
    rows = [("target", "status", "rules", "reason", "next step")]
    for (target, status, code), count in found.most_common(_MOST_REASONS):
        entry = lookup(code)
        what = (entry.summary, entry.remedy.partition(". ")[0].rstrip(".")) if entry else ("", "")
        rows.append((target, status, str(count), f"{code} {what[0]}", what[1]))
    if len(rows) > 1:
        for line in table(rows):
            console.line(line)


def silence_stdout() -> None:
    """After the reader of a pipe has gone: keep the interpreter from failing on it once more at exit."""
    import os  # only in this case

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
