"""The account of a rule's conditions, for people and for reports: where each leaf went and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from converter.cli.console import Console, table
from converter.cli.exit import Exit
from converter.diagnostics import Severity
from converter.diagnostics.errors import ConverterError
from converter.model.fact import FACTS
from converter.model.words import words
from converter.target.account import Ending, Line
from converter.target.artifact import Artifact

if TYPE_CHECKING:
    from converter.model.rule import Rule

_HEAD = ("condition", "place", "ends as", "where or why", "table entry", "known by")


def explain_rule(
    path: str, to: Sequence[str], fields: str | None, source: str | None, mapping: Sequence[str] | None
) -> Exit:
    """Print, for each target, the account of the rule in a file."""
    from converter import api  # imports the stages
    from converter.cli.inspection import show
    from converter.target import registry

    console = Console()
    try:
        known = api.catalogue(mapping)
        rule = api.read_rule(path, known)
        names = to or registry.names()
        artifacts = [api.convert(rule, name, fields, source=source, known=known) for name in names]
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    for number, artifact in enumerate(artifacts):
        show([*([""] if number else []), *_page(artifact, rule)])
    return Exit.CONVERTED


def _page(artifact: Artifact, rule: Rule) -> Iterator[str]:
    place = f" ({artifact.place})" if artifact.place else ""
    bound = f" on {artifact.dataset}{place}" if artifact.dataset else f" under {artifact.fields} names"
    yield f"{artifact.target}: {artifact.status}{bound}"
    rows = [_HEAD, *(_row(line, rule) for line in artifact.account)]
    if artifact.account:
        yield from table(rows)
    evidence = dict.fromkeys(text for line in artifact.account for text in line.evidence)
    if evidence:
        yield from ("evidence:", *(f"  {text}" for text in evidence))
    if artifact.assumed:
        yield "assumes:"
        for one in artifact.assumed:
            yield f"  {one.fact.value}{f' ({one.column})' if one.column else ''}: {FACTS[one.fact]}"
    for diagnostic in artifact.diagnostics:
        if diagnostic.severity is not Severity.NOTE:
            yield f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"


def _row(line: Line, rule: Rule) -> tuple[str, ...]:
    return (words(line.leaf), place(line, rule), line.ending.value, where(line), line.entry or "-", line.known or "-")


def place(line: Line, rule: Rule) -> str:
    """`line:column` of the condition in the rule's file, or "-" for one that a filter adds."""
    span = line.leaf.span
    if span is None:
        return "-"
    number, column = rule.query_source.place(span.start + rule.query_offset)
    return f"{number}:{column}"


def where(line: Line) -> str:
    """The columns that hold the condition, the fact that implies it, or the finding that gave it up."""
    match line.ending:
        case Ending.EMITTED:
            return ", ".join(line.columns)
        case Ending.IMPLIED:
            return line.why
        case Ending.GIVEN_UP:
            return f"{line.finding.code}: {line.finding.message}" if line.finding else ""


def as_json(artifact: Artifact, rule: Rule) -> list[dict[str, object]]:
    """The account for a report."""
    return [
        {
            "condition": words(line.leaf),
            "place": place(line, rule),
            "ending": line.ending.value,
            "columns": list(line.columns),
            "why": line.why or None,
            "code": line.finding.code if line.finding else None,
            "entry": line.entry or None,
            "evidence": list(line.evidence),
            "known": line.known or None,
        }
        for line in artifact.account
    ]
