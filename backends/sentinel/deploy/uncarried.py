"""What a rule file says beside its query, in Sentinel's words: what has no place here, or another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from backends.sentinel.codes import T337, T341, T372, T375, T378, T381, T382
from backends.sentinel.condition.finding import note, warning
from backends.sentinel.deploy.header import span
from converter.diagnostics import Diagnostic
from converter.model.rule import NewTerms, Rule
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


def of_query(rule: Rule) -> Iterator[Diagnostic]:
    """What changes which events a query finds, or which of them are alerts, in every format."""
    for fact in uncarried(rule):
        match fact:
            case OtherTime(field, Clock.OTHER):
                yield warning(T337, f"the rule's window is about {field}; here it is about the event's time")
            case OtherOrder(field):
                yield warning(T337, f"the sequence is ordered by {field}; here by the event's time")
            case Tiebreaker(field):
                yield warning(T341, f"events of equal time are not put in order by {field}")
            case Exceptions(lists):
                where = f"the exceptions of {', '.join(lists)} are kept in Kibana, not in the rule"
                yield note(T382, f"{where}: they are not applied")
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


def of_analytics(rule: Rule, *, once: bool) -> Iterator[Diagnostic]:
    """What an analytics rule makes of the rest. `once`: no event is looked at in two runs."""
    for fact in uncarried(rule):
        found = _of_fact(rule, fact, once=once)
        if found is not None:
            yield found


def _of_fact(rule: Rule, fact: Uncarried, *, once: bool) -> Diagnostic | None:
    match fact:
        case WindowEnd(to_ms) if not isinstance(rule.detection, NewTerms):
            return note(T372, f"the window ends {span(to_ms)} before the run; Sentinel's ends at the run")
        case Overlap() if not once:
            return note(T378, "runs overlap: Elastic drops a second alert of the same events, Sentinel does not")
        case MostAlerts(most):
            return note(T381, f"Elastic makes at most {most} alerts a run, Sentinel 149 and one for all the others")
        case BuildingBlock():
            return note(T375, "a building block makes no alert in Elastic; here the severity is Informational")
        case Overlap() | WindowEnd() | Shown() | Retired():
            return None  # taken once, in the query, entities and details, not enabled
        case Suppressed() | SeverityByEvent() | RiskByEvent() | NameByEvent() | Guide():
            return None  # carried, or said of the rule's own parts (`analytics`, `describe`)
        case Exceptions() | OtherTime() | OtherOrder() | Tiebreaker():
            return None  # said of the query
        case Timeline() | Actions():
            return None  # Kibana's own
        case _:
            assert_never(fact)
