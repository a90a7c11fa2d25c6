"""Lucene query strings: what the classic parser reads, and what Elasticsearch makes of it."""

from __future__ import annotations

import time

import pytest

from converter.diagnostics import Severity, Source, render
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.languages.regex.render import parse_lucene
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    Analyzer,
    And,
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
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Instant, Kind
from converter.readers import lucene
from converter.readers.lowered import Lowered, refused

SCHEMA = Schema(
    [
        *(FieldInfo(name, Kind.KEYWORD, many=False) for name in ("a", "b", "c", "d")),
        FieldInfo("many", Kind.LONG, many=True),
        FieldInfo("t", Kind.TEXT, many=False),
        FieldInfo("n", Kind.LONG, many=False),
        FieldInfo("ip", Kind.IP, many=False),
        FieldInfo("at", Kind.DATE, many=False),
        FieldInfo("on", Kind.BOOLEAN, many=False),
        FieldInfo("hash.md5", Kind.KEYWORD, many=False),
        FieldInfo("hash.sha1", Kind.KEYWORD, many=False),
    ]
)
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE


def lowered(query: str) -> Lowered:
    return lucene.lower(lucene.parse(query), SCHEMA)


def meaning(query: str) -> Predicate:
    found = lowered(query)
    assert not refused(found.diagnostics), found.diagnostics
    return found.predicate


def one(path: str, *values: str) -> OneOf:
    return OneOf(SCHEMA.info(path).field(), values, Case.SENSITIVE)


def like(path: str, *parts: str | Wild) -> Like:
    return Like(SCHEMA.info(path).field(), (patterns.of(*parts),), Case.SENSITIVE)


def compare(path: str, comparison: Comparison, value: int | str | Instant) -> Compare:
    return Compare(SCHEMA.info(path).field(), comparison, value)


def between(path: str, low: End, high: End) -> Between:
    return Between(SCHEMA.info(path).field(), low, high)


def present(path: str) -> Present:
    return Present(SCHEMA.info(path).field())


