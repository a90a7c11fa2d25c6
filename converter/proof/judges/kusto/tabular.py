"""Queries: sources and tabular operators, each a function from rows to rows."""

from __future__ import annotations

from typing import assert_never

from converter.proof.judges.kusto import columns, evaluate, expansion, joins, scanning
from converter.proof.judges.kusto.aggregates import identity
from converter.proof.judges.kusto.comparison import truth
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import (
    Call,
    Count,
    Datatable,
    Distinct,
    Expression,
    Extend,
    FunctionSource,
    Join,
    MvApply,
    MvExpand,
    Nested,
    Operator,
    Partition,
    Print,
    Project,
    Query,
    Range,
    Rename,
    Scan,
    Select,
    Sort,
    Source,
    Star,
    Summarize,
    TableName,
    Take,
    Union,
    Where,
)
from converter.proof.judges.kusto.values import Value, from_python, long, plain

_LEGACY_LIMIT = 64
_MOST_RANGE = 100_000


def run_query(query: Query, scope: Scope) -> Rows:
    return run_operators(query.operators, _source(query.source, scope), scope)


def run_operators(operators: tuple[Operator, ...], rows: Rows, scope: Scope) -> Rows:
    for operator in operators:
        rows = _operator(operator, rows, scope)
    return rows


# --- sources --------------------------------------------------------------------------------------------------


def _source(source: Source, scope: Scope) -> Rows:
    match source:
        case TableName(name):
            return scope.table(name)
        case FunctionSource(name, arguments):
            return _function_source(name, arguments, scope)
        case Datatable():
            return _datatable(source, scope)
        case Print(items):
            return columns.project(items, Rows({}, ({},), serialized=True), scope, made_up="print_{}", first=0)
        case Range():
            return _range(source, scope)
        case Nested(query):
            return run_query(query, scope)
        case Union():
            return joins.union(source, None, scope)
        case _:
            assert_never(source)


def _function_source(name: str, arguments: tuple[Expression, ...], scope: Scope) -> Rows:
    result = evaluate.value_or_table(Call(name, arguments), scope)
    if not isinstance(result, Rows):
        raise KustoError(f"{name} gives no table")
    return result


def _datatable(source: Datatable, scope: Scope) -> Rows:
    width = len(source.columns)
    if not width or len(source.cells) % width:
        raise KustoError("datatable: the cells do not fill its rows")
    cells = [evaluate.evaluate(cell, scope) for cell in source.cells]
    rows: list[Row] = []
    for start in range(0, len(cells), width):
        pairs = zip(source.columns, cells[start : start + width], strict=True)
        rows.append({name: from_python(kind, plain(cell)) for (name, kind), cell in pairs})
    return Rows(dict(source.columns), rows, serialized=True)


def _range(source: Range, scope: Scope) -> Rows:
    low, high, step = (evaluate.evaluate(one, scope) for one in (source.low, source.high, source.step))
    at, stop, size = plain(low), plain(high), plain(step)
    rows: list[Row] = []
    while at <= stop:  # type: ignore[operator]
        rows.append({source.column: Value(low.kind, at)})
        at = at + size  # type: ignore[operator]
        if len(rows) > _MOST_RANGE:
            raise KustoError("range never ends")
    return Rows({source.column: low.kind}, rows, serialized=True)


# --- operators ------------------------------------------------------------------------------------------------


