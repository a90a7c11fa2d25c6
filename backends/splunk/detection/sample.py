"""Samples: a different event for each step, with equal keys, in any order (rule E21).

There are different events for all steps if every set of steps is satisfied by at least as many events together
(Hall's theorem), which `dc` counts for each set.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence as Sequence_

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context, values
from backends.splunk.detection.rows import Coded, is_step, key_names, numbered_rows
from converter.languages.spl.shorthand import NULL, binary, call, conjunction, number
from converter.languages.spl.syntax import Aggregate, Eval, Fields, Name, Sign, Stage, Stats, Where
from converter.model.rule import Sample
from converter.target.contract import Binding

MOST_STEPS = 5


def sample(write: Writer, bindings: Sequence_[Binding], detection: Sample, *, bare: bool) -> list[Stage]:
    """A row for each key that has a sample."""
    written = [(s, bindings[min(i, len(bindings) - 1)]) for i, s in enumerate(detection.steps) for _ in range(s.runs)]
    steps = [Coded(s, (i,), b) for i, (s, b) in enumerate(written, 1)]
    sets = [c for n in range(1, len(steps) + 1) for c in itertools.combinations(range(1, len(steps) + 1), n)]
    names = ["seq_of_" + "_".join(map(str, c)) for c in sets]
    marks = tuple((n, call("if", is_step(c), Name("seq_event"), NULL)) for n, c in zip(names, sets, strict=True))
    counts = [Aggregate("dc", n, n) for n in names]
    keys = key_names(steps)
    times = [Aggregate("min", "_time", "first_time"), Aggregate("max", "_time", "last_time")]
    more = [] if bare else values(context(write, bindings[0], [s.where for s in detection.steps]), keys)
    return [
        *numbered_rows(write, steps),
        Eval(marks),
        Stats("stats", (*counts, *times, *more), keys),
        Where(conjunction(binary(Name(n), Sign.GE, number(len(c))) for n, c in zip(names, sets, strict=True))),
        Fields(("seq_of_*",), drop=True),
    ]
