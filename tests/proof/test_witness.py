"""Witness events: they match where they should, break each leaf, are deterministic and bounded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from strategies import predicates

from converter.model import pattern
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Repeat, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
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
from converter.proof.example import NOW
from converter.proof.solve import nodes, solve
from converter.proof.witness import judged, matching, nested, witnesses
from converter.reference import matches

S, I = Case.SENSITIVE, Case.INSENSITIVE  # noqa: E741
A, B = Field("a.x"), Field("b", many=False)
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE

LEAVES: list[Leaf] = [
    Present(A),
    Present(Field("p", Kind.IP)),
    Compare(Field("n", Kind.LONG), Comparison.GT, 5),
    Compare(Field("n", Kind.LONG), Comparison.LE, 5.5),
    Compare(Field("r", Kind.DOUBLE), Comparison.LT, 5.5),
    Compare(Field("f", Kind.BOOLEAN), Comparison.EQ, value=False),
    Compare(Field("d", Kind.DATE), Comparison.GE, Instant(0)),
    Compare(Field("d", Kind.DATE), Comparison.LT, Now(-86_400_000, "d")),
    Compare(Field("i", Kind.IP), Comparison.GT, "10.0.0.1"),
    Compare(A, Comparison.GT, "m"),
    OneOf(A, tuple("abcdefgh"), S),
    OneOf(B, ("Value*", "other"), I),
    Like(A, (pattern.of("C:\\", RUN, ".exe"),), I),
    Like(B, (pattern.of(ONE, ":\\x", ONE),), S),
    Matches(A, (Concat((Char("a"), AnyChar(), Repeat(CharClass((("0", "9"),)), 2, None))),), S),
    Matches(A, (Alternate((Char("a"), CharClass((("x", "x"),), negated=True))),), I),
    InNetwork(Field("i", Kind.IP), ("10.0.0.0/8", "2001:db8::/32", "::/128", "255.255.255.255/32")),
    Phrase(Field("m", Kind.TEXT), (pattern.of("load"), pattern.of("it", RUN)), Analyzer.STANDARD),
    Holds(Call(Function.GT, (Call(Function.LENGTH, (A,)), Literal(500)))),
    Holds(Call(Function.STARTS_WITH, (A, B), I)),
    Holds(Call(Function.EQ, (Call(Function.SUBSTRING, (A, Literal(1))), Literal("x")))),
    Holds(Call(Function.LIKE, (A, Literal(pattern.of("q", RUN))), S)),
    Holds(Call(Function.CIDR_MATCH, (Field("i", Kind.IP), Literal("10.0.0.0/8")))),
]


@pytest.mark.parametrize("leaf", LEAVES, ids=str)
def test_every_leaf_has_events_on_both_sides(leaf: Leaf) -> None:
    verdicts = judged(leaf, witnesses(leaf))
    assert True in verdicts
    assert False in verdicts


@pytest.mark.parametrize("leaf", LEAVES, ids=str)
def test_every_leaf_is_broken_in_turn(leaf: Leaf) -> None:
    """Beside another leaf that holds, some event differs in this leaf alone, and so for its negation."""
    other = OneOf(Field("other"), ("yes",), S)
    for where in (And((other, leaf)), And((other, Not(leaf)))):
        events = [e for e in witnesses(where) if matches(other, e)]
        assert {matches(where, e, NOW) for e in events} == {True, False}


def test_every_branch_is_taken() -> None:
    where = And((Or((OneOf(A, ("p",), S), OneOf(B, ("q",), S))), Not(And((Present(Field("c")), Present(Field("d")))))))
    events = [e for e in witnesses(where) if matches(where, e)]
    assert any(e.get("a.x") == "p" and "b" not in e for e in events)
    assert any(e.get("b") == "q" and "a.x" not in e for e in events)


def test_one_value_is_made_for_several_leaves_of_a_single_field() -> None:
    text = Field("m", Kind.TEXT, many=False)
    for where in (
        And(
            (
                Like(B, (pattern.of("C:\\", RUN),), S),
                Like(B, (pattern.of(RUN, "mid", RUN),), S),
                Like(B, (pattern.of(RUN, ".exe"),), S),
            )
        ),
        And(tuple(Phrase(text, (pattern.of(word),), Analyzer.STANDARD) for word in ("one", "two"))),
        And((OneOf(A, ("p",), S), OneOf(A, ("q",), S))),
    ):
        found = matching(where)
        assert found is not None
        assert matches(where, found)


def test_shapes_of_a_value() -> None:
    values = [e.get("a.x", "absent") for e in witnesses(OneOf(A, ("Power*",), I))]
    for shape in (
        "absent",
        None,
        [],
        [None],
        "",
        "pOWER*",
        "Power*x",
        "xPower*",
        "Power*\n",
        "Powerzz",
        ["decoy", "Power*"],
        ["Power*", "decoy"],
    ):
        assert shape in values, shape


def test_addresses_stand_at_the_edges() -> None:
    values = [e.get("i") for e in witnesses(InNetwork(Field("i", Kind.IP), ("10.0.0.0/30",)))]
    for address in ("10.0.0.0", "10.0.0.3", "9.255.255.255", "10.0.0.4", "::ffff:10.0.0.2"):
        assert address in values


def test_no_arrays_in_single_valued_fields() -> None:
    contents = [e.get("b") for e in witnesses(OneOf(B, ("x", "y"), S))]
    assert not [c for c in contents if isinstance(c, list) and len(c) > 1]


def test_nested_arrays() -> None:
    term = And((OneOf(Field("l.n"), ("name",), S), OneOf(Field("l.v"), ("value",), S)))
    where = Element("l", term)
    events = witnesses(where)
    lists = [e.get("l") for e in events]
    assert [{"l.n": "name", "l.v": "value"}] not in lists
    assert [{"n": "name", "v": "value"}] in lists
    assert [{"n": "name"}, {"v": "value"}] in lists
    assert judged(where, [{"l": [{"n": "name"}, {"v": "value"}]}]) == [False]
    assert {True, False} == set(judged(where, events))


def test_fields_of_one_parent_are_split_over_objects() -> None:
    where = And((OneOf(Field("p.n"), ("1",), S), OneOf(Field("p.v"), ("2",), S)))
    assert {"n": "1"} in [part for e in witnesses(where) if isinstance(parts := e.get("p"), list) for part in parts]


def test_nested_spelling() -> None:
    assert nested({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    for clash in ({"a": 1, "a.b": 2}, {"a.b": 2, "a": 1}):
        assert nested(clash) == clash


def test_events_are_the_same_every_time_bounded_and_different() -> None:
    where = Or(tuple(OneOf(Field(f"f{i}"), ("x", "y"), I) for i in range(30)))
    first = witnesses(where)
    assert first == witnesses(where)
    assert len(first) == 120
    assert len({json.dumps(e, sort_keys=True) for e in first}) == 120
    assert len(witnesses(where, 7)) == 7


def test_contradictions_have_no_match_but_still_events() -> None:
    where = And((OneOf(B, ("p",), S), OneOf(B, ("q",), S)))
    assert matching(where) is None
    assert witnesses(where)
    assert matching(Or(())) is None
    assert matching(Constant(value=False)) is None
    assert matching(Constant(value=True)) == {}
    assert solve(And((Constant(value=True), Not(Present(A))))) == {"a.x": ()}


@settings(derandomize=True, deadline=None, max_examples=150, database=None)
@given(predicates())
def test_what_is_solved_matches(predicate: Predicate) -> None:
    for path, _ in nodes(predicate):
        found = solve(predicate, path)
        assert found is None or matches(predicate, {k: list(v) for k, v in found.items()}, NOW)
