"""Tables in the interpreter and for its callers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from converter.proof.judges.kusto.values import Kind, Value

Row: TypeAlias = Mapping[str, Value]

# The hidden column behind ingestion_time(): lost by whatever makes new rows, as documented for that function.
INGESTION = "$ingestion_time"


@dataclass(frozen=True, slots=True)
class Table:
    """A caller's table: column types by name, rows of plain Python data (missing = null, "" for strings).

    A row may carry "$ingestion_time"; otherwise TimeGenerated stands for it.
    """

    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Rows:
    """An intermediate result; a kind is None where no row tells it. `serialized` is what scan needs."""

    columns: Mapping[str, Kind | None]
    rows: Sequence[Row]
    serialized: bool = False
