"""When an analytics rule runs and how far it looks back, within the service's limits.

https://learn.microsoft.com/en-us/azure/sentinel/scheduled-rules-overview
"""

from __future__ import annotations

from dataclasses import dataclass

from backends.sentinel.condition import literal
from backends.sentinel.condition.finding import error, note, warning
from converter.model.metadata import Metadata
from converter.model.rule import Detection, NewTerms
from converter.target.contract import Notebook

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_SHORTEST, _LONGEST = 5 * MINUTE, 14 * DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """Both in milliseconds. `start_ms`: the window of new terms starts so long ago."""

    frequency_ms: int
    period_ms: int
    start_ms: int


def _minutes(ms: int) -> int:
    return -(-ms // MINUTE) * MINUTE


def schedule(meta: Metadata, detection: Detection, notes: Notebook) -> Schedule:
    """The schedule, with what of Elastic's it cannot keep."""
    window = meta.window
    is_new = isinstance(detection, NewTerms)
    wanted = detection.history_ms if isinstance(detection, NewTerms) else window.from_ms
    if wanted > _LONGEST:
        what = "the history" if is_new else "the rule's window"
        message = f"{what} of {literal.span(wanted)} is longer than the 14 days an analytics rule can look back"
        notes.add(error("T335", message, hint="take the query alone, or keep what was seen in a summary table"))
    frequency = min(max(_minutes(window.interval_ms), _SHORTEST), _LONGEST)
    period = min(max(_minutes(wanted), frequency, _SHORTEST), _LONGEST)
    if period >= 2 * DAY:
        frequency = max(frequency, HOUR)
    start = window.from_ms
    if frequency > window.interval_ms:
        start += frequency - window.interval_ms
        period = max(period, min(_minutes(start), _LONGEST))
        said = (
            f"Elastic runs the rule every {literal.span(window.interval_ms)}, Sentinel every {literal.span(frequency)}"
        )
        if is_new:
            notes.add(warning("T334", f"{said}: the window of new values is {literal.span(start)} instead"))
        else:
            notes.add(note("T373", f"{said}, looking back {literal.span(period)}"))
    if window.to_ms:
        notes.add(
            note("T372", f"the window ends {literal.span(window.to_ms)} before the run; Sentinel's ends at the run")
        )
    return Schedule(frequency, period, start)


def short(ms: int) -> str:
    """A duration as rule files write it: 5m, 1h, 14d."""
    return literal.span(ms)


def iso(ms: int) -> str:
    """A duration of ISO 8601."""
    text = literal.span(ms)
    return f"P{text.upper()}" if text.endswith("d") else f"PT{text.upper()}"
