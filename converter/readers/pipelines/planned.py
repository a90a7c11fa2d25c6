"""A pipeline of the model as steps, in the names and kinds that a target has: what a reader is compared with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final, assert_never

from converter.deferred import dataclass, replace
from converter.model import pipeline as model
from converter.model.operation import Aggregator
from converter.model.pattern import Wild
from converter.model.pipeline import (
    Adjoin,
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
    Pipeline,
    Rename,
    Sort,
    Stage,
    Summarise,
)
from converter.model.predicate import And, Predicate
from converter.model.value import Field
from converter.readers.frames import Frame
from converter.readers.pipelines.expressions import Expressions
from converter.readers.pipelines.flow import ALWAYS, Flow, aggregated, unread
from converter.readers.pipelines.values import (
    NULL,
    Literal,
    Of,
    Value,
    before,
    behind,
    behind_start,
    holding,
    kind_of,
    one,
)
from converter.readers.unraised import UnraisedError

_AGGREGATES: Final = {
    Aggregator.COUNT: "count",
    Aggregator.COUNT_DISTINCT: "distinct",
    Aggregator.VALUES: "values",
    Aggregator.MIN: "min",
    Aggregator.MAX: "max",
    Aggregator.SUM: "sum",
    Aggregator.AVG: "avg",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a target names what a pipeline reads, and what it does not tell apart.

    `same`: an operation gives its argument itself, as far as the target's values go. `empties`: a text may be empty.
    """

    named: Callable[[Field], Field]
    spelled: Callable[[str], str]
    asked: Callable[[Predicate], Predicate]
    same: Callable[[model.Apply], bool]
    empties: bool = True


def planned(pipeline: Pipeline, manner: Manner, beside: Predicate = ALWAYS) -> Frame:
    """The steps of a pipeline over events for which `beside` holds too. Raises UnraisedError for what has no words."""
    plan = _Plan(manner)
    plan.flow.keep(beside)
    plan.flow.keep(manner.asked(pipeline.where))
    for position, stage in enumerate(pipeline.stages):
        plan.stage(stage, pipeline.stages[position + 1 :])
    return plan.flow.frame((manner.spelled(name), plan.column(column)) for name, column in shown(pipeline))


def shown(pipeline: Pipeline) -> list[tuple[str, model.Column]]:
    """The columns of the result that stages make."""
    made = [column for column in pipeline.columns if column.field is None]
    return [(c.name, c) for c in made if not c.name.startswith("_") and "*" not in c.name]


def narrowed(pipeline: Pipeline, left_out: Collection[str]) -> Pipeline:
    """The pipeline without columns of its result that a target has said to leave out."""
    return replace(pipeline, columns=tuple(c for c in pipeline.columns if c.name not in left_out))


