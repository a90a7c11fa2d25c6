"""A search over rows: what each stage makes of them, as the steps that a pipeline has.

Columns that the rule does not name are helpers: what they hold stands where they are used.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from converter.deferred import compiled
from converter.languages.spl.flow import named
from converter.languages.spl.replace import children, replaced
from converter.languages.spl.syntax import (
    Aggregate,
    Binary,
    Call,
    Eval,
    Expression,
    Fields,
    Junction,
    Logic,
    Mvexpand,
    Name,
    Negation,
    Number,
    Pipeline,
    Rex,
    Search,
    Sign,
    Sort,
    SortKey,
    Stage,
    Stats,
    Table,
    Text,
    Where,
)
from converter.model.predicate import And, Comparison, Not, Or, Predicate
from converter.model.value import Kind
from converter.model.walk import fields
from converter.readers.frames import Frame
from converter.readers.pipelines.asks import Asks
from converter.readers.pipelines.flow import Flow, aggregated
from converter.readers.pipelines.regex import perl
from converter.readers.pipelines.values import NUMBERS, Literal, Of, Value, chosen, is_many, kind_of
from converter.readers.spl import check, terms
from converter.readers.spl.columns import Columns
from converter.readers.spl.counts import ONCE
from converter.readers.spl.lower import Place, placed
from converter.readers.spl.rowvalues import RowValues
from converter.readers.unraised import UnraisedError

_AGGREGATES: Final = {
    "count": "count",
    "dc": "distinct",
    "values": "values",
    "min": "min",
    "max": "max",
    "sum": "sum",
    "avg": "avg",
}
_OF_NUMBERS: Final = ("min", "max", "sum", "avg")
_MARK: Final = Text("=")
_ROW = Of("row", (), Kind.LONG)
"""The number of a row."""
_LARGEST: Final = 200
"""Parts of an expression that may be one of a table."""
_GROUP = compiled(r"\(\?<([A-Za-z]\w*)>")
_TIME = "_time"


def flowing(search: Pipeline, columns: Columns, place: Place, names: Collection[str], shown: Sequence[str]) -> Frame:
    """The steps of a search. Raises UnraisedError.

    `columns` are what is known of the event's fields, `names` the columns that the rule makes, `shown` those of its
    results.
    """
    rows = _Rows(columns, names)
    stages = placed(search, place)
    for position, stage in enumerate(stages):
        if isinstance(stage, Table | Fields) and all(isinstance(s, Table | Fields) for s in stages[position:]):
            break
        rows.stage(stage, stages[position + 1 :])
    return rows.flow.frame((name, rows.values.name(name)) for name in shown)


class _Rows:
    def __init__(self, columns: Columns, names: Collection[str]) -> None:
        self.flow = Flow()
        self.values = RowValues(self.flow, columns, self.true)
        self._asks = Asks(self.flow)
        self._columns = columns
        self._names = names
        self._grouped = False

    # ---- stages

    def stage(self, stage: Stage, rest: Sequence[Stage]) -> None:
        """The steps of one stage. Raises UnraisedError."""
        match stage:
            case Search(condition) if not self._grouped:
                self.flow.keep(terms.condition(condition, self._columns, self.values.made))
            case Where(Binary(Sign.LE, Name(name), Number(count))) if self.values.held.get(name) == _ROW:
                self.flow.step(f"limit {count}")
            case Where(condition):
                self.flow.keep(self.true(condition))
            case Eval(computed):
                for name, value in computed:
                    self._computed(name, value)
            case Stats("streamstats", (Aggregate("count", None, str(name)),), (), ()):
                self.values.held[name] = _ROW
            case Stats("stats" | "eventstats"):
                self._groups(stage)
            case Sort(keys):
                if any(isinstance(s, Stats) and s.command == "streamstats" for s in rest):
                    self._sorted(keys)
            case Mvexpand(name):
                self._expanded(name)
            case Rex(pattern, (("field", name),)):
                self._captured(pattern, self.values.name(name))
            case _:
                raise UnraisedError(f"the stage {type(stage).__name__}")

    def _computed(self, name: str, value: Expression) -> None:
        values = self.values
        try:
            found: Value | UnraisedError = values.value(value)
        except UnraisedError as error:
            if name in self._names:
                raise
            found = error  # a helper that nothing may use but what knows its whole expression
        if name in self._names and not isinstance(found, UnraisedError) and not _is_marked(found):
            found = self.flow.define(name, found)
        inlined = replaced(value, values.made)
        if _size(inlined) <= _LARGEST:
            values.made[name] = inlined
        else:
            values.made.pop(name, None)  # more than any table says
        values.held[name] = found

    def _captured(self, pattern: str, source: Value) -> None:
        if is_many(source):
            raise UnraisedError("cutting several values")
        written = perl(pattern)
        for number, group in enumerate(_GROUP.findall(pattern), 1):
            self.values.held[group] = Of("capture", (source, written, Literal(number)), Kind.KEYWORD)
            self.values.made.pop(group, None)

    def _expanded(self, name: str) -> None:
        found = self.values.name(name)
        if not _is_marked(found):
            raise UnraisedError("rows without a value that vanish")
        assert isinstance(found, Of)  # noqa: S101 - marked
        made = self.flow.expand(name, found.arguments[0])
        self.values.held[name] = Of("mark", (made,), kind_of(made))

    def _groups(self, stage: Stats) -> None:
        beside = stage.command == "eventstats"
        sums = [(one.alias or "", self._aggregate(one)) for one in stage.aggregates if one.alias in self._names]
        keys = [(name, _key(self.values.name(name), once=beside or stage.options == ONCE)) for name in stage.by]
        if beside:
            self.values.held |= self.flow.beside(sums, [key for _, key in keys])
            return
        made = self.flow.group(sums, keys)
        self.values.held.clear()
        self.values.made.clear()
        self._grouped = True
        for name, _ in sums:
            self.values.held[name] = made[name]
        for name, _ in keys:
            self.values.held[name] = Of("mark", (made[name],), kind_of(made[name]))

    def _aggregate(self, one: Aggregate) -> Value:
        word = _AGGREGATES.get(one.function)
        if word is None:
            raise UnraisedError(f"the aggregate {one.function}")
        if one.field is None:
            return aggregated(self.flow, word, Literal(1))
        value = self.values.name(one.field)
        if word in _OF_NUMBERS and kind_of(value) not in (*NUMBERS, Kind.DATE):
            raise UnraisedError(f"{one.function} of texts")
        return aggregated(self.flow, word, value)

    def _sorted(self, keys: Sequence[SortKey]) -> None:
        """Pairs of keys: where null stands, and the value."""
        said: list[tuple[bool, bool]] = []
        found: list[Value] = []
        for null, key in zip(keys[::2], keys[1::2], strict=True):
            value = self.values.name(key.field)
            missing = chosen(((Not(self.flow.present(value)), Literal(1)),), Literal(0))
            if self.values.name(null.field) != missing or {null.kind, key.kind} != {"num"}:
                raise UnraisedError("an order in which null has no place")
            said.append((key.descending, null.descending))
            found.append(value)
        self.flow.sort(said, found)

    # ---- conditions

    def true(self, node: Expression) -> Predicate:
        """Of which rows the condition is true. Raises UnraisedError."""
        match node:
            case Logic(Junction.AND, parts) if not any(map(_is_found, parts)):
                return And(tuple(map(self.true, parts)))
            case Logic(Junction.OR, parts):
                if not all(map(check.is_total, parts)) and len({check.null_of(part) for part in parts}) != 1:
                    raise UnraisedError("an or of what may be NULL")
                return Or(tuple(map(self.true, parts)))
            case Negation(term):
                if not check.is_total(term):
                    raise UnraisedError("NOT of what may be NULL")
                return Not(self.true(term))
            case Binary(sign, Call("if", (test, Number("1"), Number("0"))), Number("1")) if sign in check.EQUAL:
                return self.true(test)
            case Call("isnotnull", (value,)) if not _is_found(node):
                return self.flow.present(self.values.value(value))
            case Call("isnull", (value,)):
                return Not(self.flow.present(self.values.value(value)))
            case Binary(sign, Binary(Sign.CONCAT, mark, left), Binary(Sign.CONCAT, other, right)) if (
                sign in check.EQUAL and mark == other == _MARK
            ):
                return And(self._asks.both(self._single(left), Comparison.EQ, self._single(right)))
            case Binary(sign, left, right) if sign in check.ORDERS and (
                found := self._ordered(left, check.ORDERS[sign], right)
            ):
                return found
            case _:
                return self._asked(node)

    def _single(self, node: Expression) -> Value:
        found = self.values.value(node)
        if is_many(found):
            raise UnraisedError("one value asked of a field of several")
        return found

    def _ordered(self, left: Expression, order: Comparison, right: Expression) -> Predicate | None:
        """A comparison of numbers; None for one of other values."""
        try:
            one, other = self.values.value(left), self.values.value(right)
        except UnraisedError:
            return None
        if isinstance(one, Literal) or kind_of(one) not in (*NUMBERS, Kind.DATE) or is_many(one) or is_many(other):
            return None
        if kind_of(other) not in (*NUMBERS, Kind.DATE):
            return None
        if isinstance(other, Literal):
            return And((self.flow.present(one), self._asks.constant(self.flow.field(one), order, other)))
        return And(self._asks.both(one, order, other))

    def _asked(self, node: Expression) -> Predicate:
        """A test of texts, or of the event, as every search has them."""
        values: dict[str, Value] = {}
        known = dict(self._columns)
        for name in dict.fromkeys(named(node)):
            if name == _TIME or (name not in self.values.held and name in known):
                continue
            value = self.values.name(name)
            field = self.flow.field(value)
            known[name] = field
            values[field.path] = value
        found = check.true(node, known)
        paths = {field.path for field in known.values()}
        if any(field.path not in paths for field in fields(found)):
            raise UnraisedError("a condition on a computed value")
        return self.flow.asking(found, values)


def _size(node: Expression, most: int = _LARGEST + 1) -> int:
    """The parts of an expression, counted no further than is asked."""
    count = 1
    for child in children(node):
        if count >= most:
            break
        count += _size(child, most - count)
    return count


def _is_found(node: Expression) -> bool:
    match node:
        case Call("isnotnull", (Call("mvfind"),)):
            return True
        case _:
            return False


def _is_marked(value: Value) -> bool:
    return isinstance(value, Of) and value.word == "mark"


def _key(value: Value, *, once: bool) -> Value:
    """What groups are made by: rows without a key are in none, and one that holds a value twice may count twice."""
    match value:
        case Of("mark", (inner,)):
            return inner if once or not is_many(inner) else Of("each", (inner,), kind_of(inner), many=True)
        case _:
            return Of("there", (value,), kind_of(value), is_many(value))
