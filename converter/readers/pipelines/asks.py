"""What conditions ask of values: of one and a constant, and of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from converter.model.duration import ROUND_MS
from converter.model.pattern import Case
from converter.model.predicate import And, Compare, Comparison, OneOf, Predicate
from converter.model.value import Field, Instant, Kind, Now
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import Literal, Of, Value, kind_of, words
from converter.readers.unraised import UnraisedError

SWAPPED: Final = {
    Comparison.EQ: Comparison.EQ,
    Comparison.LT: Comparison.GT,
    Comparison.LE: Comparison.GE,
    Comparison.GT: Comparison.LT,
    Comparison.GE: Comparison.LE,
}
_SWAPPED: Final = {Comparison.GT: Comparison.LT, Comparison.GE: Comparison.LE}
_ROUNDED: Final = {ms: name for name, ms in ROUND_MS.items() if name}


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
        for value, moment, sign in ((left, _moment(right), order), (right, _moment(left), SWAPPED[order])):
            if moment is not None and kind_of(value) is Kind.DATE and _moment(value) is None:
                return self._flow.present(value), Compare(self._flow.field(value), sign, moment)
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


def _moment(value: Value) -> Now | None:
    """A moment by the time of the run; None for another value."""
    match value:
        case Of("now"):
            return Now(0)
        case Of("+" | "-" as sign, (Of("now"), Literal(int(span)))):
            return Now(span if sign == "+" else -span)
        case Of("trunc", (Literal(int(unit)), inner)) if unit in _ROUNDED and (found := _moment(inner)) is not None:
            return None if found.round_to else Now(found.offset_ms, _ROUNDED[unit])
        case _:
            return None
