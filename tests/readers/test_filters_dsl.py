"""A rule's filters: Query DSL clauses and what they mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.diagnostics import Severity
from converter.fields.schema import FieldInfo, Schema
from converter.languages.regex.render import parse_lucene
from converter.model import pattern as patterns
from converter.model.metadata import Filter
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Instant, Kind
from converter.model.walk import fields, walk
from converter.readers.lowered import Lowered
from converter.readers.lucene import lower_filters
from converter.readers.lucene.filters import wildcard_pattern

SCHEMA = Schema(
    [
        *(FieldInfo(name, Kind.KEYWORD, many=False) for name in ("a", "b", "c")),
        FieldInfo("t", Kind.TEXT, many=False),
        FieldInfo("n", Kind.LONG, many=False),
        FieldInfo("at", Kind.DATE, many=False),
        FieldInfo("flag", Kind.BOOLEAN, many=False),
        FieldInfo("array", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("array.x", Kind.KEYWORD, many=False),
        FieldInfo("array.deep", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("array.deep.z", Kind.KEYWORD, many=False),
    ]
)
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE
TRUE, FALSE = Constant(value=True), Constant(value=False)


def lowered(*clauses: Any, negate: bool = False, disabled: bool = False) -> Lowered:
    return lower_filters([Filter(json.dumps(c), negate, disabled) for c in clauses], SCHEMA)


def one(path: str, *values: str, case: Case = Case.SENSITIVE) -> OneOf:
    return OneOf(SCHEMA.info(path).field(), values, case)


def like(path: str, *parts: str | Wild, case: Case = Case.SENSITIVE) -> Like:
    return Like(SCHEMA.info(path).field(), (patterns.of(*parts),), case)


def phrase(*words: str) -> Phrase:
    return Phrase(SCHEMA.info("t").field(), tuple(map(patterns.of, words)), Analyzer.STANDARD)


def compare(path: str, comparison: Comparison, value: int | str | Instant) -> Compare:
    return Compare(SCHEMA.info(path).field(), comparison, value)


A, B, C = one("a", "x"), one("b", "x"), one("c", "x")
TA, TB, TC = ({"term": {name: "x"}} for name in "abc")
GE, LE, GT, LT = Comparison.GE, Comparison.LE, Comparison.GT, Comparison.LT


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"match_all": {}}, TRUE),
        ({"match_none": {}}, FALSE),
        ({"exists": {"field": "a"}}, Present(SCHEMA.info("a").field())),
        (
            {"exists": {"field": "array.*", "boost": 1}},
            Or(
                (
                    Present(SCHEMA.info("array.deep").field()),
                    Present(SCHEMA.info("array.deep.z").field()),
                    Present(SCHEMA.info("array.x").field()),
                )
            ),
        ),
        ({"term": {"a": "X"}}, one("a", "X")),
        ({"term": {"a": {"value": "X", "boost": 2}}}, one("a", "X")),
        ({"term": {"a": {"value": "X", "case_insensitive": True}}}, one("a", "X", case=Case.INSENSITIVE)),
        ({"term": {"a": 5}}, one("a", "5")),
        ({"term": {"a": True}}, one("a", "true")),
        ({"term": {"n": 5}}, compare("n", Comparison.EQ, 5)),
        ({"term": {"flag": False}}, Compare(SCHEMA.info("flag").field(), Comparison.EQ, value=False)),
        ({"term": {"t": "foo"}}, phrase("foo")),
        ({"term": {"t": "Foo"}}, FALSE),
        ({"term": {"t": {"value": "Foo", "case_insensitive": True}}}, phrase("foo")),
        ({"terms": {"a": ["x", "y"], "boost": 1}}, one("a", "x", "y")),
        ({"terms": {"a": []}}, FALSE),
        ({"wildcard": {"a": "x?*"}}, like("a", "x", ONE, RUN)),
        (
            {"wildcard": {"a": {"value": "?:\\\\x\\*", "case_insensitive": True}}},
            like("a", ONE, ":\\x*", case=Case.INSENSITIVE),
        ),
        ({"wildcard": {"a": {"wildcard": "x*"}}}, like("a", "x", RUN)),
        ({"wildcard": {"a": "*"}}, Present(SCHEMA.info("a").field())),
        ({"wildcard": {"t": "fo*"}}, Phrase(SCHEMA.info("t").field(), (patterns.of("fo", RUN),), Analyzer.STANDARD)),
        ({"wildcard": {"t": "Fo*"}}, FALSE),
        ({"prefix": {"a": "x*"}}, like("a", "x*", RUN)),
        ({"prefix": {"a": {"value": "x"}}}, like("a", "x", RUN)),
        ({"regexp": {"a": "x+"}}, Matches(SCHEMA.info("a").field(), (parse_lucene("x+"),), Case.SENSITIVE)),
        (
            {"regexp": {"a": {"value": "x+", "flags": "ALL", "case_insensitive": "true"}}},
            Matches(SCHEMA.info("a").field(), (parse_lucene("x+"),), Case.INSENSITIVE),
        ),
        ({"match": {"a": "x y"}}, one("a", "x y")),
        ({"match": {"t": "Foo bar"}}, Or((phrase("foo"), phrase("bar")))),
        ({"match": {"t": {"query": "Foo bar", "operator": "AND"}}}, And((phrase("foo"), phrase("bar")))),
        ({"match": {"t": {"query": "Foo", "operator": "and"}}}, phrase("foo")),
        ({"match": {"t": {"query": "Foo bar", "type": "phrase"}}}, phrase("foo", "bar")),
        ({"match_phrase": {"t": "Foo bar"}}, phrase("foo", "bar")),
        ({"match_phrase": {"a": {"query": "x", "slop": 0}}}, A),
        (
            {"range": {"n": {"gte": 1, "lt": 5, "boost": 1}}},
            Between(SCHEMA.info("n").field(), End(1), End(5, included=False)),
        ),
        ({"range": {"n": {"gt": "1", "lte": None}}}, compare("n", GT, 1)),
        ({"range": {"n": {}}}, Present(SCHEMA.info("n").field())),
        (
            {"range": {"at": {"gte": "2024", "format": "strict_date_optional_time", "time_zone": "Z"}}},
            compare("at", GE, Instant(1704067200000)),
        ),
        ({"bool": {"must": TA}}, A),
        ({"bool": {"must": [TA], "filter": [TB], "must_not": [TC]}}, And((A, B, Not(C)))),
        ({"bool": {"should": [TA, TB]}}, Or((A, B))),
        ({"bool": {"should": [TA, TB], "must": [TC]}}, C),
        ({"bool": {"should": [TA, TB], "must": [TC], "minimum_should_match": 1}}, And((C, Or((A, B))))),
        ({"bool": {"should": [TA, TB], "minimum_should_match": "2"}}, And((A, B))),
        ({"bool": {"should": [TA, TB], "minimum_should_match": 0}}, TRUE),
        ({"bool": {"must_not": [TA, TB]}}, And((Not(A), Not(B)))),
        ({"bool": {}}, TRUE),
        ({"bool": {"filter": [TA], "should": [], "boost": 1, "adjust_pure_negative": True}}, A),
        ({"constant_score": {"filter": TA, "boost": 2}}, A),
        (
            {"nested": {"path": "array", "query": {"term": {"array.x": "x"}}, "score_mode": "none"}},
            Element("array", one("array.x", "x")),
        ),
        (
            {
                "nested": {
                    "path": "array",
                    "query": {"nested": {"path": "array.deep", "query": {"term": {"array.deep.z": "x"}}}},
                }
            },
            Element("array", Element("array.deep", one("array.deep.z", "x"))),
        ),
        ({"query_string": {"query": "a:x AND b:x"}}, And((A, B))),
        ({"query_string": {"query": "x", "fields": ["a", "b"]}}, Or((A, B))),
        ({"query_string": {"query": "x", "default_field": "a", "analyze_wildcard": True}}, A),
        ({"query_string": {"query": "a:x b:x", "default_operator": "AND"}}, And((A, B))),
    ],
)
def test_meaning(clause: Any, expected: Predicate) -> None:
    found = lowered(clause)
    assert [d for d in found.diagnostics if d.severity is Severity.ERROR] == []
    assert found.predicate == expected
    assert not any(getattr(node, "span", None) for node in walk(found.predicate))
    assert not any(f.span for f in fields(found.predicate))


def test_all_filters_must_hold() -> None:
    assert lowered(TA, TB).predicate == And((A, B))
    assert lowered(TA, negate=True).predicate == Not(A)
    assert lowered(TA, disabled=True).predicate == TRUE
    assert lowered().predicate == TRUE


def test_disabled_filter_is_not_read() -> None:
    assert lowered({"geo_shape": {}}, disabled=True).diagnostics == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("a*b?c", ("a", RUN, "b", ONE, "c")),
        ("\\*\\?\\\\\\x", ("*?\\x",)),
        ("C:\\Program*", ("C:Program", RUN)),
        ("x\\", ("x\\",)),
        ("**", (RUN,)),
    ],
)
def test_wildcard_pattern(text: str, parts: tuple[str | Wild, ...]) -> None:
    assert wildcard_pattern(text).parts == parts


def deep(levels: int) -> dict[str, Any]:
    clause: dict[str, Any] = TA
    for _ in range(levels):
        clause = {"bool": {"must": [clause]}}
    return clause


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ({"geo_shape": {"a": {}}}, "L030"),
        ({"script": {}}, "L030"),
        ([], "L031"),
        ({}, "L031"),
        ({"term": {"a": 1}, "exists": {"field": "a"}}, "L031"),
        ({"term": "a"}, "L031"),
        ({"term": {}}, "L031"),
        ({"term": {"a": ["x"]}}, "L031"),
        ({"term": {"a": None}}, "L015"),
        ({"term": {"a": {}}}, "L015"),
        ({"term": {"a": {"value": "x", "unknown": 1}}}, "L033"),
        ({"term": {"n": "x"}}, "L016"),
        ({"term": {"array.x": "x"}}, "L014"),
        ({"terms": {"a": {"index": "i", "id": "1", "path": "p"}}}, "L031"),
        ({"terms": {"a": ["x"], "b": ["y"]}}, "L031"),
        ({"terms": {"a": [["x"]]}}, "L031"),
        ({"exists": {"field": 5}}, "L031"),
        ({"exists": {"field": "a", "unknown": 1}}, "L033"),
        ({"exists": {"field": "array.x"}}, "L014"),
        ({"wildcard": {"n": "5*"}}, "L020"),
        ({"wildcard": {"a": {"value": 5, "x": 1}}}, "L033"),
        ({"prefix": {"a": None}}, "L015"),
        ({"regexp": {"a": {"value": "x", "flags": "NONE"}}}, "L033"),
        ({"regexp": {"a": "x("}}, "L024"),
        ({"regexp": {"a": None}}, "L015"),
        ({"match": {"t": {"query": "x", "fuzziness": "AUTO"}}}, "L033"),
        ({"match": {"t": {"query": "x", "operator": "xor"}}}, "L033"),
        ({"match": {"t": {"query": "x", "type": "phrase_prefix"}}}, "L033"),
        ({"match_phrase": {"t": {"query": "x", "slop": 2}}}, "L033"),
        ({"match_phrase": {"t": None}}, "L015"),
        ({"range": {}}, "L031"),
        ({"range": {"n": 5}}, "L031"),
        ({"range": {"n": {"gte": [1]}}}, "L031"),
        ({"range": {"n": {"from": 1}}}, "L033"),
        ({"range": {"at": {"gte": "1", "format": "yyyy"}}}, "L033"),
        ({"range": {"array.x": {"gte": "1"}}}, "L014"),
        ({"bool": {"musty": []}}, "L033"),
        ({"bool": {"should": [TA, TB, TC], "minimum_should_match": 2}}, "L033"),
        ({"bool": {"should": [TA], "minimum_should_match": "75%"}}, "L033"),
        ({"bool": {"should": [], "minimum_should_match": 1}}, "L033"),
        ({"constant_score": {"filter": TA, "x": 1}}, "L033"),
        ({"nested": {"query": TA}}, "L031"),
        ({"nested": {"path": "array", "query": {"match_all": {}}}}, "L031"),
        ({"nested": {"path": "array", "query": TA, "x": 1}}, "L033"),
        ({"nested": {"path": "array", "query": {"nested": {"path": "b", "query": TA}}}}, "L031"),
        ({"query_string": {"query": "("}}, "L031"),
        ({"query_string": {"query": 5}}, "L031"),
        ({"query_string": {"query": "x"}}, "L013"),
        ({"query_string": {"query": "x", "fields": ["*"]}}, "L013"),
        ({"query_string": {"query": "a:x", "fuzziness": 1}}, "L033"),
        ({"query_string": {"query": "a:x~"}}, "L032"),
        (deep(150), "L002"),
    ],
)
def test_error_filter(clause: Any, code: str) -> None:
    found = [d for d in lowered(clause).diagnostics if d.severity is Severity.ERROR]
    assert [d.code for d in found] == [code]
    assert found[0].span is None


def test_error_no_json() -> None:
    found = lower_filters([Filter("{"), Filter("[" * 100_000)], SCHEMA)
    assert [d.code for d in found.diagnostics] == ["L031", "L031"]
    assert "filter 2" in found.diagnostics[1].message


def test_deepest_filter_is_read() -> None:
    assert lowered(deep(49)).predicate == A
