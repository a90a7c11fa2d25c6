"""The rules of sequences once more, stage by stage over whole lists: slow, unbounded and without a stream.

Elasticsearch itself works this way, one query a stage, so this is the second opinion on the streaming matcher.
A test event is (time, tie, hits): `hits` maps a stage (UNTIL = -1) to the event's join keys there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

UNTIL = -1


@dataclass(frozen=True, slots=True)
class Toy:
    time: int
    tie: int
    hits: Mapping[int, tuple[tuple[object, ...], ...]]

    @property
    def place(self) -> tuple[int, int]:
        return self.time, self.tie


@dataclass(frozen=True, slots=True)
class Case:
    missing: tuple[bool, ...]
    maxspan: int | None
    events: tuple[Toy, ...]


def sequences(case: Case) -> list[tuple[int, ...]]:
    """The sequences as tuples of event numbers, sorted."""
    keys = sorted({key for e in case.events for found in e.hits.values() for key in found}, key=repr)
    return sorted(one for key in keys for one in _of_key(case, key))


def _of_key(case: Case, key: tuple[object, ...]) -> list[tuple[int, ...]]:
    def of_stage(stage: int) -> list[int]:
        return [n for n, e in enumerate(case.events) if key in e.hits.get(stage, ())]

    events = case.events
    positive = [stage for stage, absent in enumerate(case.missing) if not absent]
    untils = [events[n].place for n in of_stage(UNTIL)]
    chains: list[tuple[int, ...]] = [(n,) for n in of_stage(positive[0])]
    for stage in positive[1:]:
        longer = []
        for n in of_stage(stage):
            earlier = [c for c in chains if events[c[-1]].place < events[n].place]
            if not earlier:
                continue
            newest = max(earlier, key=lambda c: (events[c[-1]].place, c[-1]))
            chains = [c for c in chains if c not in earlier]
            too_long = case.maxspan is not None and events[n].time - events[newest[0]].time > case.maxspan
            stopped = any(events[newest[-1]].place <= until < events[n].place for until in untils)
            if not too_long and not stopped:
                longer.append((*newest, n))
        chains = longer
    return [c for c in chains if _nothing_there(case, c, of_stage, positive)]


def _nothing_there(
    case: Case, chain: tuple[int, ...], of_stage: Callable[[int], list[int]], positive: Sequence[int]
) -> bool:
    times = [case.events[n].time for n in chain]
    by_position: dict[int, list[int]] = {}
    for stage, absent in enumerate(case.missing):
        if absent:
            position = sum(p < stage for p in positive)
            by_position.setdefault(position, []).extend(case.events[n].time for n in of_stage(stage))
    last = len(positive)
    maxspan = case.maxspan or 0  # missing events never stand without one
    for position, seen in by_position.items():
        if 0 < position < last and any(times[position - 1] < t < times[position] for t in seen):
            return False
    before = [t for t in by_position.get(0, ()) if t < times[0]]
    after = [t for t in by_position.get(last, ()) if t > times[-1]]
    match 0 in by_position, last in by_position:
        case True, True:
            return not before or not after or min(after) - max(before) > maxspan
        case True, False:
            return not before or times[-1] - max(before) > maxspan
        case False, True:
            return not after or min(after) - times[0] > maxspan
        case _:
            return True


def random_case(rng: random.Random) -> Case:
    """A short stream with few keys, equal times, missing keys, events in several stages, until and runs."""
    shape = [rng.random() < 0.2 for _ in range(rng.randint(1, 4))]
    shape[rng.randrange(len(shape))] = False
    maxspan = rng.randint(1, 8) if any(shape) or rng.random() < 0.7 else None
    same = [rng.randrange(len(shape)) if rng.random() < 0.2 else stage for stage in range(len(shape))]
    with_until, with_ties, keys = rng.random() < 0.3, rng.random() < 0.3, rng.randint(1, 3)
    events, time = [], 0
    for _ in range(rng.randint(1, 14)):
        time += rng.choice((0, 0, 1, 1, 1, 2, 3, 9))
        chosen = {stage for stage in range(len(shape)) if rng.random() < 0.45}
        # Stages written from one filter (runs) are hit together.
        chosen |= {stage for stage in range(len(shape)) if same[stage] in chosen and not shape[stage]}
        hit = {stage: _keys(rng, keys) for stage in chosen}
        if with_until and rng.random() < 0.15:
            hit[UNTIL] = _keys(rng, keys)
        events.append(Toy(time, rng.randint(0, 2) if with_ties else 0, hit))
    events.sort(key=lambda e: e.place)
    return Case(tuple(shape), maxspan, tuple(events))


def _keys(rng: random.Random, count: int) -> tuple[tuple[object, ...], ...]:
    """Mostly one key, sometimes none (a null field) or two (an array)."""
    amount = rng.choices((0, 1, 2), (1, 8, 1))[0]
    return tuple((k,) for k in rng.sample(range(count), min(amount, count)))
