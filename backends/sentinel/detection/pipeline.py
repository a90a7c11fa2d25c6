"""Pipelines of ES|QL as operators of Kusto: null groups kept, arrays guarded, several values of a key expanded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand, column
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.rowvalue import NUMBERS, UnsayableError, Values, null, spelled, typed
from backends.sentinel.detection import source
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, name_of
from converter.deferred import compiled
from converter.diagnostics import Diagnostic
from converter.languages.kusto.syntax import (
    Binary,
    Expansion,
    Expression,
    Extend,
    Item,
    MvExpand,
    Name,
    Number,
    Operator,
    Project,
    Query,
    Summarize,
    Take,
    Text,
    Where,
)
from converter.languages.kusto.syntax import Order as KustoOrder
from converter.languages.kusto.syntax import Sort as KustoSort
from converter.model.operation import Aggregator
from converter.model.pipeline import (
    Aggregated,
    Aggregation,
    Compute,
    Cutting,
    Drop,
    Expand,
    Extract,
    Filter,
    InlineSummarise,
    Keep,
    Limit,
    Named,
    Pipeline,
    Reference,
    Rename,
    Sort,
    Stage,
    Summarise,
    Type,
    is_many,
    type_of,
)
from converter.model.reduction import rebound
from converter.model.value import Column, Field, Kind
from converter.target.codes import T006
from converter.target.contract import Binding


def pipeline(detection: Pipeline, binding: Binding, place: Place, *, bare: bool = False) -> tuple[Query, Shown] | None:
    """The query and the columns that it shows; None where the notes say what has no exact form."""
    stages = _Stages(place)
    try:
        detection = _timed(detection, binding)
        chosen = select(detection.where, binding, place)
        for position, stage in enumerate(detection.stages):
            stages.add(stage, detection.stages[position + 1 :])
        columns = [c for c in detection.columns if not c.name.startswith("_") and "*" not in c.name]
        items = tuple(Item(stages.values.value(Reference(c)), spelled(c.name)) for c in columns)
    except UnsayableError as error:
        place.notes.add(Diagnostic(T006, f"{error} cannot be said in Kusto exactly"))
        return None
    items = tuple(Item(i.expression) if i.expression == Name(i.name) else i for i in items)
    last = (Project(items),) if items and not bare and not detection.open else ()
    shows = Shown(items, tuple((name_of(i), name_of(i)) for i in items)) if last else _stored(binding)
    return chosen.then(*stages.out, *last), shows


def _stored(binding: Binding) -> Shown:
    """The columns of whole rows."""
    held = ((path, column(field).expression) for path, field in binding.fields.items())
    of = tuple((path, place.name) for path, place in held if isinstance(place, Name))
    return Shown(tuple(Item(Name(name)) for name in binding.columns), of)


def _timed(detection: Pipeline, binding: Binding) -> Pipeline:
    """The pipeline with the event's time as the place has it."""
    name = source.time(binding).name
    if name == _TIME:
        return detection
    return rebound(detection, {_TIME: Field(_TIME, Kind.DATE, many=False, way=Column(name, "datetime"))})


_TIME = "@timestamp"
_AHEAD = compiled(r"\(\?(?:[=!>]|<[=!])|\\[ZzGkKX]")
_BY_VALUE = (Aggregator.COUNT_DISTINCT, Aggregator.VALUES, Aggregator.MIN, Aggregator.MAX)
"""Aggregates that are the same however often they see a value."""


def _listed(values: Expression) -> Expression:
    """An array with an element at least, so that its row stays."""
    count = tree.call("array_length", values)
    nothing, alone = tree.call("pack_array", tree.NULL_ELEMENT), tree.call("pack_array", values)
    return tree.call("case", Binary(">", count, Number(0)), values, tree.call("isnull", count), alone, nothing)


