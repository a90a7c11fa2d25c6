"""One run over a stream: the plan's hits become alerts, at once or by the rules' trackers, in order of time.

Events may come out of order by the lateness: hits of rules over several events wait that long in a heap, one for all
rules that read time alike. What comes later still takes no part in such rules and is counted.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, cast

from converter.engine.matcher import Matcher
from converter.engine.reading import Reader, reader
from converter.engine.stateful.shelf import Shelf
from converter.engine.stateful.tracker import Found, Item, Saved, Seen, Tracker
from converter.model.rule import Rule
from converter.reference.detection import Clock
from converter.reference.event import Event, instant
from converter.reference.sequence import Ordinal

Met: TypeAlias = dict[int, list[int]]
"""For a lane, by its place, which of its predicates hold."""
_AT_HAND = 200
"""Of so many events that wait in a queue the event itself is at hand, of more the text alone."""
_LOOK_AT_TIME = 64
"""Every so many events the time is read of an event that no rule asks for, so that time passes in silence too."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a rule found: its events with their numbers in the stream (from 0), and the values that they share.

    `time`: when it was complete, in milliseconds of the rule's clock; None for an event without a time.
    """

    rule: Rule
    events: tuple[Event, ...]
    numbers: tuple[int, ...]
    key: tuple[object, ...] = ()
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """How rules see the time of events: `readers` find it at one path or another, `tie` orders events of one time.

    `sequential`: by the clock's order and tiebreaker, as sequences are.
    """

    readers: tuple[Reader, ...]
    tie: Reader | None = None

    def time(self, event: Event) -> int | None:
        """The event's time in milliseconds; None if it has none."""
        for read in self.readers:
            for raw in read(event):
                found = instant(raw)
                if found is not None:
                    return found
        return None

    def order(self, event: Event, time: int) -> Ordinal:
        """The event's place in the order of all: numbers before texts, without tiebreaker last."""
        tie = next(iter(self.tie(event)), None) if self.tie is not None else None
        if not isinstance(tie, (int, float, str)):
            return time, (True, 0)
        return time, (False, (isinstance(tie, str), tie))  # type: ignore[return-value]  # only compared


def timing_of(clock: Clock, *, sequential: bool) -> tuple[tuple[str, ...], str]:
    """The paths that time is read at, and that of the tiebreaker ("" = none): lanes that agree in them wait as one."""
    if sequential:
        return (clock.order,), clock.tiebreaker
    return tuple(dict.fromkeys(path for path in (clock.timestamp, clock.fallback) if path)), ""


def read_timing(paths: tuple[str, ...], tiebreaker: str) -> Timing:
    """The timing that reads there."""
    return Timing(tuple(map(reader, paths)), reader(tiebreaker) if tiebreaker else None)


@dataclass(frozen=True, slots=True)
class Lane:
    """A tracker with its rule, and the number of the queue that feeds it."""

    rule: Rule
    tracker: Tracker
    queue: int


@dataclass(slots=True)
class Queue:
    """Hits of the lanes of one timing: they wait until nothing earlier comes any more."""

    timing: Timing
    lanes: tuple[int, ...]
    waiting: list[tuple[Ordinal, int, Item, Met]] = field(default_factory=list)
    newest: int | None = None
    released: tuple[Ordinal, int] | None = None
    late: int = 0


class Planned(Protocol):
    """The rules in one plan, as an engine holds them.

    For each predicate of the matcher: `at_once` are the rules that it decides, `routes` the lanes that ask for it,
    each with which of its predicates it is.
    """

    now: int | None
    lateness_ms: int
    matcher: Matcher
    at_once: tuple[tuple[Rule, ...], ...]
    routes: tuple[tuple[tuple[int, int], ...], ...]

    def is_seen(self, rule: Rule, event: Event) -> bool:
        """Whether some run of the rule's schedule looks at the event's time."""


