"""Visits: everything is reached, in order, and nothing else changes."""

from __future__ import annotations

import pytest

from converter.cli.codes import X001
from converter.diagnostics import Diagnostic, Source, Span
from converter.model.metadata import Metadata
from converter.model.pattern import Case
from converter.model.predicate import And, Constant, Element, Holds, Not, OneOf, Or, Predicate, Present
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Field, Function, Literal
from converter.model.walk import (
    children,
    fields,
    leaves,
    map_fields,
    map_leaves,
    map_predicates,
    placed,
    predicates,
    value_fields,
    walk,
    without_spans,
)
from converter.target.contract import Binding, Bound

HERE = Span(1, 2)
A = Present(Field("a", span=HERE), HERE)
B = OneOf(Field("b", span=HERE), ("x",), Case.SENSITIVE, HERE)
CALL = Call(
    Function.EQ, (Call(Function.LENGTH, (Field("c", span=HERE),), span=HERE), Field("d"), Literal(5)), span=HERE
)
SCRIPT = Holds(CALL, HERE)
TREE = And((A, Or((Not(B), Constant(value=True))), Element("n", SCRIPT, HERE)))


def test_walk_goes_outer_before_inner() -> None:
    assert [type(node).__name__ for node in walk(TREE)] == [
        "And", "Present", "Or", "Not", "OneOf", "Constant", "Element", "Holds",
    ]  # fmt: skip
    assert children(TREE) == TREE.terms
    assert children(A) == ()


def test_leaves_and_fields() -> None:
    assert list(leaves(TREE)) == [A, B, SCRIPT]
    assert [f.path for f in fields(TREE)] == ["a", "b", "c", "d"]
    assert [f.path for f in value_fields(CALL)] == ["c", "d"]


def test_map_leaves_keeps_the_shape() -> None:
    assert map_leaves(TREE, lambda leaf: leaf) == TREE
    changed = map_leaves(TREE, lambda leaf: Constant(value=False) if isinstance(leaf, OneOf) else leaf)
    assert changed == And((A, Or((Not(Constant(value=False)), Constant(value=True))), Element("n", SCRIPT)))


def test_without_spans_has_none_left() -> None:
    bare = without_spans(TREE)
    assert bare == TREE
    for node in walk(bare):
        assert getattr(node, "span", None) is None
        if isinstance(node, Holds):
            assert node.call.span is None
            assert [f.span for f in value_fields(node.call)] == [None, None]
    assert [f.span for f in fields(bare)] == [None] * 4


STEP = Step(A)
EACH: list[tuple[Detection, tuple[Predicate, ...]]] = [
    (Match(A), (A,)),
    (Threshold(A, (), 1), (A,)),
    (NewTerms(A, (), 1), (A,)),
    (Sequence((STEP, Step(B)), None, Step(SCRIPT)), (A, B, SCRIPT)),
    (Sequence((STEP,)), (A,)),
    (Sample((STEP, Step(B))), (A, B)),
    (IndicatorMatch(A, B, (), ()), (A, B)),
    (Opaque("x", Diagnostic(X001, "no")), ()),
]


def test_predicates_of_every_detection() -> None:
    for detection, expected in EACH:
        assert predicates(detection) == expected
        assert map_predicates(detection, lambda where: where) == detection
        assert predicates(map_predicates(detection, Not)) == tuple(map(Not, expected))


def test_every_predicate_that_needs_a_place() -> None:
    for detection, expected in EACH:
        match detection:
            case IndicatorMatch():
                assert placed(detection) == (A,)
            case Opaque():
                assert placed(detection) == (Constant(value=False),)
            case _:
                assert placed(detection) == expected
    assert placed(AnyOf((Match(A), Match(B)))) == (A, B)


def test_one_place_for_all_is_one_binding_a_predicate() -> None:
    source = Source("r", "")
    for detection, _ in EACH:
        bound = Bound.everywhere(Rule(Metadata("r", "query"), detection, source, source), Binding("ecs"))
        assert bound.bindings == (Binding("ecs"),) * len(placed(detection))
        assert bound.binding == Binding("ecs")


def test_error_another_number_of_bindings() -> None:
    source = Source("r", "")
    of = Rule(Metadata("r", "eql"), Sequence((STEP, STEP)), source, source)
    assert Bound(of, ()).bindings == ()
    with pytest.raises(ValueError, match="1 bindings for 2 predicates"):
        Bound(of, (Binding(),))


def test_fields_inside_scripts_are_changed_too() -> None:
    inner = Call(Function.LENGTH, (Field("b"), Literal(5)))
    script = Holds(Call(Function.EQ, (inner, Field("a"))))
    changed = map_fields(And((Present(Field("a")), script)), lambda field: Field(f"x.{field.path}"))
    assert [field.path for field in fields(changed)] == ["x.a", "x.b", "x.a"]
    assert changed == And(
        (
            Present(Field("x.a")),
            Holds(Call(Function.EQ, (Call(Function.LENGTH, (Field("x.b"), Literal(5))), Field("x.a")))),
        )
    )
