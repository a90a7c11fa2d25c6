"""Each thing said once: what a constant that stands beside it decides, and what several arms have in common.

Nothing here rests on a fact about data but one: a field that is not `many` has one value or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import assert_never

from converter.deferred import replace
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild, fold, matcher
from converter.model.predicate import (
    And,
    Between,
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
from converter.model.value import Column, Field
from converter.model.walk import with_terms

Pins = Mapping[object, OneOf]
"""What is known of single-valued fields where a term stands, by `_place`."""

_ROUNDS = 8
"""A decision may make two arms alike, and a common term decide another: more rounds were never needed."""


def said_once(predicate: Predicate) -> Predicate:
    """The same predicate in normal form, without terms that their surroundings decide, common terms factored."""
    for _ in range(_ROUNDS):
        before = predicate
        predicate = normalise(_factored(normalise(_decided(normalise(predicate), {}))))
        if predicate == before:
            break
    return predicate


# ---- what a pinned constant decides


def _decided(predicate: Predicate, pins: Pins) -> Predicate:
    match predicate:
        case And():
            return _conjunction(predicate, pins)
        case Or(terms):
            return with_terms(predicate, _absorbed([_decided(t, pins) for t in terms]))
        case Not(term):
            inner = _decided(term, pins)
            return predicate if inner is term else Not(inner)
        case OneOf(field) if _place(field) in pins:
            return _one_of(predicate, pins[_place(field)])
        case Like(field) if _place(field) in pins:
            return _like(predicate, pins[_place(field)])
        case Present(field) if _place(field) in pins:
            return Constant(value=True)
        case _:
            return predicate


def _absorbed(terms: Sequence[Predicate]) -> tuple[Predicate, ...]:
    """Alternatives without values that another one takes in any case, as `has a value` takes every one."""
    there = {_place(t.field) for t in terms if isinstance(t, Present)}
    terms = [t for t in terms if not isinstance(t, OneOf | Like) or _place(t.field) not in there]
    wide = [t for t in terms if isinstance(t, OneOf) and t.case is Case.INSENSITIVE]
    out: list[Predicate] = []
    for term in terms:
        left = term
        if isinstance(term, OneOf) and term.case is Case.SENSITIVE:
            beside = [w for w in wide if _place(w.field) == _place(term.field)]
            gone = {v for w in beside for v in _matching(term.values, w, Case.INSENSITIVE)}
            left = replace(term, values=tuple(v for v in term.values if v not in gone)) if gone else term
        if left is term or not isinstance(left, OneOf) or left.values:
            out.append(left)
    return tuple(out)


def _place(field: Field) -> object:
    """What two fields have in common that are one: a column of the platform stands for several of Elastic's fields."""
    return (field.way, field.many) if isinstance(field.way, Column) else field


def _conjunction(node: And, pins: Pins) -> Predicate:
    terms, known = node.terms, dict(pins)
    for term in terms:
        if isinstance(term, OneOf) and not term.field.many:
            where = _place(term.field)
            both = _common(known[where], term) if where in known else term
            if both is None:
                return Constant(value=False)
            known[where] = both
    own = {_place(t.field) for t in terms if isinstance(t, OneOf) and not t.field.many}
    for term in terms:
        if not _leaves_some(term, known, own):
            return Constant(value=False)
    kept: list[Predicate] = []
    for term in terms:
        if isinstance(term, Like) and any(_implies(other, term) for other in terms if other is not term):
            continue
        if not isinstance(term, OneOf) or _place(term.field) not in known:
            kept.append(_decided(term, known))
        elif known[_place(term.field)] != pins.get(_place(term.field)):
            kept.append(known[_place(term.field)])
    return with_terms(node, kept)


def _leaves_some(term: Predicate, known: dict[object, OneOf], own: AbstractSet[object]) -> bool:
    """Whether an exclusion of values leaves some of those that stand beside it; they are what is known then."""
    match term:
        case Not(OneOf(field, _, case) as excluded) if _place(field) in own and not field.many:
            pin = known[_place(field)]
            if case is Case.SENSITIVE and pin.case is Case.INSENSITIVE:
                return True  # another spelling of the value may stay
            gone = _matching(pin.values, excluded, case)
            left = tuple(v for v in pin.values if v not in gone)
            if left and gone:
                known[_place(field)] = replace(pin, values=left)
            return bool(left)
        case _:
            return True


def _implies(other: Predicate, leaf: Like) -> bool:
    """Whether every value that matches the other leaf plainly matches this one."""
    if not isinstance(other, Like) or _place(other.field) != _place(leaf.field) or leaf.field.many:
        return False
    if other.case is Case.INSENSITIVE and leaf.case is Case.SENSITIVE:
        return False
    return other.patterns != leaf.patterns and all(
        any(_narrower(p, q, leaf.case) for q in leaf.patterns) for p in other.patterns
    )


def _narrower(pattern: Pattern, wide: Pattern, case: Case) -> bool:
    """Whether a pattern's own ends or middle hold the one text of `*x`, `x*` or `*x*`."""
    texts = [fold(p, case) if isinstance(p, str) else "" for p in pattern.parts]
    match wide.parts:
        case (Wild.ANY_RUN, str() as text):
            return bool(texts) and texts[-1].endswith(fold(text, case))
        case (str() as text, Wild.ANY_RUN):
            return bool(texts) and texts[0].startswith(fold(text, case))
        case (Wild.ANY_RUN, str() as text, Wild.ANY_RUN):
            return any(fold(text, case) in one for one in texts)
        case _:
            return False


