"""Thresholds: events counted by the values of fields (rules R02 to R04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context, values
from backends.splunk.detection.place import matching
from converter.languages.spl.shorthand import binary, conjunction, number
from converter.languages.spl.syntax import Aggregate, Expression, Name, Sign, Stage, Stats, Where
from converter.model.predicate import And, Predicate, Present
from converter.model.value import Field
from converter.plan.group import GroupPlan
from converter.target.contract import Binding

ONCE = (("dedup_splitvals", "true"),)
"""An event counts once in every group, however often it repeats the group's value."""


def threshold(write: Writer, binding: Binding, plan: GroupPlan, *, bare: bool) -> list[Stage]:
    """`stats` over the window: an event counts once in every combination of its group values."""
    stages = matching(write, binding, present(plan.where, plan.keys))
    stages += computed(write, plan.counted, stages)
    names = [write.columns.name(f) for f in plan.keys]
    wanted, ending = large_enough(write, plan, names)
    wanted += [Aggregate("min", "_time", "first_time"), Aggregate("max", "_time", "last_time")]
    if not bare:
        wanted += values(context(binding, [plan.where]), [*names, *(a.alias or "" for a in wanted)])
    return [*stages, Stats("stats", tuple(wanted), tuple(dict.fromkeys(names)), ONCE), *ending]


def large_enough(write: Writer, plan: GroupPlan, names: Sequence[str]) -> tuple[list[Aggregate], list[Stage]]:
    """What is counted of a group, and the test that it is enough."""
    count, different = free("event_count", names), free("distinct_count", names)
    wanted = [Aggregate("count", None, count)]
    tests = [] if plan.count is None else [_at_least(count, plan.count)]
    if plan.distinct is not None:
        wanted.append(Aggregate("dc", write.columns.name(plan.distinct.field), different))
        tests.append(_at_least(different, plan.distinct.at_least))
    return wanted, [Where(conjunction(tests))] if tests else []


def _at_least(name: str, least: int) -> Expression:
    return binary(Name(name), Sign.GE, number(least))


def computed(write: Writer, fields: Iterable[Field], stages: Sequence[Stage]) -> list[Stage]:
    """The `eval` of computed fields that nothing before needed."""
    return write.columns.of([write.columns.name(f) for f in fields], stages)


def present(where: Predicate, fields: Sequence[Field]) -> Predicate:
    """The predicate, of events that have all the fields: without one of them an event is in no group."""
    return And((where, *(Present(f) for f in dict.fromkeys(fields))))


def free(name: str, taken: Sequence[str]) -> str:
    """The name, or one that no field has."""
    while name in taken:
        name += "_"
    return name
