"""Which columns an alert shows: entities and custom details, from the rule's investigation fields."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, assert_never

from backends.sentinel.condition.column import Column, column
from backends.sentinel.condition.finding import note
from backends.sentinel.condition.scope import Names
from converter.fields.schema import ecs_schema
from converter.model.metadata import Metadata
from converter.model.pipeline import Pipeline
from converter.model.rule import AnyOf, Detection, IndicatorMatch, Match, NewTerms, Opaque, Sample, Sequence, Threshold
from converter.model.value import Field
from converter.target.contract import Binding, Notebook

_TABLE = Path(__file__).parent / "entities.tsv"
_NEXT = ",\n    "
_MOST_ENTITIES, _MOST_IDENTIFIERS, _MOST_DETAILS, _LONGEST_KEY = 10, 3, 20, 20


Entity: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A type of entity, and its identifiers with the columns that hold them."""

# Entities of which one stands behind an event: their identifiers are put together. Addresses are several.
_SINGLE = frozenset({"Account", "Host", "Process", "File", "RegistryKey"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a rule's alerts show: operators that make the columns, entities, details (key, column)."""

    operators: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    details: tuple[tuple[str, str], ...] = ()


@functools.cache
def _known() -> dict[str, tuple[str, str]]:
    lines = (line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {path: (entity, identifier) for path, entity, identifier in lines}


def shown(meta: Metadata, detection: Detection, binding: Binding, notes: Notebook) -> Shown:
    """The investigation fields that the rows have."""
    match detection:
        case Match() | NewTerms() | IndicatorMatch() | Sequence():
            wanted = tuple(dict.fromkeys(meta.investigation_fields))
        case Threshold() | Sample() | Pipeline() | Opaque():
            return Shown()  # rows are groups: they have no event's fields
        case AnyOf():
            if meta.investigation_fields:
                notes.add(
                    note("T374", "the investigation fields are not shown: rows of several tables share no columns")
                )
            return Shown()
        case _:
            assert_never(detection)
    found = {path: c for path in wanted if (c := _column(path, binding)) is not None and path != "@timestamp"}
    names = Names(binding.columns)
    made: list[str] = []
    entities: list[Entity] = []
    details: list[tuple[str, str]] = []
    for path, where in found.items():
        kind = _known().get(path)
        at = None if kind is None else _slot(entities, *kind)
        if kind is not None and at is not None:
            mapped = (kind[1], _named(path, where, names, made))
            entities[at:] = [(kind[0], (*entities[at][1], mapped))] if at < len(entities) else [(kind[0], (mapped,))]
        elif len(details) < _MOST_DETAILS:
            details.append((_key(path, [k for k, _ in details]), _named(path, where, names, made)))
    left = len(wanted) - sum(len(mapped) for _, mapped in entities) - len(details)
    if left > 0:
        notes.add(
            note("T374", f"{left} of {len(wanted)} investigation fields are not shown: no column, or over the limits")
        )
    operators = [f"| extend\n    {_NEXT.join(made)}"] if made else []
    return Shown(tuple(operators), tuple(entities), tuple(details))


def _slot(entities: list[Entity], kind: str, identifier: str) -> int | None:
    """Where an identifier goes: to the entity of its type, to a new one, or nowhere."""
    same = [i for i, (other, _) in enumerate(entities) if other == kind] if kind in _SINGLE else []
    if same:
        mapped = entities[same[0]][1]
        fits = len(mapped) < _MOST_IDENTIFIERS and identifier not in [i for i, _ in mapped]
        return same[0] if fits else None
    return len(entities) if len(entities) < _MOST_ENTITIES else None


def _named(path: str, where: Column, names: Names, made: list[str]) -> str:
    """The column's name; a column of its own where it has none that a rule may name."""
    if re.fullmatch(r"[A-Za-z_]\w*", where.text):
        return where.text
    name = names.fresh(_pascal(path))
    made.append(f"{name} = {where.value().as_text()}")
    return name


def _pascal(path: str) -> str:
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", path) if part]
    return "".join(part[0].upper() + part[1:] for part in parts) or "Field"


def _key(path: str, taken: list[str]) -> str:
    """A key of at most 20 letters and digits: the end of the field's name."""
    parts = path.split(".")
    last = parts[-1]
    telling = any(c.isupper() for c in last) or "_" in last
    key = re.sub(r"^[^A-Za-z]+", "", _pascal(last if telling else ".".join(parts[-2:])))[-_LONGEST_KEY:] or "Field"
    key = key[0].upper() + key[1:] if key[0].isalpha() else f"F{key[1:]}"
    unique, number = key, 2
    while unique in taken:
        unique = f"{key[: _LONGEST_KEY - len(str(number))]}{number}"
        number += 1
    return unique


def _column(path: str, binding: Binding) -> Column | None:
    """Where the field is, under the binding's names."""
    if binding.mode == "ecs" or binding.dataset is None:
        return column(ecs_schema().info(path).field())
    bound = _bound(path, binding)
    return None if bound is None else column(bound)


def _bound(path: str, binding: Binding) -> Field | None:
    from converter.datasets.reading.catalogue import builtin  # only deployable formats read the tables again

    try:
        table = builtin().table(binding.dataset or "")
    except KeyError:
        return None  # a table of the user's own
    places = [p for p in table.places.get("sentinel", ()) if p.header == binding.header and p.mode == binding.mode]
    if not places:
        return None
    site = builtin().site(table.name, "sentinel", places[0].name)
    found = site.find(path)
    if found is None or not found[1].to or found[1].values:
        return None
    return site.target(ecs_schema().info(path).field(), found[1], found[2])
