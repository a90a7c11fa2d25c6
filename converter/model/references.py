"""Which fields of the event a pipeline reads, and which constants it compares them with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from converter.model.pipeline import (
    Adjoin,
    Aggregated,
    Apply,
    Compute,
    Constant,
    Documents,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    InlineSummarise,
    Keep,
    Like,
    Limit,
    Matches,
    Pipeline,
    Reference,
    Rename,
    Sort,
    Stage,
    Summarise,
)
from converter.model.value import Field
from converter.model.walk import fields


def expressions(stage: Stage) -> Iterator[Expression]:
    """The expressions of a stage, in order."""
    match stage:
        case Filter(where):
            yield where
        case Compute(columns):
            yield from (named.expression for named in columns)
        case Summarise(aggregates, keys) | InlineSummarise(aggregates, keys):
            yield from (key.expression for key in keys)
            for aggregated in aggregates:
                yield from _of_aggregate(aggregated)
        case Rename(pairs):
            yield from (Reference(old) for old, _ in pairs)
        case Sort(orders):
            yield from (order.expression for order in orders)
        case Extract(source):
            yield source
        case Expand(column):
            yield Reference(column)
        case Adjoin(on=on):
            yield from (pair.left for pair in on)
        case Keep() | Drop() | Limit():
            return
        case _:
            assert_never(stage)


def _of_aggregate(aggregated: Aggregated) -> Iterator[Expression]:
    yield from aggregated.aggregation.arguments
    if aggregated.aggregation.where is not None:
        yield aggregated.aggregation.where


def parts(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outer before inner, in order."""
    stack = [expression]
    while stack:
        one = stack.pop()
        yield one
        match one:
            case Constant() | Reference() | Found():
                pass
            case Apply(_, arguments):
                stack.extend(arguments[::-1])
            case Like(operand) | Matches(operand):
                stack.append(operand)
            case _:
                assert_never(one)


def stored_fields(pipeline: Pipeline) -> tuple[Field, ...]:
    """The fields that the stages read, each once, without those of the first filter."""
    found: dict[str, Field] = {}
    for stage in pipeline.stages:
        for expression in expressions(stage):
            for part in parts(expression):
                if isinstance(part, Reference) and part.column.field is not None:
                    found.setdefault(part.column.field.path, part.column.field)
                elif isinstance(part, Found):
                    for field in fields(part.predicate):
                        found.setdefault(field.path, field)
    return tuple(found.values())


def metadata_names(pipeline: Pipeline) -> frozenset[str]:
    """The columns that Elasticsearch adds to an event (`_id`, `_index`), as far as no stage makes one of the name."""
    source = pipeline.source
    made = {n.column.name for s in pipeline.stages if isinstance(s, Compute) for n in s.columns}
    return (
        frozenset(c.name for c in source.metadata if c.name not in made)
        if isinstance(source, Documents)
        else frozenset()
    )


def made_by(stage: Stage) -> tuple[str, ...]:
    """The columns that a stage makes, by their names in the rule."""
    match stage:
        case Compute(columns):
            return tuple(one.column.name for one in columns)
        case Summarise(aggregates, keys) | InlineSummarise(aggregates, keys):
            return (*(one.column.name for one in aggregates), *(key.column.name for key in keys))
        case Rename(pairs):
            return tuple(new.name for _, new in pairs)
        case Extract(columns=made):
            return tuple(one.name for one in made)
        case Expand(column):
            return (column.name,)
        case Adjoin(columns=pairs_):
            return tuple(column.name for column, _ in pairs_)
        case Filter() | Keep() | Drop() | Sort() | Limit():
            return ()
        case _:
            assert_never(stage)


def made_names(pipeline: Pipeline) -> frozenset[str]:
    """The columns that stages make."""
    return frozenset(name for stage in pipeline.stages for name in made_by(stage))


def read_behind(pipeline: Pipeline, position: int, name: str) -> Iterator[Field]:
    """The fields of the event that are read where a column of this name is there, which a stage has made."""
    stage = pipeline.stages[position]
    if isinstance(stage, Compute):
        at = next(number for number, one in enumerate(stage.columns) if one.column.name == name)
        stage = Compute(stage.columns[at + 1 :])
        yield from _read(expressions(stage))
    for later in pipeline.stages[position + 1 :]:
        yield from _read(expressions(later))
    yield from (column.field for column in pipeline.columns if column.field is not None)


def _read(found: Iterator[Expression]) -> Iterator[Field]:
    for expression in found:
        for part in parts(expression):
            if isinstance(part, Reference) and part.column.field is not None:
                yield part.column.field
            elif isinstance(part, Found):
                yield from fields(part.predicate)
