"""New terms: combinations of values whose first event lies in the window (rule R05)."""

from __future__ import annotations

from backends.splunk.condition.literal import search_field
from backends.splunk.detection.pipeline import Writer, late, matching
from backends.splunk.detection.threshold import free, present
from backends.splunk.detection.window import Times
from converter.model.rule import NewTerms
from converter.target.contract import Binding


def by_history(write: Writer, binding: Binding, detection: NewTerms, times: Times) -> list[str]:
    """One search over history and window: a combination is new if its first event is later than the window's start."""
    span = (detection.history_ms, times.window.to_ms)
    _, first, stages = _grouped(write, binding, detection, times, span, "min")
    return [*stages, f"where {first}>{times.ago(times.window.from_ms)}", f"eval _time={first}"]


def by_lookup(write: Writer, binding: Binding, detection: NewTerms, times: Times, table: str) -> list[str]:
    """The window only; a combination that the lookup saw in the history is not new."""
    window = (times.window.from_ms, times.window.to_ms)
    by, first, stages = _grouped(write, binding, detection, times, window, "min")
    known = free("known_time", by)
    keys = " ".join(map(search_field, by))
    stages.append(f"lookup {table} {keys} OUTPUT last_seen AS {known}")
    stages.append(f"where if({known}>={times.ago(detection.history_ms)},0,1)==1")
    return [*stages, f"fields - {known}", f"eval _time={first}"]


def baseline(write: Writer, binding: Binding, detection: NewTerms, times: Times, table: str) -> list[str]:
    """The search that writes the lookup: every combination of the history up to the window's start."""
    history = (detection.history_ms, times.window.from_ms)
    by, last, stages = _grouped(write, binding, detection, times, history, "max")
    names = ", ".join(map(search_field, by))
    return [*stages, f"rename {last} AS last_seen", f"table {names}, last_seen", f"outputlookup {table}"]


def _grouped(
    write: Writer, binding: Binding, detection: NewTerms, times: Times, span: tuple[int, int], function: str
) -> tuple[list[str], str, list[str]]:
    """The names of the fields, that of the first (min) or last (max) time, and the stages to a row a combination."""
    by = [write.names.of(f) for f in detection.fields]
    stages = matching(write, binding, detection.where, times.modifiers(*span))
    stages += late(write, detection.fields, stages)
    stages += present(write, detection.fields)
    moment = free("first_time" if function == "min" else "last_time", by)
    names = ", ".join(map(search_field, by))
    stages.append(f"stats dedup_splitvals=true {function}({times.field}) AS {moment} BY {names}")
    return by, moment, stages
