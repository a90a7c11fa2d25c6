"""Which columns identify an entity of Sentinel: an account, a host, a file ... (`entities.yaml`)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TypeAlias, cast

from converter.deferred import dataclass
from converter.languages.kusto import parse
from converter.languages.kusto.syntax import Expression
from converter.languages.kusto.walk import names

_FILE = Path(__file__).parent / "entities.yaml"
_NAMES = Path(__file__).parent / "telling.tsv"
_Written: TypeAlias = "Mapping[str, Mapping[str, str]] | Sequence[Mapping[str, Mapping[str, str]]]"


@dataclass(frozen=True, slots=True)
class Entity:
    """A type of entity, and of each identifier the value: over columns of a table, or over Elastic's fields."""

    kind: str
    identifiers: tuple[tuple[str, Expression], ...]


Choices: TypeAlias = tuple[Entity, ...]
"""Entities of which the first that can be told stands for all."""


@dataclass(frozen=True, slots=True)
class Identities:
    """What is known of entities. `required`: one of a type's identifiers must be there, or there is no entity.

    `collected`: what stands before and after the name of a field whose values are a list.
    """

    required: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, tuple[Choices, ...]]
    elastic: tuple[Choices, ...]
    collected: tuple[str, str]

    def collection(self, path: str) -> str:
        """The name under which rules keep a list of a field's values."""
        prefix, suffix = self.collected
        return f"{prefix}{path.replace('.', '_')}{suffix}"

    def of(self, tables: Iterable[str]) -> tuple[Choices, ...]:
        """The entities of tables, each once."""
        return tuple(dict.fromkeys(one for table in tables for one in self.tables.get(table, ())))


@functools.cache
def identities() -> Identities:
    """The package's own."""
    import yaml

    text = _FILE.read_text(encoding="utf-8")
    # The C parser is six times as fast.
    written = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe loaders
    known: dict[str, Expression] = {}
    return Identities(
        {kind: tuple(one) for kind, one in written["required"].items()},
        {table: _choices(listed, known) for table, listed in written["tables"].items()},
        _choices(written["elastic"], known),
        (written["collected"]["prefix"], written["collected"]["suffix"]),
    )


def _choices(written: Sequence[_Written], known: dict[str, Expression]) -> tuple[Choices, ...]:
    return tuple(tuple(_entity(o, known) for o in (one if isinstance(one, list) else [one])) for one in written)


def _entity(written: object, known: dict[str, Expression]) -> Entity:
    ((kind, values),) = cast("Mapping[str, Mapping[str, str]]", written).items()
    return Entity(kind, tuple((identifier, _expression(text, known)) for identifier, text in values.items()))


def _expression(text: str, known: dict[str, Expression]) -> Expression:
    if text not in known:
        known[text] = parse.expression(text)
    return known[text]


def mentioned() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each table ("" for Elastic's fields) with the names that tell its entities: what `telling.tsv` keeps."""
    known = identities()
    for table, found in (*known.tables.items(), ("", known.elastic)):
        told = {n for choices in found for entity in choices for _, value in entity.identifiers for n in names(value)}
        yield table, tuple(sorted(told))


@functools.cache
def _told() -> Mapping[str, AbstractSet[str]]:
    """The same, ready: a query needs no more than the names, and most runs write queries."""
    lines = (line.split("\t") for line in _NAMES.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {table: frozenset(told.split(" ")) for table, told in lines}


def telling_columns(table: str) -> AbstractSet[str]:
    """The columns of a table that tell an entity; of one that is not known, none."""
    return _told().get(table, frozenset()) if table else frozenset()


def telling_fields() -> AbstractSet[str]:
    """Elastic's fields that tell an entity."""
    return _told()[""]
