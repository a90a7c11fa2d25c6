"""Conditions for single events: what the search finds is what the reference evaluator says, under every reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from golden import check_golden
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NESTED, events, predicates
from targets.splunk_cases import as_declared, emitted, found, in_splunk, text_of

from converter.forms.choose import Trust
from converter.languages.regex.render import parse_lucene
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    Holds,
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
from converter.model.value import Call, Computed, Field, Function, Instant, Kind, Literal, Now
from converter.reference import matches
from converter.target import Options

GOLDEN = Path(__file__).parent / "golden" / "splunk"
CS, CI = Case.SENSITIVE, Case.INSENSITIVE


def one(path: str, kind: Kind = Kind.KEYWORD, facts: frozenset[Fact] = frozenset()) -> Field:
    return Field(path, kind, many=False, facts=facts)


@settings(max_examples=100)
@given(predicates(), st.lists(events(), min_size=1, max_size=6), st.sampled_from(Trust))
def test_verdicts_of_random_predicates(predicate: Predicate, some: list[Mapping[str, object]], trust: Trust) -> None:
    declared = [as_declared(event) for event in some]
    emission = emitted(predicate, options=Options("search", trust=trust, bare=True, inline_macros=True))
    if not emission.text:
        assert {d.code for d in emission.diagnostics if d.severity.value == "error"} == {"T202"}
        return
    wanted = [number for number, event in enumerate(declared) if matches(normalise(predicate), event, 0)]
    assert found(emission.text, [in_splunk(event) for event in declared], now=0.0) == wanted


GOLDENS: dict[str, Predicate] = {
    "plain": And((OneOf(one("a.b"), ("x",), CS), OneOf(one("c"), ("y", "z"), CS))),
    "many": And((OneOf(Field("args"), ("-c",), CS), Not(OneOf(Field("args"), ("-d", "-e"), CS)))),
    "insensitive": And((OneOf(one("a"), ("PowerShell",), CI), Like(one("a"), (of("p", Wild.ANY_RUN),), CI))),
    "closed": Or(
        (
            OneOf(one("a", facts=frozenset({Fact.ONE_SPELLING})), ("X",), CS),
            Compare(one("n", Kind.LONG), Comparison.GE, 100),
        )
    ),
    "negated": And((Not(OneOf(one("a"), ("x",), CS)), Not(Like(one("a"), (of(Wild.ANY_RUN, "é"),), CI)))),
    "network": And(
        (
            InNetwork(one("ip", Kind.IP), ("10.0.0.0/8", "fe80::/10")),
            Or((InNetwork(Field("ips", Kind.IP), ("10.0.0.0/8",)), Present(one("a")))),
        )
    ),
    "order": And((Compare(one("a"), Comparison.LT, "b"), Compare(Field("n", Kind.LONG), Comparison.GT, 5))),
    "moment": Or(
        (
            Compare(one("@timestamp", Kind.DATE), Comparison.GE, Now(-86_400_000, "d")),
            Compare(one("day", Kind.DATE), Comparison.LT, Instant(1_700_000_000_123)),
        )
    ),
    "phrase": Phrase(one("text", Kind.TEXT), (of("ab"), of("c", Wild.ANY_RUN)), Analyzer.STANDARD),
    "nested": Element("deltas", And((OneOf(one("deltas.action"), ("ADD",), CS), Present(Field("deltas.role"))))),
    "long": Or(tuple(And((OneOf(one(f"field{i}"), ("value",), CS), Present(one("other")))) for i in range(4))),
    "constant": Constant(value=True),
    "never": Constant(value=False),
}


@pytest.mark.parametrize("name", sorted(GOLDENS))
def test_text_of_each_form(name: str, update_golden: bool) -> None:
    check_golden(GOLDEN / f"{name}.spl", text_of(GOLDENS[name]), update=update_golden)


def test_field_of_an_expression_is_computed_once() -> None:
    way = Computed('mvindex(split(UserId,"@"),0)')
    field = Field("user.name", many=False, way=way)
    text = text_of(Or((OneOf(field, ("a",), CS), Not(OneOf(field, ("b",), CS)))))
    assert text.count("mvindex") == 1
    assert found(text, [{"UserId": "a@x"}, {"UserId": "b@x"}, {"UserId": "c@x"}, {}]) == [0, 2, 3]


def test_columns_of_two_expressions_have_two_names() -> None:
    fields = [Field("u.a", many=False, way=Computed(f"lower({c})")) for c in "xy"]
    text = text_of(And(tuple(OneOf(f, ("v",), CS) for f in fields)))
    assert "u_a=lower(x)" in text
    assert "u_a_2=lower(y)" in text


def test_reserved_names_are_left_to_where() -> None:
    text = text_of(OneOf(one("earliest"), ("-1d",), CI))
    assert "earliest=" not in text
    assert found(text, [{"earliest": "-1d"}, {"earliest": "x"}, {}]) == [0]


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a`b", "a$b", "a|b", "a\\b", "a*b", "a\nb", "", " a"])
def test_error_field_name_that_cannot_be_quoted(name: str) -> None:
    emission = emitted(OneOf(one(name), ("x",), CS))
    assert emission.text == ""
    assert [d.code for d in emission.diagnostics] == ["T201"]


def test_error_nested_array_in_a_nested_array() -> None:
    emission = emitted(Element("a", Element("a.b", Present(one("a.b.c")))))
    assert "T202" in {d.code for d in emission.diagnostics}


def test_numbers_beyond_doubles_are_approximate() -> None:
    where = Or((Compare(one("n", Kind.LONG), Comparison.EQ, 2**53 + 1), Present(one("a"))))
    assert [d.code for d in emitted(where).diagnostics] == ["T205"]


def test_facts_are_said_once() -> None:
    where = And((OneOf(one("a"), ("k",), CI), OneOf(one("b"), ("s",), CI), InNetwork(one("ip"), ("10.0.0.0/8",))))
    emission = emitted(where)
    assert [d.code for d in emission.diagnostics] == ["T214"]
    assert [(a.fact, a.column) for a in emission.assumed] == [(Fact.ASCII_CASE, "")]
    strict = emitted(where, options=Options("search", trust=Trust.STRICT))
    assert [d.code for d in strict.diagnostics] == ["T214"]
    assert "(?-i:[kK])" in strict.text
    assert strict.assumed == ()


def verdicts(predicate: Predicate, some: list[Mapping[str, object]], options: Options | None = None) -> list[int]:
    emission = emitted(predicate, options=options)
    got = found(emission.text, [in_splunk(event) for event in some], now=0.0)
    assert got == [n for n, event in enumerate(some) if matches(normalise(predicate), event, 0)]
    return got


def test_letters_of_words_beyond_ascii() -> None:
    """conformance/attack/15: Splunk documents no folding beyond ASCII, Elastic's analyzer folds all of Unicode."""
    word = Phrase(one("message", Kind.TEXT), (of("\u00e9mile"),), Analyzer.STANDARD)
    text = emitted(word).text
    assert "(?:\u00e9|\u00c9)mile" in text
    some: list[Mapping[str, object]] = [{"message": m} for m in ("\u00e9mile", "\u00c9MILE x", "emile", "x\u00e9mile")]
    assert verdicts(word, some) == [0, 1]


