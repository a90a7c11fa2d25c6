"""What a rule asks of several events, and how its query is read: frames of both in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from backends.sentinel.condition.column import column
from backends.sentinel.detection import source
from backends.sentinel.readback.names import apart, keys_asked, names, place
from converter.deferred import dataclass
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import Program
from converter.model.rule import Detection, IndicatorMatch, NewTerms, Sample, Sequence
from converter.model.value import Field
from converter.plan.branch import Branch
from converter.plan.group import plan_new_terms
from converter.plan.indicator import plan_indicator
from converter.plan.sample import plan_sample
from converter.plan.sequence import plan_sequence
from converter.readers import frames
from converter.readers.frames import Chain, Frame, Keyed, with_all
from converter.readers.kusto import several
from converter.target.contract import Binding, Bound

_INDICATORS = "indicators"


@dataclass(frozen=True, slots=True)
class Asked:
    """The frame of a rule, the place of each of its conditions, and what reads a query for one of its kind."""

    frame: Frame
    places: tuple[Binding, ...]
    read: Callable[[Program], Frame]


def wanted(detection: Detection, bound: Bound) -> Asked | None:
    """The frame of a rule; None for a detection that has none here."""
    binding = bound.binding
    match detection:
        case NewTerms():
            plan = plan_new_terms(detection, bound.rule.meta)
            here, window = names(binding), plan.window
            where = with_all(plan.where, keys_asked(plan.fields))
            said = f"until {window.to_ms}, new since {window.from_ms}"
            frame = frames.new_terms(where, (here.of(f).path for f in plan.fields), plan.history_ms, said)
            time = source.time(binding)
            return Asked(frame, (binding,), lambda query: several.new_terms(query, time, place(binding)))
        case IndicatorMatch():
            looked = plan_indicator(detection)
            pairs = [
                [f"{_compared(c.field)} = {_only(c.indicator)}" for c in lookup.comparisons]
                for lookup in looked.lookups
            ]
            frame = frames.looked_up(looked.where, looked.indicators, pairs)
            both = (binding, Binding())
            return Asked(frame, both, lambda query: several.looked_up(query, _INDICATORS, place(binding)))
        case Sequence():
            sequence = plan_sequence(detection, bound.bindings)
            gaps = {gap.after: gap.stages for gap in sequence.shape.gaps}
            stages = _staged(sequence.branches)
            chain = Chain(stages, sequence.shape.last, gaps, sequence.maxspan_ms)
            bindings = {stage: one.binding for one in sequence.branches for stage in one.stages}
            known = {n: apart(place(one), map(place, bindings.values())) for n, one in bindings.items()}
            each = tuple(bindings[number] for number in frames.numbers(chain))
            return Asked(frames.chain(chain), each, lambda query: several.sequence(query, known))
        case Sample():
            planned = plan_sample(detection, bound.bindings)
            positions = {frozenset(b + 1 for b in one.branches): one.events for one in planned.demands}
            by_branch = dict(enumerate(planned.branches, 1))
            staged = {n: _keyed(one) for n, one in by_branch.items()}
            frame = frames.sample(staged, len(staged), positions)
            alike = (binding,) * len(staged)
            return Asked(frame, alike, lambda query: several.sample(query, place(binding)))
        case _:
            return None


def _staged(branches: Iterable[Branch]) -> dict[int, Keyed]:
    return {stage: keyed for one in branches for keyed in (_keyed(one),) for stage in one.stages}


def _keyed(one: Branch) -> Keyed:
    """The events of a branch; one without a key that has to be there is none of them."""
    here = names(one.binding)
    where = with_all(one.where, keys_asked(key.field for key in one.by if not key.optional))
    return Keyed(where, tuple(here.of(key.field).path for key in one.by))


def _compared(field: Field) -> str:
    """A field of the event by the text that is looked up; one of several values by all of them."""
    found = column(field)
    return flat(found.expression if found.many else found.value().as_text())


def _only(indicator: Field) -> str:
    """The only value of an indicator's field, by its text."""
    found = column(indicator)
    if not found.many:
        return flat(found.value().as_text())
    values = flat(found.expression)
    alone = f"isnull(array_length({values})), tostring({values})"
    return f'case({alone}, array_length({values}) == 1, tostring({values}[0]), "")'
