"""Keys and values for scenes: every kind, numbered, and allowed by the predicate where it can be."""

from __future__ import annotations

import pytest

from converter.model import pattern
from converter.model.pattern import Case, Wild
from converter.model.predicate import InNetwork, Like, Not, OneOf, Predicate
from converter.model.rule import Key, Sequence, Step
from converter.model.value import Field, Kind
from converter.proof.scene import scenes
from converter.proof.staging import joining, keyed, value
from converter.reference import matches
from converter.reference.event import coerce

ANY = Not(OneOf(Field("never"), ("x",), Case.SENSITIVE))


@pytest.mark.parametrize("kind", list(Kind))
def test_numbered_values_are_of_their_kind_and_different(kind: Kind) -> None:
    found = [value(ANY, {}, Field("f", kind), n) for n in range(5)]
    assert all(coerce(one, kind) is not None for one in found)
    assert len(set(found)) == (2 if kind is Kind.BOOLEAN else 5)


@pytest.mark.parametrize(
    ("where", "field"),
    [
        (Like(Field("f"), (pattern.of("/proc/", Wild.ANY_RUN, "/exe"),), Case.SENSITIVE), Field("f")),
        (OneOf(Field("f"), ("p", "q", "r"), Case.SENSITIVE), Field("f")),
        (Not(InNetwork(Field("f", Kind.IP), ("10.0.0.0/8",))), Field("f", Kind.IP)),
    ],
)
def test_values_keep_the_event_matching(where: Predicate, field: Field) -> None:
    found = [value(where, {}, field, n) for n in range(3)]
    assert len(set(found)) == 3
    assert all(matches(where, {"f": one}) for one in found)


def test_keys_that_the_predicate_needs_stay() -> None:
    where = OneOf(Field("f"), ("only",), Case.SENSITIVE)
    assert keyed(where, {"f": "only"}, [Field("f")], 1) == {"f": "only"}
    assert keyed(where, {}, [Field("g")]) == {"g": "key-1"}


def test_joining_takes_the_keys_of_the_model_where_the_verdict_allows() -> None:
    where = OneOf(Field("f"), ("a", "b"), Case.SENSITIVE)
    assert joining(where, {"f": "a"}, [Field("f"), Field("g")], {"f": "b", "g": 1}) == {"f": "b", "g": 1}
    assert joining(where, {"f": "a"}, [Field("f")], {"f": "no"}) == {"f": "a"}


def test_a_key_that_two_steps_constrain_is_shared() -> None:
    key = (Key(Field("f")),)
    left = Step(OneOf(Field("f"), ("p", "q"), Case.SENSITIVE), key)
    right = Step(OneOf(Field("f"), ("q", "r"), Case.SENSITIVE), key)
    line = next(scene for scene in scenes(Sequence((left, right), 1000)) if scene.name == "in order")
    assert [event["f"] for event in line.events] == ["q", "q"]


def test_steps_without_a_common_key_still_have_scenes() -> None:
    key = (Key(Field("f")),)
    steps = tuple(Step(OneOf(Field("f"), (text,), Case.SENSITIVE), key) for text in "pq")
    assert scenes(Sequence(steps, 1000))
    assert scenes(Sequence((Step(ANY),), None))
