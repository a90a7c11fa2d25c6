"""Pipelines bound to a place: the first filter as any predicate, the fields of the stages as keys are.

Where the place has no counterpart of a field that only fills the alert, the columns made of it are left out.
"""

from __future__ import annotations

import functools

from converter.datasets.choice.asked import SEVERAL, Asked
from converter.datasets.choice.attempt import Attempt, Choice, attempt_all, best_of
from converter.datasets.choice.coverage import Tried
from converter.datasets.codes import M013
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.fields.ecs import described, lines_of_ecs
from converter.model.pipeline import Documents, InlineSummarise, Pipeline, Reference, Summarise
from converter.model.predicate import Predicate
from converter.model.recognition import single_valued
from converter.model.reduction import NeededError, rebound, without, without_column
from converter.model.references import stored_fields
from converter.model.rule import Rule
from converter.model.value import Field
from converter.model.walk import fields
from converter.target.narrowing import left_out, said_of

_TIME = "@timestamp"


def bound_pipeline(rule: Rule, pipeline: Pipeline, choice: Choice) -> tuple[Pipeline, Attempt, Tried] | None:
    """The pipeline in the fields of the place that serves it best, how well that goes, and what was tried.

    None if no table serves it.
    """
    wanted = _wanted(pipeline)
    plain, metadata, read, needed = wanted.plain, wanted.metadata, wanted.read, wanted.needed
    tries = attempt_all(choice.options(rule.meta, plain.where), plain.where, choice.unmapped, needed)
    best = best_of(tries)
    if best is None:
        return None
    found = {f.path: k for f, k in zip(needed, best.keys, strict=True) if k is not None}
    found |= {f.path: k for f in read if f not in needed and (k := _counterpart(best, f)) is not None}
    lost = [f.path for f in read if f.path not in found]
    asked = Asked(best.site, choice.unmapped, frozenset(lost))
    asking = asked.of(plain)
    try:
        reduced = without(asking, lost, metadata)
        unbound = []
    except NeededError:
        reduced = asking
        needed_too = [name for name in metadata if _needed(plain, metadata=name)]
        unbound = [] if best.refused else [_unbound([*lost, *needed_too])]
    said = [
        *best.diagnostics,
        *asked.findings,
        *wanted.merged,
        *unbound,
        *said_of(left_out(plain, reduced), "have no counterpart here"),
        *_several(pipeline, plain, best.where),
    ]
    done = replace(rebound(reduced, found), where=best.where)
    fates = (*best.fates, *asked.fates)
    return done, replace(best, diagnostics=tuple(dict.fromkeys(said)), fates=fates), Tried((tries,), (best,))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a pipeline wants of any place: without what no platform has, the fields it reads, and those it needs."""

    plain: Pipeline
    metadata: tuple[str, ...]
    merged: tuple[Diagnostic, ...]
    read: tuple[Field, ...]
    needed: tuple[Field, ...]


_found: dict[int, tuple[Pipeline, _Wanted]] = {}
"""What the pipelines asked for last want, by their ids: every target asks the same. They are kept, as their ids are."""
_MOST_FOUND = 16


def _wanted(pipeline: Pipeline) -> _Wanted:
    known = _found.get(id(pipeline))
    if known is not None:
        return known[1]
    plain = single_valued(pipeline)
    metadata: tuple[str, ...] = ()
    if isinstance(plain.source, Documents) and plain.source.metadata:
        metadata = tuple(column.name for column in plain.source.metadata)  # Elasticsearch's own: no platform has them
        plain = replace(plain, source=Documents(plain.source.indices))
    plain, merged = _across_streams(plain)
    shown = (c.field for c in plain.columns if c.field is not None)
    read = tuple(f for f in dict.fromkeys((*stored_fields(plain), *shown)) if f.path != _TIME)
    needed = tuple(f for f in read if _needed(plain, f.path))
    if len(_found) >= _MOST_FOUND:
        _found.clear()
    _found[id(pipeline)] = (pipeline, wanted := _Wanted(plain, metadata, tuple(merged), read, needed))
    return wanted


@functools.cache
def _of_streams() -> frozenset[str]:
    """The fields that hold one value in the whole of a data stream, by ECS's own types."""
    return frozenset(path for path, text in lines_of_ecs().items() if described(text)[0] == "constant_keyword")


def _across_streams(pipeline: Pipeline) -> tuple[Pipeline, list[Diagnostic]]:
    """The pipeline without keys that part Elastic's data streams, as far as others stay and no condition reads them."""
    said: list[Diagnostic] = []
    for position, stage in enumerate(pipeline.stages):
        if not isinstance(stage, Summarise | InlineSummarise):
            continue
        parting = [k for k in stage.keys if isinstance(k.expression, Reference) and _parts_streams(k.expression)]
        for key in parting if len(parting) < len(stage.keys) else ():
            try:
                pipeline = without_column(pipeline, position, key.column.name)
            except NeededError:
                continue
            message = f"{key.column.name} parts Elastic's data streams, which no platform has: their groups are one"
            said.append(Diagnostic(M013, message, Severity.WARNING))
    return pipeline, said


def _parts_streams(reference: Reference) -> bool:
    field = reference.column.field
    return field is not None and field.path in _of_streams()


def _unbound(lost: list[str]) -> Diagnostic:
    """Why there is no artifact: the stages read fields that the place has in other words, or not at all."""
    message = f"commands read fields that have no counterpart of the same values here: {', '.join(lost)}"
    return Diagnostic(M013, message, hint="use --fields ecs if your events keep Elastic's names")


def _needed(pipeline: Pipeline, *lost: str, metadata: str = "") -> bool:
    """Whether fields, or a metadata column, decide which alerts there are."""
    try:
        without(pipeline, lost, [metadata])
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
    return [SEVERAL]
