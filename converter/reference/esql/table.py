"""Tables in and out: columns with types, rows as JSON writes their values.

Dates are ISO 8601 text with milliseconds, addresses text, several values a list, null is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from converter.model.pipeline import Column, Type
from converter.readers.esql.literal import address, address_text, instant
from converter.reference.esql import text
from converter.reference.esql.value import EVENT, ORIGIN, Row, Scalar, Value, many

Json: TypeAlias = Any

TYPES: Mapping[str, Type] = {
    **{kind.value: kind for kind in Type if kind not in (Type.PERIOD, Type.DURATION)},
    "datetime": Type.DATE,
    "date_nanos": Type.DATE,
    "short": Type.INTEGER,
    "byte": Type.INTEGER,
    "float": Type.DOUBLE,
    "half_float": Type.DOUBLE,
    "scaled_float": Type.DOUBLE,
    "wildcard": Type.KEYWORD,
    "constant_keyword": Type.KEYWORD,
    "flattened": Type.KEYWORD,
    "match_only_text": Type.TEXT,
    "string": Type.KEYWORD,
}
"""Types by the names that mappings give them."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column and the name of its type (keyword, long, date ...)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values in the order of `columns`."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Json, ...], ...]

    @classmethod
    def of(cls, types: Mapping[str, str], rows: Iterable[Mapping[str, Json]]) -> Table:
        """A table of rows that are objects; a column that a row lacks is null."""
        columns = tuple(TableColumn(name, kind) for name, kind in types.items())
        return cls(columns, tuple(tuple(row.get(c.name) for c in columns) for row in rows))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def records(self) -> list[dict[str, Json]]:
        """The rows as objects."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


def read_rows(table: Table) -> list[Row]:
    """The rows with values of their columns' types, and the row itself as the event."""
    kinds = [(column.name, TYPES.get(column.type, Type.KEYWORD)) for column in table.columns]
    out: list[Row] = []
    for number, row in enumerate(table.rows):
        made: Row = {name: read_value(value, kind) for (name, kind), value in zip(kinds, row, strict=True)}
        made[ORIGIN] = frozenset({number})
        made[EVENT] = dict(zip(table.names, row, strict=True))
        out.append(made)
    return out


def read_value(value: Json, kind: Type) -> Value:
    """A value as a table holds it; what is none of the type is null."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return many(_scalar(v, kind) for v in value)
    return _scalar(value, kind)


def _scalar(value: Json, kind: Type) -> Scalar | None:
    if value is None:
        return None
    match kind:
        case Type.DATE:
            return instant(value) if isinstance(value, str) else int(value)
        case Type.IP:
            return address(value) if isinstance(value, str) else int(value)
        case Type.DOUBLE:
            return text.double(value)
        case Type.INTEGER | Type.LONG | Type.UNSIGNED_LONG:
            return text.whole(value, kind)
        case Type.BOOLEAN:
            return value if isinstance(value, bool) else text.boolean(value)
        case Type.POINT:
            return text.point(value)
        case _:
            return text.text_of(value, kind)


def written(columns: Sequence[Column], rows: Iterable[Row]) -> Table:
    """The table of a result."""
    kinds = [(c.name, Type.KEYWORD if c.type is Type.UNKNOWN else c.type) for c in columns]
    made = tuple(tuple(_json(row.get(name), kind) for name, kind in kinds) for row in rows)
    return Table(tuple(TableColumn(name, kind.value) for name, kind in kinds), made)


def _json(value: Value, kind: Type) -> Json:
    if isinstance(value, list):
        return [_json(v, kind) for v in value]
    if isinstance(value, tuple):
        return text.point_text(value)
    if isinstance(value, int) and kind is Type.DATE:
        return text.date_text(value)
    if isinstance(value, int) and kind is Type.IP:
        return address_text(value)
    return value
