"""One run over a stream: the plan's hits become alerts, at once or by the rules' trackers, in order of time.

Events may come out of order by the lateness: hits of rules over several events wait that long in a heap. What comes
later still takes no part in such rules and is counted.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from converter.engine.matcher import Matcher
from converter.engine.stateful.sequences import SequenceTracker
from converter.engine.stateful.tracker import Found, Item, Saved, Tracker
from converter.model.rule import Rule
from converter.reference.detection import Clock
from converter.reference.event import Event

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


@dataclass(slots=True)
class Lane:
    """A tracker with its rule, its clock, and the hits that wait for earlier ones."""

    rule: Rule
    tracker: Tracker
    clock: Clock
    timing: int = 0  # lanes of one timing see one time in an event
    waiting: list[tuple[object, int, Item, tuple[int, ...]]] = field(default_factory=list)
    newest: int | None = None
    released: tuple[object, int] | None = None
    late: int = 0

    @property
    def sequential(self) -> bool:
        """Whether events are ordered by the clock's order and tiebreaker."""
        return isinstance(self.tracker, SequenceTracker)

    def time(self, event: Event) -> int | None:
        """The event's time as the rule sees it."""
        if self.sequential:
            at = self.clock.ordinal(event)
            return None if at is None else at[0]
        return self.clock.time(event)


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

    def apply(self, event: Event, hits: Sequence[int], number: int) -> list[Alert]:
        """The alerts that an event completes of which it is known which predicates hold; it does not count it."""
        found: list[Alert] = []
        met: defaultdict[int, list[int]] = defaultdict(list)
        for hit in hits:
            seen = (rule for rule in self.plan.at_once[hit] if self.plan.is_seen(rule, event))
            found.extend(Alert(rule, (event,), (number,)) for rule in seen)
            for number_of_lane, place in self.plan.routes[hit]:
                met[number_of_lane].append(place)
        items: dict[int, Item | None] = {}
        for place, places in met.items():
            lane = self.lanes[place]
            if lane.timing not in items:
                time = lane.time(event)
                items[lane.timing] = None if time is None else Item(number, event, time)
            item = items[lane.timing]
            if item is None:
                self.timeless += 1
            else:
                found += self._wait(lane, item, tuple(places))
        return found

    def _wait(self, lane: Lane, item: Item, places: tuple[int, ...]) -> list[Alert]:
        number, time = item.number, item.time
        order: object = time, (True, 0)
        if isinstance(lane.tracker, SequenceTracker):
            order = lane.tracker.order(item)
        if lane.released is not None and (order, number) < lane.released:
            lane.late += 1
            return []
        heapq.heappush(lane.waiting, (order, number, item, places))
        if lane.newest is None or time > lane.newest:
            lane.newest = time
        return self._release(lane, lane.newest - self.plan.lateness_ms)

    def _release(self, lane: Lane, until: int | None) -> list[Alert]:
        """Feed what waits and is not later than `until`."""
        found: list[Alert] = []
        while lane.waiting and (until is None or lane.waiting[0][2].time <= until):
            order, number, item, places = heapq.heappop(lane.waiting)
            lane.released = order, number
            found += self._alerts(lane, lane.tracker.feed(item, places))
        return found

    def pass_time(self, event: Event) -> list[Alert]:
        """What is complete because it is as late as the event says."""
        found: list[Alert] = []
        times: dict[int, int | None] = {}
        for lane in self.lanes:
            if lane.timing not in times:
                times[lane.timing] = lane.time(event)
            time = times[lane.timing]
            if time is None or (lane.newest is not None and time <= lane.newest):
                continue
            lane.newest = time
            found += self._release(lane, time - self.plan.lateness_ms)
            found += self._alerts(lane, lane.tracker.advance(time - self.plan.lateness_ms))
        return found

    def learn(self, events: Sequence[Event]) -> None:
        """Take events of the past: they make no alerts, but what they hold is not new. Their numbers are negative."""
        self.count = -len(events)
        for event in events:
            self.push(event)
        for lane in self.lanes:
            self._release(lane, None)
            lane.late = 0
        self.timeless = 0

    def finish(self) -> list[Alert]:
        """What waited for the end of the stream."""
        found: list[Alert] = []
        for lane in self.lanes:
            found += self._release(lane, None)
            found += self._alerts(lane, lane.tracker.flush())
        return found

    def _alerts(self, lane: Lane, complete: Iterable[Found]) -> list[Alert]:
        return [
            Alert(
                lane.rule,
                tuple(cast("Event", json.loads(text)) for _, text in one.events),
                tuple(number for number, _ in one.events),
                one.key,
                one.time,
            )
            for one in complete
        ]

    @property
    def late(self) -> int:
        """Hits that came too late for a rule over several events."""
        return sum(lane.late for lane in self.lanes)

    @property
    def size(self) -> int:
        """The keys, groups and events that are remembered."""
        return sum(lane.tracker.size + len(lane.waiting) for lane in self.lanes)

    def save(self) -> Saved:
        """The state, as values that JSON can say."""
        return {"count": self.count, "timeless": self.timeless, "lanes": [_saved(lane) for lane in self.lanes]}

    def restore(self, saved: Saved) -> None:
        """Go on from a state of a session over the same rules and options."""
        self.count, self.timeless = saved["count"], saved["timeless"]
        for lane, state in zip(self.lanes, saved["lanes"], strict=True):
            lane.newest, lane.late = state["newest"], state["late"]
            lane.released = None if state["released"] is None else _tuple(state["released"])
            for number, text, time, places in state["waiting"]:
                item = Item(number, cast("Event", json.loads(text)), time)
                order = lane.tracker.order(item) if isinstance(lane.tracker, SequenceTracker) else (time, (True, 0))
                heapq.heappush(lane.waiting, (order, number, item, tuple(places)))
            lane.tracker.restore(state["tracker"])


def _saved(lane: Lane) -> Saved:
    return {
        "newest": lane.newest,
        "late": lane.late,
        "released": lane.released,
        "waiting": [[*item.kept(), item.time, places] for _, _, item, places in lane.waiting],
        "tracker": lane.tracker.save(),
    }


def _tuple(value: Saved) -> Saved:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
