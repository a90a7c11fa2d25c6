"""Query strings and filters on the in-memory server find what the model says they find."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from converter.fields.schema import FieldInfo, Schema
from converter.model.metadata import Filter
from converter.model.value import Kind
from converter.proof.elastic.osmem import ElasticError, OsmemServer
from converter.proof.judges.errors import EngineUnavailable
from converter.readers.lowered import refused
from converter.readers.lucene import lower_filters
from converter.reference import matches

pytestmark = pytest.mark.engine

KINDS = {"a": Kind.KEYWORD, "b": Kind.KEYWORD, "n": Kind.LONG, "t": Kind.TEXT, "at": Kind.DATE, "ip": Kind.IP}
TYPES = {"a": "keyword", "b": "keyword", "n": "long", "t": "text", "at": "date", "ip": "ip"}
SCHEMA = Schema(FieldInfo(name, kind, many=False) for name, kind in KINDS.items())

DOCUMENTS: dict[str, dict[str, object]] = {
    f"d{number}": {
        name: value for name, value in {"a": a, "b": b, "n": n, "t": t, "at": at, "ip": ip}.items() if value is not None
    }
    for number, (a, b, n, t, at, ip) in enumerate(
        [
            ("x", "x", 1, "Foo bar", "2024-05-31T10:00:00.500Z", "10.0.0.1"),
            ("x", None, 5, "foo-bar baz", "2024-05-31", "10.0.0.255"),
            (None, "x", None, "it's v1.2.3 A_B", "2024-06-01T00:00:00Z", "::1"),
            ("y", "x", -3, "bar foo", "2023-12-31T23:59:59.999Z", "2001:db8::1"),
            ("X", "z", 10, "FOO", "1970-01-01", "192.168.1.1"),
            ("x y", "New York", 9, "", "2024-02-29T23:59:59.999Z", "9.255.255.255"),
            (None, None, None, None, None, None),
            ("xyz", "", 2**40, "foo_bar 10.0.0.1", "2024-01-01T00:00:00Z", "11.0.0.0"),
            ("*", "x*?", 0, "C:\\Windows\\a.exe", "2025-01-01", "::ffff:10.1.2.3"),
            (["w", "z"], ["x", "b"], [0, 10], ["foo", "bar"], ["2024-05-30", "2024-06-01"], ["10.0.0.0", "10.0.1.9"]),
        ]
    )
}


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            running.create("events", TYPES)
            running.index("events", DOCUMENTS)
            yield running
    except EngineUnavailable as error:
        pytest.skip(str(error))


def expected(clause: dict[str, object]) -> frozenset[str] | None:
    """What the model finds; None for a refused clause."""
    found = lower_filters([Filter(json.dumps(clause))], SCHEMA)
    if refused(found.diagnostics):
        return None
    return frozenset(name for name, event in DOCUMENTS.items() if matches(found.predicate, event))


def agree(server: OsmemServer, clauses: list[dict[str, object]]) -> int:
    """Compare both sides on every clause; the number of those compared."""
    answers = server.search_many("events", clauses)
    compared = 0
    for clause, answer in zip(clauses, answers, strict=True):
        ours = expected(clause)
        if ours is None:
            continue
        assert not isinstance(answer, ElasticError), (clause, answer)
        assert answer == ours, clause
        compared += 1
    return compared


def test_ranges_are_met_by_one_value(server: OsmemServer) -> None:
    """The last document has values below and above each range, and none inside."""
    texts = ["n:[1 TO 9]", "n:{0 TO 10}", "n:[0 TO 9]", "a:[x TO y]", "at:[2024-05-31 TO 2024-05-31]", "at:2024-06-01"]
    texts += ["ip:[10.0.0.1 TO 10.0.1.8]", "n:(>=1 AND <=9)", "-n:[1 TO 9]"]
    clauses: list[dict[str, object]] = [{"query_string": {"query": text}} for text in texts]
    clauses += [{"range": {"n": {"gt": 0, "lt": 10}}}, {"range": {"at": {"gte": "2024-05-31", "lt": "2024-06-01"}}}]
    assert agree(server, clauses) == len(clauses)


def query_strings() -> list[str]:
    """Random nests of clauses and operators, the same in every run."""
    rng = random.Random(7)
    leaves = ["a:x", "b:x", "a:y", "b:z", "n:5", "_exists_:b", "a:(x OR y)", "b:x*", "n:[1 TO 9]"]

    def query(depth: int) -> str:
        parts: list[str] = []
        for number in range(rng.randint(1, 4)):
            join = rng.choice(["", "AND ", "OR ", "&& ", "|| "]) if number else ""
            modifier = rng.choice(["", "", "", "NOT ", "+", "-", "!"])
            inner = f"({query(depth - 1)})" if depth and rng.random() < 0.3 else rng.choice(leaves)
            parts.append(join + modifier + inner)
        return " ".join(parts)

    return [query(2) for _ in range(400)]


def test_operators_agree(server: OsmemServer) -> None:
    clauses: list[dict[str, object]] = [{"query_string": {"query": q}} for q in query_strings()]
    clauses += [{"query_string": {"query": q, "default_operator": "and"}} for q in query_strings()[:100]]
    assert agree(server, clauses) == 500


VALUES = [
    'a:"x y"', "a:x\\ y", "a:(x y)", "a:x?*", "a:*y*", "a:\\*", "b:x\\*\\?", 'b:"New York"', "a:/x.*/", "a:*", "n:>5", "n:>=5", "n:<5",
    "n:<=5", "n:{1 TO 9}", "n:[* TO 5]", "n:[5 TO *]", "a:[x TO xyz]", "a:{x TO xyz}", "t:foo", "t:FOO", 't:"foo bar"', "t:foo-bar", "t:fo*",
    "t:f?o", "at:2024-05-31", "at:[2024 TO 2024-05-31]", "at:{2024-05-31 TO *]", "at:<2024", 'ip:"10.0.0.0/8"', "ip:10.0.0.1",
    'ip:"::1"', "ip:[10.0.0.0 TO 10.255.255.255]", "t:it's", "t:v1.2.3", "t:a_b", "t:windows", 't:"c windows"', "t:10.0.0.1", "t:bar_x",
]  # fmt: skip


def test_values_agree(server: OsmemServer) -> None:
    assert agree(server, [{"query_string": {"query": q}} for q in VALUES]) == len(VALUES)


FILTERS: list[dict[str, object]] = [
    {"match_all": {}},
    {"exists": {"field": "b"}},
    {"term": {"a": {"value": "X", "case_insensitive": True}}},
    {"term": {"a": "X"}},
    {"term": {"n": "5"}},
    {"term": {"t": "foo"}},
    {"terms": {"a": ["x", "y"]}},
    {"wildcard": {"a": {"value": "x?*"}}},
    {"wildcard": {"a": {"value": "X*", "case_insensitive": True}}},
    {"wildcard": {"b": {"value": "x\\*\\?"}}},
    {"wildcard": {"a": "\\*"}},
    {"prefix": {"a": "x"}},
    {"prefix": {"a": {"value": "X", "case_insensitive": True}}},
    {"regexp": {"a": "x.*"}},
    {"regexp": {"a": {"value": "X.*", "case_insensitive": True}}},
    {"match": {"t": "Foo baz"}},
    {"match": {"t": {"query": "Foo baz", "operator": "and"}}},
    {"match_phrase": {"t": "foo bar"}},
    {"match_phrase": {"a": "x y"}},
    {"range": {"n": {"gte": 1, "lt": "9"}}},
    {"range": {"n": {"gt": 4.5}}},
    {"range": {"a": {"gte": "x"}}},
    {"range": {"at": {"gte": "2024-05-31", "lte": "2024-05-31"}}},
    {"range": {"at": {"gt": "2024-05-31"}}},
    {"range": {"at": {"lte": "2024-05"}}},
    {"range": {"at": {"gte": "2024-02-29||/M", "lt": "2024-06"}}},
    {"range": {"at": {"lte": "2024-02-01||/M"}}},
    {"range": {"at": {"gte": 1717149600500}}},
    {"range": {"at": {"lt": "now-1d/d"}}},
    {"range": {"ip": {"gte": "10.0.0.0", "lte": "::1"}}},
    {"range": {"ip": {"gt": "10.0.0.1"}}},
    {"range": {"ip": {"lt": "10.0.0.1"}}},
    {"term": {"ip": "10.0.0.0/8"}},
    {"term": {"ip": "::/0"}},
    {"bool": {"should": [{"term": {"a": "x"}}, {"term": {"b": "x"}}]}},
    {"bool": {"should": [{"term": {"a": "x"}}], "must": [{"term": {"b": "x"}}]}},
    {"bool": {"should": [{"term": {"a": "x"}}, {"term": {"b": "x"}}], "minimum_should_match": 2}},
    {"bool": {"must_not": [{"term": {"a": "x"}}]}},
    {"bool": {}},
    {"constant_score": {"filter": {"term": {"a": "x"}}}},
]


def test_filters_agree(server: OsmemServer) -> None:
    assert agree(server, FILTERS) == len(FILTERS)
