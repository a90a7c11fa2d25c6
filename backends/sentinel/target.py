"""The target: a bound rule to a Kusto query or an analytics rule."""

from __future__ import annotations

from typing import assert_never

from backends.sentinel import finding, query
from backends.sentinel.scope import Names
from converter.model.rule import (
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.target import Bound, Emission, Notebook, Options, Target


def _detection(detection: Detection, bound: Bound, notes: Notebook) -> list[str]:
    match detection:
        case Match(where):
            names = Names(bound.binding.columns)
            operators, hits = query.filtered(where, names, notes)
            return [query.table(bound.binding), *operators, *query.project_away(hits)]
        case Opaque(_, diagnostic):
            notes.add(diagnostic)
            return []
        case Threshold() | NewTerms() | Sequence() | Sample() | IndicatorMatch():
            notes.add(finding.error("T310", "this kind of rule is not written for Kusto yet"))
            return []
        case _:
            assert_never(detection)


def emit(bound: Bound, options: Options) -> Emission:
    """The artifact of a rule in the format asked for."""
    del options
    notes = Notebook()
    lines = _detection(bound.rule.detection, bound, notes)
    if notes.refused:
        return Emission("", notes.diagnostics)
    return Emission("\n".join(lines) + "\n", notes.diagnostics)


TARGET = Target(
    name="sentinel",
    title="Microsoft Sentinel (Kusto)",
    suffix=".kusto",
    emit=emit,
    formats={
        "query": "the query",
        "yaml": "an analytics rule of the Azure-Sentinel repository",
        "arm": "an ARM template",
    },
)
