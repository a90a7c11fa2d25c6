"""The server must behave as Elasticsearch does in the points our rules rest on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fuzz.rule_text import rule_text

import converter
from converter.proof.elastic import osmem
from converter.proof.elastic.osmem import ElasticError, OsmemServer
from converter.proof.elastic.osmem_mapping import FieldType, index_body
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.panel import elastic

FIELDS: dict[str, FieldType] = {
    "name": "keyword",
    "name.caseless": "keyword",
    "short": {"type": "keyword", "ignore_above": 5},
    "path": "wildcard",
    "path.text": "match_only_text",
    "size": "long",
    "ip": "ip",
    "flag": "boolean",
    "audit": "flattened",
    "items": "nested",
    "items.key": "keyword",
    "items.value": "keyword",
    "pairs": "object",
    "pairs.key": "keyword",
    "pairs.value": "keyword",
    "powershell.file.script_block_text": "text",
}
PAIRS = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
DOCUMENTS: dict[str, dict[str, object]] = {
    "full": {
        "name": ["cmd.exe", "x"],
        "short": "abcdefgh",
        "path": r"C:\Windows\a.exe",
        "size": [1, 10],
        "ip": ["10.1.2.3", "::1"],
        "flag": True,
        "audit": {"Name": "n", "Deep": {"er": 5}},
        "items": PAIRS,
        "pairs": PAIRS,
        "powershell": {"file": {"script_block_text": "[System.Reflection.Assembly]::Load in-memory"}},
    },
    "empty": {"name": "", "size": 5},
    "null": {"name": None, "ip": [], "items": [], "path": [None]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            running.create("probe", FIELDS)
            running.index("probe", DOCUMENTS)
            yield running
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"term": {"name": "cmd.exe"}}, {"full"}),
        ({"term": {"name": "CMD.exe"}}, set()),
        ({"term": {"name": {"value": "CMD.exe", "case_insensitive": True}}}, {"full"}),
        ({"term": {"name.caseless": "CMD.exe"}}, {"full"}),
        ({"exists": {"field": "name"}}, {"full", "empty"}),
        ({"exists": {"field": "short"}}, set()),
        ({"bool": {"must_not": [{"term": {"name": "x"}}]}}, {"empty", "null"}),
        ({"wildcard": {"path": {"value": r"C:\\Win*.exe"}}}, {"full"}),
        ({"wildcard": {"path": {"value": r"c:\\win*.exe"}}}, set()),
        ({"match": {"path.text": "windows"}}, {"full"}),
        ({"regexp": {"name": {"value": "CMD[.]exe", "case_insensitive": True}}}, {"full"}),
        ({"range": {"size": {"gt": 5}}}, {"full"}),
        ({"bool": {"must_not": [{"range": {"size": {"gt": 5}}}]}}, {"empty", "null"}),
        ({"term": {"ip": "10.0.0.0/8"}}, {"full"}),
        ({"term": {"ip": "0:0::1"}}, {"full"}),
        ({"term": {"flag": "true"}}, {"full"}),
        ({"term": {"audit.Name": "n"}}, {"full"}),
        ({"term": {"audit.Deep.er": "5"}}, {"full"}),
        ({"bool": {"filter": [{"term": {"pairs.key": "a"}}, {"term": {"pairs.value": "2"}}]}}, {"full"}),
        (
            {
                "nested": {
                    "path": "items",
                    "query": {"bool": {"filter": [{"term": {"items.key": "a"}}, {"term": {"items.value": "2"}}]}},
                }
            },
            set(),
        ),
        ({"match_phrase": {"powershell.file.script_block_text": "reflection assembly"}}, {"full"}),
        ({"match": {"powershell.file.script_block_text": "memory"}}, set()),
        ({"match": {"powershell.file.script_block_text": "IN-Memory"}}, {"full"}),
        ({"term": {"unmapped": "x"}}, set()),
        ({"match_all": {}}, {"full", "empty", "null"}),
    ],
)
def test_search(server: OsmemServer, query: dict[str, object], expected: set[str]) -> None:
    assert server.search("probe", query) == expected


def test_search_many_keeps_order(server: OsmemServer) -> None:
    got = server.search_many("probe", [{"term": {"name": "x"}}, {"term": {"name": "y"}}])
    assert got == [frozenset({"full"}), frozenset()]


def test_error_one_query_leaves_the_others(server: OsmemServer) -> None:
    got = server.search_many("probe", [{"term": {"name": "x"}}, {"nonsense": {}}, {"term": {"size": "foo"}}])
    assert got[0] == frozenset({"full"})
    assert isinstance(got[1], ElasticError)
    assert isinstance(got[2], ElasticError)


def test_error_document_refused(server: OsmemServer) -> None:
    with pytest.raises(ElasticError, match="bad"):
        server.index("probe", {"bad": {"size": "many"}})


def test_aggregate_terms_count_each_value_of_an_array(server: OsmemServer) -> None:
    got = server.aggregate("probe", {"match_all": {}}, {"by": {"terms": {"field": "name"}}})
    buckets = got["by"]["buckets"]  # type: ignore[index]
    assert {bucket["key"]: bucket["doc_count"] for bucket in buckets} == {"cmd.exe": 1, "x": 1, "": 1}


def test_aggregate_threshold_with_cardinality(server: OsmemServer) -> None:
    server.create("threshold", {"k": "keyword", "v": "keyword"})
    rows = [("a", "1"), ("a", "2"), ("a", "2"), ("b", "1"), ("b", "1")]
    server.index("threshold", {str(n): {"k": k, "v": v} for n, (k, v) in enumerate(rows)})
    distinct = {
        "distinct": {"cardinality": {"field": "v"}},
        "enough": {"bucket_selector": {"buckets_path": {"n": "distinct"}, "script": "params.n >= 2"}},
    }
    by = {"composite": {"sources": [{"k": {"terms": {"field": "k"}}}]}, "aggs": distinct}
    got = server.aggregate("threshold", {"match_all": {}}, {"by": by})
    assert [bucket["key"] for bucket in got["by"]["buckets"]] == [{"k": "a"}]  # type: ignore[index]
    server.delete("threshold")


def test_index_body_nests_and_makes_multi_fields() -> None:
    body = index_body(
        {"a.b": "keyword", "a.b.text": "match_only_text", "f": "flattened", "f.x": "keyword"}, dynamic=False
    )
    assert body["mappings"] == {
        "dynamic": False,
        "properties": {
            "a": {"properties": {"b": {"type": "keyword", "fields": {"text": {"type": "text"}}}}},
            "f": {"type": "flat_object"},
        },
    }


def test_nothing_to_do_asks_no_server() -> None:
    server = OsmemServer()
    server.index("probe", {})
    assert server.search_many("probe", []) == []


def test_error_server_that_does_not_run() -> None:
    with pytest.raises(EngineUnavailable, match="not running"):
        OsmemServer().search("probe", {"match_all": {}})


def test_error_more_hits_than_one_answer_holds(server: OsmemServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osmem, "_MAX_HITS", 1)
    with pytest.raises(ElasticError, match=r"3 hits, more than one answer holds \(1\)"):
        server.search("probe", {"match_all": {}})


def test_error_names_what_the_server_says(server: OsmemServer) -> None:
    with pytest.raises(ElasticError, match="400"):
        server.search("probe", {"no_such_query": {}})
    with pytest.raises(ElasticError, match="404"):
        server.search("nowhere", {"match_all": {}})


@pytest.mark.parametrize("language", ["eql", "kuery"])
def test_error_letters_beyond_ascii_in_both_cases(language: str) -> None:
    """It folds them in a term, which Elasticsearch does not: neither query nor filters are judged."""
    filters = '[{query = {bool = {filter = [{term = {a = {value = "É", case_insensitive = true}}}]}}}]'
    query, extra = ('any where a : "é"', "") if language == "eql" else ("a: b", f"filters = {filters}")
    rule = converter.parse_rule(rule_text(query, language, extra=extra), "r.toml")
    with pytest.raises(CannotJudgeError, match="beyond ASCII"):
        elastic._dsl(rule, {"a": "keyword"})
