"""Predicates and detections without what no event can tell: the order of terms and values, and where a not stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import And, Element, InNetwork, Like, Matches, Not, OneOf, Or, Predicate
from converter.model.rule import Detection
from converter.model.walk import map_predicates

_Value = TypeVar("_Value")


def unordered(predicate: Predicate) -> Predicate:
    """The normal form with terms and values in one order; a text in several spellings counts once where case does not."""
    return _sorted(normalise(_pushed(normalise(predicate), holds=True)))


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


def _sorted(predicate: Predicate) -> Predicate:
    match predicate:
        case And(terms):
            return normalise(And(tuple(sorted(dict.fromkeys(map(_sorted, terms)), key=repr))))
        case Or(terms):
            return normalise(Or(tuple(sorted(dict.fromkeys(map(_sorted, terms)), key=repr))))
        case Not(term):
            return Not(_sorted(term))
        case Element():
            return replace(predicate, term=_sorted(predicate.term))
        case OneOf(_, values):
            return replace(predicate, values=tuple(sorted(_once(values, predicate))), span=None)
        case Like(_, patterns):
            return replace(predicate, patterns=tuple(sorted(_once(patterns, predicate), key=repr)), span=None)
        case Matches(_, regexes):
            return replace(predicate, regexes=tuple(sorted(regexes, key=repr)), span=None)
        case InNetwork(_, networks):
            return replace(predicate, networks=tuple(sorted(networks)), span=None)
        case _:
            return predicate


def _once(values: tuple[_Value, ...], leaf: OneOf | Like) -> tuple[_Value, ...]:
    if leaf.case is Case.SENSITIVE:
        return values
    return tuple({repr(value).lower(): value for value in sorted(values, key=repr, reverse=True)}.values())