@pytest.mark.parametrize("base", [8, 16, 36])
def test_numbers_of_a_base(base: int) -> None:
    """conformance/attack/16: a text with blanks or other signs is no number of a base."""
    call = Call(Function.NUMBER, (one("a"), Literal(base)))
    some: list[Mapping[str, object]] = [
        {"a": t} for t in ("11", " 11", "11 ", "1_1", "0x11", "+11", "-11", "", "z", "9")
    ]
    small = Holds(Call(Function.LT, (call, Literal(1000))))
    assert 0 in verdicts(small, some)
    assert {1, 2, 3, 7}.isdisjoint(verdicts(small, some))


@pytest.mark.parametrize(
    ("expression", "hits"),
    [
        ("k[a-c]+(is|x)?", ["ka", "Kb", "kaIS", "KcX"]),
        ("(s|i)+", ["sI", "S"]),
        ("[k]+", ["k", "kk"]),
    ],
)
def test_letters_of_expressions_fold_as_in_ascii_without_facts(expression: str, hits: list[str]) -> None:
    """Classes keep their case, letters do not, and the Kelvin sign and the long s are no letters of either."""
    where = Matches(one("a"), (parse_lucene(expression),), CI)
    others = ["\u212aa", "k\u017f", "\u017f", "\u0131", "\u212a", "d", ""]
    some: list[Mapping[str, object]] = [{"a": text} for text in (*hits, *others)]
    strict = Options("search", trust=Trust.STRICT, bare=True, inline_macros=True)
    assert [some[n]["a"] for n in verdicts(where, some, strict)] == hits


