"""A query over rows: what each operator makes of them, as the steps that a pipeline has.

Columns that the rule does not name are helpers: what they hold, or the condition that they are, stands where they are
used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Columns,
    Dynamic,
    Expansion,
    Expression,
    Extend,
    Item,
    Join,
    MvApply,
    MvExpand,
    Name,
    Null,
    Number,
    Operator,
    Program,
    Project,
    Query,
    Sort,
    Source,
    Summarize,
    Table,
    Take,
    Typed,
    Where,
)
from converter.languages.kusto.walk import map_children, map_operator
from converter.model.normalise import normalise
from converter.model.predicate import And, Compare, Comparison, Predicate, Present
from converter.model.value import Field, Kind
from converter.readers.frames import Frame
from converter.readers.kusto.condition import Conditions
from converter.readers.kusto.lower import Place, conjuncts, reading
from converter.readers.kusto.rowtests import RowTests
from converter.readers.pipelines.flow import Flow, aggregated
from converter.readers.pipelines.values import NUMBERS, Literal, Of, Value, field_of, is_many, kind_of
from converter.readers.unraised import UnraisedError

_CONDITIONAL: Final = {
    "countif": "count",
    "count_distinctif": "distinct",
    "make_set_if": "values",
    "minif": "min",
    "maxif": "max",
    "avgif": "avg",
    "sumif": "sum",
}
_PLAIN: Final = ("min", "max", "avg", "sum")
_BY_VALUE: Final = ("distinct", "values", "min", "max")
_FIRST = Of("place of an element", (), Kind.LONG)
_PLACE: Final = field_of(_FIRST)
_IS_FIRST = Compare(_PLACE, Comparison.EQ, 0)


def flowing(
    program: Program, columns: Mapping[str, Field], place: Place, names: Collection[str], shown: Sequence[str]
) -> Frame:
    """The steps of a query. Raises UnraisedError.

    `columns` are what is known of the event's, `names` the columns that the rule makes, `shown` those of its results.
    """
    rows = _Rows(program, columns, place, names)
    rows.run(program.query)
    return rows.flow.frame((name, rows.tests.values.value(Name(name))) for name in shown)


class _Rows:
    def __init__(self, program: Program, columns: Mapping[str, Field], place: Place, names: Collection[str]) -> None:
        self.flow = Flow()
        self._program = program
        self._place = place
        self._read = reading(program, place)
        self._names = names
        self._begun = False
        self._expanded = False
        self._source: Source = program.query.source
        self.tests = RowTests(self.flow, columns, self._of_event, self._read.known)

    def _of_event(self, node: Expression) -> Predicate:
        return Conditions(self._read.hits, self._read._listed).of(self._read.value(node))  # noqa: SLF001

    def run(self, query: Query) -> None:
        """The steps of a query and of those that it begins with."""
        source = query.source
        if isinstance(source, Table) and source.name in self._read.queries:
            self.run(self._read.queries[source.name])
        elif not self._begun:
            self._begun = True
            for where in self._read._source(source):  # noqa: SLF001
                self.flow.keep(where)
        else:
            raise UnraisedError("a query of several sources")
        self._source = source
        operators = [_plain(operator) for operator in query.operators]
        for at, operator in enumerate(operators):
            rest = operators[at + 1 :]
            if isinstance(operator, Summarize):
                self._groups(operator, rest[0] if rest and isinstance(rest[0], Project) else None)
            elif isinstance(operator, Project) and at and isinstance(operators[at - 1], Summarize):
                continue
            else:
                self._operator(operator, rest)

    # ---- operators

    def _operator(self, operator: Operator, rest: Sequence[Operator]) -> None:
        values = self.tests.values
        match operator:
            case Where(condition):
                for term in conjuncts(condition) if not _is_halved(condition) else (condition,):
                    self.flow.keep(self.tests.true(term))
            case Extend(items, False):
                self._extended(items)
            case MvApply():
                self._walked(operator)
            case MvExpand(expansions, index):
                self._spread(expansions, index)
            case Sort(keys, None):
                if any(isinstance(one_, Take) for one_ in rest):
                    said = [(not k.ascending, k.nulls == "first") for k in keys]
                    self.flow.sort(said, [values.single(k.expression) for k in keys])
            case Take(Number(count)):
                self.flow.step(f"limit {count}")
            case Project(items) if not rest:
                found = {i.name or _name(i.expression): values.value(i.expression) for i in items}
                values.held |= found
            case Columns("away"):
                return
            case Join():
                self._beside(operator, rest)
            case _:
                raise UnraisedError(f"the operator {type(operator).__name__}")

    def _extended(self, items: Sequence[Item]) -> None:
        """Columns that all see the row as it was."""
        values = self.tests.values
        found: dict[str, Value | Flag | Unread] = {}
        inlined: dict[str, Expression] = {}
        for item in items:
            name = item.name or _name(item.expression)
            inlined[name] = self._read.value(item.expression)
            found[name] = self._made(name, item.expression)
        for name, made in found.items():
            self.tests.flags.pop(name, None)
            values.held.pop(name, None)
            self._read.known.pop(Name(name), None)
            if isinstance(made, Unread):
                self._read.known[Name(name)] = inlined[name]  # what only an expression of the table says
            elif isinstance(made, Flag):
                self.tests.flags[name] = made.where
            else:
                values.held[name] = self.flow.define(name, made) if name in self._names else made

    def _made(self, name: str, expression: Expression) -> Value | Flag | Unread:
        """The value of a column; a helper may be a condition, or what nothing but a table says."""
        try:
            return self.tests.values.value(expression)
        except UnraisedError:
            if name in self._names:
                raise
        try:
            return Flag(self.tests.true(expression))
        except UnraisedError:
            return Unread()

    def _walked(self, operator: MvApply) -> None:
        match operator:
            case MvApply(
                (Expansion(listed, own, "string"),),
                (
                    Where(Call("isnotempty", (Name(there),))),
                    Summarize((Item(Call("make_list", (Call("tolower" | "toupper" as word, (Name(each),)),)), made),)),
                ),
            ) if own == there == each:
                values = _of_listed(self.tests.values.value(_one_null(listed)))
                found = Of(word.removeprefix("to"), (values,), Kind.KEYWORD, many=True)
                self.tests.values.held[made] = found
            case _:
                for where in self._read.operator(operator):
                    self.flow.keep(where)

    def _spread(self, expansions: Sequence[Expansion], index: str) -> None:
        """Rows for the values of arrays: for a column of the rule, for a key, or for aggregates of values."""
        values = self.tests.values
        for one_ in expansions:
            found = _of_listed(values.value(one_.expression))
            if one_.name in self._names:
                if index or len(expansions) > 1:
                    raise UnraisedError("several arrays expanded")
                values.held[one_.name] = self.flow.expand(one_.name, found)
            else:
                values.held[one_.name] = Of("each", (found,), kind_of(found))
        if index:
            self._expanded = True
            values.held[index] = _FIRST

    def _beside(self, join: Join, rest: Sequence[Operator]) -> None:
        """Rows beside the groups that are made of them, by texts of their keys."""
        right = [_plain(operator) for operator in join.right.operators]
        made = rest[0] if rest and isinstance(rest[0], Extend) else None
        last = right[-1] if right else None
        if made is None or not isinstance(last, Summarize) or join.right.source != self._source or join.kind != "inner":
            raise UnraisedError("rows beside others")
        if join.on != tuple(item.expression for item in last.by):
            raise UnraisedError("rows beside others")
        values, flags, known = self.tests.values, self.tests.flags, self._read.known
        before = dict(values.held), dict(flags), dict(known)
        for operator in right[:-1]:
            self._operator(operator, ())
        named = {_name(item.expression): item.name for item in made.items if isinstance(item.expression, Name)}
        sums = [(named[item.name], self._aggregate(item.expression)) for item in last.aggregates if item.name in named]
        self._expanded = False
        values.held = before[0]
        self.tests.flags = before[1]
        known.clear()
        known.update(before[2])
        keys = [_key_of(values.value(item.expression)) for item in last.by]
        found = self.flow.beside(sums, [key for key in keys if key is not None])
        values.held |= {item.name: found[named[item.name]] for item in last.aggregates if item.name in named}

    # ---- groups

    def _groups(self, operator: Summarize, project: Project | None) -> None:
        renamed = _renamed(project)
        sums: list[tuple[str, Value]] = []
        for item in operator.aggregates:
            name = item.name or _name(item.expression)
            if renamed.get(name, name) in self._names:
                sums.append((renamed.get(name, name), self._aggregate(item.expression)))
        keys: list[tuple[str, Value]] = []
        told: list[tuple[str, Predicate]] = []
        for item in operator.by:
            name = item.name or _name(item.expression)
            if renamed.get(name, name) in self._names:
                keys.append((renamed.get(name, name), self.tests.values.value(item.expression)))
            else:
                told.append((renamed.get(name, name), self.tests.true(item.expression)))
        present = {normalise(self.flow.present(value)): name for name, value in keys}
        said = {name: present.get(normalise(where)) for name, where in told}
        if None in said.values():
            raise UnraisedError("groups by a condition")
        by = [(name, self._key(value, told=name in said.values())) for name, value in keys]
        made = self.flow.group(sums, by)
        self.tests.flags.clear()
        self.tests.values.held.clear()
        self._read.known.clear()
        self._expanded = False
        self.tests.values.held |= made
        for name, key in said.items():
            self.tests.flags[name] = self.flow.present(made[key or ""])

    def _key(self, value: Value, *, told: bool) -> Value:
        """What groups are made by. A text that may be empty is no group apart from those without one."""
        match value:
            case Of("each", (Of("dedupe", (inner,)),)):
                return inner
            case Of("each", (inner,)) if not is_many(inner):
                return inner
            case _ if told or self.tests.values.filled(value):
                return value
            case _:
                return Of("or empty", (value,), kind_of(value))

    def _aggregate(self, node: Expression, *, told: bool = False) -> Value:
        """An aggregate. Kusto's sum and average of nothing are no null: they are `told` from those of some values."""
        match node:
            case Call("count", ()):
                return self._summed("count", Literal(1), And(()))
            case Call("countif", (condition,)):
                return self._summed("count", Literal(1), self.tests.true(condition))
            case Call("sum" | "sumif" | "avg" | "avgif") if not told:
                raise UnraisedError("an aggregate that is not null of no values")
            case Call(function, (value, condition)) if function in _CONDITIONAL:
                return self._summed(_CONDITIONAL[function], self._argument(value), self.tests.true(condition))
            case Call(function, (value,)) if function in _PLAIN:
                return self._summed(function, self._argument(value), And(()))
            case Call("iff", (Binary(">", Call("countif", (condition,)), Number(0)), total, Typed(_, "null"))):
                found = self._aggregate(total, told=True)
                where = self.tests.true(condition)
                if (
                    not isinstance(found, Of)
                    or found.word not in ("sum", "avg")
                    or not _implied(where, found, self._bare())
                ):
                    raise UnraisedError("an aggregate of another kind")
                return found
            case Call("coalesce", (Call("sum" | "sumif", (counted, *asked)), Number(0))) if (
                values := _counted(counted)
            ) is not None:
                where = self.tests.true(asked[0]) if asked else And(())
                return self._summed("count", self.tests.values.value(values), where)
            case _:
                raise UnraisedError("an aggregate of another kind")

    def _bare(self) -> Predicate:
        return _IS_FIRST if self._expanded else And(())

    def _argument(self, node: Expression) -> Value:
        return self.tests.values.value(node)

    def _summed(self, word: str, value: Value, where: Predicate) -> Value:
        """An aggregate; one that counts rows looks at one row of each event, where arrays are expanded."""
        terms = _terms(where)
        own = And(tuple(term for term in terms if term not in (_IS_FIRST, Present(_PLACE))))
        if self._expanded and word not in _BY_VALUE and _IS_FIRST not in terms:
            raise UnraisedError("events that are counted for each value")
        if word in ("min", "max", "avg", "sum") and kind_of(value) not in (*NUMBERS, Kind.DATE):
            raise UnraisedError(f"{word} of texts")
        match value:
            case Of("each", (inner,)):
                there = normalise(self.flow.present(value))
                rest = tuple(term for term in _terms(own) if normalise(term) != there)
                return aggregated(self.flow, word, inner, And(rest))
            case _:
                return aggregated(self.flow, word, value, own)


