"""The normal form: what it looks like, that it is stable, and that it keeps the meaning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model import pattern as patterns
from converter.model import walk
from converter.model.normalise import normalise, normalise_detection
from converter.model.pattern import Case, Char, Pattern, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    Constant,
    Element,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.rule import Match, Sequence, Step
from converter.model.value import Field, Kind

A, B = Field("a"), Field("b")
TRUE, FALSE = Constant(value=True), Constant(value=False)
STAR = Pattern((Wild.ANY_RUN,))


def one(field: Field, *values: str) -> OneOf:
    return OneOf(field, values, Case.SENSITIVE)


def like(field: Field, *parts: str, case: Case = Case.SENSITIVE) -> Like:
    """Each part with a star behind it is a pattern, without one a literal text."""
    found = tuple(patterns.of(p[:-1], Wild.ANY_RUN) if p.endswith("*") else patterns.of(p) for p in parts)
    return Like(field, found, case)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (And(()), TRUE),
        (Or(()), FALSE),
        (And((one(A, "x"),)), one(A, "x")),
        (And((one(A, "x"), And((one(B, "y"), Present(A))))), And((one(A, "x"), one(B, "y"), Present(A)))),
        (Or((Or((Present(A),)), Or((Present(B), Present(A))))), Or((Present(A), Present(B)))),
        (Not(Not(Present(A))), Present(A)),
        (Not(Not(Not(Present(A)))), Not(Present(A))),
        (Not(TRUE), FALSE),
        (Not(And(())), FALSE),
        (And((Present(A), TRUE)), Present(A)),
        (And((Present(A), FALSE)), FALSE),
        (Or((Present(A), FALSE)), Present(A)),
        (Or((Present(A), TRUE)), TRUE),
        (And((Present(A), Present(A), Present(B))), And((Present(A), Present(B)))),
        (Element("n", FALSE), FALSE),
        (Element("n", And((Present(A), TRUE))), Element("n", Present(A))),
        (Element("n", TRUE), Element("n", TRUE)),
        (one(A), FALSE),
        (Like(A, (), Case.SENSITIVE), FALSE),
        (Matches(A, (), Case.SENSITIVE), FALSE),
        (InNetwork(A, ()), FALSE),
        (one(A, "x", "y", "x"), one(A, "x", "y")),
        (like(A, "x"), one(A, "x")),
        (like(A, "x", "y*", "x"), Or((one(A, "x"), like(A, "y*")))),
        (like(A, "y*", "x"), Or((like(A, "y*"), one(A, "x")))),
        (Or((one(A, "x"), Present(B), one(A, "y"))), Or((one(A, "x", "y"), Present(B)))),
        (Or((one(A, "x"), like(A, "y"), one(A, "x"))), one(A, "x", "y")),
        (Or((one(A, "x"), one(B, "x"))), Or((one(A, "x"), one(B, "x")))),
        (Or((like(A, "x*"), like(A, "y*", "z"))), Or((like(A, "x*", "y*"), one(A, "z")))),
        (
            Or((like(A, "x*"), like(A, "x*", case=Case.INSENSITIVE))),
            Or((like(A, "x*"), like(A, "x*", case=Case.INSENSITIVE))),
        ),
        (
            Or((InNetwork(A, ("10.0.0.0/8",)), InNetwork(A, ("::/0", "10.0.0.0/8")))),
            InNetwork(A, ("10.0.0.0/8", "::/0")),
        ),
        (
            Or((Matches(A, (Char("x"),), Case.SENSITIVE), Matches(A, (Char("y"),), Case.SENSITIVE))),
            Matches(A, (Char("x"), Char("y")), Case.SENSITIVE),
        ),
        (And((one(A, "x"), one(A, "y"))), And((one(A, "x"), one(A, "y")))),
        (And((Not(Present(A)), Not(Present(B)))), And((Not(Present(A)), Not(Present(B))))),
    ],
)
def test_normal_form(given_: Predicate, expected: Predicate) -> None:
    assert normalise(given_) == expected


def test_detection_normalises_every_step() -> None:
    step = Step(And((Present(A), TRUE)))
    expected = Sequence((Step(Present(A)), Step(Present(A))), 5, Step(Present(A)))
    assert normalise_detection(Sequence((step, step), 5, step)) == expected
    assert normalise_detection(Match(Or((FALSE, Present(B))))) == Match(Present(B))


# A small meaning of its own, so that normalise is judged by something it does not share.
def holds(predicate: Predicate, event: dict[str, list[str]]) -> bool:
    match predicate:
        case And(terms):
            return all(holds(t, event) for t in terms)
        case Or(terms):
            return any(holds(t, event) for t in terms)
        case Not(term):
            return not holds(term, event)
        case Constant(value):
            return value
        case Present(field):
            return bool(event[field.path])
        case OneOf(field, values):
            return any(v in values for v in event[field.path])
        case Like(field, found):
            return any(matches(p.parts, v) for p in found for v in event[field.path])
        case InNetwork(field, networks):
            return any(n == v + "/32" for n in networks for v in event[field.path])
        case _:
            raise NotImplementedError


def matches(parts: tuple[str | Wild, ...], text: str) -> bool:
    if not parts:
        return text == ""
    first, rest = parts[0], parts[1:]
    if isinstance(first, str):
        return text.startswith(first) and matches(rest, text.removeprefix(first))
    if first is Wild.ANY_ONE:
        return text != "" and matches(rest, text[1:])
    return any(matches(rest, text[i:]) for i in range(len(text) + 1))


WORDS = st.sampled_from(["", "x", "y", "xy"])
FIELDS = st.sampled_from([A, B])
PARTS = st.lists(st.one_of(WORDS, st.sampled_from(Wild)), max_size=3)
LEAVES = st.one_of(
    st.builds(Constant, st.booleans()),
    st.builds(Present, FIELDS),
    st.builds(OneOf, FIELDS, st.lists(WORDS, max_size=3).map(tuple), st.just(Case.SENSITIVE)),
    st.builds(
        Like, FIELDS, st.lists(PARTS.map(lambda p: patterns.of(*p)), max_size=3).map(tuple), st.just(Case.SENSITIVE)
    ),
    st.builds(InNetwork, FIELDS, st.lists(WORDS.map(lambda w: w + "/32"), max_size=2).map(tuple)),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=4).map(tuple)),
    ),
    max_leaves=12,
)
EVENTS = st.fixed_dictionaries({"a": st.lists(WORDS, max_size=2), "b": st.lists(WORDS, max_size=2)})


@settings(derandomize=True, deadline=None, max_examples=500)
@given(TREES, EVENTS)
def test_normalise_keeps_verdicts(tree: Predicate, event: dict[str, list[str]]) -> None:
    assert holds(normalise(tree), event) == holds(tree, event)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TREES)
def test_normalise_is_idempotent_and_in_normal_form(tree: Predicate) -> None:
    settled = normalise(tree)
    assert normalise(settled) == settled
    for node in walk.walk(settled):
        inside = walk.children(node)
        assert not any(isinstance(t, Constant) for t in inside)
        if isinstance(node, And | Or):
            assert len(inside) > 1
            assert len(set(inside)) == len(inside)
            assert not any(type(t) is type(node) for t in inside)
        if isinstance(node, Not):
            assert not isinstance(node.term, Not)
        if isinstance(node, Or):
            merged = [
                (type(t), t.field, getattr(t, "case", None)) for t in inside if isinstance(t, OneOf | Like | InNetwork)
            ]
            assert len(set(merged)) == len(merged)


def test_compare_is_left_alone() -> None:
    leaf = Compare(Field("n", Kind.LONG), Comparison.GT, 5)
    assert normalise(Or((leaf, leaf))) == leaf
