"""One meaning, one tree: the normal form that `converter.model.predicate` states.

Readers and bindings build whatever is plain to build; targets see normal forms only. The order of terms is
kept. `Element(path, Constant(True))` stays: "the array has an element" has no other form.
"""

from __future__ import annotations

import operator
from typing import TypeAlias, assert_never

from converter.deferred import replace
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
    """The normal form of `predicate`, which is `predicate` itself where it is normal; it holds of the same events."""
    match predicate:
        case And() | Or() | Like():
            return _remembered(predicate)
        case Not(term):
            inner = normalise(term)
            return predicate if inner is term and not isinstance(inner, Not | Constant) else _negated(inner)
        case Element():
            return _element(predicate)
        case OneOf() | Matches() | InNetwork():
            return _listed(predicate)
        case Between():
            return _between(predicate)
        case Constant() | Present() | Compare() | Phrase() | Holds():
            return predicate
        case _:
            assert_never(predicate)


_known: dict[int, tuple[And | Or | Like, Predicate]] = {}
"""The normal forms of trees that were asked for last, by the tree's id. The tree is kept, so that its id stays its own.

Passes ask for the same trees over and over, mostly for what is normal already.
"""
_MOST_KNOWN = 4096


def _remembered(node: And | Or | Like) -> Predicate:
    known = _known.get(id(node))
    if known is not None:
        return known[1]
    found = _like(node) if isinstance(node, Like) else _joined(node)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[id(node)] = (node, found)
    if found is not node and isinstance(found, And | Or | Like):
        _known[id(found)] = (found, found)
    return found


def constant(predicate: Predicate) -> bool | None:
    """The truth value of which the normal form of `predicate` is the constant; None if it is none."""
    match predicate:
        case And(terms) | Or(terms):
            known = _known.get(id(predicate))
            if known is not None:
                return known[1].value if isinstance(known[1], Constant) else None
            return _joined_constant(terms, neutral=isinstance(predicate, And))
        case Not(term):
            inner = constant(term)
            return None if inner is None else not inner
        case Constant(value):
            return value
        case Element():
            return False if constant(predicate.term) is False else None
        case OneOf() | Like() | Matches() | InNetwork():
            return None if _members(predicate) else False
        case Between() | Present() | Compare() | Phrase() | Holds():
            return None
        case _:
            assert_never(predicate)


def _joined_constant(terms: tuple[Predicate, ...], *, neutral: bool) -> bool | None:
    found: bool | None = neutral
    for term in terms:
        one = constant(term)
        if one is not neutral:
            if one is not None:
                return one
            found = None
    return found


def _negated(term: Predicate) -> Predicate:
    """Not of a term in normal form."""
    if isinstance(term, Not):
        return term.term
    return Constant(not term.value) if isinstance(term, Constant) else Not(term)


def _element(element: Element) -> Predicate:
    term = normalise(element.term)
    if term == Constant(value=False):
        return term
    return element if term is element.term else Element(element.path, term, element.span)


def _between(leaf: Between) -> Predicate:
    """Two ends that one value has to lie between; equal ends are one value."""
    if leaf.low == leaf.high and leaf.low.included:
        value = leaf.low.value
        if isinstance(value, str) and leaf.field.kind is not Kind.IP:
            return OneOf(leaf.field, (value,), Case.SENSITIVE, leaf.span)
        return Compare(leaf.field, Comparison.EQ, value, leaf.span)
    return leaf


_Listed: TypeAlias = OneOf | Like | Matches | InNetwork
_LISTED = (OneOf, Like, Matches, InNetwork)


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
    literals = [pattern.literal for pattern in like.patterns]
    values = tuple([literal for literal in literals if literal is not None])
    if not values:
        return _listed(like)
    plain = _listed(OneOf(like.field, values, like.case, like.span))
    wild = tuple([p for p, literal in zip(like.patterns, literals, strict=True) if literal is None])
    if not wild:
        return plain
    rest = _listed(replace(like, patterns=wild))
    return Or((plain, rest) if literals[0] is not None else (rest, plain))


_NORMAL = frozenset({Present, Compare, Phrase, Holds})
"""What stays among the terms as it is."""


def _joined(node: And | Or) -> Predicate:
    """An And or Or that is flat, without constants and repeats, leaves of one Or merged."""
    kind = type(node)
    conjunction = kind is And
    kept: list[Predicate] = []
    for term in node.terms:
        if type(term) in _NORMAL or (type(term) is OneOf and len(term.values) == 1):
            kept.append(term)
            continue
        inner = normalise(term)
        if isinstance(inner, Constant):
            if inner.value is not conjunction:
                return inner
        elif isinstance(inner, kind):
            kept.extend(inner.terms)
        else:
            kept.append(inner)
    if not kept:
        return Constant(value=conjunction)
    settled = _unique(kept if conjunction else _merged(kept))
    if len(settled) == 1:
        return settled[0]
    if len(settled) == len(node.terms) and all(map(operator.is_, settled, node.terms)):
        return node
    return kind(tuple(settled))


def _unique(terms: list[Predicate]) -> list[Predicate]:
    """The terms without repeats. Hashing trees is dear, so it is done only where two look alike."""
    if len(terms) == 1 or len(set(map(type, terms))) == len(terms) or len(set(map(_look, terms))) == len(terms):
        return terms
    return list(dict.fromkeys(terms))


_Look = tuple[object, ...]


def _look(term: Predicate) -> _Look:
    """What equal terms have in common, cheap to hash."""
    match term:
        case OneOf():
            return (OneOf, term.field.path, term.values[:1])
        case Like() | Matches() | InNetwork():
            return (type(term), term.field.path, len(_members(term)))
        case And(terms) | Or(terms):
            return (type(term), len(terms), *_look(terms[0])) if terms else (type(term), 0)
        case Not(inner):
            return (Not, *_look(inner))
        case Element():
            return (Element, term.path)
        case Present() | Compare() | Between() | Phrase():
            return (type(term), term.field.path)
        case Constant() | Holds():
            return (type(term),)
        case _:
            assert_never(term)


def _merged(terms: list[Predicate]) -> list[Predicate]:
    """The terms of an Or, where leaves of one sort, field and case become one in the place of the first."""
    listed = [(type(term), term.field.path) for term in terms if isinstance(term, _LISTED)]
    if len(set(listed)) == len(listed):
        return terms
    groups: dict[object, list[_Listed]] = {}
    places: dict[int, object] = {}
    for place, term in enumerate(terms):
        if isinstance(term, _LISTED):
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
