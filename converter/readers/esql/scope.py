"""The columns that a command can see: those that commands made, and the fields of the event while they are there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import field

from converter.deferred import dataclass
from converter.fields.schema import Schema
from converter.model.pattern import holds
from converter.model.pipeline import Column, Type
from converter.model.value import Kind

Patterns = tuple[tuple[str, ...], ...]
"""Names with stars: the texts between them."""

EVERYTHING: Patterns = (("", ""),)

_TYPES = {
    Kind.KEYWORD: Type.KEYWORD,
    Kind.TEXT: Type.TEXT,
    Kind.LONG: Type.LONG,
    Kind.DOUBLE: Type.DOUBLE,
    Kind.BOOLEAN: Type.BOOLEAN,
    Kind.IP: Type.IP,
    Kind.DATE: Type.DATE,
}


def stored(schema: Schema) -> Callable[[str], Column]:
    """The fields of the event as columns, any name being one."""

    def column(name: str) -> Column:
        info = schema.info(name)
        kind = _TYPES[info.kind] if info.declared else Type.UNKNOWN
        return Column(name, kind, info.many, dataclasses.replace(info.field(), path=info.path))

    return column


def fits(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a name matches a pattern."""
    if len(parts) == 1:
        return name == parts[0]
    first, *middle, last = parts
    return holds(name, first, middle, last)


@dataclass(slots=True)
class Scope:
    """`columns` by name, in order. `stored` gives a field of the event, None where all columns are known.

    `patterns` say which fields are left, `gone` and `barred` which are not though a pattern says so.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    stored: Callable[[str], Column] | None = None
    patterns: Patterns = EVERYTHING
    gone: set[str] = field(default_factory=set)
    barred: Patterns = ()

    def find(self, name: str) -> Column | None:
        """The column of this name."""
        found = self.columns.get(name)
        if found is None and self.has_stored(name) and self.stored is not None:
            found = self.stored(name)
        return found

    def has_stored(self, name: str) -> bool:
        """Whether the name is that of a field of the event that is still there."""
        if self.stored is None or name in self.gone or any(fits(name, p) for p in self.barred):
            return False
        return any(fits(name, p) for p in self.patterns)

    def put(self, column: Column) -> None:
        """A new column, or another one of the name, at the end (rule Q36)."""
        self.columns.pop(column.name, None)
        self.columns[column.name] = column

    def replace(self, columns: Iterable[Column]) -> None:
        """Only these columns from here on."""
        self.columns = {c.name: c for c in columns}
        self.stored, self.patterns, self.gone, self.barred = None, (), set(), ()
