"""The Elastic target: a rule in kuery, EQL or ES|QL, as a rule file or as an export for Kibana; always read back."""

from __future__ import annotations

from typing import Final

from backends.elastic.codes import T501, T502
from backends.elastic.detection.written import written
from converter.diagnostics import Diagnostic
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
from converter.model.walk import leaves, predicates
from converter.rulefile.export import ndjson, toml
from converter.target import SUPPORTED, Gap, Partial, Support
from converter.target.contract import Bound, Emission, Options, Target
from converter.target.readback import Same

_NDJSON: Final = "ndjson"

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Element: SUPPORTED,
    Present: SUPPORTED,
    Compare: Partial((T501,), Gap.PLATFORM, "an order that the field's kind has"),
    Between: Partial((T501,), Gap.PLATFORM, "an order that the field's kind has"),
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: Partial((T501,), Gap.PLATFORM, "several words, or one with wildcards"),
    Holds: Partial((T501,), Gap.PLATFORM, "EQL's functions, without an operator between two fields"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: Partial((T502,), Gap.PLATFORM, "every step has the same number of keys"),
    Sample: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    Pipeline: SUPPORTED,
    IndicatorMatch: SUPPORTED,
}
"""Elastic's own meaning in Elastic's own languages; a rule that needs two of them at once is refused."""


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as text of the format."""
    meta = written(bound.rule)
    if isinstance(meta, Diagnostic):
        return Emission("", (meta,))
    text = ndjson((meta,), (), ()) if options.format == _NDJSON else toml(meta)
    said = frozenset(leaf for where in predicates(bound.rule.detection) for leaf in leaves(where))
    return Emission(text, (), (), said)


TARGET = Target(
    name="elastic",
    title="Elastic Security rules: kuery, EQL or ES|QL",
    suffix=".elastic.toml",
    emit=emit,
    support=SUPPORT,
    modes=("ecs",),
    judges=("elastic", "osmem"),
    formats={"toml": "a rule file as in Elastic's repository", _NDJSON: "an export to import into Kibana"},
    raised=lambda _bound, _emission: Same(),
    suffixes={_NDJSON: ".elastic.ndjson"},
)
