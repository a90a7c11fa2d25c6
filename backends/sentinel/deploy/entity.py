"""Which columns an alert shows: entities and custom details, of the columns that the query returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from backends.sentinel.codes import T374
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note
from backends.sentinel.detection.identity import by_column, by_field
from backends.sentinel.detection.shown import Shown as Columns
from converter.deferred import compiled, dataclass
from converter.languages.kusto.syntax import Item, Name
from converter.model.metadata import Metadata
from converter.target.contract import Notebook

_MOST_ENTITIES, _MOST_IDENTIFIERS, _MOST_DETAILS, _LONGEST_KEY = 10, 3, 20, 20


Entity: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A type of entity, and its identifiers with the columns that hold them."""

# Entities of which one stands behind an event: their identifiers are put together. Addresses are several.
_SINGLE = frozenset({"Account", "Host", "Process", "File", "RegistryKey"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a rule's alerts show: entities and details (key, column), and columns that get a name that a rule takes."""

    entities: tuple[Entity, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    made: tuple[Item, ...] = ()


def shown(meta: Metadata, columns: Columns, notes: Notebook) -> Shown:
    """Entities of the rule's investigation fields, then of what else the rows have; details of the former."""
    held, made = _takeable(columns)
    wanted = tuple(path for path in dict.fromkeys(meta.investigation_fields) if path != "@timestamp")
    entities: list[Entity] = []
    details: list[tuple[str, str]] = []
    missing = 0
    for path in wanted:
        name = held.get(path)
        if name is None:
            missing += 1
        elif not _mapped(entities, by_field().get(path), name):
            if len(details) < _MOST_DETAILS:
                details.append((_key(path, [k for k, _ in details]), name))
            else:
                missing += 1
    for path, name in held.items():
        _mapped(entities, by_field().get(path), name)
    for name in _plain(columns.names):
        _mapped(entities, by_column().get(name), name)
    if missing:
        notes.add(
            note(T374, f"{missing} of {len(wanted)} investigation fields are not shown: no column, or over the limits")
        )
    return Shown(tuple(entities), tuple(details), _used(made, entities, details))


def _takeable(columns: Columns) -> tuple[dict[str, str], dict[str, Item]]:
    """The column of each Elastic field, under a name that a rule may give; and the items that make such names."""
    taken = set(columns.names)
    held: dict[str, str] = {}
    made: dict[str, Item] = {}
    for path, name in columns.of:
        if _PLAIN.fullmatch(name):
            held[path] = name
            continue
        own, number = tree.pascal(path), 2
        while own in taken:
            own, number = f"{tree.pascal(path)}{number}", number + 1
        taken.add(own)
        held[path] = own
        made[own] = Item(Name(name), own)
    return held, made


def _used(made: Mapping[str, Item], entities: Iterable[Entity], details: Iterable[tuple[str, str]]) -> tuple[Item, ...]:
    used = {column for _, mapped in entities for _, column in mapped} | {column for _, column in details}
    return tuple(item for name, item in made.items() if name in used)


_PLAIN = compiled(r"[A-Za-z_]\w*")


def _plain(names: Iterable[str]) -> list[str]:
    """The columns that a rule may name."""
    return [n for n in names if _PLAIN.fullmatch(n)]


def _mapped(entities: list[Entity], kind: tuple[str, str] | None, name: str) -> bool:
    """Whether the column is an entity's identifier now."""
    if kind is None:
        return False
    entity, identifier = kind
    if any(name == column for other, mapped in entities if other == entity for _, column in mapped):
        return True
    at = _slot(entities, entity, identifier)
    if at is None:
        return False
    before = entities[at][1] if at < len(entities) else ()
    entities[at:] = [(entity, (*before, (identifier, name))), *entities[at + 1 :]]
    return True


def _slot(entities: list[Entity], kind: str, identifier: str) -> int | None:
    """Where an identifier goes: to the entity of its type, to a new one, or nowhere."""
    same = [i for i, (other, _) in enumerate(entities) if other == kind] if kind in _SINGLE else []
    if same:
        mapped = entities[same[0]][1]
        fits = len(mapped) < _MOST_IDENTIFIERS and identifier not in [i for i, _ in mapped]
        return same[0] if fits else None
    return len(entities) if len(entities) < _MOST_ENTITIES else None


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
