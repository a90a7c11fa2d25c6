"""Thresholds and new terms in a stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable
from dataclasses import dataclass

from converter.engine.stateful.keys import combinations_of, values_reader
from converter.engine.stateful.shelf import Kept, Shelf
from converter.engine.stateful.tracker import Found, Item, Key, Saved, as_key
from converter.model.predicate import Predicate
from converter.model.rule import NewTerms, Threshold


@dataclass(frozen=True, slots=True)
class _Member:
    time: int
    kept: Kept
    values: tuple[Hashable, ...]  # of the field whose distinct values are counted


class ThresholdTracker:
    """A group alerts when its events within the rule's window reach the threshold, wherever the window lies.

    Then it starts anew. Of a group as many of the newest events are kept as the threshold asks for, and
    the newest with each distinct value.
    """

    def __init__(self, detection: Threshold, window_ms: int) -> None:
        self._detection = detection
        self._window = window_ms
        self._groups: dict[Key, deque[_Member]] = {}
        self._swept = 0
        self._keys = combinations_of(detection.group_by)
        distinct = detection.distinct
        self._counted = values_reader(distinct.field) if distinct else None
        self._bound = 2 * max(detection.at_least, distinct.at_least if distinct else 1, 8)

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """The only one."""
        return (self._detection.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """The groups that the event completes."""
        del met
        self._sweep(item.time)
        member = _Member(item.time, item.kept(), item.value(self._counted) if self._counted else ())
        oldest = item.time - self._window
        found = []
        for key in self._keys(item):
            members = self._groups.get(key)
            if members is None:
                members = self._groups[key] = deque()
            while members and members[0].time < oldest:
                members.popleft()
            members.append(member)
            if self._reached(members):
                found.append(Found(tuple(one.kept for one in members), key, item.time))
                del self._groups[key]
            elif len(members) > self._bound:
                self._groups[key] = self._pruned(members)
        return found

    def _reached(self, members: Collection[_Member]) -> bool:
        distinct = self._detection.distinct
        if len(members) < max(self._detection.at_least, 1):
            return False
        return distinct is None or len({v for one in members for v in one.values}) >= distinct.at_least

    def _pruned(self, members: Collection[_Member]) -> deque[_Member]:
        least = max(self._detection.at_least, 1)
        holders = {value: place for place, one in enumerate(members) for value in one.values}
        needed = {*holders.values(), *range(len(members) - least, len(members))}
        return deque(one for place, one in enumerate(members) if place in needed)

    def _sweep(self, time: int) -> None:
        if time - self._swept > self._window:
            self._swept, oldest = time, time - self._window
            self._groups = {key: members for key, members in self._groups.items() if members[-1].time >= oldest}

    def advance(self, time: int) -> list[Found]:
        """Nothing waits for time to pass."""
        self._sweep(time)
        return []

    def flush(self) -> list[Found]:
        """Nothing waits for the end."""
        return []

    def save(self) -> Saved:
        """The events of each group."""
        return [
            [list(key), [[one.time, one.kept.number, list(one.values)] for one in members]]
            for key, members in self._groups.items()
        ]

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """The events of each group."""
        self._groups = {
            as_key(key): deque(_Member(time, shelf.kept(number), tuple(values)) for time, number, values in members)
            for key, members in saved
        }

    @property
    def size(self) -> int:
        """The events that are kept."""
        return sum(map(len, self._groups.values()))


class NewTermsTracker:
    """A combination of values alerts when it was not seen for the length of the history."""

    def __init__(self, detection: NewTerms) -> None:
        self._detection = detection
        self._keys = combinations_of(detection.fields)
        self._seen: dict[Key, int] = {}
        self._swept = 0

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """The only one."""
        return (self._detection.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """The new combinations of the event."""
        del met
        history = self._detection.history_ms
        self.advance(item.time)
        found = []
        for key in self._keys(item):
            last = self._seen.get(key)
            if last is None or item.time - last > history:
                found.append(Found((item.kept(),), key, item.time))
            self._seen[key] = item.time
        return found

    def advance(self, time: int) -> list[Found]:
        """Forget what lies further back than the history, ten times in it."""
        history = self._detection.history_ms
        if (time - self._swept) * 10 > history:
            self._swept = time
            self._seen = {key: last for key, last in self._seen.items() if time - last <= history}
        return []

    def flush(self) -> list[Found]:
        """Nothing waits for the end."""
        return []

    def save(self) -> Saved:
        """When each combination was seen last."""
        return [[list(key), time] for key, time in self._seen.items()]

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """When each combination was seen last."""
        del shelf
        self._seen = {as_key(key): time for key, time in saved}

    @property
    def size(self) -> int:
        """The combinations that are remembered."""
        return len(self._seen)
