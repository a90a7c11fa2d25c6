"""Column types of the platform tables that data set tables use: a generated list (`columns.tsv`) and its reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).parent.parent / "columns.tsv"


def read_columns() -> Mapping[str, Mapping[str, str]]:
    """Table name -> column name -> type."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            table, *columns = line.split("\t")
            found[table] = dict(column.split(":", 1) for column in columns)
    return found
