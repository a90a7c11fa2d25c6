"""Functions of a pipeline on several values, as Kusto's on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.rowpart import TEXTS, Values, listed, null, typed, whole_of
from converter.languages.kusto.syntax import (
    Binary,
    Expansion,
    Expression,
    Extend,
    Index,
    Item,
    MvApply,
    Name,
    Number,
    Summarize,
    Where,
)
from converter.model import pipeline as model
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Type, is_many, type_of
from converter.target.narrowing import UnsayableError

REDUCING: Final = (
    Operation.MV_FIRST,
    Operation.MV_LAST,
    Operation.MV_MIN,
    Operation.MV_MAX,
    Operation.MV_CONCAT,
)
"""Functions that make one value of several."""

OPERATIONS: Final = (
    *REDUCING,
    Operation.MV_COUNT,
    Operation.MV_DEDUPE,
    Operation.MV_SLICE,
    Operation.MV_SORT,
    Operation.MV_APPEND,
    Operation.MV_UNION,
    Operation.MV_INTERSECTION,
)


def several(values: Values, node: Apply) -> Expression:
    """A function of several values."""
    first, *rest = node.arguments
    if not is_many(first):
        return _of_one(values, node)
    value = values.array(first)
    match node.operation:
        case Operation.MV_COUNT:
            count = tree.call("array_length", value)
            return tree.call("iff", Binary(">", count, Number(0)), count, null(Type.LONG))
        case Operation.MV_CONCAT if type_of(first) in TEXTS:
            return tree.call("strcat_array", value, values.one(rest[0]))
        case Operation.MV_DEDUPE:
            return tree.call("set_union", value, value)
        case Operation.MV_APPEND | Operation.MV_UNION | Operation.MV_INTERSECTION:
            return _both(values, node)
        case Operation.MV_SLICE:
            places = [whole_of(a) for a in rest]
            places = places if len(places) > 1 else places * 2
            return tree.call("array_slice", _ordered(values, value, first), *map(Number, places))
        case Operation.MV_FIRST | Operation.MV_LAST if model.is_placed(first):
            place = Number(0 if node.operation is Operation.MV_FIRST else -1)
            return typed(Operand(Index(value, place), "dynamic"), node.type)
        case Operation.MV_SORT if len(node.arguments) == 1:
            return _ordered(values, value, first, least=True)
        case Operation.MV_FIRST | Operation.MV_MIN | Operation.MV_LAST | Operation.MV_MAX:
            least = node.operation in (Operation.MV_MIN, Operation.MV_MAX)
            back = node.operation in (Operation.MV_LAST, Operation.MV_MAX)
            found = Index(_ordered(values, value, first, least=least, back=back), Number(0))
            return typed(Operand(found, "dynamic"), node.type)
        case _:
            raise UnsayableError(node.operation.value)


def _ordered(
    values: Values, value: Expression, node: model.Expression, *, least: bool = False, back: bool = False
) -> Expression:
    """The values in their order; `least`: which is the least is asked."""
    if model.is_placed(node) and not least:
        return value
    # Addresses are ordered by number, texts by letter; what VALUES makes has no order (rule Q41).
    free = isinstance(node, model.Reference) and node.column.name in values.unordered
    if type_of(node) is Type.IP and (least or not free):
        raise UnsayableError("an order of addresses")
    return tree.call("array_sort_desc" if back else "array_sort_asc", value)


def _of_one(values: Values, node: Apply) -> Expression:
    """A function of several values, of one that never is more."""
    first, *rest = node.arguments
    match node.operation:
        case Operation.MV_FIRST | Operation.MV_LAST | Operation.MV_MIN | Operation.MV_MAX:
            return values.value(first)
        case Operation.MV_CONCAT if type_of(first) in TEXTS:
            return values.value(first)
        case Operation.MV_COUNT:
            return tree.call("iff", values.known(first), Number(1), null(Type.LONG))
        case Operation.MV_DEDUPE | Operation.MV_SORT:
            return values.array(first)
        case Operation.MV_SLICE:
            start, *end = map(whole_of, rest)
            inside = start <= 0 <= (end[0] if end else start)
            return values.array(first) if inside and start == 0 else tree.NULL_ELEMENT
        case _:
            return _both(values, node)


def _both(values: Values, node: Apply) -> Expression:
    one, other = map(values.array, node.arguments)
    match node.operation:
        case Operation.MV_APPEND:
            known = tree.all_of(map(values.present, node.arguments))
            return tree.call("iff", known, tree.call("array_concat", one, other), tree.NULL_ELEMENT)
        case Operation.MV_UNION:
            return tree.call("set_union", one, other)
        case Operation.MV_INTERSECTION:
            return tree.call("set_intersect", one, other)
        case _:
            raise UnsayableError(node.operation.value)


def each(values: Values, node: model.Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Every value of an array of texts changed, in a column that is computed beforehand."""
    own, made = values.fresh("Each"), values.fresh("Changed")
    body = (
        Where(tree.call("isnotempty", Name(own))),
        Summarize((Item(tree.call("make_list", change(Name(own))), made),)),
    )
    array = values.array(node)
    if not isinstance(array, Name):
        named = Name(values.fresh("All"))
        values.before.append(Extend((Item(array, named.name),)))
        array = named
    values.before.append(MvApply((Expansion(listed(array), own, "string"),), body))
    return Name(made)
