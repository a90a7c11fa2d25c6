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