class _Stages:
    def __init__(self, place: Place) -> None:
        self._place = place
        self.values = Values(place)
        self.out: list[Operator] = []

    def add(self, stage: Stage, rest: Sequence[Stage]) -> None:
        """The operators of a stage."""
        values = self.values
        match stage:
            case Filter(where):
                self.out.append(Where(values.said(where).true))
            case Compute(columns):
                self.out += [Extend((self._named(n),)) for n in columns]
            case Summarise(aggregates, keys):
                self._groups(aggregates, keys)
            case InlineSummarise():
                raise UnsayableError("inline stats")
            case Keep() | Drop():
                return
            case Rename(pairs):
                for old, new in pairs:
                    self.out.append(Extend((Item(values.value(Reference(old)), spelled(new.name)),)))
            case Sort():
                self._sort(stage, rest)
            case Limit(count):
                if rest and any(not isinstance(s, Keep | Drop) for s in rest):
                    raise UnsayableError("a limit of rows before other commands")
                self.out.append(Take(Number(count)))
            case Extract():
                self._extract(stage)
            case Expand(column):
                name = spelled(column.name)
                found = values.value(Reference(column))
                self._expanded(found, name, column.type)
            case _:
                assert_never(stage)

    def _named(self, named: Named) -> Item:
        return Item(self.values.value(named.expression), spelled(named.column.name))

    def _expanded(self, values: Expression, name: str, kind: Type) -> None:
        """One row a distinct value; a row without any stays."""
        self.out.append(MvExpand((Expansion(_listed(values), name),)))
        self.out.append(Extend((Item(typed(Operand(Name(name), "dynamic"), kind), name),)))

    def _extract(self, stage: Extract) -> None:
        """GROK; each capture by its own `extract`, which gives the empty text where nothing matches."""
        how = stage.how
        if isinstance(how, Cutting) or len(how) != 1 or is_many(stage.source):
            raise UnsayableError("dissect, and grok with several patterns")
        names = [c.into for c in how[0].captures]
        if len(set(names)) < len(names) or _AHEAD.search(how[0].regex):
            raise UnsayableError("grok with look-around or one name twice")
        if any(c.type is not Type.KEYWORD for c in how[0].captures):
            raise UnsayableError("grok with types")
        source, pattern = self.values.one(stage.source), Text(how[0].regex)
        found = [
            Item(tree.call("extract", pattern, Number(number), source), spelled(capture.into))
            for number, capture in enumerate(how[0].captures, 1)
        ]
        self.out.append(Extend(tuple(found)))

    # ---- groups

    def _groups(self, aggregates: Sequence[Aggregated], keys: Sequence[Named]) -> None:
        if not keys:
            raise UnsayableError("stats without keys")
        by: list[Item] = []
        for key in keys:
            value, name = self.values.value(key.expression), spelled(key.column.name)
            if is_many(key.expression):
                # A column of its own: aggregates see the array whole (rule Q05a).
                own = self._place.names.fresh("Key")
                distinct = tree.call(
                    "iff",
                    tree.call("isnull", tree.call("array_length", value)),
                    value,
                    tree.call("set_union", value, value),
                )
                self._expanded(distinct, own, type_of(key.expression))
                value = Name(own)
            by.append(Item(value, name))
        elements, once = self._elements([a.aggregation for a in aggregates])
        fresh = self._place.names.fresh
        made = [Item(self._aggregate(a.aggregation, elements, once), fresh("Sum")) for a in aggregates]
        names = tuple(Item(Name(i.name), spelled(a.column.name)) for i, a in zip(made, aggregates, strict=True))
        # Keys may have the name of a column that an aggregate reads, and the other way round.
        temporary = [Item(i.expression, self._place.names.fresh("By")) for i in by]
        self.out.append(Summarize(tuple(made), tuple(temporary)))
        renamed = tuple(Item(Name(t.name), i.name) for t, i in zip(temporary, by, strict=True))
        self.out.append(Project((*names, *renamed)))

    def _elements(self, nodes: Sequence[Aggregation]) -> tuple[dict[Expression, Expression], list[Expression]]:
        """What stands for each array whose values are looked at one by one, and which rows count an event once."""
        elements: dict[Expression, Expression] = {}
        once: list[Expression] = []
        for node in nodes:
            argument = node.arguments[0] if node.arguments else None
            if argument is None or node.function not in _BY_VALUE or not is_many(argument):
                continue
            values = self.values.value(argument)
            if values in elements:
                continue
            own, index = self._place.names.fresh("Element"), self._place.names.fresh("ElementIndex")
            self.out.append(MvExpand((Expansion(_listed(values), own),), index))
            elements[values] = typed(Operand(Name(own), "dynamic"), type_of(argument))
            once.append(Binary("==", Name(index), Number(0)))
        return elements, once

    def _aggregate(
        self, node: Aggregation, elements: Mapping[Expression, Expression], once: Sequence[Expression]
    ) -> Expression:
        where = [] if node.where is None else [self.values.said(node.where).true]
        if not node.arguments:
            conditions = [*once, *where]
            return tree.call("countif", tree.all_of(conditions)) if conditions else tree.call("count")
        argument = node.arguments[0]
        value, kind = self.values.value(argument), type_of(argument)
        if is_many(argument) and node.function not in _BY_VALUE:
            return self._of_arrays(node, value, once)
        if node.function not in _BY_VALUE:
            where += once
        return self._of_values(node, elements.get(value, value), kind, where)

    def _of_values(self, node: Aggregation, value: Expression, kind: Type, where: Sequence[Expression]) -> Expression:
        known = self.values.known(value, kind)
        match node.function:
            case Aggregator.COUNT:
                return tree.call("countif", tree.all_of([known, *where]))
            case Aggregator.COUNT_DISTINCT:
                return tree.call("count_distinctif", value, tree.all_of([known, *where]))
            case Aggregator.VALUES:
                return tree.call("make_set_if", value, tree.all_of([known, *where]))
            case Aggregator.MIN | Aggregator.MAX | Aggregator.AVG if kind in (*NUMBERS, Type.DATE):
                name = node.function.value
                return tree.call(f"{name}if", value, tree.all_of(where)) if where else tree.call(name, value)
            case Aggregator.SUM:
                some = tree.call("countif", tree.all_of([known, *where]))
                total = tree.call("sumif", value, tree.all_of(where)) if where else tree.call("sum", value)
                return tree.call("iff", Binary(">", some, Number(0)), total, null(node.type))
            case _:
                raise UnsayableError(f"{node.function.value} of {kind.value}")

    def _of_arrays(self, node: Aggregation, value: Expression, once: Sequence[Expression]) -> Expression:
        if node.function is not Aggregator.COUNT:
            raise UnsayableError(f"{node.function.value} of several values")
        where = [] if node.where is None else [self.values.said(node.where).true]
        missing = tree.call("iff", tree.call("isempty", tree.call("tostring", value)), Number(0), Number(1))
        count = tree.call("coalesce", tree.call("array_length", value), missing)
        conditions = [*once, *where]
        return tree.call("sumif", count, tree.all_of(conditions)) if conditions else tree.call("sum", count)

    # ---- order

    def _sort(self, stage: Sort, rest: Sequence[Stage]) -> None:
        if any(is_many(o.expression) for o in stage.orders):
            if any(isinstance(s, Limit) for s in rest):
                raise UnsayableError("an order of several values")
            return
        keys = [
            KustoOrder(self.values.value(o.expression), not o.descending, "first" if o.nulls_first else "last")
            for o in stage.orders
        ]
        self.out.append(KustoSort(tuple(keys)))