class _Plan:
    def __init__(self, manner: Manner) -> None:
        self.flow = Flow()
        self._manner = manner
        self._made: dict[str, Value] = {}
        self._values = Expressions(self.flow, self.column, manner.asked, manner.same, empties=manner.empties)

    def column(self, column: model.Column) -> Value:
        """The value of a column in the present row."""
        if column.name in self._made:
            return self._made[column.name]
        if column.field is None:
            raise UnraisedError(f"the column {column.name}, which nothing makes")
        return self._values.stored(self._manner.named(column.field), column)

    def stage(self, stage: Stage, rest: Sequence[Stage]) -> None:
        """The steps of one stage. Raises UnraisedError."""
        values = self._values
        match stage:
            case Filter(where):
                self.flow.keep(values.truth(where).true)
            case Compute(columns):
                for named in columns:
                    self._define(named.column.name, self._read(partial(values.value, named.expression)))
            case Summarise() | InlineSummarise():
                self._group(stage, beside=isinstance(stage, InlineSummarise))
            case Rename(pairs):
                for old, new in pairs:
                    self._define(new.name, self.column(old))
            case Sort(orders):
                if any(isinstance(s, Limit) for s in rest):
                    said = [(o.descending, o.nulls_first) for o in orders]
                    self.flow.sort(said, [values.single(o.expression) for o in orders])
            case Limit(count):
                self.flow.step(f"limit {count}")
            case Extract():
                self._extract(stage)
            case Expand(column):
                self._set(column.name, self.flow.expand(self._manner.spelled(column.name), self.column(column)))
            case Keep() | Drop():
                return
            case Adjoin():
                raise UnraisedError("a join with another table")
            case _:
                assert_never(stage)

    @staticmethod
    def _read(made: Callable[[], Value]) -> Value:
        """The value of a column; one without words here may be one that nothing reads."""
        try:
            return made()
        except UnraisedError as error:
            return unread(str(error))

    def _set(self, name: str, value: Value) -> None:
        self._made[name] = value

    def _define(self, name: str, value: Value) -> None:
        self._set(name, self.flow.define(self._manner.spelled(name), value))

    # ---- groups

    def _group(self, stage: Summarise | InlineSummarise, *, beside: bool) -> None:
        spelled = self._manner.spelled
        sums = [(a.column.name, self._read(partial(self._aggregate, a.aggregation))) for a in stage.aggregates]
        keys = [(k.column.name, self._values.value(k.expression)) for k in stage.keys]
        names = [*(name for name, _ in sums), *(name for name, _ in keys)]
        if len({spelled(name) for name in names}) < len(names):
            raise UnraisedError("two columns of one name")
        named = [(spelled(name), value) for name, value in sums]
        if beside:
            made = self.flow.beside(named, [value for _, value in keys])
            for name, _ in sums:
                self._set(name, made[spelled(name)])
            for name, value in keys:
                self._define(name, value)
            return
        found = self.flow.group(named, [(spelled(name), value) for name, value in keys])
        self._made.clear()
        for name in names:
            self._set(name, found[spelled(name)])

    def _aggregate(self, node: Aggregation) -> Value:
        where = ALWAYS if node.where is None else self._values.truth(node.where).true
        if node.function not in _AGGREGATES:
            raise UnraisedError(f"the aggregate {node.function.value}")
        argument = self._values.value(node.arguments[0]) if node.arguments else Literal(1)
        return aggregated(self.flow, _AGGREGATES[node.function], argument, where)

    # ---- cuts

    def _extract(self, stage: Extract) -> None:
        source = one(self._values.value(stage.source))
        how = stage.how
        if isinstance(how, Cutting):
            cut = dissected(self.flow, source, how, whole=not self._manner.empties)
        elif len(how) == 1:
            from converter.readers.pipelines.regex import common  # few pipelines have one

            pattern = common(how[0].regex)
            cut = {
                capture.into: Of("capture", (source, pattern, Literal(number)), self._values.kind(capture.type))
                for number, capture in enumerate(how[0].captures, 1)
            }
        else:
            raise UnraisedError("grok with several patterns")
        for column in stage.columns:
            self._define(column.name, cut[column.name])


def dissected(flow: Flow, source: Value, how: Cutting, *, whole: bool = False) -> dict[str, Value]:
    """The parts of a text: what stands before the first delimiter, and the rest, which has to be there at the end.

    `whole`: what stands behind its beginning is cut off whatever that is, which is then asked for.
    """
    if any(key.append or key.padded for key in how.keys):
        raise UnraisedError("dissect with parts that are joined")
    rest: Value = source
    begun: Predicate = ALWAYS
    if how.head and whole:
        begun = And((flow.present(source), holding(source, how.head, Wild.ANY_RUN)))
        rest = Of("substring", (source, Literal(len(how.head))), kind_of(source))
    elif how.head:
        rest = behind_start(rest, how.head)
    found: dict[str, Value] = {}
    for key in how.keys:
        part = before(rest, key.delimiter) if key.delimiter else rest
        rest = behind(rest, key.delimiter) if key.delimiter else rest
        if key.into:
            found[key.into] = part
    fits = And((begun, flow.present(rest)))
    return {name: flow.choice([(fits, part)], NULL) for name, part in found.items()}
