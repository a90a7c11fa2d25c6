"""Computed conditions as EQL writes them: the way back from a script of the model."""

from __future__ import annotations

from typing import Final, assert_never

from backends.elastic.condition.names import Names
from backends.elastic.condition.unsaid import UnsaidError
from converter.languages.eql import syntax
from converter.languages.eql.syntax import (
    ArithmeticOperator,
    Boolean,
    ComparisonOperator,
    Expression,
    Lookup,
    LookupOperator,
    Name,
    Negative,
    Null,
    Number,
    Text,
)
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Predicate
from converter.model.value import Call, Field, Function, Instant, Literal, Now, Scalar, Value

_COMPARED: Final = {
    Function.EQ: ComparisonOperator.EQ,
    Function.NE: ComparisonOperator.NE,
    Function.LT: ComparisonOperator.LT,
    Function.LE: ComparisonOperator.LE,
    Function.GT: ComparisonOperator.GT,
    Function.GE: ComparisonOperator.GE,
}
_ARITHMETIC: Final = {
    Function.ADD: ArithmeticOperator.ADD,
    Function.SUBTRACT: ArithmeticOperator.SUBTRACT,
    Function.MULTIPLY: ArithmeticOperator.MULTIPLY,
    Function.DIVIDE: ArithmeticOperator.DIVIDE,
    Function.MODULO: ArithmeticOperator.MODULO,
}


def condition(call: Call, names: Names, where: Predicate) -> Expression:
    """The condition that the script is. Raises UnsaidError."""
    return _Script(names, where).call(call)


def number(value: float) -> Expression:
    """A number literal, with its sign before it."""
    return Negative(Number(-value)) if value < 0 else Number(value)


class _Script:
    def __init__(self, names: Names, where: Predicate) -> None:
        self._names = names
        self._where = where

    def value(self, value: Value) -> Expression:
        """A field, a constant or a call."""
        match value:
            case Field():
                name = self._names.of(value)
                if name is None:
                    raise UnsaidError(self._where, f"no index of {value.path} is of the kind {value.kind.value}")
                return Name(name, optional=name in self._names.optional)
            case Literal(constant):
                return self._constant(constant)
            case Call():
                return self.call(value)
            case _:
                assert_never(value)

    def _constant(self, constant: Scalar | Pattern | None) -> Expression:
        match constant:
            case None:
                return Null()
            case bool():
                return Boolean(constant)
            case int() | float():
                return number(constant)
            case str():
                return Text(constant)
            case Instant() | Now() | Pattern():
                raise UnsaidError(self._where, "EQL's functions take neither dates nor patterns")
            case _:
                assert_never(constant)

    def call(self, call: Call) -> Expression:
        """The operator or function of a call."""
        function, arguments = call.function, call.arguments
        insensitive = call.case is Case.INSENSITIVE
        if function in _COMPARED:
            return self._compared(call, insensitive=insensitive)
        if function in _ARITHMETIC:
            left, right = map(self.value, arguments)
            return syntax.Arithmetic(_ARITHMETIC[function], left, right)
        match function:
            case Function.AND:
                return syntax.And(tuple(map(self.value, arguments)))
            case Function.OR:
                return syntax.Or(tuple(map(self.value, arguments)))
            case Function.NOT:
                return syntax.Not(self.value(arguments[0]))
            case Function.IS_NULL:
                return syntax.Comparison(ComparisonOperator.EQ, self.value(arguments[0]), Null())
            case Function.LIKE:
                return self._like(call, insensitive=insensitive)
            case _:
                return syntax.Call(function.value, tuple(map(self.value, arguments)), insensitive)

    def _compared(self, call: Call, *, insensitive: bool) -> Expression:
        left, right = call.arguments
        if not insensitive:
            return syntax.Comparison(_COMPARED[call.function], self.value(left), self.value(right))
        if call.function is Function.EQ and isinstance(right, Literal) and isinstance(right.value, str):
            return Lookup(LookupOperator.IN_INSENSITIVE, self.value(left), (Text(right.value),))
        raise UnsaidError(self._where, "EQL compares without regard to case with constants only")

    def _like(self, call: Call, *, insensitive: bool) -> Expression:
        operand, pattern = call.arguments
        if not (isinstance(pattern, Literal) and isinstance(pattern.value, Pattern)):
            raise UnsaidError(self._where, "EQL's wildcards are constants")
        parts = pattern.value.parts
        if any(sign in part for part in parts if isinstance(part, str) for sign in "*?"):
            raise UnsaidError(self._where, "EQL's wildcards have no escape for * and ?")
        text = "".join(part.value if isinstance(part, Wild) else part for part in parts)
        operator = LookupOperator.LIKE_INSENSITIVE if insensitive else LookupOperator.LIKE
        return Lookup(operator, self.value(operand), (Text(text),))
