"""Which events make an alert: the reference meaning of a whole detection."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never, cast

from converter.fields import analysis
from converter.model import pattern, rule
from converter.model.pipeline import Pipeline, Type
from converter.model.predicate import Analyzer, Or, Predicate
from converter.model.recognition import comparable
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Threshold,
)
from converter.model.value import Field, Kind
from converter.plan.indicator import Compared, Comparison, plan_indicator
from converter.plan.sample import plan_sample
from converter.plan.sequence import plan_sequence
from converter.plan.window import EVENT_TIME, plan_order, plan_window
from converter.reference.event import Event, address_text, coerce, instant, network, raw_values, values
from converter.reference.predicate import matches
from converter.reference.sequence import Found, Ordinal, SequenceMatcher, ordinal
from converter.reference.text import has_phrase

if TYPE_CHECKING:
    from converter.reference.esql.value import Row

Values = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """The indexes of the events that form it, in order of time for sequences, and the values they share."""

    events: tuple[int, ...]
    key: Values = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """How the time of an event is read, and which part of time a run looks at.

    `window`: [from, to] in milliseconds, both included (rule R01); None = every event. Only new terms need one.
    `now` is the moment of date math. An event without `timestamp` is taken by `fallback` ("" = not at all).
    Sequences are ordered by `order` and `tiebreaker`, whatever the window looks at.
    """

    window: tuple[int, int] | None = None
    now: int | None = None
    timestamp: str = EVENT_TIME
    fallback: str = EVENT_TIME
    order: str = EVENT_TIME
    tiebreaker: str = ""

    def time(self, event: Event) -> int | None:
        """The event's time in milliseconds, as the window sees it."""
        ms = _moment(event, self.timestamp)
        return _moment(event, self.fallback) if ms is None and self.fallback else ms

    def ordinal(self, event: Event) -> Ordinal | None:
        """The event's place in a sequence; an event without time has none."""
        ms = _moment(event, self.order)
        if ms is None:
            return None
        ties = (raw for raw in raw_values(event, self.tiebreaker)) if self.tiebreaker else iter(())
        return ordinal(ms, cast("float | str | None", next(ties, None)))

    def holds(self, event: Event) -> bool:
        """Whether the event lies in the window."""
        if self.window is None:
            return True
        ms = self.time(event)
        return ms is not None and self.window[0] <= ms <= self.window[1]


