"""What an expression can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.reading import Reading
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.syntax import Function, Query
from converter.proof.judges.kusto.values import Value


@dataclass(frozen=True, slots=True)
class Closure:
    function: Function
    scope: Scope


Binding: TypeAlias = "Value | Rows | Closure"


@dataclass(frozen=True, slots=True)
class Scope:
    tables: Mapping[str, Rows]
    lets: Mapping[str, Binding]
    reading: Reading
    now: datetime
    queries: Callable[[Query, Scope], Rows]  # expressions hold queries, and are evaluated below them
    row: Row
    group: Sequence[Row] | None = None  # the rows an aggregate runs over
    steps: Mapping[str, Row] | None = None  # the state of scan
    before: Sequence[Row] | None = None  # of serialized rows: those before this one

    def at(self, row: Row) -> Scope:
        return replace(self, row=row)

    def over(self, group: Sequence[Row]) -> Scope:
        return replace(self, row={}, group=group)

    def rows_of(self, query: Query) -> Rows:
        return self.queries(query, self)

    def with_let(self, name: str, value: Binding) -> Scope:
        return replace(self, lets={**self.lets, name: value})

    def table(self, name: str) -> Rows:
        bound = self.lets.get(name, self.tables.get(name))
        if isinstance(bound, Rows):
            return bound
        raise KustoError(f"no table {name}")
