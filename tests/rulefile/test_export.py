"""Rules written back are read as the same rules."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest
from exported import ITEM, LIST, OTHER, RULE, lines
from shared import corpus_rules, needs_shared

from converter.api import understand
from converter.model.metadata import Metadata
from converter.rulefile import read_collection, read_path
from converter.rulefile.export import ndjson, toml

SEED = Path("rules/elastic/collection_exchange_excessive_mail_items_accessed.toml")


def bare(meta: Metadata, *origin: str) -> Metadata:
    """The metadata without what only one of the two forms has."""
    gone = {name: getattr(Metadata("", ""), name) for name in origin}
    return dataclasses.replace(meta, **gone)


_TOML_ONLY = (
    *("creation_date", "updated_date", "deprecation_date", "deprecated_reason", "maturity", "min_stack_version"),
    *("min_stack_comments", "integration", "promotion", "bypass_bbr_timing", "transform", "exported", "unknown"),
    "related_integrations",
)


def check(meta: Metadata, name: str) -> None:
    (again,) = read_collection(toml(meta), "r.toml").rules
    assert bare(again.meta, "exported", "unknown") == bare(meta, "exported", "unknown"), name
    (exported,) = read_collection(ndjson([meta], [], []), "r.ndjson").rules
    assert bare(exported.meta, *_TOML_ONLY) == bare(meta, *_TOML_ONLY), name


def test_the_seed_rule() -> None:
    check(read_path(SEED).meta, "seed")


def test_an_export_with_exceptions() -> None:
    found = read_collection(lines(RULE, OTHER, LIST, ITEM), "e.ndjson")
    text = ndjson([one.meta for one in found.rules], found.lists, found.items)
    again = read_collection(text, "e.ndjson")
    assert (again.broken, again.advice) == ([], [])
    assert [one.meta for one in again.rules] == [one.meta for one in found.rules]
    assert (again.lists, again.items) == (found.lists, found.items)


def test_exceptions_of_every_kind() -> None:
    said = {"operator": "included"}
    entries = [
        {"field": "a", "type": "match_any", "value": ["x", "y"], "operator": "excluded"},
        {"field": "b", "type": "list", "list": {"id": "ips", "type": "ip"}, **said},
        {"field": "c", "type": "exists", **said},
        {"field": "d", "type": "nested", "entries": [{"field": "e", "type": "wildcard", "value": "x*", **said}]},
    ]
    found = read_collection(lines(LIST, {**ITEM, "entries": entries}), "e.ndjson")
    assert [entry.type for entry in found.items[0].entries] == ["match_any", "list", "exists", "nested"]
    again = read_collection(ndjson([], found.lists, found.items), "e.ndjson")
    assert (again.broken, again.items) == ([], found.items)


def test_a_filter_of_a_range_that_is_open_at_one_end() -> None:
    """Kibana writes the open end as null, which TOML has not; an empty text instead would match nothing."""
    clause = {"range": {"process.pid": {"gte": 5, "lt": None}}}
    (rule,) = read_collection(lines({**RULE, "filters": [{"meta": {}, "query": clause}]}), "e.ndjson").rules
    (again,) = read_collection(toml(rule.meta), "r.toml").rules
    assert json.loads(again.meta.filters[0].json) == {"range": {"process.pid": {"gte": 5}}}
    assert understand(again).detection == understand(rule).detection


def test_objects_without_a_key_stand_in_their_own_table() -> None:
    exported = (("response", json.dumps({"first": {"a": {}, "b": 1, "c": [1, {"d": None}]}, "none": {}})),)
    meta = Metadata("n", "query", query="a: b", language="kuery", exported=exported)
    table = tomllib.loads(toml(meta))["rule"]
    assert table["response"] == {"first": {"a": {}, "b": 1, "c": [1, {}]}, "none": {}}


def test_suppression_for_each_run() -> None:
    """Without a duration alerts are joined for one run of the rule."""
    suppressed = {"group_by": ["user.name"], "missing_fields_strategy": "suppress"}
    (rule,) = read_collection(lines({**RULE, "alert_suppression": suppressed}), "e.ndjson").rules
    assert rule.meta.alert_suppression is not None
    assert rule.meta.alert_suppression.duration_ms is None
    check(rule.meta, "suppression")


@pytest.mark.parametrize("query", ["a: 'b'", "a:\n  '''\n", 'tab\there "quoted" \\ back', "line\u2028end", "'"])
def test_queries_of_every_spelling(query: str) -> None:
    check(Metadata("n", "query", query=f"x{query}", language="kuery"), query)


@needs_shared
def test_every_rule_of_the_corpus() -> None:
    count = 0
    for path in corpus_rules():
        check(read_path(path).meta, path.name)
        count += 1
    assert count > 1300
