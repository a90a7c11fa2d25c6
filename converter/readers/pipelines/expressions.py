"""Expressions of the model as values, and as conditions that are true and that are false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, assert_never

from converter.deferred import dataclass, replace
from converter.model import pattern as patterns
from converter.model import pipeline as model
from converter.model import predicate as predicates
from converter.model.duration import DAY, DIFFERENCE_MS
from converter.model.operation import Operation
from converter.model.pattern import Case, Pattern, Wild
from converter.model.pipeline import Apply, Column, Constant, Expression, Found, Like, Matches, Reference, Type, type_of
from converter.model.predicate import And, Comparison, InNetwork, Not, Or, Predicate
from converter.model.value import Field, Kind
from converter.readers import address
from converter.readers.esql.literal import address_text
from converter.readers.pipelines.asks import SWAPPED, Asks
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import (
    NULL,
    Literal,
    Of,
    Stored,
    Value,
    concat,
    distinct,
    element,
    is_many,
    joined,
    kind_of,
    one,
    sliced,
)
from converter.readers.unraised import UnraisedError

_KINDS: Final = {
    Type.INTEGER: Kind.LONG,
    Type.LONG: Kind.LONG,
    Type.UNSIGNED_LONG: Kind.LONG,
    Type.DOUBLE: Kind.DOUBLE,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.DATE: Kind.DATE,
    Type.IP: Kind.IP,
}
_ORDERS: Final = {
    Operation.EQ: Comparison.EQ,
    Operation.LT: Comparison.LT,
    Operation.LE: Comparison.LE,
    Operation.GT: Comparison.GT,
    Operation.GE: Comparison.GE,
}
_PASSING: Final = (Operation.CASE, Operation.COALESCE)
_NEVER = predicates.Constant(value=False)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.VERSION, Type.NULL)


@dataclass(frozen=True, slots=True)
class Truth:
    """When a condition is true and when false; else it is null."""

    true: Predicate
    false: Predicate


class Expressions:
    """Reads expressions over the present row."""

    def __init__(
        self,
        flow: Flow,
        column: Callable[[Column], Value],
        asked: Callable[[Predicate], Predicate],
        same: Callable[[Apply], bool],
        *,
        empties: bool = True,
    ) -> None:
        self._flow = flow
        self._asks = Asks(flow)
        self._column = column
        self._asked = asked
        self._same = same
        self._empties = empties

    @staticmethod
    def kind(type_: Type) -> Kind:
        """The kind of values of a type. Raises UnraisedError."""
        if type_ is Type.POINT:
            raise UnraisedError("points")
        return _KINDS.get(type_, Kind.KEYWORD)

    def stored(self, field: Field, column: Column) -> Value:
        """A column of the event."""
        return Stored(replace(field, kind=self.kind(column.type), many=column.many))

    # ---- values

    def single(self, node: Expression) -> Value:
        """The one value; null for several (rule Q02)."""
        return one(self.value(node))

    def value(self, node: Expression) -> Value:
        """The value or values. Raises UnraisedError."""
        match node:
            case Constant():
                return self._constant(node)
            case Reference(column):
                return self._column(column)
            case Like() | Matches() | Found():
                return self._boolean(node)
            case Apply(operation) if node.type is Type.BOOLEAN and operation not in _PASSING:
                return self._boolean(node)
            case Apply():
                return self._apply(node)
            case _:
                assert_never(node)

    def _boolean(self, node: Expression) -> Value:
        found = self.truth(node)
        return self._flow.truth(found.true, found.false)

    def _constant(self, node: Constant) -> Value:
        match node.value:
            case "" if not self._empties:
                raise UnraisedError("the empty text as a value")
            case None if node.many:
                raise UnraisedError("an array as a constant")
            case int() as number if node.type is Type.IP:
                return Literal(address_text(number))
            case model.Period(months=0, days=days):
                return Literal(days * DAY)
            case str() | int() | float() | bool() | None as plain:
                return Literal(plain)
            case _:
                raise UnraisedError("a constant of this type")

    def _apply(self, node: Apply) -> Value:
        arguments, operation, kind = node.arguments, node.operation, self.kind(node.type)
        if self._same(node):
            return self.value(arguments[0])
        match operation:
            case Operation.CASE:
                return self._case(node)
            case Operation.COALESCE:
                return self._flow.first(tuple(map(self.value, arguments)))
            case Operation.NOW:
                return Of("now", (), Kind.DATE)
            case Operation.ADD | Operation.SUBTRACT | Operation.MULTIPLY:
                return Of(operation.value, tuple(map(self.single, arguments)), kind)
            case Operation.NEGATE:
                return Of("-", (Literal(0), self.single(arguments[0])), kind)
            case Operation.DIVIDE:
                word = "/" if node.type is Type.DOUBLE else "div"
                return Of(word, tuple(map(self.single, arguments)), kind)
            case Operation.ABS | Operation.CEIL | Operation.FLOOR | Operation.ROUND:
                numbers = tuple(map(self.single, arguments))
                return Of(operation.value, numbers[:1] if numbers[1:] == (Literal(0),) else numbers, kind)
            case Operation.DATE_TRUNC:
                return Of("trunc", (self._span(arguments[0]), self.single(arguments[1])), kind)
            case Operation.DATE_DIFF:
                unit = DIFFERENCE_MS.get(_text(arguments[0]).lower())
                if unit is None:
                    raise UnraisedError("a difference by another unit")
                length = Of("-", (self.single(arguments[2]), self.single(arguments[1])), Kind.LONG)
                return Of("div", (length, Literal(unit)), kind)
            case Operation.TO_LOWER | Operation.TO_UPPER:
                inner = self.value(arguments[0])
                return Of(operation.value.removeprefix("to_"), (inner,), kind, is_many(inner))
            case Operation.TO_STRING | Operation.TO_LONG | Operation.TO_INTEGER | Operation.TO_DOUBLE | Operation.TO_IP:
                return self._converted(node, kind)
            case _:
                return self._of_text(node, kind)

    def _span(self, node: Expression) -> Value:
        found = self.value(node)
        if not isinstance(found, Literal) or not isinstance(found.value, int):
            raise UnraisedError("a span of another kind")
        return found

    def _converted(self, node: Apply, kind: Kind) -> Value:
        """A conversion, by what it is made of: a text as a number is not what a number as another is."""
        source = type_of(node.arguments[0])
        inner = self.value(node.arguments[0])
        word = "string" if node.operation is Operation.TO_STRING else node.operation.value
        made_of = "text" if source in _TEXTS else kind_of(inner).value
        return Of(word if word == "string" else f"{word} of {made_of}", (inner,), kind, is_many(inner))

    def _case(self, node: Apply) -> Value:
        parts, last = node.arguments, len(node.arguments) - 1
        arms = tuple((self.truth(parts[p]).true, self.value(parts[p + 1])) for p in range(0, last, 2))
        return self._flow.choice(arms, self.value(parts[last]) if last % 2 == 0 else NULL)

    def _of_text(self, node: Apply, kind: Kind) -> Value:
        first, *rest = node.arguments
        match node.operation:
            case Operation.LENGTH:
                return Of("length", (self.single(first),), kind)
            case Operation.CONCAT:
                return concat(tuple(map(self.single, node.arguments)))
            case Operation.LEFT:
                return Of("substring", (self.single(first), Literal(0), Literal(max(_whole(rest[0]), 0))), kind)
            case Operation.SUBSTRING if _whole(rest[0]) > 0:
                sizes = (Literal(_whole(rest[0]) - 1), *(Literal(_whole(a)) for a in rest[1:]))
                return Of("substring", (self.single(first), *sizes), kind)
            case Operation.TRIM:
                return Of("trim", (self.single(first),), kind)
            case Operation.REPLACE:
                return self._replaced(node, kind)
            case Operation.SPLIT:
                return Of("split", (self.single(first), Literal(_text(rest[0]))), kind, many=True)
            case Operation.URL_DECODE | Operation.FROM_BASE64:
                return Of(node.operation.value, (self.single(first),), kind)
            case Operation.LOCATE if len(rest) == 1:
                return Of("locate", (self.single(first), self.single(rest[0])), kind)
            case _:
                return self._of_many(node, kind)

    def _replaced(self, node: Apply, kind: Kind) -> Value:
        from converter.readers.pipelines.regex import java, template  # few pipelines have one

        first, pattern, new = node.arguments
        written = java(_text(pattern))
        return Of("replace", (self.single(first), written, template(_text(new), written)), kind)

    def _of_many(self, node: Apply, kind: Kind) -> Value:
        first, *rest = node.arguments
        inner = self.value(first)
        match node.operation:
            case Operation.MV_COUNT:
                return self._flow.counted(inner)
            case Operation.MV_CONCAT:
                return joined(inner, _text(rest[0]))
            case Operation.MV_DEDUPE:
                return distinct(inner)
            case Operation.MV_FIRST | Operation.MV_LAST | Operation.MV_MIN | Operation.MV_MAX | Operation.MV_SORT:
                if not is_many(inner):
                    return inner
                ordered = self._in_order(node, inner)
                last = node.operation in (Operation.MV_LAST, Operation.MV_MAX)
                sorts = node.operation is Operation.MV_SORT
                return ordered if sorts else element(ordered, -1 if last else 0)
            case Operation.MV_SLICE:
                return sliced(self._in_order(node, inner), tuple(map(_whole, rest)))
            case Operation.MV_APPEND | Operation.MV_UNION | Operation.MV_INTERSECTION:
                return Of(node.operation.value, (inner, self.value(rest[0])), kind, many=True)
            case _:
                raise UnraisedError(f"the function {node.operation.value}")

    @staticmethod
    def _in_order(node: Apply, inner: Value) -> Value:
        """Several values in the order of texts, or of their places; what has no order may be in any (rule Q41)."""
        least = node.operation in (Operation.MV_MIN, Operation.MV_MAX, Operation.MV_SORT)
        if not is_many(inner) or (model.is_placed(node.arguments[0]) and not least):
            return inner
        return Of("sorted", (inner,), kind_of(inner), many=True)

    # ---- conditions

    def truth(self, node: Expression) -> Truth:
        """When a condition is true and when it is false. Raises UnraisedError."""
        match node:
            case Constant(value):
                return Truth(predicates.Constant(value is True), predicates.Constant(value is False))
            case Reference():
                return self._of_truth(self.single(node))
            case Like(operand, found):
                return self._like(operand, found)
            case Matches(operand, regexes):
                return self._told(self.single(operand), lambda f: predicates.Matches(f, regexes, Case.SENSITIVE))
            case Found(wanted):
                where = self._asked(wanted)
                return Truth(where, Not(where))
            case Apply():
                return self._condition(node)
            case _:
                assert_never(node)

    def _of_truth(self, value: Value) -> Truth:
        return Truth(self._flow.told(value, side=True), self._flow.told(value, side=False))

    def _told(self, value: Value, test: Callable[[Field], Predicate]) -> Truth:
        there, passed = self._asks.of(value, test)
        return _both(there, passed)

    def _like(self, operand: Expression, found: Sequence[Pattern]) -> Truth:
        return self._told(self.single(operand), lambda f: predicates.Like(f, tuple(found), Case.SENSITIVE))

    def _condition(self, node: Apply) -> Truth:
        arguments = node.arguments
        match node.operation:
            case Operation.AND:
                terms = [self.truth(a) for a in arguments]
                return Truth(And(tuple(t.true for t in terms)), Or(tuple(t.false for t in terms)))
            case Operation.OR:
                terms = [self.truth(a) for a in arguments]
                return Truth(Or(tuple(t.true for t in terms)), And(tuple(t.false for t in terms)))
            case Operation.NOT:
                inner = self.truth(arguments[0])
                return Truth(inner.false, inner.true)
            case Operation.IS_NULL | Operation.IS_NOT_NULL:
                there = self._flow.present(self.value(arguments[0]))
                found = Truth(there, Not(there))
                return found if node.operation is Operation.IS_NOT_NULL else Truth(found.false, found.true)
            case Operation.NE:
                inner = self._compared(arguments[0], arguments[1], Operation.EQ)
                return Truth(inner.false, inner.true)
            case Operation.EQ | Operation.LT | Operation.LE | Operation.GT | Operation.GE:
                return self._compared(arguments[0], arguments[1], node.operation)
            case Operation.IN:
                listed = tuple(v.value for v in arguments[1:] if isinstance(v, Constant) and isinstance(v.value, str))
                if len(listed) == len(arguments) - 1:
                    one_ = self.single(arguments[0])
                    return self._told(one_, lambda field: predicates.OneOf(field, listed, Case.SENSITIVE))
                terms = [self._compared(arguments[0], v, Operation.EQ) for v in arguments[1:]]
                return Truth(Or(tuple(t.true for t in terms)), And(tuple(t.false for t in terms)))
            case Operation.STARTS_WITH | Operation.ENDS_WITH | Operation.CONTAINS:
                ahead = () if node.operation is Operation.STARTS_WITH else (Wild.ANY_RUN,)
                back = () if node.operation is Operation.ENDS_WITH else (Wild.ANY_RUN,)
                return self._like(arguments[0], [patterns.of(*ahead, _text(arguments[1]), *back)])
            case Operation.CIDR_MATCH:
                return self._in_networks(arguments[0], [_text(a) for a in arguments[1:]])
            case Operation.MV_CONTAINS:
                held = self._flow.field(self.value(arguments[0]))
                where = predicates.OneOf(held, (_text(arguments[1]),), Case.SENSITIVE)
                return Truth(where, Not(where))
            case Operation.CASE | Operation.COALESCE:
                return self._of_truth(self._apply(node))
            case _:
                raise UnraisedError(f"the condition {node.operation.value}")

    def _in_networks(self, operand: Expression, networks: Sequence[str]) -> Truth:
        try:
            nets = tuple(net for text in networks for net in address.within(text))
        except address.AddressError as error:
            raise UnraisedError("a network that is none") from error
        return self._told(self.single(operand), lambda field: InNetwork(field, nets))

    def _compared(self, left: Expression, right: Expression, operation: Operation) -> Truth:
        one_, other = self.single(left), self.single(right)
        order = _ORDERS[operation]
        if NULL in (one_, other):
            return Truth(_NEVER, _NEVER)
        if isinstance(one_, Literal):
            one_, other, order = other, one_, SWAPPED[order]
        if isinstance(other, Literal) and not isinstance(one_, Literal):
            if type_of(left) is Type.IP or type_of(right) is Type.IP:
                return self._in_networks(left if self.single(left) == one_ else right, [str(other.value)])
            if isinstance(other.value, bool) and order is Comparison.EQ and kind_of(one_) is Kind.BOOLEAN:
                found = self._of_truth(one_)
                return found if other.value else Truth(found.false, found.true)
            return self._told(one_, lambda field: self._asks.constant(field, order, other))
        return _both(*self._asks.both(one_, order, other))


def _both(there: Predicate, passed: Predicate) -> Truth:
    """A test that holds of no value that is not there; false where one is there and the test does not hold."""
    true = And((there, passed))
    return Truth(true, And((there, Not(true))))


def _text(node: Expression) -> str:
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        raise UnraisedError("an argument that is no constant")
    return node.value


def _whole(node: Expression) -> int:
    if not isinstance(node, Constant) or not isinstance(node.value, int):
        raise UnraisedError("an argument that is no constant")
    return node.value
