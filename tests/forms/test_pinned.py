"""Each thing said once: the same events, fewer terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import events, predicates
from targets.splunk_cases import as_declared

from converter.forms.pinned import said_once
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import And, Constant, Like, Not, OneOf, Or, Predicate, Present
from converter.model.value import Column, Field
from converter.model.walk import leaves
from converter.reference import matches

CS, CI = Case.SENSITIVE, Case.INSENSITIVE
CODE, NAME, MANY = Field("code", many=False), Field("name", many=False), Field("tags")


def is_one(field: Field, *values: str, case: Case = CS) -> OneOf:
    return OneOf(field, values, case)


A, B, C, D = (is_one(NAME, v) for v in "abcd")
X, Y, Z = (is_one(MANY, v) for v in "xyz")


@settings(max_examples=200)
@given(predicates(), st.lists(events(), min_size=1, max_size=6))
def test_same_events(predicate: Predicate, some: list[Mapping[str, object]]) -> None:
    once = said_once(predicate)
    for event in map(as_declared, some):
        assert matches(once, event, 0) == matches(normalise(predicate), event, 0)


@st.composite
def _tangled(draw: st.DrawFn, depth: int = 3) -> Predicate:
    """Few leaves, so that they stand beside each other again and again."""
    leaf: st.SearchStrategy[Predicate] = st.sampled_from(
        [A, B, is_one(NAME, "a", "b"), is_one(NAME, "A", case=CI), X, Y, Present(NAME)]
    )
    if not depth or draw(st.booleans()):
        return draw(leaf)
    kind = draw(st.sampled_from([And, Or, Not]))
    if kind is Not:
        return Not(draw(_tangled(depth - 1)))
    parts = tuple(draw(st.lists(_tangled(depth - 1), min_size=2, max_size=4)))
    return And(parts) if kind is And else Or(parts)


@settings(max_examples=300)
@given(_tangled())
def test_same_events_of_tangled_predicates(predicate: Predicate) -> None:
    once = said_once(predicate)
    for name in (None, "a", "A", "b", "c"):
        for tags in ([], ["x"], ["y"], ["x", "y"]):
            event: dict[str, object] = {"tags": tags} | ({} if name is None else {"name": name})
            assert matches(once, event, 0) == matches(normalise(predicate), event, 0)
    assert said_once(once) == once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (And((is_one(CODE, "12", "13", "14"), is_one(CODE, "13", "14"))), is_one(CODE, "13", "14")),
        (And((is_one(CODE, "1"), is_one(CODE, "2"))), Constant(value=False)),
        (And((A, Not(And((B, X))))), A),
        (And((A, Or((And((B, X)), And((A, Y)))))), And((A, Y))),
        (And((A, Present(NAME))), A),
        (And((is_one(NAME, "a", "b"), Not(B))), A),
        (And((is_one(NAME, "a", "b"), Not(is_one(NAME, "a", "b", "c")))), Constant(value=False)),
        (And((is_one(NAME, "a", "b", case=CI), Not(B))), And((is_one(NAME, "a", "b", case=CI), Not(B)))),
        (And((is_one(NAME, "a", "b"), Like(NAME, (of("a", Wild.ANY_RUN),), CI))), A),
        (And((is_one(NAME, "A", case=CI), A)), A),
        (And((is_one(MANY, "x"), is_one(MANY, "y"))), And((X, Y))),
        (Or((And((A, X)), And((A, Y)))), And((A, is_one(MANY, "x", "y")))),
        (Or((And((X, Y)), X)), X),
        (Or((A, B, Present(NAME))), Present(NAME)),
        (Or((X, Like(MANY, (of("a", Wild.ANY_RUN),), CI), Present(MANY))), Present(MANY)),
        (Or((A, Present(MANY))), Or((A, Present(MANY)))),
        (And((Not(And((X, Y))), Not(And((X, Z))))), Not(And((X, is_one(MANY, "y", "z"))))),
    ],
)
def test_what_is_decided_beside_it(before: Predicate, after: Predicate) -> None:
    assert said_once(before) == after


def test_arms_that_share_a_term_are_one_arm() -> None:
    once = said_once(Or((And((A, X)), And((B, Y)), And((A, Present(CODE))))))
    assert sum(leaf == A for leaf in leaves(once)) == 1


def test_two_fields_of_one_column_are_one() -> None:
    column = Column("Action")
    base = OneOf(Field("base", many=False, way=column), ("Created", "Renamed"), CS)
    own = OneOf(Field("event.action", many=False, way=column), ("Renamed",), CS)
    assert said_once(And((base, Not(own)))) == replace(base, values=("Created",))
    assert said_once(And((base, own))) == replace(base, values=("Renamed",))
    assert said_once(And((own, Present(base.field)))) == own


@pytest.mark.parametrize(
    "predicate",
    [And((A, X, Not(Y))), Or((And((A, X)), And((B, Y)))), Not(Or((And((A, X)), Y)))],
    ids=["and", "or", "not"],
)
def test_what_is_said_once_already_stays_the_same_tree(predicate: Predicate) -> None:
    assert said_once(predicate) is predicate
