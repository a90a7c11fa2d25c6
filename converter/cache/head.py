"""What is known of a rule without its file being read as one."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.diagnostics import Source


@dataclass(frozen=True, slots=True)
class Head:
    """What other rules of a run have to know of a rule, and its licence; each as its file says it.

    `listed`: it names lists of exceptions, which may stand in another file.
    """

    rule_id: str
    name: str
    maturity: str
    creation_date: str
    license: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a rule in an earlier run, and the text of its file in this one.

    `result` is None where only its head is kept: what became of it is of other rules too, and stands elsewhere.
    """

    head: Head
    result: object
    source: Source
