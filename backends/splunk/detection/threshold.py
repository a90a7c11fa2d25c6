"""Thresholds: events counted by the values of fields (rules R02 to R04)."""

from __future__ import annotations

from collections.abc import Sequence

from backends.splunk.condition.literal import search_field
from backends.splunk.detection.pipeline import Writer, late, matching
from converter.model.rule import Threshold
from converter.model.value import Field
from converter.target.contract import Binding


def threshold(write: Writer, binding: Binding, detection: Threshold) -> list[str]:
    """`stats` over the window: an event counts once in every combination of its group values."""
    distinct = detection.distinct
    used = (*detection.group_by, *((distinct.field,) if distinct else ()))
    stages = matching(write, binding, detection.where)
    stages += late(write, used, stages)
    stages += present(write, detection.group_by)
    names = [write.names.of(f) for f in detection.group_by]
    count, different = free("event_count", names), free("distinct_count", names)
    wanted = [f"count AS {count}"]
    tests = [f"{count}>={detection.at_least}"]
    if distinct:
        wanted.append(f"dc({search_field(write.names.of(distinct.field))}) AS {different}")
        tests.append(f"{different}>={distinct.at_least}")
    wanted += ["min(_time) AS first_time", "max(_time) AS last_time"]
    by = f" BY {', '.join(map(search_field, names))}" if names else ""
    stages.append(f"stats dedup_splitvals=true {' '.join(wanted)}{by}")
    stages.append(f"where {' AND '.join(tests)}")
    return stages


def present(write: Writer, fields: Sequence[Field]) -> list[str]:
    """An event without one of the fields is in no group."""
    tests = dict.fromkeys(f"isnotnull({write.names.eval(f)})" for f in fields)
    return [f"where {' AND '.join(tests)}"] if tests else []


def free(name: str, taken: Sequence[str]) -> str:
    """The name, or one that no field has."""
    while name in taken:
        name += "_"
    return name
