"""Lookups that a search reads and another fills."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.languages.spl.syntax import Pipeline


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup in a CSV file: its name, the columns of the file, and how some of them match (`CIDR`)."""

    name: str
    columns: tuple[str, ...]
    matches: tuple[tuple[str, str], ...] = ()

    @property
    def file(self) -> str:
        """The name of the CSV file."""
        return f"{self.name}.csv"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of its stanza in transforms.conf; letters' case counts."""
        return {
            "filename": self.file,
            "case_sensitive_match": "true",
            "match_type": ", ".join(f"{how}({column})" for column, how in self.matches),
        }


@dataclass(frozen=True, slots=True)
class Filling:
    """A search that fills a lookup before the rule's own runs: why, its stages, and over which time it looks.

    `earliest` is a time modifier; "0" is all time. `daily`: once a day is enough.
    """

    purpose: str
    table: Table
    search: Pipeline
    earliest: str = "0"
    daily: bool = False
