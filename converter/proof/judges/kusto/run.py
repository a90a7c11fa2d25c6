"""Our reference interpreter of Kusto, written from Microsoft's documentation and from nothing of the emitter.

It judges what the other engines refuse: scan, partition, mv-apply, addresses, dynamic nulls. Whatever it does not know
is a KustoError. Points the documentation leaves open are in `Reading`; a query must agree under all READINGS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.evaluate import bind
from converter.proof.judges.kusto.functions.conversion import retyped
from converter.proof.judges.kusto.queries import parse
from converter.proof.judges.kusto.reading import READINGS, Reading
from converter.proof.judges.kusto.rows import INGESTION, Row, Rows, Table
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.tabular import run_query
from converter.proof.judges.kusto.values import JSON_NULL, Value, empty, from_python, kind_named, null, plain, row_of

__all__ = ["READINGS", "Dissent", "KustoError", "Reading", "Table", "run", "run_under_all"]

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def run(
    query: str, tables: Mapping[str, Table], *, reading: Reading = READINGS[0], now: datetime = NOW
) -> list[dict[str, object]]:
    """The rows of `query` as plain Python data: None is null, "" the missing string, a dynamic its JSON.

    A function that gives a table, such as a watchlist, is the table `_GetWatchlist('alias')`.
    """
    program = parse(query)
    loaded = {name: _load(table, reading) for name, table in tables.items()}
    scope = Scope(loaded, {}, reading, now, run_query, {})
    for let in program.lets:
        scope = bind(let, scope)
    rows = run_query(program.query, scope)
    return [{name: _data(row[name]) for name in rows.columns} for row in rows.rows]


@dataclass(frozen=True, slots=True)
class Dissent:
    """A reading under which a query gives other rows than under the first, or an error."""

    reading: Reading
    result: list[dict[str, object]] | KustoError


def run_under_all(
    query: str, tables: Mapping[str, Table], *, now: datetime = NOW
) -> tuple[list[dict[str, object]], tuple[Dissent, ...]]:
    """The rows under the first reading, and every reading that gives others; the order of rows does not count."""
    first = run(query, tables, now=now)
    dissent: list[Dissent] = []
    for reading in READINGS[1:]:
        result: list[dict[str, object]] | KustoError
        try:
            result = run(query, tables, reading=reading, now=now)
        except KustoError as error:
            result = error
        if isinstance(result, KustoError) or sorted(map(repr, result)) != sorted(map(repr, first)):
            dissent.append(Dissent(reading, result))
    return first, tuple(dissent)


def _load(table: Table, reading: Reading) -> Rows:
    columns = {name: kind_named(kind) for name, kind in table.columns.items()}
    nulls = empty(columns)
    rows: list[Row] = []
    for data in table.rows:
        row = row_of(columns, nulls, {name: value for name, value in data.items() if name != INGESTION})
        if reading.json_text_is_typed:
            row = {n: Value(v.kind, retyped(v.data)) if v.kind == "dynamic" else v for n, v in row.items()}
        arrived = from_python("datetime", data[INGESTION]) if INGESTION in data else row.get("TimeGenerated")
        is_moment = arrived is not None and arrived.kind == "datetime"
        row[INGESTION] = arrived if is_moment and arrived is not None else null("datetime")
        rows.append(row)
    return Rows(dict(columns), rows)


def _data(value: Value) -> object:
    return plain(value) if value.data is not JSON_NULL else None
