"""Every node of the predicate model, read from its docstring."""

from __future__ import annotations

import pytest

from converter.model import pattern
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Element,
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
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now
from converter.reference import matches

A = Field("a")
N = Field("n", Kind.LONG)
ANY, ONE = Wild.ANY_RUN, Wild.ANY_ONE
INSENSITIVE, SENSITIVE = Case.INSENSITIVE, Case.SENSITIVE


def is_x(field: Field = A) -> OneOf:
    return OneOf(field, ("x",), SENSITIVE)


def test_connectives() -> None:
    yes, no = Constant(value=True), Constant(value=False)
    assert matches(And(()), {})
    assert not matches(Or(()), {})
    assert matches(And((yes, Not(no))), {})
    assert not matches(And((yes, no)), {})
    assert matches(Or((no, yes)), {})


def test_negation_is_true_on_a_missing_field() -> None:
    events: tuple[dict[str, object], ...] = ({}, {"a": None}, {"a": []}, {"a": ["y"]})
    for event in events:
        assert matches(Not(is_x()), event)
    assert not matches(Not(is_x()), {"a": ["y", "x"]})


def test_present_counts_the_empty_text_and_no_null() -> None:
    assert matches(Present(A), {"a": ""})
    assert not matches(Present(A), {"a": [None]})
    assert not matches(Present(N), {"n": "malformed"})


@pytest.mark.parametrize(
    ("comparison", "holding"),
    [
        (Comparison.EQ, {5}),
        (Comparison.LT, {4}),
        (Comparison.LE, {4, 5}),
        (Comparison.GT, {6}),
        (Comparison.GE, {5, 6}),
    ],
)
def test_comparisons(comparison: Comparison, holding: set[int]) -> None:
    assert {n for n in (4, 5, 6) if matches(Compare(N, comparison, 5), {"n": str(n)})} == holding


def test_comparison_holds_if_any_value_does() -> None:
    assert matches(And((Compare(N, Comparison.LT, 1), Compare(N, Comparison.GT, 9))), {"n": [0, 10]})


def test_comparison_by_kind() -> None:
    assert matches(Compare(A, Comparison.LT, "9"), {"a": 10})
    assert matches(Compare(Field("b", Kind.BOOLEAN), Comparison.EQ, value=True), {"b": "true"})
    assert matches(Compare(Field("d", Kind.DOUBLE), Comparison.EQ, 1.5), {"d": "1.5"})
    when = Compare(Field("t", Kind.DATE), Comparison.GE, Instant(1000))
    assert matches(when, {"t": "1970-01-01T00:00:01Z"})
    assert not matches(when, {"t": 999})
    low = Compare(Field("i", Kind.IP), Comparison.GE, "10.0.0.9")
    assert matches(low, {"i": "10.0.0.10"})
    assert not matches(Compare(Field("i", Kind.IP), Comparison.GE, "junk"), {"i": "10.0.0.10"})
    assert not matches(Compare(N, Comparison.EQ, "5"), {"n": 5})


def test_date_math_counts_from_now() -> None:
    day = 86_400_000
    recent = Compare(Field("t", Kind.DATE), Comparison.GE, Now(-day, "d"))
    assert matches(recent, {"t": day}, now=2 * day + 5)
    assert not matches(recent, {"t": day - 1}, now=2 * day + 5)
    plain = Compare(Field("t", Kind.DATE), Comparison.LT, Now(-1))
    assert matches(plain, {"t": 0})
    assert not matches(plain, {"t": 7}, now=8)


def test_one_of_folds_ascii_only() -> None:
    kelvin = OneOf(A, ("k\u00e9",), INSENSITIVE)
    assert matches(kelvin, {"a": "K\u00e9"})
    assert not matches(kelvin, {"a": "K\u00c9"})
    assert not matches(kelvin, {"a": "\u212a\u00e9"})
    assert not matches(is_x(), {"a": "X"})
    assert not matches(is_x(), {"a": "xx"})


@pytest.mark.parametrize(
    ("parts", "texts", "others"),
    [
        (("a", ANY), ["a", "ab", "a\n"], ["ba", "A"]),
        ((ANY, "a"), ["a", "ba", "aa", "\na"], ["ab"]),
        ((ANY, "a", ANY, "b", ANY), ["ab", "xaxbx", "aab"], ["ba", "b"]),
        (("a", ONE, "b"), ["axb", "a\nb", "a😀b"], ["ab", "axxb"]),
        ((ANY,), ["", "x"], []),
        ((ONE, ANY), ["x"], [""]),
        ((), [""], ["x"]),
    ],
)
def test_like(parts: tuple[str | Wild, ...], texts: list[str], others: list[str]) -> None:
    like = Like(A, (pattern.of("never"), pattern.of(*parts)), SENSITIVE)
    assert [t for t in texts if not matches(like, {"a": t})] == []
    assert [t for t in others if matches(like, {"a": t})] == []


