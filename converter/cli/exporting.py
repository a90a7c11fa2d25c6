"""`export`: rules of any form written as Kibana's export or as Elastic's rule files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converter.build.files import write
from converter.cli import stdout
from converter.cli.console import Console, plural
from converter.cli.exit import Exit
from converter.cli.inputs import collect
from converter.cli.reading import Reading, read_all
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F021
from converter.rulefile.export import ndjson, toml
from converter.target.codes import T005

FORMS = ("ndjson", "toml")


def export(paths: Sequence[str], form: str, output: str | None, console: Console) -> Exit:
    """Write every rule that the paths hold; one that cannot be read is told and left out."""
    if form not in FORMS:
        hint = f"use one of {', '.join(FORMS)}"
        console.tell(Diagnostic(T005, f"format cannot be {form!r}", hint=hint))
        return Exit.USAGE
    inputs = collect(paths)
    console.tell_all(inputs.problems)
    reading = read_all(inputs.rules, console)
    console.tell_all(reading.advice)
    worst = Exit.USAGE if inputs.problems else Exit.CONVERTED
    for entry in reading.entries:
        console.tell_all(entry.problems)
        if entry.fault is not None:
            console.tell(console.internal(entry.fault, f"reading {entry.input.name}"))
        if entry.text is None:
            worst = max(worst, Exit.REFUSED if entry.fault is None else Exit.INTERNAL)
    try:
        count = _ndjson(reading, output) if form == "ndjson" else _toml(reading, output)
    except EmitError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    console.line(f"exported {plural(count, 'rule')}")
    return worst


def _ndjson(reading: Reading, output: str | None) -> int:
    rules = [entry.text.meta for entry in reading.entries if entry.text is not None]
    _put(ndjson(rules, reading.lists, reading.items), output)
    return len(rules)


def _toml(reading: Reading, output: str | None) -> int:
    """A file for each rule below the folder, by the name it has; a single rule may go to stdout."""
    texts = [(entry, entry.text) for entry in reading.entries if entry.text is not None]
    if output in (None, "-"):
        if len(texts) > 1:
            hint = "add -o DIR"
            raise EmitError(Diagnostic(F021, f"{len(texts)} rule files need a directory to go to", hint=hint))
        for _, text in texts:
            _put(toml(text.meta), None)
        return len(texts)
    for entry, text in texts:
        write(Path(output) / entry.input.folder / f"{text.stem}.toml", toml(text.meta))
    return len(texts)


def _put(text: str, output: str | None) -> None:
    if output not in (None, "-"):
        write(Path(output), text)
        return
    stdout.write(text)
