"""The commands that show something: targets, codes, data sets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from converter.cli import stdout
from converter.cli.console import Console, table
from converter.cli.exit import Exit
from converter.datasets.codes import M030
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import ConverterError
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


def list_codes() -> Exit:
    """Every code with its summary, then the facts that artifacts assume."""
    from converter.diagnostics.catalogue import all_codes
    from converter.model.fact import Fact

    rows = [(code, entry.summary) for code, entry in sorted(all_codes().items())]
    show(table([*rows, *((fact.value, fact.word) for fact in sorted(Fact, key=lambda one: one.value))]))
    return Exit.CONVERTED


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