@dataclass(slots=True)
class Session:
    """The state of a run. `count`: how many events it has seen."""

    plan: Planned
    lanes: tuple[Lane, ...]
    queues: tuple[Queue, ...]
    shelf: Shelf
    count: int = 0
    timeless: int = 0

    def push(self, event: Event) -> list[Alert]:
        """The alerts that the event completes."""
        number = self.count
        self.count += 1
        found = self.apply(event, self.plan.matcher.match(event, self.plan.now), number)
        if self.lanes and not number % _LOOK_AT_TIME:
            found += self.pass_time(event)
        return found

    def apply(self, event: Event, hits: Sequence[int], number: int, text: str | None = None) -> list[Alert]:
        """The alerts that an event completes of which it is known which predicates hold; it does not count it.

        `text`: the event's JSON text, if it is at hand.
        """
        found: list[Alert] = []
        met: defaultdict[int, Met] = defaultdict(dict)
        for hit in hits:
            scheduled = (rule for rule in self.plan.at_once[hit] if self.plan.is_seen(rule, event))
            found.extend(Alert(rule, (event,), (number,)) for rule in scheduled)
            for place_of_lane, place in self.plan.routes[hit]:
                met[self.lanes[place_of_lane].queue].setdefault(place_of_lane, []).append(place)
        seen = Seen(number, event, self.shelf, text)
        for place_of_queue, places in met.items():
            queue = self.queues[place_of_queue]
            time = queue.timing.time(event)
            if time is None:
                self.timeless += len(places)
            else:
                item = Item(seen, time, queue.timing.order(event, time))
                found += self._wait(queue, item, places)
        return found

    def _wait(self, queue: Queue, item: Item, met: Met) -> list[Alert]:
        if queue.released is not None and (item.order, item.number) < queue.released:
            queue.late += len(met)
            return []
        heapq.heappush(queue.waiting, (item.order, item.number, item, met))
        if len(queue.waiting) > _AT_HAND:
            item.seen.put_away()
        if queue.newest is None or item.time > queue.newest:
            queue.newest = item.time
        return self._release(queue, queue.newest - self.plan.lateness_ms)

    def _release(self, queue: Queue, until: int | None) -> list[Alert]:
        """Feed what waits and is not later than `until`."""
        found: list[Alert] = []
        waiting = queue.waiting
        while waiting and (until is None or waiting[0][2].time <= until):
            order, number, item, met = heapq.heappop(waiting)
            queue.released = order, number
            for place, places in met.items():
                lane = self.lanes[place]
                complete = lane.tracker.feed(item, places)
                if complete:
                    found += self._alerts(lane, complete)
        return found

    def pass_time(self, event: Event) -> list[Alert]:
        """What is complete because it is as late as the event says."""
        found: list[Alert] = []
        for queue in self.queues:
            time = queue.timing.time(event)
            if time is None or (queue.newest is not None and time < queue.newest):
                continue
            queue.newest = time
            found += self._release(queue, time - self.plan.lateness_ms)
            for place in queue.lanes:
                lane = self.lanes[place]
                found += self._alerts(lane, lane.tracker.advance(time - self.plan.lateness_ms))
        return found

    def learn(self, events: Sequence[Event]) -> None:
        """Take events of the past: they make no alerts, but what they hold is not new. Their numbers are negative."""
        self.count = -len(events)
        for event in events:
            self.push(event)
        for queue in self.queues:
            self._release(queue, None)
            queue.late = 0
        self.timeless = 0

    def finish(self) -> list[Alert]:
        """What waited for the end of the stream."""
        found: list[Alert] = []
        for queue in self.queues:
            found += self._release(queue, None)
        for lane in self.lanes:
            found += self._alerts(lane, lane.tracker.flush())
        return found

    def _alerts(self, lane: Lane, complete: Iterable[Found]) -> list[Alert]:
        return [
            Alert(
                lane.rule,
                tuple(cast("Event", json.loads(kept.text)) for kept in one.events),
                tuple(kept.number for kept in one.events),
                one.key,
                one.time,
            )
            for one in complete
        ]

    @property
    def late(self) -> int:
        """Hits that came too late for a rule over several events."""
        return sum(queue.late for queue in self.queues)

    @property
    def size(self) -> int:
        """The keys, groups and events that are remembered."""
        return sum(lane.tracker.size for lane in self.lanes) + sum(len(queue.waiting) for queue in self.queues)

    def save(self, *, with_texts: bool = True) -> Saved:
        """The state, as values that JSON can say. Without texts only a shelf that is kept beside it makes it whole."""
        return {
            "count": self.count,
            "timeless": self.timeless,
            "queues": [_saved(queue) for queue in self.queues],
            "lanes": [lane.tracker.save() for lane in self.lanes],
            "texts": list(self.shelf.texts()) if with_texts else [],
        }

    def restore(self, saved: Saved) -> None:
        """Go on from a state of a session over the same rules and options."""
        self.count, self.timeless = saved["count"], saved["timeless"]
        texts = [self.shelf.put_again(number, text) for number, text in saved["texts"]]
        for queue, state in zip(self.queues, saved["queues"], strict=True):
            queue.newest, queue.late = state["newest"], state["late"]
            queue.released = None if state["released"] is None else _tuple(state["released"])
            for number, time, met in state["waiting"]:
                seen = Seen(number, None, self.shelf, kept=self.shelf.kept(number))
                item = Item(seen, time, queue.timing.order(seen.event, time))
                places: Met = {lane: list(found) for lane, found in met}
                heapq.heappush(queue.waiting, (item.order, number, item, places))
                seen.put_away()
        for lane, state in zip(self.lanes, saved["lanes"], strict=True):
            lane.tracker.restore(state, self.shelf)
        del texts  # what somebody remembers has a handle by now


def _saved(queue: Queue) -> Saved:
    return {
        "newest": queue.newest,
        "late": queue.late,
        "released": queue.released,
        "waiting": [[item.kept().number, item.time, list(met.items())] for _, _, item, met in queue.waiting],
    }


def _tuple(value: Saved) -> Saved:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
