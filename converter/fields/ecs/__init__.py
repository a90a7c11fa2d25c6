"""ECS field types: a generated table (`fields.tsv`) and its reader.

`python -m converter.fields.ecs.generate ecs_flat.json[.gz]` writes the table anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parent / "fields.tsv"


def load_ecs() -> Iterator[tuple[str, str, bool]]:
    """(path, Elasticsearch type, may hold several values) of each ECS field."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            path, kind, *many = line.split("\t")
            yield path, kind, bool(many)