def _moment(event: Event, path: str) -> int | None:
    """The first date at a path."""
    return next((ms for raw in raw_values(event, path) if (ms := instant(raw)) is not None), None)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over all events; `inside` are the numbered events of the window."""

    events: Sequence[Event]
    clock: Clock
    indicators: Sequence[Event]
    inside: tuple[tuple[int, Event], ...] = field(default=())

    def matching(self, where: Predicate) -> list[tuple[int, Event]]:
        return [(i, event) for i, event in self.inside if matches(where, event, self.clock.now)]


def alerts(
    detection: Detection,
    events: Sequence[Event],
    window: tuple[int, int] | None = None,
    clock: Clock | None = None,
    indicators: Sequence[Event] = (),
) -> list[Alert]:
    """The alerts of one run over `events`, those of `window` (milliseconds) if it is given.

    `clock` says how time is read; its window is used if `window` is None. New terms need one: its start divides what
    is new from the history.
    """
    clock = clock or Clock()
    if window is not None:
        clock = dataclasses.replace(clock, window=window)
    run = _Run(events, clock, indicators, tuple((i, e) for i, e in enumerate(events) if clock.holds(e)))
    match detection:
        case Match(where=where):
            return [Alert((i,)) for i, _ in run.matching(where)]
        case AnyOf(matches=arms):
            return [Alert((i,)) for i, _ in run.matching(Or(tuple(arm.where for arm in arms)))]
        case rule.Sequence():
            return _sequences(detection, run)
        case Sample():
            return _samples(detection, run)
        case Threshold():
            return _groups(detection, run)
        case NewTerms():
            return _new_terms(detection, run)
        case IndicatorMatch():
            return _indicator_matches(detection, run)
        case Pipeline():
            return _pipeline(detection, run)
        case Opaque():
            return []
        case _:
            assert_never(detection)


def _pipeline(detection: Pipeline, run: _Run) -> list[Alert]:
    """A row of the result is an alert; the key of one that sums up events are its columns of one value each."""
    from converter.reference.esql.run import metadata  # a large room, which few rules need
    from converter.reference.esql.run import run as run_pipeline
    from converter.reference.esql.value import EVENT, ORIGIN

    now = int(time.time() * 1000) if run.clock.now is None else run.clock.now
    rows = ({EVENT: event, ORIGIN: frozenset({i})} | metadata(detection, event, i) for i, event in run.inside)
    return [alert_of(detection, row) for row in run_pipeline(detection, rows, now)]


def alert_of(detection: Pipeline, row: Row) -> Alert:
    """A row of the result as an alert."""
    from converter.reference.esql.value import ORIGIN  # as above

    key = tuple(_shown(row.get(column.name), column.type) for column in comparable(detection))
    return Alert(tuple(sorted(row[ORIGIN])), key)


def _shown(value: object, kind: Type) -> Hashable:
    """A value as keys are compared: addresses as text."""
    if isinstance(value, int) and kind is Type.IP:
        return address_text(value)
    return tuple(value) if isinstance(value, list) else value


def evaluate(
    rule: Rule, events: Sequence[Event], now: int | None = None, indicators: Sequence[Event] = ()
) -> list[bool]:
    """For each event, whether it belongs to an alert of `rule` run at `now` (milliseconds).

    Without `now` every event counts as inside the rule's window, but for new terms, which run at the moment of the
    newest event.
    """
    found = alerts(rule.detection, events, clock=clock_of(rule, events, now), indicators=indicators)
    members = {i for alert in found for i in alert.events}
    return [i in members for i in range(len(events))]


def clock_of(rule: Rule, events: Sequence[Event] = (), now: int | None = None) -> Clock:
    """The clock of a rule: its timestamp override with fallback, its tiebreaker and its window at `now`."""
    window, order = plan_window(rule.meta), plan_order(rule.meta)
    clock = Clock(
        window=None,
        now=now,
        timestamp=window.field,
        fallback=EVENT_TIME if window.fallback else "",
        order=order.field,
        tiebreaker=order.tiebreaker,
    )
    if now is None and isinstance(rule.detection, NewTerms):
        now = max((ms for event in events if (ms := clock.time(event)) is not None), default=0)
    span = None if now is None else (now - window.from_ms, now - window.to_ms)
    return dataclasses.replace(clock, window=span, now=now)


def key_values(field: Field, event: Event) -> Values:
    """The values of a field as keys are compared and shown: addresses as text, no value twice."""
    found = values(event, field)
    shown = (address_text(cast("int", v)) for v in found) if field.kind is Kind.IP else found
    return tuple(dict.fromkeys(shown))


def combinations(fields: Iterable[Field], event: Event) -> Iterator[Values]:
    """Every combination of one value a field; none if a field is missing."""
    return itertools.product(*(key_values(f, event) for f in fields))


def join_keys(by: tuple[Key, ...], event: Event) -> tuple[Values, ...]:
    """The join keys of an event: a missing field is null if its key is optional, else there is none (rule E17)."""
    choices = [key_values(key.field, event) or ((None,) if key.optional else ()) for key in by]
    return tuple(itertools.product(*choices))


class SequenceStream:
    """A model sequence over a stream of events in order; items are whatever the caller numbers events with."""

    def __init__(self, sequence: rule.Sequence, clock: Clock) -> None:
        self._plan = plan_sequence(sequence)
        self._clock = clock
        self.matcher: SequenceMatcher[int] = SequenceMatcher(self._plan.shape, self._plan.maxspan_ms)

    def push(self, number: int, event: Event) -> list[Found[int]]:
        """The sequences that the event completes; an event without time takes no part."""
        at = self._clock.ordinal(event)
        if at is None:
            return []
        hits: dict[int, tuple[Values, ...]] = {}
        for branch in self._plan.branches:
            if matches(branch.where, event, self._clock.now):
                hits |= dict.fromkeys(branch.stages, join_keys(branch.by, event))
        return self.matcher.push(number, at, hits)

    def flush(self) -> list[Found[int]]:
        """The sequences that waited for the end of the stream."""
        return self.matcher.flush()


def _sequences(detection: rule.Sequence, run: _Run) -> list[Alert]:
    stream = SequenceStream(detection, run.clock)
    placed = [(at, i, event) for i, event in run.inside if (at := run.clock.ordinal(event)) is not None]
    found: list[Found[int]] = []
    for _, i, event in sorted(placed, key=lambda one: (one[0], one[1])):
        found += stream.push(i, event)
    found += stream.flush()
    return [Alert(one.items, one.key) for one in found]


def _samples(detection: Sample, run: _Run) -> list[Alert]:
    """One alert a key: a different event for each stage, the first ones that do (rule E21)."""
    plan = plan_sample(detection)
    members: list[dict[Values, list[int]]] = []
    for branch in plan.branches:
        groups: dict[Values, list[int]] = {}
        for i, event in run.matching(branch.where):
            for key in join_keys(branch.by, event):
                groups.setdefault(key, []).append(i)
        members.append(groups)
    feeds = [i for i, _ in sorted(((i, n) for i, b in enumerate(plan.branches) for n in b.stages), key=lambda f: f[1])]
    out = []
    for key in members[feeds[0]]:
        # Of each branch as many events as there are stages are enough to find a different one for each.
        chosen = different([members[feed].get(key, [])[: plan.stages] for feed in feeds])
        if chosen is not None:
            out.append(Alert(chosen, key))
    return out


def different(choices: Sequence[Sequence[int]]) -> tuple[int, ...] | None:
    """One member of each choice, all different, the first such selection in the order of the choices."""
    if not _can_differ(choices):
        return None
    chosen: list[int] = []
    for place, choice in enumerate(choices):
        rest = choices[place + 1 :]
        chosen.append(
            next(
                one
                for one in choice
                if one not in chosen and _can_differ([[m for m in c if m not in {*chosen, one}] for c in rest])
            )
        )
    return tuple(chosen)


def _can_differ(choices: Sequence[Sequence[int]]) -> bool:
    """Whether different members can be taken: each choice in turn takes one, and may push another on to its next."""
    owner: dict[int, int] = {}

    def place(number: int, tried: set[int]) -> bool:
        for one in choices[number]:
            if one not in tried:
                tried.add(one)
                if one not in owner or place(owner[one], tried):
                    owner[one] = number
                    return True
        return False

    return all(place(number, set()) for number in range(len(choices)))


def _groups(detection: Threshold, run: _Run) -> list[Alert]:
    """Rules R02 to R04: an event counts once in every combination of its group values."""
    groups: dict[Values, list[int]] = {}
    for i, event in run.matching(detection.where):
        for key in combinations(detection.group_by, event):
            groups.setdefault(key, []).append(i)
    return [
        Alert(tuple(members), key)
        for key, members in groups.items()
        if len(members) >= detection.at_least and _has_distinct(detection, members, run)
    ]


def _has_distinct(detection: Threshold, members: list[int], run: _Run) -> bool:
    distinct = detection.distinct
    if distinct is None:
        return True
    return len({v for i in members for v in key_values(distinct.field, run.events[i])}) >= distinct.at_least


def _new_terms(detection: NewTerms, run: _Run) -> list[Alert]:
    """Rule R05: the first event of each combination that is first seen after the window's start."""
    if run.clock.window is None:
        raise ValueError("new terms need a window")
    start, end = run.clock.window
    now = end if run.clock.now is None else run.clock.now
    first: dict[Values, tuple[int, int]] = {}
    for i, event in enumerate(run.events):
        ms = run.clock.time(event)
        if ms is None or not now - detection.history_ms <= ms <= end or not matches(detection.where, event, now):
            continue
        for key in combinations(detection.fields, event):
            first[key] = min(first.get(key, (ms, i)), (ms, i))
    return [Alert((i,), key) for key, (ms, i) in first.items() if ms > start]


