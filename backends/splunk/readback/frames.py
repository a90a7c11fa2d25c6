"""What a rule asks of several events, and how its search is read: frames of both in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from backends.splunk.readback.names import named
from converter.deferred import dataclass, replace
from converter.languages.spl.syntax import Pipeline
from converter.model.duration import DAY
from converter.model.predicate import Predicate
from converter.model.rule import Detection, IndicatorMatch, NewTerms, Sample
from converter.model.rule import Sequence as EqlSequence
from converter.plan.branch import Branch
from converter.plan.group import plan_new_terms
from converter.plan.indicator import plan_indicator
from converter.plan.sample import plan_sample
from converter.plan.sequence import plan_sequence
from converter.plan.window import Clock, WindowPlan
from converter.readers import frames
from converter.readers.frames import Chain, Frame, Keyed, with_all
from converter.readers.spl import Columns, several
from converter.readers.spl.lower import Place
from converter.readers.spl.several import Known, Window
from converter.target.contract import Binding, Bound


@dataclass(frozen=True, slots=True)
class Asked:
    """The frame of a rule, and what reads a search for a detection of its kind."""

    frame: Frame
    read: Callable[[Pipeline], Frame]


def wanted(
    detection: Detection, bound: Bound, columns: Callable[[Predicate], Columns], place: Callable[[Binding], Place]
) -> Asked | None:
    """The frame of a rule; None for a detection that has none here."""
    match detection:
        case NewTerms():
            plan = plan_new_terms(detection, bound.rule.meta)
            where = with_all(plan.where, plan.fields)
            here = columns(where), place(bound.binding)
            window = str(_window(plan.history_ms, plan.window))
            frame = frames.new_terms(where, (named(f).path for f in plan.fields), plan.history_ms, window)
            return Asked(frame, lambda search: several.new_terms(search, *here))
        case IndicatorMatch():
            looked = plan_indicator(detection)
            pairs = [[named(one.field).path for one in lookup.comparisons] for lookup in looked.lookups]
            held = [one.field for lookup in looked.lookups for one in lookup.comparisons]
            known = columns(with_all(looked.where, held)), place(bound.binding)
            frame = frames.looked_up(looked.where, None, pairs)
            return Asked(frame, lambda search: several.looked_up(search, *known))
        case EqlSequence():
            sequence = plan_sequence(detection, bound.bindings)
            gaps = {gap.after: gap.stages for gap in sequence.shape.gaps}
            chain = Chain(_staged(sequence.branches), sequence.shape.last, gaps, sequence.maxspan_ms)
            steps = _known(sequence.branches, columns, place)
            return Asked(frames.chain(chain), lambda search: several.sequence(search, steps))
        case Sample():
            planned = plan_sample(detection, bound.bindings)
            first = [branch.stages[0] for branch in planned.branches]
            demands = {frozenset(first[b] for b in one.branches): one.events for one in planned.demands}
            frame = frames.sample(_staged(planned.branches), planned.stages, demands)
            each = _known(planned.branches, columns, place)
            return Asked(frame, lambda search: several.sample(search, each))
        case _:
            return None


def _window(history_ms: int, window: WindowPlan) -> Window:
    """The time that a search about new terms has to look at."""
    if window.clock is not Clock.ARRIVAL:
        return Window(arrival=False, ends={"earliest": -history_ms, "latest": -window.to_ms}, since=window.from_ms)
    ends = {"_index_earliest": -history_ms, "earliest": -history_ms - window.lateness_ms, "latest": DAY}
    if window.to_ms:
        ends["_index_latest"] = -window.to_ms
    return Window(arrival=True, ends=ends, since=window.from_ms)


def _staged(branches: Iterable[Branch]) -> dict[int, Keyed]:
    """The stages of a sequence or sample; events without a key that has to be there are none of theirs."""
    found: dict[int, Keyed] = {}
    for one in branches:
        where = with_all(one.where, [key.field for key in one.by if not key.optional])
        keys = tuple(f"{'?' if key.optional else ''}{named(key.field).path}" for key in one.by)
        found |= dict.fromkeys(one.stages, Keyed(where, keys))
    return found


def _known(
    branches: Sequence[Branch], columns: Callable[[Predicate], Columns], place: Callable[[Binding], Place]
) -> Known:
    """What is known of the fields and the place of each stage."""
    places = [place(one.binding) for one in branches]
    found: dict[int, tuple[Columns, Place]] = {}
    for one, own in zip(branches, places, strict=True):
        where = with_all(one.where, [key.field for key in one.by])
        found |= dict.fromkeys(one.stages, (columns(where), apart(own, places)))
    return found


def apart(own: Place, places: Iterable[Place]) -> Place:
    """The place, with the terms of which none holds of its events."""
    others = dict.fromkeys(term for place in places for term in place.terms if term not in own.terms)
    return replace(own, others=tuple(others))
