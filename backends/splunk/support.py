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
from converter.target import SUPPORTED, Support

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Element: SUPPORTED,
    Present: SUPPORTED,
    Compare: SUPPORTED,
    Between: SUPPORTED,
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: SUPPORTED,
    Holds: SUPPORTED,
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: SUPPORTED,
    Sample: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    IndicatorMatch: SUPPORTED,
}
