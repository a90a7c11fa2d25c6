"""A query that counts rows by keys: what it filters, `summarize`, and a `where` on the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from converter.deferred import replace
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Chain,
    Expression,
    Item,
    Name,
    Number,
    Operator,
    Program,
    Project,
    Summarize,
    Where,
)
from converter.model.rule import Distinct
from converter.model.value import Field
from converter.readers.grouped import Grouped, counting
from converter.readers.kusto.condition import subject
from converter.readers.kusto.lower import ANYWHERE, Place, raised, reading
from converter.readers.unraised import UnraisedError

_SHOWN = ("min", "max", "make_set", "make_list", "take_any", "arg_min", "arg_max")
"""Functions whose results are only shown."""

Column = Callable[[str], Field]
"""The field of a column by its name."""


def counted(program: Program, column: Column, place: Place = ANYWHERE) -> Grouped:
    """What the query counts. Raises UnraisedError."""
    query = program.query
    at = next((n for n, operator in enumerate(query.operators) if isinstance(operator, Summarize)), None)
    if at is None:
        raise UnraisedError("a query that counts nothing")
    summary, rest = query.operators[at], query.operators[at + 1 :]
    assert isinstance(summary, Summarize)  # noqa: S101 - found so
    before = replace(program, query=replace(query, operators=query.operators[:at]))
    found = reading(before)
    found.whole(before.query)  # which learns what names stand for

    def named(node: Expression) -> Field:
        return column(subject(found.key(node)))

    # a result without a name is called by its function:
    # https://learn.microsoft.com/en-us/kusto/query/summarize-operator
    aggregates = {item.name or _by_itself(item.expression): item.expression for item in summary.aggregates}
    least, distinct = 1, None
    for name, number in _tests(rest):
        match aggregates.get(name):
            case Call("count", ()):
                least = max(least, number)
            case Call("count_distinctif", (value, present)) if distinct is None and _is_there(present, value):
                distinct = Distinct(named(value), number)
            case _:
                raise UnraisedError("a condition on another count")
    if not all(_is_shown(item) for item in summary.aggregates):
        raise UnraisedError("a count of another kind")
    keys = frozenset(named(item.expression).path for item in summary.by)
    return counting(raised(before, place), keys, least, distinct)


def _by_itself(value: Expression) -> str:
    return f"{value.function}_" if isinstance(value, Call) and not value.arguments else ""


def _is_shown(item: Item) -> bool:
    return isinstance(item.expression, Call) and item.expression.function in ("count", "count_distinctif", *_SHOWN)


def _is_there(present: Expression, value: Expression) -> bool:
    return (
        isinstance(present, Call) and present.function in ("isnotempty", "isnotnull") and present.arguments == (value,)
    )


def _tests(operators: Sequence[Operator]) -> Iterator[tuple[str, int]]:
    """`name >= number` in every operator behind."""
    for operator in operators:
        match operator:
            case Where(Chain("and", parts)):
                yield from map(_test, parts)
            case Where(condition):
                yield _test(condition)
            case Project():
                continue
            case _:
                raise UnraisedError(f"the operator {type(operator).__name__} behind a count")


def _test(node: Expression) -> tuple[str, int]:
    match node:
        case Binary(">=", Name(name), Number(int(number))):
            return name, number
        case Binary(">", Name(name), Number(int(number))):
            return name, number + 1
        case _:
            raise UnraisedError("a condition on counts")
