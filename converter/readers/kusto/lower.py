"""A query that filters rows, as the condition that it asks of a row.

What is computed on the way (`let`, `extend`) stands where it is used, whole columns that are only shown are passed
over, and a walk over an array (`mv-apply`) that counts hits is the condition on one element. Fields of the condition
are the query's own columns, or its expressions where it compares computed values, by their text. A query of another
kind, and words without a meaning of their own here, raise `UnraisedError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from converter.deferred import dataclass, replace
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Binary,
    Call,
    Chain,
    Columns,
    Duration,
    Dynamic,
    Expression,
    Extend,
    Item,
    MvApply,
    Name,
    Nested,
    Number,
    Operator,
    Program,
    Project,
    Query,
    Sort,
    Source,
    Subquery,
    Summarize,
    Table,
    Union,
    Where,
)
from converter.languages.kusto.walk import map_children, names, replaced
from converter.model.normalise import normalise
from converter.model.predicate import And, Constant, Element, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.readers.kusto.condition import Conditions, subject
from converter.readers.unraised import UnraisedError


@dataclass(frozen=True, slots=True)
class Place:
    """What a query says of the events' place beside its condition.

    `tables`: the names of the tables whose rows these are, none = any. `lists`: what fills the lists of which one holds
    a value of a row, with the column's text. `others` are the tables and lists of other places.
    """

    tables: frozenset[str] = frozenset()
    lists: tuple[tuple[str, Query], ...] = ()
    others: tuple[tuple[str, Query], ...] = ()


ANYWHERE = Place()


def _limited(operator: Operator) -> bool:
    return isinstance(operator, Sort) and operator.limit is not None


def raised(program: Program, place: Place = ANYWHERE, time: Expression | None = None) -> Predicate:
    """The condition that rows of the query's table meet, in normal form. Raises UnraisedError.

    `time`: a column of which the query must not say how far back it looks.
    """
    found = reading(program, place)
    found.time = time
    where = found.whole(program.query)
    if found.ranges:
        raise UnraisedError("a range of time of its own, which a rule has in its schedule")
    asked_of_lists(program, place, program.query)
    return where


def asked_of_lists(program: Program, place: Place, query: Query) -> None:
    """Raises UnraisedError where a row need not be listed though its place is what a list holds."""
    for one in place.lists:
        kept = tuple(other for other in place.lists if other != one)
        without = reading(program, replace(place, lists=kept, others=(*place.others, one)))
        if without.whole(query) != normalise(Constant(value=False)):
            raise UnraisedError("a place that is listed otherwise")


def made_by(program: Program) -> Mapping[Expression, Expression]:
    """The names that a query gives to values, and what they stand for. Raises UnraisedError."""
    found = reading(program)
    found.whole(program.query)
    return found.known


def reading(program: Program, place: Place = ANYWHERE) -> Reading:
    """A reading of a program's queries, with what its statements before the query name. Raises UnraisedError."""
    known: dict[Expression, Expression] = {}
    queries: dict[str, Query] = {}
    for let in program.lets:
        if isinstance(let.value, Query):
            queries[let.name] = let.value
        else:
            known[Name(let.name)] = replaced(let.value, known)
    return Reading(known, queries, place)


