"""Groups of events by the values of fields: thresholds (rules R02 to R04) and new terms (rule R05)."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.model.metadata import Metadata
from converter.model.predicate import Predicate
from converter.model.rule import Distinct, NewTerms, Threshold
from converter.model.value import Field
from converter.plan.window import WindowPlan, plan_window


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """What a threshold asks for, a group at a time.

    An event stands once in the group of every combination of one value a key, and in none if a key has no value.
    `keys` () = all events of the window are one group, which has to have an event. `count`: the least number of
    events, None where the other conditions imply it. `distinct`: the least number of different values of a field.
    """

    where: Predicate
    keys: tuple[Field, ...]
    at_least: int
    count: int | None
    distinct: Distinct | None
    window: WindowPlan

    @property
    def multiplies(self) -> bool:
        """Whether one event may stand in several groups."""
        return any(key.many for key in self.keys)

    @property
    def counted(self) -> tuple[Field, ...]:
        """Every field that the groups need."""
        return (*self.keys, *((self.distinct.field,) if self.distinct else ()))


def plan_group(detection: Threshold, meta: Metadata) -> GroupPlan:
    """The plan of a threshold."""
    distinct = detection.distinct
    implied = bool(detection.group_by) and detection.at_least <= 1
    if distinct is not None and not distinct.field.many and distinct.at_least >= max(detection.at_least, 1):
        implied = True  # each value of a single-valued field is another event
    return GroupPlan(
        where=detection.where,
        keys=detection.group_by,
        at_least=detection.at_least,
        count=None if implied else max(detection.at_least, 1),
        distinct=distinct,
        window=plan_window(meta),
    )


@dataclass(frozen=True, slots=True)
class NewTermsPlan:
    """What new terms ask for.

    Of the events from `history_ms` ago to the window's end, the first one of each combination of one value a field
    is an alert if it is later than the window's start. A schedule that differs from Elastic's makes the window longer
    with `WindowPlan.every`, so that no event falls between two runs.
    """

    where: Predicate
    fields: tuple[Field, ...]
    history_ms: int
    window: WindowPlan

    @property
    def multiplies(self) -> bool:
        """Whether one event may hold several combinations."""
        return any(field.many for field in self.fields)


def plan_new_terms(detection: NewTerms, meta: Metadata) -> NewTermsPlan:
    """The plan of new terms."""
    return NewTermsPlan(detection.where, detection.fields, detection.history_ms, plan_window(meta))
