"""STATS and INLINE STATS: the aggregates of each column apart, then what is computed from them (rules Q37 to Q43)."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import assert_never

from converter.deferred import dataclass, replace
from converter.diagnostics import Span
from converter.languages.esql import syntax
from converter.languages.esql.codes import Q023, Q025, Q026
from converter.languages.esql.query import Aggregate, Assignment, Stats
from converter.model.operation import Aggregator
from converter.model.pipeline import (
    Aggregated,
    Aggregation,
    Apply,
    Column,
    Compute,
    Constant,
    Expression,
    Found,
    InlineSummarise,
    Keep,
    Like,
    Matches,
    Named,
    Reference,
    Stage,
    Summarise,
    Type,
    is_many,
    type_of,
)
from converter.readers.esql.context import NOTHING, Context
from converter.readers.esql.expression import Lowering
from converter.readers.esql.functions import AGGREGATES, AggregateSignature, Gives
from converter.readers.esql.typing import ANYTHING, BOOLEANS, NUMBERS, ORDERED, STRINGS

_HIDDEN = "$"
"""The first letter of columns that no query names: aggregates inside an expression."""

_MANY = (Aggregator.VALUES, Aggregator.TOP)


class _Inner(Lowering):
    """The arguments and conditions of aggregates: columns of the rows, then the names of keys."""

    def __init__(self, context: Context, keys: dict[str, Expression]) -> None:
        super().__init__(context)
        self._keys = keys

    def column(self, path: str, span: Span) -> Expression:
        """A column, or the key of this name."""
        if path in self._keys and self.context.scope.find(path) is None:
            return self._keys[path]
        return self.context.column(path, span)


class _Outer(Lowering):
    """What is computed from aggregates: they are put aside under names of their own."""

    def __init__(self, context: Context, keys: dict[str, Expression], inner: _Inner) -> None:
        super().__init__(context)
        self._keys = keys
        self._inner = inner
        self._where: Expression | None = None
        self._claimed: Type | None = None
        self.aggregates: dict[Aggregation, Column] = {}

    def computed(self, aggregate: Aggregate) -> Expression:
        """The value of one column of STATS."""
        self._where = None
        self._claimed = self.context.claimed(aggregate.column.name)
        if aggregate.where is not None:
            self._where = self._inner.argument(aggregate.where, BOOLEANS, "the condition of an aggregate")
        before = len(self.aggregates)
        node = aggregate.column.expression
        found = self.value(node)
        if found is not NOTHING and len(self.aggregates) == before and not _has_aggregate(node):
            hint = "Use count, values, min, max or another aggregate."
            return self.context.refuse(Q025, "a column of stats needs an aggregate", node.span, hint)
        return found

    def column(self, path: str, span: Span) -> Expression:
        """A key; no other column has one value in a group."""
        key = self._keys.get(path)
        if key is None:
            if self.context.scope.find(path) is None:
                return self.context.column(path, span)
            hint = "Put it into an aggregate or behind by."
            return self.context.refuse(Q025, f"{path} is neither a key nor in an aggregate", span, hint)
        return Reference(Column(path, type_of(key), many=False), span)

    def call(self, node: syntax.Call) -> Expression:
        """An aggregate, or a function over aggregates."""
        signature = AGGREGATES.get(node.function.lower())
        if signature is None:
            return super().call(node)
        aggregation = self._aggregation(signature, node)
        if aggregation is None:
            return NOTHING
        column = self.aggregates.get(aggregation)
        if column is None:
            column = Column(f"{_HIDDEN}{len(self.aggregates)}", aggregation.type, _gives_many(aggregation))
            self.aggregates[aggregation] = column
        return Reference(column, node.span)

    def _aggregation(self, signature: AggregateSignature, node: syntax.Call) -> Aggregation | None:
        nodes = node.arguments
        if node.star and signature.function is not Aggregator.COUNT:
            self.context.refuse(Q023, f"{node.function} does not take *", node.span)
            return None
        if len(nodes) < signature.least or len(nodes) > len(signature.takes):
            wanted = f"{signature.least} to {len(signature.takes)}"
            self.context.refuse(Q023, f"{node.function} takes {wanted} arguments, not {len(nodes)}", node.span)
            return None
        arguments = []
        for position, (item, kinds) in enumerate(zip(nodes, signature.takes, strict=False)):
            value = self._inner.value(item)
            if not (type_of(value) is Type.UNKNOWN and kinds in (ANYTHING, ORDERED)):
                subject = f"argument {position + 1} of {node.function}"
                value = self.context.as_one_of(value, kinds, item.span, subject)
            elif self._claimed is not None and signature.gives is Gives.FIRST and not position:
                value = self.context.assume(value, self._claimed)
            arguments.append(value)
        if signature.function is Aggregator.TOP and not self._checked_top(arguments, node):
            return None
        kind = _gives(signature, type_of(arguments[0]) if arguments else Type.NULL)
        return Aggregation(signature.function, tuple(arguments), kind, self._where, node.span)

    def _checked_top(self, arguments: list[Expression], node: syntax.Call) -> bool:
        """TOP's count and order are constants; the order is ascending by default."""
        count, *order = arguments[1:]
        good = isinstance(count, Constant) and isinstance(count.value, int) and count.value > 0
        good = good and all(isinstance(o, Constant) and str(o.value).lower() in ("asc", "desc") for o in order)
        if not good:
            hint = 'For example: top(bytes, 3, "desc").'
            self.context.refuse(Q026, "top takes a column, a constant count above 0, and asc or desc", node.span, hint)
        return good


