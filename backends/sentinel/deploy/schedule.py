"""When an analytics rule runs and how far it looks back, within the service's limits.

https://learn.microsoft.com/en-us/azure/sentinel/scheduled-rules-overview
"""

from __future__ import annotations

from collections.abc import Iterable

from backends.sentinel.codes import T334, T335, T373
from backends.sentinel.condition.finding import error, note, warning
from backends.sentinel.deploy.header import span
from converter.deferred import dataclass
from converter.model.duration import DAY, HOUR, MINUTE
from converter.model.metadata import Metadata
from converter.model.rule import AnyOf, Detection, Match, NewTerms, Threshold
from converter.model.value import Computed, Field
from converter.plan.group import plan_new_terms
from converter.plan.window import Clock, plan_window
from converter.target.contract import Binding, Notebook

_SHORTEST, _LONGEST = 5 * MINUTE, 14 * DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """All in milliseconds. `start_ms`: the window of the events starts so long ago; `bounded`: the query says so.

    The period may be longer than the window: look-ups are read over days of their own.
    """

    frequency_ms: int
    period_ms: int
    start_ms: int
    bounded: bool = False


def by_arrival(meta: Metadata, detection: Detection, binding: Binding) -> bool:
    """Whether the window is told by the time of arrival: single events of a table, with Elastic's override."""
    arrival = plan_window(meta).clock is Clock.ARRIVAL
    return arrival and isinstance(detection, Match | AnyOf) and binding.mode != "ecs"


def lookup_ms(bindings: Iterable[Binding], used: Iterable[Field] = ()) -> int:
    """How far back the look-ups of the places read, and the tables beside them that fields in use are read from."""
    texts = [field.way.text for field in used if isinstance(field.way, Computed)]
    days = [lookup.days for b in bindings for lookup in b.lookups]
    days += [table.days for b in bindings for table in b.beside if any(table.name in text for text in texts)]
    return max(days, default=0) * DAY


def _minutes(ms: int) -> int:
    return -(-ms // MINUTE) * MINUTE


def schedule(meta: Metadata, detection: Detection, notes: Notebook, *, once: bool, lookup: int = 0) -> Schedule:
    """The schedule, with what of Elastic's it cannot keep.

    `once`: each event is taken in the first run after it arrived, so that the period covers how late events arrive
    (https://learn.microsoft.com/en-us/azure/sentinel/ingestion-delay: look-back plus delay). `lookup`: how far back
    look-ups are read.
    """
    window = plan_window(meta)
    is_new = isinstance(detection, NewTerms)
    own = window.event_from_ms if once else window.from_ms
    wanted = plan_new_terms(detection, meta).history_ms if isinstance(detection, NewTerms) else own
    if wanted > _LONGEST:
        what = "the history" if is_new else "the rule's window"
        message = f"{what} of {span(wanted)} is longer than the 14 days an analytics rule can look back"
        notes.add(error(T335, message, hint="take the query alone, or keep what was seen in a summary table"))
    frequency = min(max(_minutes(window.interval_ms), _SHORTEST), _LONGEST)
    period = min(max(_minutes(wanted), frequency, _SHORTEST, lookup), _LONGEST)
    if period >= 2 * DAY:
        frequency = max(frequency, HOUR)
    start = own
    if frequency > window.interval_ms:
        longer = window.every(frequency)
        start = longer.event_from_ms if once else longer.from_ms
        period = max(period, min(_minutes(start), _LONGEST))
        _say_slower(detection, window.interval_ms, frequency, start, notes)
    return Schedule(frequency, period, start, bounded=not is_new and period > start)


def _say_slower(detection: Detection, interval: int, frequency: int, start: int, notes: Notebook) -> None:
    said = f"Elastic runs the rule every {span(interval)}, Sentinel every {span(frequency)}"
    match detection:
        case NewTerms():
            notes.add(warning(T334, f"{said}: the window of new values is {span(start)} instead"))
        case Threshold():
            notes.add(warning(T334, f"{said}: events are counted over {span(start)} instead"))
        case _:
            notes.add(note(T373, f"{said}, looking back {span(start)}"))


def short(ms: int) -> str:
    """A duration as rule files write it: 5m, 1h, 14d."""
    return span(ms)


def iso(ms: int) -> str:
    """A duration of ISO 8601."""
    text = span(ms)
    return f"P{text.upper()}" if text.endswith("d") else f"PT{text.upper()}"
