"""Lengths of texts where a query is read back: short ones as patterns, longer ones as a number of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import And, Compare, Comparison, Holds, Leaf, Like, Predicate, Present
from converter.model.value import Call, Field, Function, Kind, Literal
from converter.model.walk import map_leaves

MOST_ONES: Final = 12
"""Up to how many characters a length is said as a pattern."""

_ONE, _RUN = Wild.ANY_ONE, Wild.ANY_RUN
_MORE: Final = {
    Comparison.EQ: (),
    Comparison.GE: (_RUN,),
    Comparison.GT: (_ONE, _RUN),
}
_ORDERS: Final = {Function.EQ: Comparison.EQ, Function.GE: Comparison.GE, Function.GT: Comparison.GT}


def length_of(text: Field, skip: int = 0) -> Field:
    """The length of a column's text, without so many characters in front, as a number of its own."""
    return Field(f"strlen({text.path}, {skip})", Kind.LONG, many=False)


def is_length(field: Field) -> bool:
    """Whether the field is such a number."""
    return field.path.startswith("strlen(")


def of_length(text: Field, order: Comparison, count: int, skip: int = 0) -> Predicate | None:
    """A text without so many characters in front has so many; None for an order that is not read."""
    if order not in _MORE or count < 0:
        return None
    if count > MOST_ONES:
        return And((Present(text), Compare(length_of(text, skip), order, count)))
    return Like(text, (patterns.of(*(_ONE,) * (count + skip), *_MORE[order]),), Case.SENSITIVE)


def with_lengths(
    where: Predicate, named: Callable[[Field], Field], is_text: Callable[[Field], bool]
) -> Predicate | None:
    """A bound condition with scripts about one column's length said so; None if it has other scripts."""
    others: list[Leaf] = []

    def changed(leaf: Leaf) -> Predicate:
        if not isinstance(leaf, Holds):
            return leaf
        match leaf.call:
            case Call(function, (Call(Function.LENGTH, (Field() as text,)), Literal(int(count)))) if (
                function in _ORDERS and not text.many and is_text(text)
            ):
                found = of_length(text, _ORDERS[function], count)
                if isinstance(found, And):
                    return And((Present(text), Compare(length_of(named(text)), _ORDERS[function], count)))
                if found is not None:
                    return found
        others.append(leaf)
        return leaf

    found = map_leaves(where, changed)
    return None if others else found
