"""What SPL says of each node of the model."""

from __future__ import annotations

from backends.splunk.codes import T202, T211, T212
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
from converter.target import SUPPORTED, Gap, Partial, Support
from converter.target.codes import T006

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Present: SUPPORTED,
    Compare: SUPPORTED,
    Between: SUPPORTED,
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: SUPPORTED,
    Element: Partial(
        (T202,), Gap.NOT_YET, "no nested array inside a nested array, nor several numbers in one of its objects"
    ),
    Holds: Partial((T202,), Gap.PLATFORM, "scripts that eval has no functions for: orders of computed texts, dates"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: Partial((T211,), Gap.NEVER, "steps that the binding left with different numbers of join keys"),
    Sample: Partial((T211, T212), Gap.NOT_YET, "at most five steps, all of one place"),
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    IndicatorMatch: SUPPORTED,
    Pipeline: Partial((T006,), Gap.NOT_YET, "functions and commands without an exact form, which the message names"),
}
"""Of every node also T201: a field name that no quotes can hold, and T228: a table's expression that cannot be read."""
