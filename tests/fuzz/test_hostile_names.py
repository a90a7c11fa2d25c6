"""A field named `1e3`, `null` or `a]b` is a column: asked for, shown, and listed in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from engines.kusto_parser import analysed
from fuzz.hostile_names import NAMES

from benchmarks.hostile import OPENERS
from benchmarks.hostile import rule as plain
from converter import api, rulefile
from converter.languages.spl import parse as spl
from converter.languages.spl.quoting import is_field
from converter.languages.spl.syntax import Pipeline, Table
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Match, Rule
from converter.model.value import Field
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto.rows import Table as KustoTable
from converter.proof.judges.kusto.run import run as run_kusto
from converter.proof.judges.spl.run import run as run_spl
from converter.target.artifact import Artifact

COLUMNS = {"@timestamp": "datetime", "process.name": "string"}


def rule(asked: str, shown: str) -> Rule:
    """A rule that asks for x in a field, and shows a field."""
    made = plain(["x"], ["t"] * 7)
    where = OneOf(Field(asked, many=False), ("x",), Case.SENSITIVE)
    return replace(made, detection=Match(where), meta=replace(made.meta, investigation_fields=(shown,)))


def made(one: Rule, target: str, form: str) -> Artifact:
    return api.convert(one, target, "ecs", format=form)


@pytest.mark.parametrize("form", ["kusto", "query", "yaml", "arm", "bicep"])
def test_sentinel_names_a_column(form: str) -> None:
    if form == "bicep":
        pytest.importorskip("pycep", reason="pycep-parser reads Bicep")
    queries = {}
    for name in NAMES:
        artifact = made(rule(name, name), "sentinel", form)
        assert artifact.status == "exact", (name, artifact.diagnostics)
        queries[name] = artifact.text if form in ("kusto", "query") else OPENERS["sentinel", form](artifact).query
    try:
        for name, query in queries.items():
            wrong, columns = analysed([(name, query)], {"ECS": {**COLUMNS, name: "string"}})[name]
            assert not wrong, (query, wrong)
            assert name in columns, query
    except EngineUnavailable as why:
        pytest.skip(str(why))


@pytest.mark.parametrize("name", NAMES)
def test_sentinel_lists_a_column_that_the_query_has(name: str) -> None:
    document = yaml.safe_load(made(rule("process.name", name), "sentinel", "yaml").text)
    (row,) = run_kusto(
        document["query"], {"ECS": KustoTable({**COLUMNS, name: "string"}, [{"process.name": "x", name: "v"}])}
    )
    assert [row[column] for column in document["customDetails"].values()] == ["v"]
    assert all(key.isascii() and key.isalnum() for key in document["customDetails"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["spl", "savedsearches"])
def test_splunk_names_a_column_or_leaves_it_out(name: str, form: str) -> None:
    artifact = made(rule("process.name", name), "splunk", form)
    search = OPENERS["splunk", form](artifact).query
    (pipeline,) = (part for part in spl.document(search) if isinstance(part, Pipeline))
    event = {"_time": 0, "process.name": "x", "event.category": "process", name: "v"}
    (row,) = run_spl(search, [event])
    last = pipeline.stages[-1]
    shown = isinstance(last, Table) and name in last.names
    assert shown or not is_field(name) or name.lower() in ("and", "where", "case")
    assert row.get(name) == "v"


@pytest.mark.parametrize("name", NAMES)
def test_splunk_asks_for_a_column_or_refuses(name: str) -> None:
    artifact = made(rule(name, "process.name"), "splunk", "search")
    if artifact.status == "refused":
        assert not is_field(name)
        return
    events = [{"_time": at, name: value} for at, value in enumerate(("x", "y"))]
    assert [row["_time"] for row in run_spl(artifact.text, events)] == [0]


@pytest.mark.parametrize("name", NAMES)
def test_sigma_and_elastic_list_a_name_as_it_is(name: str) -> None:
    one = rule("process.name", name)
    assert yaml.safe_load(made(one, "sigma", "yaml").text)["fields"] == ["process.name", name]
    for form in ("toml", "ndjson"):
        artifact = made(one, "elastic", form)
        assert rulefile.read_text(artifact.text, artifact.filename).meta.investigation_fields == (name,)