def member(name: str, kind: Kind = Kind.KEYWORD, *, many: bool = False) -> Field:
    return Field(f"{NESTED}.{name}", kind, many=many)


ROLE, LEVEL, ON, ALL = member("role"), member("level", Kind.LONG), member("on", Kind.BOOLEAN), member("all", many=True)
TERMS: dict[str, Predicate] = {
    "either": Or((OneOf(ROLE, ("a",), CS), Compare(LEVEL, Comparison.GT, 3))),
    "not both": Not(And((OneOf(ROLE, ("a",), CS), Compare(LEVEL, Comparison.GT, 3)))),
    "one and not another": And((OneOf(ROLE, ("a",), CS), Not(OneOf(ALL, ("x",), CS)))),
    "neither": Not(Or((Present(LEVEL), OneOf(ROLE, ("a",), CI)))),
    "true": Compare(ON, Comparison.EQ, value=True),
    "not true": Not(Compare(ON, Comparison.EQ, value=True)),
    "any object": Constant(value=True),
    "no object": Constant(value=False),
    "absent": And((Not(Present(ROLE)), Compare(LEVEL, Comparison.LT, 4))),
    "some value": OneOf(ALL, ("x", "y"), CI),
    "the start of some value": Like(ALL, (of("x", Wild.ANY_RUN),), CI),
    "an expression": Matches(ROLE, (parse_lucene("a|b.*"),), CI),
    "any text": Matches(ROLE, (parse_lucene(".*"),), CS),
    "a network": InNetwork(member("ip", Kind.IP), ("10.0.0.0/8",)),
    "a moment": Compare(member("at", Kind.DATE), Comparison.GT, Instant(1_600_000_000_000)),
    "two ends": Between(LEVEL, End(1), End(3)),
    "an order": Compare(ROLE, Comparison.GE, "b"),
    "two members": Holds(Call(Function.EQ, (ROLE, member("other")))),
}
OBJECTS: list[dict[str, object]] = [
    {"role": "a"},
    {"role": "A", "level": 5},
    {"level": 2},
    {"role": "bc", "on": True, "all": ["x", "z"]},
    {"on": False, "all": "Y"},
    {"role": ""},
    {"ip": "10.1.2.3", "at": "2024-01-01T00:00:00Z"},
    {"ip": "11.0.0.1", "at": "2020-01-01T00:00:00Z"},
    {"role": "x", "other": "x"},
    {},
]


@pytest.mark.parametrize(
    ("name", "negated"),
    [*((name, False) for name in TERMS), ("either", True), ("not both", True), ("any object", True)],
)
def test_one_object_of_an_array_satisfies_a_term(name: str, negated: bool) -> None:
    """Each object alone, two beside each other, and an event without the array."""
    some: list[Mapping[str, object]] = [{NESTED: [one]} for one in OBJECTS]
    where = Element(NESTED, TERMS[name])
    verdicts(Not(where) if negated else where, [*some, {NESTED: OBJECTS[1:4]}, {}])
