"""The data connectors that a rule needs, by the tables that its query reads."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from converter.languages.kusto.syntax import Program, Table

_FILE = Path(__file__).parent / "connectors.yaml"


@functools.cache
def _known() -> Mapping[str, Mapping[str, str]]:
    import yaml

    text = _FILE.read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe loaders
    return found


def tables(program: Program) -> tuple[str, ...]:
    """The tables that a program reads, each once, in order."""
    own = {let.name for let in program.lets}
    return tuple(name for name in dict.fromkeys(_tables((*program.lets, program.query))) if name not in own)


def _tables(node: object) -> Iterator[str]:
    if isinstance(node, Table):
        yield node.name
    elif isinstance(node, tuple):
        for part in node:
            yield from _tables(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _tables(getattr(node, field.name))


def connectors(read: Iterable[str], stated: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each connector with its data types. `stated` names the connector of a table of one's own."""
    found: dict[str, dict[str, None]] = {}
    for table in read:
        named = {stated[table]: table} if table in stated else _known().get(table, {})
        for connector, kind in named.items():
            found.setdefault(connector, {})[kind] = None
    return tuple((connector, tuple(kinds)) for connector, kinds in found.items())


def unfed(read: Iterable[str], stated: Mapping[str, str]) -> tuple[str, ...]:
    """The tables that no connector is known to fill."""
    return tuple(table for table in read if table not in stated and table not in _known())
