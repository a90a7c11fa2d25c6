"""Pipelines bound to a place: the first filter as any predicate, the fields of the stages as keys are.

Where the place has no counterpart of a field that only fills the alert, the columns made of it are left out.
"""

from __future__ import annotations

from dataclasses import replace

from converter.datasets.choice.attempt import Attempt, Choice, attempt
from converter.datasets.codes import M013
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q043
from converter.model.pipeline import Documents, Pipeline
from converter.model.predicate import Predicate
from converter.model.recognition import single_valued
from converter.model.reduction import NeededError, rebound, without
from converter.model.references import stored_fields
from converter.model.rule import Rule
from converter.model.value import Field
from converter.model.walk import fields
from converter.target.narrowing import left_out, said_of

_TIME = "@timestamp"


def bound_pipeline(rule: Rule, pipeline: Pipeline, choice: Choice) -> tuple[Pipeline, Attempt] | None:
    """The pipeline in the fields of the place that serves it best, and how well that goes; None if no table does."""
    plain = single_valued(pipeline)
    if isinstance(plain.source, Documents) and plain.source.metadata:
        plain = replace(plain, source=Documents(plain.source.indices))
    shown = (c.field for c in plain.columns if c.field is not None)
    read = tuple(f for f in dict.fromkeys((*stored_fields(plain), *shown)) if f.path != _TIME)
    needed = tuple(f for f in read if _needed(plain, f))
    attempts = [
        attempt(option, plain.where, choice.unmapped, needed) for option in choice.options(rule.meta, plain.where)
    ]
    best = min(attempts, key=lambda a: a.score, default=None)
    if best is None:
        return None
    found = {f.path: k for f, k in zip(needed, best.keys, strict=True) if k is not None}
    found |= {f.path: k for f in read if f not in needed and (k := _counterpart(best, f)) is not None}
    lost = [f.path for f in read if f.path not in found]
    try:
        reduced = without(plain, lost)
        unbound = []
    except NeededError:
        reduced = plain
        unbound = [] if best.refused else [_unbound(lost)]
    said = [
        *best.diagnostics,
        *unbound,
        *said_of(left_out(plain, reduced), "have no counterpart here"),
        *_several(pipeline, plain, best.where),
    ]
    done = replace(rebound(reduced, found), where=best.where)
    return done, replace(best, diagnostics=tuple(dict.fromkeys(said)))


def _unbound(lost: list[str]) -> Diagnostic:
    """Why there is no artifact: the stages read fields that the place has in other words, or not at all."""
    message = f"commands read fields that have no counterpart of the same values here: {', '.join(lost)}"
    return Diagnostic(M013, message, hint="use --fields ecs if your events keep Elastic's names")


def _needed(pipeline: Pipeline, field: Field) -> bool:
    try:
        without(pipeline, [field.path])
    except NeededError:
        return True
    return False


def _counterpart(best: Attempt, field: Field) -> Field | None:
    """The field as the place has it, without change of its values."""
    found = best.site.find(field.path)
    if found is None or not found[1].to or found[1].values:
        return None
    return best.site.target(field, found[1], found[2])


def _several(before: Pipeline, after: Pipeline, where: Predicate) -> list[Diagnostic]:
    """What is said where comparisons of fields with several values lost their guard."""
    guarded = len(before.stages) > len(after.stages)
    if not guarded or not any(f.many for f in fields(where)):
        return []
    message = "where a field holds several values, ES|QL's comparisons never hold and those of the artifact may"
    return [Diagnostic(Q043, message, Severity.WARNING)]
