"""Rows of a place, made from events under Elastic's names by what the table says: the inverse of binding.

Only counterparts that hold the value itself can be inverted (status exact, a plain column); a row also gets what the
place's base condition asks for. An event that the place cannot hold so gives no row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from table_rules import fields_of

from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.table import Place, Status
from converter.datasets.rewriting.place import Site
from converter.model.fact import Fact
from converter.model.predicate import Like, Matches, OneOf, Predicate
from converter.model.value import Column, Field, Kind
from converter.model.walk import leaves
from converter.proof.assumption import respelled, spellings, violates
from converter.proof.rows import typed
from converter.proof.witness import matching
from converter.reference import matches
from converter.reference.event import instant

Row = dict[str, object]

_PLAIN = {"index", "sourcetype", "source", "macro", "table"}


@dataclasses.dataclass(frozen=True, slots=True)
class Inverse:
    """What can be laid into a place: the fields with their columns, and a row of its base."""

    site: Site
    columns: Mapping[Field, Field]
    base: Mapping[str, object]

    @property
    def place(self) -> Place:
        """The place."""
        return self.site.place


@cache
def inverse(table: str, target: str, place: str) -> Inverse | None:
    """How to make rows of the place; None where its base cannot be met by plain columns or it is prepared."""
    site = builtin().site(table, target, place)
    base: Mapping[str, object] = {}
    if site.place.base:
        met = matching(site.condition(site.place.base, None))
        if met is None:
            return None
        base = {name: value for name, value in met.items() if name != "@timestamp"}
    if site.place.lookups or site.place.lacks or not set(site.place.header) <= _PLAIN:
        return None  # its rows are made of others before a condition sees them
    columns: dict[Field, Field] = {}
    taken = set(base)
    for field in fields_of(table):
        column = _plain(site, field)
        if column is None or column.way is None or column.way.text in taken or field.path == "@timestamp":
            continue
        taken.add(column.way.text)
        columns[field] = column
    return Inverse(site, columns, base) if len(columns) > 1 else None


def _plain(site: Site, field: Field) -> Field | None:
    """The column that holds the field's values as they are."""
    found = site.find(field.path)
    if found is None:
        return None
    _, part, name = found
    told = (part.values, part.rewrite, part.endings, part.present, part.word, part.inside, part.guess, name)
    if part.status is not Status.EXACT or any(told):
        return None
    column = site.target(field, part, name)
    if column is None or not isinstance(column.way, Column) or column.many != field.many:
        return None
    text = column.way.text
    if not all(sign.isalnum() or sign == "_" for sign in text) or text in site.place.folded:
        return None
    return None if text in site.place.missing_in or text in site.place.entities else column


def lay(way: Inverse, events: Sequence[Mapping[str, object]], where: Predicate) -> list[Row | None]:
    """A row for each event; None for one that the place does not hold so, or that breaks what the table declares."""
    spelled = spellings([where])
    one = {field.path for field, column in way.columns.items() if Fact.ONE_SPELLING in column.facts}
    cased = [leaf for leaf in leaves(where) if isinstance(leaf, OneOf | Like | Matches) and leaf.field.path in one]
    return [None if any(respelled(leaf, event) for leaf in cased) else _row(way, event, spelled) for event in events]


def _row(way: Inverse, event: Mapping[str, object], spelled: Mapping[str, frozenset[str]]) -> Row | None:
    row: Row = dict(way.base)
    for field, column in way.columns.items():
        values = typed(event, field)
        if len(values) > 1 and not field.many:
            return None
        told = spelled.get(field.path, ())
        if any(violates(fact, value, told) for fact in column.facts for value in (values or [None])):
            return None
        if any(value in way.place.missing for value in values) or "" in values:
            return None  # on a platform "" is missing
        assert column.way is not None
        laid = [_cell(way.site, column, value) for value in values]
        if laid:
            row[column.way.text] = laid if field.many else laid[0]
    for implied in way.site.implications:
        if matches(implied.when, row) and not matches(implied.then, row):
            return None
    return row


def _cell(site: Site, column: Field, value: object) -> object:
    """The value as a column of its type holds it; text where the platform has no types, as it is extracted from text."""
    assert column.way is not None
    match site.column_type(column.way.text):
        case "datetime":
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant(value) or 0)
        case "long" | "int" | "real" | "double" | "bool" | "dynamic":
            return value
        case _:
            return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def fits(way: Inverse, field: Field) -> bool:
    """Whether the column's type can hold every value of the field's kind."""
    held = way.site.column_type(getattr(way.columns[field].way, "text", ""))
    wanted = {
        Kind.LONG: {"", "long", "real"},
        Kind.DOUBLE: {"", "real"},
        Kind.BOOLEAN: {"", "bool"},
        Kind.DATE: {"", "datetime"},
        Kind.IP: {"", "string"},
        Kind.TEXT: {"", "string"},
        Kind.KEYWORD: {"", "string", "dynamic"},
    }
    return held in wanted[field.kind]
