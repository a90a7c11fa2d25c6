"""Whether two conditions are the same under facts: what is shown is true of every event, and what is true is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cases, patterns, texts

from converter.forms.language import UndecidedError, same_texts
from converter.forms.same import same_under
from converter.languages.regex.rust import NotRegularError, searched
from converter.model import pattern as patterns_of
from converter.model.fact import Fact
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Element,
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
from converter.model.value import Field, Kind
from converter.reference.predicate import matches

A, B = Field("a", many=False), Field("b", many=False)
N = Field("n", Kind.LONG, many=False)
MANY, ONE_OF_MANY = Field("m"), Field("m", many=False)
ANY, ONE = Wild.ANY_RUN, Wild.ANY_ONE
FOLDED = Case.INSENSITIVE
N = Field("n", kind=Kind.LONG, many=False)


def like(*parts: str | Wild, field: Field = A, case: Case = Case.SENSITIVE) -> Like:
    return Like(field, (patterns_of.of(*parts),), case)


def is_(*values: str, field: Field = A, case: Case = Case.SENSITIVE) -> OneOf:
    return OneOf(field, values, case)


def regex(text: str) -> Matches:
    return Matches(A, (searched(text),), Case.SENSITIVE)


BIG, SMALL = Field("m", Kind.LONG), Field("m", Kind.LONG, many=False)
X, Y, Z = is_("x"), is_("y"), is_("z", field=B)
GUARDED = And((Present(A), Not(is_("q")), Or((And((Present(A), Not(X))), Z))))
PLAIN = And((Present(A), Not(is_("q")), Or((Not(X), Z))))
SAME: list[tuple[Predicate, Predicate]] = [
    (GUARDED, PLAIN),  # of two conditions that are each other's opposite one holds wherever there is a text
    (like("a", ANY, "b"), And((like("a", ANY), like(ANY, "b")))),
    (like("ab", ANY, "c"), And((like("ab", ANY), like(ONE, ONE, ANY, "c")))),
    (is_("x", "y"), Or((Y, X))),
    (is_("X", case=FOLDED), is_("X", "x")),
    (Not(Or((X, Z))), And((Not(Z), Not(X)))),
    (Or((And((X, Z)), And((X, is_("q", field=B))))), And((X, is_("q", "z", field=B)))),
    (And((is_("x", "y"), Not(is_("q")))), is_("x", "y")),
    (And((is_("x", "y"), Or((X, Y, Z)))), is_("x", "y")),
    (And((Present(A), Not(X))), And((Not(X), Present(A)))),
    (regex("^a[bc]d$"), is_("abd", "acd")),
    (regex("(?i)^(?:ab|ba)"), Or((like("ab", ANY, case=FOLDED), like("ba", ANY, case=FOLDED)))),
    (is_("x", "y", field=MANY), Or((Element("m", is_("x", field=ONE_OF_MANY)), is_("y", field=MANY)))),
]
DIFFERENT: list[tuple[Predicate, Predicate]] = [
    (And((Not(is_("q")), Or((And((Present(A), Not(X))), Z)))), And((Not(is_("q")), Or((Not(X), Z))))),  # of no text
    (Compare(BIG, Comparison.GT, 5), Element("m", Compare(SMALL, Comparison.GE, 5))),
    (like("a", ANY, "a"), And((like("a", ANY), like(ANY, "a")))),  # "a" itself
    (X, is_("x", case=FOLDED)),
    (Not(X), And((Present(A), Not(X)))),
    (X, is_("x", field=B)),
    (
        And((is_("x", field=MANY), like(ANY, "x", field=MANY))),
        Element("m", And((is_("x", field=ONE_OF_MANY), like(ANY, "y", field=ONE_OF_MANY)))),
    ),
    (like("a", ONE), like("a", ANY)),
    (Or((X, Not(Z))), And((X, Not(Z)))),
    (Element("m", is_("x", field=Field("m.a", many=False))), Element("m", is_("x", field=Field("m.b", many=False)))),
    (And((Present(A), Compare(N, Comparison.GE, 100))), And((Present(A), Compare(N, Comparison.GE, 101)))),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_the_same_is_shown(one: Predicate, other: Predicate) -> None:
    assert same_under(one, other, {})
    assert same_under(other, one, {})


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_is_not_shown(one: Predicate, other: Predicate) -> None:
    assert not same_under(one, other, {})


def test_the_empty_text_is_a_value_where_it_may_be() -> None:
    some = like(ONE, ANY)
    assert same_under(Present(A), some, {})
    assert not same_under(Present(A), some, {}, empties=True)
    assert same_under(Present(A), some, {"a": frozenset({Fact.NEVER_EMPTY})}, empties=True)


def test_no_value_holds_the_sign_between_values() -> None:
    blank = like("a b", ANY)
    assert not same_under(Or((X, blank)), X, {})
    assert same_under(Or((X, blank)), X, {}, apart={"a": " "})
    many = Element("m", like("a b", field=ONE_OF_MANY))
    assert same_under(And((Z, many)), And((Z, Not(Z))), {}, apart={"m": " "})


def test_facts_make_forms_the_same() -> None:
    path = like(ONE, ":\\Windows\\", ANY, "x.exe", case=FOLDED)
    short = like(ANY, ":\\Windows\\", ANY, "x.exe", case=FOLDED)
    assert not same_under(path, short, {})
    assert same_under(path, short, {"a": frozenset({Fact.DRIVE_PATH})})
    lower, spelled = {"a": frozenset({Fact.LOWER_CASE})}, {"a": frozenset({Fact.ONE_SPELLING})}
    assert same_under(is_("X", case=FOLDED), X, lower)
    assert not same_under(is_("X", case=FOLDED), is_("X"), lower)
    assert same_under(is_("Ab", case=FOLDED), is_("Ab"), spelled)
    assert not same_under(is_("Ab", case=FOLDED), is_("ab"), spelled)
    assert same_under(And((Present(A), Z)), Z, {"a": frozenset({Fact.ALWAYS})})


leaf = st.one_of(
    st.builds(OneOf, st.just(A), st.lists(texts, min_size=1, max_size=2).map(tuple), cases),
    st.builds(Like, st.just(A), st.lists(patterns, min_size=1, max_size=2).map(tuple), cases),
    st.builds(OneOf, st.just(MANY), st.lists(texts, min_size=1, max_size=2).map(tuple), cases),
    st.sampled_from([Present(A), Present(MANY), Present(N)]),
    st.builds(Compare, st.just(N), st.sampled_from(list(Comparison)), st.integers(0, 2)),
)
conditions = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=2).map(lambda t: And(tuple(t))),
        st.lists(inner, min_size=2, max_size=2).map(lambda t: Or(tuple(t))),
        inner.map(Not),
    ),
    max_leaves=4,
)


events = st.fixed_dictionaries(
    {},
    optional={"a": texts, "m": st.lists(texts, min_size=1, max_size=2), "n": st.integers(-1, 3)},
)


@settings(max_examples=100)
@given(conditions, conditions, st.lists(events, min_size=1, max_size=8))
def test_what_is_shown_holds_of_every_event(one: Predicate, other: Predicate, tried: list[dict[str, object]]) -> None:
    assert same_under(one, one, {}, empties=True)
    if same_under(one, other, {}, empties=True):
        for event in tried:
            assert matches(one, event) is matches(other, event)


def test_too_large_a_question_is_left_open() -> None:
    parts = tuple(like(ANY, f"{c}{d}", ANY) for c in "abcdefgh" for d in "ijkl")
    with pytest.raises(UndecidedError):
        same_texts(And(parts), And((*parts[1:], like(ANY, "ai", ANY), like(ANY, "a", ANY))))


@pytest.mark.parametrize("text", [r"a\b", r"(?=a)", r"\p{L}", "a^b", "(", "[a", "*a", r"(a)\1", "a$b", "(?m)a"])
def test_error_expressions_that_are_not_read(text: str) -> None:
    with pytest.raises(NotRegularError):
        searched(text)


@pytest.mark.parametrize(
    ("fact", "one", "other"),
    [
        (Fact.POSIX_PATH, like("/", ANY), Present(A)),
        (Fact.POSIX_PATH, like(ANY, "x"), like("/", ANY, "x")),
        (Fact.ONE_LINE, regex("^a.*$"), like("a", ANY)),
        (Fact.ONE_LINE, regex("a.*b"), like(ANY, "a", ANY, "b", ANY)),
        (Fact.DRIVE_PATH, like(ONE, ":\\", ANY), Present(A)),
        (Fact.LOWER_CASE, like("a", ANY, case=FOLDED), like("a", ANY)),
    ],
)
def test_a_fact_of_the_texts_makes_two_forms_the_same(fact: Fact, one: Predicate, other: Predicate) -> None:
    assert not same_under(one, other, {})
    assert same_under(one, other, {"a": frozenset({fact})})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Compare(N, Comparison.GT, 5), Not(Not(Compare(N, Comparison.GT, 5)))),
        (Between(N, End(1), End(5)), And((Compare(N, Comparison.GE, 1), Compare(N, Comparison.LE, 5)))),
        (Element("m", Not(is_("x", field=ONE_OF_MANY))), Element("m", Not(is_("x", field=ONE_OF_MANY)))),
        (Compare(BIG, Comparison.GT, 5), Element("m", Compare(SMALL, Comparison.GT, 5))),
        (Compare(BIG, Comparison.GT, 5), Element("m", And((Present(SMALL), Compare(SMALL, Comparison.GT, 5))))),
    ],
)
def test_ranges_and_elements_are_shown(one: Predicate, other: Predicate) -> None:
    assert same_under(one, other, {})


def test_what_is_too_large_is_not_shown() -> None:
    """Each question of its own would have an answer; that there are more of them than are asked is no proof."""
    parts = tuple(like(ANY, f"{c}{d}", ANY) for c in "abcdefgh" for d in "ijkl")
    assert not same_under(And(parts), And((*parts[1:], like(ANY, "ai", ANY), like(ANY, "a", ANY))), {})
    fields = tuple(Field(f"f{n}", many=False) for n in range(40))
    pairs = tuple(
        And((is_("x", field=one), is_("y", field=other))) for one, other in zip(fields[:20], fields[20:], strict=True)
    )
    assert not same_under(Or(pairs), Or((*pairs, is_("z", field=B))), {})


def test_error_only_conditions_on_texts_are_compared_as_texts() -> None:
    with pytest.raises(UndecidedError):
        same_texts(InNetwork(A, ("10.0.0.0/8",)), X)
