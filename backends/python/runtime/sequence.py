"""Sequences over an ordered stream, as Elasticsearch's EQL finds them.

At every stage and key one chain of events is waiting. An event of the next stage takes the newest chain that ended
strictly before it, and every older one goes with it, also when maxspan or until then rejects the result. Memory
grows with the keys seen within maxspan, not with the stream.
"""

from __future__ import annotations

from backends.python.runtime.keys import combinations
from backends.python.runtime.moment import event_time


class Matcher:
    """Feed it events in order of time; it answers with the sequences that are complete.

    An alert is {"key": (...), "events": [...]}. `flush` ends the stream: a missing event cannot come any more.
    """

    def __init__(self):
        self._keys = {}
        self._ending = []
        self._now = None
        self._forgot = None

    def feed(self, event):
        """The alerts that this event completes, or that time passing completes."""
        now = event_time(event, TIME_FIELDS)
        if now is None:
            return []
        tie = tiebreaker(event)
        order = (now, tie is None, tie if tie is not None else 0)
        if self._now is not None and order < self._now:
            raise ValueError("events must come in order of time")
        alerts = self._time_passes(now)
        self._now = order
        hits = []
        for branch in BRANCHES:
            if branch["where"](event):
                keys = combinations(event, branch["by"])
                hits.extend((stage, key) for stage in branch["stages"] for key in keys)
        for stage, key in sorted(hits, key=lambda hit: (hit[0] != 0, hit[0])):
            alerts.extend(self._hit(stage, key, event, order))
        return alerts

    def flush(self):
        """The alerts that only waited for an event that did not come."""
        ending, self._ending = self._ending, []
        return [alert for _, alert, state in sorted(ending, key=lambda one: one[0]) if state["open"]]

    def _key(self, key, now):
        state = self._keys.setdefault(key, {"chains": {}, "until": [], "absent": {}, "ending": []})
        state["seen"] = now
        return state

    def _time_passes(self, now):
        """Alerts whose missing event can no longer come; keys that nothing can come of are forgotten."""
        if self._now is None or now == self._now[0]:
            return []
        done = sorted((one for one in self._ending if one[0] < now), key=lambda one: one[0])
        if done:
            self._ending = [one for one in self._ending if one[0] >= now]
        if MAXSPAN is not None and (self._forgot is None or now - self._forgot > MAXSPAN):
            self._forgot = now
            self._keys = {key: state for key, state in self._keys.items() if state["seen"] >= now - MAXSPAN}
        return [alert for _, alert, state in done if state["open"]]

    def _hit(self, stage, key, event, order):
        """An event of a stage: 0 is until, negative ones are stages that want it to be missing."""
        if stage == 0:
            until = self._key(key, order[0])["until"]
            until[:] = [*[one for one in until if one < order][-1:], order]
            return []
        if stage < 0:
            self._came(stage, key, order[0])
            return []
        if stage == 1:
            return self._grown(stage, key, [(order, event)])
        state = self._keys.get(key)
        chains = state["chains"].get(stage - 1, []) if state else []
        older = [chain for chain in chains if chain[-1][0] < order]
        if not older:
            return []
        state["chains"][stage - 1] = chains[len(older) :]
        chain = older[-1]
        if MAXSPAN is not None and order[0] - chain[0][0][0] > MAXSPAN:
            return []
        if any(chain[-1][0] <= until < order for until in state["until"]):
            return []
        return self._grown(stage, key, [*chain, (order, event)])

    def _grown(self, stage, key, chain):
        state = self._key(key, chain[-1][0][0])
        if stage == LAST:
            return self._complete(key, state, chain)
        chains = state["chains"].setdefault(stage, [])
        # Of older chains only the newest can still be taken, by an event of the very same time.
        state["chains"][stage] = [*[one for one in chains if one[-1][0] < chain[-1][0]][-1:], chain]
        return []

    def _came(self, stage, key, now):
        """An event came that a stage wants to be missing."""
        state = self._key(key, now)
        times = state["absent"].setdefault(stage, [])
        times.append(now)
        while MAXSPAN is not None and times[0] < now - MAXSPAN:
            times.pop(0)
        if stage in GAPS.get(LAST, ()):
            for end, deadline, waiting in state["ending"]:
                if end < now <= deadline:
                    waiting["open"] = False
            state["ending"] = [one for one in state["ending"] if one[2]["open"] and one[1] >= now]

    def _complete(self, key, state, chain):
        """Every wanted event is there: look at those that must be missing."""
        times = [order[0] for order, _ in chain]
        alert = {"key": key, "events": [event for _, event in chain]}
        came = {gap: [time for one in stages for time in state["absent"].get(one, ())] for gap, stages in GAPS.items()}
        for gap, found in came.items():
            if 0 < gap < LAST and any(times[gap - 1] < time < times[gap] for time in found):
                return []
        if MAXSPAN is None:
            return [alert]
        leading = [time for time in came.get(0, ()) if times[-1] - MAXSPAN <= time < times[0]]
        if LAST not in GAPS:
            return [] if leading else [alert]
        if 0 in GAPS and not leading:
            return [alert]
        deadline = (max(leading) if leading else times[0]) + MAXSPAN
        waiting = {"open": True}
        state["ending"].append((times[-1], deadline, waiting))
        self._ending.append((deadline, alert, waiting))
        return []


def alerts(events):
    """The alerts of events that are all there, whatever their order in the list."""
    matcher = Matcher()
    timed = [(event_time(event, TIME_FIELDS), number) for number, event in enumerate(events)]
    ordered = sorted(one for one in timed if one[0] is not None)
    found = [alert for _, number in ordered for alert in matcher.feed(events[number])]
    return found + matcher.flush()
