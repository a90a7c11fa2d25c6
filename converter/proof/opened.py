"""Queries without the columns that they show at the end, so that their results say which events they are."""

from __future__ import annotations

from dataclasses import replace

from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.kusto import parse as kusto
from converter.languages.kusto.syntax import Project
from converter.languages.kusto.write import program
from converter.languages.spl import parse as spl
from converter.languages.spl.syntax import Fields, Pipeline, Stats, Table
from converter.languages.spl.write import write


def opened_kusto(text: str) -> str:
    """The query without a closing `project`; what is no Kusto here stays as it is."""
    try:
        found = kusto.program(text)
    except QuerySyntaxError:
        return text
    match found.query.operators:
        case (*kept, Project()):
            return program(replace(found, query=replace(found.query, operators=tuple(kept))))
        case _:
            return text


def opened_spl(text: str) -> str:
    """The search without a closing `table` or `fields`; what is no SPL here stays as it is."""
    try:
        parts = [part for part in spl.document(text) if isinstance(part, Pipeline)]
    except QuerySyntaxError:
        return text
    if len(parts) != 1:
        return text
    *stages, last = parts[0].stages
    shown = isinstance(last, Table) or (isinstance(last, Fields) and not last.drop)
    return write((Pipeline(tuple(stages)),)) if shown and stages else text


def groups(text: str) -> bool:
    """Whether the results of a search are groups of events, which say nothing of single ones."""
    try:
        parts = [part for part in spl.document(text) if isinstance(part, Pipeline)]
    except QuerySyntaxError:
        return False
    return any(isinstance(one, Stats) and one.command == "stats" for part in parts for one in part.stages)
