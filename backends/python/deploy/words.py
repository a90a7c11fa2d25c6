"""What a rule file says beside its query, as far as a module leaves it to whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from backends.python.codes import T403
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


def left_out(rule: Rule, *, suppressed: bool = False) -> Iterator[Diagnostic]:
    """A note for each fact that changes which alerts there are, and that the module does not follow.

    `suppressed`: whoever runs the module suppresses alerts as it says.
    """
    for fact in uncarried(rule):
        if suppressed and isinstance(fact, Suppressed):
            continue
        words = _words(fact)
        if words:
            yield Diagnostic(T403, words, Severity.NOTE)


def _words(fact: Uncarried) -> str:
    """What is left out; "" where the module carries the fact, or where it is about how alerts look."""
    match fact:
        case Exceptions(lists):
            return f"the exceptions of {', '.join(lists)} are kept in Kibana, not in the rule: they are not applied"
        case Suppressed(by):
            return f"alerts are not suppressed by {', '.join(by)}: every one is given"
        case MostAlerts(most, usual):
            return "" if usual else f"a run gives every alert, not the first {most}"
        case OtherTime() | OtherOrder() | Tiebreaker():
            return ""  # TIME_FIELDS and tiebreaker()
        case Overlap() | WindowEnd():
            return ""  # the caller says which window a run has
        case SeverityByEvent() | RiskByEvent() | NameByEvent() | BuildingBlock() | Shown():
            return ""  # an alert is its events
        case Guide() | Timeline() | Actions() | Retired():
            return ""
        case _:
            assert_never(fact)
