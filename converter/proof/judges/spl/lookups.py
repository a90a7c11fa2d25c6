"""Lookup tables: what a lookup definition says beside its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from converter.proof.judges.spl.network import inside, network
from converter.proof.judges.spl.search_match import wildcard
from converter.proof.judges.spl.values import Row, many, text, values

MatchType = Literal["EXACT", "WILDCARD", "CIDR"]
_MAX_MATCHES = 100


@dataclass(frozen=True, slots=True)
class LookupTable:
    """`match_types` is per field of the table; the defaults are those of transforms.conf."""

    rows: Sequence[Mapping[str, str]]
    match_types: Mapping[str, MatchType] = field(default_factory=dict)
    case_sensitive: bool = True
    max_matches: int = _MAX_MATCHES

    def find(self, wanted: Sequence[tuple[str, Sequence[str]]]) -> list[Mapping[str, str]]:
        """The rows where every named field matches one of the event's values, in file order."""
        found = [row for row in self.rows if all(self._fits(row, name, given) for name, given in wanted)]
        return found[: self.max_matches]

    def _fits(self, row: Mapping[str, str], name: str, given: Sequence[str]) -> bool:
        cell = row.get(name)
        return cell is not None and any(self._equal(name, cell, one) for one in given)

    def _equal(self, name: str, cell: str, value: str) -> bool:
        kind = self.match_types.get(name, "EXACT")
        subnet = network(cell) if kind == "CIDR" else None
        if subnet is not None:
            return inside(subnet, value) is True
        if kind == "WILDCARD":
            return wildcard(cell, exact_case=self.case_sensitive).fullmatch(value) is not None
        return cell == value if self.case_sensitive else cell.lower() == value.lower()


def table(given: Sequence[Mapping[str, str]] | LookupTable) -> LookupTable:
    return given if isinstance(given, LookupTable) else LookupTable(given)


def as_row(line: Mapping[str, str]) -> Row:
    """A line of the table as a row; an empty cell is no field."""
    return {name: cell for name, cell in line.items() if cell != ""}


def as_line(row: Row) -> dict[str, str]:
    return {name: "\n".join(text(one) for one in values(stored)) for name, stored in row.items()}


def enrich(row: Row, found: Sequence[Mapping[str, str]], output: Sequence[tuple[str, str]], *, only_new: bool) -> Row:
    """The row with the output fields of the matches: OUTPUT replaces, OUTPUTNEW fills what is missing."""
    changed = dict(row)
    for source, target in output:
        if only_new and target in row:
            continue
        stored = many(line[source] for line in found if line.get(source, "") != "")
        if stored is not None:
            changed[target] = stored
        elif not only_new:
            changed.pop(target, None)
    return changed
