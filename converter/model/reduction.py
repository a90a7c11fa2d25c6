"""Pipelines without some fields of the event: what is made of them goes too, as long as it only fills the alert."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from converter.deferred import replace
from converter.model.pipeline import (
    Adjoin,
    Aggregated,
    Apply,
    Column,
    Compute,
    Constant,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    InlineSummarise,
    Keep,
    Like,
    Limit,
    Matches,
    Named,
    Order,
    Pair,
    Pipeline,
    Reference,
    Rename,
    Sort,
    Stage,
    Summarise,
)
from converter.model.references import parts
from converter.model.value import Field
from converter.model.walk import fields


class NeededError(Exception):
    """The fields decide which alerts there are."""


def without(pipeline: Pipeline, lost: Iterable[str], metadata: Iterable[str] = ()) -> Pipeline:
    """The pipeline without these fields, and without these metadata columns of its source.

    Raises NeededError where a filter, a key or a limit reads one.
    """
    return _reduced(pipeline, _Reduction(set(lost), metadata=frozenset(metadata)))


def without_column(pipeline: Pipeline, position: int, name: str) -> Pipeline:
    """The pipeline without the column that the stage at `position` makes under this name.

    Raises NeededError where a filter, a key or a limit reads it.
    """
    return _reduced(pipeline, _Reduction(set(), (position, name)))


def _reduced(pipeline: Pipeline, reduction: _Reduction) -> Pipeline:
    stages: list[Stage] = []
    for position, stage in enumerate(pipeline.stages):
        # An order decides only which rows a limit takes.
        reduction.position, reduction.limited = position, any(isinstance(s, Limit) for s in pipeline.stages[position:])
        left = reduction.stage(stage)
        stages += [] if left is None else [left]
    columns = tuple(c for c in pipeline.columns if not reduction.is_gone(c))
    return replace(pipeline, stages=tuple(stages), columns=columns)


class _Reduction:
    def __init__(
        self, lost: set[str], cut: tuple[int, str] | None = None, metadata: frozenset[str] = frozenset()
    ) -> None:
        self._lost = lost
        self._metadata = metadata
        self._cut = cut
        self._gone: set[str] = set()
        self._made: set[str] = set()
        self.position = 0
        self.limited = False

    def is_gone(self, column: Column) -> bool:
        """Whether a column cannot be had."""
        if column.name in self._gone or (column.name in self._metadata and column.name not in self._made):
            return True
        return column.field is not None and column.name not in self._made and column.field.path in self._lost

    def _reads(self, expression: Expression) -> bool:
        for part in parts(expression):
            if isinstance(part, Reference) and self.is_gone(part.column):
                return True
            if isinstance(part, Found) and any(f.path in self._lost and f.way is None for f in fields(part.predicate)):
                return True
        return False

    def _need(self, expression: Expression) -> None:
        if self._reads(expression):
            raise NeededError

    def _kept(self, named: Named) -> bool:
        gone = self._reads(named.expression) or (self.position, named.column.name) == self._cut
        (self._gone.add if gone else self._gone.discard)(named.column.name)
        self._made.add(named.column.name)
        return not gone

    def stage(self, stage: Stage) -> Stage | None:
        """The stage without what is gone; None if nothing is left of it."""
        match stage:
            case Filter(where):
                self._need(where)
                return stage
            case Compute(columns):
                kept = tuple(n for n in columns if self._kept(n))
                return Compute(kept) if kept else None
            case Summarise(aggregates, keys) | InlineSummarise(aggregates, keys):
                kept_keys = tuple(k for k in keys if (self.position, k.column.name) != self._cut)
                self._gone.update(k.column.name for k in keys if k not in kept_keys)
                for key in kept_keys:
                    self._need(key.expression)
                kept_rows = tuple(a for a in aggregates if self._summed(a))
                return replace(stage, aggregates=kept_rows, keys=kept_keys)
            case Keep(columns, patterns):
                return Keep(tuple(c for c in columns if not self.is_gone(c)), patterns)
            case Rename(pairs):
                kept_pairs = []
                for old, new in pairs:
                    if self._kept(Named(new, Reference(old))):
                        kept_pairs.append((old, new))
                return Rename(tuple(kept_pairs)) if kept_pairs else None
            case Sort(orders):
                if self.limited and any(self._reads(o.expression) for o in orders):
                    raise NeededError
                left = tuple(o for o in orders if not self._reads(o.expression))
                return Sort(left) if left else None
            case Extract(source, _, columns):
                gone = self._reads(source) or (self._cut is not None and self.position == self._cut[0])
                for column in columns:
                    (self._gone.add if gone else self._gone.discard)(column.name)
                    self._made.add(column.name)
                return None if gone else stage
            case Expand(column):
                self._need(Reference(column))
                return stage
            case Adjoin(on=on, columns=columns):
                for pair in on:
                    self._need(pair.left)
                self._gone.difference_update(column.name for column, _ in columns)
                self._made.update(column.name for column, _ in columns)
                return stage
            case Drop() | Limit():
                return stage
            case _:
                assert_never(stage)

    def _summed(self, aggregated: Aggregated) -> bool:
        node = aggregated.aggregation
        gone = any(map(self._reads, (*node.arguments, *((node.where,) if node.where is not None else ()))))
        gone = gone or (self.position, aggregated.column.name) == self._cut
        (self._gone.add if gone else self._gone.discard)(aggregated.column.name)
        self._made.add(aggregated.column.name)
        return not gone


Change = Callable[[Expression], Expression | None]
"""What an expression becomes; None where its parts are looked at."""


def rebound(pipeline: Pipeline, bound: Mapping[str, Field], change: Change = lambda _: None) -> Pipeline:
    """The pipeline with the fields of the event replaced, by their paths, and expressions by `change`."""
    binder = _Binder(bound, change)
    columns = tuple(map(binder.column, pipeline.columns))
    return replace(pipeline, stages=tuple(map(binder.stage, pipeline.stages)), columns=columns)


class _Binder:
    def __init__(self, bound: Mapping[str, Field], change: Change) -> None:
        self._bound = bound
        self._change = change

    def column(self, column: Column) -> Column:
        """A column with its field in the place's words."""
        found = None if column.field is None else self._bound.get(column.field.path)
        if found is None or column.field is None:
            return column
        field = replace(found, kind=column.field.kind)
        return replace(column, field=field, many=column.many and found.many)

    def expression(self, node: Expression) -> Expression:
        """An expression over the place's columns."""
        changed = self._change(node)
        if changed is not None:
            return changed
        match node:
            case Reference(column):
                found = self.column(column)
                return node if found is column else replace(node, column=found)
            case Apply(_, arguments):
                inside = tuple(map(self.expression, arguments))
                return node if all(map(operator.is_, inside, arguments)) else replace(node, arguments=inside)
            case Like() | Matches():
                operand = self.expression(node.operand)
                return node if operand is node.operand else replace(node, operand=operand)
            case Constant() | Found():
                return node
            case _:
                assert_never(node)

    def _named(self, columns: tuple[Named, ...]) -> tuple[Named, ...]:
        return tuple(Named(n.column, self.expression(n.expression)) for n in columns)

    def _aggregated(self, aggregated: Aggregated) -> Aggregated:
        node = aggregated.aggregation
        where = None if node.where is None else self.expression(node.where)
        node = replace(node, arguments=tuple(map(self.expression, node.arguments)), where=where)
        return replace(aggregated, aggregation=node)

    def stage(self, stage: Stage) -> Stage:
        """A stage over the place's columns."""
        match stage:
            case Filter(where):
                return replace(stage, where=self.expression(where))
            case Compute(columns):
                return Compute(self._named(columns))
            case Summarise(aggregates, keys) | InlineSummarise(aggregates, keys):
                summed = tuple(map(self._aggregated, aggregates))
                return replace(stage, aggregates=summed, keys=self._named(keys))
            case Rename(pairs):
                return Rename(tuple((self.column(old), new) for old, new in pairs))
            case Sort(orders):
                made = (Order(self.expression(o.expression), o.descending, o.nulls_first) for o in orders)
                return Sort(tuple(made))
            case Extract(source):
                return replace(stage, source=self.expression(source))
            case Expand(column):
                return Expand(self.column(column))
            case Adjoin(on=on):
                pairs_ = tuple(Pair(self.expression(p.left), p.comparison, p.right) for p in on)
                return replace(stage, on=pairs_)
            case Keep() | Drop() | Limit():
                return stage
            case _:
                assert_never(stage)
