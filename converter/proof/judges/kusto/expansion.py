"""mv-expand and mv-apply.

https://learn.microsoft.com/en-us/kusto/query/mv-expand-operator: null makes one null record, [] and {} none; lists are
expanded side by side, the shorter filled with null; `to typeof` casts, it never converts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from converter.proof.judges.kusto import evaluate
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.naming import own_name
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import Expansion, MvApply, MvExpand, Name
from converter.proof.judges.kusto.values import JSON_NULL, Kind, Value, long, null, plain


def mv_expand(operator: MvExpand, rows: Rows, scope: Scope) -> Rows:
    found = [one for row in rows.rows for one in _records(operator, row, scope)]
    return Rows(_columns(operator, rows), found, rows.serialized)


def mv_apply(operator: MvApply, rows: Rows, run: Callable[[Rows], Rows], scope: Scope) -> Rows:
    """The subquery (`run`) per record; then the source columns that are not expanded come beside its result."""
    expand = operator.expand
    expanded = {_label(expand, column) for column in expand.columns}
    sources = {column.expression.name for column in expand.columns if isinstance(column.expression, Name)}
    gone = expanded if scope.reading.mv_apply_keeps_column else expanded | sources
    found: list[Row] = []
    made: dict[str, Kind | None] = {}
    for row in rows.rows:
        records = _records(expand, row, scope)
        if not records and not scope.reading.mv_apply_of_empty_runs:
            continue
        inner = run(Rows(_columns(expand, rows), records, serialized=True))
        made.update(inner.columns)
        outer = {name: value for name, value in row.items() if name not in gone}
        kept = [
            {name: one[name] for name in inner.columns if name not in gone or name in expanded} for one in inner.rows
        ]
        found += [{**outer, **one} for one in kept]
    kinds = {name: kind for name, kind in rows.columns.items() if name not in gone}
    if not rows.rows:
        made = dict(run(Rows(_columns(expand, rows), ())).columns)
    kinds |= {name: kind for name, kind in made.items() if name not in gone or name in expanded}
    return Rows(kinds, found)


def _columns(operator: MvExpand, rows: Rows) -> dict[str, Kind | None]:
    found = dict(rows.columns)
    if operator.index_name is not None:
        found[operator.index_name] = "long"
    for column in operator.columns:
        found[_label(operator, column)] = column.kind
    return found


def _label(operator: MvExpand, column: Expansion) -> str:
    if column.name is not None:
        return column.name
    return own_name(column.expression) or f"Column{operator.columns.index(column) + 1}"


def _records(operator: MvExpand, row: Row, scope: Scope) -> list[Row]:
    lists: list[tuple[str, Kind, list[object]]] = []
    for column in operator.columns:
        value = evaluate.evaluate(column.expression, scope.at(row))
        lists.append((_label(operator, column), column.kind, _elements(value, operator.bag_as_array)))
    longest = max(len(elements) for _, _, elements in lists)
    found: list[Row] = []
    for at in range(longest if operator.limit is None else min(longest, operator.limit)):
        record = dict(row)
        if operator.index_name is not None:
            record[operator.index_name] = long(at)
        for label, kind, elements in lists:
            record[label] = _cast(kind, elements[at] if at < len(elements) else None, scope)
        found.append(record)
    return found


def _elements(value: Value, bag_as_array: bool) -> list[object]:
    if value.kind != "dynamic":
        raise KustoError(f"mv-expand of {value.kind}")
    match plain(value):
        case list() as array:
            return array
        case dict() as bag:
            return (
                [[key, one] for key, one in bag.items()] if bag_as_array else [{key: one} for key, one in bag.items()]
            )
        case single:
            return [single]


def _cast(kind: Kind, data: object, scope: Scope) -> Value:
    """An element of another type becomes null (of a string: empty)."""
    match kind, data:
        case "dynamic", None:
            return Value(kind, None if scope.reading.json_null_is_null else JSON_NULL)
        case "dynamic", _:
            return Value(kind, data)
        case ("string", str()) | ("bool", bool()) | ("datetime", datetime()) | ("timespan", timedelta()):
            return Value(kind, data)
        case (("int" | "long"), int()) if not isinstance(data, bool):
            return Value(kind, data)
        case "real", (int() | float()) if not isinstance(data, bool):
            return Value(kind, float(data))
    return null(kind)
