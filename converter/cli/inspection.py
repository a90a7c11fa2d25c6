"""The commands that show something: targets, codes, data sets, verdicts."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cli import stdout
from converter.cli.console import Console, table
from converter.cli.exit import Exit
from converter.datasets.codes import M030
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import ConverterError, RuleFileError
from converter.rulefile.codes import F030
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.datasets.reading.table import Table
    from converter.model.fact import Fact


def show(lines: Iterable[str]) -> None:
    """Lines on stdout, as UTF-8 whatever the terminal."""
    stdout.write("".join(f"{line}\n" for line in lines))


def is_file(subject: str) -> bool:
    """Whether an argument of `explain` means a rule file and no code."""
    return subject.endswith((".toml", ".ndjson", ".json", ".yml", ".yaml")) or "/" in subject


def targets() -> Exit:
    """A table of the targets."""
    from converter.api import field_bindings, list_targets  # imports every target

    try:
        found = list_targets()
    except ConverterError as error:
        Console().tell_all(error.diagnostics)
        return Exit.USAGE
    rows = [("target", "writes", "file", "fields", "formats", "judged by")]
    rows += [
        (
            t.name,
            t.title,
            t.suffix,
            " ".join(field_bindings(t)),
            " ".join(t.formats) or "-",
            ", ".join(t.judges) or "nobody",
        )
        for t in found
    ]
    show(table(rows))
    return Exit.CONVERTED


def explain(codes: Sequence[str]) -> Exit:
    """The catalogue's entry of each code."""
    from converter.diagnostics.catalogue import lookup

    exit_code = Exit.CONVERTED
    for number, code in enumerate(codes):
        if (fact := _fact(code)) is not None:
            show([*([""] if number else []), *_assumption(fact)])
            continue
        entry = lookup(code)
        if entry is None:
            hint = "codes are a letter and three digits, such as K003; they stand in brackets in every message"
            Console().tell(Diagnostic(T005, f"there is no code {code!r}", hint=hint))
            exit_code = Exit.USAGE
            continue
        gap = [""] if number else []
        show([*gap, f"{code.upper()}: {entry.summary}", "", entry.meaning, "", f"What to do: {entry.remedy}"])
    return exit_code


def _fact(code: str) -> Fact | None:
    from converter.model.fact import Fact

    return next((fact for fact in Fact if code.upper() == fact.value or code.lower() == fact.word), None)


def _assumption(fact: Fact) -> Iterable[str]:
    """What an artifact assumes that names the fact's code."""
    from converter.forms.unlocks import UNLOCKS
    from converter.model.fact import FACTS, PLATFORM_WIDE

    yield f"{fact.value}: {fact.word}"
    yield ""
    yield f"An assumption about data: {FACTS[fact]}."
    yield ""
    yield f"What it allows: {UNLOCKS[fact.word]}"
    yield ""
    if fact in PLATFORM_WIDE:
        yield "Who says so: it is taken to hold of every column. --facts strict does without it."
    else:
        yield (
            f"Who says so: data set tables declare it of columns (`facts: {{{fact.word}: [column]}}`), with --mapping "
            "for tables of your own. --facts strict does without it."
        )


def starter(name: str) -> Exit:
    """A commented starter for `--mapping`."""
    from converter.cli.starter import starter as text
    from converter.datasets.reading.catalogue import builtin  # the tables come with it

    if not re.fullmatch(r"[A-Za-z0-9_.-]*", name):
        hint = "use letters, digits, dots, _ and -, as in acme.audit"
        Console().tell(Diagnostic(T005, f"a data set cannot be called {name!r}", hint=hint))
        return Exit.USAGE
    show(text(name, builtin()).splitlines())
    return Exit.CONVERTED


def fields(dataset: str, target: str | None, *, unmapped: bool) -> Exit:
    """The data sets, or the counterparts of one data set's fields."""
    from converter.datasets.reading.catalogue import builtin  # the tables come with it

    tables = builtin()
    known = [one for one in sorted(tables.listings, key=lambda one: one.name) if one.places]
    if not dataset:
        rows = [("data set", "title", "platforms"), *((one.name, one.title, " ".join(one.places)) for one in known)]
        show(table(rows))
        return Exit.CONVERTED
    if dataset not in {one.name for one in known}:
        near = difflib.get_close_matches(dataset, [one.name for one in known], 1)
        hint = f"did you mean {near[0]}?" if near else "`siemglot fields` lists them"
        Console().tell(Diagnostic(M030, f"there is no data set {dataset!r}", hint=hint))
        return Exit.USAGE
    chosen = tables.table(dataset)
    platforms = [p for p in chosen.places if target in (None, p)]
    if not platforms:
        hint = f"it has {', '.join(chosen.places)}"
        Console().tell(Diagnostic(M030, f"{dataset} has no place on {target}", hint=hint))
        return Exit.USAGE
    show(table([("field", "type", "platform", "place", "status", "counterpart"), *_rows(chosen, platforms, unmapped)]))
    return Exit.CONVERTED


def _rows(chosen: Table, platforms: Sequence[str], unmapped: bool) -> Iterable[tuple[str, ...]]:  # noqa: FBT001
    for path, entry in sorted(chosen.entries.items()):
        for platform in platforms:
            parts = entry.places.get(platform, {})
            if not parts:
                yield path, entry.type, platform, "", "none", ""
            for place, part in parts.items():
                if not unmapped or part.status.value == "none":
                    yield path, entry.type, platform, place or "any", part.status.value, part.to


def verify(rule: str, events: str | None) -> Exit:
    """The verdicts of all engines on each event."""
    from converter import api  # imports the stages

    console = Console()
    try:
        read = api.read_rule(rule)
        verdicts = api.verify(read, None if events is None else read_events(Path(events)))
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    show([str(verdicts)])
    return Exit.CONVERTED if verdicts.agree else Exit.REFUSED


def read_events(path: Path) -> list[dict[str, object]]:
    """Events from a file: a JSON list, or JSON lines. Raises RuleFileError."""
    from converter.rulefile import read_bounded

    text = read_bounded(path)
    source = Source(path.as_posix(), text)
    if text.lstrip().startswith("["):
        return _objects(_json(text, source, 0), source, 0)
    found: list[dict[str, object]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            found += _objects([_json(line, source, start)], source, start)
        start += len(line)
    return found


def _json(text: str, source: Source, start: int) -> object:
    try:
        value: object = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = start + getattr(error, "pos", 0)
        message = f"the events are no JSON: {getattr(error, 'msg', 'nested too deeply')}"
        hint = "give one JSON object a line, or a list of objects"
        raise RuleFileError(Diagnostic(F030, message, span=Span(at, at + 1), source=source, hint=hint)) from None
    return value


def _objects(values: object, source: Source, start: int) -> list[dict[str, object]]:
    if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
        message = "an event must be a JSON object"
        raise RuleFileError(Diagnostic(F030, message, span=Span(start, start + 1), source=source))
    return values
