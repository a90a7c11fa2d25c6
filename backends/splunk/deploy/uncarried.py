"""What a rule file says beside its query, in Splunk's words: what is not carried, and what is carried otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from backends.splunk.codes import T210, T220, T223, T224, T225, T226, T227
from backends.splunk.condition.literal import is_plain
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.code import Code
from converter.languages.spl.quoting import is_field
from converter.model.metadata import SeverityMapping
from converter.model.rule import Rule
from converter.plan.uncarried import (
    Actions,
    BuildingBlock,
    Exceptions,
    Guide,
    MostAlerts,
    NameByEvent,
    OtherOrder,
    OtherTime,
    Overlap,
    Retired,
    RiskByEvent,
    SeverityByEvent,
    Shown,
    Suppressed,
    Tiebreaker,
    Timeline,
    Uncarried,
    WindowEnd,
    uncarried,
)
from converter.plan.window import Clock


def of_search(rule: Rule) -> Iterator[Diagnostic]:
    """What changes which events a search finds, or which of them are alerts, in every format."""
    for fact in uncarried(rule):
        match fact:
            case Exceptions(lists):
                names = ", ".join(lists)
                yield _note(
                    T220, f"the exceptions of {names} are kept in Kibana, not in the rule: they are not applied"
                )
            case OtherTime(field, Clock.OTHER):
                yield _warning(T227, f"the window is about {field}; Splunk's is about _time")
            case OtherOrder(field):
                yield _warning(T227, f"the sequence is ordered by {field}; Splunk's is ordered by _time")
            case Tiebreaker(field):
                yield _warning(
                    T210, f"events of one moment are not told apart by {field}: none of them follows another"
                )
            case (
                OtherTime()
                | Overlap()
                | WindowEnd()
                | Suppressed()
                | SeverityByEvent()
                | RiskByEvent()
                | NameByEvent()
                | BuildingBlock()
                | MostAlerts()
                | Guide()
                | Timeline()
                | Shown()
                | Actions()
                | Retired()
            ):
                continue
            case _:
                assert_never(fact)


def of_saved_search(rule: Rule, columns: Sequence[str] | None, *, ecs: bool) -> Iterator[Diagnostic]:
    """What the schedule, the throttling and the notable event make of the rest.

    `columns` are those fields of Elastic's that the results have, None for all; `ecs`: fields have Elastic's names.
    """
    facts = uncarried(rule)
    throttled = any(isinstance(fact, Suppressed) for fact in facts)
    if not ecs and any(isinstance(fact, SeverityByEvent | RiskByEvent) for fact in facts):
        yield _note(T225, "severity and risk mappings name Elastic's fields and are not carried")
    for fact in facts:
        yield from _of_fact(fact, columns, throttled=throttled, ecs=ecs)
    if rule.meta.building_block_type and any(isinstance(fact, Guide) for fact in facts):
        yield _note(T225, "the guide and the setup notes are next steps of notable events: a building block has none")


def _of_fact(fact: Uncarried, columns: Sequence[str] | None, *, throttled: bool, ecs: bool) -> Iterator[Diagnostic]:
    match fact:
        case Overlap() if not throttled:
            message = (
                "runs overlap: Elastic drops the second alert of one event, Splunk gives it again unless throttled"
            )
            yield _note(T223, message)
        case Suppressed():
            yield from _throttling(fact, columns)
        case SeverityByEvent(mappings) if ecs:
            for mapping in mappings:
                if not is_written(mapping):
                    yield _note(T225, f"the severity mapping of {mapping.field} is not carried")
        case MostAlerts(most, usual):
            if not usual:
                yield _note(T226, f"max_signals {most} has no counterpart: every result is an alert")
        case Overlap() | SeverityByEvent() | RiskByEvent() | WindowEnd() | BuildingBlock() | Shown() | Retired():
            return  # throttling, an eval, the range of the run, the notable event, the table, the metadata
        case Guide():
            return  # next steps of the notable event
        case NameByEvent():
            return  # said with the title of the notable event
        case Exceptions() | OtherTime() | OtherOrder() | Tiebreaker():
            return  # said of the search
        case Timeline() | Actions():
            return  # Kibana's own
        case _:
            assert_never(fact)


def has(columns: Sequence[str] | None, name: str) -> bool:
    """Whether the results have a column; None is all."""
    return columns is None or name in columns


def is_throttled(fact: Suppressed, columns: Sequence[str] | None) -> bool:
    """Whether the saved search can be throttled by the fields: results without them would be one group."""
    return all(is_field(f) and " " not in f and "," not in f and has(columns, f) for f in fact.by)


def is_written(mapping: SeverityMapping) -> bool:
    """Whether an eval can say the mapping."""
    return mapping.operator == "equals" and is_field(mapping.field) and is_plain(mapping.value)


def _throttling(fact: Suppressed, columns: Sequence[str] | None) -> Iterator[Diagnostic]:
    if not is_throttled(fact, columns):
        yield _note(T224, f"alert suppression by {', '.join(fact.by)} is not carried")
        return
    if not fact.missing_too:
        yield _note(T224, "throttling takes events without the fields as one group; Elastic does not here")
    if fact.duration_ms is None:
        yield _note(T224, "suppression within one run: throttling lasts until the next run")


def _note(code: Code, message: str) -> Diagnostic:
    return Diagnostic(code, message, Severity.NOTE)


def _warning(code: Code, message: str) -> Diagnostic:
    return Diagnostic(code, message, Severity.WARNING)
