"""What a rule says beside its query and Sigma has no key for, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from backends.sigma.codes import T115
from converter.diagnostics import Diagnostic, Severity
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


def notes(rule: Rule) -> Iterator[Diagnostic]:
    """A note for each fact that the artifact does not carry."""
    for fact in uncarried(rule):
        message = _words(fact)
        if message is not None:
            yield Diagnostic(T115, message, Severity.NOTE)


def _words(fact: Uncarried) -> str | None:
    """What is not carried; None for what Sigma has a key for, and for what is each backend's business."""
    match fact:
        case Exceptions(lists):
            return f"the exceptions of {', '.join(lists)} are kept in Kibana and are no part of the artifact"
        case OtherOrder(field) | Tiebreaker(field):
            return f"events of a sequence are not ordered by {field}"
        case Suppressed(by):
            return f"no suppression by {', '.join(by)}: Sigma has none"
        case SeverityByEvent() | RiskByEvent():
            return "severity and risk that depend on the event have no Sigma key"
        case NameByEvent(field):
            return f"the alert's name is not taken from {field}"
        case OtherTime() | Overlap() | WindowEnd() | MostAlerts():
            return None  # when a rule runs and what a run does with alerts, Sigma leaves to each backend
        case BuildingBlock() | Retired() | Shown():
            return None  # level, status and fields
        case Guide() | Timeline() | Actions():
            return None  # Kibana's own
        case _:
            assert_never(fact)
