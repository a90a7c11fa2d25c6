"""Visits to trees: what stands inside an expression or operator, and the same with parts replaced."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import assert_never

from converter.deferred import replace
from converter.languages.kusto.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Chain,
    Columns,
    Count,
    Distinct,
    Duration,
    Dynamic,
    Expansion,
    Expression,
    Extend,
    Index,
    Item,
    Join,
    Let,
    Member,
    MvApply,
    MvExpand,
    Name,
    Negative,
    Number,
    Operator,
    Partition,
    Print,
    Project,
    Query,
    Rename,
    Scan,
    Sort,
    Star,
    Subquery,
    Summarize,
    Take,
    Text,
    Truth,
    Typed,
    Union,
    Where,
)

Change = Callable[[Expression], Expression]


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside; a query inside is not looked into."""
    match node:
        case Member(target):
            return (target,)
        case Index(target, key):
            return (target, key)
        case Call(_, arguments):
            return arguments
        case Negative(operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Among(_, target, items):
            return (target, *items)
        case Between(target, low, high):
            return (target, low, high)
        case Chain(_, terms):
            return terms
        case Text() | Number() | Truth() | Duration() | Typed() | Dynamic() | Name() | Star() | Subquery():
            return ()
        case _:
            assert_never(node)


_ENDS = frozenset({Text, Number, Truth, Duration, Typed, Dynamic, Name, Star, Subquery})
"""The expressions that have none inside: most are."""


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outer before inner, in order."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        if type(one) not in _ENDS:
            stack.extend(reversed(children(one)))


def map_children(node: Expression, change: Change) -> Expression:
    """The expression with each one directly inside replaced; the same one where none is, so that it keeps its hash."""
    if type(node) in _ENDS:
        return node
    inside = children(node)
    changed = tuple(map(change, inside))
    return node if all(map(operator.is_, changed, inside)) else _with_children(node, changed)


def _with_children(node: Expression, inside: tuple[Expression, ...]) -> Expression:
    """The expression with others directly inside, in the order of `children`."""
    match node:
        case Member(_, key):
            return Member(inside[0], key)
        case Index():
            return Index(*inside)
        case Call(function):
            return Call(function, inside)
        case Negative():
            return Negative(*inside)
        case Binary(sign):
            return Binary(sign, *inside)
        case Among(sign):
            return Among(sign, inside[0], inside[1:])
        case Between(negated=negated):
            target, low, high = inside
            return Between(target, low, high, negated)
        case Chain(word):
            return Chain(word, inside)
        case Text() | Number() | Truth() | Duration() | Typed() | Dynamic() | Name() | Star() | Subquery():
            return node
        case _:
            assert_never(node)


def replaced(node: Expression, parts: Mapping[Expression, Expression]) -> Expression:
    """The expression with each of the parts, outermost first, replaced by what stands for it."""
    if not parts:
        return node

    def change(one: Expression) -> Expression:
        found = parts.get(one)
        return found if found is not None else map_children(one, change)

    return change(node)


def names(node: Expression) -> Iterator[str]:
    """The columns and variables mentioned, in order, as often as they are."""
    return (one.name for one in walk(node) if isinstance(one, Name))


def queries(node: Expression) -> bool:
    """Whether a query stands inside."""
    return any(type(one) is Subquery for one in walk(node))


def _item(item: Item, change: Change) -> Item:
    changed = change(item.expression)
    return item if changed is item.expression else Item(changed, item.name)


def _items(items: tuple[Item, ...], change: Change) -> tuple[Item, ...]:
    return tuple(_item(i, change) for i in items)


def _expansions(columns: tuple[Expansion, ...], change: Change) -> tuple[Expansion, ...]:
    return tuple(replace(c, expression=change(c.expression)) for c in columns)


def map_operator(node: Operator, change: Change) -> Operator:
    """The operator with each of its expressions replaced, in subqueries too."""
    match node:
        case Where(condition):
            return Where(change(condition))
        case Extend(items, serialize):
            return Extend(_items(items, change), serialize)
        case Project(items):
            return Project(_items(items, change))
        case Distinct(items):
            return Distinct(_items(items, change))
        case Summarize(aggregates, by):
            return Summarize(_items(aggregates, change), _items(by, change))
        case MvExpand(columns, index):
            return MvExpand(_expansions(columns, change), index)
        case MvApply(columns, body, index):
            return MvApply(_expansions(columns, change), _body(body, change), index)
        case Sort(keys, limit):
            found = tuple(replace(k, expression=change(k.expression)) for k in keys)
            return Sort(found, change(limit) if limit is not None else None)
        case Take(count):
            return Take(change(count))
        case Join():
            return replace(node, right=map_query(node.right, change))
        case Union(found_queries, options):
            return Union(tuple(map_query(q, change) for q in found_queries), options)
        case Partition(column, body, strategy):
            return Partition(column, _body(body, change), strategy)
        case Scan(declared, steps):
            return Scan(
                declared,
                tuple(replace(s, condition=change(s.condition), assigned=_items(s.assigned, change)) for s in steps),
            )
        case Columns() | Rename() | Count():
            return node
        case _:
            assert_never(node)


def _body(body: tuple[Operator, ...], change: Change) -> tuple[Operator, ...]:
    return tuple(map_operator(o, change) for o in body)


def map_query(node: Query, change: Change) -> Query:
    """The query with each expression replaced, in its subqueries after `|` too."""
    source = node.source
    if isinstance(source, Union):
        source = Union(tuple(map_query(q, change) for q in source.queries), source.options)
    elif isinstance(source, Print):
        source = Print(_items(source.items, change))
    return Query(source, _body(node.operators, change))


def map_let(node: Let, change: Change) -> Let:
    """The statement with each expression replaced."""
    value = map_query(node.value, change) if isinstance(node.value, Query) else change(node.value)
    return Let(node.name, value)
