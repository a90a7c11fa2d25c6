"""What SPL says of each node of the model."""

from __future__ import annotations

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
from converter.target import SUPPORTED, Gap, Partial, Support

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Present: SUPPORTED,
    Compare: SUPPORTED,
    Between: Partial(("T202",), Gap.NOT_YET, "inside one object of a nested array a field with several numbers"),
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: Partial(("T202",), Gap.NOT_YET, "inside one object of a nested array a field with several addresses"),
    Phrase: SUPPORTED,
    Element: Partial(("T202",), Gap.NOT_YET, "a nested array inside a nested array"),
    Holds: Partial(("T202",), Gap.PLATFORM, "scripts that eval has no functions for: orders of computed texts, dates"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: Partial(("T211",), Gap.NEVER, "steps that the binding left with different numbers of join keys"),
    Sample: Partial(("T211", "T212"), Gap.NOT_YET, "at most five steps, all of one place"),
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    IndicatorMatch: SUPPORTED,
}
"""Of every node also T201: a field name that no quotes can hold, and T228: a table's expression that cannot be read."""
