"""Groups of matching events that reach a count, or a number of distinct values."""

from __future__ import annotations

from backends.python.runtime.keys import combinations, key_values
from backends.python.runtime.moment import event_time


def groups(events, window=None):
    """One run, as Elastic runs the rule: the groups of `events` (inside window (from, to), if given) that reach it.

    An alert is {"key": (...), "events": [...]}. An event without a group field is in no group, one with several
    values in the group of each.
    """
    found = {}
    for event in events:
        if window is not None:
            time = event_time(event, TIME_FIELDS)
            if time is None or not window[0] <= time <= window[1]:
                continue
        if matches(event):
            for key in combinations(event, GROUP_BY):
                found.setdefault(key, []).append(event)
    return [{"key": key, "events": members} for key, members in found.items() if _reached(members)]


def _reached(members):
    if len(members) < AT_LEAST:
        return False
    if DISTINCT is None:
        return True
    path, convert, at_least = DISTINCT
    return len({value for event in members for value in key_values(event, path, convert)}) >= at_least


class Matcher:
    """Sliding evaluation over events in order of time: a group alerts when its events within the window reach it.

    The batch meaning (`groups`) looks at fixed windows, one a run; sliding finds a burst wherever it lies. A group
    that has alerted starts anew.
    """

    def __init__(self):
        self._members = {}
        self._swept = None

    def feed(self, event):
        """The alerts that this event completes."""
        now = event_time(event, TIME_FIELDS)
        if now is None:
            return []
        self._sweep(now)
        if not matches(event):
            return []
        alerts = []
        for key in combinations(event, GROUP_BY):
            members = [one for one in self._members.get(key, []) if one[0] >= now - WINDOW]
            members.append((now, event))
            if _reached([one for _, one in members]):
                alerts.append({"key": key, "events": [one for _, one in members]})
                members = []
            self._members[key] = members
        return alerts

    def flush(self):
        """Nothing waits for the end of the stream."""
        return []

    def _sweep(self, now):
        """Forget groups without an event in the window, once a window."""
        if self._swept is None or now - self._swept > WINDOW:
            self._swept = now
            self._members = {k: m for k, m in self._members.items() if m and m[-1][0] >= now - WINDOW}
