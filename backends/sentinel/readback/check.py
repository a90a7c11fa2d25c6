"""A query read back by `converter.readers.kusto`, and its bound rule in the query's own names of columns."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterable
from typing import Final

from backends.sentinel.condition.column import Column, column
from converter.forms.choose import Assumption
from converter.languages.kusto import syntax
from converter.languages.kusto.parse import program
from converter.model import pattern as patterns
from converter.model.fact import Fact
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    Holds,
    InNetwork,
    Leaf,
    Like,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import Match
from converter.model.value import Call, Field, Function, Kind, Literal
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.readers.kusto import UnraisedError
from converter.readers.kusto import raised as read
from converter.readers.kusto.condition import MOST_ONES, length_of, subject
from converter.target.contract import Bound, Emission
from converter.target.readback import NotRaised, Raised

_NUMBERS = frozenset({"int", "long", "real", "decimal", "double"})


def raised(bound: Bound, emission: Emission) -> Raised | NotRaised:
    """The condition of a query without closing columns, and that of the rule that it was made from."""
    detection = bound.rule.detection
    if not isinstance(detection, Match):
        return NotRaised(f"a detection of the kind {type(detection).__name__}")
    if bound.binding.lookups:
        return NotRaised("a place with look-ups")
    try:
        wanted = _columns(detection.where)
        addresses = frozenset(f.path for f in fields(wanted) if f.kind is Kind.IP)
        found = map_leaves(read(program(emission.text)), lambda leaf: _addressed(leaf, addresses))
        return Raised(wanted, found, _facts(detection.where, emission.assumed), _cut(detection.where))
    except UnraisedError as error:
        return NotRaised(str(error))


def _columns(where: Predicate) -> Predicate:
    """The condition with the query's own names of columns, and comparisons as the types of columns make them."""
    if any(isinstance(leaf, Phrase) for leaf in leaves(where)):
        raise UnraisedError("words of analysed text")
    return map_fields(map_leaves(_scripts(where), _typed), _named)


def _cut(where: Predicate) -> dict[str, str]:
    """The signs at which the table cuts texts into values, by the names of columns as they are read."""
    found: dict[str, str] = {}
    for field in fields(where):
        match column(field).expression:
            case syntax.Call("split", (_, syntax.Text(apart))):
                found[_named(field).path] = apart
            case _:
                continue
    return found


def _addressed(leaf: Leaf, addresses: frozenset[str]) -> Predicate:
    """The texts that a column of addresses is compared with, as the networks that they are."""
    if isinstance(leaf, OneOf) and leaf.field.path in addresses and all(map(is_address, leaf.values)):
        return InNetwork(leaf.field, tuple(f"{value}/{128 if ':' in value else 32}" for value in leaf.values))
    return leaf


def is_address(text: str) -> bool:
    """Whether the text is an address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _scripts(where: Predicate) -> Predicate:
    """The condition with lengths of texts as the reader says them. Raises UnraisedError for every other script."""

    def changed(leaf: Leaf) -> Predicate:
        if not isinstance(leaf, Holds):
            return leaf
        match leaf.call:
            case Call(function, (Call(Function.LENGTH, (Field() as text,)), Literal(int(count)))) if (
                function in _LENGTHS and not text.many and column(text).type == "string"
            ):
                order, more = _LENGTHS[function]
                if count > MOST_ONES:
                    return And((Present(text), Compare(length_of(_named(text)), order, count)))
                return Like(text, (patterns.of(*(Wild.ANY_ONE,) * count, *more),), Case.SENSITIVE)
            case _:
                raise UnraisedError("a script")

    return map_leaves(where, changed)


_LENGTHS: Final = {
    Function.EQ: (Comparison.EQ, ()),
    Function.GE: (Comparison.GE, (Wild.ANY_RUN,)),
    Function.GT: (Comparison.GT, (Wild.ANY_ONE, Wild.ANY_RUN)),
}


def _typed(leaf: Leaf) -> Predicate:
    match leaf:
        case OneOf(field, values, Case.SENSITIVE) if _place(field).type in _NUMBERS:
            return Or(tuple(Compare(field, Comparison.EQ, int(v)) for v in values if v.removeprefix("-").isdigit()))
        case OneOf(field, values) if "" in values:
            return dataclasses.replace(leaf, values=tuple(v for v in values if v))
        case _:
            return leaf


def _place(field: Field) -> Column:
    return column(field)


def _named(field: Field) -> Field:
    if field.path.startswith("strlen("):
        return field  # a length that the reader names so
    found = column(field)
    return Field(subject(found.expression), field.kind, found.many)


def _facts(where: Predicate, assumed: Iterable[Assumption]) -> dict[str, frozenset[Fact]]:
    """The facts that the text rests on, by the names of columns as they are read."""
    told: dict[str, set[Fact]] = {}
    for one in assumed:
        told.setdefault(one.column, set()).add(one.fact)
    found: dict[str, frozenset[Fact]] = {}
    for field in fields(where):
        name = field.way.text if field.way is not None else field.path
        if name in told:
            found[_named(field).path] = frozenset(told[name])
    return found
