"""Pipelines of ES|QL as stages of SPL: null groups kept, several values guarded, dates in milliseconds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, TypeVar, assert_never

from backends.splunk.condition.literal import string
from backends.splunk.condition.rowvalue import NUMBERS, Values, spelled
from backends.splunk.condition.translation import UntranslatableError, translated
from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import MOST, table
from backends.splunk.detection.place import matching
from converter.deferred import compiled
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.esql.codes import Q045, Q046
from converter.languages.spl import flow, parse
from converter.languages.spl.quoting import is_field
from converter.languages.spl.shorthand import NULL, binary, call, concat, equal, number
from converter.languages.spl.syntax import (
    Aggregate,
    Eval,
    Expression,
    Mvexpand,
    Name,
    Number,
    Rex,
    Sign,
    SortKey,
    Stats,
    Text,
    Where,
)
from converter.languages.spl.syntax import Sort as SplSort
from converter.languages.spl.syntax import Stage as SplStage
from converter.model.operation import Aggregator
from converter.model.pipeline import (
    Adjoin,
    Aggregated,
    Capturing,
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
    Rows,
    Sort,
    Stage,
    Summarise,
    Type,
    is_many,
    type_of,
)
from converter.model.references import made_names, metadata_names, stored_fields
from converter.model.value import Computed, Field
from converter.target.codes import T006
from converter.target.contract import Binding
from converter.target.narrowing import UnsayableColumnError, UnsayableError, left_out, narrowed, said_of, told_apart

T = TypeVar("T")
_NOTHING: Final = Text("(null)")
"""Stands for null in keys, which `stats` would drop; no event of ours holds it as a whole value."""
_BEYOND = compiled(r"\\[wWbdDsS]")
_PLAIN: Final = {
    Aggregator.COUNT: "count",
    Aggregator.COUNT_DISTINCT: "dc",
    Aggregator.VALUES: "values",
    Aggregator.MIN: "min",
    Aggregator.MAX: "max",
    Aggregator.SUM: "sum",
    Aggregator.AVG: "avg",
}


def pipeline(write: Writer, binding: Binding, detection: Pipeline, *, bare: bool) -> list[SplStage]:
    """The stages; what has no exact form is in the notebook, as a refusal."""
    try:
        stages, kept = narrowed(detection, lambda one: _Stages(write, one).written(binding, bare=bare))
    except UnsayableError as error:
        write.notebook.add(Diagnostic(T006, f"{error} cannot be said in SPL exactly"))
        return []
    write.notebook.left_out = left_out(detection, kept)
    for note in said_of(write.notebook.left_out, "have no exact form in SPL"):
        write.notebook.add(note)
    return stages


def taken(detection: Pipeline) -> set[str]:
    """The names that no column of the target's own may have: those of the rule's columns, and of fields it reads."""
    stored = (name for field in stored_fields(detection) for name in _stored(field))
    return {*map(spelled, made_names(detection)), *stored}


def _stored(field: Field) -> Iterable[str]:
    """The columns that a field is read from."""
    match field.way:
        case Computed(text):
            try:
                return flow.named(parse.expression(text))
            except QuerySyntaxError:
                return ()  # which refuses the rule where it is written
        case None:
            return (field.path,)
        case way:
            return (way.text,)


class _Stages:
    def __init__(self, write: Writer, detection: Pipeline) -> None:
        self._write = write
        self._detection = detection
        self._values = Values(write.columns, taken(detection), write.checks, metadata=metadata_names(detection))
        self._position = 0
        self.out: list[SplStage] = []

    def written(self, binding: Binding, *, bare: bool) -> list[SplStage]:
        """The search, the stages, and the closing table."""
        if isinstance(self._detection.source, Rows):
            raise UnsayableError("a row of constants")
        told_apart(self._detection, _stored, spelled)
        self.out += matching(self._write, binding, self._detection.where)
        stages = self._detection.stages
        for position, stage in enumerate(stages):
            self._position = position
            self._stage(stage, stages[position + 1 :])
        names = [] if bare else self._shown()
        for note in self._values.notes:
            self._write.notebook.add(Diagnostic(Q046, note, Severity.NOTE))
        if not bare:
            self.out.append(table(names))
        return self.out

    def _shown(self) -> list[str]:
        """The columns of the closing table; what the place has under another name gets its own."""
        names: list[str] = []
        own: list[tuple[str, Expression]] = []
        for column in self._detection.columns:
            name = spelled(column.name)
            if column.name.startswith("_") or "*" in column.name:
                continue
            if column.field is not None and column.field.way is not None:
                try:
                    value = self._values.value(Reference(column))
                except UnsayableError:
                    continue
                own += [] if value == Name(name) else [(name, value)]
            names.append(name)
        if own:
            self._add(Eval(tuple(own[:MOST])))
        return names

    def _add(self, *stages: SplStage) -> None:
        for stage in (*self._values.flushed(), *stages):
            self.out += [*self._write.columns.before(stage, self.out), stage]

    def _name(self, name: str) -> str:
        if not is_field(spelled(name)):
            raise UnsayableError(f"a column named {name!r}")
        return spelled(name)

    def _stage(self, stage: Stage, rest: Sequence[Stage]) -> None:
        match stage:
            case Filter(where):
                self._add(Where(self._values.truth(where).true))
            case Compute(columns):
                for named in columns:
                    self._compute(named)
            case Summarise(aggregates, keys):
                self._groups("stats", aggregates, keys)
            case InlineSummarise(aggregates, keys):
                if any(is_many(k.expression) for k in keys):
                    raise UnsayableError("inline stats by a key of several values")
                self._groups("eventstats", aggregates, keys)
            case Keep() | Drop():
                return
            case Rename(pairs):
                for old, new in pairs:
                    value = self._values.value(Reference(old))
                    gone = [(self._name(old.name), NULL)] if old.field is None else []
                    self._add(Eval(((self._name(new.name), value), *gone)))
            case Sort():
                self._sort(stage, rest)
            case Limit(count):
                place = self._copied(Number("1"))
                self._add(Stats("streamstats", (Aggregate("count", None, place.text),)))
                self._add(Where(binary(place, Sign.LE, number(count))))
            case Extract(columns=columns):
                make = functools.partial(self._extract, stage)
                self._column(columns[0].name, make) if columns else make()
            case Expand(column):
                name = self._name(column.name)
                self._add(Eval(((name, call("coalesce", self._values.value(Reference(column)), _NOTHING)),)))
                self._add(Mvexpand(name), Eval(((name, _nothing_away(name)),)))
            case Adjoin():
                raise UnsayableError("a join with another table")
            case _:
                assert_never(stage)

    def _column(self, name: str, make: Callable[[], T]) -> T:
        """A column that may be left out if it has no form."""
        try:
            return make()
        except UnsayableError as error:
            raise UnsayableColumnError(str(error), self._position, name) from error

    def _compute(self, named: Named) -> None:
        value = self._column(named.column.name, functools.partial(self._values.value, named.expression))
        self._values.unordered.discard(named.column.name)
        self._add(Eval(((self._name(named.column.name), value),)))

    # ---- groups

    def _groups(self, command: str, aggregates: Sequence[Aggregated], keys: Sequence[Named]) -> None:
        if not keys and command == "stats":
            raise UnsayableError("stats without keys")
        grouped = {self._name(key.column.name) for key in keys}
        wanted = [self._column(a.column.name, functools.partial(self._aggregate, a, grouped)) for a in aggregates]
        by: list[str] = []
        evals: list[tuple[str, Expression]] = []
        for key in keys:
            name = self._name(key.column.name)
            value = self._values.value(key.expression)
            own = isinstance(key.expression, Reference) and self._name(key.expression.column.name) == name
            # Of its own, as one `eval` sees what it made of the keys before.
            value = value if own else self._copied(value)
            evals.append((name, call("coalesce", value, _NOTHING)))
            by.append(name)
        self._add(*([Eval(tuple(evals))] if evals else []))
        options = (("dedup_splitvals", "true"),) if command == "stats" else ()
        if not wanted and command == "stats":
            wanted = [Aggregate("count", None, self._values.fresh())]  # without a function it is no command
        if wanted:
            self._add(Stats(command, tuple(wanted), tuple(by), options))
        if by:
            self._add(Eval(tuple((name, _nothing_away(name)) for name in by)))
        made = {a.column.name for a in aggregates}
        listed = {a.column.name for a in aggregates if a.aggregation.function is Aggregator.VALUES}
        kept = set() if command == "stats" else self._values.unordered - made
        self._values.unordered = kept | listed

    def _aggregate(self, aggregated: Aggregated, grouped: Collection[str]) -> Aggregate:
        """One statistic. A column that is grouped by is copied, so that an array counts whole in each of its groups."""
        node = aggregated.aggregation
        name = self._name(aggregated.column.name)
        condition = None if node.where is None else self._values.truth(node.where).true
        if not node.arguments:
            if condition is None:
                return Aggregate("count", None, name)
            flag = self._values.let(call("if", condition, Number("1"), NULL))
            return Aggregate("count", flag.text, name)
        function = _PLAIN.get(node.function)
        argument = node.arguments[0]
        if function is None:
            raise UnsayableError(node.function.value)
        ordered = node.function in (Aggregator.MIN, Aggregator.MAX, Aggregator.SUM, Aggregator.AVG)
        if ordered and type_of(argument) not in NUMBERS:
            raise UnsayableError(f"{node.function.value} of {type_of(argument).value}")
        value = self._values.value(argument)
        if condition is not None:
            value = call("if", condition, value, NULL)
        if node.function is Aggregator.COUNT_DISTINCT and len(node.arguments) > 1:
            self._write.notebook.add(
                Diagnostic(T006, "the precision of a count of distinct values is left out", Severity.NOTE)
            )
        plain = isinstance(value, Name) and is_field(value.text) and value.text not in grouped
        column = value if isinstance(value, Name) and plain else self._copied(value)
        return Aggregate(function, column.text, name)

    def _copied(self, value: Expression) -> Name:
        """A column of its own, even of a plain field."""
        known = next((name for name, one in self._values.pending if one == value), None)
        if known is not None:
            return Name(known)
        name = self._values.fresh()
        self._values.pending.append((name, value))
        return Name(name)

    # ---- order, cuts

    def _sort(self, stage: Sort, rest: Sequence[Stage]) -> None:
        if any(isinstance(s, Limit) for s in rest):
            self._ordered(stage)
            return
        keys = []
        for order in stage.orders:
            column = order.expression
            if not isinstance(column, Reference) or not is_field(column.column.name):
                return
            kind = "num" if type_of(column) in NUMBERS else "str"
            keys.append(SortKey(column.column.name, order.descending, kind))
        # The order of alerts is how they are shown, and no part of which there are.
        self._add(SplSort(tuple(keys)))

    def _ordered(self, stage: Sort) -> None:
        """An order that decides which rows a limit takes: where null stands is a key of its own."""
        keys: list[SortKey] = []
        for order in stage.orders:
            if is_many(order.expression) or type_of(order.expression) not in NUMBERS:
                raise UnsayableError(f"a limit of rows in the order of {type_of(order.expression).value}")
            value = self._copied(self._values.value(order.expression))
            missing = self._values.let(call("if", call("isnull", value), Number("1"), Number("0")))
            keys += [SortKey(missing.text, order.nulls_first, "num"), SortKey(value.text, order.descending, "num")]
        self._add(SplSort(tuple(keys)))

    def _extract(self, stage: Extract) -> None:
        how = stage.how
        if is_many(stage.source):
            raise UnsayableError("cutting several values")
        if not isinstance(how, Cutting):
            self._grok(stage, how)
            return
        if any(k.append or k.padded for k in how.keys) or len({k.into for k in how.keys if k.into}) < sum(
            1 for k in how.keys if k.into
        ):
            raise UnsayableError("dissect with parts that are joined")
        self._dissect(stage, how)

    def _grok(self, stage: Extract, how: tuple[Capturing, ...]) -> None:
        names = [capture.into for one in how for capture in one.captures]
        if len(how) != 1 or len(set(names)) < len(names):
            raise UnsayableError("grok with several patterns, or one name twice")
        groups = {c.group: self._values.fresh() for c in how[0].captures}
        try:
            pattern = translated(how[0].regex, groups, "(?=\\n|\\z)")
        except UntranslatableError as error:
            raise UnsayableError(f"the grok expression's {error}") from error
        if _BEYOND.search(how[0].regex):
            message = "classes of letters and words are those of ASCII in Splunk, of Unicode in Elasticsearch"
            self._write.notebook.add(Diagnostic(Q045, message, Severity.WARNING))
        # A column of its own, whose name needs no quotation marks.
        source = self._copied(self._values.one(stage.source))
        self._add(Rex(pattern, (("field", source.text),)))
        made = [(self._name(c.into), _as_type(Name(groups[c.group]), c.type)) for c in how[0].captures]
        self._add(Eval(tuple(made)))

    def _dissect(self, stage: Extract, how: Cutting) -> None:
        """The text is taken apart delimiter by delimiter: what stands before it, and the rest."""
        rest = self._values.let(self._values.one(stage.source))
        columns: dict[str, Name] = {}
        if how.head:
            rest = self._after(rest, how.head, at_start=True)[1]
        for key in how.keys:
            if not key.delimiter:
                part: Expression = rest
            else:
                part, rest = self._after(rest, key.delimiter, at_start=False)
            if key.into:
                columns[key.into] = self._values.let(part)
        fits = call("isnotnull", rest)
        self._add(Eval(tuple((self._name(n), call("if", fits, v, NULL)) for n, v in columns.items())))

    def _after(self, text: Name, delimiter: str, *, at_start: bool) -> tuple[Name, Name]:
        """What stands before the first delimiter, and what after it; NULL where there is none."""
        literal = _constant_text(delimiter)
        parts = self._values.let(call("split", text, literal))
        before = self._values.let(call("mvindex", parts, Number("0")))
        several = binary(call("mvcount", parts), Sign.GT, Number("1"))
        fits = several if not at_start else equal(concat(Text("="), before), Text("="))
        position = binary(call("len", before), Sign.ADD, number(len(delimiter) + 1))
        after = call("if", several if not at_start else fits, call("substr", text, position), NULL)
        return before, self._values.let(after)


def _as_type(value: Name, kind: Type) -> Expression:
    return call("tonumber", value) if kind in NUMBERS else value


def _constant_text(text: str) -> Text:
    if not all(c.isprintable() for c in text) or not text.isascii():
        raise UnsayableError("a delimiter with unusual characters")
    return string(text)


def _nothing_away(name: str) -> Expression:
    return call("if", equal(Name(name), _NOTHING), NULL, Name(name))
