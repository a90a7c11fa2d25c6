"""Groups of rows under the names that the query goes on with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

from backends.sentinel.condition.tree import all_of, conjuncts
from converter.languages.kusto.syntax import Binary, Call, Expression, Item, Name, Number, Operator, Project, Summarize
from converter.languages.kusto.walk import walk

Named = tuple[Item, str]
"""A column under a name that nothing else has, and the name that the query goes on with."""


def grouped(sums: Sequence[Named], by: Sequence[Named], known: Sequence[Item]) -> tuple[Operator, ...]:
    """`summarize` under the final names, or under names of its own and then renamed.

    Microsoft's page leaves open what an aggregate reads where a key takes the name of a column
    (https://learn.microsoft.com/en-us/kusto/query/summarize-operator), so that no final name may be one that is read.
    """
    columns = [*sums, *by]
    names = [name for _, name in columns]
    read = {one for item, name in columns for one in _read(item.expression, name)}
    read |= {one for item in known for one in _read(item.expression, "")}
    if len(set(names)) == len(names) and read.isdisjoint(names):
        return (Summarize(tuple(_under(sums)), (*_under(by), *known)),)
    renamed = (Item(Name(item.name), name) for item, name in columns)
    return (
        Summarize(tuple(item for item, _ in sums), (*(item for item, _ in by), *known)),
        Project((*renamed, *(Item(Name(k.name)) for k in known))),
    )


def _under(columns: Iterable[Named]) -> list[Item]:
    return [Item(i.expression) if i.expression == Name(name) else Item(i.expression, name) for i, name in columns]


def _read(expression: Expression, name: str) -> set[str]:
    """The columns that an expression reads, but for one that it only passes on under its own name."""
    return {one.name for one in walk(expression) if isinstance(one, Name)} if expression != Name(name) else set()


_COMPARING = ("==", "<", "<=", ">", ">=")


def kept(condition: Expression) -> Expression:
    """The condition of a `where` without tests for a value of what another test compares with a number.

    A comparison with null is false or null, and `where` keeps no row for either
    (https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/null-values).
    """
    tests = list(conjuncts(condition))
    compared = {
        test.left
        for test in tests
        if isinstance(test, Binary) and test.operator in _COMPARING and isinstance(test.right, Number)
    }
    return all_of(t for t in tests if not (_is_there(t) and t.arguments[0] in compared))


def _is_there(test: Expression) -> TypeGuard[Call]:
    return isinstance(test, Call) and test.function == "isnotnull"