def _matching(values: Sequence[str], among: OneOf, case: Case) -> tuple[str, ...]:
    """Those of the values that `among` lists too."""
    listed = {fold(v, case) for v in among.values}
    return tuple(v for v in values if fold(v, case) in listed)


def _common(one: OneOf, other: OneOf) -> OneOf | None:
    """What both say of one value; None if nothing satisfies both."""
    first, second = (other, one) if one.case is Case.INSENSITIVE and other.case is Case.SENSITIVE else (one, other)
    values = _matching(first.values, second, second.case)
    if not values:
        return None
    return first if values == first.values else replace(first, values=values)


def _one_of(leaf: OneOf, pin: OneOf) -> Predicate:
    """A leaf on a field that holds one of the pin's values."""
    loose = Case.INSENSITIVE if Case.INSENSITIVE in (leaf.case, pin.case) else Case.SENSITIVE
    possible = _matching(leaf.values, pin, loose)
    if not possible:
        return Constant(value=False)
    if (leaf.case is Case.INSENSITIVE or pin.case is Case.SENSITIVE) and len(
        _matching(pin.values, leaf, leaf.case)
    ) == len(pin.values):
        return Constant(value=True)
    return leaf if possible == leaf.values else replace(leaf, values=possible)


def _like(leaf: Like, pin: OneOf) -> Predicate:
    loose = Case.INSENSITIVE if Case.INSENSITIVE in (leaf.case, pin.case) else Case.SENSITIVE
    tests = [matcher(p, loose) for p in leaf.patterns]
    found = tuple(v for v in pin.values if any(test(v) for test in tests))
    if not found:
        return Constant(value=False)
    if pin.case is Case.INSENSITIVE and leaf.case is Case.SENSITIVE:
        return leaf
    return Constant(value=True) if len(found) == len(pin.values) else replace(pin, values=found)


# ---- what terms have in common


def _factored(predicate: Predicate) -> Predicate:
    match predicate:
        case And(terms):
            return _conjoined(with_terms(predicate, [_factored(t) for t in _given(terms, value=True)]))
        case Or(terms):
            return _disjoined(with_terms(predicate, [_factored(t) for t in _given(terms, value=False)]))
        case Not(term):
            inner = _factored(term)
            return predicate if inner is term else Not(inner)
        case (
            Constant()
            | Element()
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


def _given(terms: Sequence[Predicate], *, value: bool) -> Sequence[Predicate]:
    """The terms, where inside each the plain ones beside it are replaced by what they must be for it to matter."""
    if not any(isinstance(t, And | Or) or _is_group(t) for t in terms):
        return terms
    plain = [t for t in terms if not isinstance(t, And | Or)]
    known = {t.term if isinstance(t, Not) else t: value is not isinstance(t, Not) for t in plain}
    return [t if not isinstance(t, And | Or) and not _is_group(t) else _replaced(t, known) for t in terms]


def _is_group(term: Predicate) -> bool:
    return isinstance(term, Not) and isinstance(term.term, And | Or)


def _replaced(term: Predicate, known: Mapping[Predicate, bool]) -> Predicate:
    match term:
        case And(terms) | Or(terms):
            return normalise(with_terms(term, [_known(t, known) for t in terms]))
        case Not(inner):
            left = _replaced(inner, known)
            return term if left is inner else normalise(Not(left))
        case _:
            return term


def _known(term: Predicate, known: Mapping[Predicate, bool]) -> Predicate:
    if term in known:
        return Constant(known[term])
    if isinstance(term, Not) and term.term in known:
        return Constant(not known[term.term])
    return _replaced(term, known)


def _conjoined(node: And) -> Predicate:
    """Exclusions beside each other share what they have in common."""
    excluded = [t.term for t in node.terms if isinstance(t, Not)]
    if len(excluded) < 2:  # noqa: PLR2004 - one shares nothing
        return node
    rest = normalise(_disjoined(Or(tuple(excluded))))
    alone: Iterable[Predicate] = rest.terms if isinstance(rest, Or) else (rest,)
    return And((*(t for t in node.terms if not isinstance(t, Not)), *map(Not, alone)))


def _disjoined(node: Or) -> Predicate:
    """Arms with a common term, the one that most arms have first, become one arm."""
    whole = normalise(node)
    if not isinstance(whole, Or):
        return whole
    terms = whole.terms
    arms = [dict.fromkeys(_members(t)) for t in terms]
    counts: dict[Predicate, int] = {}
    for arm in arms:
        for member in arm:
            counts[member] = counts.get(member, 0) + 1
    shared = max(counts, key=lambda m: counts[m], default=None)
    if shared is None or counts[shared] < 2:  # noqa: PLR2004 - shared by two at least
        return whole
    inside = [And(tuple(m for m in arm if m != shared)) for arm in arms if shared in arm]
    joint = And((shared, normalise(_disjoined(Or(tuple(normalise(i) for i in inside))))))
    first = next(i for i, arm in enumerate(arms) if shared in arm)
    others: list[Predicate] = [t for t, arm in zip(terms, arms, strict=True) if shared not in arm]
    ahead = sum(shared not in arm for arm in arms[:first])
    return _disjoined(Or((*others[:ahead], normalise(joint), *others[ahead:]))) if others else joint


def _members(term: Predicate) -> tuple[Predicate, ...]:
    return term.terms if isinstance(term, And) else (term,)
