"""A readable page for each data set table; `python -m converter.datasets.reading.page` writes them to docs/datasets."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from converter.datasets.reading.load import builtin_tables
from converter.datasets.reading.table import (
    Always,
    AsIs,
    Counterpart,
    Entry,
    Lost,
    Place,
    Raw,
    Replacement,
    Status,
    Table,
    Unknown,
    When,
)

FOLDER = Path("docs/datasets")


def _cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    """Text as code in a cell, whatever backticks it holds."""
    if not text:
        return ""
    fence = "`" if "`" not in text else "``"
    return f"{fence}{_cell(text)}{fence}" if fence == "`" else f"{fence} {_cell(text)} {fence}"


def _replacement(value: Replacement) -> str:
    match value:
        case Raw(values):
            return ", ".join(map(_code, values))
        case When(condition, _, differs):
            return f"when {_code(condition)}{f' (differs: {_cell(differs)})' if differs else ''}"
        case AsIs(differs):
            return f"as it is (differs: {_cell(differs)})"
        case Always(value=found):
            return "always" if found else "never"
        case Unknown(why):
            return f"no counterpart{f': {_cell(why)}' if why else ''}"
        case Lost(why):
            return f"not recorded{f': {_cell(why)}' if why else ''}"


_SHOWN_VALUES = 12


def _counterpart(part: Counterpart) -> str:
    """One counterpart in a cell."""
    pieces = []
    if part.status is not Status.EXACT:
        pieces.append(f"*{part.status.value}*")
    if part.to:
        pieces.append(_code(part.to))
    if part.member:
        pieces.append(f"each {_code(part.member)}")
    if part.values:
        shown = [f"{_code(k)} → {_replacement(v)}" for k, v in list(part.values.items())[:_SHOWN_VALUES]]
        more = len(part.values) - len(shown)
        pieces.append("; ".join(shown) + (f"; and {more} more" if more else ""))
    if part.guess:
        pieces.append("(not verified)")
    return " ".join(pieces)


def _row(entry: Entry, platforms: Iterable[str]) -> str:
    cells = [_code(entry.path), entry.type + (", many" if entry.many else "")]
    for platform in platforms:
        parts = entry.places.get(platform, {})
        if len(parts) == 1:
            cells.append(_counterpart(next(iter(parts.values()))))
        else:
            cells.append("<br>".join(f"{name}: {_counterpart(part)}" for name, part in parts.items()))
    notes = dict.fromkeys([entry.note, *(p.note for parts in entry.places.values() for p in parts.values())])
    cells.append(_cell("; ".join(n for n in notes if n)))
    cells.append(" ".join(entry.evidence))
    return "| " + " | ".join(cells) + " |"


def _place(platform: str, place: Place) -> str:
    header = ", ".join(f"{key} {_code(value)}" for key, value in place.header.items())
    base = f", where {_code(place.base)}" if place.base else ""
    mode = f" (`--fields {place.mode}`)" if place.mode != "native" else ""
    note = f". {_cell(place.note)}" if place.note else ""
    note += f". Only with `--source`: {_cell(place.instead)}" if place.instead else ""
    guess = " (not verified)" if place.guess else ""
    return f"- {platform} **{place.name}**{mode}: {header}{base}{guess}{note}"


def page(table: Table) -> str:
    """The page of a table, in Markdown."""
    platforms = list(table.places)
    lines = [f"# {table.title}", "", f"Data set `{table.name}`. Generated from its table; do not edit.", ""]
    selector = table.selector
    for what, values in (
        ("Index patterns", selector.index),
        ("Also carried by", selector.also),
        ("Operating system", selector.os),
        ("Event category", selector.category),
    ):
        if values:
            lines.append(f"{what}: {', '.join(map(_code, values))}. ")
    lines += ["", "## Where it is", "", *(_place(p, place) for p in platforms for place in table.places[p]), ""]
    heads = ["field", "type", *platforms, "note", "evidence"]
    lines += ["## Fields", "", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += [_row(entry, platforms) for _, entry in sorted(table.entries.items())]
    lines += ["", "## Evidence", "", *(f"- {code}: {_cell(text)}" for code, text in sorted(table.evidence.items()))]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """File name -> text of every page, and the list of them as README.md."""
    tables = [t for t in builtin_tables() if t.places]
    found = {f"{Path(t.source.name).stem}.md": page(t) for t in tables}
    lines = ["# Data sets", "", "Generated from the tables in `converter/datasets/tables/`.", ""]
    lines += ["| data set | title | platforms | fields |", "| --- | --- | --- | --- |"]
    for table in sorted(tables, key=lambda t: t.name):
        link = f"[{table.name}]({Path(table.source.name).stem}.md)"
        lines.append(f"| {link} | {_cell(table.title)} | {' '.join(table.places)} | {len(table.entries)} |")
    return {"README.md": "\n".join(lines) + "\n", **found}


def main(argv: list[str]) -> int:
    """Usage: python -m converter.datasets.reading.page [FOLDER]."""
    folder = Path(argv[0]) if argv else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
