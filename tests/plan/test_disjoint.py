"""A proof that two conditions exclude each other holds of every event, and the usual pairs are proved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BOOLEAN, patterns, predicates

from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import And, Compare, Comparison, Constant, Like, Not, OneOf, Or, Predicate, Present
from converter.model.value import Column, Computed, Field, Kind
from converter.plan.disjoint import disjoint
from converter.reference.predicate import matches

ONE = Field("event.code", many=False)
OTHER = Field("process.name", many=False)
MANY = Field("event.category")
LONG = Field("event.id", Kind.LONG, many=False)


def is_(field: Field, *values: str, case: Case = Case.SENSITIVE) -> OneOf:
    return OneOf(field, values, case)


def ends(field: Field, text: str) -> Like:
    return Like(field, (of(Wild.ANY_RUN, text),), Case.INSENSITIVE)


PROVED: list[tuple[str, Predicate, Predicate]] = [
    ("different values", is_(ONE, "1"), is_(ONE, "2", "3")),
    ("inside a conjunction", And((is_(OTHER, "a"), is_(ONE, "1"))), And((is_(ONE, "2"), is_(OTHER, "a")))),
    ("every arm", Or((is_(ONE, "1"), And((is_(ONE, "2"), Present(OTHER))))), is_(ONE, "3")),
    ("value against a pattern", is_(OTHER, r"C:\a.exe", r"C:\b.exe"), ends(OTHER, ".dll")),
    ("numbers", Compare(LONG, Comparison.EQ, 1), Compare(LONG, Comparison.EQ, 7)),
    ("value against its absence", is_(ONE, "1"), Not(Present(ONE))),
    ("value against its negation", is_(ONE, "1"), Not(is_(ONE, "1", "2", case=Case.INSENSITIVE))),
    ("a term and its negation", And((ends(MANY, "x"), Present(OTHER))), Not(ends(MANY, "x"))),
    ("nothing", Constant(value=False), Present(OTHER)),
    ("never inside a negation", is_(ONE, "1"), Not(Or((Constant(value=True), Present(OTHER))))),
    ("never", And((is_(ONE, "1"), is_(ONE, "2"))), Present(OTHER)),
    (
        "one column under two names",
        is_(Field("a", many=False, way=Column("EventID")), "1"),
        is_(Field("b", many=False, way=Column("EventID")), "2"),
    ),
]

NOT_PROVED: list[tuple[str, Predicate, Predicate]] = [
    ("several values", is_(MANY, "a"), is_(MANY, "b")),
    ("a value in common", is_(ONE, "1", "2"), is_(ONE, "2", "3")),
    ("letters differ in case only", is_(ONE, "A", case=Case.INSENSITIVE), is_(ONE, "a")),
    ("a sensitive negation of another spelling", is_(ONE, "A"), Not(is_(ONE, "a"))),
    ("other fields", is_(ONE, "1"), is_(OTHER, "2")),
    ("an order of numbers", Compare(LONG, Comparison.GT, 1), Compare(LONG, Comparison.EQ, 7)),
    ("a number and text", Compare(LONG, Comparison.EQ, 1), is_(Field("event.id", many=False), "1")),
    ("always", is_(ONE, "1"), Or((Constant(value=True), Present(OTHER)))),
    ("one arm only", Or((is_(ONE, "1"), Present(OTHER))), is_(ONE, "2")),
    (
        "one name, two columns",
        is_(Field("a", many=False, way=Column("x")), "1"),
        is_(Field("a", many=False, way=Computed("x")), "2"),
    ),
]


@pytest.mark.parametrize(("left", "right"), [p[1:] for p in PROVED], ids=[p[0] for p in PROVED])
def test_pairs_that_no_event_satisfies_are_proved(left: Predicate, right: Predicate) -> None:
    assert disjoint(left, right)
    assert disjoint(right, left)


@pytest.mark.parametrize(("left", "right"), [p[1:] for p in NOT_PROVED], ids=[p[0] for p in NOT_PROVED])
def test_pairs_that_may_meet_are_not_proved(left: Predicate, right: Predicate) -> None:
    assert not disjoint(left, right)
    assert not disjoint(right, left)


_FIELDS = st.sampled_from((Field("k.a", many=False), Field("k.b", many=False), Field("k.b")))
_TEXTS = st.sampled_from(("a", "A", "b", "ab"))
_LEAVES = st.one_of(
    st.builds(OneOf, _FIELDS, st.lists(_TEXTS, min_size=1, max_size=2, unique=True).map(tuple), st.sampled_from(Case)),
    st.builds(Like, _FIELDS, patterns.map(lambda p: (p,)), st.sampled_from(Case)),
    st.builds(Compare, st.just(BOOLEAN), st.just(Comparison.EQ), st.booleans()),
    _FIELDS.map(Present),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
        inner.map(Not),
    ),
    max_leaves=4,
)
_VALUES = st.one_of(st.none(), _TEXTS)
_EVENTS = st.fixed_dictionaries({"k.a": _VALUES, "k.b": _VALUES, "flag": st.sampled_from((None, True, False))})


def test_a_proof_holds_of_every_event() -> None:
    proofs = 0

    @settings(max_examples=600, deadline=None)
    @given(_CONDITIONS, _CONDITIONS, st.lists(_EVENTS, min_size=4, max_size=12))
    def check(left: Predicate, right: Predicate, found: list[dict[str, object]]) -> None:
        nonlocal proofs
        left, right = normalise(left), normalise(right)
        if disjoint(left, right):
            proofs += 1
            assert not any(matches(left, event) and matches(right, event) for event in found)

    check()
    assert proofs > 30, "the conditions must exclude each other now and then"


@given(predicates(), predicates())
def test_every_node_is_taken(left: Predicate, right: Predicate) -> None:
    """Any shape, normal or not: an answer, the same for both orders."""
    assert disjoint(left, right) is disjoint(right, left)
