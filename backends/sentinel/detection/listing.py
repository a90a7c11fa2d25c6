"""Long lists of values, and lists that a query makes, as statements before the query, each once."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import tree
from backends.sentinel.condition.names import Names
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Call,
    Distinct,
    Dynamic,
    Expression,
    Let,
    Name,
    Program,
    Query,
    Subquery,
    Table,
    Text,
    Where,
)
from converter.languages.kusto.walk import map_children, map_let, map_query

_LISTING = frozenset({"in", "!in", "in~", "!in~"})
_MANY, _WIDE = 8, 120
"""Values, and characters, from which on a list has a statement of its own."""


def with_lists(program: Program, names: Names) -> Program:
    """The program with its long lists named."""
    lets: dict[tuple[Expression, ...], Let] = {}
    made: dict[Query, Let] = {}
    single: dict[Expression, Let] = {}

    def asked(query: Query) -> Name:
        if query not in made:
            made[query] = Let(names.fresh(f"{_made_stem(query)}List"), query)
        return Name(made[query].name)

    def change(node: Expression) -> Expression:
        match node:
            case Among(operator, target, items) if operator in _LISTING and _long(items):
                if items not in lets:
                    texts = tuple(i for i in items if isinstance(i, Text))
                    lets[items] = Let(names.fresh(_stem(target)), Dynamic(Array(texts)))
                return Among(operator, change(target), (Name(lets[items].name),))
            case Among(operator, target, (Subquery(query), *_)):
                return Among(operator, change(target), (asked(query),))
            case Call("toscalar", (Subquery(query), *_)):
                if node not in single:
                    single[node] = Let(names.fresh(f"{_made_stem(query)}Value"), node)
                return Name(single[node].name)
            case _:
                return map_children(node, change)

    query = map_query(program.query, change)
    before = tuple(map_let(let, change) for let in program.lets)
    return Program(query, (*lets.values(), *_picked_once((*made.values(), *single.values()), names), *before))


def _picked_once(lets: Sequence[Let], names: Names) -> tuple[Let, ...]:
    """The statements, where those that read one table with conditions in common read what a first one has picked."""
    begun: dict[Table, tuple[Let, frozenset[Expression]]] = {}
    for source in dict.fromkeys(_inner(let).source for let in lets):
        picks = [_picks(query) for let in lets if (query := _inner(let)).source == source]
        common = frozenset.intersection(*map(frozenset, picks))
        if isinstance(source, Table) and len(picks) > 1 and common:
            shared = Where(tree.all_of(c for c in picks[0] if c in common))
            begun[source] = Let(names.fresh(f"{source.name}Rows"), Query(source, (shared,))), common
    first = [one for one, _ in begun.values()]
    return (*first, *(_after(let, *begun[s]) if (s := _inner(let).source) in begun else let for let in lets))


def _inner(let: Let) -> Query:
    """The query of a statement: its value, or what its one value is taken from."""
    value = let.value
    query = value.arguments[0].query if isinstance(value, Call) and isinstance(value.arguments[0], Subquery) else value
    assert isinstance(query, Query)  # noqa: S101  # such are the statements made here
    return query


def _picks(query: Query) -> tuple[Expression, ...]:
    """The conditions that a query begins with."""
    first = query.operators[0] if query.operators else None
    return tree.conjuncts(first.condition) if isinstance(first, Where) else ()


def _after(let: Let, begun: Let, common: frozenset[Expression]) -> Let:
    """The statement over the rows that another has picked."""
    query = _inner(let)
    left = [c for c in _picks(query) if c not in common]
    rest = Query(Table(begun.name), (*([Where(tree.all_of(left))] if left else []), *query.operators[1:]))
    value = Call(let.value.function, (Subquery(rest),)) if isinstance(let.value, Call) else rest
    return Let(let.name, value)


def begun_once(lets: Sequence[Let], names: Names) -> tuple[Let, ...]:
    """The statements, whose queries begin with a statement of its own where several begin alike."""
    queries = [let.value for let in lets if isinstance(let.value, Query)]
    if len(queries) < 2 or len(queries) < len(lets) or len({q.source for q in queries}) > 1:  # noqa: PLR2004
        return tuple(lets)
    alike = 0
    for operators in zip(*(q.operators for q in queries), strict=False):
        if len(set(operators)) > 1:
            break
        alike += 1
    if alike < _ALIKE:
        return tuple(lets)
    first, *_ = queries
    table = first.source.name if isinstance(first.source, Table) else ""
    begun = Let(names.fresh(f"{table}Rows"), Query(first.source, first.operators[:alike]))
    rest = (Let(let.name, Query(Table(begun.name), q.operators[alike:])) for let, q in zip(lets, queries, strict=True))
    return (begun, *rest)


_ALIKE = 2
"""Operators that several queries begin with, from which on they are said once."""


def _long(items: tuple[Expression, ...]) -> bool:
    texts = all(isinstance(i, Text) for i in items)
    return texts and len(items) > _MANY and sum(len(flat(i)) + 2 for i in items) > _WIDE


def _made_stem(query: Query) -> str:
    """A name for the list that a query of a table makes: what it is about, and what it gives."""
    table = query.source.name if isinstance(query.source, Table) else "Values"
    last = query.operators[-1] if query.operators else None
    column = last.items[0].expression if isinstance(last, Distinct) else None
    return f"{table}{column.name if isinstance(column, Name) else ''}"


def _stem(target: Expression) -> str:
    """FileNames for a list that FileName is compared with."""
    while isinstance(target, Call) and target.arguments:
        target = target.arguments[0]
    name = target.name if isinstance(target, Name) else getattr(target, "key", "Value")
    return f"{tree.pascal(str(name))}List"
