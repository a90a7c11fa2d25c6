"""Predicates as conditions of a `where`, with the walks over arrays that they need."""

from __future__ import annotations

import re
from typing import assert_never

from backends.sentinel.condition import joined, leaf, test, tree
from backends.sentinel.condition.column import Column, Operand, inner_value
from backends.sentinel.condition.finding import RETYPED
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.script import holds
from backends.sentinel.condition.test import Test, Values
from converter.deferred import compiled
from converter.languages.kusto.syntax import Call, Expression, Name
from converter.model.pattern import Case
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
from converter.model.value import Field

_SHORT = 3


def condition(node: Predicate, place: Place) -> Test:
    """The predicate as a condition that is true or false; in a positive place it may be null for false."""
    match node:
        case And(terms):
            return test.all_of([condition(t, place) for t in terms])
        case Or(terms):
            return _any_of(terms, place)
        case Not(term):
            return test.opposite(condition(term, place.negated))
        case Constant(value):
            return Test(tree.TRUE if value else tree.FALSE)
        case Element():
            return _element(node, place)
        case Holds():
            return holds(node, place)
        case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            return _leaf(node, place)
        case _:
            assert_never(node)


def _any_of(terms: tuple[Predicate, ...], place: Place) -> Test:
    """The terms joined by or; the phrases of one field stand in one, where the first of them stood."""
    together: dict[Field, list[Phrase]] = {}
    for term in terms:
        if isinstance(term, Phrase):
            together.setdefault(term.field, []).append(term)
    parts: list[Test] = []
    for term in terms:
        if not isinstance(term, Phrase):
            parts.append(condition(term, place))
        elif phrases := together.pop(term.field, None):
            parts.append(_leaf(leaf.Phrases(term.field, tuple(phrases)), place))
    return test.any_of(parts)


def _leaf(node: leaf.ScalarLeaf, place: Place) -> Test:
    found = place.column(node.field)
    if not found.many:
        return Test(leaf.test(node, found.value(), place))
    if isinstance(node, OneOf) and any(map(_retyped, node.values)):
        place.notes.add(RETYPED)
    if isinstance(node, OneOf) and (short := _member(node, found, place)) is not None:
        return Test(short)
    if isinstance(node, Present | OneOf | Like | Matches):
        short = joined.test(node, found, place)
        if short is not None:
            return Test(short)
    walk = place.walk(found.values)
    value = Operand(inner_value(Name(walk.elements[0]), found.inner), "dynamic")
    return place.hit(walk, Test(leaf.test(node, value, place.strict)), _stem(node.field.path))


def _member(node: OneOf, found: Column, place: Place) -> Expression | None:
    """Membership of a few plain texts in a scalar or array of texts, without a walk.

    Rule M06: exact and case-sensitive; what it gives for no array is not said, hence coalesce.
    """
    plain = node.case is Case.SENSITIVE and not found.inner and all(map(_plain, node.values))
    if not plain or len(node.values) > _SHORT or _splits(found):
        return None
    parts: list[Expression] = []
    if not found.arrays:
        parts.append(tree.one_of(tree.call("tostring", found.expression), tree.texts(node.values)))
    for value in tree.texts(node.values):
        has = tree.call("set_has_element", found.expression, value)
        parts.append(has if place.positive else tree.call("coalesce", has, tree.FALSE))
    return tree.any_of(parts)


def _splits(found: Column) -> bool:
    """Whether the values are pieces of one text, which says the same in one look."""
    return isinstance(found.expression, Call) and found.expression.function in {"split", "parse_command_line"}


def _element(node: Element, place: Place) -> Test:
    walk = place.walk(Values(_source(node, place)))
    inner = place.inside(walk.elements[0], node.path).strict
    found = condition(node.term, inner)
    if _takes_nothing(node.term):
        # a missing or empty array has no element that could satisfy anything
        some = Test(tree.call("isnotempty", tree.call("tostring", Name(walk.elements[0]))))
        found = test.all_of([some, found])
    return place.hit(walk, found, _stem(node.path))


def _takes_nothing(node: Predicate) -> bool:
    """Whether the predicate may hold where no field has a value."""
    match node:
        case And(terms):
            return all(map(_takes_nothing, terms))
        case Or(terms):
            return any(map(_takes_nothing, terms))
        case Not(term):
            return not _always_takes(term)
        case Constant(value):
            return value
        case Holds():
            return True
        case Element() | Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            return False
        case _:
            assert_never(node)


def _always_takes(node: Predicate) -> bool:
    """Whether the predicate surely holds where no field has a value: a script may or may not."""
    match node:
        case And(terms):
            return all(map(_always_takes, terms))
        case Or(terms):
            return any(map(_always_takes, terms))
        case Not(term):
            return not _takes_nothing(term)
        case Constant(value):
            return value
        case (
            Holds()
            | Element()
            | Present()
            | Compare()
            | Between()
            | OneOf()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
        ):
            return False
        case _:
            assert_never(node)


def _source(node: Element, place: Place) -> Expression:
    """The nested array: a column under its ECS name, or a member of the element around it."""
    if not place.element:
        return Name(node.path)
    steps = node.path.removeprefix(place.path + ".").split(".")
    return inner_value(Name(place.element), tuple(steps))


_GUID = compiled(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")
_WORDS = frozenset({"true", "false", "null", "nan", "inf", "infinity"})


def _plain(value: str) -> bool:
    """Whether no engine reads the text as anything but text."""
    return value[:1].isalpha() and value.isascii() and value.lower() not in _WORDS and not _GUID.fullmatch(value)


def _retyped(value: str) -> bool:
    """Whether the text, read as a number, date or GUID, might be printed in another spelling."""
    if _GUID.fullmatch(value):
        return True
    return bool(re.fullmatch(r"[+-]?(?:0\d+|\d*\.\d*|\d+[eE][+-]?\d+)|\d{4}-\d\d-\d\d.*", value))


def _stem(path: str) -> str:
    """A short name for a field's hits."""
    return re.sub(r"\W", "_", path.rsplit(".", 1)[-1]).lstrip("0123456789_") or "field"
