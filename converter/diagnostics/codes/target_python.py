"""Codes of the Python target; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

CODES: Mapping[str, Code] = {
    "T403": Code(
        "not carried",
        "Something beside the query changes which alerts Elastic gives, and the module leaves it to whoever runs it.",
        "Do it where the alerts go.",
    ),
    "T402": Code(
        "events without time",
        "A detection over several events needs to know when each was: an event without a time takes no part.",
        "Give every event the timestamp field that the module names in TIME_FIELDS.",
    ),
}
