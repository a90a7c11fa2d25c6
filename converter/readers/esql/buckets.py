"""BUCKET: dates and numbers in steps of a size, or in so many steps of a range.

https://www.elastic.co/docs/reference/query-languages/esql/functions-operators/grouping-functions
"""

from __future__ import annotations

from typing import Final, Protocol

from converter.languages.esql import syntax
from converter.languages.esql.codes import Q023
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Expression, Type, type_of
from converter.readers.esql.context import Context
from converter.readers.esql.typing import DATES, NUMBERS, SPANS, WHOLE, settled

_OF_SIZE: Final = 2
_OF_RANGE: Final = 4


class Lowering(Protocol):
    """What is asked of the lowering of expressions, which asks for BUCKET: see `expression.Lowering`."""

    context: Context

    def value(self, node: syntax.Expression) -> Expression:
        """An expression with its type."""

    def argument(self, node: syntax.Expression, kinds: frozenset[Type], subject: str) -> Expression:
        """An argument of one of some types."""


def bucket(lowering: Lowering, node: syntax.Call) -> Expression:
    """The start of the step that a value is in."""
    nodes = node.arguments
    if len(nodes) not in (_OF_SIZE, _OF_RANGE):
        message = f"bucket takes a value and a size, or a value, a count, and a range, not {len(nodes)} arguments"
        return lowering.context.refuse(Q023, message, node.span)
    value = lowering.value(nodes[0])
    if type_of(value) is Type.UNKNOWN:
        value = lowering.context.assume(value, Type.DATE)
    value = settled(lowering.context.as_one_of(value, DATES | NUMBERS, nodes[0].span, "argument 1 of bucket"))
    dates = type_of(value) is Type.DATE
    kinds = DATES if dates else NUMBERS
    if len(nodes) == _OF_SIZE:
        size = lowering.argument(nodes[1], SPANS if dates else NUMBERS, "argument 2 of bucket")
        if dates:
            return Apply(Operation.DATE_TRUNC, (size, value), Type.DATE, node.span)
        return Apply(Operation.BUCKET, (value, size), Type.DOUBLE, node.span)
    count = lowering.argument(nodes[1], WHOLE, "argument 2 of bucket")
    ends = [lowering.argument(n, kinds, f"argument {at} of bucket") for at, n in enumerate(nodes[2:], 3)]
    return Apply(Operation.BUCKET, (value, count, *ends), Type.DATE if dates else Type.DOUBLE, node.span)
