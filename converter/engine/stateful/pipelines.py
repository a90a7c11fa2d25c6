"""A pipeline on its rule's schedule: rows kept from run to run, and runs only where something has changed."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from converter.engine.stateful.stages import Alone, asks_for_now, split, tells_of_nothing, together
from converter.engine.stateful.tracker import Found, Item, Key, Saved, as_key
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.rule import Rule
from converter.plan.window import plan_window
from converter.reference.detection import alert_of
from converter.reference.esql.value import Row
from converter.reference.event import Event


@dataclass(slots=True)
class _Held:
    """An event with what it came to; its place in the order of all is what rows call it."""

    time: int
    place: int
    number: int
    text: str
    rows: list[Row]


class PipelineTracker:
    """Runs a pipeline every interval over its window, as `ScheduledTracker` runs other rules.

    What the stages make of one event alone is made when it comes: an event that no row is left of is not kept. A run
    at which the window holds the rows of the last one tells nothing new and is left out, unless the pipeline asks
    for now.
    """

    def __init__(self, rule: Rule, detection: Pipeline) -> None:
        self._detection = detection
        self._window = plan_window(rule.meta)
        self._interval = max(self._window.interval_ms, 1000)
        alone, later = split(detection)
        self._alone = Alone(detection, alone, later)
        self._together = together(later)
        self._tells_of_nothing = tells_of_nothing(later)
        self._at_every_run = self._tells_of_nothing or asks_for_now(later)
        self._coming: deque[_Held] = deque()
        self._inside: deque[_Held] = deque()
        self._by_place: dict[int, _Held] = {}
        self._count = 0
        self._next: int | None = None
        self._told: dict[Key, int] = {}  # what was told, and the newest time of its events

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """That of the source."""
        return (self._detection.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """Keep what the event comes to, and tell what the runs before it find."""
        del met
        found = self.advance(item.time)
        rows = self._alone.rows(item, self._count)
        if rows or self._tells_of_nothing:
            self._keep(item.time, *item.kept(), rows)
            first = self._run_after(item.time)
            self._next = first if self._next is None else min(self._next, first)
        return found

    def _keep(self, time: int, number: int, text: str, rows: list[Row]) -> None:
        held = _Held(time, self._count, number, text, rows)
        self._count += 1
        self._coming.append(held)
        self._by_place[held.place] = held

    def _run_after(self, time: int) -> int:
        """The first run that can see an event of this time."""
        return -(-(time + self._window.to_ms) // self._interval) * self._interval

    def advance(self, time: int) -> list[Found]:
        """The alerts of the runs before `time`: nothing before it comes any more."""
        found: list[Found] = []
        while self._next is not None and self._next < time:
            now = self._next
            self._move(now)
            if self._inside:
                found += self._run(now)
            self._forget(now + self._interval - self._window.from_ms)
            self._next = self._following(now)
        return found

    def _move(self, now: int) -> None:
        """Let events into the window of the run and out of it."""
        start = now - self._window.from_ms
        while self._coming and self._coming[0].time <= now - self._window.to_ms:
            held = self._coming.popleft()
            if held.time < start:
                del self._by_place[held.place]
                continue
            self._inside.append(held)
            for row in held.rows:
                self._together.enter(row)
        while self._inside and self._inside[0].time < start:
            held = self._inside.popleft()
            del self._by_place[held.place]
            for row in held.rows:
                self._together.leave(row)

    def _forget(self, start: int) -> None:
        """What was told of events that no run sees any more."""
        if self._told and min(self._told.values()) < start:
            self._told = {identity: time for identity, time in self._told.items() if time >= start}

    def _following(self, now: int) -> int | None:
        """The next run that may tell something: an event comes into its window, or one that was there has left it."""
        if self._at_every_run:
            after = now + self._interval
            seen = any(held.time >= after - self._window.from_ms for held in (*self._inside, *self._coming))
            return after if seen else None
        runs = [self._run_after(self._coming[0].time)] if self._coming else []
        if self._inside:
            runs.append((self._inside[0].time + self._window.from_ms) // self._interval * self._interval)
            runs[-1] += self._interval
        return min(runs, default=None)

    def flush(self) -> list[Found]:
        """The alerts of every run that sees what is held."""
        last = max((held.time for held in (*self._inside, *self._coming)), default=None)
        return [] if last is None else self.advance(last + self._window.from_ms + self._interval + 1)

    def _run(self, now: int) -> list[Found]:
        found: list[Found] = []
        for row in self._together.run(now):
            alert = alert_of(self._detection, row)
            members = [self._by_place[place] for place in alert.events]
            identity: Key = (tuple(held.number for held in members), tuple(map(repr, alert.key)))
            if identity not in self._told:
                self._told[identity] = max((held.time for held in members), default=now)
                found.append(Found(tuple((held.number, held.text) for held in members), alert.key, now))
        return found

    def save(self) -> Saved:
        """The events, the next run and what was told; what is inside comes in again, and is told no more."""
        held = [[one.time, one.number, one.text] for one in (*self._inside, *self._coming)]
        return [held, self._next, [[list(identity), time] for identity, time in self._told.items()]]

    def restore(self, saved: Saved) -> None:
        """The events, the next run and what was told."""
        held, self._next, told = saved
        for time, number, text in held:
            item = Item(number, cast("Event", json.loads(text)), time, text)
            self._keep(time, number, text, self._alone.rows(item, self._count))
        self._told = {as_key(identity): time for identity, time in told}

    @property
    def size(self) -> int:
        """The events that are kept."""
        return len(self._by_place)
