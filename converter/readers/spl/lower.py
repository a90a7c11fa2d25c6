"""A search that filters events, as the condition that it asks of an event.

What `eval` computes stands where it is used. Fields of the condition are the search's own, or its expressions where it
compares computed values, by their text. A search of another kind, and what Splunk's documents leave open, raise
`UnraisedError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import dataclass
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


@dataclass(frozen=True, slots=True)
class Place:
    """What a search says of the events' place beside its condition.

    `terms` say which events these are; without any, the search may say so itself. `prepared` are the stages that make
    the events, `listed` those that keep the ones in a list.
    """

    terms: tuple[Condition, ...] = ()
    prepared: tuple[Stage, ...] = ()
    listed: tuple[Stage, ...] = ()


def raised(pipeline: Pipeline, columns: Columns, place: Place) -> Predicate:
    """The condition that the events of a place meet, in normal form. Raises UnraisedError."""
    stages = _placed(pipeline.stages, place.terms)
    stages = _without(stages, place.prepared, "a place that is prepared otherwise")
    stages = _without(stages, place.listed, "a place that is listed otherwise")
    return normalise(And(tuple(_conditions(stages, columns))))


def made_by(pipeline: Pipeline) -> Mapping[str, Expression]:
    """The columns that the stages of a search compute."""
    made: dict[str, Expression] = {}
    for stage in pipeline.stages:
        if isinstance(stage, Eval):
            for name, value in stage.columns:
                made[name] = replaced(value, made)
    return made


def _placed(stages: Sequence[Stage], place: Sequence[Condition]) -> list[Stage]:
    """The stages without the terms of the place, which must stand in the first."""
    first, *rest = stages
    if not isinstance(first, Search):
        raise UnraisedError(f"a beginning with {type(first).__name__}")
    terms = first.condition.parts if isinstance(first.condition, Every) else (first.condition,)
    if not all(one in terms for one in place):
        raise UnraisedError("another place")
    kept = [t for t in terms if t not in place and (place or not _is_place(t))]
    own: list[Stage] = [Search(Every(tuple(kept)))] if kept else []
    return [*own, *rest]


def _is_place(term: Condition) -> bool:
    return isinstance(term, Test) and term.field in _ENVIRONMENT


def _without(stages: list[Stage], part: Sequence[Stage], why: str) -> list[Stage]:
    """The stages without those of a part, which stand there one after another."""
    if not part:
        return stages
    size = len(part)
    for at in range(len(stages) - size + 1):
        if stages[at : at + size] == list(part):
            return [*stages[:at], *stages[at + size :]]
    raise UnraisedError(why)


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
