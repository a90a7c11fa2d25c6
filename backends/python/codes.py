"""Codes of the Python target."""

from __future__ import annotations

from converter.diagnostics.code import Code

T402 = Code(
    "T402",
    "events without time",
    "A detection over several events needs to know when each was: an event without a time takes no part.",
    "Give every event the timestamp field that the module names in TIME_FIELDS.",
)
T403 = Code(
    "T403",
    "not carried",
    "Something beside the query changes which alerts Elastic gives, and the module leaves it to whoever runs it.",
    "Do it where the alerts go.",
)
T404 = Code(
    "T404",
    "more than one event",
    "Panther calls a rule with one event at a time and keeps nothing between calls: sequences, samples, new terms, "
    "indicators, distinct counts and pipelines have no such form.",
    "Use the format module, whose Matcher keeps what it needs, or another target.",
)
T405 = Code(
    "T405",
    "counted by Panther",
    "A threshold is Panther's own count of alerts with one dedup text within DedupPeriodMinutes.",
    "Nothing, unless a burst lies across two periods.",
)
