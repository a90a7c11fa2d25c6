"""MV_EXPAND of which one value only goes on: a search for the value among all.

`mv_expand event.category | ... | where event.category == "authentication"` keeps one row of an event that has the
value, as keywords are stored without repeats (rule Q06), and none of one that lacks it (rules Q01, Q46). Nothing but
the filter may read the column, so that what the row's column holds afterwards is nobody's concern.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from converter.deferred import replace
from converter.model.operation import Operation
from converter.model.pattern import Case
from converter.model.pipeline import (
    Apply,
    Compute,
    Constant,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    Keep,
    Pipeline,
    Reference,
    Rename,
    Sort,
    Stage,
    Summarise,
    Type,
)
from converter.model.predicate import OneOf
from converter.model.references import expressions, parts
from converter.model.value import Field


def without_expansion(pipeline: Pipeline) -> Pipeline:
    """The pipeline without each MV_EXPAND of a stored keyword of which a filter keeps one value."""
    for position, stage in enumerate(pipeline.stages):
        if not isinstance(stage, Expand) or stage.column.type is not Type.KEYWORD or stage.column.field is None:
            continue
        before, after = pipeline.stages[:position], pipeline.stages[position + 1 :]
        found = _chosen(after, stage.column.name, stage.column.field)
        if found is None:
            continue
        place, chosen = found
        if _is_read(after[place + 1 :], stage.column.name, pipeline):
            continue
        stages = (*before, *after[:place], chosen, *after[place + 1 :])
        return without_expansion(replace(pipeline, stages=stages))
    return pipeline


def _chosen(stages: Sequence[Stage], name: str, stored: Field) -> tuple[int, Filter] | None:
    """The first filter that asks for a value of the column, as a search; None where others read it before."""
    for place, stage in enumerate(stages):
        match stage:
            case Filter(where):
                if not _reads(stage, name):
                    continue
                asked = _searching(where, name, stored)
                return None if asked is None else (place, replace(stage, where=asked))
            case Compute() | Extract() | Sort():
                if _reads(stage, name) or name in _made(stage):
                    return None
            case _:
                return None
    return None


def _searching(where: Expression, name: str, stored: Field) -> Expression | None:
    """The condition with its one comparison of the column as a search of the event."""
    terms = conjuncts(where)
    reading = [term for term in terms if any(_is_column(part, name) for part in parts(term))]
    value = _value(reading[0], name) if len(reading) == 1 else None
    if value is None:
        return None
    search = Found(OneOf(stored, (value,), Case.SENSITIVE))
    asked = tuple(search if term is reading[0] else term for term in terms)
    return asked[0] if len(asked) == 1 else Apply(Operation.AND, asked, Type.BOOLEAN)


def conjuncts(where: Expression) -> tuple[Expression, ...]:
    """The conditions that a filter asks to be true together."""
    if isinstance(where, Apply) and where.operation is Operation.AND:
        return tuple(inner for term in where.arguments for inner in conjuncts(term))
    return (where,)


def _value(term: Expression, name: str) -> str | None:
    """The text that the column is compared with."""
    if not isinstance(term, Apply) or term.operation is not Operation.EQ:
        return None
    match term.arguments:
        case (Reference(column), Constant(str(value), _, ())) | (Constant(str(value), _, ()), Reference(column)):
            return value if column.name == name else None
        case _:
            return None


def _is_read(stages: Sequence[Stage], name: str, pipeline: Pipeline) -> bool:
    """Whether anything reads the column before it is gone."""
    for stage in stages:
        if _reads(stage, name) or isinstance(stage, Keep | Drop | Rename | Expand):
            return True
        if name in _made(stage) or isinstance(stage, Summarise):
            return False
    return any(column.name == name for column in pipeline.columns)


def _reads(stage: Stage, name: str) -> bool:
    return any(_is_column(part, name) for expression in expressions(stage) for part in parts(expression))


def _is_column(part: Expression, name: str) -> bool:
    return isinstance(part, Reference) and part.column.name == name


def _made(stage: Stage) -> Iterable[str]:
    match stage:
        case Compute(columns):
            return [named.column.name for named in columns]
        case Extract(columns=columns):
            return [column.name for column in columns]
        case _:
            return ()
