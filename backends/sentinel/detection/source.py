"""Where a rule's rows come from: a table, or the query that makes one of several."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import tree
from converter.languages.kusto import parse
from converter.languages.kusto.syntax import (
    Columns,
    Expression,
    Extend,
    MvApply,
    Name,
    Operator,
    Query,
    Rename,
    Summarize,
    Table,
    Union,
    Where,
)
from converter.languages.kusto.walk import names
from converter.target.contract import Binding

ECS = "ECS"
"""The table, or function of the workspace, of events that keep Elastic's names."""


def rows(binding: Binding, first: Sequence[Expression] = ()) -> Query:
    """The rows of the place; `first` are conditions over its stored columns, asked before anything is computed."""
    if binding.header.get("query", ""):
        source = parse.query(binding.header["query"])
    else:
        source = Query(Table(binding.header.get("table", ECS)))
    if binding.header.get("where", ""):
        source = Query(source.source, (*source.operators, Where(parse.expression(binding.header["where"]))))
    return _asked(source, first)


def time(binding: Binding) -> Name:
    """The column that holds an event's time."""
    return Name(binding.header.get("time", "@timestamp" if binding.dataset is None else "TimeGenerated"))


def where(*conditions: Expression) -> tuple[Operator, ...]:
    """A `where`, unless it keeps all."""
    found = tree.all_of(conditions)
    return () if found == tree.TRUE else (Where(found),)


def away(names: Sequence[str]) -> tuple[Operator, ...]:
    """Remove computed columns, so that rows stay as they were."""
    return (Columns("away", tuple(names)),) if names else ()


def _asked(source: Query, first: Sequence[Expression]) -> Query:
    """The source with conditions as early as they can be asked: before operators that look at one row at a time."""
    computed = {name for operator in source.operators for name in made(operator)}
    by_row = all(isinstance(o, Where | Extend | Columns | MvApply) for o in source.operators)
    early = [c for c in first if by_row and computed.isdisjoint(names(c))] if isinstance(source.source, Table) else []
    late = [c for c in first if c not in early]
    begin = 0
    while begin < len(source.operators) and isinstance(source.operators[begin], Where):
        begin += 1
    known = [o.condition for o in source.operators[:begin] if isinstance(o, Where)]
    head = where(*known, *early)
    rest = source.operators[begin:]
    if not rest:
        return Query(source.source, where(*known, *first))
    return Query(source.source, (*head, *rest, *where(*late)))


def made(operator: Operator) -> tuple[str, ...]:
    """The columns that an operator makes anew."""
    match operator:
        case Extend(items):
            return tuple(i.name for i in items)
        case MvApply(columns, body):
            return (*(c.name for c in columns), *(n for o in body for n in _summarized(o)))
        case Rename(pairs):
            return tuple(new for new, _ in pairs)
        case _:
            return ()


def _summarized(operator: Operator) -> tuple[str, ...]:
    return tuple(i.name for i in operator.aggregates) if isinstance(operator, Summarize) else made(operator)


def union(branches: Sequence[Query]) -> Query:
    """The rows of several queries as one."""
    return branches[0] if len(branches) == 1 else Query(Union(tuple(branches)))
