"""The columns that the query of a sequence computes."""

from __future__ import annotations

from backends.sentinel.condition import tree
from backends.sentinel.condition.names import Names
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Expression, Name, Number


@dataclass(frozen=True, slots=True)
class Words:
    """Names that no column of a table has. `time` is the tables' own column of an event's time."""

    names: Names
    time: Name

    def __getitem__(self, stem: str) -> str:
        return self.names.of(("word", stem), stem)

    @property
    def stage(self) -> Name:
        """The number of the stage that a row is an event of."""
        return Name(self["Stage"])

    @property
    def key(self) -> Name:
        """The join key as one text."""
        return Name(self["Key"])

    def at(self, number: int) -> Name:
        """The time of the n-th matched event."""
        return Name(self[f"Time{number}"])

    def event(self, number: int) -> Name:
        """What the n-th matched event shows."""
        return Name(self[f"Event{number}"])

    def absent(self, gap: int) -> Name:
        """The time of the nearest missing event of a gap."""
        return Name(self[f"Absent{gap}"])

    def gap(self, gap: int) -> Name:
        """The same, remembered until the sequence is complete."""
        return Name(self[f"Gap{gap}"])

    @property
    def until(self) -> Name:
        """The time of the last until event."""
        return Name(self["LastUntil"])


def any_stage(words: Words, stages: tuple[int, ...]) -> Expression:
    """The row is an event of one of the stages."""
    return tree.one_of(words.stage, [Number(s) for s in stages])
