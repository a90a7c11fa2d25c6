"""Events that share values with an indicator document."""

from __future__ import annotations

from backends.python.runtime.keys import key_values
from backends.python.runtime.reading import read


class Matcher:
    """Feed it events; `indicators` is any iterable of indicator documents.

    A document takes part with exactly one value in each mapped field. An alert is {"key": (), "events": [event]}.
    `now` (milliseconds) is what date math counts from, None = the clock.
    """

    def __init__(self, indicators=(), now=None):
        self._now = now
        self._pairs = [{} for _ in ANY_OF]
        for document in indicators:
            self.add(document)

    def add(self, document):
        """Take one more indicator document."""
        if not is_indicator(document, self._now):
            return
        for pairs, known in zip(ANY_OF, self._pairs):
            values = []
            for _, _, convert, path in pairs:
                raw = read(document, path)
                value = convert(raw[0]) if len(raw) == 1 else None
                if value is None:
                    break
                values.append(value)
            else:
                known.setdefault(values[0], []).append(values[1:])

    def feed(self, event):
        """The alert of this event, if it is one."""
        if not matches(event, self._now):
            return []
        for pairs, known in zip(ANY_OF, self._pairs):
            (_, path, convert, _), *others = pairs
            rest = [set(key_values(event, path, convert)) for _, path, convert, _ in others]
            for value in key_values(event, path, convert):
                for values in known.get(value, ()):
                    if all(value in found for value, found in zip(values, rest)):
                        return [{"key": (), "events": [event]}]
        return []

    def flush(self):
        """Nothing waits for the end of the stream."""
        return []
