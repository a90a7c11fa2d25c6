"""Events for pipelines: those that the first filters turn on, in groups of the sizes that the rule speaks of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from converter.model.pipeline import Apply, Constant, Expression, Filter, Like, Matches, Pipeline, Reference, Type
from converter.model.predicate import Predicate
from converter.proof.staging import Scene
from converter.proof.witness import LIMIT, witnesses
from converter.reference.predicate import matches

MOST = 60
"""Copies of an event that a group may need; larger counts are not staged."""


def pipeline_scenes(pipeline: Pipeline) -> Iterator[Scene]:
    """Every witness alone among the others, then groups of equal events around each number of the rule."""
    made = tuple(witnesses(pipeline.where, LIMIT))
    yield Scene("witnesses", made)
    hits = [event for event in made if _hits(pipeline.where, event)][:3]
    for event, count in itertools.product(hits, _counts(pipeline)):
        yield Scene(f"{count} of one kind", tuple(dict(event) for _ in range(count)))


def _hits(where: Predicate, event: Mapping[str, object]) -> bool:
    return matches(where, event, 0)


def _counts(pipeline: Pipeline) -> list[int]:
    """The whole numbers that filters compare with, and their neighbours."""
    found = {1, 2}
    for stage in pipeline.stages:
        if isinstance(stage, Filter):
            for number in _numbers(stage.where):
                found |= {number - 1, number, number + 1}
    return sorted(n for n in found if 0 < n <= MOST)


def _numbers(expression: Expression) -> Iterator[int]:
    match expression:
        case Constant(value, Type.INTEGER) if isinstance(value, int):
            yield value
        case Apply(_, arguments):
            for argument in arguments:
                yield from _numbers(argument)
        case Like(operand) | Matches(operand):
            yield from _numbers(operand)
        case Reference() | _:
            return