def _indicator_matches(detection: IndicatorMatch, run: _Run) -> list[Alert]:
    """Rule R06: some look-up finds one document that meets all its comparisons."""
    plan = plan_indicator(detection)
    documents = [d for d in run.indicators if matches(plan.indicators, d, run.clock.now)]
    return [
        Alert((i,))
        for i, event in run.matching(plan.where)
        if any(
            all(meets(event, one, document) for one in lookup.comparisons)
            for lookup in plan.lookups
            for document in documents
        )
    ]


def meets(event: Event, comparison: Comparison, document: Event) -> bool:
    """Equality is what a term or match query makes of the indicator's only value."""
    wanted = tuple(raw_values(document, comparison.indicator.path))
    if len(wanted) != 1:
        return False
    field, found = comparison.field, values(event, comparison.field)
    match comparison.compared:
        case Compared.TEXT | Compared.NUMBER | Compared.TRUTH | Compared.MOMENT:
            return coerce(wanted[0], field.kind) in found
        case Compared.ADDRESS:
            addresses = network(wanted[0]) if isinstance(wanted[0], str) else None
            return addresses is not None and any(bits in addresses for bits in found)
        case Compared.WORDS:
            words = analysis.tokens(str(wanted[0]), Analyzer.STANDARD)
            texts = [analysis.tokens(str(v), Analyzer.STANDARD) for v in found]
            return any(has_phrase(text, (pattern.of(word),)) for text in texts for word in words)
        case _:
            assert_never(comparison.compared)
