"""A whole detection as a program: the statements, the query, and the columns that it returns."""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from typing import assert_never

from backends.sentinel.condition.names import Names
from backends.sentinel.condition.place import Place
from backends.sentinel.detection.listing import begun_once, with_lists
from backends.sentinel.detection.lookups import joined
from backends.sentinel.detection.shown import Shown
from backends.sentinel.detection.single import several, single
from converter.deferred import dataclass
from converter.forms import Ledger
from converter.languages.kusto import parse
from converter.languages.kusto.syntax import Expression, Let, Program, Query
from converter.model.pipeline import Pipeline
from converter.model.references import made_names
from converter.model.rule import (
    AnyOf,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.plan.window import WindowPlan
from converter.target.contract import Binding, Bound, Notebook


@dataclass(frozen=True, slots=True)
class Run:
    """When the query runs: its window in milliseconds before the run, and what an event must pass before all else."""

    from_ms: int
    to_ms: int
    only: tuple[Expression, ...] = ()
    bare: bool = False

    @classmethod
    def of(cls, window: WindowPlan, *, bare: bool) -> Run:
        """A run as the rule asks for it."""
        return cls(window.from_ms, window.to_ms, bare=bare)


@dataclass(frozen=True, slots=True)
class Detected:
    """The program and what its rows show."""

    program: Program
    columns: Shown


def detected(bound: Bound, run: Run, notes: Notebook, ledger: Ledger) -> Detected | None:
    """The program of the bound rule; None where the notes say why there is none."""
    names = Names((*(n for b in bound.bindings for n in (*b.columns, b.header.get("table", ""))), *_own(bound)))
    lookups = _lookups(bound.bindings, names)
    place = Place(names, notes, ledger, lookups={name: let.name for name, let in lookups.items()}, only=run.only)
    found = _detection(bound, run, place)
    if found is None:
        return None
    query, columns, lets = found
    if not lets:
        query, asked = joined(query, tuple(lookups.values()), names)
    else:
        asked = tuple(lookups.values())
    program = with_lists(Program(query, (*begun_once(asked, names), *lets)), names)
    return Detected(program, columns.stored if run.bare else columns)


def _own(bound: Bound) -> frozenset[str]:
    """The names of the columns that the rule makes itself."""
    detection = bound.rule.detection
    return made_names(detection) if isinstance(detection, Pipeline) else frozenset()


def _lookups(bindings: Sequence_[Binding], names: Names) -> dict[str, Let]:
    """Each look-up of the places once, by its query."""
    found: dict[str, Let] = {}
    for binding in bindings:
        for lookup in binding.lookups:
            if lookup.query not in found:
                found[lookup.query] = Let(names.fresh(lookup.name), parse.query(lookup.query))
    return found


_Found = tuple[Query, Shown, tuple[Let, ...]]


def _detection(bound: Bound, run: Run, place: Place) -> _Found | None:
    """The query of a detection. Each kind but the plainest comes with a room of its own, when a rule needs it."""
    detection, binding, meta, bare = bound.rule.detection, bound.binding, bound.rule.meta, run.bare
    match detection:
        case Match(where):
            return *single(where, binding, place, bare=bare), ()
        case AnyOf(matches):
            arms = [(m.where, placed) for m, placed in zip(matches, bound.bindings, strict=True)]
            return *several(arms, place, bare=bare), ()
        case Threshold():
            from backends.sentinel.detection.threshold import threshold
            from converter.plan.group import plan_group

            return *threshold(plan_group(detection, meta), binding, place, bare=bare), ()
        case NewTerms():
            from backends.sentinel.detection.newterms import new_terms
            from converter.plan.group import plan_new_terms

            return *new_terms(plan_new_terms(detection, meta), binding, (run.from_ms, run.to_ms), place, bare=bare), ()
        case Sequence():
            from backends.sentinel.detection.sequence import sequence

            return sequence(detection, bound.bindings, place, bare=bare)
        case Sample():
            from backends.sentinel.detection.sample import sample

            found = sample(detection, bound.bindings, place, bare=bare)
            return None if found is None else (*found, ())
        case IndicatorMatch():
            from backends.sentinel.detection.threat import indicator_match

            return indicator_match(detection, binding, place, bare=bare)
        case Pipeline():
            from backends.sentinel.detection.pipeline import pipeline

            return pipeline(detection, binding, place, bare=bare)
        case Opaque(_, diagnostic):
            place.notes.add(diagnostic)
            return None
        case _:
            assert_never(detection)
