"""Aggregates over the rows of a group: null skipped, arrays looked at value by value (rules Q05, Q05a, Q39 to Q41)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.rowpart import NUMBERS, TEXTS, listed, null, typed
from backends.sentinel.condition.rowvalue import Values
from converter.languages.kusto.syntax import Binary, Expansion, Expression, Extend, Item, MvExpand, Name, Number
from converter.model import pipeline as model
from converter.model.operation import Aggregator
from converter.model.pipeline import Aggregation, Type, is_many, type_of
from converter.target.narrowing import UnsayableError

_BY_VALUE: Final = (Aggregator.COUNT_DISTINCT, Aggregator.VALUES, Aggregator.MIN, Aggregator.MAX)
"""Aggregates that are the same however often they see a value."""


class Sums:
    """Writes the aggregates of one stage."""

    def __init__(self, values: Values, put: Callable[..., None]) -> None:
        self._values = values
        self._put = put
        self._elements: dict[model.Expression, tuple[Expression, Expression]] = {}
        self._arrays: list[Expansion] = []
        self._once: list[Expression] = []

    def prepare(self, node: Aggregation) -> None:
        """Have the array expanded whose values an aggregate looks at one by one."""
        argument = node.arguments[0] if node.arguments else None
        if argument is None or node.function not in _BY_VALUE or not is_many(argument) or argument in self._elements:
            return
        values = self._values.value(argument)
        own = self._values.fresh("Element")
        if not isinstance(values, Name):
            self._put(Extend((Item(values, own),)))
            values = Name(own)
        self._arrays.append(Expansion(listed(values), own))
        element = typed(Operand(Name(own), "dynamic"), type_of(argument))
        known = self._known_of(Name(own), element, argument)
        self._elements[argument] = element, known

    def expand(self) -> None:
        """Expand the arrays side by side: each value of each is in a row, and there are as many as the longest has.

        The first row of each event counts it; where an array is shorter there is null, which no aggregate sees.
        https://learn.microsoft.com/en-us/kusto/query/mv-expand-operator (several columns are expanded in parallel)
        """
        if self._arrays:
            index = self._values.fresh("ElementIndex")
            self._put(MvExpand(tuple(self._arrays), index))
            self._once.append(Binary("==", Name(index), Number(0)))

    def _known_of(self, own: Name, element: Expression, argument: model.Expression) -> Expression:
        if self._values.may_be_empty(argument):
            return tree.call("isnotnull", own)
        return tree.call("isnotempty" if type_of(argument) in TEXTS else "isnotnull", element)

    def aggregate(self, node: Aggregation) -> Expression:
        """The value of an aggregate."""
        where = [] if node.where is None else [self._values.said(node.where).true]
        if not node.arguments:
            conditions = [*self._once, *where]
            return tree.call("countif", tree.all_of(conditions)) if conditions else tree.call("count")
        argument = node.arguments[0]
        if node.function not in _BY_VALUE:
            where = [*self._once, *where]
            if is_many(argument):
                return self._of_arrays(node, argument, where)
        if argument in self._elements:
            value, known = self._elements[argument]
        else:
            value, known = self._values.value(argument), self._values.known(argument)
        return _of_values(node, value, known, where)

    def _of_arrays(self, node: Aggregation, argument: model.Expression, where: Sequence[Expression]) -> Expression:
        array = self._values.array(argument)
        count = tree.call("coalesce", tree.call("array_length", array), Number(0))
        counted = tree.call("coalesce", _over("sum", count, where), Number(0))
        match node.function:
            case Aggregator.COUNT:
                return counted
            case Aggregator.AVG:
                total = _over("sum", tree.call("array_sum", array), where)
                average = Binary("/", total, counted)
                return tree.call("iff", Binary(">", counted, Number(0)), average, null(Type.DOUBLE))
            case _:
                raise UnsayableError(f"{node.function.value} of several values")


def _over(name: str, value: Expression, where: Sequence[Expression]) -> Expression:
    return tree.call(f"{name}if", value, tree.all_of(where)) if where else tree.call(name, value)


def _of_values(node: Aggregation, value: Expression, known: Expression, where: Sequence[Expression]) -> Expression:
    kind = type_of(node.arguments[0])
    match node.function:
        case Aggregator.COUNT:
            return tree.call("countif", tree.all_of([known, *where]))
        case Aggregator.COUNT_DISTINCT:
            return tree.call("count_distinctif", value, tree.all_of([known, *where]))
        case Aggregator.VALUES:
            return tree.call("make_set_if", value, tree.all_of([known, *where]))
        case Aggregator.MIN | Aggregator.MAX if kind in (*NUMBERS, Type.DATE):
            return _over(node.function.value, value, where)
        case Aggregator.SUM | Aggregator.AVG:  # of no values Kusto's sum is 0, and its average not a number
            some = tree.call("countif", tree.all_of([known, *where]))
            found = _over(node.function.value, value, where)
            return tree.call("iff", Binary(">", some, Number(0)), found, null(node.type))
        case _:
            raise UnsayableError(f"{node.function.value} of {kind.value}")
