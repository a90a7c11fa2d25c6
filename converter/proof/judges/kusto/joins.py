"""join, lookup and union.

https://learn.microsoft.com/en-us/kusto/query/join-operator: the default is innerunique, which takes one left row a key.
"" matches ""; whether a null key matches a null key is a reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.proof.judges.kusto import evaluate
from converter.proof.judges.kusto.aggregates import identity
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import Expression, Join, Name, Query, TableName, Union
from converter.proof.judges.kusto.values import Kind, null, string

_LEFT_ONLY = ("leftanti", "leftantisemi", "anti", "leftsemi")
_RIGHT_ONLY = ("rightanti", "rightantisemi", "rightsemi")


def join(operator: Join, left: Rows, scope: Scope) -> Rows:
    right = scope.rows_of(operator.right)
    left_keys = _keys([one for one, _ in operator.on], left.rows, scope)
    right_keys = _keys([other for _, other in operator.on], right.rows, scope)
    if operator.kind in _LEFT_ONLY:
        return _filtered(left, left_keys, right_keys, keep_matched=operator.kind == "leftsemi")
    if operator.kind in _RIGHT_ONLY:
        return _filtered(right, right_keys, left_keys, keep_matched=operator.kind == "rightsemi")
    left_rows = list(zip(left_keys, left.rows, strict=True))
    if operator.kind == "innerunique":
        left_rows = list({key: (key, row) for key, row in reversed(left_rows)}.values())[::-1]
    renamed = _renamed(operator, left, right)
    pairs = _pairs(operator.kind, left_rows, list(zip(right_keys, right.rows, strict=True)))
    found = [_joined(one, other, left, right, renamed) for one, other in pairs]
    kinds: dict[str, Kind | None] = dict(left.columns)
    kinds |= {renamed[name]: kind for name, kind in right.columns.items() if name in renamed}
    return Rows(kinds, found)


def _keys(expressions: Sequence[Expression], rows: Sequence[Row], scope: Scope) -> list[object]:
    """One key a row; None where it matches nothing."""
    found: list[object] = []
    for row in rows:
        values = [evaluate.evaluate(one, scope.at(row)) for one in expressions]
        if any(value.kind == "dynamic" for value in values):
            raise KustoError("join on a dynamic: cast it")
        lost = not scope.reading.join_matches_null and any(value.is_null for value in values)
        found.append(None if lost else tuple(identity(value) for value in values))
    return found


def _filtered(rows: Rows, keys: list[object], others: list[object], *, keep_matched: bool) -> Rows:
    present = set(others) - {None}
    kept = [row for key, row in zip(keys, rows.rows, strict=True) if (key in present) == keep_matched]
    return Rows(rows.columns, kept)


def _pairs(
    kind: str, left: list[tuple[object, Row]], right: list[tuple[object, Row]]
) -> list[tuple[Row | None, Row | None]]:
    found: list[tuple[Row | None, Row | None]] = []
    matched: set[int] = set()
    for key, row in left:
        hits = [at for at, (other, _) in enumerate(right) if key is not None and key == other]
        matched.update(hits)
        found += [(row, right[at][1]) for at in hits]
        if not hits and kind in ("leftouter", "fullouter"):
            found.append((row, None))
    if kind in ("rightouter", "fullouter"):
        found += [(None, row) for at, (_, row) in enumerate(right) if at not in matched]
    return found


def _renamed(operator: Join, left: Rows, right: Rows) -> dict[str, str]:
    """Columns of both sides get a number on the right; lookup leaves out the right keys."""
    keys = {other.name for _, other in operator.on if isinstance(other, Name)} if operator.is_lookup else set()
    found: dict[str, str] = {}
    for name in right.columns:
        if name not in keys:
            number = 0
            label = name
            while label in left.columns or label in found.values():
                number += 1
                label = f"{name}{number}"
            found[name] = label
    return found


def _joined(one: Row | None, other: Row | None, left: Rows, right: Rows, renamed: dict[str, str]) -> Row:
    found = {name: one[name] if one else null(kind or "dynamic") for name, kind in left.columns.items()}
    for name, label in renamed.items():
        found[label] = other[name] if other else null(right.columns[name] or "dynamic")
    return found


def union(operator: Union, left: Rows | None, scope: Scope) -> Rows:
    """All columns, or the common ones of kind=inner; a column of two types is refused."""
    parts = [] if left is None else [("union_arg0", left)]
    for position, query in enumerate(operator.queries, len(parts)):
        parts.append((_origin(query, position), scope.rows_of(query)))
    kinds: dict[str, Kind | None] = {}
    for _, rows in parts:
        for name, kind in rows.columns.items():
            known = kinds.setdefault(name, kind)
            if known is None:
                kinds[name] = kind
            elif kind is not None and kind != known:
                raise KustoError(f"union: {name} is {known} and {kind}")
    if operator.kind == "inner":
        kinds = {name: kind for name, kind in kinds.items() if all(name in rows.columns for _, rows in parts)}
    found: list[Row] = []
    for origin, rows in parts:
        for row in rows.rows:
            # Hidden columns (the ingestion time) stay with their rows.
            one = {**{n: v for n, v in row.items() if n.startswith("$")}}
            one |= {name: row.get(name, null(kind or "dynamic")) for name, kind in kinds.items()}
            if operator.source_column is not None:
                one = {operator.source_column: string(origin), **one}
            found.append(one)
    if operator.source_column is not None:
        kinds = {operator.source_column: "string", **kinds}
    return Rows(kinds, found)


def _origin(query: Query, position: int) -> str:
    match query:
        case Query(TableName(name), _):
            return name
        case _:
            pass
    return f"union_arg{position}"
