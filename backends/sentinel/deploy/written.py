"""An artifact as it is written: its text, the files beside it, and what a bundle needs of it."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.languages.kusto.syntax import Program
from converter.target.contract import File

LONGEST_QUERY = 10_000
"""Characters of a query in a rule: https://learn.microsoft.com/en-us/azure/sentinel/scheduled-rules-overview"""


@dataclass(frozen=True, slots=True)
class Written:
    """`part` is of a type that only the solution knows. `program` is the query that is all that the text says."""

    text: str
    files: tuple[File, ...] = ()
    part: object = None
    program: Program | None = None
