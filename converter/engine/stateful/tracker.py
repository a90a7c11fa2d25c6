"""What a rule over several events is to the engine: predicates whose events it wants, and what it makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from converter.model.predicate import Predicate
from converter.reference.event import Event
from converter.reference.sequence import Ordinal

T = TypeVar("T")
Key: TypeAlias = tuple[Hashable, ...]
Kept: TypeAlias = tuple[int, str]
"""An event that is remembered: its number in the stream and its JSON text, a fifth of what its objects take."""
Saved: TypeAlias = Any
"""Whatever JSON can say."""


class Item:
    """An event of the stream with its number, and its time in milliseconds as rules see it.

    `order`: its place in the order of all. `text`: the JSON text of the event, if it is at hand.
    """

    __slots__ = ("_kept", "_text", "_values", "event", "number", "order", "time")

    def __init__(
        self, number: int, event: Event, time: int, text: str | None = None, order: Ordinal | None = None
    ) -> None:
        self.number = number
        self.event = event
        self.time = time
        self.order: Ordinal = (time, (True, 0)) if order is None else order
        self._text = text
        self._kept: Kept | None = None
        self._values: dict[Callable[[Event], Any], Any] = {}

    def kept(self) -> Kept:
        """The event as it is remembered; rules that remember the same event share its text."""
        if self._kept is None:
            text = self._text
            if text is None:
                text = json.dumps(self.event, default=str, separators=(",", ":"))
            self._kept = self.number, text
        return self._kept

    def value(self, read: Callable[[Event], T]) -> T:
        """What a reader finds; many rules ask for the same fields."""
        known = self._values
        if read in known:
            return cast("T", known[read])
        found = known[read] = read(self.event)
        return found


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
