"""Samples: a different event for each step, with equal keys, in any order (rule E21).

There are different events for all steps if every set of steps is satisfied by at least as many events together
(Hall's theorem), which `dc` counts for each set.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence as Sequence_

from backends.splunk.detection.pipeline import Writer
from backends.splunk.detection.sequence import is_step, key_names, rows
from converter.model.rule import Sample, Step
from converter.target.contract import Binding

MOST_STEPS = 5


def sample(write: Writer, bindings: Sequence_[Binding], detection: Sample) -> list[str]:
    """A row for each key that has a sample."""
    written = [(s, bindings[min(i, len(bindings) - 1)]) for i, s in enumerate(detection.steps) for _ in range(s.runs)]
    steps: list[tuple[Step, tuple[int, ...], Binding]] = [(s, (i,), b) for i, (s, b) in enumerate(written, 1)]
    sets = [c for n in range(1, len(steps) + 1) for c in itertools.combinations(range(1, len(steps) + 1), n)]
    names = ["seq_of_" + "_".join(map(str, c)) for c in sets]
    columns = [f"{n}=if({is_step(c)}, seq_event, null())" for n, c in zip(names, sets, strict=True)]
    counts = [f"dc({n}) AS {n}" for n in names]
    tests = [f"{n}>={len(c)}" for n, c in zip(names, sets, strict=True)]
    return [
        *rows(write, steps, number=True),
        "eval " + ",\n    ".join(columns),
        f"stats {' '.join(counts)} min(_time) AS first_time max(_time) AS last_time{key_names(steps)}",
        f"where {' AND '.join(tests)}",
        "fields - seq_of_*",
    ]
