"""A search that filters events, as the condition that it asks of an event.

What `eval` computes stands where it is used. Fields of the condition are the search's own, or its expressions where it
compares computed values, by their text. A search of another kind, and what Splunk's documents leave open, raise
`UnraisedError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.languages.spl.replace import replaced
from converter.languages.spl.syntax import (
    Condition,
    Eval,
    Every,
    Expression,
    Fields,
    Pipeline,
    Search,
    Stage,
    Table,
    Test,
    Where,
)
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.readers.spl import check, terms
from converter.readers.spl.columns import Columns
from converter.readers.unraised import UnraisedError

_ENVIRONMENT = ("index", "sourcetype", "source")
"""Fields that say where events are kept."""


def raised(
    pipeline: Pipeline, columns: Columns, place: Sequence[Condition] = (), prepared: Sequence[Stage] = ()
) -> Predicate:
    """The condition that the events of a place meet, in normal form. Raises UnraisedError.

    `place`: the terms that say which events these are; without any, the search may say so itself. `prepared`: stages
    that make the events.
    """
    stages = _prepared(_placed(pipeline.stages, place), prepared)
    return normalise(And(tuple(_conditions(stages, columns))))


def _placed(stages: Sequence[Stage], place: Sequence[Condition]) -> list[Stage]:
    """The stages without the terms of the place, which must stand in the first."""
    first, *rest = stages
    if not isinstance(first, Search):
        raise UnraisedError(f"a beginning with {type(first).__name__}")
    terms = first.condition.parts if isinstance(first.condition, Every) else (first.condition,)
    if not all(one in terms for one in place):
        raise UnraisedError("another place")
    kept = [t for t in terms if t not in place and not (not place and isinstance(t, Test) and t.field in _ENVIRONMENT)]
    own: list[Stage] = [Search(Every(tuple(kept)))] if kept else []
    return [*own, *rest]


def _prepared(stages: list[Stage], prepared: Sequence[Stage]) -> list[Stage]:
    if not prepared:
        return stages
    if stages[: len(prepared)] != list(prepared):
        raise UnraisedError("a place that is prepared otherwise")
    return stages[len(prepared) :]


def _conditions(stages: Sequence[Stage], columns: Columns) -> Iterator[Predicate]:
    made: dict[str, Expression] = {}
    shown = False
    for stage in stages:
        match stage:
            case Table() | Fields(drop=False):
                shown = True
            case _ if shown:
                raise UnraisedError("stages behind a table")
            case Search(condition):
                yield terms.condition(condition, columns, made)
            case Where(condition):
                yield check.true(replaced(condition, made), columns)
            case Eval(computed):
                for name, value in computed:
                    made[name] = replaced(value, made)
            case _:
                raise UnraisedError(f"the stage {type(stage).__name__}")
