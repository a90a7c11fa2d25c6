"""A batch of lines held against the plan, in this process or in others: which events hit, which lines are broken."""

from __future__ import annotations

import itertools
import mmap
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from converter.engine.engine import Engine
from converter.engine.sources.batch import Batch
from converter.engine.sources.decode import BrokenEventError, check, decode, is_shallow


class Hit(NamedTuple):
    """An event of a batch with the predicates that hold of it. `before`: how many events of the batch were before it.

    `event` is None where it was judged in another process: the line is at hand.
    """

    offset: int
    before: int
    hits: tuple[int, ...]
    event: Mapping[str, object] | None


class Broken(NamedTuple):
    """A line that is no event, and the character (from 0) where that shows."""

    offset: int
    message: str
    place: int


class Judged(NamedTuple):
    """What was found of a batch: `total` events, broken ones included. `last`: the last event, to tell the time by."""

    total: int
    hits: tuple[Hit, ...]
    broken: tuple[Broken, ...]
    last: int | None


def judge(engine: Engine, batch: Batch, *, keep: bool = True) -> Judged:
    """Hold each event of the batch against the plan; `keep`: with the events themselves."""
    match, match_line, now = engine.matcher.match, engine.matcher.match_line, engine.now
    hits: list[Hit] = []
    broken: list[Broken] = []
    total, last = 0, None
    for offset, line in enumerate(batch.items):
        if isinstance(line, bytes) and (not line or line.isspace()):
            continue
        total += 1
        try:
            event: Mapping[str, object] | None
            if isinstance(line, bytes):
                found, event = match_line(line, now)
                if found:
                    event = event or decode(line)
                    _unambiguous(line, event)
            else:
                found, event = match(line, now), line
        except BrokenEventError as error:
            broken.append(Broken(offset, error.message, error.place))
            continue
        except RecursionError:
            broken.append(Broken(offset, "it is nested too deeply", 0))
            continue
        last = offset
        if found:
            hits.append(Hit(offset, total - 1, tuple(found), event if keep else None))
    return Judged(total, tuple(hits), tuple(broken), last)


def _unambiguous(line: bytes, event: Mapping[str, object]) -> None:
    """Raise BrokenEventError if a key stands twice in an object.

    As many keys as signs that end a key: none stands twice. Else the parse that looks at each pair decides.
    """
    if not is_shallow(event):
        raise BrokenEventError("it is nested too deeply")
    if _keys(event) != line.count(b'":'):
        check(line)


def _keys(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys(one) for one in value.values() if type(one) is not str)
    return sum(map(_keys, value)) if isinstance(value, list) else 0


_PLANNING = 2
"""So many batches after the sample make the indexes of nearly every class."""
_SLOT = 5 << 18
"""Bytes of a block that workers find in the memory they share, a quarter more than is read at a time: a block ends with
a line. A longer one goes to them through a pipe, as events of tables do, which takes ten times as long."""
_ENGINE: Engine | None = None
_SLOTS: mmap.mmap | None = None


def _judge_there(batch: Batch, start: int = 0, length: int = 0) -> Judged:
    """In a worker: the engine came with the fork, the block lies in the shared memory if it has a length there."""
    assert _ENGINE is not None  # noqa: S101 - it is set before the workers are made
    if length and _SLOTS is not None:
        batch = replace(batch, block=_SLOTS[start : start + length])
    return judge(_ENGINE, batch, keep=False)


def judged(engine: Engine, batches: Iterable[Batch], jobs: int) -> Iterator[tuple[Batch, Judged]]:
    """Each batch with what was found of it, in their order; a few batches for each process are under way at a time.

    The first batches are judged here, until the plan is made: processes are forks, and share it.
    """
    waiting = iter(batches)
    if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
        planned = 0
        for batch in waiting:
            if planned == _PLANNING:
                yield from _in_processes(engine, itertools.chain((batch,), waiting), jobs)
                return
            planned += engine.matcher.has_sampled
            yield batch, judge(engine, batch)
        return
    for batch in waiting:
        yield batch, judge(engine, batch)


def _in_processes(engine: Engine, batches: Iterable[Batch], jobs: int) -> Iterator[tuple[Batch, Judged]]:
    global _ENGINE, _SLOTS
    most = 2 * jobs + 1  # under way at a time: the slot of the first is free again when one more comes
    slots = mmap.mmap(-1, most * _SLOT)
    _ENGINE, _SLOTS = engine, slots  # the workers come with the first batch; another run may have its own by the next
    under_way: deque[tuple[Batch, Future[Judged]]] = deque()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        for number, batch in enumerate(batches):
            if len(under_way) == most:
                first, future = under_way.popleft()
                yield first, future.result()
            start, length = number % most * _SLOT, len(batch.block)
            if 0 < length <= _SLOT:
                slots[start : start + length] = batch.block
                there = replace(batch, block=b"", whole=None)
            else:
                there, length = replace(batch, whole=None), 0
            under_way.append((batch, pool.submit(_judge_there, there, start, length)))
        while under_way:
            first, future = under_way.popleft()
            yield first, future.result()
