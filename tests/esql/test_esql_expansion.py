"""MV_EXPAND of which a filter keeps one value is a search for it: the same rows, and no stage over several."""

from __future__ import annotations

import pytest

from converter.model.pipeline import Documents, Expand, Pipeline
from converter.readers.esql import lower, parse
from converter.readers.esql.expansion import without_expansion
from converter.reference.esql.query import World
from converter.reference.esql.run import run
from converter.reference.esql.table import Table, written

ROWS = [
    {"id": 1, "tags": ["a", "b"], "user": "x"},
    {"id": 2, "tags": "a", "user": "x"},
    {"id": 3, "tags": ["b", "c"], "user": "y"},
    {"id": 4, "user": "y"},
    {"id": 5, "tags": ["a", "c"], "user": None},
]
TABLE = Table.of({"id": "long", "tags": "keyword", "user": "keyword", "sizes": "long"}, ROWS)

JOINED = [
    'from t | mv_expand tags | where tags == "a" | stats n = count(*) by user',
    'from t | mv_expand tags | eval u = to_upper(user) | where u == "X" and "a" == tags | stats n = count(*), s = sum(id)',
    'from t | mv_expand tags | sort id | where tags == "c" and id > 3 | stats i = values(id)',
    'from t | mv_expand tags | where id < 4 | where tags == "b" | stats n = count(*) by user | where n > 0',
    'from t | where id > 1 | mv_expand tags | dissect user "%{h}" | where tags == "a" | stats n = count(*) by h',
    'from t | mv_expand tags | where tags == "a" | eval tags = 1 | keep id, tags',
]
KEPT = [
    'from t | mv_expand tags | where tags == "a"',
    'from t | mv_expand tags | where tags in ("a", "b") | stats n = count(*) by user',
    'from t | mv_expand tags | where tags == "a" or id == 3 | stats n = count(*) by user',
    'from t | mv_expand tags | where tags == "a" and tags != "b" | stats n = count(*) by user',
    'from t | mv_expand tags | where tags == "a" | stats n = count(*) by tags',
    'from t | mv_expand tags | eval l = length(tags) | where tags == "a" | stats n = max(l)',
    'from t | mv_expand tags | limit 3 | where tags == "a" | stats n = count(*)',
    'from t | mv_expand tags | inline stats n = count(*) by user | where tags == "a" | stats m = max(n)',
    'from t | eval tags = mv_append(tags, tags) | mv_expand tags | where tags == "a" | stats n = count(*)',
    "from t | mv_expand sizes | where sizes == 1 | stats n = count(*)",
    'from t | mv_expand tags | rename tags as k | where k == "a" | stats n = count(*)',
    'from t | mv_expand tags | eval tags = "a" | where tags == "a" | stats n = count(*)',
]


def pipelines(query: str) -> tuple[Pipeline, Pipeline, World]:
    world = World({"t": TABLE})
    found = lower(parse(query), world.schema, world.scope)
    assert not found.diagnostics
    return found.pipeline, without_expansion(found.pipeline), world


def rows(pipeline: Pipeline, world: World) -> list[str]:
    assert isinstance(pipeline.source, Documents)
    table = written(pipeline.columns, run(pipeline, world.rows(pipeline.source), 0))
    return sorted(map(repr, table.rows))


@pytest.mark.parametrize("query", JOINED)
def test_a_filter_that_keeps_one_value_is_a_search(query: str) -> None:
    before, after, world = pipelines(query)
    assert not any(isinstance(stage, Expand) for stage in after.stages)
    assert rows(after, world) == rows(before, world) != []


@pytest.mark.parametrize("query", KEPT)
def test_what_reads_the_rows_keeps_them(query: str) -> None:
    before, after, _ = pipelines(query)
    assert after == before
