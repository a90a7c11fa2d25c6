"""Samples: one event for each filter with the same key, in any order."""

from __future__ import annotations

import itertools

from backends.python.runtime.keys import combinations
from backends.python.runtime.moment import event_time


def samples(events, window=None):
    """The samples among `events` (inside window (from, to), if given): one alert a key, its events all different."""
    groups = [{} for _ in STAGES]
    for number, event in enumerate(events):
        if window is not None:
            time = event_time(event, TIME_FIELDS)
            if time is None or not window[0] <= time <= window[1]:
                continue
        for stage, group in zip(STAGES, groups):
            if stage["where"](event):
                for key in combinations(event, stage["by"]):
                    group.setdefault(key, []).append((number, event))
    alerts = []
    for key in groups[0]:
        choices = [group.get(key, [])[: len(STAGES)] for group in groups]
        for chosen in itertools.product(*choices):
            if len({number for number, _ in chosen}) == len(chosen):
                alerts.append({"key": key, "events": [event for _, event in chosen]})
                break
    return alerts
