"""What a rule over several events is to the engine: predicates whose events it wants, and what it makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from converter.engine.stateful.shelf import Kept, Shelf
from converter.model.predicate import Predicate
from converter.reference.event import Event
from converter.reference.sequence import Ordinal

T = TypeVar("T")
Key: TypeAlias = tuple[Hashable, ...]
Saved: TypeAlias = Any
"""Whatever JSON can say."""


class Seen:
    """An event of the stream with its number, and the one handle by which every rule remembers it.

    `text`: its JSON text, if it is at hand. `kept`: the handle, of an event that a saved state remembers.
    """

    __slots__ = ("_event", "_kept", "_shelf", "_text", "_values", "number")

    def __init__(
        self, number: int, event: Event | None, shelf: Shelf, text: str | None = None, kept: Kept | None = None
    ) -> None:
        self.number = number
        self._event = event
        self._shelf = shelf
        self._text = text
        self._kept = kept
        self._values: dict[Callable[[Event], Any], Any] = {}

    @property
    def event(self) -> Event:
        """The event itself."""
        if self._event is None:
            self._event = cast("Event", json.loads(self.kept().text))
        return self._event

    def kept(self) -> Kept:
        """The event as it is remembered."""
        if self._kept is None:
            text = self._text
            if text is None:
                text = json.dumps(self.event, default=str, separators=(",", ":"))
            self._kept = self._shelf.put(self.number, text)
            self._text = None
        return self._kept

    def put_away(self) -> None:
        """Keep the text alone: nobody asks for the event for a while."""
        self.kept()
        self._event, self._values = None, {}

    def value(self, read: Callable[[Event], T]) -> T:
        """What a reader finds; many rules ask for the same fields."""
        known = self._values
        if read in known:
            return cast("T", known[read])
        found = known[read] = read(self.event)
        return found


class Item:
    """An event with its time in milliseconds as some rules see it. `order`: its place in the order of all."""

    __slots__ = ("order", "seen", "time")

    def __init__(self, seen: Seen, time: int, order: Ordinal | None = None) -> None:
        self.seen = seen
        self.time = time
        self.order: Ordinal = (time, (True, 0)) if order is None else order

    @property
    def number(self) -> int:
        """The event's number in the stream."""
        return self.seen.number

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.seen.event

    def kept(self) -> Kept:
        """The event as it is remembered."""
        return self.seen.kept()

    def value(self, read: Callable[[Event], T]) -> T:
        """What a reader finds of the event."""
        return self.seen.value(read)


@dataclass(frozen=True, slots=True)
class Found:
    """What completes an alert: the events as they are remembered, and the values they share.

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
        """What is remembered, events by their numbers."""

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """Go on from there, with the texts that lie on the shelf; only a tracker that has seen nothing can."""

    @property
    def size(self) -> int:
        """How many keys, groups or events are remembered."""


def as_key(saved: Saved) -> Key:
    """A key that JSON made lists of."""
    return tuple(as_key(one) if isinstance(one, list) else one for one in saved)
