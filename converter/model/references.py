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
    """The expression and everything inside it."""
    yield expression
    match expression:
        case Apply(_, arguments):
            for argument in arguments:
                yield from parts(argument)
        case Like(operand) | Matches(operand):
            yield from parts(operand)
        case Constant() | Reference() | Found():
            return
        case _:
            assert_never(expression)


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
