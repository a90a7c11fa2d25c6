"""Pipelines of ES|QL as operators of Kusto: null groups kept, arrays guarded, several values of a key expanded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Final, TypeVar, assert_never

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand, column
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.rowpart import listed, spelled, typed
from backends.sentinel.condition.rowvalue import Values
from backends.sentinel.detection import source
from backends.sentinel.detection.aggregates import Sums
from backends.sentinel.detection.cuts import dissected, grokked
from backends.sentinel.detection.grouped import grouped, kept
from backends.sentinel.detection.selection import Selection, select
from backends.sentinel.detection.shown import Shown, name_of
from converter.diagnostics import Diagnostic
from converter.languages.kusto.syntax import (
    Expansion,
    Expression,
    Extend,
    Item,
    Join,
    Let,
    MvExpand,
    Name,
    Number,
    Operator,
    Project,
    Query,
    Summarize,
    Table,
    Take,
    Text,
    Where,
)
from converter.languages.kusto.syntax import Order as KustoOrder
from converter.languages.kusto.syntax import Sort as KustoSort
from converter.languages.kusto.walk import names
from converter.model import pipeline as model
from converter.model.operation import Aggregator
from converter.model.pipeline import (
    Adjoin,
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
from converter.model.references import metadata_names
from converter.model.value import Column as Place_
from converter.model.value import Field, Kind
from converter.target.codes import T006
from converter.target.contract import Binding
from converter.target.narrowing import UnsayableColumnError, UnsayableError, left_out, narrowed, said_of, told_apart

T = TypeVar("T")
_TIME: Final = "@timestamp"


def pipeline(
    detection: Pipeline, binding: Binding, place: Place, *, bare: bool = False
) -> tuple[Query, Shown, tuple[Let, ...]] | None:
    """The query, the columns that it shows, and its statements; None where the notes say what has no exact form."""
    try:
        detection = _timed(detection, binding)
        chosen = select(detection.where, binding, place)
        stages, narrow = narrowed(detection, lambda pipeline: _Stages(place, chosen).written(pipeline))
        columns = [c for c in narrow.columns if not c.name.startswith("_") and "*" not in c.name]
        made = {c.name: item for c in columns if (item := stages.shown(c)) is not None}
        items, unshown = tuple(made.values()), tuple(c.name for c in columns if c.name not in made)
    except UnsayableError as error:
        place.notes.add(Diagnostic(T006, f"{error} cannot be said in Kusto exactly"))
        return None
    items = tuple(Item(i.expression) if i.expression == Name(i.name) else i for i in items)
    place.notes.left_out = (*left_out(detection, narrow), *unshown)
    for note in said_of(place.notes.left_out, "have no exact form in Kusto"):
        place.notes.add(note)
    last = (Project(items),) if items and not bare and not detection.open else ()
    shows = Shown(items, tuple((name_of(i), name_of(i)) for i in items)) if last else _stored(binding)
    return stages.source.then(*stages.out, *last), shows, tuple(stages.lets)


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
    return rebound(detection, {_TIME: Field(_TIME, Kind.DATE, many=False, way=Place_(name, "datetime"))})


class _Stages:
    def __init__(self, place: Place, source: Selection) -> None:
        self._place = place
        self.values = Values(place)
        self.source = source
        self.out: list[Operator] = []
        self.lets: list[Let] = []
        self._position = 0
        self._told = Name("")

    def written(self, pipeline: Pipeline) -> _Stages:
        """With the operators of all stages."""
        told_apart(pipeline, lambda field: names(column(field).expression), spelled)
        self.values.metadata = metadata_names(pipeline)
        for position, stage in enumerate(pipeline.stages):
            self._position = position
            self._add(stage, pipeline.stages[position + 1 :])
        return self

    def shown(self, column: model.Column) -> Item | None:
        """A column of the result; None where it is no more than a place's that has no form."""
        try:
            return Item(self.values.value(Reference(column)), spelled(column.name))
        except UnsayableError:
            return None

    def _put(self, *operators: Operator) -> None:
        """Operators, behind those that compute what they need."""
        self.out += [*self.values.before, *operators]
        self.values.before.clear()

    def _column(self, name: str, make: Callable[[], T]) -> T:
        """A column that may be left out if it has no form."""
        try:
            return make()
        except UnsayableError as error:
            raise UnsayableColumnError(str(error), self._position, name) from error

    def _add(self, stage: Stage, rest: Sequence[Stage]) -> None:
        """The operators of a stage."""
        values = self.values
        match stage:
            case Filter(where):
                self._put(Where(kept(values.said(where).true)))
            case Compute(columns):
                for named in columns:
                    self._compute(named.column, named.expression)
            case Summarise(aggregates, keys):
                self._groups(aggregates, keys)
            case InlineSummarise(aggregates, keys):
                self._beside(aggregates, keys)
            case Keep() | Drop():
                return
            case Rename(pairs):
                for old, new in pairs:
                    self._compute(new, Reference(old))
            case Sort():
                self._sort(stage, rest)
            case Limit(count):
                if rest and any(not isinstance(s, Keep | Drop) for s in rest):
                    raise UnsayableError("a limit of rows before other commands")
                self._put(Take(Number(count)))
            case Extract():
                self._extract(stage)
            case Expand(column):
                empty = values.may_be_empty(Reference(column))
                self._expanded(values.value(Reference(column)), spelled(column.name), column.type)
                self._know(column.name, self._told if empty else None)
            case Adjoin():
                raise UnsayableError("a join with another table")
            case _:
                assert_never(stage)

    def _know(self, name: str, told: Name | None, *, loose: bool = False) -> None:
        """Remember whether a new column may be the empty text, and which column tells."""
        values = self.values
        values.fits.pop(name, None)
        values.loose.discard(name)
        values.unordered.discard(name)
        if told is not None:
            values.fits[name] = told
        if loose:
            values.loose.add(name)

    def _compute(self, column: model.Column, node: model.Expression) -> None:
        self._column(column.name, functools.partial(self._computed, column, node))

    def _computed(self, column: model.Column, node: model.Expression) -> None:
        values = self.values
        value = values.array(node) if is_many(node) else values.value(node)
        told: Name | None = None
        items = [Item(value, spelled(column.name))]
        if values.may_be_empty(node) and not is_many(node):
            known = values.known(node)
            told = known if isinstance(known, Name) else Name(values.fresh("Known"))
            items += [] if told == known else [Item(known, told.name)]
        loose = is_many(node) and values.may_be_empty(node)
        self._put(Extend(tuple(items)))
        self._know(column.name, told, loose=loose)

    def _expanded(self, values: Expression, name: str, kind: Type) -> None:
        """One row a distinct value; a row without any stays. What is computed has its name first: it is asked often."""
        if not isinstance(values, Name):
            self._put(Extend((Item(values, name),)))
            values = Name(name)
        self._put(MvExpand((Expansion(listed(values), name),)))
        self._told = Name(self.values.fresh("Known"))
        told = Item(tree.call("isnotnull", Name(name)), self._told.name)
        self._put(Extend((told, Item(typed(Operand(Name(name), "dynamic"), kind), name))))

    def _extract(self, stage: Extract) -> None:
        if is_many(stage.source):
            raise UnsayableError("cutting several values")
        cut = dissected if isinstance(stage.how, Cutting) else grokked
        make = functools.partial(cut, self.values, stage, self._put)
        found = self._column(stage.columns[0].name, make) if stage.columns else make()
        for made in stage.columns:
            self._know(made.name, found.get(made.name))

    # ---- groups

    def _keys(self, keys: Sequence[Named]) -> list[tuple[str, Expression, Expression | None]]:
        """Name, value, and whether there is one where the value does not tell."""
        found: list[tuple[str, Expression, Expression | None]] = []
        for key in keys:
            node, name = key.expression, key.column.name
            empty = self.values.may_be_empty(node)
            if not is_many(node):
                found.append((name, self.values.value(node), self.values.known(node) if empty else None))
                continue
            # A column of its own: aggregates see the array whole (rule Q05a).
            own, value = self.values.fresh("Key"), self.values.array(node)
            if not isinstance(value, Name):
                self._put(Extend((Item(value, own),)))
                value = Name(own)
            self._expanded(tree.call("set_union", value, value), own, type_of(node))
            found.append((name, Name(own), self._told if empty else None))
        return found

    def _groups(self, aggregates: Sequence[Aggregated], keys: Sequence[Named]) -> None:
        if not keys:
            raise UnsayableError("stats without keys")
        fresh = self.values.fresh
        by: list[tuple[str, Item, Item | None]] = [
            (name, Item(value, fresh("By")), None if known is None else Item(known, fresh("Known")))
            for name, value, known in self._keys(keys)
        ]
        made = self._summed(aggregates)
        known = [item for _, _, item in by if item is not None]
        sums = [(i, spelled(a.column.name)) for i, a in zip(made, aggregates, strict=True)]
        self._put(*grouped(sums, [(item, spelled(name)) for name, item, _ in by], known))
        loose = {a.column.name for a in aggregates if self._gives_empty(a.aggregation)}
        self.values.fits = {name: Name(told.name) for name, _, told in by if told is not None}
        self.values.loose = loose
        self.values.unordered = {a.column.name for a in aggregates if a.aggregation.function is Aggregator.VALUES}

    def _gives_empty(self, node: Aggregation) -> bool:
        return node.function is Aggregator.VALUES and self.values.may_be_empty(node.arguments[0])

    def _summed(self, aggregates: Sequence[Aggregated]) -> list[Item]:
        """The aggregates in columns of their own; arrays are expanded before."""
        sums = Sums(self.values, self._put)
        for a in aggregates:
            self._column(a.column.name, functools.partial(sums.prepare, a.aggregation))
        sums.expand()
        items = [self._column(a.column.name, functools.partial(sums.aggregate, a.aggregation)) for a in aggregates]
        return [Item(item, self.values.fresh("Sum")) for item in items]

    def _beside(self, aggregates: Sequence[Aggregated], keys: Sequence[Named]) -> None:
        """INLINE STATS: the rows by a name, beside the groups that are made of them (rule Q43)."""
        if any(is_many(k.expression) for k in keys):
            raise UnsayableError("inline stats by a key of several values")
        values, fresh = self.values, self.values.fresh
        found = self._keys(keys)
        # Null matches null here: a text of each key, with what no other key has where there is no value.
        pairs = []
        for key, (_, value, _) in zip(keys, found, strict=True):
            text = tree.call("strcat", Text("="), tree.call("tostring", value))
            pairs.append(Item(tree.call("iff", values.known(key.expression), text, Text("")), fresh("Key")))
        pairs = pairs or [Item(Number(1), fresh("Key"))]
        self._put(Extend(tuple(pairs)))
        name = fresh("Rows")
        self.lets.append(Let(name, self.source.then(*self.out)))
        self.source, self.out = Selection(Query(Table(name))), []
        made = self._summed(aggregates)
        self._put(Summarize(tuple(made), tuple(Item(Name(p.name)) for p in pairs)))
        right = Query(Table(name), tuple(self.out))
        self.out = [Join(right, tuple(Name(p.name) for p in pairs), "inner")]
        items = [Item(Name(i.name), spelled(a.column.name)) for i, a in zip(made, aggregates, strict=True)]
        loose = {a.column.name for a in aggregates if self._gives_empty(a.aggregation)}
        self._put(Extend(tuple(items)))
        for a in aggregates:
            self._know(a.column.name, None, loose=a.column.name in loose)
            if a.aggregation.function is Aggregator.VALUES:
                values.unordered.add(a.column.name)
        for key in keys:
            node = key.expression
            if not (isinstance(node, Reference) and node.column.name == key.column.name):
                self._compute(key.column, node)

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
        self._put(KustoSort(tuple(keys)))
