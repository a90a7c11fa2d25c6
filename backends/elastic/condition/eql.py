"""Conditions as EQL trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from backends.elastic.condition import script
from backends.elastic.condition.names import Names
from backends.elastic.condition.regex import lucene
from backends.elastic.condition.unsaid import UnsaidError
from backends.elastic.condition.values import moment
from converter.languages.eql import syntax
from converter.languages.eql.syntax import (
    Boolean,
    ComparisonOperator,
    Expression,
    Lookup,
    LookupOperator,
    Name,
    Null,
    Text,
)
from converter.languages.regex.render import Shape, shape
from converter.model.pattern import Case, Pattern, Wild
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
from converter.model.value import Field, Instant, Kind, Now

_ORDERS: Final = {
    Comparison.EQ: ComparisonOperator.EQ,
    Comparison.GT: ComparisonOperator.GT,
    Comparison.GE: ComparisonOperator.GE,
    Comparison.LT: ComparisonOperator.LT,
    Comparison.LE: ComparisonOperator.LE,
}
_FUNCTIONS: Final = {Shape.PREFIX: "startsWith", Shape.SUFFIX: "endsWith", Shape.CONTAINS: "stringContains"}
_SIGNS: Final = ("*", "?")


def eql(where: Predicate, names: Names) -> Expression:
    """The condition as a tree. Raises UnsaidError for what EQL has no words for."""
    return _Writer(names).node(where)


class _Writer:
    def __init__(self, names: Names) -> None:
        self._names = names

    def node(self, where: Predicate) -> Expression:
        """The tree of a condition."""
        match where:
            case And(terms):
                return syntax.And(tuple(map(self.node, terms)))
            case Or(terms):
                found = tuple(self._options(terms))
                return found[0] if len(found) == 1 else syntax.Or(found)
            case Not(term):
                return self._negated(term)
            case Constant(value):
                return Boolean(value)
            case Present(field):
                return syntax.Comparison(ComparisonOperator.NE, self._name(field, where), Null())
            case Compare():
                return self._compare(where)
            case OneOf():
                return self._one_of(where)
            case Like():
                return self._like(where)
            case Matches(field, regexes, case):
                texts = tuple(Text(lucene(regex)) for regex in regexes)
                operator = LookupOperator.REGEX if case is Case.SENSITIVE else LookupOperator.REGEX_INSENSITIVE
                return Lookup(operator, self._name(field, where), texts)
            case InNetwork(field, networks):
                arguments: tuple[Expression, ...] = (self._name(field, where), *map(Text, networks))
                return syntax.Call("cidrMatch", arguments)
            case Holds(call):
                return script.condition(call, self._names, where)
            case Between():
                raise UnsaidError(where, "EQL asks for each end of a range by itself")
            case Phrase():
                raise UnsaidError(where, "EQL cannot search analysed text")
            case Element():
                raise UnsaidError(where, "EQL cannot search nested arrays")
            case _:
                assert_never(where)

    def _name(self, field: Field, where: Predicate) -> Name:
        name = self._names.of(field)
        if name is None:
            raise UnsaidError(where, f"no index of {field.path} is of the kind {field.kind.value}")
        return Name(name, optional=name in self._names.optional)

    def _negated(self, term: Predicate) -> Expression:
        """`!=` where EQL has it, else `not`."""
        positive = self.node(term)
        match positive:
            case syntax.Comparison(ComparisonOperator.NE, left, Null()):
                return syntax.Comparison(ComparisonOperator.EQ, left, Null())
            case syntax.Comparison(ComparisonOperator.EQ, Name() as left, right):
                return syntax.Comparison(ComparisonOperator.NE, left, right)
            case Lookup(LookupOperator.IN | LookupOperator.IN_INSENSITIVE as operator, operand, values):
                return Lookup(operator, operand, values, negated=True)
            case _:
                return syntax.Not(positive)

    def _options(self, terms: tuple[Predicate, ...]) -> Iterator[Expression]:
        """The terms of an `or`: whole values and patterns of one field stand in one list, as rules write them."""
        number = 0
        while number < len(terms):
            joined = _in_one_list(terms[number : number + 2])
            if joined is not None:
                yield self._lookup(*joined)
                number += 2
                continue
            yield self.node(terms[number])
            number += 1

    def _lookup(self, one: OneOf, like: Like) -> Expression:
        texts = (*map(Text, one.values), *(Text(_signs(p)) for p in like.patterns))
        operator = LookupOperator.LIKE if one.case is Case.SENSITIVE else LookupOperator.EQ_INSENSITIVE
        return Lookup(operator, self._name(one.field, one), texts)

    def _compare(self, where: Compare) -> Expression:
        name, order = self._name(where.field, where), where.comparison
        match where.value:
            case bool(truth):
                return syntax.Comparison(ComparisonOperator.EQ, name, Boolean(truth))
            case int(found) | float(found):
                return syntax.Comparison(_ORDERS[order], name, script.number(found))
            case Instant() | Now():
                order, text = moment(order, where.value)
                return syntax.Comparison(_ORDERS[order], name, Text(text))
            case str(text):
                if order is Comparison.EQ or where.field.kind is not Kind.KEYWORD:
                    raise UnsaidError(where, "an order of texts is asked of a field that has none")
                return syntax.Comparison(_ORDERS[order], name, Text(text))
            case _:
                assert_never(where.value)

    def _one_of(self, where: OneOf) -> Expression:
        name, values = self._name(where.field, where), tuple(map(Text, where.values))
        if where.case is Case.INSENSITIVE:
            plain = not any(sign in value for value in where.values for sign in _SIGNS)
            return Lookup(LookupOperator.EQ_INSENSITIVE if plain else LookupOperator.IN_INSENSITIVE, name, values)
        if len(values) == 1:
            return syntax.Comparison(ComparisonOperator.EQ, name, values[0])
        return Lookup(LookupOperator.IN, name, values)

    def _like(self, where: Like) -> Expression:
        """`like` has no escape for its signs: where a text holds one, the functions for its shape are left."""
        name = self._name(where.field, where)
        insensitive = where.case is Case.INSENSITIVE
        if not any(_holds_sign(pattern) for pattern in where.patterns):
            operator = LookupOperator.EQ_INSENSITIVE if insensitive else LookupOperator.LIKE
            return Lookup(operator, name, tuple(Text(_signs(p)) for p in where.patterns))
        found = tuple(self._shaped(name, pattern, where, insensitive=insensitive) for pattern in where.patterns)
        return found[0] if len(found) == 1 else syntax.Or(found)

    def _shaped(self, name: Name, pattern: Pattern, where: Like, *, insensitive: bool) -> Expression:
        kind, text = shape(pattern)
        if kind not in _FUNCTIONS:
            raise UnsaidError(where, "EQL's wildcards have no escape for * and ?")
        return syntax.Call(_FUNCTIONS[kind], (name, Text(text)), insensitive)


def _in_one_list(pair: tuple[Predicate, ...]) -> tuple[OneOf, Like] | None:
    """Whole values and then patterns of the same field and case, none with a sign that is meant as it stands."""
    match pair:
        case (OneOf() as one, Like() as like) if (one.field, one.case) == (like.field, like.case):
            texts = any(sign in value for value in one.values for sign in _SIGNS)
            return None if texts or any(map(_holds_sign, like.patterns)) else (one, like)
        case _:
            return None


def _holds_sign(pattern: Pattern) -> bool:
    return any(sign in part for part in pattern.parts if isinstance(part, str) for sign in _SIGNS)


def _signs(pattern: Pattern) -> str:
    """The pattern in EQL's signs; its texts hold none."""
    return "".join(part.value if isinstance(part, Wild) else part for part in pattern.parts)
