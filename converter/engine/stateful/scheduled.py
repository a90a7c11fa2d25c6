"""A rule as Elastic's schedule runs it: every interval, over the window before it, without the same alert twice.

A run is `converter.reference.alerts` over what the plan kept of the window; nothing is decided here but when, and what
an earlier run has told already. Runs are at multiples of the interval since 1970.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Sequence
from typing import cast

from converter.engine.stateful.shelf import Kept, Shelf
from converter.engine.stateful.tracker import Found, Item, Key, Saved, as_key
from converter.model.predicate import Predicate
from converter.model.rule import NewTerms, Rule, Threshold
from converter.model.walk import placed
from converter.plan.window import plan_window
from converter.reference.detection import Alert, alerts, clock_of, combinations, key_values
from converter.reference.event import Event


@dataclasses.dataclass(slots=True)
class _Held:
    """An event of the window, or of the history of new terms."""

    time: int
    kept: Kept
    event: Event


class ScheduledTracker:
    """Runs a rule on its schedule. What is kept: the events of the window that some predicate of the rule takes.

    Of new terms' history the newest event of each combination is kept. `indicators` are the documents of an
    indicator match.
    """

    def __init__(self, rule: Rule, indicators: Sequence[Event] = ()) -> None:
        self._rule = rule
        self._plan = plan_window(rule.meta)
        self._indicators = indicators
        self._interval = max(self._plan.interval_ms, 1000)
        self._held: list[_Held] = []
        self._next: int | None = None
        self._told: dict[Key, int] = {}  # what was told, and the newest time of its events

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """All of the rule's."""
        return placed(self._rule.detection)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """Keep the event, and tell what the runs before it find."""
        del met
        found = self.advance(item.time)
        self._held.append(_Held(item.time, item.kept(), item.event))
        if self._next is None:
            self._next = self._run_after(item.time)
        return found

    def _run_after(self, time: int) -> int:
        """The first run that can see an event of this time."""
        earliest = time + self._plan.to_ms
        return -(-earliest // self._interval) * self._interval

    def advance(self, time: int) -> list[Found]:
        """The alerts of the runs before `time`: nothing before it comes any more."""
        found: list[Found] = []
        while self._next is not None and self._next < time:
            found += self._run(self._next)
            self._forget(self._next + self._interval)
            self._next = self._next + self._interval if self._held else None
            if self._next is not None and not self._in_reach(self._next):
                self._next = None  # only history is left: the next event says when to go on
        return found

    def _in_reach(self, now: int) -> bool:
        """Whether a run sees an event of its window, or one is still to come into it."""
        return any(held.time >= now - self._plan.from_ms for held in self._held)

    def flush(self) -> list[Found]:
        """The alerts of every run that sees what is held."""
        if not self._held:
            return []
        last = max(held.time for held in self._held)
        return self.advance(last + self._plan.from_ms + self._interval + 1)

    def _run(self, now: int) -> list[Found]:
        events = [held.event for held in self._held]
        clock = clock_of(self._rule, events, now)
        found = alerts(self._rule.detection, events, clock=clock, indicators=self._indicators)
        return [told for alert in found if (told := self._fresh(alert, now)) is not None]

    def _fresh(self, alert: Alert, now: int) -> Found | None:
        """An alert, if it is no repetition of one of an earlier run."""
        if isinstance(self._rule.detection, Threshold):
            return self._fresh_group(self._rule.detection, alert, now)
        members = [self._held[place] for place in alert.events]
        identity: Key = (tuple(held.kept.number for held in members), tuple(map(repr, alert.key)))
        if identity in self._told:
            return None
        self._told[identity] = max((held.time for held in members), default=now)
        return Found(tuple(held.kept for held in members), alert.key, now)

    def _fresh_group(self, detection: Threshold, alert: Alert, now: int) -> Found | None:
        """Events up to the newest one of a group's last alert count no more (elastic: threshold signal history)."""
        identity: Key = tuple(map(repr, alert.key))
        since = self._told.get(identity)
        members = [self._held[place] for place in alert.events]
        members = [held for held in members if since is None or held.time > since]
        distinct = detection.distinct
        values = {v for held in members for v in key_values(distinct.field, held.event)} if distinct else set()
        if len(members) < max(detection.at_least, 1) or (distinct and len(values) < distinct.at_least):
            return None
        self._told[identity] = max(held.time for held in members)
        return Found(tuple(held.kept for held in members), alert.key, now)

    def _forget(self, now: int) -> None:
        """Drop what the run at `now` and later ones cannot see."""
        start = now - self._plan.from_ms
        detection = self._rule.detection
        if isinstance(detection, NewTerms):
            oldest = now - detection.history_ms
            newest: dict[Key, _Held] = {}
            for held in self._held:
                if oldest <= held.time <= start:
                    newest |= dict.fromkeys(combinations(detection.fields, held.event), held)
            keep = {id(held) for held in newest.values()}
            self._held = [held for held in self._held if held.time > start or id(held) in keep]
        else:
            self._held = [held for held in self._held if held.time >= start]
        self._told = {identity: time for identity, time in self._told.items() if time >= start}

    def save(self) -> Saved:
        """The events, the next run and what was told."""
        held = [[one.time, one.kept.number] for one in self._held]
        return [held, self._next, [[list(identity), time] for identity, time in self._told.items()]]

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """The events, the next run and what was told."""
        held, self._next, told = saved
        for time, number in held:
            kept = shelf.kept(number)
            self._held.append(_Held(time, kept, cast("Event", json.loads(kept.text))))
        self._told = {as_key(identity): time for identity, time in told}

    @property
    def size(self) -> int:
        """The events that are kept."""
        return len(self._held)