def _counted(node: Expression) -> Expression | None:
    """The array whose values are counted."""
    match node:
        case Call("coalesce", (Call("array_length", (values,)), Number(0))):
            return values
        case _:
            return None


def _key_of(value: Value) -> Value | None:
    """The key whose text, behind a sign that no other key has, rows are joined by; None for no key."""
    match value:
        case Literal(1):
            return None
        case Of("concat", (Literal("="), Of("string", (inner,)))):
            return inner
        case Of("concat", (Literal("="), inner)):
            return inner
        case _:
            raise UnraisedError("rows beside others")


class Flag:
    """A column that is a condition."""

    def __init__(self, where: Predicate) -> None:
        self.where = where


class Unread:
    """A column that has no words here."""


def _plain(operator: Operator) -> Operator:
    """The operator with one spelling of a null; a walk is read as every query has it."""
    if isinstance(operator, MvApply):
        return operator

    return map_operator(operator, _one_null)


def _one_null(node: Expression) -> Expression:
    return Typed("dynamic", "null") if node == Dynamic(Null()) else map_children(node, _one_null)


def _terms(where: Predicate) -> tuple[Predicate, ...]:
    found = normalise(where)
    return found.terms if isinstance(found, And) else (found,)


def _implied(where: Predicate, total: Of, bare: Predicate) -> bool:
    """Whether rows are asked for that the total looks at, and no others."""
    asked = total.asked[0] if total.asked else And(())
    return set(_terms(where)) - set(_terms(bare)) - {Present(_PLACE)} == set(_terms(asked))


def _of_listed(value: Value) -> Value:
    match value:
        case Of("listed", (inner,)):
            return inner
        case _:
            raise UnraisedError("rows without a value that vanish")


def _name(node: Expression) -> str:
    if not isinstance(node, Name):
        raise UnraisedError("a column without a name")
    return node.name


def _renamed(project: Project | None) -> dict[str, str]:
    if project is None:
        return {}
    return {_name(item.expression): item.name or _name(item.expression) for item in project.items}


def _is_halved(condition: Expression) -> bool:
    """Whether two terms of an and say together that there are values."""
    return any(
        isinstance(t, Binary) and t.operator == "!=" and getattr(t.right, "value", "") == "[]"
        for t in conjuncts(condition)
    )