A, B, C, D = one("a", "x"), one("b", "x"), one("c", "x"), one("d", "x")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # operators are prefixes of clauses, not a logic with precedence
        ("a:x", A),
        ("a:x b:x", Or((A, B))),
        ("a:x OR b:x", Or((A, B))),
        ("a:x || b:x", Or((A, B))),
        ("a:x AND b:x", And((A, B))),
        ("a:x && b:x", And((A, B))),
        ("a:x or b:x", None),
        ("a:x OR b:x AND c:x", And((B, C))),
        ("a:x AND b:x OR c:x", And((A, B))),
        ("a:x AND b:x OR c:x AND d:x", And((A, B, C, D))),
        ("(a:x OR b:x) AND c:x", And((Or((A, B)), C))),
        ("+a:x b:x", A),
        ("+a:x +b:x c:x", And((A, B))),
        ("a:x -b:x", And((A, Not(B)))),
        ("a:x NOT b:x", And((A, Not(B)))),
        ("a:x AND NOT b:x", And((A, Not(B)))),
        ("a:x AND !b:x", And((A, Not(B)))),
        ("NOT a:x", Not(A)),
        ("NOT a:x AND b:x", And((B, Not(A)))),
        ("a:x AND (NOT b:x)", And((A, Not(B)))),
        ("a:x OR NOT b:x", And((A, Not(B)))),
        ("a:(x OR y)", one("a", "x", "y")),
        ("a:(x AND NOT y)", And((A, Not(one("a", "y"))))),
        ("a:(x b:x)", Or((A, B))),
        ("((a:x))", A),
        ("+a:x", A),
        ("a:x^2 AND b:x^0.5", And((A, B))),
        # values
        ("a : x", A),
        ("a:New York", None),
        ("a:(New York)", one("a", "New York")),
        ("a:(New  York OR x)", one("a", "New", "York", "x")),
        ('a:"New York"', one("a", "New York")),
        ('a:"x\\"y\\\\"', one("a", 'x"y\\')),
        ("a:x\\ y\\:z", one("a", "x y:z")),
        ("a:\\u0041B", one("a", "AB")),
        ("a:x-y+z", one("a", "x-y+z")),
        ("a:ANDROID", one("a", "ANDROID")),
        ("a\\:b:x", OneOf(Schema().info("a:b").field(), ("x",), Case.SENSITIVE)),
        ("a:x*", like("a", "x", RUN)),
        ("a:*x?y", like("a", RUN, "x", ONE, "y")),
        ("a:x\\*y*", like("a", "x*y", RUN)),
        ("a:*", present("a")),
        ("a:**", present("a")),
        ("a:?", like("a", ONE)),
        ("*:*", Constant(value=True)),
        ("", Constant(value=True)),
        ("  ", Constant(value=True)),
        ("_exists_:a", present("a")),
        ('_exists_:"a"', present("a")),
        ("_exists_:hash.*", Or((present("hash.md5"), present("hash.sha1")))),
        ("NOT _exists_:a", Not(present("a"))),
        ("hash.\\*:x", Or((one("hash.md5", "x"), one("hash.sha1", "x")))),
        ("a:/x[0-9]{3}/", Matches(SCHEMA.info("a").field(), (parse_lucene("x[0-9]{3}"),), Case.SENSITIVE)),
        ("t:Foo", Phrase(SCHEMA.info("t").field(), (patterns.of("foo"),), Analyzer.STANDARD)),
        ('t:"Foo bar"', Phrase(SCHEMA.info("t").field(), (patterns.of("foo"), patterns.of("bar")), Analyzer.STANDARD)),
        ("t:Fo*", Phrase(SCHEMA.info("t").field(), (patterns.of("fo", RUN),), Analyzer.STANDARD)),
        ('ip:"10.0.0.0/8"', InNetwork(SCHEMA.info("ip").field(), ("10.0.0.0/8",))),
        ("n:5", compare("n", Comparison.EQ, 5)),
        # ranges
        ("n:[1 TO 5]", between("n", End(1), End(5))),
        ("n:{1 TO 5}", between("n", End(1, included=False), End(5, included=False))),
        ("n:[1 TO 5}", between("n", End(1), End(5, included=False))),
        ("n:[* TO 5]", compare("n", Comparison.LE, 5)),
        ("n:[1 TO *]", compare("n", Comparison.GE, 1)),
        ("n:[* TO *]", present("n")),
        ('a:["x y" TO z]', between("a", End("x y"), End("z"))),
        ("n:>5", compare("n", Comparison.GT, 5)),
        ("n:>=5", compare("n", Comparison.GE, 5)),
        ("n:<5", compare("n", Comparison.LT, 5)),
        ("n:<=5", compare("n", Comparison.LE, 5)),
        ("n:(>=1 AND <5)", And((compare("n", Comparison.GE, 1), compare("n", Comparison.LT, 5)))),
        ("ip:[10.0.0.0 TO 10.0.0.255]", InNetwork(SCHEMA.info("ip").field(), ("10.0.0.0/24",))),
        ("ip:{10.0.0.9 TO 10.0.0.10}", Constant(value=False)),
        (
            "at:[2024 TO 2024]",
            between("at", End(Instant(1704067200000)), End(Instant(1704153599999))),
        ),
        (
            'at:["2024-05-31T10:00:00.5Z" TO "2024-05-31T10:00:00.500Z"]',
            compare("at", Comparison.EQ, Instant(1717149600500)),
        ),
    ],
)
def test_meaning(query: str, expected: Predicate | None) -> None:
    if expected is None:  # a word without a field is searched everywhere
        assert [d.code for d in lowered(query).diagnostics if d.severity is Severity.ERROR] == ["L013"]
    else:
        assert meaning(query) == expected


def test_default_operator_and() -> None:
    def parsed(query: str) -> Predicate:
        return lucene.lower(lucene.parse(query, default_and=True), SCHEMA).predicate

    assert parsed("a:x b:x") == And((A, B))
    assert parsed("a:x OR b:x") == Or((A, B))
    assert parsed("a:x b:x OR c:x") == A
    assert parsed("a:x -b:x") == And((A, Not(B)))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("free", "L013"),
        ("*:x", "L013"),
        ("_exists_:[a TO b]", "L013"),
        ("a:x~", "L032"),
        ("a:x~2", "L032"),
        ('a:"x y"~3', "L032"),
        ("n:x", "L016"),
        ("ip:10.*", "L020"),
        ("n:/5/", "L020"),
        ("t:foo-b*", "L020"),
        ("t:/foo/", "L024"),
        ("a:/x(/", "L024"),
        ("t:[a TO b]", "L021"),
    ],
)
def test_error_lowering(query: str, code: str) -> None:
    assert [d.code for d in lowered(query).diagnostics if d.severity is Severity.ERROR] == [code]


