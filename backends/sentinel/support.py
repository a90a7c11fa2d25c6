"""What this target says of each node of the model."""

from __future__ import annotations

from converter.model.pipeline import Pipeline
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Present,
)
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Sample, Sequence, Threshold
from converter.target.support import SUPPORTED, Gap, Partial, Support

_PLAIN = (And, Or, Not, Constant, Present, Compare, Between, OneOf, Like, Matches, InNetwork, Element)

SUPPORT: Support = {
    **dict.fromkeys(_PLAIN, SUPPORTED),
    Phrase: Partial(
        ("T312",), Gap.PLATFORM, "a wildcard inside a phrase of analysed text stands for no regular class of characters"
    ),
    Holds: Partial(
        ("T311",),
        Gap.PLATFORM,
        "a script that reads hexadecimal numbers, orders truths, or computes a pattern, network or border",
    ),
    Match: SUPPORTED,
    Pipeline: Partial(("T006",), Gap.NOT_YET, "functions and commands without an exact form, which the message names"),
    AnyOf: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    Sequence: SUPPORTED,
    Sample: SUPPORTED,
    IndicatorMatch: Partial(
        ("T363",), Gap.PLATFORM, "pairs of analysed text, several pairs at once, or an observable that is not kept"
    ),
}
"""Beside it: steps that a binding left with different numbers of keys (T352); samples of more than five steps, of
several tables, or joined by different fields (T351); in an analytics rule, a history or window beyond 14 days (T335)."""
