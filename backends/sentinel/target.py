"""The target: a bound rule to a Kusto query or an analytics rule."""

from __future__ import annotations

from typing import assert_never

from backends.sentinel import query
from backends.sentinel.newterms import new_terms
from backends.sentinel.sample import sample
from backends.sentinel.scope import Names
from backends.sentinel.sequence import sequence
from backends.sentinel.threat import indicator_match
from backends.sentinel.threshold import threshold
from converter.model.rule import (
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.target import Bound, Emission, Notebook, Options, Target


def detection_lines(bound: Bound, notes: Notebook) -> list[str]:
    """The query of the detection, an operator a line."""
    detection, binding, meta = bound.rule.detection, bound.binding, bound.rule.meta
    match detection:
        case Match(where):
            names = Names(binding.columns)
            operators, hits = query.filtered(where, names, notes)
            return [query.table(binding), *operators, *query.project_away(hits)]
        case Threshold():
            return threshold(detection, binding, notes)
        case NewTerms():
            return new_terms(detection, binding, (meta.window.from_ms, meta.window.to_ms), notes)
        case Sequence():
            return sequence(detection, bound.bindings, meta.tiebreaker_field, notes)
        case Sample():
            return sample(detection, bound.bindings, notes)
        case IndicatorMatch():
            return indicator_match(detection, binding, notes)
        case Opaque(_, diagnostic):
            notes.add(diagnostic)
            return []
        case _:
            assert_never(detection)


def emit(bound: Bound, options: Options) -> Emission:
    """The artifact of a rule in the format asked for."""
    del options
    notes = Notebook()
    lines = detection_lines(bound, notes)
    if notes.refused:
        return Emission("", notes.diagnostics)
    return Emission("\n".join(lines) + "\n", notes.diagnostics)


TARGET = Target(
    name="sentinel",
    title="Microsoft Sentinel (Kusto)",
    suffix=".kusto",
    heading="// {}",
    suffixes={"yaml": ".yaml", "arm": ".json"},
    emit=emit,
    formats={
        "query": "the query",
        "yaml": "an analytics rule of the Azure-Sentinel repository",
        "arm": "an ARM template",
    },
)