def _operator(operator: Operator, rows: Rows, scope: Scope) -> Rows:
    match operator:
        case Where(predicate):
            return _where(predicate, rows, scope)
        case Extend(items, serializes):  # serialize-operator page: its own expressions see the serialized rows
            return columns.extend(items, Rows(rows.columns, rows.rows, serializes or rows.serialized), scope)
        case Project(items):
            return columns.project(items, rows, scope)
        case Select(how, patterns):
            return columns.select(how, patterns, rows)
        case Rename(pairs):
            return columns.rename(pairs, rows)
        case Summarize():
            return columns.summarize(operator, rows, scope)
        case MvExpand():
            return expansion.mv_expand(operator, rows, scope)
        case MvApply():
            inner = operator.operators
            return expansion.mv_apply(operator, rows, lambda records: run_operators(inner, records, scope), scope)
        case Join():
            return joins.join(operator, rows, scope)
        case Union():
            return joins.union(operator, rows, scope)
        case Sort():
            return _sort(operator, rows, scope)
        case Take(count):
            return Rows(rows.columns, rows.rows[: _whole(count, scope)], rows.serialized)
        case Distinct(items):
            return _distinct(operator, rows, scope)
        case Count():
            return Rows({"Count": "long"}, ({"Count": long(len(rows.rows))},))
        case Partition():
            return _partition(operator, rows, scope)
        case Scan():
            return scanning.scan(operator, rows, scope)
        case _:
            assert_never(operator)


def _where(predicate: Expression, rows: Rows, scope: Scope) -> Rows:
    """Keeps what is true: neither false nor null."""
    kept = [row for row in rows.rows if truth(evaluate.evaluate(predicate, scope.at(row))) is True]
    return Rows(rows.columns, kept, rows.serialized)


def _whole(expression: Expression, scope: Scope) -> int:
    data = plain(evaluate.evaluate(expression, scope))
    if not isinstance(data, int) or data < 0:
        raise KustoError("expected a number of rows")
    return data


def _sort(operator: Sort, rows: Rows, scope: Scope) -> Rows:
    """Stable; nulls come first in ascending order unless said otherwise: sort-operator page."""
    found = list(rows.rows)
    for key in reversed(operator.keys):
        pairs = [(evaluate.evaluate(key.expression, scope.at(row)), row) for row in found]
        nulls = [row for value, row in pairs if value.is_null]
        rest = [pair for pair in pairs if not pair[0].is_null]
        if any(value.kind == "dynamic" for value, _ in rest):
            raise KustoError("sort by a dynamic: cast it")
        rest.sort(key=lambda pair: pair[0].data, reverse=key.descending)  # type: ignore[arg-type,return-value]
        ordered = [row for _, row in rest]
        found = nulls + ordered if key.nulls_first else ordered + nulls
    if operator.limit is not None:
        found = found[: _whole(operator.limit, scope)]
    return Rows(rows.columns, found, serialized=True)


def _distinct(operator: Distinct, rows: Rows, scope: Scope) -> Rows:
    if not isinstance(operator.items[0].expression, Star):
        rows = columns.project(operator.items, rows, scope)
    found: dict[object, Row] = {}
    for row in rows.rows:
        found.setdefault(tuple(identity(row[name]) for name in rows.columns), row)
    return Rows(rows.columns, [{name: row[name] for name in rows.columns} for row in found.values()])


def _partition(operator: Partition, rows: Rows, scope: Scope) -> Rows:
    """partition-operator page: the key is a column of a type that is not dynamic, legacy takes 64 keys."""
    if operator.key not in rows.columns:
        raise KustoError(f"no column {operator.key}")
    if rows.columns[operator.key] == "dynamic" and rows.rows:
        raise KustoError("partition by a dynamic column")
    if operator.strategy != "legacy":
        for inner in operator.operators:
            if isinstance(inner, (Join, Union)):
                raise KustoError(f"partition by strategy {operator.strategy} has no join or union inside")
    groups: dict[object, list[Row]] = {}
    for row in rows.rows:
        groups.setdefault(identity(row[operator.key]), []).append(row)
    if operator.strategy == "legacy" and len(groups) > _LEGACY_LIMIT:
        raise KustoError(f"partition: more than {_LEGACY_LIMIT} keys need hint.strategy=native")
    results = [run_operators(operator.operators, Rows(rows.columns, group), scope) for group in groups.values()]
    if not results:
        return run_operators(operator.operators, Rows(rows.columns, ()), scope)
    return Rows(results[0].columns, [row for one in results for row in one.rows])
