"""What a rule over several events is to the engine: predicates whose events it wants, and what it makes of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable
from typing import Any, Protocol, TypeAlias

from converter.deferred import dataclass
from converter.model.predicate import Predicate
from converter.reference.event import Event

Key: TypeAlias = tuple[Hashable, ...]
Kept: TypeAlias = tuple[int, str]
"""An event that is remembered: its number in the stream and its JSON text, a fifth of what its objects take."""
Saved: TypeAlias = Any
"""Whatever JSON can say."""


class Item:
    """An event of the stream with its number, and its time in milliseconds as rules see it."""

    __slots__ = ("_kept", "event", "number", "time")

    def __init__(self, number: int, event: Event, time: int) -> None:
        self.number = number
        self.event = event
        self.time = time
        self._kept: Kept | None = None

    def kept(self) -> Kept:
        """The event as it is remembered; rules that remember the same event share its text."""
        if self._kept is None:
            self._kept = self.number, json.dumps(self.event, default=str, separators=(",", ":"))
        return self._kept


@dataclass(frozen=True, slots=True)
class Found:
    """What completes an alert: events by number with their JSON text, and the values they share.

    `time`: when it was complete, in milliseconds of the stream.
    """

    events: tuple[Kept, ...]
    key: Key
    time: int


class Tracker(Protocol):
    """A rule over several events. `wheres`: its predicates; an item comes with the places of those that hold.

    Items come in the order of time; of one time in the order of `order`.
    """

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """The predicates."""

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """What the item completes."""

    def advance(self, time: int) -> list[Found]:
        """What is complete because nothing before `time` comes any more."""

    def flush(self) -> list[Found]:
        """What waited for the end of the stream."""

    def save(self) -> Saved:
        """What is remembered."""

    def restore(self, saved: Saved) -> None:
        """Go on from there; only a tracker that has seen nothing can."""

    @property
    def size(self) -> int:
        """How many keys, groups or events are remembered."""


def as_key(saved: Saved) -> Key:
    """A key that JSON made lists of."""
    return tuple(as_key(one) if isinstance(one, list) else one for one in saved)
