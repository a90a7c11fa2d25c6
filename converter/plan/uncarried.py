"""What a rule file says beside its query that changes which alerts there are, or what they show.

The list is closed: a target words every fact or says that it carries it, with `match` and `assert_never`, so that a
new fact fails to type-check in every target that has not thought of it. Nothing here changes which events match
(rule R07), but for the time stamp, the order and the window, which say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, get_args

from converter.deferred import dataclass
from converter.model.metadata import Metadata, RiskMapping, SeverityMapping
from converter.model.rule import Detection, Rule, Sequence
from converter.plan.window import Clock, clock_of, plan_window

MOST_ALERTS = 100
"""Elastic's own `max_signals`."""


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Exception lists are kept in Kibana, not in the file: what they except is an alert here."""

    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherTime:
    """The window is about another time than the event's own (rule R01). Changes which events a run sees.

    `fallback`: an event without it is taken by its own time.
    """

    field: str
    clock: Clock
    fallback: bool


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """A sequence is ordered by another time than the event's own (rule E14). Changes what follows what."""

    field: str


@dataclass(frozen=True, slots=True)
class Tiebreaker:
    """Events of one moment are ordered by a field (rule E14). Changes what follows what."""

    field: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Runs look at `overlap_ms` twice, and Elastic drops the second alert of one event."""

    overlap_ms: int


@dataclass(frozen=True, slots=True)
class WindowEnd:
    """The window ends `to_ms` before the run."""

    to_ms: int


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Alerts with equal values of `by` become one, within `duration_ms` (None = within a run).

    `missing_too`: alerts without the fields are suppressed as one group; else each of them stays.
    """

    by: tuple[str, ...]
    duration_ms: int | None
    missing_too: bool


@dataclass(frozen=True, slots=True)
class SeverityByEvent:
    """The severity follows the event's values."""

    mappings: tuple[SeverityMapping, ...]


@dataclass(frozen=True, slots=True)
class RiskByEvent:
    """The risk score follows the event's values."""

    mappings: tuple[RiskMapping, ...]


@dataclass(frozen=True, slots=True)
class NameByEvent:
    """The alert is named by a field."""

    field: str


@dataclass(frozen=True, slots=True)
class BuildingBlock:
    """The alerts are hidden building blocks of other rules."""

    kind: str


@dataclass(frozen=True, slots=True)
class MostAlerts:
    """A run makes at most so many alerts; `usual`: it is Elastic's own number."""

    most: int
    usual: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """An investigation guide (`note`) or setup notes stand beside the rule."""

    note: bool
    setup: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """An alert opens in a timeline template kept in Kibana."""

    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The fields that an analyst is shown first."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actions:
    """What an export says that Kibana does with an alert: connectors, responses, notification rhythm."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retired:
    """The rule is deprecated."""

    since: str
    why: str


Uncarried: TypeAlias = (
    Exceptions
    | OtherTime
    | OtherOrder
    | Tiebreaker
    | Overlap
    | WindowEnd
    | Suppressed
    | SeverityByEvent
    | RiskByEvent
    | NameByEvent
    | BuildingBlock
    | MostAlerts
    | Guide
    | Timeline
    | Shown
    | Actions
    | Retired
)
KINDS: tuple[type[Uncarried], ...] = get_args(Uncarried)
"""Every kind of fact, for tests that a target has words for each."""

_ACTIONS = frozenset({"actions", "response_actions", "throttle"})


def uncarried(rule: Rule) -> tuple[Uncarried, ...]:
    """The facts that a rule states, in the order of `Uncarried`."""
    meta = rule.meta
    return (*_alerts(meta, rule.detection), *_shown(meta))


def _alerts(meta: Metadata, detection: Detection) -> Iterator[Uncarried]:
    """What changes which alerts there are."""
    if meta.exceptions_list:
        yield Exceptions(tuple(e.list_id or e.id for e in meta.exceptions_list))
    clock = clock_of(meta.timestamp_override)
    if clock is not Clock.EVENT:
        yield OtherTime(meta.timestamp_override, clock, not meta.timestamp_override_fallback_disabled)
    if isinstance(detection, Sequence):
        if clock_of(meta.timestamp_field) is not Clock.EVENT:
            yield OtherOrder(meta.timestamp_field)
        if meta.tiebreaker_field:
            yield Tiebreaker(meta.tiebreaker_field)
    window = plan_window(meta)
    if window.overlap_ms:
        yield Overlap(window.overlap_ms)
    if window.to_ms:
        yield WindowEnd(window.to_ms)
    if fact := suppressed(meta):
        yield fact


def _shown(meta: Metadata) -> Iterator[Uncarried]:
    """What changes what alerts are like."""
    if mapped := severity_mappings(meta):
        yield SeverityByEvent(mapped)
    if meta.risk_score_mapping:
        yield RiskByEvent(meta.risk_score_mapping)
    if meta.rule_name_override:
        yield NameByEvent(meta.rule_name_override)
    if meta.building_block_type:
        yield BuildingBlock(meta.building_block_type)
    yield MostAlerts(meta.max_signals, usual=meta.max_signals == MOST_ALERTS)
    if meta.note or meta.setup:
        yield Guide(bool(meta.note), bool(meta.setup))
    if meta.timeline_id or meta.timeline_title:
        yield Timeline(meta.timeline_title or meta.timeline_id)
    if meta.investigation_fields:
        yield Shown(tuple(dict.fromkeys(meta.investigation_fields)))
    actions = tuple(key for key, value in meta.exported if key in _ACTIONS and value not in ("[]", "null", '""'))
    if actions:
        yield Actions(actions)
    if fact := retired(meta):
        yield fact


def suppressed(meta: Metadata) -> Suppressed | None:
    """How alerts are suppressed, None if each of them stays."""
    found = meta.alert_suppression
    if found is None:
        return None
    return Suppressed(found.group_by, found.duration_ms, found.missing_fields_strategy == "suppress")


def severity_mappings(meta: Metadata) -> tuple[SeverityMapping, ...]:
    """By which values the severity changes; a mapping without one is the form's, not the rule's."""
    return tuple(m for m in meta.severity_mapping if m.value)


def retired(meta: Metadata) -> Retired | None:
    """That the rule is deprecated, None if it is in use."""
    deprecated = meta.maturity == "deprecated" or meta.deprecation_date
    return Retired(meta.deprecation_date, meta.deprecated_reason) if deprecated else None
