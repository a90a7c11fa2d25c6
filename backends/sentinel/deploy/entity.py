"""Which columns an alert shows: entities and custom details, of the columns that the query returns.

https://learn.microsoft.com/en-us/azure/sentinel/map-data-fields-to-entities
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from backends.sentinel.codes import T374
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note
from backends.sentinel.detection.identity import Choices, Entity, identities, telling_fields
from backends.sentinel.detection.shown import Shown as Columns
from converter.deferred import compiled, dataclass
from converter.languages.kusto.syntax import Binary, Expression, Index, Item, Name, Number, Text
from converter.languages.kusto.walk import map_children, names
from converter.model.metadata import Metadata
from converter.target.contract import Notebook

_MOST_ENTITIES, _MOST_IDENTIFIERS, _MOST_DETAILS, _LONGEST_KEY = 10, 3, 20, 20
_PLAIN = compiled(r"[A-Za-z_]\w*")

# Entities of which one stands behind an event: what a table tells of it is not told again by a field of Elastic's.
_SINGLE = frozenset({"Account", "Host", "Process", "File", "RegistryKey"})

Mapped: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A type of entity, and its identifiers with the columns that hold them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a rule's alerts show: entities and details (key, column), and columns that are made for that.

    `held` is the column of each Elastic field that the rows have, by a name that a rule may give; `values` are those
    columns by the names that they have now, `computed` what stands behind the names that are made.
    """

    entities: tuple[Mapped, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    made: tuple[Item, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Expression] = field(default_factory=dict)
    computed: Mapping[str, Expression] = field(default_factory=dict)


def shown(meta: Metadata, tables: Iterable[str], columns: Columns, notes: Notebook, *, computed: bool = True) -> Shown:
    """Entities by what is known of the tables, then by Elastic's fields; details of the investigation fields.

    Not `computed`: only columns that the query has are used.
    """
    rows = _Rows(columns, computed=computed)
    known = identities().of(tables)
    entities = rows.entities(known, rows.by_column)
    single = {kind for kind, _ in entities} & _SINGLE
    others = [choices for choices in identities().elastic if choices[0].kind not in single]
    entities += rows.entities(others, rows.by_field, entities)
    del entities[_MOST_ENTITIES:]
    details = _details(meta, rows, entities, notes)
    used = {column for _, mapped in entities for _, column in mapped} | {column for _, column in details}
    return Shown(tuple(entities), tuple(details), rows.items(used), rows.held, rows.by_field, rows.computed)


def _details(meta: Metadata, rows: _Rows, entities: Iterable[Mapped], notes: Notebook) -> list[tuple[str, str]]:
    """The investigation fields that no entity has."""
    wanted = tuple(path for path in dict.fromkeys(meta.investigation_fields) if path != "@timestamp")
    mapped = {column for _, found in entities for _, column in found}
    details: list[tuple[str, str]] = []
    missing = 0
    for path in wanted:
        name = rows.named(path)
        if name is None or (name not in mapped and len(details) == _MOST_DETAILS):
            missing += 1
        elif name not in mapped:
            details.append((_key(path, [k for k, _ in details]), name))
    if missing:
        message = f"{missing} of {len(wanted)} investigation fields are not shown: no column, or over the limits"
        notes.add(note(T374, message))
    return details


class _Rows:
    """The columns of the rows, and those that are made of them, each under a name that a rule may give."""

    def __init__(self, columns: Columns, *, computed: bool) -> None:
        self._computed = computed
        self._taken = set(columns.names)
        self._own: dict[Expression, str] = {}
        self.by_column: dict[str, Expression] = {name: Name(name) for name in columns.names}
        self.by_field: dict[str, Expression] = {path: Name(name) for path, name in columns.of}
        for path in sorted(telling_fields() - self.by_field.keys()):
            listed = identities().collection(path)
            if listed in self._taken:
                self.by_field[path] = _alone(Name(listed))

    @property
    def held(self) -> dict[str, str]:
        """The column of each Elastic field that has a name which a rule may give."""
        found = {path: self._named(value, tree.pascal(path)) for path, value in self.by_field.items()}
        return {path: name for path, name in found.items() if name is not None}

    @property
    def computed(self) -> dict[str, Expression]:
        """What is made, by its name."""
        return {name: value for value, name in self._own.items()}

    def named(self, path: str) -> str | None:
        """The column of an Elastic field."""
        value = self.by_field.get(path)
        return None if value is None else self._named(value, tree.pascal(path), always=True)

    def items(self, used: Iterable[str]) -> tuple[Item, ...]:
        """The columns that must be made."""
        wanted = set(used)
        return tuple(Item(value, name) for value, name in self._own.items() if name in wanted)

    def entities(
        self, known: Iterable[Choices], columns: Mapping[str, Expression], before: Iterable[Mapped] = ()
    ) -> list[Mapped]:
        """Of each choice the first that can be told, unless its columns tell one already."""
        found: list[Mapped] = []
        for choices in known:
            mapped = next(filter(None, (self._entity(one, columns, (*before, *found)) for one in choices)), None)
            if mapped is not None:
                found.append(mapped)
        return found

    def _entity(self, entity: Entity, columns: Mapping[str, Expression], before: tuple[Mapped, ...]) -> Mapped | None:
        told = {column for kind, mapped in before if kind == entity.kind for _, column in mapped}
        values = [
            (identifier, _over(value, columns))
            for identifier, value in entity.identifiers
            if columns.keys() >= set(names(value))
        ]
        if any(isinstance(value, Name) and value.name in told for _, value in values):
            return None
        named = [(i, self._named(v, _own_name(entity.kind, i))) for i, v in values]
        mapped = [(i, name) for i, name in named if name is not None][:_MOST_IDENTIFIERS]
        required = identities().required[entity.kind]
        return (entity.kind, tuple(mapped)) if any(i in required for i, _ in mapped) else None

    def _named(self, value: Expression, stem: str, *, always: bool = False) -> str | None:
        """The name of the column that holds a value: the query's, or one that is made."""
        if isinstance(value, Name) and _PLAIN.fullmatch(value.name):
            return value.name
        if value in self._own:
            return self._own[value]
        if not (self._computed or always):
            return None
        own, number = stem, 2
        while own in self._taken:
            own, number = f"{stem}{number}", number + 1
        self._taken.add(own)
        self._own[value] = own
        return own


def _alone(listed: Expression) -> Expression:
    """The value of a list of one; of any other, the empty text."""
    one = Binary("==", tree.call("array_length", listed), Number(1))
    return tree.call("iff", one, tree.call("tostring", Index(listed, Number(0))), Text(""))


def _over(value: Expression, columns: Mapping[str, Expression]) -> Expression:
    """A value over the columns that stand for those it names."""
    if isinstance(value, Name):
        return columns[value.name]
    return map_children(value, lambda child: _over(child, columns))


def _own_name(kind: str, identifier: str) -> str:
    return identifier if identifier.startswith(kind) else f"{kind}{identifier}"


def _key(path: str, taken: list[str]) -> str:
    """A key of at most 20 letters and digits: the end of the field's name."""
    parts = path.split(".")
    last = parts[-1]
    telling = any(c.isupper() for c in last) or "_" in last
    whole = tree.pascal(last if telling else ".".join(parts[-2:]))
    key = re.sub(r"^[^A-Za-z]+", "", whole)[-_LONGEST_KEY:] or "Field"
    key = key[0].upper() + key[1:] if key[0].isalpha() else f"F{key[1:]}"
    unique, number = key, 2
    while unique in taken:
        unique = f"{key[: _LONGEST_KEY - len(str(number))]}{number}"
        number += 1
    return unique
