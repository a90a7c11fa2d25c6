"""Visits to predicates and detections, so that no pass writes its own traversal."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Sequence_
from typing import TypeVar, assert_never

from converter.deferred import replace
from converter.model.pipeline import Pipeline
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    FieldLeaf,
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
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Field, Literal, Value


def children(predicate: Predicate) -> tuple[Predicate, ...]:
    """The predicates directly inside; none for a leaf."""
    match predicate:
        case And(terms) | Or(terms):
            return terms
        case Not(term):
            return (term,)
        case Element():
            return (predicate.term,)
        case (
            Constant()
            | Present()
            | Compare()
            | Between()
            | OneOf()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
            | Holds()
        ):
            return ()
        case _:
            assert_never(predicate)


_Joined = TypeVar("_Joined", bound=And | Or)


def with_terms(node: _Joined, terms: Sequence_[Predicate]) -> _Joined:
    """The node with other terms; the same one where they are its own, so that what is known of it stays known."""
    same = len(terms) == len(node.terms) and all(map(operator.is_, terms, node.terms))
    return node if same else type(node)(tuple(terms))


_INNER = frozenset({And, Or, Not, Element})
"""The nodes that have others inside: asked by type, since most nodes are leaves."""
_NO_LEAVES = (And, Or, Not, Constant, Element)


def walk(predicate: Predicate) -> Iterator[Predicate]:
    """The predicate and everything inside it, outer before inner, in order."""
    stack = [predicate]
    while stack:
        node = stack.pop()
        yield node
        if type(node) in _INNER:
            stack.extend(reversed(children(node)))


def leaves(predicate: Predicate) -> Iterator[Leaf]:
    """The leaves in order."""
    stack = [predicate]
    while stack:
        node = stack.pop()
        if type(node) in _INNER:
            stack.extend(children(node)[::-1])
        elif not isinstance(node, _NO_LEAVES):
            yield node


def value_fields(value: Value) -> Iterator[Field]:
    """The fields that a script's value mentions, in order, as often as it does."""
    match value:
        case Field():
            yield value
        case Literal():
            return
        case Call():
            for argument in value.arguments:
                yield from value_fields(argument)
        case _:
            assert_never(value)


def fields(predicate: Predicate) -> Iterator[Field]:
    """The fields that a predicate looks at, in order, as often as it does."""
    for leaf in leaves(predicate):
        if isinstance(leaf, Holds):
            yield from value_fields(leaf.call)
        else:
            yield leaf.field


def map_leaves(predicate: Predicate, change: Callable[[Leaf], Predicate]) -> Predicate:
    """The predicate with each leaf replaced by what `change` makes of it; the shape around stays."""
    match predicate:
        case And(terms) | Or(terms):
            return with_terms(predicate, [map_leaves(t, change) for t in terms])
        case Not(term):
            inner = map_leaves(term, change)
            return predicate if inner is term else Not(inner)
        case Element():
            return Element(predicate.path, map_leaves(predicate.term, change), predicate.span)
        case Constant():
            return predicate
        case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase() | Holds():
            return change(predicate)
        case _:
            assert_never(predicate)


def without_spans(predicate: Predicate) -> Predicate:
    """The predicate with no place in the query, for parts of a rule that stand elsewhere."""

    def bare(leaf: Leaf) -> Predicate:
        if isinstance(leaf, Holds):
            return Holds(_bare_call(leaf.call))
        return replace(leaf, field=replace(leaf.field, span=None), span=None)

    return _bare_elements(map_leaves(predicate, bare))


def _bare_call(call: Call) -> Call:
    return Call(call.function, tuple(_bare_value(a) for a in call.arguments), call.case)


def _bare_value(value: Value) -> Value:
    match value:
        case Field():
            return replace(value, span=None)
        case Literal():
            return value
        case Call():
            return _bare_call(value)
        case _:
            assert_never(value)


