"""Events that share values with an indicator document."""

from __future__ import annotations

from backends.python.runtime.reading import read


class Matcher:
    """Feed it events; `indicators` is any iterable of indicator documents.

    A document takes part with exactly one value in each mapped field. An alert is {"key": (), "events": [event]}.
    `now` (milliseconds) is what date math counts from, None = the clock.
    """

    def __init__(self, indicators=(), now=None):
        self._now = now
        self._known = [{} for _ in LOOKUPS]
        for document in indicators:
            self.add(document)

    def add(self, document):
        """Take one more indicator document."""
        if not is_indicator(document, self._now):
            return
        for comparisons, known in zip(LOOKUPS, self._known):
            values = []
            for _, _, wanted, path in comparisons:
                raw = read(document, path)
                values.append(wanted(raw[0]) if len(raw) == 1 else ())
            if all(values):
                for first in values[0]:
                    known.setdefault(first, []).append(values[1:])

    def feed(self, event):
        """The alert of this event, if it is one."""
        if matches(event, self._now) and any(map(self._meets, LOOKUPS, self._known, [event] * len(LOOKUPS))):
            return [{"key": (), "events": [event]}]
        return []

    def flush(self):
        """Nothing waits for the end of the stream."""
        return []

    def _meets(self, comparisons, known, event):
        found = [{key for raw in read(event, path) for key in held(raw)} for path, held, _, _ in comparisons]
        return any(
            all(not values.isdisjoint(wanted) for values, wanted in zip(found[1:], rest))
            for first in found[0]
            for rest in known.get(first, ())
        )
