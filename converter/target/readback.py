"""What reading an artifact back gives: the condition that it asks, beside the one that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from converter.deferred import dataclass
from converter.model.fact import Fact
from converter.model.predicate import Predicate


@dataclass(frozen=True, slots=True)
class Raised:
    """Both conditions in the artifact's own names, and the facts that it rests on, by those names.

    `apart`: the sign at which a column's text was cut into values, which therefore none of them holds.
    `empties`: the platform tells an empty text from none. `numbers`: the columns that hold numbers and nothing else.
    `rows`: the conditions are on rows, in which one value may be made of another.
    """

    wanted: Predicate
    found: Predicate
    facts: Mapping[str, frozenset[Fact]]
    apart: Mapping[str, str] = field(default_factory=dict)
    empties: bool = False
    numbers: frozenset[str] = frozenset()
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """The conditions of an artifact over several events, in the same order as the rule's; all else was read alike."""

    parts: tuple[Raised, ...]


@dataclass(frozen=True, slots=True)
class NotRaised:
    """The artifact says what its reader has no tree for; `why` in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Same:
    """The target reads everything back itself before it gives it out."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """The artifact says plainly something else than the rule, beside its conditions: both in words."""

    wanted: str
    found: str


Reading = Raised | Several | NotRaised | Same | Unlike


class ReadBackError(Exception):
    """An artifact that reads back as another condition: a fault of the target or of its reader."""

    def __init__(self, target: str, why: str, wanted: str, found: str) -> None:
        super().__init__(f"what {target} writes reads back differently: {why}")
        self.trees = f"bound: {wanted}\nread:  {found}"
