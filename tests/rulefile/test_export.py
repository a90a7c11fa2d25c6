"""Rules written back are read as the same rules."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from exported import ITEM, LIST, OTHER, RULE, lines
from shared import corpus_rules, needs_shared

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
