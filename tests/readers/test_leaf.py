"""One leaf for one clause: the languages agree on every kind of field, and on what a value cannot be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.diagnostics import Diagnostic, Severity, render
from converter.fields.analysis import may_hold, tokens
from converter.fields.schema import FieldInfo, Schema
from converter.languages.eql import parse as eql_language
from converter.languages.kuery import parse as kuery_language
from converter.languages.lucene import parse as lucene_language
from converter.model.metadata import Filter
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import (
    Analyzer,
    Between,
    Compare,
    Comparison,
    Constant,
    End,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.rule import Match
from converter.model.value import Field, Instant, Kind, Now
from converter.model.walk import without_spans
from converter.readers import eql, kuery, lucene
from converter.readers.lucene import lower_filters
from converter.reference import matches

SCHEMA = Schema(
    [
        *(FieldInfo(kind.value, kind, many=False) for kind in Kind),
        *(FieldInfo(f"{kind.value}s", kind, many=True) for kind in Kind),
        FieldInfo("command", Kind.KEYWORD, many=False, wildcard=True),
        FieldInfo("nested", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("nested.inner.name", Kind.KEYWORD, many=False),
    ]
)

Found = tuple[Predicate, tuple[Diagnostic, ...]]


def read_kuery(query: str) -> Found:
    found = kuery.lower(kuery_language.parse(query), SCHEMA)
    return found.predicate, found.diagnostics


def read_lucene(query: str) -> Found:
    found = lucene.lower(lucene_language.parse(query), SCHEMA)
    return found.predicate, found.diagnostics


def read_filter(query: str) -> Found:
    found = lower_filters([Filter(query)], SCHEMA)
    return found.predicate, found.diagnostics


def read_eql(query: str) -> Found:
    found = eql.lower(eql_language.parse(f"any where {query}"), SCHEMA)
    assert isinstance(found.detection, Match)
    return normalise(found.detection.where), found.diagnostics


READ: dict[str, Callable[[str], Found]] = {
    "kuery": read_kuery,
    "lucene": read_lucene,
    "filter": read_filter,
    "eql": read_eql,
}


def field(path: str) -> Field:
    return SCHEMA.info(path).field()


def term(path: str, value: object) -> str:
    return json.dumps({"term": {path: {"value": value}}})


def compare(path: str, comparison: Comparison, value: object) -> Compare:
    return Compare(field(path), comparison, value)  # type: ignore[arg-type]


DAY = (Instant(1717113600000), Instant(1717199999999))
SAME: list[tuple[str, dict[str, str], Predicate]] = [
    (
        "keyword",
        {"kuery": "keyword: A1", "lucene": "keyword:A1", "filter": term("keyword", "A1"), "eql": 'keyword == "A1"'},
        OneOf(field("keyword"), ("A1",), Case.SENSITIVE),
    ),
    (
        "keyword and number",
        {"kuery": "keyword: 5", "lucene": "keyword:5", "filter": term("keyword", 5), "eql": "keyword == 5"},
        OneOf(field("keyword"), ("5",), Case.SENSITIVE),
    ),
    (
        "keyword without case",
        {
            "filter": json.dumps({"term": {"keyword": {"value": "A1", "case_insensitive": True}}}),
            "eql": 'keyword : "A1"',
        },
        OneOf(field("keyword"), ("A1",), Case.INSENSITIVE),
    ),
    (
        "long",
        {"kuery": "long: 5", "lucene": "long:5.0", "filter": term("long", "5"), "eql": 'long == "5"'},
        compare("long", Comparison.EQ, 5),
    ),
    (
        "double",
        {"kuery": "double: 1.5", "lucene": "double:15e-1", "filter": term("double", 1.5), "eql": "double == 1.5"},
        compare("double", Comparison.EQ, 1.5),
    ),
    (
        "boolean",
        {
            "kuery": "boolean: true",
            "lucene": "boolean:true",
            "filter": term("boolean", "true"),
            "eql": "boolean == true",
        },
        compare("boolean", Comparison.EQ, value=True),
    ),
    (
        "network",
        {
            "kuery": 'ip: "10.0.0.0/8"',
            "lucene": 'ip:"10.1.0.0/8"',
            "filter": term("ip", "10.0.0.0/8"),
            "eql": 'ip == "10.0.0.0/8"',
        },
        InNetwork(field("ip"), ("10.0.0.0/8",)),
    ),
    (
        "a day of many dates",
        {
            "kuery": "dates: 2024-05-31",
            "lucene": "dates:[2024-05-31 TO 2024-05-31]",
            "filter": json.dumps({"range": {"dates": {"gte": "2024-05-31", "lte": "2024-05-31"}}}),
            "eql": 'dates == "2024-05-31"',
        },
        Between(field("dates"), End(DAY[0]), End(DAY[1])),
    ),
    (
        "a moment of many dates",
        {"kuery": 'dates: "2024-05-31T00:00:00.000Z"', "eql": 'dates == "2024-05-31T00:00:00.000Z"'},
        compare("dates", Comparison.EQ, DAY[0]),
    ),
    (
        "date math",
        {"kuery": "date > now-7d", "lucene": "date:>now-7d", "eql": 'date > "now-7d"'},
        compare("date", Comparison.GT, Now(-604_800_000)),
    ),
    (
        "one of many numbers in a range",
        {
            "lucene": "longs:[1 TO 5}",
            "filter": json.dumps({"range": {"longs": {"gt": 0, "gte": 1, "lt": 5}}}),
        },
        Between(field("longs"), End(1), End(5, included=False)),
    ),
    (
        "wildcard",
        {
            "kuery": "keyword: a*b",
            "lucene": "keyword:a*b",
            "filter": json.dumps({"wildcard": {"keyword": {"value": "a*b"}}}),
            "eql": 'keyword like "a*b"',
        },
        Like(field("keyword"), (of("a", Wild.ANY_RUN, "b"),), Case.SENSITIVE),
    ),
    (
        "any value",
        {"kuery": "keyword: *", "lucene": "keyword:*", "eql": 'keyword like "*"'},
        Present(field("keyword")),
    ),
    ("everything", {"kuery": "*", "lucene": "*", "eql": "true"}, Constant(value=True)),
    ("nothing", {"kuery": "not *", "lucene": "NOT *", "eql": "false"}, Constant(value=False)),
    (
        "missing",
        {"kuery": "not long: *", "lucene": "NOT _exists_:long", "eql": "long == null"},
        Not(Present(field("long"))),
    ),
]
PAIRS = [(name, language, query, wanted) for name, texts, wanted in SAME for language, query in texts.items()]


@pytest.mark.parametrize(
    ("language", "query", "wanted"),
    [p[1:] for p in PAIRS],
    ids=[f"{name} ({language})" for name, language, *_ in PAIRS],
)
def test_one_meaning_whatever_the_language(language: str, query: str, wanted: Predicate) -> None:
    predicate, found = READ[language](query)
    assert not [d for d in found if d.severity is not Severity.NOTE]
    assert without_spans(predicate) == wanted


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("long", "five", "long holds numbers, and 'five' is none"),
        ("long", "99999999999999999999", "99999999999999999999 is beyond the numbers that long can hold"),
        ("double", "1.x", "double holds numbers, and '1.x' is none"),
        ("boolean", "yes", "boolean holds true or false, and 'yes' is neither"),
        ("ip", "10.0.0.300", "ip holds addresses, and '10.0.0.300' is none"),
        ("date", "2024-13-01", "date holds dates: '2024-13-01' is not a date"),
    ],
)
def test_error_value_of_another_kind(path: str, value: str, message: str) -> None:
    texts = {
        "kuery": f'{path}: "{value}"',
        "lucene": f'{path}:"{value}"',
        "filter": term(path, value),
        "eql": f'{path} == "{value}"',
    }
    for language, query in texts.items():
        found = [d.message for d in READ[language](query)[1] if d.severity is Severity.ERROR]
        assert found == [message], language


def test_error_an_order_of_networks_is_none() -> None:
    (found,) = read_eql('ip < "10.0.0.0/8"')[1]
    assert found.message == "ip holds addresses, and '10.0.0.0/8' is none"


def test_classes_ignore_case_where_the_clause_does() -> None:
    """A single letter of a class folds with case_insensitive, a range does not: filters and EQL say the same."""
    expression = "[ab]c[x-z]"
    filtered = read_filter(json.dumps({"regexp": {"keyword": {"value": expression, "case_insensitive": True}}}))[0]
    queried = read_eql(f'keyword regex~ "{expression}"')[0]
    assert without_spans(filtered) == without_spans(queried)
    assert isinstance(filtered, Matches)
    for text, expected in (("acx", True), ("Bcx", True), ("acX", False), ("ACx", True)):
        assert matches(filtered, {"keyword": text}) is expected, text


# ---- one value between two ends (conformance/attack/05)


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("longs:[1 TO 5]", [[0, 3], 1, "5", [10, 5]], [[0, 10], 0, 6, [], None, ["x"]]),
        ("longs:{1 TO 5}", [[1, 3]], [[1, 5], [0, 10]]),
        ("doubles:[0.5 TO 1}", [[0, 0.75], 0.5], [[0, 1], [0.4, 1.1]]),
        ("keywords:[b TO d]", [["a", "c"], "b", "d"], [["a", "e"], "da"]),
        ("ips:[10.0.0.1 TO 10.0.0.3]", [["1.1.1.1", "10.0.0.2"], "::ffff:10.0.0.1"], [["10.0.0.0", "10.0.0.4"]]),
        (
            "dates:[2024-05-31 TO 2024-05-31]",
            ["2024-05-31T23:59:59.999Z", ["2020-01-01", "2024-05-31"]],
            [["2024-05-30", "2024-06-01"]],
        ),
    ],
)
def test_one_value_lies_between_the_ends(query: str, inside: list[object], outside: list[object]) -> None:
    predicate, found = read_lucene(query)
    assert not found
    path = query.partition(":")[0]
    assert [matches(predicate, {path: value}) for value in inside] == [True] * len(inside)
    assert [matches(predicate, {path: value}) for value in outside] == [False] * len(outside)


def test_two_clauses_may_be_met_by_two_values() -> None:
    for predicate in (read_kuery("longs >= 1 and longs <= 5")[0], read_eql("longs >= 1 and longs <= 5")[0]):
        assert matches(predicate, {"longs": [0, 10]})


# ---- wildcards that Kibana sends as query strings (conformance/attack/06)


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("command: *a b*", ((Wild.ANY_RUN, "a"), ("b", Wild.ANY_RUN))),
        ("command: *x*", ((Wild.ANY_RUN, "x", Wild.ANY_RUN),)),
        ("command: a*  c*d", (("a", Wild.ANY_RUN), ("c", Wild.ANY_RUN, "d"))),
    ],
)
def test_wildcards_on_the_wildcard_type_are_cut_at_blanks(query: str, parts: Iterable[tuple[str | Wild, ...]]) -> None:
    predicate, found = read_kuery(query)
    assert without_spans(predicate) == Like(field("command"), tuple(of(*p) for p in parts), Case.SENSITIVE)
    assert [d.code for d in found] == (["K026"] if " " in query.partition(": ")[2] else [])


def test_words_without_a_sign_stay_together() -> None:
    predicate, _ = read_kuery("command: foo bar b*z")
    whole = OneOf(field("command"), ("foo bar",), Case.SENSITIVE)
    rest = Like(field("command"), (of("b", Wild.ANY_RUN, "z"),), Case.SENSITIVE)
    assert without_spans(predicate) == Or((whole, rest))
    assert without_spans(read_kuery("keyword: *a b*")[0]) == Like(
        field("keyword"), (of(Wild.ANY_RUN, "a b", Wild.ANY_RUN),), Case.SENSITIVE
    )


def test_error_operator_words_of_a_query_string() -> None:
    assert [d.code for d in read_kuery("command: *a OR* AND")[1] if d.severity is Severity.ERROR] == ["K013"]


# ---- names that took long, or deep calls (conformance/attack/01 to 03)


@pytest.mark.parametrize(
    "query",
    [
        "e" + "*" * 7 + "Z: x",
        "*".join("process") + "*Z: x",
        ".".join("a" * 990) + ": x",
        "process.name" + ".text" * 1_500 + ": x",
        "nested." + ".".join("a" * 990) + ": x",
    ],
    ids=["stars", "stars between letters", "dots", "text", "nested"],
)
@pytest.mark.parametrize("language", ["kuery", "lucene", "filter", "eql"])
def test_long_names_take_no_time(language: str, query: str) -> None:
    name = query.partition(":")[0]
    if language == "eql" and "*" in name:
        return  # EQL's names have no wildcards
    texts = {
        "kuery": query,
        "lucene": query.replace("*", "\\*"),
        "filter": json.dumps({"query_string": {"query": "x", "fields": [name]}}),
        "eql": f'{name} == "x"',
    }
    start = time.perf_counter()
    predicate, _ = READ[language](texts[language])
    assert time.perf_counter() - start < 1
    assert predicate is not None


def test_a_multi_field_has_no_multi_field() -> None:
    assert SCHEMA.info("process.name.text").declared
    assert not SCHEMA.info("process.name.text.text").declared
    assert SCHEMA.info("process.name.caseless").folded


def test_the_innermost_array_around_a_field() -> None:
    assert SCHEMA.array_around("nested.inner.name") == "nested"
    assert SCHEMA.array_around("nested") == ""
    assert SCHEMA.array_around("nested", itself=True) == "nested"
    assert SCHEMA.array_around("keyword") == ""
    assert SCHEMA.array_around("nested.inner.name", itself=True) == "nested"


def test_every_escape_of_eql() -> None:
    predicate, found = read_eql(r'''keyword == "\b\t\n\f\r\"\'\\\u{e9}"''')
    assert not found
    assert without_spans(predicate) == OneOf(field("keyword"), ("\b\t\n\f\r\"'\\é",), Case.SENSITIVE)


@pytest.mark.parametrize("text", ["*a b*", "*x*", "a* c*d", "foo bar b*z", "b*z foo bar", "*a foo b* bar"])
def test_kuery_on_the_wildcard_type_is_the_query_string_that_kibana_sends(text: str) -> None:
    sent = json.dumps({"query_string": {"query": text, "fields": ["command"]}})
    assert without_spans(read_kuery(f"command: {text}")[0]) == without_spans(read_filter(sent)[0])


# ---- a wildcard that asks for a sign at which words are cut (conformance/attack/04)


@pytest.mark.parametrize("pattern", ["*foo-bar*", "foo..b*", "a?*", "*a.1*", "x,y*"])
def test_no_word_holds_the_sign(pattern: str) -> None:
    predicate, found = read_kuery(f"text: {pattern}")
    assert predicate == Constant(value=False)
    assert [str(d.code) for d in found] == ["K025"]


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ('{"wildcard": {"text": "*Foo*"}}', "text is analysed text in lower case, so that this is never found in it"),
        ('{"prefix": {"text": "Foo"}}', "text is analysed text in lower case, so that this is never found in it"),
        (
            '{"wildcard": {"text": "*foo-b*"}}',
            "the words of text are cut at signs that this asks for, so that it is never found in one",
        ),
    ],
)
def test_a_clause_that_is_not_analysed_asks_for_what_no_word_holds(clause: str, said: str) -> None:
    predicate, found = read_filter(clause)
    assert predicate == Constant(value=False)
    assert [render(d) for d in found] == [f"note[L025]: {said}"]
    assert read_filter(f'{{"bool": {{"must_not": [{clause}]}}}}')[0] == Constant(value=True)


@pytest.mark.parametrize(
    ("pattern", "text"), [("*foo.bar*", "foo.bar"), ("*.exe*", "a.exe"), ("foo_b*", "foo_bar"), ("1,0*", "1,000")]
)
def test_a_sign_that_joins_words_is_kept(pattern: str, text: str) -> None:
    predicate, found = read_kuery(f"text: {pattern}")
    assert matches(predicate, {"text": text})
    assert not found


@given(st.text("ab01_.,:'- \u00e9\u0301", max_size=9), st.text("ab01_.,:'- \u00e9\u0301", min_size=1, max_size=3))
@pytest.mark.parametrize("analyzer", list(Analyzer))
def test_what_may_not_be_held_is_in_no_word(analyzer: Analyzer, text: str, part: str) -> None:
    held = any(part in word for word in tokens(text, analyzer))
    assert may_hold(part, analyzer) or not held
