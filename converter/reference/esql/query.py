"""A query of ES|QL over named tables, for people who want its answers without a cluster."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from converter.diagnostics import Severity, Source, Span
from converter.diagnostics.errors import QuerySyntaxError, UnsupportedQueryError
from converter.fields.schema import FieldInfo, Schema, kind_of
from converter.languages.esql.codes import Q033
from converter.model.pipeline import Adjoin, Column, Documents, Type
from converter.readers.esql import lower, parse
from converter.readers.esql.context import Context
from converter.readers.esql.scope import Scope, fits, stored
from converter.reference.esql.run import run
from converter.reference.esql.table import TYPES, Json, Table, read_rows, written
from converter.reference.esql.value import Row

Given: TypeAlias = Table | Mapping[str, Json] | Sequence[Mapping[str, Json]]
"""A `Table`; an object with `types` and `rows`, where rows are objects; or the rows alone."""


def esql(query: str, tables: Mapping[str, Given], *, now: int | None = None) -> Table:
    """The table that `query` gives over `tables`, by the names that FROM uses (`*` stands for any run).

    Types are those of Elasticsearch's mappings (keyword, text, integer, long, double, boolean, date, ip, version,
    geo_point); rows without types have those that JSON shows. `now` is what NOW() gives, in milliseconds since 1970,
    default the clock. LOOKUP JOIN reads the table of the name, and so does ENRICH the table of its policy's name, whose
    first column is the policy's match field. Counts of distinct values are exact, where Elasticsearch estimates above
    its precision.

    Raises `QuerySyntaxError` for no sentence of ES|QL, `UnsupportedQueryError` for one that Elasticsearch refuses or
    that cannot be carried.
    """
    source = Source("query", query)
    known = {name: _table(given) for name, given in tables.items()}
    try:
        tree = parse(query)
    except QuerySyntaxError as error:
        raise QuerySyntaxError([d.located(source) for d in error.diagnostics]) from error
    world = World(known)
    found = lower(tree, world.schema, world.scope)
    errors = [d.located(source) for d in found.diagnostics if d.severity is Severity.ERROR]
    if errors:
        raise UnsupportedQueryError(errors)
    moment = int(time.time() * 1000) if now is None else now
    pipeline = found.pipeline
    rows = world.rows(pipeline.source) if isinstance(pipeline.source, Documents) else []
    joined = {
        stage.table: world.rows(Documents((stage.table,))) for stage in pipeline.stages if isinstance(stage, Adjoin)
    }
    return written(pipeline.columns, run(pipeline, rows, moment, joined))


def _table(given: Given) -> Table:
    if isinstance(given, Table):
        return given
    if isinstance(given, Mapping):
        return Table.of(given["types"], given["rows"])
    types: dict[str, str] = {}
    for row in given:
        for name, value in row.items():
            types.setdefault(name, _json_type(value))
    return Table.of(types, given)


def _json_type(value: Json) -> str:
    if isinstance(value, list) and value:
        return _json_type(value[0])
    match value:
        case bool():
            return "boolean"
        case int():
            return "long"
        case float():
            return "double"
        case _:
            return "keyword"


class World:
    """The tables, as sources of queries."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        infos: dict[str, FieldInfo] = {}
        for table in tables.values():
            for column in table.columns:
                infos.setdefault(column.name, FieldInfo(column.name, kind_of(column.type), many=True))
        self.schema = Schema(infos.values())

    def _named(self, sources: Sequence[str]) -> dict[str, Table]:
        """The tables that FROM names; a pattern after - takes some away."""
        found: dict[str, Table] = {}
        for text in sources:
            negative = text.startswith("-") and len(text) > 1
            parts = tuple((text[1:] if negative else text).split("*"))
            matching = {name: table for name, table in self._tables.items() if fits(name, parts)}
            if negative:
                found = {name: table for name, table in found.items() if name not in matching}
            else:
                found |= matching
        return found

    def scope(self, sources: tuple[str, ...], span: Span, context: Context) -> Scope:
        """The columns of the tables, by name; types that differ between tables are an error at their use."""
        tables = self._named(sources)
        if not tables:
            names = ", ".join(self._tables) or "none"
            message = f"there is no table {', '.join(sources)}"
            context.refuse(Q033, message, span, f"The tables are {names}.")
        scope = Scope()
        as_field = stored(self.schema)
        for table in tables.values():
            for column in table.columns:
                kind = TYPES.get(column.type, Type.KEYWORD)
                field = as_field(column.name).field
                scope.columns.setdefault(column.name, Column(column.name, kind, many=True, field=field))
        return scope

    def rows(self, source: Documents) -> list[Row]:
        """The rows of the tables, with what METADATA asks for."""
        out: list[Row] = []
        for name, table in self._named(source.indices).items():
            for number, row in enumerate(read_rows(table)):
                facts: dict[str, Json] = {"_index": name, "_id": str(number), "_version": 1}
                out.append(row | {c.name: facts[c.name] for c in source.metadata if c.name in facts})
        return out
