"""Samples: one event for each filter with the same key, in any order."""

from __future__ import annotations

from backends.python.runtime.keys import combinations
from backends.python.runtime.moment import event_time


def samples(events, window=None):
    """The samples among `events` (inside window (from, to), if given): one alert a key, its events all different."""
    stages = sorted((stage, number) for number, branch in enumerate(BRANCHES) for stage in branch["stages"])
    groups = [{} for _ in BRANCHES]
    kept = list(events)
    for number, event in enumerate(kept):
        if window is not None:
            time = event_time(event, TIME_FIELDS)
            if time is None or not window[0] <= time <= window[1]:
                continue
        for branch, group in zip(BRANCHES, groups):
            if branch["where"](event):
                for key in combinations(event, branch["by"]):
                    group.setdefault(key, []).append(number)
    alerts = []
    for key in groups[stages[0][1]]:
        chosen = different([groups[branch].get(key, [])[: len(stages)] for _, branch in stages])
        if chosen is not None:
            alerts.append({"key": key, "events": [kept[number] for number in chosen]})
    return alerts


def different(choices):
    """One number of each list, all different, the first such selection; None if there is none."""
    if not can_differ(choices):
        return None
    chosen = []
    for place, choice in enumerate(choices):
        for one in choice:
            taken = {*chosen, one}
            if one not in chosen and can_differ([[n for n in c if n not in taken] for c in choices[place + 1 :]]):
                chosen.append(one)
                break
    return chosen


def can_differ(choices):
    """Whether each list can give a number that no other gives; a list may push another on to its next number."""
    owners = {}

    def place(number, tried):
        for one in choices[number]:
            if one not in tried:
                tried.add(one)
                if one not in owners or place(owners[one], tried):
                    owners[one] = number
                    return True
        return False

    return all(place(number, set()) for number in range(len(choices)))
