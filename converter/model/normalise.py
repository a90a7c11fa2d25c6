"""One meaning, one tree: the normal form that `converter.model.predicate` states.

Readers and bindings build whatever is plain to build; targets see normal forms only. The order of terms is
kept. `Element(path, Constant(True))` stays: "the array has an element" has no other form.
"""

from __future__ import annotations

import dataclasses
from typing import assert_never

from converter.model import walk
from converter.model.pattern import Case
from converter.model.predicate import (
    And,
    Between,
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
from converter.model.rule import Detection
from converter.model.value import Kind


def normalise_detection(detection: Detection) -> Detection:
    """The detection with each of its predicates in normal form."""
    return walk.map_predicates(detection, normalise)


def normalise(predicate: Predicate) -> Predicate:
    """The normal form of `predicate`; the same predicate holds of the same events."""
    match predicate:
        case And(terms):
            return _joined(terms, conjunction=True)
        case Or(terms):
            return _joined(terms, conjunction=False)
        case Not(term):
            return _negated(normalise(term))
        case Element():
            return _element(predicate)
        case Like():
            return _like(predicate)
        case OneOf() | Matches() | InNetwork():
            return _listed(predicate)
        case Between():
            return _between(predicate)
        case Constant() | Present() | Compare() | Phrase() | Holds():
            return predicate
        case _:
            assert_never(predicate)


def _negated(term: Predicate) -> Predicate:
    """Not of a term in normal form."""
    if isinstance(term, Not):
        return term.term
    return Constant(not term.value) if isinstance(term, Constant) else Not(term)


def _element(element: Element) -> Predicate:
    term = normalise(element.term)
    return term if term == Constant(value=False) else Element(element.path, term, element.span)


def _between(leaf: Between) -> Predicate:
    """Two ends that one value has to lie between; equal ends are one value."""
    if leaf.low == leaf.high and leaf.low.included:
        value = leaf.low.value
        if isinstance(value, str) and leaf.field.kind is not Kind.IP:
            return OneOf(leaf.field, (value,), Case.SENSITIVE, leaf.span)
        return Compare(leaf.field, Comparison.EQ, value, leaf.span)
    return leaf


_Listed = OneOf | Like | Matches | InNetwork


def _members(leaf: _Listed) -> tuple[object, ...]:
    """What the leaf lists: any of these will do."""
    match leaf:
        case OneOf():
            return leaf.values
        case Like():
            return leaf.patterns
        case Matches():
            return leaf.regexes
        case InNetwork():
            return leaf.networks
        case _:
            assert_never(leaf)


def _listed(leaf: _Listed) -> Predicate:
    """A leaf without repeats; one that lists nothing never holds."""
    members = _members(leaf)
    if len(members) > 1 and len(set(members)) < len(members):
        return _united([leaf])
    return leaf if members else Constant(value=False)


def _like(like: Like) -> Predicate:
    """Patterns without a wildcard sign are plain values."""
    values = tuple(p.literal for p in like.patterns if p.literal is not None)
    if not values:
        return _listed(like)
    plain = _listed(OneOf(like.field, values, like.case, like.span))
    wild = tuple(p for p in like.patterns if p.literal is None)
    if not wild:
        return plain
    rest = _listed(dataclasses.replace(like, patterns=wild))
    return Or((plain, rest) if like.patterns[0].literal is not None else (rest, plain))


def _joined(terms: tuple[Predicate, ...], *, conjunction: bool) -> Predicate:
    """And (or Or) of `terms`: flat, without constants and repeats, leaves of one Or merged."""
    kept: list[Predicate] = []
    for term in terms:
        inner = normalise(term)
        if isinstance(inner, Constant):
            if inner.value is not conjunction:
                return inner
        elif isinstance(inner, And if conjunction else Or):
            kept.extend(inner.terms)
        else:
            kept.append(inner)
    if not kept:
        return Constant(value=conjunction)
    if len(kept) == 1:
        return kept[0]
    settled = tuple(dict.fromkeys(kept if conjunction else _merged(kept)))
    if len(settled) == 1:
        return settled[0]
    return And(settled) if conjunction else Or(settled)


def _merged(terms: list[Predicate]) -> list[Predicate]:
    """The terms of an Or, where leaves of one sort, field and case become one in the place of the first."""
    groups: dict[object, list[_Listed]] = {}
    places: dict[int, object] = {}
    for place, term in enumerate(terms):
        if isinstance(term, _Listed):
            key = (type(term), term.field, None if isinstance(term, InNetwork) else term.case)
            groups.setdefault(key, []).append(term)
            places[place] = key
    if len(groups) == len(places):
        return terms
    merged: list[Predicate] = []
    for place, term in enumerate(terms):
        if place not in places:
            merged.append(term)
        elif (group := groups.pop(places[place], None)) is not None:
            merged.append(_united(group) if len(group) > 1 else term)
    return merged


def _united(group: list[_Listed]) -> Predicate:
    """One leaf that lists what any of the group lists, once."""
    first = group[0]
    match first:
        case OneOf():
            values = dict.fromkeys(v for t in group if isinstance(t, OneOf) for v in t.values)
            return OneOf(first.field, tuple(values), first.case, first.span)
        case Like():
            patterns = dict.fromkeys(p for t in group if isinstance(t, Like) for p in t.patterns)
            return Like(first.field, tuple(patterns), first.case, first.span)
        case Matches():
            regexes = dict.fromkeys(r for t in group if isinstance(t, Matches) for r in t.regexes)
            return Matches(first.field, tuple(regexes), first.case, first.span)
        case InNetwork():
            networks = dict.fromkeys(n for t in group if isinstance(t, InNetwork) for n in t.networks)
            return InNetwork(first.field, tuple(networks), first.span)
        case _:
            assert_never(first)
