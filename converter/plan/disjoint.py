"""Whether no event can satisfy two conditions. Sound, not complete: True is a proof, False says nothing.

A condition on a single-valued field may only hold for finitely many values; if each of them makes the other condition
false, whatever the event holds elsewhere, the two exclude each other. So do a condition and its negation, and a leaf
on a field and the absence of that field. Letters' case is ignored wherever a leaf ignores it, and values that differ
in case only are taken for possibly equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TypeAlias, assert_never

from converter.deferred import dataclass
from converter.model.pattern import Case, fold, like
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    FieldLeaf,
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
from converter.model.value import Field

_MOST_VALUES = 64
"""Longer lists prove nothing here: the work would grow with their product."""


@dataclass(frozen=True, slots=True)
class _Absent:
    """The field has no value."""


_Value: TypeAlias = "str | int | float | bool | _Absent"
_Name: TypeAlias = tuple[str, str]
_ABSENT = _Absent()


def disjoint(left: Predicate, right: Predicate) -> bool:
    """Whether no event satisfies both."""
    if Constant(value=False) in (left, right):
        return True
    return _contradicts(left, right) or _excludes(left, right) or _excludes(right, left)


def _contradicts(left: Predicate, right: Predicate) -> bool:
    """One has a term whose negation is a term of the other."""
    terms = set(_terms(left))
    return any((term.term if isinstance(term, Not) else Not(term)) in terms for term in _terms(right))


def _terms(predicate: Predicate) -> tuple[Predicate, ...]:
    return predicate.terms if isinstance(predicate, And) else (predicate,)


def _excludes(left: Predicate, right: Predicate) -> bool:
    """Some field that `left` ties to a few values makes `right` false by each of them."""
    return any(
        not any(_can(right, name, value, holds=True) for value in values) for name, values in _tied(left).items()
    )


# ---- what a condition asks of a field


def _tied(predicate: Predicate) -> Mapping[_Name, frozenset[_Value]]:
    """The single-valued fields of which `predicate` needs one of finitely many values."""
    match predicate:
        case And(terms):
            out: dict[_Name, frozenset[_Value]] = {}
            for name, values in itertools.chain.from_iterable(_tied(term).items() for term in terms):
                out[name] = out[name] & values if name in out else values
            return out
        case Or(terms):
            arms = [_tied(term) for term in terms]
            common = set.intersection(*(set(arm) for arm in arms)) if arms else set()
            joined = {name: frozenset[_Value]().union(*(arm[name] for arm in arms)) for name in sorted(common)}
            return {name: values for name, values in joined.items() if len(values) <= _MOST_VALUES}
        case OneOf(field, values) if not field.many and len(values) <= _MOST_VALUES:
            return {_name(field): frozenset(_folded(v) for v in values)}
        case Compare(field, Comparison.EQ, bool() | int() | float() as value) if not field.many:
            return {_name(field): frozenset([value])}
        case Not(Present(field)):
            return {_name(field): frozenset([_ABSENT])}
        case _:
            return {}


def _name(field: Field) -> _Name:
    """What tells columns apart: two fields with one way have one value."""
    return (field.path, "") if field.way is None else (field.way.text, type(field.way).__name__)


def _folded(text: str) -> str:
    return fold(text, Case.INSENSITIVE)


# ---- what a condition can be, if one field has one value


def _can(predicate: Predicate, name: _Name, value: _Value, *, holds: bool) -> bool:
    """Whether some event in which the field `name` has `value` (text: in any case) makes the predicate `holds`."""
    match predicate:
        case And(terms):
            some = all if holds else any
            return some(_can(term, name, value, holds=holds) for term in terms)
        case Or(terms):
            some = any if holds else all
            return some(_can(term, name, value, holds=holds) for term in terms)
        case Not(term):
            return _can(term, name, value, holds=not holds)
        case Constant():
            return predicate.value is holds
        case Element() | Holds():
            return True
        case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            return _name(predicate.field) != name or holds in set(_outcomes(predicate, value))
        case _:
            assert_never(predicate)


def _outcomes(leaf: FieldLeaf, value: _Value) -> Iterator[bool]:
    """What a leaf on the field can be, both where it cannot be told."""
    if isinstance(value, _Absent):
        yield False
        return
    match leaf:
        case Present():
            yield True
        case OneOf(_, values, case) if isinstance(value, str):
            yield from _spelled(any(_folded(v) == value for v in values), case)
        case Like(_, patterns, case) if isinstance(value, str):
            yield from _spelled(any(like(value, p, Case.INSENSITIVE) for p in patterns), case)
        case Compare(_, Comparison.EQ, bool() | int() | float() as wanted) if not isinstance(value, str):
            yield value == wanted
        case Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            yield True
            yield False
        case _:
            assert_never(leaf)


def _spelled(agrees: bool, case: Case) -> Iterator[bool]:  # noqa: FBT001
    """A text agrees but for case: it does agree where case is ignored, and may or may not elsewhere."""
    if agrees:
        yield True
    if not agrees or case is Case.SENSITIVE:
        yield False
