"""Pipelines that say no more than a filter of events, or a count of them."""

from __future__ import annotations

from converter.deferred import replace
from converter.model.operation import Aggregator, Operation
from converter.model.pipeline import (
    Aggregation,
    Apply,
    Column,
    Compute,
    Constant,
    Drop,
    Expression,
    Filter,
    Keep,
    Pipeline,
    Reference,
    Rename,
    Rows,
    Sort,
    Stage,
    Summarise,
    Type,
    is_many,
)
from converter.model.predicate import And, Not, Predicate
from converter.model.rule import Distinct, Match, Threshold
from converter.model.value import Field
from converter.model.walk import leaves


def single_valued(pipeline: Pipeline) -> Pipeline:
    """The pipeline as it is where each field that its first filters compare has one value at most."""
    kept = tuple(s for s in pipeline.stages if not (isinstance(s, Filter) and s.guard))
    return replace(pipeline, stages=kept)


def sums_up(pipeline: Pipeline) -> bool:
    """Whether rows of the result are made of several events."""
    return any(isinstance(stage, Summarise) for stage in pipeline.stages)


def comparable(pipeline: Pipeline) -> tuple[Column, ...]:
    """The columns that a result of groups is told apart by: those that hold one value, in their order.

    Which of several addresses MV_FIRST and MV_LAST show nobody promises: what VALUES makes has no order (rule Q41).
    """
    free = {
        n.column.name for s in pipeline.stages if isinstance(s, Compute) for n in s.columns if _is_any(n.expression)
    }
    return tuple(c for c in pipeline.columns if not c.many and c.name not in free) if sums_up(pipeline) else ()


def _is_any(node: Expression) -> bool:
    """Whether this is one of several addresses, whichever comes first."""
    if not isinstance(node, Apply) or node.type is not Type.IP:
        return False
    return node.operation in (Operation.MV_FIRST, Operation.MV_LAST) and is_many(node.arguments[0])


# ---- single events ----


def as_match(pipeline: Pipeline) -> tuple[Match | None, tuple[str, ...]]:
    """The pipeline as a filter of single events, and the columns that it makes beside; None if it is more."""
    if isinstance(pipeline.source, Rows) or any(not _presents(stage) for stage in pipeline.stages):
        return None, ()
    return Match(pipeline.where), _made(pipeline.stages)


def _presents(stage: Stage) -> bool:
    return isinstance(stage, Compute | Keep | Drop | Rename | Sort)


def _made(stages: tuple[Stage, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.column.name for s in stages if isinstance(s, Compute) for n in s.columns))


# ---- counts ----


def as_threshold(pipeline: Pipeline) -> tuple[Threshold | None, tuple[str, ...]]:
    """The pipeline as a count of events by keys with a least number; None if it is anything else.

    Null is a group of ES|QL's and of no threshold: the filter must ask for each key.
    """
    stages = list(pipeline.stages)
    while stages and isinstance(stages[0], Keep | Drop | Sort):
        stages.pop(0)
    if not stages or not isinstance(stages[0], Summarise):
        return None, ()
    summary, rest = stages[0], stages[1:]
    filters = [s for s in rest if isinstance(s, Filter)]
    if len(filters) != 1 or any(not isinstance(s, Filter) and not _presents(s) for s in rest):
        return None, ()
    if any(isinstance(s, Compute) for s in rest[: rest.index(filters[0])]):
        return None, ()
    keys = [_stored(key.expression) for key in summary.keys]
    present = _present_fields(pipeline.where)
    groups = tuple(k for k in keys if k is not None and k.path in present)
    if len(groups) < len(keys) or not groups:
        return None, ()
    counted = {a.column.name: a.aggregation for a in summary.aggregates}
    bounds = _bounds(filters[0].where, counted)
    if bounds is None:
        return None, ()
    at_least, distinct, read_ = bounds
    dropped = tuple(name for name in counted if name not in read_) + _made(tuple(rest))
    return Threshold(pipeline.where, groups, at_least, distinct), dropped


def _stored(expression: Expression) -> Field | None:
    return expression.column.field if isinstance(expression, Reference) else None


def _present_fields(where: Predicate) -> set[str]:
    """The fields without which no event matches: those of a conjunction's own leaves."""
    terms = where.terms if isinstance(where, And) else (where,)
    return {
        leaf.field.path
        for term in terms
        if not isinstance(term, Not)
        for leaf in leaves(term)
        if leaf is term and hasattr(leaf, "field")
    }


def _bounds(where: Expression, counted: dict[str, Aggregation]) -> tuple[int, Distinct | None, set[str]] | None:
    """The least number of events, and of distinct values, that a conjunction of comparisons asks for."""
    terms = where.arguments if isinstance(where, Apply) and where.operation is Operation.AND else (where,)
    at_least, distinct, read_ = 1, None, set()
    for term in terms:
        bound = _bound(term)
        if bound is None or bound[0] not in counted:
            return None
        name, least = bound
        aggregation = counted[name]
        read_.add(name)
        if aggregation.where is not None:
            return None
        if aggregation.function is Aggregator.COUNT and not aggregation.arguments:
            at_least = max(at_least, least)
            continue
        field_ = _stored(aggregation.arguments[0]) if aggregation.arguments else None
        if aggregation.function is not Aggregator.COUNT_DISTINCT or field_ is None or distinct is not None:
            return None
        distinct = Distinct(field_, least)
    return at_least, distinct, read_


def _bound(term: Expression) -> tuple[str, int] | None:
    """`column >= n` or `column > n` with a whole n above what every group has."""
    if not isinstance(term, Apply) or term.operation not in (Operation.GE, Operation.GT):
        return None
    left, right = term.arguments
    if not isinstance(left, Reference) or not isinstance(right, Constant) or not isinstance(right.value, int):
        return None
    least = right.value + (term.operation is Operation.GT)
    return (left.column.name, least) if least >= 1 else None
