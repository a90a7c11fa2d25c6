"""Tests that stand alone: what `if(test, 1, 0)==1` guards among others needs no guard in a `where` of its own.

`where` keeps the events for which its expression is true
(https://help.splunk.com/en/splunk-enterprise/search/search-reference/10.0/search-commands/where): a test that is NULL
keeps none, whatever AND and OR would make of NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.deferred import replace
from converter.languages.spl.shorthand import conjunction
from converter.languages.spl.syntax import (
    Append,
    Binary,
    Call,
    Expression,
    Junction,
    Logic,
    Multisearch,
    Name,
    Number,
    Pipeline,
    Sign,
    Stage,
    Text,
    Where,
)

_ONE, _ZERO = Number("1"), Number("0")
_COMPARING = (Sign.EQ, Sign.LT, Sign.LE, Sign.GT, Sign.GE)


def plain(pipeline: Pipeline) -> Pipeline:
    """The search with every guarded test of a `where` in one of its own, without the guard."""
    return Pipeline(tuple(stage for one in pipeline.stages for stage in _stage(one)))


def _stage(stage: Stage) -> Iterator[Stage]:
    match stage:
        case Where(condition):
            yield from _parted(condition)
        case Multisearch(searches):
            yield Multisearch(tuple(map(plain, searches)))
        case Append(search):
            yield replace(stage, search=plain(search))
        case _:
            yield stage


def _parted(condition: Expression) -> Iterator[Stage]:
    """The tests that are never NULL together, then the guarded ones, each in a stage."""
    terms = [(term, _guarded(term)) for term in _terms(condition)]
    sure = [term for term, test in terms if test is None]
    if sure:
        yield Where(conjunction(sure))
    for _, test in terms:
        if test is not None:
            yield from (Where(one) for one in _without_presence(_terms(test)))


def _terms(condition: Expression) -> tuple[Expression, ...]:
    return condition.parts if isinstance(condition, Logic) and condition.junction is Junction.AND else (condition,)


def _guarded(term: Expression) -> Expression | None:
    """The test in `if(test, 1, 0)==1`."""
    match term:
        case Binary(Sign.EQ, Call("if", (test, one, zero)), right) if (one, zero, right) == (_ONE, _ZERO, _ONE):
            return test
        case _:
            return None


def _without_presence(terms: Iterable[Expression]) -> list[Expression]:
    """The tests without those that a column has a value, where another compares it with a value: NULL is not true."""
    tests = list(terms)
    compared = {
        test.left
        for test in tests
        if isinstance(test, Binary)
        and test.sign in _COMPARING
        and isinstance(test.left, Name)
        and isinstance(test.right, Number | Text)
    }
    return [t for t in tests if not (isinstance(t, Call) and t.function == "isnotnull" and t.arguments[0] in compared)]
