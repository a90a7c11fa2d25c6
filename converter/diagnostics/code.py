"""A code: the name under which a finding is known, and what it means.

Codes stand in a module `codes` of the room that says them; a `Diagnostic` is made of one, so that none is without an
entry. B builds, F rule file, K kuery, L lucene and filters, E eql, Q esql, S Sigma as input, J kusto, M data sets,
T targets, V events and their evaluation, X internal. A code is never used again for something else.
"""

from __future__ import annotations

from typing import Self


class Code(str):
    """The code's name, such as M011, with a `summary`, what it means, and the remedy."""

    __slots__ = ("meaning", "remedy", "summary")

    meaning: str
    remedy: str
    summary: str

    def __new__(cls, name: str, summary: str, meaning: str, remedy: str) -> Self:
        """`name` is a letter and three digits."""
        made = super().__new__(cls, name)
        made.summary, made.meaning, made.remedy = summary, meaning, remedy
        return made

    def __reduce__(self) -> tuple[type[Code], tuple[str, str, str, str]]:
        """How a copy is made, in this process or another."""
        return Code, (str(self), self.summary, self.meaning, self.remedy)
