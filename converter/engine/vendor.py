"""Rules over events as a vendor sends them: bound by a data set's table to the names that stand in the raw events.

The Sigma side of a table names the vendor's own fields, so binding there and evaluating over raw events is one meaning:
where the table has no counterpart, the rule is left out with the binding's own reasons, as a conversion would be.
"""

from __future__ import annotations

from dataclasses import replace

from converter.datasets.choice.bind import bind
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.rewriting.missing import Unmapped
from converter.diagnostics import Diagnostic, Severity
from converter.engine.codes import V005
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    NewTerms,
    Pair,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Column, Field, Members
from converter.model.walk import fields, map_fields, map_predicates, predicates

_PLATFORM = "sigma"


class _NoNameError(Exception):
    """A field that raw events do not hold under one name."""


def over_raw(rule: Rule, dataset: str, time: str, tables: Catalogue) -> Rule | tuple[Diagnostic, ...]:
    """The rule over raw events of the data set, or why it cannot be held against them.

    `time`: the raw field that holds the event's time, for rules over several events; "" = none.
    """
    bound = bind(rule, _PLATFORM, "native", Unmapped.REFUSE, dataset, tables=tables)
    problems = [note for note in bound.notes if note.severity in (Severity.ERROR, Severity.WARNING)]
    if problems:
        return tuple(dict.fromkeys(rule.locate(note) for note in problems))
    if isinstance(bound.rule.detection, Pipeline):
        message = "ES|QL queries are evaluated over Elastic's own names only"
        return (Diagnostic(V005, message, source=rule.source),)
    try:
        detection = _renamed(bound.rule.detection)
    except _NoNameError as error:
        message = f"raw events hold {error} under no single name: the table computes it"
        return (Diagnostic(V005, message, source=rule.source),)
    meta = replace(
        rule.meta,
        timestamp_override=time,
        timestamp_override_fallback_disabled=bool(time),
        timestamp_field=time,
        tiebreaker_field="",
    )
    return replace(rule, meta=meta, detection=detection)


def _name(field: Field) -> Field:
    match field.way:
        case Column(text):
            return Field(text, field.kind, field.many)
        case Members(text, member):
            return Field(f"{text}.{member}", field.kind, field.many)
        case _:
            raise _NoNameError(field.path)


def _renamed(detection: Detection) -> Detection:
    renamed = map_predicates(detection, _where)
    match renamed:
        case Sequence(steps, _, until):
            return replace(renamed, steps=tuple(map(_step, steps)), until=_step(until) if until else None)
        case Sample(steps):
            return replace(renamed, steps=tuple(map(_step, steps)))
        case Threshold(group_by=group_by, distinct=distinct):
            counted = Distinct(_name(distinct.field), distinct.at_least) if distinct else None
            return replace(renamed, group_by=tuple(map(_name, group_by)), distinct=counted)
        case NewTerms(fields=fields):
            return replace(renamed, fields=tuple(map(_name, fields)))
        case IndicatorMatch(any_of=any_of):
            pairs = tuple(tuple(Pair(_name(pair.field), pair.indicator) for pair in arm) for arm in any_of)
            # Indicators are documents of Elastic's own.
            return replace(renamed, any_of=pairs, indicators=predicates(detection)[1])
        case _:
            return renamed


def _where(where: Predicate) -> Predicate:
    return map_fields(where, _name) if not _is_unbound(where) else where


def _is_unbound(where: Predicate) -> bool:
    """Indicators keep Elastic's names: binding leaves them alone."""
    found = tuple(fields(where))
    return bool(found) and all(field.way is None for field in found)


def _step(step: Step) -> Step:
    return replace(step, by=tuple(Key(_name(key.field), key.optional) for key in step.by))
