"""A pipeline on its rule's schedule: rows kept from run to run, and runs only where something has changed."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterator
from typing import cast

from converter.engine.stateful.rows import Rows
from converter.engine.stateful.shelf import Kept, Scratch, Shelf
from converter.engine.stateful.stages import Alone, asks_for_now, split, tells_of_nothing, together
from converter.engine.stateful.tracker import Found, Item, Key, Saved, Seen, as_key
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.rule import Rule
from converter.plan.window import plan_window
from converter.reference.detection import alert_of
from converter.reference.esql.value import Row
from converter.reference.event import Event


class PipelineTracker:
    """Runs a pipeline every interval over its window, as `ScheduledTracker` runs other rules.

    What the stages make of one event alone is made when it comes: an event that no row is left of is not kept. A run
    at which the window holds the rows of the last one tells nothing new and is left out, unless the pipeline asks
    for now.
    """

    def __init__(self, rule: Rule, detection: Pipeline, scratch: Scratch | None = None) -> None:
        self._detection = detection
        self._window = plan_window(rule.meta)
        self._interval = max(self._window.interval_ms, 1000)
        alone, later = split(detection)
        self._alone = Alone(detection, alone, later)
        self._rows = Rows(scratch or Scratch(), self._event_at if self._alone.keeps_event else None)
        self._together = together(later, self._rows)
        self._tells_of_nothing = tells_of_nothing(later)
        self._at_every_run = self._tells_of_nothing or asks_for_now(later)
        # Events are held from the place `oldest` on; those before the place `entered` are inside the window.
        self._times: deque[int] = deque()
        self._kepts: deque[Kept] = deque()
        self._oldest = 0
        self._entered = 0
        self._next: int | None = None
        self._told: dict[Key, int] = {}  # what was told, and the newest time of its events

    def _event_at(self, place: int) -> Event:
        return cast("Event", json.loads(self._kepts[place - self._oldest].text))

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """That of the source."""
        return (self._detection.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """Keep what the event comes to, and tell what the runs before it find."""
        del met
        found = self.advance(item.time)
        rows = self._alone.rows(item, self._end)
        if rows or self._tells_of_nothing:
            self._keep(item.time, item.kept(), rows)
            first = self._run_after(item.time)
            self._next = first if self._next is None else min(self._next, first)
        return found

    @property
    def _end(self) -> int:
        """The place of the event that comes next."""
        return self._oldest + len(self._times)

    def _keep(self, time: int, kept: Kept, rows: list[Row]) -> None:
        self._rows.add(self._end, rows)
        self._times.append(time)
        self._kepts.append(kept)

    def _run_after(self, time: int) -> int:
        """The first run that can see an event of this time."""
        return -(-(time + self._window.to_ms) // self._interval) * self._interval

    def advance(self, time: int) -> list[Found]:
        """The alerts of the runs before `time`: nothing before it comes any more."""
        found: list[Found] = []
        while self._next is not None and self._next < time:
            now = self._next
            self._move(now)
            if self._entered > self._oldest:
                found += self._run(now)
            self._forget(now + self._interval - self._window.from_ms)
            self._next = self._following(now)
        return found

    def _move(self, now: int) -> None:
        """Let events into the window of the run and out of it."""
        start = now - self._window.from_ms
        gone = self._oldest
        while self._times and self._times[0] < start:
            self._times.popleft()
            gone += 1
        for at, row in self._rows.between(self._oldest, min(gone, self._entered)):
            self._together.leave(at, row)
        if gone > self._oldest:
            self._rows.forget(gone)
        for _ in range(self._oldest, gone):
            self._kepts.popleft()
        self._oldest = gone
        first, self._entered = max(gone, self._entered), max(gone, self._entered)
        while self._entered < self._end and self._times[self._entered - gone] <= now - self._window.to_ms:
            self._entered += 1
        for at, row in self._rows.between(first, self._entered):
            self._together.enter(at, row)

    def _forget(self, start: int) -> None:
        """What was told of events that no run sees any more."""
        if self._told and min(self._told.values()) < start:
            self._told = {identity: time for identity, time in self._told.items() if time >= start}

    def _following(self, now: int) -> int | None:
        """The next run that may tell something: an event comes into its window, or one that was there has left it."""
        if self._at_every_run:
            after = now + self._interval
            return after if self._times and self._times[-1] >= after - self._window.from_ms else None
        runs = []
        if self._entered < self._end:
            runs.append(self._run_after(self._times[self._entered - self._oldest]))
        if self._entered > self._oldest:
            runs.append((self._times[0] + self._window.from_ms) // self._interval * self._interval)
            runs[-1] += self._interval
        return min(runs, default=None)

    def flush(self) -> list[Found]:
        """The alerts of every run that sees what is held."""
        return self.advance(self._times[-1] + self._window.from_ms + self._interval + 1) if self._times else []

    def _run(self, now: int) -> list[Found]:
        found: list[Found] = []
        for row in self._together.run(now, self._inside):
            alert = alert_of(self._detection, row)
            members = tuple(self._kepts[place - self._oldest] for place in alert.events)
            identity: Key = (tuple(kept.number for kept in members), tuple(map(repr, alert.key)))
            if identity not in self._told:
                times = [self._times[place - self._oldest] for place in alert.events]
                self._told[identity] = max(times, default=now)
                found.append(Found(members, alert.key, now))
        return found

    def _inside(self) -> Iterator[Row]:
        return (row for _, row in self._rows.between(self._oldest, self._entered))

    def save(self) -> Saved:
        """The events, the next run and what was told; what is inside comes in again, and is told no more."""
        held = [[time, kept.number] for time, kept in zip(self._times, self._kepts, strict=True)]
        return [held, self._next, [[list(identity), time] for identity, time in self._told.items()]]

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """The events, the next run and what was told."""
        held, self._next, told = saved
        for time, number in held:
            kept = shelf.kept(number)
            item = Item(Seen(number, None, shelf, kept=kept), time)
            self._keep(time, kept, self._alone.rows(item, self._end))
        self._told = {as_key(identity): time for identity, time in told}

    @property
    def size(self) -> int:
        """The events that are kept."""
        return len(self._times)
