"""Python modules made of pipelines, run on the tables of Elasticsearch's own suite, give its results."""

from __future__ import annotations

import ast
import itertools
from collections import defaultdict
from typing import Any

import pytest
from esql_cases import ALL, NOW, compared, tables
from shared import ROOT

from backends.python.target import TARGET
from converter.diagnostics import Severity, Source
from converter.model.metadata import Metadata
from converter.model.pipeline import Documents
from converter.model.rule import Rule
from converter.readers.esql import lower, parse
from converter.readers.esql.detection import settled
from converter.readers.esql.truth import ALWAYS
from converter.reference.esql.query import World
from converter.reference.esql.table import Table, TableColumn
from converter.target.contract import Binding, Bound, Options


def module(query: str, *, head: bool) -> dict[str, Any] | None:
    """The module of a query over the shared tables; None if it reads none. `head`: with its first filters in front."""
    world = World({name: Table.of(t["types"], t["rows"]) for name, t in tables().items()})
    lowered = lower(parse(query), world.schema, world.scope)
    if not isinstance(lowered.pipeline.source, Documents):
        return None
    pipeline = settled(lowered.pipeline, ALWAYS) if head else lowered.pipeline
    source = Source("query", query)
    rule = Rule(Metadata("case", "esql"), pipeline, source, source)
    emission = TARGET.emit(Bound.everywhere(rule, Binding()), Options())
    assert not [d for d in emission.diagnostics if d.severity is Severity.ERROR], emission.diagnostics
    names: dict[str, Any] = {}
    exec(compile(emission.text, "artifact", "exec"), names)  # noqa: S102 -- it is what users run
    return names


READING = [p for p in ALL if str(p.values[0]["query"]).lower().startswith("from")]
UNSAID = ("date_format", "date_parse", "date_extract", "left(first_name, 1)), y")
"""Refused: formats of dates, and a replacement that a column gives."""


@pytest.mark.parametrize("head", [False, True], ids=["stages", "head"])
@pytest.mark.parametrize("case", READING)
def test_module_gives_the_rows(case: dict[str, Any], *, head: bool) -> None:
    if any(word in case["query"].lower() for word in UNSAID):
        with pytest.raises(AssertionError, match="T006"):
            module(case["query"], head=head)
        return
    found = module(case["query"], head=head)
    assert found is not None
    events = list(itertools.chain(*(tables()[name]["rows"] for name in case["data"])))
    rows = [alert["columns"] for alert in found["alerts"](events, NOW)]
    columns = tuple(TableColumn(*pair) for pair in found["COLUMNS"])
    made = tuple(tuple(row[c.name] for c in columns) for row in rows)
    compared(case, Table(columns, made))


def test_names_of_runtime_pieces_are_their_own() -> None:
    """The pieces of an artifact share one module."""
    homes = defaultdict(set)
    for path in (ROOT / "backends" / "python" / "runtime").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                homes[node.name].add(path.stem)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    homes[ast.unparse(target)].add(path.stem)
    assert {name for name, found in homes.items() if len(found) > 1} <= {
        "Matcher",
        "alerts",
    }  # one of each goes into a module