def test_like_insensitive() -> None:
    assert matches(Like(A, (pattern.of("AbC", ANY),), INSENSITIVE), {"a": "aBcd"})


def test_like_takes_no_exponential_time() -> None:
    many = pattern.of(*(part for _ in range(40) for part in (ANY, "a")), ANY, "b")
    assert not matches(Like(A, (many,), SENSITIVE), {"a": "a" * 2000})


LETTERS = CharClass((("a", "c"),))


@pytest.mark.parametrize(
    ("regex", "texts", "others"),
    [
        (Concat((Char("a"), AnyChar())), ["ab", "a\n"], ["a", "abc", "b"]),
        (Alternate((Char("a"), Concat((Char("b"), Char("c"))))), ["a", "bc"], ["b", "abc"]),
        (Repeat(Char("a"), 2, 3), ["aa", "aaa"], ["a", "aaaa"]),
        (Repeat(Char("a"), 0, None), ["", "aaaa"], ["b"]),
        (Repeat(Repeat(Char("a"), 0, None), 3, None), ["", "a"], ["b"]),
        (Repeat(LETTERS, 1, 1), ["a", "c"], ["d", "A", ""]),
        (CharClass((("a", "c"),), negated=True), ["d", "\n"], ["a", ""]),
        (Concat(()), [""], ["a"]),
    ],
)
def test_regexes_match_whole_values(regex: Regex, texts: list[str], others: list[str]) -> None:
    node = Matches(A, (regex,), SENSITIVE)
    assert [t for t in texts if not matches(node, {"a": t})] == []
    assert [t for t in others if matches(node, {"a": t})] == []


def test_regex_class_stays_case_sensitive() -> None:
    node = Matches(A, (Concat((Char("x"), LETTERS)),), INSENSITIVE)
    assert matches(node, {"a": "Xb"})
    assert not matches(node, {"a": "XB"})


def test_regex_takes_no_exponential_time() -> None:
    nested = Repeat(Repeat(Repeat(Char("a"), 1, None), 1, None), 1, None)
    assert not matches(Matches(A, (Concat((nested, Char("b"))),), SENSITIVE), {"a": "a" * 300})


def test_networks_on_text_and_addresses() -> None:
    for field in (A, Field("a", Kind.IP)):
        node = InNetwork(field, ("10.0.0.0/8", "2001:db8::/32", "junk"))
        assert matches(node, {"a": ["x", 5, "10.255.255.255"]})
        assert matches(node, {"a": "2001:DB8:0::1"})
        assert not matches(node, {"a": "11.0.0.0"})
        assert not matches(node, {"a": "x"})


def phrase(*words: str) -> Phrase:
    return Phrase(Field("m", Kind.TEXT), tuple(pattern.of(w) for w in words), Analyzer.STANDARD)


def test_phrases_are_consecutive_tokens_of_one_value() -> None:
    assert matches(phrase("load", "it"), {"m": "please LOAD-it!"})
    assert not matches(phrase("load", "it"), {"m": ["load", "it"]})
    assert not matches(phrase("load", "it"), {"m": "it load"})
    assert not matches(phrase("oad"), {"m": "load"})
    assert not matches(phrase(), {"m": "load"})
    wild = Phrase(Field("m", Kind.TEXT), (pattern.of("lo", ANY),), Analyzer.STANDARD)
    assert matches(wild, {"m": "do Load"})


def test_element_needs_one_object_for_all() -> None:
    b, c = is_x(Field("a.b")), is_x(Field("a.c"))
    node = Element("a", And((b, c)))
    assert matches(node, {"a": [{"b": "y"}, {"b": "x", "c": "x"}]})
    assert not matches(node, {"a": [{"b": "x"}, {"c": "x"}]})
    assert matches(And((b, c)), {"a": [{"b": "x"}, {"c": "x"}]})
    assert matches(Element("a", And((b, Not(c)))), {"a": [{"b": "x"}, {"c": "x"}]})
    assert not matches(Element("a", Not(b)), {"a": []})
    assert not matches(Element("a", b), {"b": "x"})


def script(function: Function, *arguments: object, case: Case = SENSITIVE) -> Predicate:
    values = tuple(a if isinstance(a, (Field, Call)) else Literal(a) for a in arguments)  # type: ignore[arg-type]
    return Holds(Call(function, values, case))


def test_scripts_try_every_combination() -> None:
    twice = script(Function.AND, Call(Function.EQ, (A, Literal("x"))), Call(Function.EQ, (A, Literal("y"))))
    assert matches(twice, {"a": ["x", "y"]})
    assert not matches(twice, {"a": "x"})
    assert not matches(script(Function.EQ, A, "x"), {})
    assert matches(script(Function.IS_NULL, A), {})
    assert not matches(script(Function.LENGTH, A), {"a": "x"}), "1 is not true"
    assert matches(script(Function.EQ, Field("i", Kind.IP), "1.2.3.4"), {"i": "::ffff:1.2.3.4"})
