"""Thresholds: events counted by the values of fields (rules R02 to R04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context, values
from backends.splunk.detection.place import matching
from converter.languages.spl.shorthand import binary, conjunction, number
from converter.languages.spl.syntax import Aggregate, Expression, Name, Sign, Stage, Stats, Where
from converter.model.predicate import And, Predicate, Present
from converter.model.rule import Threshold
from converter.model.value import Field
from converter.target.contract import Binding

ONCE = (("dedup_splitvals", "true"),)
"""An event counts once in every group, however often it repeats the group's value."""


def threshold(write: Writer, binding: Binding, detection: Threshold, *, bare: bool) -> list[Stage]:
    """`stats` over the window: an event counts once in every combination of its group values."""
    distinct = detection.distinct
    used = (*detection.group_by, *((distinct.field,) if distinct else ()))
    stages = matching(write, binding, present(detection.where, detection.group_by))
    stages += computed(write, used, stages)
    names = [write.columns.name(f) for f in detection.group_by]
    count, different = free("event_count", names), free("distinct_count", names)
    wanted = [Aggregate("count", None, count)]
    tests = [] if detection.at_least <= 1 and distinct else [_at_least(count, detection.at_least)]
    if distinct:
        wanted.append(Aggregate("dc", write.columns.name(distinct.field), different))
        tests.append(_at_least(different, distinct.at_least))
    wanted += [Aggregate("min", "_time", "first_time"), Aggregate("max", "_time", "last_time")]
    if not bare:
        wanted += values(context(binding, [detection.where]), [*names, *(a.alias or "" for a in wanted)])
    return [*stages, Stats("stats", tuple(wanted), tuple(dict.fromkeys(names)), ONCE), Where(conjunction(tests))]


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
