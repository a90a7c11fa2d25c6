"""What conditions ask of values: of one and a constant, and of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from converter.model.pattern import Case
from converter.model.predicate import And, Compare, Comparison, OneOf, Predicate
from converter.model.value import Field, Instant, Kind
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import Literal, Value, kind_of, words
from converter.readers.unraised import UnraisedError

_SWAPPED: Final = {Comparison.GT: Comparison.LT, Comparison.GE: Comparison.LE}


class Asks:
    """Makes conditions on values of a flow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def of(self, value: Value, test: Callable[[Field], Predicate]) -> tuple[Predicate, Predicate]:
        """That there is a value, and that it passes a test."""
        return self._flow.present(value), test(self._flow.field(value))

    @staticmethod
    def constant(field: Field, order: Comparison, value: Literal) -> Predicate:
        """The field compared with a constant, as the kind of its values makes it. Raises UnraisedError."""
        match value.value, field.kind:
            case bool() as found, Kind.BOOLEAN if order is Comparison.EQ:
                return Compare(field, order, found)
            case str() as text, Kind.KEYWORD | Kind.TEXT | Kind.IP if order is Comparison.EQ:
                return OneOf(field, (text,), Case.SENSITIVE)
            case int() | float() as number, Kind.LONG | Kind.DOUBLE:
                return Compare(field, order, number)
            case int() as moment, Kind.DATE:
                return Compare(field, order, Instant(moment))
            case _:
                raise UnraisedError(f"a comparison of {field.kind.value} with a constant of another kind")

    def both(self, left: Value, order: Comparison, right: Value) -> tuple[Predicate, Predicate]:
        """That both are there, and how they compare: a condition on the pair."""
        if order in _SWAPPED:
            left, order, right = right, _SWAPPED[order], left
        names = [words(one) if isinstance(one, Literal) else self._flow.field(one).path for one in (left, right)]
        if order is Comparison.EQ:
            names.sort()
        kinds = {kind_of(left), kind_of(right)}
        word = "text" if kinds == {Kind.KEYWORD} else "value"
        pair = Field(f"({names[0]} {order.value} {names[1]} as {word})", Kind.BOOLEAN, many=False)
        there = And((self._flow.present(left), self._flow.present(right)))
        return there, Compare(pair, Comparison.EQ, value=True)