@dataclass(slots=True)
class Reading:
    """`known`: what names stand for. `queries`: named ones. `hits`: columns that a walk made, and what they say.

    `hidden`: names that were given in one part of a union only. `ranges`: comparisons of a column with a moment before
    the query runs, which are kept apart if that column is `time`.
    """

    known: dict[Expression, Expression]
    queries: Mapping[str, Query] = field(default_factory=dict)
    place: Place = ANYWHERE
    hits: dict[str, Predicate] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    time: Expression | None = None
    ranges: list[tuple[str, Duration]] = field(default_factory=list)

    def whole(self, query: Query) -> Predicate:
        """The condition of a query, in normal form. Raises UnraisedError."""
        return normalise(And(tuple(self.query(query))))

    def query(self, query: Query) -> Iterable[Predicate]:
        """The conditions of the source and of the operators, in order."""
        yield from self._source(query.source)
        operators = list(query.operators)
        while operators and isinstance(operators[-1], Project | Sort) and not _limited(operators[-1]):
            operators.pop()  # what rows show at the end, and in which order
        for operator in operators:
            yield from self.operator(operator)

    def _source(self, source: Source) -> Iterable[Predicate]:
        match source:
            case Table(name) if name in self.queries:
                yield from self.query(self.queries[name])
            case Table(name):
                if self.place.tables and name not in self.place.tables:
                    yield Constant(value=False)
            case Nested(query):
                yield from self.query(query)
            case Union(queries, ()):
                yield Or(tuple(map(self._part, queries)))
            case _:
                raise UnraisedError(f"a source of the kind {type(source).__name__}")

    def _part(self, query: Query) -> Predicate:
        inner = replace(self, known=dict(self.known), hits=dict(self.hits))
        found = And(tuple(inner.query(query)))
        self.hidden |= {name.name for name in inner.known if isinstance(name, Name) and name not in self.known}
        self.hidden |= set(inner.hits) - set(self.hits)
        return found

    def value(self, node: Expression) -> Expression:
        """The value with names by what they stand for. Raises UnraisedError."""
        if self.hidden and not self.hidden.isdisjoint(names(node)):
            raise UnraisedError("a column of one part of a union")
        return replaced(node, self.known)

    def key(self, node: Expression) -> Expression:
        """What groups or joins, as the table says it: with the lists that it asks written out."""

        def written(one: Expression) -> Expression:
            match one:
                case Among(operator, target, (Name(listed),)) if listed in self.queries:
                    return Among(operator, written(target), (Subquery(_in_one(self._inlined(self.queries[listed]))),))
                case _:
                    return map_children(one, written)

        return written(self.value(node))

    def operator(self, operator: Operator) -> Iterable[Predicate]:
        """The conditions of one operator. Raises UnraisedError."""
        match operator:
            case Where(condition):
                for term in conjuncts(condition):
                    if not self._ranged(term):
                        yield Conditions(self.hits, self._listed).of(self.value(term))
            case Extend(items):
                for item in items:
                    self.known[Name(item.name)] = self.value(item.expression)
            case Columns():
                return
            case Project(items) if all(isinstance(item.expression, Name) and not item.name for item in items):
                return
            case MvApply(_, (Where(), Summarize((), (Item(),)))):
                yield self._spread(operator)
            case MvApply():
                self._walk(operator)
            case _:
                raise UnraisedError(f"the operator {type(operator).__name__}")

    def _ranged(self, term: Expression) -> bool:
        match term:
            case Binary(sign, column, Call("ago", (Duration() as span,))) if column == self.time:
                self.ranges.append((sign, span))
                return True
            case _:
                return False

    def _listed(self, target: Expression, name: str) -> bool | None:
        """Whether a list holds the value in the rows of the place; None for a list of another kind."""
        found = self.queries.get(name)
        if found is None:
            return None
        found = self._inlined(found)
        if any(flat(target) == column and _covers(found, query) for column, query in self.place.lists):
            return True
        if any(flat(target) == column and _covers(found, query) for column, query in self.place.others):
            return False
        return None

    def _inlined(self, query: Query) -> Query:
        """The query, its source written out where that has a name."""
        while isinstance(query.source, Table) and query.source.name in self.queries:
            inner = self.queries[query.source.name]
            query = Query(inner.source, (*inner.operators, *query.operators))
        return query

    def _spread(self, walk: MvApply) -> Predicate:
        """`mv-apply element = array on (where isnotempty(text) | summarize by name = text)`: a row for each value."""
        match walk:
            case MvApply(
                (column,),
                (Where(Call("isnotempty", (there,))), Summarize((), (Item(Call("tostring", _) as text, name),))),
            ) if there == text and not walk.index:
                source = walked(self.value(column.expression))
                self.known[Name(name)] = source
                return Present(Field(subject(source), Kind.KEYWORD, many=True))
            case _:
                raise UnraisedError("a walk that does more than count")

    def _walk(self, walk: MvApply) -> None:
        """`mv-apply element = array on (summarize hit = countif(...) > 0)`"""
        if len(walk.columns) != 1 or len(walk.body) != 1 or walk.index:
            raise UnraisedError("a walk over several arrays")
        (column,), (body,) = walk.columns, walk.body
        if not isinstance(body, Summarize) or body.by:
            raise UnraisedError("a walk that does more than count")
        source = walked(self.value(column.expression))
        element = Name(column.name)
        for item in body.aggregates:
            self.hits[item.name] = self._hit(item.expression, source, element)

    def _hit(self, counted: Expression, source: Expression, element: Name) -> Predicate:
        match counted:
            case Binary(">", Call("countif", (condition,)), Number(0)):
                inner = Conditions({}).of(replaced(condition, {**self.known, element: source}))
                return Element(subject(source), normalise(inner))
            case _:
                raise UnraisedError("a walk that counts otherwise")


def walked(expression: Expression) -> Expression:
    """The array that is walked, without what stands in for an empty or single one."""
    match expression:
        case Call("case", arguments) if _guards(arguments):
            return arguments[-1]
        case Call("iff", (_, _, _)):
            raise UnraisedError("a walk over objects")
        case _:
            return expression


def _guards(arguments: Sequence[Expression]) -> bool:
    """case(isnull(array_length(v)), pack_array(v), array_length(v) == 0, dynamic([null]), v)"""
    if len(arguments) != 5:  # noqa: PLR2004
        return False
    values = arguments[-1]
    length = Call("array_length", (values,))
    single = (Call("isnull", (length,)), Call("pack_array", (values,)), Binary("==", length, Number(0)))
    return (
        tuple(arguments[:3]) == single and isinstance(arguments[3], Dynamic) and isinstance(arguments[3].value, Array)
    )


def conjuncts(node: Expression) -> tuple[Expression, ...]:
    """The terms of an and."""
    return node.terms if isinstance(node, Chain) and node.word == "and" else (node,)


def _in_one(query: Query) -> Query:
    """The query with conditions that follow each other as the terms of one."""
    operators: list[Operator] = []
    for operator in query.operators:
        before = operators[-1] if operators else None
        if isinstance(operator, Where) and isinstance(before, Where):
            operators[-1] = Where(Chain("and", (*conjuncts(before.condition), *conjuncts(operator.condition))))
        else:
            operators.append(operator)
    return Query(query.source, tuple(operators))


def _covers(whole: Query, one: Query) -> bool:
    """Whether a query finds what another finds: the same, or with more values where the other asks for one."""
    if whole == one:
        return True
    if whole.source != one.source or len(whole.operators) != len(one.operators):
        return False
    return all(a == b or _wider(a, b) for a, b in zip(whole.operators, one.operators, strict=True))


def _wider(whole: Operator, one: Operator) -> bool:
    if not isinstance(whole, Where) or not isinstance(one, Where):
        return False
    ours, theirs = conjuncts(whole.condition), conjuncts(one.condition)
    return len(ours) == len(theirs) and all(a == b or _among(a, b) for a, b in zip(ours, theirs, strict=True))


def _among(whole: Expression, one: Expression) -> bool:
    match whole, one:
        case Among("in", column, items), Binary("==", other, value):
            return column == other and value in items
        case _:
            return False
