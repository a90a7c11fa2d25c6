"""Predicates as conditions of a `where`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from backends.sentinel.condition import leaf as leaves
from backends.sentinel.condition import literal
from backends.sentinel.condition.column import Array, Column, Operand, column, inner_value
from backends.sentinel.condition.finding import RETYPED
from backends.sentinel.condition.layout import FALSE, TRUE, Expr, Leaf, chain, negate
from backends.sentinel.condition.scope import Scope
from backends.sentinel.condition.script import holds
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
from converter.target.contract import Notebook

_SHORT = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where the fields of a predicate are: columns of the row, or members of an array's element."""

    scope: Scope
    notes: Notebook
    element: str = ""
    path: str = ""

    def column(self, field: Field) -> Column:
        """The field's column; inside an element the member of it."""
        if not self.element:
            return column(field)
        steps = tuple(field.path.removeprefix(self.path + ".").split("."))
        return Column(inner_value(self.element, steps), "dynamic", field.many)


def condition(node: Predicate, place: Place) -> Expr:
    """The predicate as a condition that is true or false, never null."""
    match node:
        case And(terms):
            return chain("and", [condition(t, place) for t in terms])
        case Or(terms):
            return _any_of(terms, place)
        case Not(term):
            return negate(condition(term, place))
        case Constant(value):
            return TRUE if value else FALSE
        case Element():
            return _element(node, place)
        case Holds():
            return holds(node, place.column, place.scope, place.notes)
        case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            return _leaf(node, place)
        case _:
            assert_never(node)


def _any_of(terms: tuple[Predicate, ...], place: Place) -> Expr:
    """The terms joined by or; the phrases of one field stand in one, where the first of them stood."""
    together: dict[Field, list[Phrase]] = {}
    for term in terms:
        if isinstance(term, Phrase):
            together.setdefault(term.field, []).append(term)
    parts: list[Expr] = []
    for term in terms:
        if not isinstance(term, Phrase):
            parts.append(condition(term, place))
        elif phrases := together.pop(term.field, None):
            parts.append(_leaf(leaves.Phrases(term.field, tuple(phrases)), place))
    return chain("or", parts)


def _leaf(node: leaves.ScalarLeaf, place: Place) -> Expr:
    found = place.column(node.field)
    if not found.many:
        return leaves.test(node, found.value(), place.notes)
    if isinstance(node, OneOf) and any(map(_retyped, node.values)):
        place.notes.add(RETYPED)
    if isinstance(node, OneOf) and (short := _member(node, found)) is not None:
        return short
    expansion = place.scope.expansion(found.array)
    value = Operand(inner_value(expansion.element, found.inner), "dynamic")
    return expansion.hit(leaves.test(node, value, place.notes), _stem(node.field.path))


def _member(node: OneOf, found: Column) -> Expr | None:
    """Membership of a few plain texts in a scalar or array of texts, without `mv-apply`.

    Q set-has-element-function.md: exact and case-sensitive; what it gives for no array is not said, hence coalesce.
    """
    plain = node.case is Case.SENSITIVE and not found.inner and all(map(_plain, node.values))
    if not plain or len(node.values) > _SHORT:
        return None
    text = f"tostring({found.text})"
    items = literal.texts(node.values)
    same = f"{text} == {items[0]}" if len(items) == 1 else f"{text} in ({', '.join(items)})"
    return chain("or", [Leaf(same), *(Leaf(f"coalesce(set_has_element({found.text}, {i}), false)") for i in items)])


def _element(node: Element, place: Place) -> Expr:
    expansion = place.scope.expansion(Array(_source(node, place)))
    inner = Place(expansion.inner, place.notes, expansion.element, node.path)
    term = condition(node.term, inner)
    if _takes_nothing(node.term):
        # a missing or empty array has no element that could satisfy anything
        term = chain("and", [Leaf(f"isnotempty(tostring({expansion.element}))"), term])
    return expansion.hit(term, _stem(node.path))


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


def _source(node: Element, place: Place) -> str:
    """The nested array: a column under its ECS name, or a member of the element around it."""
    if not place.element:
        return literal.name(node.path)
    steps = node.path.removeprefix(place.path + ".").split(".")
    return inner_value(place.element, tuple(steps))


_GUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")
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
