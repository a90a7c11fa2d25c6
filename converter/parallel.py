"""Work on several cores: the results come back in the order of the items, whoever made them.

Workers are forked, so that they have the tables and the items without copying them; where a system cannot fork, one
core does the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNK = 4
"""Items that a worker takes at a time: few enough for an even end, enough for the messages between to cost nothing."""
_LEAST = 40
"""Items for which a second process is not worth its start."""

_SHARED: dict[str, Any] = {}
"""What a forked worker finds in its memory."""


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """`work` of each item, in order; `jobs`: processes, from which results come as plain values."""
    if jobs <= 1 or len(items) < _LEAST or not hasattr(os, "fork"):
        yield from map(work, items)
        return
    import gc  # a run of few items needs none of these
    import multiprocessing
    import signal

    _SHARED.update(work=work, items=items)
    gc.freeze()  # pages that no collection touches stay shared
    try:
        # An interruption from the terminal reaches every process of the group. Workers are born deaf to it: one that
        # it ended while it held a lock would leave the others waiting. This process ends them.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            pool = multiprocessing.get_context("fork").Pool(min(jobs, -(-len(items) // _CHUNK)))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        with pool:
            for found in pool.imap(_chunk, range(0, len(items), _CHUNK)):
                yield from found
    finally:
        gc.unfreeze()
        _SHARED.clear()


def _chunk(start: int) -> list[Any]:
    """The results of the items from `start` on, in a worker."""
    work, items = _SHARED["work"], _SHARED["items"]
    return [work(item) for item in items[start : start + _CHUNK]]
