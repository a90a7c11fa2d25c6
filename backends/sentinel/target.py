"""The target: a bound rule to a Kusto query or an analytics rule."""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from typing import assert_never

from backends.sentinel.condition import literal
from backends.sentinel.condition.finding import note, warning
from backends.sentinel.condition.scope import Names
from backends.sentinel.deploy.analytics import arm_text, template, yaml_text
from backends.sentinel.deploy.entity import shown
from backends.sentinel.deploy.header import comment
from backends.sentinel.deploy.schedule import schedule
from backends.sentinel.detection import query
from backends.sentinel.detection.newterms import LONGEST, new_terms, too_long
from backends.sentinel.detection.sample import sample
from backends.sentinel.detection.sequence import sequence
from backends.sentinel.detection.threat import indicator_match
from backends.sentinel.detection.threshold import threshold
from converter.diagnostics import Diagnostic
from converter.model.metadata import Metadata
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.target.contract import Binding, Bound, Emission, Notebook, Options, Target

_LONGEST_QUERY = 10_000


def _lines(bound: Bound, from_ms: int, notes: Notebook, only: Sequence_[str] = ()) -> list[str]:
    """The query of the detection, an operator a line. `only` restricts single events, before anything else."""
    detection, binding, meta = bound.rule.detection, bound.binding, bound.rule.meta
    match detection:
        case Match(where):
            return _matching(where, binding, notes, only)
        case AnyOf(matches):
            arms = zip(matches, bound.bindings, strict=True)
            return query.union([_matching(m.where, place, notes, only) for m, place in arms])
        case Threshold():
            return threshold(detection, binding, notes)
        case NewTerms():
            return new_terms(detection, binding, (from_ms, meta.window.to_ms), notes)
        case Sequence():
            return sequence(detection, bound.bindings, meta.tiebreaker_field, notes)
        case Sample():
            return sample(detection, bound.bindings, notes)
        case IndicatorMatch():
            return indicator_match(detection, binding, notes)
        case Pipeline():
            notes.add(Diagnostic("T006", "pipelines of ES|QL have no Kusto form yet"))
            return []
        case Opaque(_, diagnostic):
            notes.add(diagnostic)
            return []
        case _:
            assert_never(detection)


def _matching(where: Predicate, binding: Binding, notes: Notebook, only: Sequence_[str]) -> list[str]:
    """The events of one table for which the predicate holds."""
    operators, hits = query.filtered(where, Names(binding.columns), notes)
    return [query.table(binding), *only, *operators, *query.project_away(hits)]


def emit(bound: Bound, options: Options) -> Emission:
    """The artifact of a rule in the format asked for."""
    notes = Notebook()
    text = _analytics(bound, options.format, notes) if options.format in _DEPLOYED else _query(bound, options, notes)
    return Emission("" if notes.refused else text, notes.diagnostics)


_DEPLOYED = ("yaml", "arm")


def _query(bound: Bound, options: Options, notes: Notebook) -> str:
    meta = bound.rule.meta
    text = "\n".join(_lines(bound, meta.window.from_ms, notes)) + "\n"
    if isinstance(bound.rule.detection, NewTerms) and bound.rule.detection.history_ms > LONGEST:
        notes.add(too_long(bound.rule.detection))
    _common(meta, text, notes)
    return text if options.format == "query" else comment(meta) + text


def _analytics(bound: Bound, form: str, notes: Notebook) -> str:
    rule, meta = bound.rule, bound.rule.meta
    times = schedule(meta, rule.detection, notes)
    once = by_arrival(meta, rule.detection, bound.binding)
    arrival = [f"| where ingestion_time() > ago({literal.span(times.frequency_ms)})"] if once else []
    lines = _lines(bound, times.start_ms, notes, arrival)
    if once:
        notes.add(note("T336", "every event is taken once, in the first run after it arrived (ingestion_time())"))
    found = shown(meta, rule.detection, bound.binding, notes)
    text = "\n".join([*lines, *found.operators]) + "\n"
    _common(meta, text, notes)
    content = template(meta, text, times, found, notes, once=once)
    return yaml_text(content, meta) if form == "yaml" else arm_text(content, meta, times)


def by_arrival(meta: Metadata, detection: Detection, binding: Binding) -> bool:
    """Whether the window is told by the time of arrival: single events of a table, with Elastic's override."""
    return isinstance(detection, Match | AnyOf) and meta.timestamp_override == _INGESTED and binding.mode != "ecs"


_INGESTED = "event.ingested"
_OWN_TIMES = ("", "@timestamp", _INGESTED)


def _common(meta: Metadata, text: str, notes: Notebook) -> None:
    """What holds in every format."""
    if len(text) > _LONGEST_QUERY:
        message = f"the query has {len(text)} characters, an analytics rule takes {_LONGEST_QUERY}"
        notes.add(note("T371", message, hint="save it as a workspace function and let the rule call that"))
    if meta.timestamp_override not in _OWN_TIMES:
        message = f"the rule's window is about {meta.timestamp_override}; here it is about the event's time"
        notes.add(warning("T337", message))
    if meta.exceptions_list:
        names = ", ".join(e.list_id or e.id for e in meta.exceptions_list)
        notes.add(note("T382", f"the exceptions of {names} are kept in Kibana, not in the rule: they are not applied"))


TARGET = Target(
    name="sentinel",
    title="Microsoft Sentinel (Kusto)",
    suffix=".kusto",
    heading="// {}",
    suffixes={"yaml": ".yaml", "arm": ".json"},
    emit=emit,
    judges=("kusto",),
    formats={
        "kusto": "the query under a comment that says where it comes from (default)",
        "query": "the query alone",
        "yaml": "an analytics rule as the Azure-Sentinel repository keeps it",
        "arm": "an ARM template that deploys the analytics rule",
    },
)
