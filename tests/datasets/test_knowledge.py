"""What a conjunction says of a column settles conditions beside it, and changes no verdict."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.datasets.rewriting.knowledge import Implication, Settler
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import And, Compare, Comparison, Constant, Like, Not, OneOf, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.reference import matches

KIND, OP, RESULT, COUNT = (
    Field("kind", many=False),
    Field("op", many=False),
    Field("result", many=False),
    Field("n", Kind.LONG, many=False),
)
MANY = Field("tags")
WORDS = ("a", "b", "c", "A", "B", "ab")
IMPLIED = Implication(
    OneOf(KIND, ("a", "b"), Case.SENSITIVE), OneOf(OP, ("b", "c"), Case.INSENSITIVE), "kind a, b without op b, c"
)


def is_(field: Field, *values: str, case: Case = Case.SENSITIVE) -> OneOf:
    return OneOf(field, values, case)


def _leaves() -> st.SearchStrategy[Predicate]:
    fields = st.sampled_from((KIND, OP, RESULT, MANY))
    cases = st.sampled_from(Case)
    words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(tuple)
    shapes = st.sampled_from((of("a", Wild.ANY_RUN), of(Wild.ANY_RUN, "b"), of(Wild.ANY_ONE), of("A")))
    return st.one_of(
        st.builds(OneOf, fields, words, cases),
        st.builds(Like, fields, st.tuples(shapes), cases),
        st.builds(Present, fields),
        st.builds(Compare, st.just(COUNT), st.sampled_from(Comparison), st.integers(0, 2)),
    )


def _inside(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    terms = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return st.one_of(st.builds(And, terms), st.builds(Or, terms), st.builds(Not, inner))


def _events() -> st.SearchStrategy[dict[str, object]]:
    word = st.sampled_from((None, *WORDS))
    return st.fixed_dictionaries(
        {
            "kind": word,
            "op": word,
            "result": word,
            "tags": st.lists(st.sampled_from(WORDS), max_size=3),
            "n": st.sampled_from((None, 0, 1, 2)),
        }
    )


@given(st.recursive(_leaves(), _inside, max_leaves=10), st.lists(_events(), min_size=1, max_size=8))
def test_settled_predicate_gives_the_verdicts_of_the_predicate(
    predicate: Predicate, events: list[dict[str, object]]
) -> None:
    settler = Settler((IMPLIED,))
    settled = normalise(settler.settled(normalise(predicate)))
    for event in events:
        obeys = not matches(IMPLIED.when, event) or matches(IMPLIED.then, event)
        if obeys or not settler.used:
            assert matches(settled, event) == matches(predicate, event)


CLOSED = dataclasses.replace(OP, facts=frozenset({Fact.ONE_SPELLING}))


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ((is_(OP, "x"), Not(And((is_(OP, "y"), is_(RESULT, "z"))))), (is_(OP, "x"),)),
        ((is_(OP, "x", "y"), is_(OP, "y", "z")), (is_(OP, "y"),)),
        ((is_(OP, "x"), is_(OP, "y")), (Constant(value=False),)),
        ((is_(OP, "x"), Present(OP)), (is_(OP, "x"),)),
        (
            (Present(OP), Like(OP, (of("x", Wild.ANY_RUN),), Case.SENSITIVE)),
            (Like(OP, (of("x", Wild.ANY_RUN),), Case.SENSITIVE),),
        ),
        ((Present(OP), Or((is_(OP, "x"), Present(RESULT)))), None),
        ((Like(OP, (of("x", Wild.ANY_RUN),), Case.SENSITIVE), Not(Present(OP))), (Constant(value=False),)),
        ((is_(OP, "x"), is_(OP, "X")), (is_(OP, "x"), is_(OP, "X"))),
        ((is_(OP, "x"), is_(OP, "X", case=Case.INSENSITIVE)), (is_(OP, "x"),)),
        ((is_(CLOSED, "x", case=Case.INSENSITIVE), is_(CLOSED, "X", "y")), 1),
        ((is_(OP, "xa"), Like(OP, (of("x", Wild.ANY_RUN),), Case.SENSITIVE)), None),
        ((is_(OP, "xa"), Like(OP, (of("y", Wild.ANY_RUN),), Case.SENSITIVE)), (Constant(value=False),)),
        ((is_(OP, "xa"), Like(OP, (of("X", Wild.ANY_RUN),), Case.INSENSITIVE)), (is_(OP, "xa"),)),
        ((Or((is_(OP, "x"), And((is_(OP, "y"), Present(RESULT))))), Not(is_(OP, "z"))), 1),
        ((is_(MANY, "x"), is_(MANY, "y")), None),
        ((is_(KIND, "a"), is_(OP, "a")), (Constant(value=False),)),
        ((is_(KIND, "a", "z"), is_(OP, "a")), (is_(KIND, "z"), is_(OP, "a"))),
        ((is_(OP, "a"), Not(is_(KIND, "b")), Present(RESULT)), (is_(OP, "a"), Present(RESULT))),
    ],
)
def test_conjunction_keeps_what_the_rest_does_not_say(
    terms: tuple[Predicate, ...], left: tuple[Predicate, ...] | int | None
) -> None:
    got = normalise(Settler((IMPLIED,)).settled(And(terms)))
    parts = got.terms if isinstance(got, And) else (got,)
    expected = terms if left is None else terms[:left] if isinstance(left, int) else left
    assert parts == expected


def test_implication_that_was_used_is_counted() -> None:
    settler = Settler((IMPLIED,))
    assert settler.settled(And((is_(KIND, "a"), is_(OP, "b")))) == And((is_(KIND, "a"), is_(OP, "b")))
    assert not settler.used
    assert settler.settled(And((is_(KIND, "a"), is_(OP, "x")))) == Constant(value=False)
    assert list(settler.used) == [IMPLIED]
