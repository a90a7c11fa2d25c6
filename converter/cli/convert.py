"""The run of `convert`: every rule for every target, one bad rule never stopping the others."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cache.given import digests
from converter.cli import verification
from converter.cli.choices import Choices, Given, Named, resolve
from converter.cli.console import Console, Verbosity, plural, table
from converter.cli.converted import Converted, Part
from converter.cli.exit import Exit
from converter.cli.inputs import Inputs, collect
from converter.cli.keeping import Keeper, opened
from converter.cli.outcome import Outcome, Run
from converter.cli.output import Output, choose
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.code import Code
from converter.diagnostics.errors import ConverterError, EmitError
from converter.parallel import cores, each
from converter.rulefile.codes import F023
from converter.target.artifact import Artifact, File, Status
from converter.target.codes import T003

_MOST_REASONS = 20

if TYPE_CHECKING:
    from converter.cache.codec import Written
    from converter.cache.shelf import Shelf
    from converter.cli.reading import Entry, Reading
    from converter.target.contract import Target


def run(paths: Sequence[str], given: Given, console: Console) -> Exit:
    """Convert and return the exit code."""
    inputs = collect(paths)
    console.tell_all(inputs.problems)
    keeper = opened(given, inputs.rules)
    try:
        choices, targets = _asked(given, keeper, console)
        dry = choices.check or choices.diff
        several = len(targets) + choices.all_sources
        bundled = next((choices.form(t) for t in targets if choices.bundle(t) is not None), "")
        output = choose(choices.output, inputs, several, dry=dry, formatted=bool(choices.formats), bundled=bundled)
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    done = Run(choices, targets, exit=Exit.USAGE if inputs.problems else Exit.CONVERTED)
    try:
        reading = _rules(done, inputs, output, console, given, keeper)
    finally:
        if keeper is not None:
            keeper.close()
    try:
        _bundles(done, output, console)
        output.finish()
        _report(done, output, console)
    except EmitError as error:
        console.tell_all(error.diagnostics)
        done.worse(Exit.USAGE)
    _summary(done, reading, output, console)
    return done.exit


def _asked(given: Given, keeper: Keeper | None, console: Console) -> tuple[Choices, tuple[Named, ...]]:
    """What is to be done, and the targets. Raises ConverterError for what does not exist."""
    if keeper is not None and keeper.known is not None:  # an earlier run has found that all of it exists
        console.tell_all(keeper.known.said)
        return keeper.known.choices(given), keeper.known.labels
    choices = resolve(given)
    mapping = digests(choices.mapping) if keeper is not None else None
    said = _check(choices)
    console.tell_all(said)
    if keeper is not None:
        keeper.learn(choices, mapping, said)
    return choices, choices.targets


def _check(choices: Choices) -> tuple[Diagnostic, ...]:
    """What tables have to say. Choices that no rule could be converted with are told once, not with every rule.

    Raises EmitError for those.
    """
    from converter.api import catalogue, check_choices  # imports the stages

    problems: dict[Diagnostic, None] = {}
    for target in choices.targets:
        try:
            _one_format(target, choices.formats.get(target.name, ()))
            check_choices(target, choices.fields, choices.unmapped, choices.form(target), choices.wishes)
        except EmitError as error:
            problems |= dict.fromkeys(error.diagnostics)
    if problems:
        raise EmitError(tuple(problems))
    return tuple(catalogue(choices.mapping).messages)


def _one_format(target: Target, forms: Sequence[str]) -> None:
    if len(forms) > 1:
        message = f"{target.name} is asked for in several formats: {', '.join(forms)}"
        raise EmitError(Diagnostic(T003, message, hint="name one; `siemglot build` takes several"))


def _rules(done: Run, inputs: Inputs, output: Output, console: Console, given: Given, keeper: Keeper | None) -> Reading:
    from converter.cli.reading import read_all  # imports what reads files

    shelf = keeper.shelf if keeper is not None else None
    reading = read_all(inputs.rules, console, strict=done.choices.strict_schema, shelf=shelf)
    console.tell_some((advice, "") for advice in reading.advice)
    new = [entry for entry in reading.entries if entry.kept is None]
    found = _conversions(new, done, console, given, shelf) if new else iter(())
    for number, entry in enumerate(reading.entries):
        console.progress(number, len(reading.entries), entry.input.name)
        one: object
        if entry.kept is not None:
            one = entry.kept.result
        else:
            one, written = next(found)
            if written is not None and shelf is not None:
                shelf.put(entry.key, written)
        assert isinstance(one, Converted)  # noqa: S101 - the shelf has no others
        _rule(done, entry, one, output, console)
        entry.forget()
    return reading


def _conversions(
    entries: Sequence[Entry], done: Run, console: Console, given: Given, shelf: Shelf | None
) -> Iterator[tuple[Converted, Written | None]]:
    """Those that no earlier run has converted."""
    from converter.cli.conversion import kept  # imports the stages

    choices = done.choices if done.choices.targets else resolve(given)
    work = partial(kept, choices=choices, fail=console.internal, shelf=shelf)
    return each(work, entries, choices.jobs or cores())


def _rule(done: Run, entry: Entry, one: Converted, output: Output, console: Console) -> None:
    """Tell what became of a rule, and put its artifacts where they go."""
    outcome = Outcome(entry.input, one.rule, problems=list(one.problems))
    done.outcomes.append(outcome)
    if one.exit is Exit.REFUSED:
        done.refused()
    else:
        done.worse(one.exit)
    if not one.parts:
        console.tell_all(outcome.problems)
    for target, part in zip(done.targets, one.parts, strict=bool(one.parts)):
        _part(done, outcome, entry, target, part, output, console)
    if one.parts:
        _tell(outcome, done.targets, console)


def _part(
    done: Run, outcome: Outcome, entry: Entry, target: Named, part: Part, output: Output, console: Console
) -> None:
    """What a target gives for a rule."""
    choices = done.choices
    outcome.problems += part.problems
    console.tell_all(part.problems)
    if part.trees:
        console.line(part.trees, Verbosity.QUIET)
    if part.checked is not None:
        done.checked[part.checked] += 1
    done.worse(part.exit)
    licence = entry.head.license if entry.head is not None else ""
    try:
        for artifact in part.artifacts:
            # Texts are kept only for what comes after all rules: a report or a bundle.
            late = choices.report is not None or choices.bundle(target) is not None
            outcome.artifacts.append(artifact if late else replace(artifact, text=""))
            if artifact.status == Status.REFUSED:
                done.refused()
            elif artifact.status == Status.APPROXIMATE and choices.strict:
                done.worse(Exit.REFUSED)
            if artifact.status != Status.REFUSED and choices.bundle(target) is not None:
                output.licensed(licence)
            elif artifact.status != Status.REFUSED:
                _put(done, outcome, artifact, target, licence, output, console)
    except ConverterError as error:
        outcome.problems += error.diagnostics
        console.tell_all(error.diagnostics)
        done.worse(Exit.USAGE)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other rules
        problem = console.internal(error, f"converting {outcome.input.name} to {target.name}")
        outcome.problems.append(problem)
        console.tell(problem)
        done.worse(Exit.INTERNAL)


def _put(
    done: Run, outcome: Outcome, artifact: Artifact, target: Named, licence: str, output: Output, console: Console
) -> None:
    path = output.path(outcome.input, artifact)
    problem = output.put(outcome.input, artifact, target, licence)
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
            name = owner.input.name if owner else f"the {done.choices.form(target)} of {target.name}"
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


def _tell(outcome: Outcome, targets: Sequence[Named], console: Console) -> None:
    """The diagnostics of one rule, each once, with the targets it concerns unless it concerns all."""
    concerned: dict[Diagnostic, list[str]] = {}
    for artifact in outcome.artifacts:
        for diagnostic in artifact.diagnostics:
            concerned.setdefault(diagnostic, []).append(artifact.target)
    console.tell_some(
        (diagnostic, f" [{', '.join(names)}]" if len(names) < len(targets) else "")
        for diagnostic, names in concerned.items()
    )


def _report(done: Run, output: Output, console: Console) -> None:
    if done.choices.report is None:
        return
    from converter.cli import report  # only runs that want one need it

    path = report.place(done.choices.report, output.folder)
    if path is not None and (output.is_written(path) or output.is_input(path)):
        what = "an artifact" if output.is_written(path) else "a rule"
        source = Source(path.as_posix(), "")
        raise EmitError(Diagnostic(F023, f"the report would take the place of {what}", source=source))
    report.write_report(done, path)
    if path is not None:
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
    found: Counter[tuple[str, str, Code]] = Counter()
    for outcome in done.outcomes:
        for artifact in outcome.artifacts:
            bad = Severity.ERROR if artifact.status is Status.REFUSED else Severity.WARNING
            for code in dict.fromkeys(d.code for d in artifact.diagnostics if d.severity is bad):
                found[artifact.target, str(artifact.status), code] += 1
    rows = [("target", "status", "rules", "reason", "next step")]
    for (target, status, code), count in found.most_common(_MOST_REASONS):
        step = code.remedy.partition(". ")[0].rstrip(".")
        rows.append((target, status, str(count), f"{code} {code.summary}", step))
    if len(rows) > 1:
        for line in table(rows):
            console.line(line)


def silence_stdout() -> None:
    """After the reader of a pipe has gone: keep the interpreter from failing on it once more at exit."""
    import os  # only in this case

    if sys.stdout is None:
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