@pytest.mark.parametrize(
    ("query", "head", "line", "caret", "hint"),
    [
        (
            "a: x OR ip: nope",
            "q:1:9: error[L017]: ip holds addresses, and 'nope' is none",
            "a: x OR ip: nope",
            "        ^^^^^^^^",
            "Write an address such as 10.0.0.1 or 2001:db8::1, or a network such as 10.0.0.0/8.",
        ),
        (
            "at: nope",
            "q:1:1: error[L018]: at holds dates: 'nope' is not a date",
            "at: nope",
            "^^^^^^^^",
            "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d.",
        ),
        (
            "on: maybe",
            "q:1:1: error[L019]: on holds true or false, and 'maybe' is neither",
            "on: maybe",
            "^^^^^^^^^",
            "",
        ),
        (
            't: "!!" OR a: x',
            "q:1:1: note[L023]: '!!' holds no word, so that it is never found in t, which is analysed text",
            't: "!!" OR a: x',
            "^^^^^^^",
            "",
        ),
        (
            "nothing.\\*: x",
            "q:1:1: warning[L011]: no known field is named like nothing.*, so this part never holds",
            "nothing.\\*: x",
            "^^^^^^^^^^",
            "Name the field.",
        ),
        (
            "hash.\\*: x",
            "q:1:1: note[L012]: hash.* stands for 2 known fields: hash.md5, hash.sha1",
            "hash.\\*: x",
            "^^^^^^^",
            "",
        ),
    ],
)
def test_what_is_said_of_a_value_or_a_name(query: str, head: str, line: str, caret: str, hint: str) -> None:
    (found,) = lowered(query).diagnostics
    text = [head, "   |", f" 1 | {line}", f"   | {caret}", *([f"  hint: {hint}"] if hint else [])]
    assert render(found.located(Source("q", query))).split("\n") == text


def test_phrase_with_no_slop_is_a_phrase() -> None:
    assert meaning('a:"x"~0') == A


def test_both_ends_of_a_range_are_met_by_one_value() -> None:
    many = SCHEMA.info("many").field()
    assert meaning("many:[1 TO 5]") == Between(many, End(1), End(5))
    assert meaning("many:{1 TO 5}") == Between(many, End(1, included=False), End(5, included=False))
    assert meaning("many:[5 TO 5]") == Compare(many, Comparison.EQ, 5)
    assert not lowered("many:[1 TO 5]").diagnostics


@pytest.mark.parametrize(
    ("query", "message", "start"),
    [
        ("a:", "expected a field, a value or (, but the query ends", 2),
        ("a:x AND", "expected a field, a value or (, but the query ends", 7),
        ("AND a:x", "expected a condition, but found AND", 0),
        ("a:x OR OR b:x", "expected a condition, but found OR", 7),
        ("(a:x", "expected AND, OR or ), but the query ends", 4),
        ("a:x)", "expected a condition, AND, OR or the end of the query, but found )", 3),
        ('a:"x', 'expected a " that ends the phrase, but found "', 2),
        ("a:/x", "expected a / that ends the regular expression, but found /", 2),
        ("a:[1 5]", "expected TO between the two ends of the range, but found 5", 5),
        ("a:[1 TO ]", "expected an end of the range, but found ]", 8),
        ("a:[1 TO 5", "expected ] or } at the end of the range, but the query ends", 9),
        ("a:x - b:x", "- stands before a blank", 4),
        ("a:\\u00zz", "this value holds an incomplete \\u escape", 0),
        ("a:x b:}", "expected a field, a value or (, but found }", 6),
    ],
)
def test_error_syntax(query: str, message: str, start: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        lucene.parse(query)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("L001", message)
    assert found.span is not None
    assert found.span.start == start


@pytest.mark.parametrize("query", ["(" * 10_000 + "a:x" + ")" * 10_000, "a:(" * 10_000])
def test_error_nests_too_deep(query: str) -> None:
    begin = time.process_time()
    with pytest.raises(QuerySyntaxError) as caught:
        lucene.parse(query)
    assert caught.value.diagnostics[0].code == "L002"
    assert time.process_time() - begin < 0.5


def test_deepest_nesting_is_lowered() -> None:
    assert lowered("(a:x AND NOT " * 49 + "b:x" + ")" * 49).predicate != Constant(value=False)


def test_error_too_long() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        lucene.parse("a:x " * 300_000)
    assert caught.value.diagnostics[0].code == "L003"
