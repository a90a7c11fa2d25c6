"""Execution of Kusto by duckdb-kql on DuckDB, an engine we did not write.

What it refuses (ipv4_*, mv-apply, scan, partition, prev ...) and the two things it gets wrong are `Unsupported`, with
the operator's name, so that a caller can count what was not judged. What it gets wrong: isnull of a dynamic that holds
a JSON null, and parse_json of text that is no JSON.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, cast

from converter.proof.judges.errors import EngineUnavailable, Unsupported
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.queries import parse
from converter.proof.judges.kusto.syntax import Call, Constant, Index, Member, Name
from converter.proof.judges.kusto.values import Value

_SQL_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "decimal": "DOUBLE",
    "datetime": "TIMESTAMP",
    "timespan": "INTERVAL",
    "guid": "UUID",
    "dynamic": "JSON",
}
_NULL_TESTS = ("isnull", "isnotnull", "notnull")
_CLOCK = ("ago", "now")
_JSON_READERS = ("parse_json", "todynamic", "toobject")
_CONSTRUCT = re.compile(r"unsupported KQL construct '([^']*)'")


_CELLS = 2_000
"""Values of one INSERT: DuckDB takes many rows at once in a tenth of the time."""


class DuckdbTable:
    """One loaded table; many queries may be run on it."""

    def __init__(self, name: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]]) -> None:
        self._package, self._engine = _package(), importlib.import_module("duckdb")
        self._columns, self._rows = columns, rows
        self._name = name
        self._free = _free(os.getpid())
        self._connection = self._free.pop() if self._free else self._package.connect()
        types = ", ".join(f"{_quoted(column)} {_SQL_TYPES[kind]}" for column, kind in columns.items())
        self._connection.execute(f"CREATE TABLE {_quoted(name)} ({types})")
        marks = f"({', '.join('?' for _ in columns)})"
        many = max(1, _CELLS // len(columns))
        for start in range(0, len(rows), many):
            some = rows[start : start + many]
            cells = [_cell(kind, row.get(column)) for row in some for column, kind in columns.items()]
            self._connection.execute(f"INSERT INTO {_quoted(name)} VALUES {', '.join([marks] * len(some))}", cells)  # noqa: S608

    def run(self, query: str) -> list[dict[str, object]]:
        """The rows as plain data; nulls of strings are "", dynamics are JSON data."""
        self._refuse_what_goes_wrong(query)
        try:
            cursor = self._package.kql(self._connection, query)
            names = cursor.columns
            types = [str(kind) for kind in cursor.types]
            fetched = cursor.fetchall()
        except self._package.KqlUnsupportedError as error:
            found = _CONSTRUCT.search(str(error))
            raise Unsupported(found[1] if found else str(error)) from None
        except self._package.KqlError as error:  # columns that differ in case only, a dialect it does not parse
            raise Unsupported(f"translation: {_first_line(error)}") from None
        except self._engine.Error as error:  # set_has_element of a bag, and other casts DuckDB refuses
            raise Unsupported(f"execution: {_first_line(error)}") from None
        return [
            {name: _plain(kind, cell) for name, kind, cell in zip(names, types, row, strict=True)} for row in fetched
        ]

    def close(self) -> None:
        self._connection.execute(f"DROP TABLE IF EXISTS {_quoted(self._name)}")
        self._free.append(self._connection)

    def _refuse_what_goes_wrong(self, query: str) -> None:
        try:
            program = parse(query)
        except KustoError as error:
            raise Unsupported(f"not read by the reference parser: {error}") from None
        for node in _nodes(program):
            match node:
                case Constant(Value(data=str() as text)) if any(c < " " for c in text):
                    raise Unsupported("an escape in a literal")  # it drops the backslash
                case Call(name, (argument,)) if name in _NULL_TESTS and self._is_dynamic(argument):
                    raise Unsupported(f"{name} of a dynamic")
                case Call(name, _) if name in _CLOCK:
                    raise Unsupported(f"{name}: it runs by its own clock")
                case Call(name, (argument,)) if name in _JSON_READERS and not self._is_json(argument):
                    raise Unsupported(f"{name} of text that is no JSON")
                case _:
                    pass

    def _is_dynamic(self, argument: object) -> bool:
        match argument:
            case Name(column):
                return self._columns.get(column) == "dynamic"
            case Member() | Index():
                return True
            case Call(name, _):
                return name in _JSON_READERS
            case _:
                return False

    def _is_json(self, argument: object) -> bool:
        """Only a string column is looked at; the text of a dynamic is JSON but for a bare string."""
        match argument:
            case Name(column) if self._columns.get(column) == "string":
                return all(_reads_as_json(row.get(column)) for row in self._rows)
            case Call("tostring", (Name(column),)) if self._columns.get(column) == "dynamic":
                return not any(isinstance(row.get(column), str) for row in self._rows)
            case Name(column) if self._columns.get(column) == "dynamic":
                return True
            case _:
                return False


def run(
    query: str, table_name: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]]
) -> list[dict[str, object]]:
    """`query` over one table of these rows; column types are Kusto's."""
    table = DuckdbTable(table_name, columns, rows)
    try:
        return table.run(query)
    finally:
        table.close()


def unsupported(query: str, table_name: str, columns: Mapping[str, str]) -> str | None:
    """The operator that keeps the engine from running `query`, None if it can."""
    try:
        run(query, table_name, columns, ())
    except Unsupported as error:
        return error.operator
    return None


@functools.cache
def _free(_process: int) -> list[Any]:
    """Databases of this process that no table is in: to make one takes longer than most queries."""
    return []


def _package() -> ModuleType:
    try:
        importlib.import_module("duckdb")
        return importlib.import_module("duckdb_kql")
    except ImportError as error:
        raise EngineUnavailable("duckdb-kql is not installed (pip install 'siemglot[judges]')") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(kind: str, data: object) -> object:
    match kind:
        case "string":
            return "" if data is None else data
        case "dynamic":
            return None if data is None else json.dumps(data, ensure_ascii=False)
        case "datetime" if isinstance(data, str):
            moment = datetime.fromisoformat(data)
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        case "datetime" if isinstance(data, datetime) and data.tzinfo is not None:
            return data.astimezone(UTC).replace(tzinfo=None)
    return data


def _plain(kind: str, cell: object) -> object:
    if kind == "VARCHAR":
        return "" if cell is None else cell
    if kind == "JSON" and isinstance(cell, str):
        return cast("object", json.loads(cell))
    if isinstance(cell, datetime) and cell.tzinfo is None:
        return cell.replace(tzinfo=UTC)
    return cell


def _reads_as_json(text: object) -> bool:
    if not isinstance(text, str) or text == "":
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _nodes(tree: object) -> Iterator[object]:
    yield tree
    if isinstance(tree, tuple):
        for one in tree:
            yield from _nodes(one)
    elif dataclasses.is_dataclass(tree):
        for field in dataclasses.fields(tree):
            yield from _nodes(getattr(tree, field.name))
