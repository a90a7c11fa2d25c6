"""A target in one file: a rule as a sentence. `convert rule.toml --to examples/toy_target.py`.

What a target needs: a table of what it never says (`support`), one function from a bound rule to text (`emit`), and
the constant TARGET. Everything else (reading, binding to field names, statuses, files) is done by the converter.
"""

from __future__ import annotations

from converter.diagnostics import Diagnostic, Severity
from converter.languages.fragment import ATOM, Fragment, join
from converter.model.pattern import Case
from converter.model.pipeline import Pipeline
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
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
    Predicate,
    Present,
)
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Sample, Sequence, Threshold
from converter.target import Bound, Emission, Gap, Options, Refusal, Target
from converter.target.codes import T006

OR, AND, NOT = 10, 20, 30  # how tightly the words bind

WORDS = {
    Comparison.EQ: "is",
    Comparison.LT: "is below",
    Comparison.LE: "is at most",
    Comparison.GT: "is above",
    Comparison.GE: "is at least",
}

NOT_WRITTEN = Refusal(T006, Gap.NOT_YET, "this toy has no words for it")
SUPPORT = dict.fromkeys(
    (
        Between,
        Like,
        Matches,
        InNetwork,
        Phrase,
        Element,
        Holds,
        AnyOf,
        Sequence,
        Sample,
        Threshold,
        NewTerms,
        IndicatorMatch,
        Pipeline,
    ),
    NOT_WRITTEN,
)


def quoted(value: str) -> str:
    """A value can never end its own quotes or its line."""
    return "“" + value.encode("unicode_escape").decode() + "”"


def sentence(predicate: Predicate) -> Fragment:
    """A predicate in words; parentheses are `join`'s business."""
    match predicate:
        case And(terms):
            return join(" and ", AND, [sentence(t) for t in terms])
        case Or(terms):
            return join(" or ", OR, [sentence(t) for t in terms])
        case Not(term):
            return Fragment(f"not {sentence(term).within(NOT + 1)}", NOT)
        case Constant(value):
            return Fragment("always" if value else "never", ATOM)
        case Present(field):
            return Fragment(f"{field.path} has a value", ATOM)
        case Compare(field, comparison, value):
            return Fragment(f"{field.path} {WORDS[comparison]} {value}", ATOM)
        case OneOf(field, values, case):
            how = " in any case" if case is Case.INSENSITIVE else ""
            return Fragment(f"{field.path} is one of {', '.join(map(quoted, values))}{how}", ATOM)
        case Between() | Like() | Matches() | InNetwork() | Phrase() | Element() | Holds():
            raise AssertionError("refused by SUPPORT before emit is called")


def emit(bound: Bound, _options: Options) -> Emission:
    """The rule as one line of text."""
    detection = bound.rule.detection
    assert isinstance(detection, Match)  # noqa: S101 - all others are in SUPPORT
    note = Diagnostic(T006, "a sentence cannot be run", Severity.NOTE)
    return Emission(f"Alert when {sentence(detection.where).text}.\n", (note,))


TARGET = Target(name="toy", title="A sentence", suffix=".txt", emit=emit, support=SUPPORT, modes=("ecs",))
