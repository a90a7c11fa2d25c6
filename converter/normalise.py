"""One meaning, one tree: the normal form that `converter.model.predicate` states.

Readers and bindings build whatever is plain to build; targets see normal forms only. The order of terms is
kept. `Element(path, Constant(True))` stays: "the array has an element" has no other form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import assert_never

from converter.model import walk
from converter.model.predicate import (
    And,
    Compare,
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
        case OneOf():
            return _one_of(predicate)
        case Matches():
            return _matches(predicate)
        case InNetwork():
            return _in_network(predicate)
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


def _like(like: Like) -> Predicate:
    """Patterns without a wildcard sign are plain values."""
    patterns = tuple(dict.fromkeys(like.patterns))
    values = tuple(p.literal for p in patterns if p.literal is not None)
    wild = tuple(p for p in patterns if p.literal is None)
    plain = OneOf(like.field, values, like.case, like.span)
    if values and wild:
        rest = dataclasses.replace(like, patterns=wild)
        return Or((plain, rest) if patterns[0].literal is not None else (rest, plain))
    if values:
        return plain
    return dataclasses.replace(like, patterns=wild) if wild else Constant(value=False)


def _one_of(one_of: OneOf) -> Predicate:
    values = tuple(dict.fromkeys(one_of.values))
    return dataclasses.replace(one_of, values=values) if values else Constant(value=False)


def _matches(matches: Matches) -> Predicate:
    regexes = tuple(dict.fromkeys(matches.regexes))
    return dataclasses.replace(matches, regexes=regexes) if regexes else Constant(value=False)


def _in_network(inside: InNetwork) -> Predicate:
    networks = tuple(dict.fromkeys(inside.networks))
    return dataclasses.replace(inside, networks=networks) if networks else Constant(value=False)


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
    settled = tuple(dict.fromkeys(kept if conjunction else _merged(kept)))
    if not settled:
        return Constant(value=conjunction)
    if len(settled) == 1:
        return settled[0]
    return And(settled) if conjunction else Or(settled)


_Listed = OneOf | Like | Matches | InNetwork


def _merged(terms: list[Predicate]) -> Iterator[Predicate]:
    """The terms of an Or, where leaves of one sort, field and case become one in the place of the first."""
    groups: dict[object, list[Predicate]] = {}
    for place, term in enumerate(terms):
        groups.setdefault(_group(term, place), []).append(term)
    for first, *others in groups.values():
        yield _union(first, others) if others else first


def _group(term: Predicate, place: int) -> object:
    """What terms must share to be merged; a term that is never merged has its place for itself."""
    match term:
        case OneOf() | Like() | Matches():
            return type(term), term.field, term.case
        case InNetwork():
            return type(term), term.field
        case _:
            return place


def _union(first: Predicate, others: list[Predicate]) -> Predicate:
    """One leaf that allows what any of the group allows."""
    match first:
        case OneOf():
            values = (v for t in (first, *others) if isinstance(t, OneOf) for v in t.values)
            return dataclasses.replace(first, values=tuple(dict.fromkeys(values)))
        case Like():
            patterns = (p for t in (first, *others) if isinstance(t, Like) for p in t.patterns)
            return dataclasses.replace(first, patterns=tuple(dict.fromkeys(patterns)))
        case Matches():
            regexes = (r for t in (first, *others) if isinstance(t, Matches) for r in t.regexes)
            return dataclasses.replace(first, regexes=tuple(dict.fromkeys(regexes)))
        case InNetwork():
            networks = (n for t in (first, *others) if isinstance(t, InNetwork) for n in t.networks)
            return dataclasses.replace(first, networks=tuple(dict.fromkeys(networks)))
        case And() | Or() | Not() | Constant() | Element() | Present() | Compare() | Phrase() | Holds():
            raise AssertionError(f"{type(first).__name__} is never merged")
        case _:
            assert_never(first)