def _bare_elements(predicate: Predicate) -> Predicate:
    match predicate:
        case And(terms):
            return And(tuple(_bare_elements(t) for t in terms))
        case Or(terms):
            return Or(tuple(_bare_elements(t) for t in terms))
        case Not(term):
            return Not(_bare_elements(term))
        case Element():
            return Element(predicate.path, _bare_elements(predicate.term))
        case (
            Constant()
            | Present()
            | Compare()
            | Between()
            | OneOf()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
            | Holds()
        ):
            return predicate
        case _:
            assert_never(predicate)


def predicates(detection: Detection) -> tuple[Predicate, ...]:
    """The predicates of a detection, in the order they are written."""
    match detection:
        case Match(where) | Threshold(where=where) | NewTerms(where=where) | Pipeline(where=where):
            return (where,)
        case AnyOf(matches):
            return tuple(m.where for m in matches)
        case Sequence(steps, _, until):
            return tuple(step.where for step in (*steps, *((until,) if until else ())))
        case Sample(steps):
            return tuple(step.where for step in steps)
        case IndicatorMatch(where, indicators):
            return (where, indicators)
        case Opaque():
            return ()
        case _:
            assert_never(detection)


def placed(detection: Detection) -> tuple[Predicate, ...]:
    """The predicates whose events are looked for in a place each: a sequence's steps and then its until; else one."""
    match detection:
        case Sequence() | Sample() | AnyOf():
            return predicates(detection)
        case Match(where) | Threshold(where=where) | NewTerms(where=where) | IndicatorMatch(where=where):
            return (where,)
        case Pipeline(where=where):
            return (where,)
        case Opaque():
            return (Constant(value=False),)
        case _:
            assert_never(detection)


def map_predicates(detection: Detection, change: Callable[[Predicate], Predicate]) -> Detection:
    """The detection with each predicate replaced by what `change` makes of it."""

    def step(old: Step) -> Step:
        return replace(old, where=change(old.where))

    match detection:
        case Match() | Threshold() | NewTerms() | Pipeline():
            return replace(detection, where=change(detection.where))
        case AnyOf(matches):
            return AnyOf(tuple(Match(change(m.where)) for m in matches))
        case Sequence(steps, maxspan, until):
            return Sequence(tuple(step(s) for s in steps), maxspan, step(until) if until else None)
        case Sample(steps):
            return Sample(tuple(step(s) for s in steps))
        case IndicatorMatch():
            where, indicators = change(detection.where), change(detection.indicators)
            return replace(detection, where=where, indicators=indicators)
        case Opaque():
            return detection
        case _:
            assert_never(detection)


def over(leaf: FieldLeaf, field: Field) -> FieldLeaf:
    """The same leaf over another field. Binding asks for it at each leaf: made as it is, in place of `replace`."""
    match leaf:
        case Present():
            return Present(field, leaf.span)
        case Compare(_, comparison, value):
            return Compare(field, comparison, value, leaf.span)
        case Between(_, low, high):
            return Between(field, low, high, leaf.span)
        case OneOf(_, values, case):
            return OneOf(field, values, case, leaf.span)
        case Like(_, patterns, case):
            return Like(field, patterns, case, leaf.span)
        case Matches(_, regexes, case):
            return Matches(field, regexes, case, leaf.span)
        case InNetwork(_, networks):
            return InNetwork(field, networks, leaf.span)
        case Phrase(_, tokens, analyzer):
            return Phrase(field, tokens, analyzer, leaf.span)
        case _:
            assert_never(leaf)


def map_fields(predicate: Predicate, change: Callable[[Field], Field]) -> Predicate:
    """The predicate with each field replaced by what `change` makes of it."""

    def renamed(leaf: Leaf) -> Predicate:
        if isinstance(leaf, Holds):
            return replace(leaf, call=_map_call(leaf.call, change))
        return over(leaf, change(leaf.field))

    return map_leaves(predicate, renamed)


def _map_call(call: Call, change: Callable[[Field], Field]) -> Call:
    return replace(call, arguments=tuple(_map_value(a, change) for a in call.arguments))


def _map_value(value: Value, change: Callable[[Field], Field]) -> Value:
    match value:
        case Field():
            return change(value)
        case Literal():
            return value
        case Call():
            return _map_call(value, change)
        case _:
            assert_never(value)
