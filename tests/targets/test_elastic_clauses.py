"""Conditions as clauses of Query DSL and as EQL's scripts: what each node becomes, and what has no words.

Clauses by elastic.co/docs/reference/query-languages/query-dsl, scripts by .../query-languages/eql/eql-functions.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backends.elastic.condition import script
from backends.elastic.condition.clauses import clause
from backends.elastic.condition.eql import eql
from backends.elastic.condition.kuery import kuery
from backends.elastic.condition.names import Names, names_for
from backends.elastic.condition.unsaid import UnsaidError
from converter.fields.schema import Schema
from converter.languages.kuery.layout import layout
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Holds,
    InNetwork,
    Not,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now

NAME, COUNT, TRUTH = Field("acme.name"), Field("acme.count", Kind.LONG), Field("acme.ok", Kind.BOOLEAN)
ADDRESS, TIME, TEXT = Field("acme.ip", Kind.IP), Field("acme.time", Kind.DATE), Field("acme.text", Kind.TEXT)
RUN = Wild.ANY_RUN


def phrase(*words: patterns.Pattern) -> Phrase:
    return Phrase(TEXT, words, Analyzer.STANDARD)


def named(where: Predicate) -> Names:
    return names_for("", (where,), ())


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            And((Present(NAME), Not(Present(COUNT)))),
            {
                "bool": {
                    "filter": [
                        {"exists": {"field": "acme.name"}},
                        {"bool": {"must_not": [{"exists": {"field": "acme.count"}}]}},
                    ]
                }
            },
        ),
        (Constant(value=True), {"match_all": {}}),
        (Constant(value=False), {"match_none": {}}),
        (
            InNetwork(ADDRESS, ("10.0.0.0/8", "1.2.3.4/32")),
            {
                "bool": {
                    "should": [
                        {"term": {"acme.ip": {"value": "10.0.0.0/8"}}},
                        {"term": {"acme.ip": {"value": "1.2.3.4"}}},
                    ],
                    "minimum_should_match": 1,
                }
            },
        ),
        (Compare(TRUTH, Comparison.EQ, value=True), {"term": {"acme.ok": {"value": True}}}),
        (Compare(NAME, Comparison.GT, "x"), {"range": {"acme.name": {"gt": "x"}}}),
        (Compare(TIME, Comparison.LT, Instant(0)), {"range": {"acme.time": {"lt": "1970-01-01T00:00:00.000Z"}}}),
        # query-dsl-range-query, "Date math and rounding": gt rounds up, to the end of the day.
        (Compare(TIME, Comparison.GT, Now(0, "d")), {"range": {"acme.time": {"gte": "now+1d/d"}}}),
        (Compare(TIME, Comparison.LE, Now(0, "d")), {"range": {"acme.time": {"lt": "now+1d/d"}}}),
        (phrase(patterns.of("a"), patterns.of("b")), {"match_phrase": {"acme.text": "a b"}}),
        (phrase(patterns.of("a*", RUN)), {"wildcard": {"acme.text": {"value": "a\\**"}}}),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else "",
)
def test_a_condition_is_a_clause(where: Predicate, expected: dict[str, object]) -> None:
    assert clause(where, named(where)) == expected


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (Constant(value=True), "*: *"),
        (Constant(value=False), "not *: *"),
        (Compare(NAME, Comparison.GT, "x"), 'acme.name > "x"'),
        (phrase(patterns.of("a", RUN)), "acme.text: a*"),
        (Compare(TIME, Comparison.EQ, Instant(0)), 'acme.time: "1970-01-01T00:00:00.000Z"'),
    ],
)
def test_a_condition_is_kuery(where: Predicate, written: str) -> None:
    assert layout(kuery(where, named(where))) == written


NO_KIND = Field("process.name", Kind.LONG)
"""A field under whose name ECS has no number."""
ECS = Names(Schema())


@pytest.mark.parametrize(
    ("where", "why"),
    [
        (phrase(patterns.of("a", RUN), patterns.of("b")), "Query DSL has no phrase with a wildcard in it"),
        (Compare(NAME, Comparison.EQ, "x"), "a moment or an order of texts is asked for equality"),
        (Compare(TIME, Comparison.EQ, Now(0)), "a moment or an order of texts is asked for equality"),
        (Compare(COUNT, Comparison.GT, "x"), "an order of texts is asked of a field that has none"),
        (Holds(Call(Function.LENGTH, (NAME,))), "kuery and its filters compute nothing"),
    ],
)
def test_error_what_query_dsl_has_no_words_for(where: Predicate, why: str) -> None:
    with pytest.raises(UnsaidError) as caught:
        clause(where, named(where))
    assert (caught.value.why, caught.value.part) == (why, where)


@pytest.mark.parametrize("say", [clause, kuery, eql], ids=["filter", "kuery", "eql"])
def test_error_a_field_of_which_there_is_no_index(say: Callable[[Predicate, Names], object]) -> None:
    where = Compare(NO_KIND, Comparison.GT, 5)
    with pytest.raises(UnsaidError, match=r"no index of process\.name is of the kind long"):
        say(where, ECS)


def call(function: Function, *arguments: object, case: Case = Case.SENSITIVE) -> Call:
    values = [a if isinstance(a, Call | Field) else Literal(a) for a in arguments]  # type: ignore[arg-type]
    return Call(function, tuple(values), case)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (call(Function.EQ, NAME, Field("acme.b"), case=Case.INSENSITIVE), "EQL compares without regard to case with constants only"),
        (call(Function.LIKE, NAME, Field("acme.b")), "EQL's wildcards are constants"),
        (call(Function.LIKE, NAME, patterns.of("a*", RUN)), "EQL's wildcards have no escape for * and ?"),
        (call(Function.GT, NAME, Instant(5)), "EQL's functions take neither dates nor patterns"),
        (call(Function.GT, NO_KIND, 5), "no index of process.name is of the kind long"),
    ],
)  # fmt: skip
def test_error_what_a_script_of_eql_has_no_words_for(asked: Call, why: str) -> None:
    where = Holds(asked)
    with pytest.raises(UnsaidError) as caught:
        script.condition(asked, ECS if "no index" in why else named(where), where)
    assert caught.value.why == why
