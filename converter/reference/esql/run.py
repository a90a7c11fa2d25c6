"""A pipeline over rows: each stage makes the rows of the next."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from converter.model.pipeline import (
    Adjoin,
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
from converter.reference.esql.joining import joining
from converter.reference.esql.text import version_key
from converter.reference.esql.value import EVENT, ORIGIN, Row, Scalar, Value, distinct, values_of
from converter.reference.predicate import matches

_Keys = tuple[Value, ...]
Step: TypeAlias = Callable[[list[Row]], list[Row]]
"""A stage at work: the rows of the next from its own."""
Beside: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of tables that joins read, by name."""


def run(pipeline: Pipeline, rows: Iterable[Row], now: int, beside: Beside = MappingProxyType({})) -> list[Row]:
    """The rows that the last stage gives. `rows` are those of the source; they are not changed. `now` in ms.

    `beside`: the rows of the tables that joins name.
    """
    if isinstance(pipeline.source, Rows):
        found = _compute(pipeline.source.columns, now)([{EVENT: {}, ORIGIN: frozenset()}])
    else:
        found = [dict(row) for row in rows if matches(pipeline.where, row[EVENT], now)]
    return compile_stages(pipeline.stages, now, beside)(found)


def compile_stages(stages: Sequence[Stage], now: int, beside: Beside = MappingProxyType({})) -> Step:
    """The stages as one function of rows; `now` in ms, `beside` as of `run`."""
    steps = [_stage(stage, now, beside) for stage in stages]

    def run_all(rows: list[Row]) -> list[Row]:
        for step in steps:
            rows = step(rows)
        return rows

    return run_all


def metadata(pipeline: Pipeline, event: Mapping[str, Any], number: int) -> Row:
    """What METADATA asks for of an event: its own values, or its number for an id."""
    columns = pipeline.source.metadata if isinstance(pipeline.source, Documents) else ()
    return {c.name: event.get(c.name, str(number) if c.name == "_id" else None) for c in columns}


def _stage(stage: Stage, now: int, beside: Beside) -> Step:
    match stage:
        case Filter(where):
            condition = compile_expression(where, now)
            return lambda rows: [row for row in rows if is_true(condition(row))]
        case Compute(columns):
            return _compute(columns, now)
        case Summarise(aggregates, keys):
            return _summarise(aggregates, keys, now)
        case InlineSummarise(aggregates, keys):
            return _inline(aggregates, keys, now)
        case Keep() | Drop():
            # Which names later stages may use was settled when they were read.
            return lambda rows: rows
        case Rename():
            return _rename(stage, now)
        case Sort(orders):
            return _sort(orders, now)
        case Limit(count):
            return lambda rows: rows[:count]
        case Extract(source):
            text, cut = compile_expression(source, now), extraction(stage)
            return lambda rows: [{**row, **cut(text(row))} for row in rows]
        case Expand(column):
            value = compile_expression(Reference(column), now)
            return lambda rows: [{**row, column.name: one} for row in rows for one in _each(value(row))]
        case Adjoin():
            return joining(stage, now, beside[stage.table])
        case _:
            assert_never(stage)


def _each(value: Value) -> Sequence[Scalar | None]:
    """The values, or null."""
    return values_of(value) or [None]


def _compute(columns: Sequence[Named], now: int) -> Step:
    compiled = [(n.column.name, compile_expression(n.expression, now)) for n in columns]

    def compute(rows: list[Row]) -> list[Row]:
        out = []
        for row in rows:
            made = dict(row)
            for name, value in compiled:
                made[name] = value(made)
            out.append(made)
        return out

    return compute


def _rename(stage: Rename, now: int) -> Step:
    steps = [(compile_expression(Reference(old), now), old.name, new.name) for old, new in stage.pairs]

    def rename(rows: list[Row]) -> list[Row]:
        out = []
        for row in rows:
            renamed = dict(row)
            for value, old, new in steps:
                renamed[new] = value(renamed)
                renamed.pop(old, None)
            out.append(renamed)
        return out

    return rename if steps else lambda rows: rows


# ---- groups ----


def frozen(value: Value) -> Any:  # noqa: ANN401 -- a value that can be a key; true and 1 are two
    """A value of a key as groups are told apart by it."""
    return (type(value), tuple(value) if isinstance(value, list) else value)


def compile_groups(keys: Sequence[Named], now: int) -> Callable[[Row], Iterable[_Keys]]:
    """The groups of a row: null is one, each distinct value of several is one."""
    by = [compile_expression(key.expression, now) for key in keys]

    def groups(row: Row) -> Iterable[_Keys]:
        choices: list[Sequence[Scalar | None]] = [distinct(values_of(key(row))) or [None] for key in by]
        return itertools.product(*choices)

    return groups


def compile_summary(
    aggregates: Sequence[Aggregated], keys: Sequence[Named], now: int
) -> Callable[[_Keys, Sequence[Row]], Row]:
    """The row of a group, from its keys and its members."""
    compiled = [(a.column.name, compile_aggregation(a.aggregation, now)) for a in aggregates]

    def summary(values: _Keys, members: Sequence[Row]) -> Row:
        made: Row = {EVENT: {}, ORIGIN: frozenset().union(*(row[ORIGIN] for row in members))}
        made |= {name: compute(members) for name, compute in compiled}
        return made | {key.column.name: value for key, value in zip(keys, values, strict=True)}

    return summary


def _summarise(aggregates: Sequence[Aggregated], keys: Sequence[Named], now: int) -> Step:
    combinations, summary = compile_groups(keys, now), compile_summary(aggregates, keys, now)

    def summarise(rows: list[Row]) -> list[Row]:
        groups: dict[Any, tuple[_Keys, list[Row]]] = {}
        if not keys:
            groups[()] = ((), rows)
        for row in rows if keys else ():
            for values in combinations(row):
                groups.setdefault(tuple(map(frozen, values)), (values, []))[1].append(row)
        return [summary(values, members) for values, members in groups.values()]

    return summarise


def _inline(aggregates: Sequence[Aggregated], keys: Sequence[Named], now: int) -> Step:
    """Each row with the columns of its group; one with several values of a key has no group of its own."""
    by = [compile_expression(key.expression, now) for key in keys]
    summarise = _summarise(aggregates, keys, now)
    nothing: Row = {a.column.name: None for a in aggregates}

    def inline(rows: list[Row]) -> list[Row]:
        values = [[key(row) for key in by] for row in rows]
        groups = {tuple(frozen(row[k.column.name]) for k in keys): row for row in summarise(rows)}
        out = []
        for row, own in zip(rows, values, strict=True):
            group = groups.get(tuple(map(frozen, own)), nothing)
            made = {**row, **{a.column.name: group[a.column.name] for a in aggregates}}
            made |= {key.column.name: value for key, value in zip(keys, own, strict=True)}
            out.append(made)
        return out

    return inline


# ---- order ----


def _sort(orders: Sequence[Order], now: int) -> Step:
    steps = [(order, compile_expression(order.expression, now)) for order in reversed(orders)]

    def sort(rows: list[Row]) -> list[Row]:
        for order, value in steps:
            rows = _sorted(order, rows, value)
        return rows

    return sort


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
