"""ECS field types: a generated table (`fields.tsv`) and its reader.

`python -m converter.fields.ecs.generate ecs_flat.json[.gz]` writes the table anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parent / "fields.tsv"


def lines_of_ecs() -> dict[str, str]:
    """What the table says of each ECS field, by its path: see `described`."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and line[0] != "#")


def described(text: str) -> tuple[str, bool]:
    """The Elasticsearch type of a field, and whether it may hold several values."""
    kind, _, many = text.partition("\t")
    return kind, bool(many)


def load_ecs() -> Iterator[tuple[str, str, bool]]:
    """(path, Elasticsearch type, may hold several values) of each ECS field."""
    for path, text in lines_of_ecs().items():
        yield path, *described(text)
