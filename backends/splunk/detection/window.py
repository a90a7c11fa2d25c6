"""The rule's window and schedule in Splunk's words."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.languages.spl.shorthand import call
from converter.languages.spl.syntax import Condition, Expression, Quoting, Relation, Test, Text, Word
from converter.model.duration import MINUTE, SECOND, largest_unit
from converter.model.metadata import Metadata
from converter.plan.window import Clock, WindowPlan, plan_window


def offset(ms: int) -> str:
    """A relative time modifier: `now`, `-9m`; whole seconds."""
    if ms <= 0:
        return "now"
    count, unit = largest_unit(ms, SECOND)
    return f"-{count}{unit}"


@dataclass(frozen=True, slots=True)
class Times:
    """Which time of an event the rule's window is about: when it happened, or when it arrived."""

    window: WindowPlan

    @property
    def by_arrival(self) -> bool:
        """Whether the window is about arrival, which Splunk keeps as `_indextime`."""
        return self.window.clock is Clock.ARRIVAL

    @property
    def field(self) -> str:
        """The field that holds it."""
        return "_indextime" if self.by_arrival else "_time"

    def ago(self, ms: int) -> Expression:
        """A moment before the search runs."""
        return call("relative_time", call("now"), Text(offset(ms))) if ms > 0 else call("now")

    def modifiers(self, from_ms: int, to_ms: int) -> list[Condition]:
        """The terms of `search` that pick a span of time.

        A span of arrival needs one of event time too, as Splunk applies both: events that are up to a day late
        are found.
        """
        if self.by_arrival:
            ends = [_modifier("_index_latest", offset(to_ms))] if to_ms > 0 else []
            begins = [_modifier("_index_earliest", offset(from_ms)), *ends]
            return [
                *begins,
                _modifier("earliest", offset(from_ms + self.window.lateness_ms)),
                _modifier("latest", "+1d"),
            ]
        return [_modifier("earliest", offset(from_ms)), _modifier("latest", offset(to_ms))]


def _modifier(name: str, value: str) -> Condition:
    return Test(name, Relation.EQUAL, Word(value, Quoting.BARE))


def times(meta: Metadata) -> Times:
    """The rule's window (rule R01)."""
    return Times(plan_window(meta))


def cron(interval_ms: int) -> tuple[str, bool]:
    """The cron schedule for an interval, and whether its gaps are all of that length.

    Cron counts within the hour and the day: an interval that divides neither leaves one shorter gap.
    """
    minutes = max(1, interval_ms // MINUTE)
    even = interval_ms % MINUTE == 0
    if minutes < 60:  # noqa: PLR2004
        return ("* * * * *" if minutes == 1 else f"*/{minutes} * * * *"), even and 60 % minutes == 0
    hours = minutes // 60
    if hours < 24:  # noqa: PLR2004
        return ("0 * * * *" if hours == 1 else f"0 */{hours} * * *"), even and minutes % 60 == 0 and 24 % hours == 0
    days = hours // 24
    return ("0 0 * * *" if days == 1 else f"0 0 */{days} * *"), even and days == 1 and minutes % 1440 == 0
