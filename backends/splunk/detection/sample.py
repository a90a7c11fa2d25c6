"""Samples: a different event for each step, with equal keys, in any order (rule E21)."""

from __future__ import annotations

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context, values
from backends.splunk.detection.rows import is_step, key_names, numbered_rows
from converter.languages.spl.shorthand import NULL, binary, call, conjunction, number
from converter.languages.spl.syntax import Aggregate, Eval, Fields, Name, Sign, Stage, Stats, Where
from converter.plan.sample import SamplePlan

MOST_STEPS = 5


def sample(write: Writer, plan: SamplePlan, *, bare: bool) -> list[Stage]:
    """A row for each key that has a sample: `dc` counts the events that each demand asks for."""
    names = ["seq_of_" + "_".join(str(b + 1) for b in demand.branches) for demand in plan.demands]
    marks = []
    for name, demand in zip(names, plan.demands, strict=True):
        codes = [plan.branches[b].stages[0] for b in demand.branches]
        marks.append((name, call("if", is_step(codes), Name("seq_event"), NULL)))
    tests = [binary(Name(n), Sign.GE, number(d.events)) for n, d in zip(names, plan.demands, strict=True)]
    keys = key_names(plan.keys)
    times = (Aggregate("min", "_time", "first_time"), Aggregate("max", "_time", "last_time"))
    wheres = [b.where for b in plan.branches]
    more = [] if bare else values(context(plan.branches[0].binding, wheres), keys)
    counts = (Aggregate("dc", n, n) for n in names)
    return [
        *numbered_rows(write, plan.branches),
        Eval(tuple(marks)),
        Stats("stats", (*counts, *times, *more), keys),
        Where(conjunction(tests)),
        Fields(("seq_of_*",), drop=True),
    ]
