"""LOOKUP JOIN and ENRICH over tables that are at hand (rule Q49).

https://www.elastic.co/docs/reference/query-languages/esql/commands/lookup-join,
https://www.elastic.co/docs/reference/query-languages/esql/commands/enrich
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from converter.deferred import replace
from converter.diagnostics import Span
from converter.languages.esql import query as esql
from converter.languages.esql.codes import Q020, Q021, Q030
from converter.languages.esql.syntax import And, Comparison, Expression, Name
from converter.model.operation import Operation
from converter.model.pipeline import Adjoin, Column, Pair, Stage, Type, type_of
from converter.readers.esql.context import Context
from converter.readers.esql.expression import Lowering
from converter.readers.esql.scope import Scope
from converter.readers.esql.typing import NUMBERS, STRINGS, word

_TURNED: Final = {
    Operation.EQ: Operation.EQ,
    Operation.NE: Operation.NE,
    Operation.LT: Operation.GT,
    Operation.LE: Operation.GE,
    Operation.GT: Operation.LT,
    Operation.GE: Operation.LE,
}


def looked_up(context: Context, node: esql.LookupJoin) -> list[Stage]:
    """LOOKUP JOIN: the columns of the other table come last, and those of its names go."""
    other = _other(context, node.index, node.span)
    if other is None:
        return []
    pairs = [pair for condition in _terms(node.on) for pair in _pair(context, other, condition)]
    shared = {on.path for on in node.on if isinstance(on, Name)}
    made = [(_made(column), name) for name, column in other.columns.items() if name not in shared]
    return [_joined(context, Adjoin(node.index, tuple(pairs), tuple(made)))]


def _terms(on: Iterable[Expression]) -> Iterable[Expression]:
    for condition in on:
        yield from condition.terms if isinstance(condition, And) else (condition,)


def _pair(context: Context, other: Scope, condition: Expression) -> list[Pair]:
    """A name that both sides have, or a comparison of a column of each."""
    match condition:
        case Name(path, span):
            left, operation, right = condition, Operation.EQ, Name(path, span)
        case Comparison(operator, Name() as left, Name() as right):
            operation = Operation(operator.value)
            if right.path not in other.columns and left.path in other.columns:
                left, operation, right = right, _TURNED[operation], left
        case _:
            hint = "A lookup join is on names of columns, or on comparisons of a column of each side."
            context.refuse(Q030, "this condition of a lookup join cannot be carried", condition.span, hint)
            return []
    value = Lowering(context).value(left)
    if context.scope.find(left.path) is None:
        return []  # reported
    found = other.columns.get(right.path)
    if found is None:
        hint = f"Its columns are {', '.join(other.columns)}."
        context.refuse(Q020, f"the table of the join has no column {right.path}", right.span, hint)
        return []
    if not _alike(type_of(value), found.type):
        message = f"{left.path} is {word(type_of(value))} here and {right.path} is {word(found.type)} in the table"
        context.refuse(Q021, message, condition.span)
        return []
    return [Pair(value, operation, right.path)]


def _alike(left: Type, right: Type) -> bool:
    """Whether values of both types can be equal."""
    return left in (right, Type.NULL) or any(left in kinds and right in kinds for kinds in (NUMBERS, STRINGS))


def enriched(context: Context, node: esql.Enrich) -> list[Stage]:
    """ENRICH: the values of all rows that match, under their own names or those that WITH gives.

    The table is the policy: its first column is the match field.
    """
    policy = node.policy.rpartition(":")[2]  # `_any:`, `_coordinator:` and `_remote:` say where, not what
    other = _other(context, policy, node.span)
    if other is None:
        return []
    key, *fields = other.columns
    on = key if node.on is None else node.on.plain
    if on is None:
        context.refuse(Q020, "enrich matches on one column", node.span)
        return []
    span = node.span if node.on is None else node.on.span
    value = Lowering(context).value(Name(on, span))
    if not _alike(type_of(value), other.columns[key].type) and type_of(value) is not Type.NULL:
        message = f"{on} is {word(type_of(value))} here and {key} is {word(other.columns[key].type)} in the policy"
        context.refuse(Q021, message, span)
    made: list[tuple[Column, str]] = []
    for column in node.columns or tuple(esql.Enriched(None, esql.NamePattern((name,))) for name in fields):
        name, new = column.field.plain, (column.new or column.field).plain
        if name is None or new is None or name not in other.columns:
            shown = "*".join(column.field.parts)
            context.refuse(Q020, f"the policy has no column {shown}", column.field.span, f"It has {', '.join(fields)}.")
            continue
        made.append((replace(_made(other.columns[name]), name=new), name))
    return [_joined(context, Adjoin(policy, (Pair(value, Operation.EQ, key),), tuple(made), gathers=True))]


def _other(context: Context, name: str, span: Span) -> Scope | None:
    """The columns of the table; None if there is none, which is reported."""
    assert context.tables is not None  # noqa: S101 -- the caller looked
    found = context.tables((name,), span, context)
    return found if found.columns else None


def _made(column: Column) -> Column:
    """A column of the other table: no field of the event."""
    return replace(column, field=None)


def _joined(context: Context, join: Adjoin) -> Adjoin:
    for column, _ in join.columns:
        context.scope.put(column)
    return join
