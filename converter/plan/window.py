"""The part of time that a run looks at, by which time of an event, and what two runs both see (rule R01)."""

from __future__ import annotations

from enum import Enum

from converter.deferred import dataclass, replace
from converter.model.duration import DAY
from converter.model.metadata import Metadata

EVENT_TIME = "@timestamp"
LATENESS_MS = DAY
"""How late an event may arrive and still be found by its arrival, where a platform bounds the time of events too."""


class Clock(Enum):
    """Which time of an event a window is about."""

    EVENT = "when it happened"
    ARRIVAL = "when it arrived"
    OTHER = "another time that the event holds"


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """Each run looks at events from `from_ms` to `to_ms` before it, both included, every `interval_ms`.

    `field` is the ECS name of the time; an event without it is taken by `EVENT_TIME` if `fallback`. `lateness_ms`:
    by arrival, how much older than their arrival events may be.
    """

    from_ms: int
    to_ms: int
    interval_ms: int
    clock: Clock = Clock.EVENT
    field: str = EVENT_TIME
    fallback: bool = True
    lateness_ms: int = 0

    @property
    def length_ms(self) -> int:
        """How much time a run looks at."""
        return self.from_ms - self.to_ms

    @property
    def overlap_ms(self) -> int:
        """How much time two runs in succession both look at: Elastic drops the second alert of one event."""
        return max(self.length_ms - self.interval_ms, 0)

    @property
    def event_from_ms(self) -> int:
        """How far back the time of events has to reach."""
        return self.from_ms + self.lateness_ms

    def every(self, interval_ms: int) -> WindowPlan:
        """The window for another interval; a longer one reaches further back, so that runs meet as they did."""
        longer = max(interval_ms - self.interval_ms, 0)
        return replace(self, from_ms=self.from_ms + longer, interval_ms=interval_ms)


def clock_of(path: str) -> Clock:
    """Which time a rule's `timestamp_override` is; "" is none."""
    match path:
        case "" | "@timestamp":
            return Clock.EVENT
        case "event.ingested":
            return Clock.ARRIVAL
        case _:
            return Clock.OTHER


def plan_window(meta: Metadata) -> WindowPlan:
    """The window of a rule."""
    clock = clock_of(meta.timestamp_override)
    return WindowPlan(
        meta.window.from_ms,
        meta.window.to_ms,
        meta.window.interval_ms,
        clock,
        meta.timestamp_override or EVENT_TIME,
        not meta.timestamp_override_fallback_disabled,
        LATENESS_MS if clock is Clock.ARRIVAL else 0,
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What orders the events of a sequence: a time, then the tiebreaker ("" = none), without one last (rule E14)."""

    field: str = EVENT_TIME
    tiebreaker: str = ""


def plan_order(meta: Metadata) -> Order:
    """The order of a rule's sequences."""
    return Order(meta.timestamp_field or EVENT_TIME, meta.tiebreaker_field)
