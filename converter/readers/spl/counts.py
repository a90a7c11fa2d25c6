"""A search that counts events by keys: what it filters, `stats`, and a `where` on the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.languages.spl.syntax import (
    Aggregate,
    Binary,
    Expression,
    Junction,
    Logic,
    Name,
    Number,
    Pipeline,
    Sign,
    Stage,
    Stats,
    Where,
)
from converter.model.rule import Distinct
from converter.readers.grouped import Grouped, counting
from converter.readers.spl.columns import Columns, column
from converter.readers.spl.lower import Place, made_by, raised
from converter.readers.unraised import UnraisedError

ONCE = (("dedup_splitvals", "true"),)
SHOWN = ("min", "max", "values", "earliest", "latest", "first", "last")
"""Functions whose results are only shown."""


def counted(pipeline: Pipeline, columns: Columns, place: Place) -> Grouped:
    """What the search counts. Raises UnraisedError."""
    at = next((n for n, stage in enumerate(pipeline.stages) if isinstance(stage, Stats)), None)
    if not at:
        raise UnraisedError("a search that counts nothing")
    stats, rest = pipeline.stages[at], pipeline.stages[at + 1 :]
    assert isinstance(stats, Stats)  # noqa: S101 - found so
    if stats.command != "stats" or stats.options != ONCE:
        raise UnraisedError("a count of another kind")
    before = Pipeline(pipeline.stages[:at])
    made = made_by(before)
    keys = frozenset(column(made.get(name, name), columns).path for name in stats.by)
    named = {one.alias: one for one in stats.aggregates if one.alias is not None}
    least, distinct = 1, None
    for name, number in _tests(rest):
        match named.get(name):
            case Aggregate("count", None):
                least = max(least, number)
            case Aggregate("dc", str(field)) if distinct is None:
                distinct = Distinct(column(made.get(field, field), columns), number)
            case _:
                raise UnraisedError("a condition on another count")
    if any(one.function not in ("count", "dc", *SHOWN) for one in stats.aggregates):
        raise UnraisedError("a count of another kind")
    return counting(raised(before, columns, place), keys, least, distinct)


def _tests(stages: Sequence[Stage]) -> Iterator[tuple[str, int]]:
    """`name >= number` in every stage behind."""
    for stage in stages:
        match stage:
            case Where(Logic(Junction.AND, parts)):
                yield from map(_test, parts)
            case Where(condition):
                yield _test(condition)
            case _:
                raise UnraisedError(f"the stage {type(stage).__name__} behind a count")


def _test(node: Expression) -> tuple[str, int]:
    match node:
        case Binary(Sign.GE, Name(name), Number(digits)) if digits.isdigit():
            return name, int(digits)
        case _:
            raise UnraisedError("a condition on counts")
