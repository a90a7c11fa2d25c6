"""A pipeline over rows: each stage makes the rows of the next."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, assert_never

from converter.model.pipeline import (
    Aggregated,
    Compute,
    Documents,
    Drop,
    Expand,
    Extract,
    Filter,
    InlineSummarise,
    Keep,
    Limit,
    Named,
    Order,
    Pipeline,
    Reference,
    Rename,
    Rows,
    Sort,
    Stage,
    Summarise,
    Type,
    type_of,
)
from converter.reference.esql.aggregate import compile_aggregation
from converter.reference.esql.expression import Compiled, compile_expression, is_true
from converter.reference.esql.extraction import extraction
from converter.reference.esql.text import version_key
from converter.reference.esql.value import EVENT, ORIGIN, Row, Scalar, Value, distinct, values_of
from converter.reference.predicate import matches

_Keys = tuple[Value, ...]


def run(pipeline: Pipeline, rows: Iterable[Row], now: int) -> list[Row]:
    """The rows that the last stage gives. `rows` are those of the source; they are not changed. `now` in ms."""
    if isinstance(pipeline.source, Rows):
        found = _compute(pipeline.source.columns, [{EVENT: {}, ORIGIN: frozenset()}], now)
    else:
        found = [dict(row) for row in rows if matches(pipeline.where, row[EVENT], now)]
    for stage in pipeline.stages:
        found = _stage(stage, found, now)
    return found


def metadata(pipeline: Pipeline, event: Mapping[str, Any], number: int) -> Row:
    """What METADATA asks for of an event: its own values, or its number for an id."""
    columns = pipeline.source.metadata if isinstance(pipeline.source, Documents) else ()
    return {c.name: event.get(c.name, str(number) if c.name == "_id" else None) for c in columns}


def _stage(stage: Stage, rows: list[Row], now: int) -> list[Row]:
    match stage:
        case Filter(where):
            condition = compile_expression(where, now)
            return [row for row in rows if is_true(condition(row))]
        case Compute(columns):
            return _compute(columns, rows, now)
        case Summarise(aggregates, keys):
            return _summarise(aggregates, keys, rows, now)
        case InlineSummarise(aggregates, keys):
            return _inline(aggregates, keys, rows, now)
        case Keep() | Drop():
            # Which names later stages may use was settled when they were read.
            return rows
        case Rename(pairs):
            return _rename(stage, rows, now) if pairs else rows
        case Sort(orders):
            return _sort(orders, rows, now)
        case Limit(count):
            return rows[:count]
        case Extract(source):
            text, cut = compile_expression(source, now), extraction(stage)
            return [{**row, **cut(text(row))} for row in rows]
        case Expand(column):
            value = compile_expression(Reference(column), now)
            return [{**row, column.name: one} for row in rows for one in _each(value(row))]
        case _:
            assert_never(stage)


def _each(value: Value) -> Sequence[Scalar | None]:
    """The values, or null."""
    return values_of(value) or [None]


def _compute(columns: Sequence[Named], rows: list[Row], now: int) -> list[Row]:
    compiled = [(n.column.name, compile_expression(n.expression, now)) for n in columns]
    out = []
    for row in rows:
        made = dict(row)
        for name, value in compiled:
            made[name] = value(made)
        out.append(made)
    return out


def _rename(stage: Rename, rows: list[Row], now: int) -> list[Row]:
    out = []
    steps = [(compile_expression(Reference(old), now), old.name, new.name) for old, new in stage.pairs]
    for row in rows:
        renamed = dict(row)
        for value, old, new in steps:
            renamed[new] = value(renamed)
            renamed.pop(old, None)
        out.append(renamed)
    return out


# ---- groups ----


def _frozen(value: Value) -> Any:  # noqa: ANN401 -- a value that can be a key; true and 1 are two
    return (type(value), tuple(value) if isinstance(value, list) else value)


def _combinations(keys: Sequence[Compiled], row: Row) -> Iterable[_Keys]:
    """The groups of a row: null is one, each distinct value of several is one."""
    choices: list[Sequence[Scalar | None]] = [distinct(values_of(key(row))) or [None] for key in keys]
    return itertools.product(*choices)


def _summarise(aggregates: Sequence[Aggregated], keys: Sequence[Named], rows: list[Row], now: int) -> list[Row]:
    by = [compile_expression(key.expression, now) for key in keys]
    groups: dict[Any, tuple[_Keys, list[Row]]] = {}
    if not keys:
        groups[()] = ((), rows)
    for row in rows if keys else ():
        for values in _combinations(by, row):
            groups.setdefault(tuple(map(_frozen, values)), (values, []))[1].append(row)
    compiled = [(a.column.name, compile_aggregation(a.aggregation, now)) for a in aggregates]
    out: list[Row] = []
    for values, members in groups.values():
        made: Row = {EVENT: {}, ORIGIN: frozenset().union(*(row[ORIGIN] for row in members))}
        made |= {name: compute(members) for name, compute in compiled}
        made |= {key.column.name: value for key, value in zip(keys, values, strict=True)}
        out.append(made)
    return out


def _inline(aggregates: Sequence[Aggregated], keys: Sequence[Named], rows: list[Row], now: int) -> list[Row]:
    """Each row with the columns of its group; one with several values of a key has no group of its own."""
    by = [compile_expression(key.expression, now) for key in keys]
    values = [[key(row) for key in by] for row in rows]
    summed = _summarise(aggregates, keys, rows, now)
    groups = {tuple(_frozen(row[k.column.name]) for k in keys): row for row in summed}
    nothing: Row = {a.column.name: None for a in aggregates}
    out = []
    for row, own in zip(rows, values, strict=True):
        group = groups.get(tuple(map(_frozen, own)), nothing)
        made = {**row, **{a.column.name: group[a.column.name] for a in aggregates}}
        made |= {key.column.name: value for key, value in zip(keys, own, strict=True)}
        out.append(made)
    return out


# ---- order ----


def _sort(orders: Sequence[Order], rows: list[Row], now: int) -> list[Row]:
    found = rows
    for order in reversed(orders):
        found = _sorted(order, found, compile_expression(order.expression, now))
    return found


def _sorted(order: Order, rows: list[Row], value: Compiled) -> list[Row]:
    key: Callable[[Any], Any] = version_key if type_of(order.expression) is Type.VERSION else lambda v: v
    nulls: list[Row] = []
    keyed: list[tuple[Any, Row]] = []
    for row in rows:
        found: list[Any] = [key(v) for v in values_of(value(row))]
        if found:
            keyed.append((max(found) if order.descending else min(found), row))
        else:
            nulls.append(row)
    keyed.sort(key=lambda pair: pair[0], reverse=order.descending)
    ordered = [row for _, row in keyed]
    return [*nulls, *ordered] if order.nulls_first else [*ordered, *nulls]
