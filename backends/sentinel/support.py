"""What this target says of each node of the model."""

from __future__ import annotations

from backends.sentinel.codes import T311, T312, T335, T351, T352, T363
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
from converter.target.codes import T006
from converter.target.support import SUPPORTED, Gap, Partial, Support

_PLAIN = (And, Or, Not, Constant, Present, Compare, Between, OneOf, Like, Matches, InNetwork, Element)

SUPPORT: Support = {
    **dict.fromkeys(_PLAIN, SUPPORTED),
    Phrase: Partial(
        (T312,), Gap.PLATFORM, "a wildcard inside a phrase of analysed text stands for no regular class of characters"
    ),
    Holds: Partial(
        (T311,),
        Gap.PLATFORM,
        "a script that reads hexadecimal numbers, orders truths, or computes a pattern, network or border",
    ),
    Match: SUPPORTED,
    Pipeline: Partial((T006,), Gap.NOT_YET, "functions and commands without an exact form, which the message names"),
    AnyOf: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: Partial((T335,), Gap.PLATFORM, "an analytics rule looks back 14 days; the query alone is not bounded"),
    Sequence: Partial((T352,), Gap.NEVER, "steps that join by different numbers of fields"),
    Sample: Partial(
        (T351,), Gap.NOT_YET, "steps that join by different fields, stand in different tables, or are more than five"
    ),
    IndicatorMatch: Partial(
        (T363,), Gap.PLATFORM, "pairs of analysed text, several pairs at once, or an observable that is not kept"
    ),
}
