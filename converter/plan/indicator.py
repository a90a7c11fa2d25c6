"""Indicators as look-ups: an or of ands of comparisons, each by the kind of the event's field (rule R06)."""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from converter.deferred import dataclass
from converter.model.predicate import Predicate
from converter.model.rule import IndicatorMatch, Pair
from converter.model.value import Field, Kind


class Compared(Enum):
    """How an event's value and an indicator's are compared."""

    TEXT = "as whole texts, case included"
    ADDRESS = "as addresses; an indicator may be a network"
    WORDS = "any word of the indicator is a word of the text"
    NUMBER = "as numbers"
    TRUTH = "as true or false"
    MOMENT = "as moments"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The event's `field` against the only value of the indicator's `indicator`; `many`: any value of the event."""

    field: Field
    indicator: Field
    compared: Compared

    @property
    def many(self) -> bool:
        """Whether the event may have several values to try."""
        return self.field.many


@dataclass(frozen=True, slots=True)
class Lookup:
    """One indicator document meets all comparisons; it takes part only with exactly one value in each field."""

    comparisons: tuple[Comparison, ...]

    @property
    def single(self) -> bool:
        """Whether one value decides."""
        return len(self.comparisons) == 1


@dataclass(frozen=True, slots=True)
class IndicatorPlan:
    """An event for which `where` holds is an alert if some look-up finds one of the `indicators`' documents.

    `lookups` are as written, without those that another one implies.
    """

    where: Predicate
    indicators: Predicate
    index: tuple[str, ...]
    lookups: tuple[Lookup, ...]


def compared(kind: Kind) -> Compared:
    """How values of a kind of field are compared with an indicator's."""
    match kind:
        case Kind.KEYWORD:
            return Compared.TEXT
        case Kind.TEXT:
            return Compared.WORDS
        case Kind.IP:
            return Compared.ADDRESS
        case Kind.LONG | Kind.DOUBLE:
            return Compared.NUMBER
        case Kind.BOOLEAN:
            return Compared.TRUTH
        case Kind.DATE:
            return Compared.MOMENT
        case _:
            assert_never(kind)


def plan_indicator(detection: IndicatorMatch) -> IndicatorPlan:
    """The plan of an indicator match."""
    arms = tuple(dict.fromkeys(detection.any_of))
    sets = [frozenset(arm) for arm in arms]
    kept = [
        arm
        for i, arm in enumerate(arms)
        # An or of ands: an arm that asks all that another asks, and more, finds nothing that the other does not.
        if not any(other < sets[i] or (other == sets[i] and j < i) for j, other in enumerate(sets))
    ]
    lookups = tuple(Lookup(tuple(map(_comparison, dict.fromkeys(arm)))) for arm in kept)
    return IndicatorPlan(detection.where, detection.indicators, detection.indicator_index, lookups)


def _comparison(pair: Pair) -> Comparison:
    return Comparison(pair.field, pair.indicator, compared(pair.field.kind))
