"""Sequences and samples in a stream."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from converter.engine.stateful.keys import join_keys_of
from converter.engine.stateful.shelf import Kept, Shelf
from converter.engine.stateful.tracker import Found, Item, Key, Saved, as_key
from converter.model import rule
from converter.model.predicate import Predicate
from converter.plan.sample import plan_sample
from converter.plan.sequence import plan_sequence
from converter.reference.detection import different
from converter.reference.sequence import Found as Sequenced
from converter.reference.sequence import SequenceMatcher


class SequenceTracker:
    """A sequence: Elasticsearch's machine. Without maxspan the rule's window is its bound, as it is for a run."""

    def __init__(self, detection: rule.Sequence, window_ms: int) -> None:
        self._plan = plan_sequence(detection)
        maxspan = window_ms if self._plan.maxspan_ms is None else self._plan.maxspan_ms
        self._matcher: SequenceMatcher[Kept] = SequenceMatcher(self._plan.shape, maxspan)
        self._keys = [join_keys_of(branch.by) for branch in self._plan.branches]
        self._follows = [all(stage > 1 for stage in branch.stages) for branch in self._plan.branches]

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """One a branch."""
        return tuple(branch.where for branch in self._plan.branches)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """The sequences that the event completes."""
        if self._matcher.is_idle and all(self._follows[place] for place in met):
            return []  # what could only go on with a sequence comes where none has begun
        hits: dict[int, Sequence[Key]] = {}
        for place in met:
            hits |= dict.fromkeys(self._plan.branches[place].stages, self._keys[place](item))
        return list(map(_found, self._matcher.push(item.kept(), item.order, hits)))

    def advance(self, time: int) -> list[Found]:
        """The sequences whose missing events can come no more."""
        return list(map(_found, self._matcher.advance(time)))

    def flush(self) -> list[Found]:
        """The sequences that waited for missing events."""
        return list(map(_found, self._matcher.flush()))

    def save(self) -> Saved:
        """The machine's state."""
        return self._matcher.save(lambda kept: kept.number)

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """The machine's state."""
        self._matcher.restore(saved, shelf.kept)

    @property
    def size(self) -> int:
        """The keys that wait for an event."""
        return self._matcher.live_keys


def _found(sequence: Sequenced[Kept]) -> Found:
    return Found(sequence.items, sequence.key, sequence.end)


class SampleTracker:
    """A sample: as soon as the events of one key in the rule's window can fill every stage; then the key starts anew.

    Of each branch the newest events are kept, as many as there are stages: more can serve nothing.
    """

    def __init__(self, detection: rule.Sample, window_ms: int) -> None:
        self._plan = plan_sample(detection)
        self._window = window_ms
        self._join = [join_keys_of(branch.by) for branch in self._plan.branches]
        self._feeds = [
            place
            for place, _ in sorted(
                ((place, stage) for place, branch in enumerate(self._plan.branches) for stage in branch.stages),
                key=lambda feed: feed[1],
            )
        ]
        self._keys: dict[Key, list[list[tuple[int, Kept]]]] = {}
        self._swept = 0

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """One a branch."""
        return tuple(branch.where for branch in self._plan.branches)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """The samples that the event completes."""
        oldest = item.time - self._window
        self._sweep(item.time)
        touched: dict[Key, None] = {}
        for place in met:
            for key in self._join[place](item):
                groups = self._keys.setdefault(key, [[] for _ in self._plan.branches])
                members = [one for one in groups[place] if one[0] >= oldest]
                groups[place] = [*members, (item.time, item.kept())][-self._plan.stages :]
                touched[key] = None
        return [found for key in touched if (found := self._complete(key, item.time, oldest)) is not None]

    def _complete(self, key: Key, time: int, oldest: int) -> Found | None:
        groups = [[kept for at, kept in members if at >= oldest] for members in self._keys[key]]
        chosen = different([[kept.number for kept in groups[feed]] for feed in self._feeds])
        if chosen is None:
            return None
        known = {kept.number: kept for members in groups for kept in members}
        del self._keys[key]
        return Found(tuple(known[number] for number in chosen), key, time)

    def _sweep(self, time: int) -> None:
        if time - self._swept > self._window:
            self._swept, oldest = time, time - self._window
            self._keys = {
                key: groups
                for key, groups in self._keys.items()
                if any(members and members[-1][0] >= oldest for members in groups)
            }

    def advance(self, time: int) -> list[Found]:
        """Nothing waits for time to pass."""
        self._sweep(time)
        return []

    def flush(self) -> list[Found]:
        """Nothing waits for the end."""
        return []

    def save(self) -> Saved:
        """The events of each key."""
        return [
            [list(key), [[(at, kept.number) for at, kept in members] for members in groups]]
            for key, groups in self._keys.items()
        ]

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """The events of each key."""
        self._keys = {
            as_key(key): [[(at, shelf.kept(number)) for at, number in members] for members in groups]
            for key, groups in saved
        }

    @property
    def size(self) -> int:
        """The keys that have events."""
        return len(self._keys)
