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
        self._stages = STAGES
        self._wanted = [i for i, stage in enumerate(STAGES) if not stage["missing"]]
        self._first, self._last = self._wanted[0], self._wanted[-1]
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
        if UNTIL is not None and UNTIL["where"](event):
            for key in combinations(event, UNTIL["by"]):
                until = self._key(key, now)["until"]
                until[:] = [*[one for one in until if one < order][-1:], order]
        verdicts = {}
        for number, stage in enumerate(self._stages):
            where = stage["where"]
            if where not in verdicts:
                verdicts[where] = where(event)
            if not verdicts[where]:
                continue
            for key in combinations(event, stage["by"]):
                alerts.extend(self._hit(number, key, event, order))
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

    def _hit(self, number, key, event, order):
        if self._stages[number]["missing"]:
            self._came(number, key, order[0])
            return []
        if number == self._first:
            return self._grown(number, key, [(order, event)])
        state = self._keys.get(key)
        before = self._wanted[self._wanted.index(number) - 1]
        chains = state["chains"].get(before, []) if state else []
        older = [chain for chain in chains if chain[-1][0] < order]
        if not older:
            return []
        state["chains"][before] = chains[len(older) :]
        chain = older[-1]
        if MAXSPAN is not None and order[0] - chain[0][0][0] > MAXSPAN:
            return []
        if any(chain[-1][0] <= until < order for until in state["until"]):
            return []
        return self._grown(number, key, [*chain, (order, event)])

    def _grown(self, number, key, chain):
        state = self._key(key, chain[-1][0][0])
        if number == self._last:
            return self._complete(key, state, chain)
        chains = state["chains"].setdefault(number, [])
        # Of older chains only the newest can still be taken, by an event of the very same time.
        state["chains"][number] = [*[one for one in chains if one[-1][0] < chain[-1][0]][-1:], chain]
        return []

    def _came(self, number, key, now):
        """An event came that a stage wants to be missing."""
        state = self._key(key, now)
        times = state["absent"].setdefault(number, [])
        times.append(now)
        while MAXSPAN is not None and times[0] < now - MAXSPAN:
            times.pop(0)
        if number > self._last:
            for end, deadline, waiting in state["ending"]:
                if end < now <= deadline:
                    waiting["open"] = False
            state["ending"] = [one for one in state["ending"] if one[2]["open"] and one[1] >= now]

    def _complete(self, key, state, chain):
        """Every wanted event is there: look at those that must be missing."""
        times = [order[0] for order, _ in chain]
        alert = {"key": key, "events": [event for _, event in chain]}
        absent = state["absent"]
        for at in range(len(times) - 1):
            for number in range(self._wanted[at] + 1, self._wanted[at + 1]):
                if any(times[at] < time < times[at + 1] for time in absent.get(number, ())):
                    return []
        if MAXSPAN is None:
            return [alert]
        leading = [
            time
            for number in range(self._first)
            for time in absent.get(number, ())
            if times[-1] - MAXSPAN <= time < times[0]
        ]
        if self._last == len(self._stages) - 1:
            return [] if leading else [alert]
        if self._first > 0 and not leading:
            return [alert]
        deadline = (max(leading) if leading else times[0]) + MAXSPAN
        waiting = {"open": True}
        state["ending"].append((times[-1], deadline, waiting))
        self._ending.append((deadline, alert, waiting))
        return []
