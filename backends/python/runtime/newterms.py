"""Combinations of values that were not seen in the history before the rule's window."""

from __future__ import annotations

import json

from backends.python.runtime.keys import combinations
from backends.python.runtime.moment import event_time


def new_terms(events, window, now=None):
    """One run, as Elastic runs the rule: the first event of each combination first seen after window[0].

    `events` must reach back through the history. An alert is {"key": (...), "events": [event]}.
    """
    start, end = window
    now = end if now is None else now
    first = {}
    for number, event in enumerate(events):
        time = event_time(event, TIME_FIELDS)
        if time is None or not now - HISTORY <= time <= end or not matches(event, now):
            continue
        for key in combinations(event, TERMS):
            if key not in first or (time, number) < first[key][:2]:
                first[key] = (time, number, event)
    return [{"key": key, "events": [event]} for key, (time, _, event) in first.items() if time > start]


class Matcher:
    """A stream with a memory: a combination alerts when it was not seen for the length of the history.

    Feed the history first and drop its alerts, or `load` a saved state.
    """

    def __init__(self):
        self._seen = {}

    def feed(self, event):
        """The alerts of this event."""
        now = event_time(event, TIME_FIELDS)
        if now is None or not matches(event):
            return []
        alerts = []
        for key in combinations(event, TERMS):
            last = self._seen.get(key)
            if last is None or now - last > HISTORY:
                alerts.append({"key": key, "events": [event]})
            self._seen[key] = max(now, last if last is not None else now)
        return alerts

    def flush(self):
        """Nothing waits for the end of the stream."""
        return []

    def forget(self, now):
        """Drop what lies further back than the history."""
        self._seen = {key: time for key, time in self._seen.items() if now - time <= HISTORY}

    def save(self):
        """The state as JSON text."""
        return json.dumps([[list(key), time] for key, time in self._seen.items()])

    def load(self, text):
        """Take a saved state."""
        self._seen = {tuple(key): time for key, time in json.loads(text)}