def _has_aggregate(node: syntax.Expression) -> bool:
    stack: list[object] = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, syntax.Call) and found.function.lower() in AGGREGATES:
            return True
        if dataclasses.is_dataclass(found):
            stack.extend(getattr(found, f.name) for f in dataclasses.fields(found))
        elif isinstance(found, tuple):
            stack.extend(found)
    return False


def _gives_many(aggregation: Aggregation) -> bool:
    if aggregation.function in (Aggregator.FIRST, Aggregator.LAST):
        return is_many(aggregation.arguments[0])
    return aggregation.function in _MANY


def _gives(signature: AggregateSignature, first: Type) -> Type:
    match signature.gives:
        case Type():
            return signature.gives
        case Gives.SUM:
            if first in (Type.NULL, Type.DOUBLE):
                return first
            return Type.LONG if first in NUMBERS else Type.DOUBLE
        case Gives.FIRST | Gives.COMMON:
            return Type.KEYWORD if first in STRINGS else first


# ---- the command ----


@dataclass(slots=True)
class _Columns:
    """The columns that a STATS gives: the rightmost of a name wins, keys over aggregates (rule Q37)."""

    keys: dict[str, Named] = field(default_factory=dict)
    made: dict[str, Named] = field(default_factory=dict)

    def ordered(self) -> list[Column]:
        """Aggregates, then keys."""
        return [n.column for n in (*self.made.values(), *self.keys.values())]


def stats(context: Context, node: Stats) -> list[Stage]:
    """The stages of a STATS; the scope is then that of its result."""
    columns = _Columns()
    for key in node.by:
        _put(columns.keys, key, Lowering(context).value(key.expression))
    keys = {name: named.expression for name, named in columns.keys.items()}
    inner = _Inner(context, keys)
    outer = _Outer(context, keys, inner)
    for aggregate in node.aggregates:
        value = outer.computed(aggregate)
        if aggregate.column.name not in columns.keys:
            _put(columns.made, aggregate.column, value)
    return _stages(context, columns, outer.aggregates, inline=node.inline)


def _put(into: dict[str, Named], column: Assignment, value: Expression) -> None:
    into.pop(column.name, None)
    many = is_many(value)
    into[column.name] = Named(Column(column.name, type_of(value), many), value)


def _stages(context: Context, columns: _Columns, aggregates: dict[Aggregation, Column], *, inline: bool) -> list[Stage]:
    plain: dict[Column, Column] = {}
    computed: list[Named] = []
    for named in columns.made.values():
        value = named.expression
        if isinstance(value, Reference) and value.column.name.startswith(_HIDDEN) and value.column not in plain:
            plain[value.column] = replace(named.column, many=value.column.many)
        else:
            computed.append(named)
    rows = tuple(Aggregated(plain.get(column, column), agg) for agg, column in aggregates.items())
    renamed = tuple(Named(n.column, _renamed(n.expression, plain)) for n in computed)
    keys = tuple(Named(replace(k.column, many=inline and k.column.many), k.expression) for k in columns.keys.values())
    head: Stage = InlineSummarise(rows, keys) if inline else Summarise(rows, keys)
    ordered = [*(n.column for n in columns.made.values()), *(k.column for k in keys)]
    summed = {column.name: column for column in plain.values()}
    ordered = [summed.get(column.name, column) for column in ordered]
    stages: list[Stage] = [head]
    if renamed:
        stages.append(Compute(renamed))
    if inline:
        for column in ordered:
            context.scope.put(column)
        return stages
    context.scope.replace(ordered)
    stages.append(Keep(tuple(ordered)))
    return stages


def _renamed(expression: Expression, names: dict[Column, Column]) -> Expression:
    """The expression over the columns that the summary makes."""
    match expression:
        case Reference():
            return replace(expression, column=names.get(expression.column, expression.column))
        case Apply(_, arguments):
            return replace(expression, arguments=tuple(_renamed(a, names) for a in arguments))
        case Like() | Matches():
            return replace(expression, operand=_renamed(expression.operand, names))
        case Constant() | Found():
            return expression
        case _:
            assert_never(expression)
