"""A search that counts events by keys: what it filters, `stats`, and a `where` on the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.languages.spl.syntax import (
    Aggregate,
    Binary,
    Condition,
    Every,
    Expression,
    Fields,
    Junction,
    Logic,
    Name,
    Number,
    Pipeline,
    Relation,
    Search,
    Sign,
    Stage,
    Stats,
    Table,
    Test,
    Where,
)
from converter.model.normalise import normalise
from converter.model.predicate import And, Present
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
    before = Pipeline(pipeline.stages[:at])
    made = made_by(before)
    by = [column(made.get(name, name), columns) for name in stats.by]
    # without the option an event with a value that stands twice counts twice
    if stats.command != "stats" or (stats.options != ONCE and (stats.options or any(field.many for field in by))):
        raise UnraisedError("a count of another kind")
    keys = frozenset(field.path for field in by)
    named = {one.alias or _by_itself(one): one for one in stats.aggregates}
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
    # an event without one of the fields is in no group
    where = normalise(And((raised(before, columns, place), *map(Present, by))))
    return counting(where, keys, least, distinct)


def _by_itself(one: Aggregate) -> str:
    """The name of a result that was given none."""
    return one.function if one.field is None else f"{one.function}({one.field})"


def _tests(stages: Sequence[Stage]) -> Iterator[tuple[str, int]]:
    """`name >= number` in every stage behind."""
    for stage in stages:
        match stage:
            case Where(Logic(Junction.AND, parts)):
                yield from map(_test, parts)
            case Where(condition):
                yield _test(condition)
            case Search(condition):
                yield from map(_term, condition.parts if isinstance(condition, Every) else (condition,))
            case Table() | Fields(drop=False):
                continue
            case _:
                raise UnraisedError(f"the stage {type(stage).__name__} behind a count")


def _test(node: Expression) -> tuple[str, int]:
    match node:
        case Binary(Sign.GE, Name(name), Number(digits)) if digits.isdigit():
            return name, int(digits)
        case Binary(Sign.GT, Name(name), Number(digits)) if digits.isdigit():
            return name, int(digits) + 1
        case _:
            raise UnraisedError("a condition on counts")


def _term(node: Condition) -> tuple[str, int]:
    match node:
        case Test(name, Relation.AT_LEAST, word) if word.raw.isdigit():
            return name, int(word.raw)
        case Test(name, Relation.MORE, word) if word.raw.isdigit():
            return name, int(word.raw) + 1
        case _:
            raise UnraisedError("a condition on counts")
