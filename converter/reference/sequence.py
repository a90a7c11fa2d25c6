"""Elasticsearch's sequence machine over an ordered stream (rules E14 to E20), apart from what an event is.

The machine sees items, each with its ordinal and, for every stage whose filter it passes, its join keys. One
pending sequence is waiting at every stage and key; a hit of the next stage takes the newest one that ended
strictly before it, and with it goes every older one, also when maxspan or until rejects the result.

What is kept is bounded by the keys seen within maxspan. Of several pending sequences at one stage and key only
the newest can ever be taken, but for items of the very same ordinal, so at most two are kept.

Where the rules leave a doubt, the Java sources decide (elastic/elasticsearch, eql/execution/sequence):
SequenceMatcher.match for the machine, OrdinalGroup.before for `until` (an until event counts from the last
matched event, included, to the new one, excluded) and TumblingWindow.doCheckMissingEvents for missing events,
which compares timestamps only. One thing is not followed: Elasticsearch keeps one of several sequences that end
in the same event under different values of an array key; here each is found.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from converter.plan.sequence import UNTIL, Shape

Item = TypeVar("Item")
Key: TypeAlias = tuple[Hashable, ...]
State: TypeAlias = list[Any]
Ordinal: TypeAlias = tuple[int, tuple[bool, int | float | str]]


def ordinal(timestamp: int, tiebreaker: float | str | None = None) -> Ordinal:
    """The order of events: by timestamp, then tiebreaker, without one last (rule E14)."""
    return timestamp, (tiebreaker is None, 0 if tiebreaker is None else tiebreaker)


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """A complete sequence: the items of its positive stages in order, and the join key."""

    items: tuple[Item, ...]
    key: Key
    start: int  # timestamps of the first and the last item
    end: int


@dataclass(slots=True)
class _Pending(Generic[Item]):
    items: tuple[Item, ...]
    ordinals: tuple[Ordinal, ...]


@dataclass(slots=True)
class _Waiting(Generic[Item]):
    """Complete if no trailing missing event comes up to the deadline."""

    deadline: int
    found: Found[Item]
    open: bool = True


@dataclass(slots=True)
class _Track(Generic[Item]):
    """What is known of one key."""

    pending: dict[int, list[_Pending[Item]]] = field(default_factory=dict)
    until: list[Ordinal] = field(default_factory=list)
    absent: dict[int, list[int]] = field(default_factory=dict)  # timestamps of each missing stage's events
    waiting: list[_Waiting[Item]] = field(default_factory=list)
    seen: int = 0  # when this key was last touched


class SequenceMatcher(Generic[Item]):
    """Finds sequences in a stream.

    `shape`: the stages and gaps of the plan. `maxspan` is in the unit of the timestamps; None = no bound, not allowed
    beside missing events.
    """

    def __init__(self, shape: Shape, maxspan: int | None) -> None:
        if shape.gaps and maxspan is None:
            raise ValueError("missing events need a maxspan")
        self._last = shape.last
        self._inside = shape.inside
        self._leading = shape.leading.stages if shape.leading else ()
        self._trailing = shape.trailing.stages if shape.trailing else ()
        self._maxspan = maxspan
        self._tracks: dict[Key, _Track[Item]] = {}
        self._waiting: list[tuple[int, int, _Waiting[Item]]] = []  # a heap by deadline, then age
        self._waited = 0
        self._now: Ordinal | None = None
        self._swept: int | None = None

    @property
    def live_keys(self) -> int:
        """How many keys are kept at the moment."""
        return len(self._tracks)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is kept: only an event of a first or a missing stage, or of until, changes that."""
        return not self._tracks and not self._waiting

    def push(self, item: Item, at: Ordinal, hits: Mapping[int, Iterable[Key]]) -> list[Found[Item]]:
        """The sequences that `item` completes, or that time passing completes.

        `hits`: the stages (and `UNTIL`) whose filter the item passes, each with its join keys: several if a key
        field holds several values, the empty tuple as the only one if there are no key fields.
        """
        if self._now is not None and at < self._now:
            raise ValueError("items must come in order")
        found = self._advance(at)
        for key in hits.get(UNTIL, ()):
            self._note_until(key, at)
        for stage in sorted(stage for stage in hits if stage != UNTIL):
            for key in hits[stage]:
                if stage < 0:
                    self._note_absent(stage, key, at[0])
                elif stage == 1:
                    found += self._extend(stage, key, _Pending((item,), (at,)))
                else:
                    found += self._match(stage, key, item, at)
        return found

    def advance(self, timestamp: int) -> list[Found[Item]]:
        """The sequences that waited until `timestamp`: no event before it comes any more."""
        return self._expire(timestamp)

    def flush(self) -> list[Found[Item]]:
        """The sequences that only waited for missing events not to come: the stream is over."""
        return self._expire(None)

    def _advance(self, at: Ordinal) -> list[Found[Item]]:
        """Let time pass."""
        moved = self._now is None or at[0] != self._now[0]
        self._now = at
        if not moved:
            return []
        found = self._expire(at[0])
        if self._maxspan is not None and (self._swept is None or at[0] - self._swept > self._maxspan):
            self._sweep(at[0] - self._maxspan)
            self._swept = at[0]
        return found

    def _expire(self, now: int | None) -> list[Found[Item]]:
        """The waiting sequences whose deadline is past."""
        done: list[Found[Item]] = []
        while self._waiting and (now is None or self._waiting[0][0] < now):
            _, _, waiting = heapq.heappop(self._waiting)
            if waiting.open:
                waiting.open = False
                done.append(waiting.found)
        return done

    def _sweep(self, oldest: int) -> None:
        """Forget the keys that nothing can come of any more: untouched for longer than maxspan."""
        stale = [key for key, track in self._tracks.items() if track.seen < oldest]
        for key in stale:
            del self._tracks[key]

    def _track(self, key: Key, now: int) -> _Track[Item]:
        track = self._tracks.setdefault(key, _Track())
        track.seen = now
        return track

    def _note_absent(self, stage: int, key: Key, now: int) -> None:
        """An event that a missing stage asks not to be there."""
        track = self._track(key, now)
        times = track.absent.setdefault(stage, [])
        times.append(now)
        while self._maxspan is not None and times[0] < now - self._maxspan:
            times.pop(0)
        if stage in self._trailing:
            for waiting in track.waiting:
                waiting.open = waiting.open and not waiting.found.end < now <= waiting.deadline
            track.waiting = [waiting for waiting in track.waiting if waiting.open]

    def _note_until(self, key: Key, at: Ordinal) -> None:
        """Only the newest until event before a hit is ever asked for; a hit may have the ordinal of the last one."""
        track = self._track(key, at[0])
        track.until = [*[until for until in track.until if until < at][-1:], at]

    def _match(self, stage: int, key: Key, item: Item, at: Ordinal) -> list[Found[Item]]:
        """Extend the newest pending sequence of the stage before that ended strictly before `at`."""
        track = self._tracks.get(key)
        pending = track.pending.get(stage - 1, []) if track else []
        before = [one for one in pending if one.ordinals[-1] < at]
        if track is None or not before:
            return []
        taken = before[-1]
        track.pending[stage - 1] = pending[len(before) :]
        if self._maxspan is not None and at[0] - taken.ordinals[0][0] > self._maxspan:
            return []
        if any(taken.ordinals[-1] <= until < at for until in track.until):
            return []
        return self._extend(stage, key, _Pending((*taken.items, item), (*taken.ordinals, at)))

    def _extend(self, stage: int, key: Key, grown: _Pending[Item]) -> list[Found[Item]]:
        """Let a sequence that reached `stage` wait there, or complete it."""
        at = grown.ordinals[-1]
        track = self._track(key, at[0])
        if stage == self._last:
            return self._complete(key, track, grown)
        pending = track.pending.setdefault(stage, [])
        # The newest older one may still serve a hit of the same ordinal; nothing else can.
        track.pending[stage] = [*[one for one in pending if one.ordinals[-1] < at][-1:], grown]
        return []

    def _complete(self, key: Key, track: _Track[Item], grown: _Pending[Item]) -> list[Found[Item]]:
        """All stages are there: check the missing ones (TumblingWindow.doCheckMissingEvents)."""
        times = [at[0] for at in grown.ordinals]
        found = Found(grown.items, key, times[0], times[-1])
        for gap in self._inside:
            left, right = times[gap.after - 1], times[gap.after]
            if any(left < when < right for stage in gap.stages for when in track.absent.get(stage, ())):
                return []
        if self._maxspan is None:
            return [found]
        last_leading = max(
            (
                when
                for stage in self._leading
                for when in track.absent.get(stage, ())
                if found.end - self._maxspan <= when < found.start
            ),
            default=None,
        )
        if not self._trailing:
            return [found] if last_leading is None else []
        if self._leading and last_leading is None:
            return [found]
        # Trailing: nothing may come within maxspan of the start; with a leading event, of that event.
        deadline = (found.start if last_leading is None else last_leading) + self._maxspan
        waiting = _Waiting(deadline, found)
        track.waiting = [*(one for one in track.waiting if one.open), waiting]
        self._waited += 1
        heapq.heappush(self._waiting, (deadline, self._waited, waiting))
        return []

    def save(self, said: Callable[[Item], Any]) -> State:
        """What is kept, as lists: JSON text can be made of it if it can be made of keys and of what `said` gives."""
        numbers: dict[int, int] = {}
        waiting: list[list[Any]] = []
        for deadline, age, one in sorted(self._waiting, key=lambda entry: entry[:2]):
            if one.open:
                numbers[id(one)] = len(waiting)
                waiting.append([deadline, age, *_saved_found(one.found, said)])
        tracks = [
            [
                list(key),
                [
                    [stage, [[list(map(said, p.items)), list(p.ordinals)] for p in pending]]
                    for stage, pending in t.pending.items()
                ],
                list(t.until),
                [[stage, times] for stage, times in t.absent.items()],
                [numbers[id(one)] for one in t.waiting if one.open],
                t.seen,
            ]
            for key, t in self._tracks.items()
        ]
        return [tracks, waiting, self._waited, self._now, self._swept]

    def restore(self, state: State, read: Callable[[Any], Item]) -> None:
        """Go on from what `save` gave, lists in the place of tuples allowed. For a matcher that has seen nothing.

        `read` makes an item of what `said` gave.
        """
        tracks, waiting, self._waited, now, self._swept = state
        self._now = None if now is None else _tuple(now)
        self._waiting = [
            (deadline, age, _Waiting(deadline, Found(tuple(map(read, items)), _tuple(key), start, end)))
            for deadline, age, items, key, start, end in waiting
        ]
        for key, pending, until, absent, numbers, seen in tracks:
            self._tracks[_tuple(key)] = _Track(
                {s: [_Pending(tuple(map(read, i)), tuple(map(_tuple, o))) for i, o in held] for s, held in pending},
                [_tuple(one) for one in until],
                {stage: list(times) for stage, times in absent},
                [self._waiting[number][2] for number in numbers],
                seen,
            )


def _saved_found(found: Found[Item], said: Callable[[Item], Any]) -> list[Any]:
    return [list(map(said, found.items)), list(found.key), found.start, found.end]


def _tuple(value: Any) -> Any:  # noqa: ANN401 - a key or an ordinal, whose tuples JSON made lists
    """Lists as tuples, at any depth."""
    return tuple(map(_tuple, value)) if isinstance(value, (list, tuple)) else value
