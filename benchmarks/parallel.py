"""What a second process brings, beside what the machine has to give: part of `benchmarks.evaluate`.

All figures are of steady state: what 3n events cost beyond what n cost, so that neither start-up nor the plan counts.
The ceiling is that of the machine at this moment: the same work by two forks that have nothing to do with each other.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import line
from converter.engine import Engine
from converter.engine.judging import judge, judged
from converter.engine.sources.files import batches
from converter.model.rule import Rule

_TIMES = 3
_ROUNDS = 3


class Spent(NamedTuple):
    """Seconds: by the clock, of CPU in this process, and of CPU in those that it waited for."""

    wall: float
    own: float
    others: float

    def beyond(self, less: Spent) -> Spent:
        """What is more."""
        return Spent(*(max(a - b, 1e-9) for a, b in zip(self, less, strict=True)))


def spent(work: Callable[[], object]) -> Spent:
    """What the work takes."""
    before, start = _cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - start
    return Spent(wall, *(after - then for after, then in zip(_cpu(), before, strict=True)))


def _cpu() -> tuple[float, float]:
    own, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime


def _in_forks(count: int, work: Callable[[], object]) -> None:
    """The same work in so many forks at once, which share nothing but the machine."""
    children = []
    for _ in range(count):
        child = os.fork()
        if not child:
            try:
                work()
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def _ceiling(what: str, work: Callable[[int], object]) -> None:
    """Two forks beside one: twice the work in how much of the time?"""
    alone, both = _least(lambda number, times: _in_forks(number, lambda: work(times)))
    said = f"ceiling of the machine, two forks over one: {what}"
    _show(said, 4 * alone.others / both.others, 2 * alone.wall / both.wall)


def _least(work: Callable[[int, int], object]) -> tuple[Spent, Spent]:
    """What the work takes beyond its start in one process and in two: the least of some rounds, in turns.

    `work` is given the number of processes, and how often. What else the machine does only adds to it.
    """
    rounds = [[spent(lambda n=n, t=t: work(n, t)) for n in (1, 2) for t in (1, _TIMES)] for _ in range(_ROUNDS)]  # type: ignore[misc]
    least = [Spent(*map(min, zip(*same, strict=True))) for same in zip(*rounds, strict=True)]
    return least[1].beyond(least[0]), least[3].beyond(least[2])


def _show(what: str, cpu: float, wall: float) -> None:
    line(what, f"{cpu:10.2f} x by CPU {wall:10.2f} x by the wall")


def processes(path: Path, rules: Sequence[Rule]) -> None:
    """Batches of a file in one process and in two.

    By CPU: two processes at their best take half of what all of them spend, and no less than the one that hands out.
    """
    engine = Engine(rules)
    pieces = list(batches(str(path), lambda _: None))
    lines = [text for piece in pieces for text in piece.lines_of_text]
    found = [[hit.hits for _, done in judged(engine, pieces, jobs) for hit in done.hits] for jobs in (1, 2)]
    line("one process and two find the same", str(found[0] == found[1]))
    gc.collect()
    gc.freeze()  # as the command does
    _ceiling("json.loads", lambda times: [json.loads(text) for _ in range(times) for text in lines])
    _ceiling("this evaluator", lambda times: [judge(engine, one, keep=False) for _ in range(times) for one in pieces])
    one, two = _least(lambda number, times: _all(engine, path, times, number))
    count = len(lines) * (_TIMES - 1)
    line(f"{len(rules)} event rules, one process (CPU)", f"{1e6 * one.own / count:10.1f} us/event")
    both = two.own + two.others
    line(
        "the same in two (CPU of all; share of handing out)",
        f"{1e6 * both / count:10.1f} us/event   {two.own / both:5.2f}",
    )
    _show("two processes over one", one.own / max(two.own, both / 2), one.wall / two.wall)


def _all(engine: Engine, path: Path, times: int, jobs: int) -> None:
    pieces = (piece for _ in range(times) for piece in batches(str(path), lambda _: None))
    for _ in judged(engine, pieces, jobs):
        pass
