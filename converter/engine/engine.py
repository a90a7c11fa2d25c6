"""All rules in one plan, over events and over streams of them."""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from converter.diagnostics import Diagnostic, Severity
from converter.engine.matcher import SAMPLE, Matcher
from converter.engine.session import Alert, Lane, Queue, Session, read_timing, timing_of
from converter.engine.stateful.groups import NewTermsTracker, ThresholdTracker
from converter.engine.stateful.pipelines import PipelineTracker
from converter.engine.stateful.scheduled import ScheduledTracker
from converter.engine.stateful.sequences import SampleTracker, SequenceTracker
from converter.engine.stateful.shelf import Scratch, Shelf
from converter.engine.stateful.single import IndicatorTracker, RowTracker, keeps_rows_apart
from converter.engine.stateful.tracker import Tracker
from converter.model import rule as model
from converter.model.pipeline import Pipeline, Rows
from converter.model.predicate import Or, Predicate
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Opaque, Rule, Sample, Threshold
from converter.model.walk import fields
from converter.plan.window import plan_window
from converter.reference.detection import clock_of
from converter.reference.event import Event

LATENESS_MS = 10_000


class Engine:
    """Evaluates many rules at once.

    >>> engine = Engine(rules)                              # doctest: +SKIP
    >>> engine.match(event)                                 # doctest: +SKIP
    >>> for alert in engine.stream(events): ...             # doctest: +SKIP

    `match` says which rules a single event decides hold of it; `stream` gives the alerts of all rules. What holds is
    what `converter.reference` says; a rule that no meaning was read of stands in `refused` with its reasons.

    `indicators`: the documents of indicator rules. `now`: the moment of date math in ms, None = the clock.
    `lateness_ms`: how far out of order events of a stream may be. `as_scheduled`: the alerts that Elastic's schedule
    gives (each run over its window, without repetitions) instead of those of sliding windows.
    Threads may share `match`; each stream is one thread's.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        *,
        indicators: Sequence[Event] = (),
        now: int | None = None,
        lateness_ms: int = LATENESS_MS,
        as_scheduled: bool = False,
        sample: int = SAMPLE,
    ) -> None:
        self.now = now
        self.lateness_ms = lateness_ms
        self.as_scheduled = as_scheduled
        self._indicators = indicators
        self.refused: dict[str, tuple[Rule, tuple[Diagnostic, ...]]] = {}
        taken: list[Rule] = []
        for number, rule in enumerate(rules):
            errors = _errors(rule)
            if errors:
                self.refused[rule.meta.rule_id or f"{rule.meta.name} {number}"] = rule, errors
            else:
                taken.append(rule)
        self.rules = tuple(taken)
        self._plan(sample)

    def _plan(self, sample: int) -> None:
        numbers: dict[Predicate, int] = {}
        at_once: defaultdict[int, list[Rule]] = defaultdict(list)
        routes: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._stateful: list[Rule] = []
        for rule in self.rules:
            where = _single(rule)
            if where is not None:
                at_once[numbers.setdefault(where, len(numbers))].append(rule)
                continue
            for place, one in enumerate(self._tracker(rule).wheres):
                routes[numbers.setdefault(one, len(numbers))].append((len(self._stateful), place))
            self._stateful.append(rule)
        self.at_once = tuple(tuple(at_once[number]) for number in range(len(numbers)))
        self.routes = tuple(tuple(routes[number]) for number in range(len(numbers)))
        self.matcher = Matcher(tuple(numbers), sample)

    def _tracker(self, rule: Rule, scratch: Scratch | None = None) -> Tracker:
        detection, window = rule.detection, plan_window(rule.meta).length_ms
        if isinstance(detection, Pipeline) and not isinstance(detection.source, Rows):
            at_once = keeps_rows_apart(detection) and not self.as_scheduled
            return RowTracker(detection, self.now) if at_once else PipelineTracker(rule, detection, scratch)
        if self.as_scheduled:
            return ScheduledTracker(rule, self._indicators)
        match detection:
            case model.Sequence():
                return SequenceTracker(detection, window)
            case Sample():
                return SampleTracker(detection, window)
            case Threshold():
                return ThresholdTracker(detection, window)
            case NewTerms():
                return NewTermsTracker(detection)
            case IndicatorMatch():
                return IndicatorTracker(detection, self._indicators, self.now)
            case Pipeline():
                return ScheduledTracker(rule)
            case Match() | AnyOf() | Opaque():
                raise ValueError("a single event decides it")
            case _:
                assert_never(detection)

    @functools.cached_property
    def paths(self) -> frozenset[str]:
        """The paths that decide which events hit, and when they were: an event needs no others to be judged."""
        found = {field.path for where in self.matcher.wheres for field in fields(where)}
        for rule in self.rules:
            clock = clock_of(rule)
            found |= {clock.timestamp, clock.fallback, clock.order, clock.tiebreaker}
        return frozenset(found - {""})

    def match(self, event: Event) -> tuple[Rule, ...]:
        """The rules that hold of the event, of those that one event decides, in their order."""
        hits = self.matcher.match(event, self.now)
        return tuple([rule for hit in hits for rule in self.at_once[hit]]) if hits else ()

    def is_seen(self, rule: Rule, event: Event) -> bool:
        """Whether some run of the rule's schedule looks at the event's time; without a schedule every event is seen."""
        if not self.as_scheduled:
            return True
        plan = plan_window(rule.meta)
        time = clock_of(rule).time(event)
        if time is None:
            return False
        run = -(-(time + plan.to_ms) // plan.interval_ms) * plan.interval_ms
        return time >= run - plan.from_ms

    def session(self, shelf: Shelf | None = None) -> Session:
        """A run over a stream, event by event, which can be saved and resumed. `shelf`: where remembered events lie."""
        shelf = shelf or Shelf()
        lanes: list[Lane] = []
        queues: dict[tuple[tuple[str, ...], str], list[int]] = {}
        for place, rule in enumerate(self._stateful):
            tracker = self._tracker(rule, shelf.scratch)
            paths = timing_of(clock_of(rule), sequential=isinstance(tracker, SequenceTracker))
            queues.setdefault(paths, []).append(place)
            lanes.append(Lane(rule, tracker, list(queues).index(paths)))
        made = tuple(Queue(read_timing(*paths), tuple(places)) for paths, places in queues.items())
        return Session(self, tuple(lanes), made, shelf)

    def stream(self, events: Iterable[Event]) -> Iterator[Alert]:
        """The alerts of all rules over events, each when it is complete; memory does not grow with the stream."""
        session = self.session()
        for event in events:
            yield from session.push(event)
        yield from session.finish()

    def fingerprint(self) -> str:
        """What the rules and options come to, for a saved state: another fingerprint, another state."""
        said = repr([(rule.meta.rule_id, rule.meta.name, rule.meta.window, rule.detection) for rule in self.rules])
        said += repr((self.lateness_ms, self.as_scheduled))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _single(rule: Rule) -> Predicate | None:
    """The predicate of a rule that one event decides."""
    match rule.detection:
        case Match(where):
            return where
        case AnyOf(matches):
            return Or(tuple(one.where for one in matches))
        case _:
            return None


def _errors(rule: Rule) -> tuple[Diagnostic, ...]:
    """Why a rule cannot be evaluated."""
    found = [diagnostic for diagnostic in rule.notes if diagnostic.severity is Severity.ERROR]
    if isinstance(rule.detection, Opaque):
        found.append(rule.locate(rule.detection.diagnostic))
    return tuple(dict.fromkeys(found))
