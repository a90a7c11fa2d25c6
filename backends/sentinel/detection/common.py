"""What several streams of one union say alike, said once of all their rows."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import tree
from backends.sentinel.detection import source
from backends.sentinel.detection.branch import Stream
from converter.deferred import replace
from converter.languages.kusto.syntax import Expression, Extend, Operator, Query, Where
from converter.languages.kusto.walk import names


def once(each: Sequence[Stream], *, bare: bool) -> tuple[tuple[Stream, ...], tuple[Operator, ...]]:
    """The streams without what all of several say of stored columns, and that said of all their rows.

    Kusto moves a `where` behind a `union` into its parts, so that they read no more than before.
    https://learn.microsoft.com/en-us/kusto/query/union-operator
    """
    if len(each) == 1:
        return tuple(each), ()
    last = () if bare else _ending(each)
    short = [_with(s, s.query.operators[: len(s.query.operators) - len(last)]) for s in each]
    asked = [[c for o in s.query.operators for c in _conditions(o)] for s in short]
    stored = _stored(short)
    common = [c for c in asked[0] if stored.issuperset(names(c)) and all(c in others for others in asked[1:])]
    left = tuple(_with(s, _less(s.query.operators, common)) for s in short)
    return left, (*source.where(*dict.fromkeys(common)), *last)


def _stored(each: Sequence[Stream]) -> frozenset[str]:
    """The columns that all tables have, of one type, and no query makes anew."""
    types = [s.branch.binding.columns for s in each]
    made = {n for s in each for o in s.query.operators for n in source.made(o)}
    return frozenset(n for n, kind in types[0].items() if n not in made and all(t.get(n) == kind for t in types))


def _ending(each: Sequence[Stream]) -> tuple[Operator, ...]:
    """The operators in which all queries end, if they look at one row at a time and at stored columns."""
    found: list[Operator] = []
    for same in zip(*(reversed(s.query.operators) for s in each), strict=False):
        if len(set(same)) > 1 or not isinstance(same[0], Where | Extend):
            break
        found.insert(0, same[0])
    while found:
        stored = set(_stored([_with(s, s.query.operators[: len(s.query.operators) - len(found)]) for s in each]))
        if _known(found, stored):
            return tuple(found)
        found.pop(0)
    return ()


def _known(operators: Sequence[Operator], stored: set[str]) -> bool:
    """Whether operators look at these columns and what they make themselves."""
    for operator in operators:
        read = {n for e in _read(operator) for n in names(e)}
        if not read <= stored:
            return False
        stored.update(source.made(operator))
    return True


def _read(operator: Operator) -> tuple[Expression, ...]:
    return tuple(i.expression for i in operator.items) if isinstance(operator, Extend) else _conditions(operator)


def _with(stream: Stream, operators: Sequence[Operator]) -> Stream:
    return replace(stream, query=Query(stream.query.source, tuple(operators)))


def _conditions(operator: Operator) -> tuple[Expression, ...]:
    return tree.conjuncts(operator.condition) if isinstance(operator, Where) else ()


def _less(operators: Sequence[Operator], common: Sequence[Expression]) -> tuple[Operator, ...]:
    out: list[Operator] = []
    for operator in operators:
        if isinstance(operator, Where):
            out += source.where(*(c for c in tree.conjuncts(operator.condition) if c not in common))
        else:
            out.append(operator)
    return tuple(out)
