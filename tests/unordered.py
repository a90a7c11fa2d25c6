"""Predicates and detections without what no event can tell: the order of terms and values, and where a not stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from converter.model.equivalence import ordered
from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import And, InNetwork, Leaf, Like, Matches, Not, OneOf, Or, Predicate
from converter.model.rule import Detection
from converter.model.walk import map_leaves, map_predicates

_Value = TypeVar("_Value")


def unordered(predicate: Predicate) -> Predicate:
    """The normal form with terms and values in one order; a text in several spellings counts once where case does not."""
    found = ordered(normalise(_pushed(normalise(predicate), holds=True)))
    return ordered(normalise(map_leaves(found, _spelled_once)))


def unordered_detection(detection: Detection) -> Detection:
    """The detection with each predicate so."""
    return map_predicates(detection, unordered)


def _pushed(predicate: Predicate, *, holds: bool) -> Predicate:
    """The predicate, or its opposite, with every `Not` at a leaf (De Morgan)."""
    match predicate:
        case And(terms) | Or(terms):
            parts = tuple(_pushed(term, holds=holds) for term in terms)
            return And(parts) if isinstance(predicate, And) is holds else Or(parts)
        case Not(term):
            return _pushed(term, holds=not holds)
        case OneOf(_, values) if len(values) > 1:
            return _pushed(Or(tuple(replace(predicate, values=(one,)) for one in values)), holds=holds)
        case Like(_, patterns) if len(patterns) > 1:
            return _pushed(Or(tuple(replace(predicate, patterns=(one,)) for one in patterns)), holds=holds)
        case Matches(_, regexes) if len(regexes) > 1:
            return _pushed(Or(tuple(replace(predicate, regexes=(one,)) for one in regexes)), holds=holds)
        case InNetwork(_, networks) if len(networks) > 1:
            return _pushed(Or(tuple(replace(predicate, networks=(one,)) for one in networks)), holds=holds)
        case _:
            return predicate if holds else Not(predicate)


def _spelled_once(leaf: Leaf) -> Predicate:
    match leaf:
        case OneOf(_, values, Case.INSENSITIVE):
            return replace(leaf, values=_once(values))
        case Like(_, patterns, Case.INSENSITIVE):
            return replace(leaf, patterns=_once(patterns))
        case _:
            return leaf


def _once(values: tuple[_Value, ...]) -> tuple[_Value, ...]:
    return tuple({repr(value).lower(): value for value in sorted(values, key=repr, reverse=True)}.values())
