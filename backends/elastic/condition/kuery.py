"""Conditions as kuery trees: what a search bar of Kibana can say of one event."""

from __future__ import annotations

from typing import Final, assert_never

from backends.elastic.condition.names import Names
from backends.elastic.condition.unsaid import UnsaidError
from backends.elastic.condition.values import address, moment, number
from converter.languages.kuery import syntax
from converter.languages.kuery.syntax import ANYTHING, Is, Literal, Node, Order, Range, Wildcard
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
    Comparison.GT: Order.GT,
    Comparison.GE: Order.GTE,
    Comparison.LT: Order.LT,
    Comparison.LE: Order.LTE,
}
_ANY: Final = Wildcard(("", ""))


def kuery(where: Predicate, names: Names) -> Node:
    """The condition as a tree. Raises UnsaidError for what kuery has no words for."""
    return _Writer(names).node(where, "")


class _Writer:
    def __init__(self, names: Names) -> None:
        self._names = names

    def node(self, where: Predicate, inside: str) -> Node:
        """The tree of a condition in the nested array `inside`, "" for none."""
        match where:
            case And(terms):
                return syntax.And(tuple(self.node(t, inside) for t in terms))
            case Or(terms):
                return syntax.Or(tuple(self.node(t, inside) for t in terms))
            case Not(term):
                return syntax.Not(self.node(term, inside))
            case Constant(value):
                return ANYTHING if value else syntax.Not(ANYTHING)
            case Element(path, term):
                return syntax.Nested(_name(path, inside), self.node(term, path))
            case Present(field):
                return Is(self._field(field, where, inside), _ANY)
            case Compare():
                return self._compare(where, inside)
            case OneOf(field, values, case):
                return self._any(where, field, tuple(Literal(v, quoted=True) for v in values), case, inside)
            case Like(field, patterns, case):
                return self._any(where, field, tuple(self._wildcard(where, p) for p in patterns), case, inside)
            case InNetwork(field, networks):
                literals = tuple(Literal(address(n), quoted=True) for n in networks)
                return self._any(where, field, literals, Case.SENSITIVE, inside)
            case Phrase():
                return self._phrase(where, inside)
            case Between():
                raise UnsaidError(where, "kuery asks for each end of a range by itself")
            case Matches():
                raise UnsaidError(where, "kuery has no regular expressions")
            case Holds():
                raise UnsaidError(where, "kuery computes nothing")
            case _:
                assert_never(where)

    def _field(self, field: Field, where: Predicate, inside: str) -> Literal:
        name = self._names.of(field)
        if name is None:
            raise UnsaidError(where, f"no index of {field.path} is of the kind {field.kind.value}")
        return _name(name, inside)

    def _any(self, where: Predicate, field: Field, values: tuple[syntax.Value, ...], case: Case, inside: str) -> Node:
        """`field: (a or b)`"""
        if case is Case.INSENSITIVE:
            caseless = self._names.caseless(field)
            if caseless is None:
                raise UnsaidError(where, "kuery tells letters' case apart on keywords")
            subject = _name(caseless, inside)
        else:
            subject = self._field(field, where, inside)
        found: tuple[Node, ...] = tuple(Is(subject, value) for value in values)
        return found[0] if len(found) == 1 else syntax.Or(found)

    def _wildcard(self, where: Predicate, pattern: Pattern) -> Wildcard:
        parts = [""]
        for part in pattern.parts:
            if part is Wild.ANY_RUN:
                parts.append("")
            elif part is Wild.ANY_ONE:
                raise UnsaidError(where, "kuery has no sign for any one character")
            else:
                parts[-1] += part
        return Wildcard(tuple(parts))

    def _compare(self, where: Compare, inside: str) -> Node:
        field = self._field(where.field, where, inside)
        match where.value:
            case bool(truth):
                return Is(field, Literal(truth))
            case int(found) | float(found) if where.comparison is Comparison.EQ:
                return Is(field, Literal(number(found)))
            case int(found) | float(found):
                return Range(field, _ORDERS[where.comparison], Literal(number(found)))
            case Instant() | Now():
                comparison, text = moment(where.comparison, where.value)
                date = Literal(text, quoted=isinstance(where.value, Instant))
                return Is(field, date) if comparison is Comparison.EQ else Range(field, _ORDERS[comparison], date)
            case str(text):
                if where.comparison is Comparison.EQ or where.field.kind is not Kind.KEYWORD:
                    raise UnsaidError(where, "an order of texts is asked of a field that has none")
                return Range(field, _ORDERS[where.comparison], Literal(text, quoted=True))
            case _:
                assert_never(where.value)

    def _phrase(self, where: Phrase, inside: str) -> Node:
        """Words one after another in quotes; a word with a wildcard stands alone and unquoted (rule K13)."""
        field = self._field(where.field, where, inside)
        words = [token.literal for token in where.tokens]
        plain = [word for word in words if word is not None]
        if len(plain) == len(words):
            return Is(field, Literal(" ".join(plain), quoted=True))
        if len(words) > 1:
            raise UnsaidError(where, "kuery has no phrase with a wildcard in it")
        return Is(field, self._wildcard(where, where.tokens[0]))


def _name(path: str, inside: str) -> Literal:
    """A field inside a nested array is named from the array on."""
    return Literal(path.removeprefix(f"{inside}.") if inside else path)
