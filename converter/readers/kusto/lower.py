"""A query that filters rows, as the condition that it asks of a row.

What is computed on the way (`let`, `extend`) stands where it is used, whole columns that are only shown are passed
over, and a walk over an array (`mv-apply`) that counts hits is the condition on one element. Fields of the condition
are the query's own columns, or its expressions where it compares computed values, by their text. A query of another
kind, and words without a meaning of their own here, raise `UnraisedError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from converter.deferred import dataclass
from converter.languages.kusto.syntax import (
    Array,
    Binary,
    Call,
    Columns,
    Dynamic,
    Expression,
    Extend,
    Let,
    MvApply,
    Name,
    Number,
    Program,
    Project,
    Query,
    Summarize,
    Table,
    Where,
)
from converter.languages.kusto.walk import replaced
from converter.model.normalise import normalise
from converter.model.predicate import And, Element, Predicate
from converter.readers.kusto.condition import Conditions, subject
from converter.readers.unraised import UnraisedError


def raised(program: Program) -> Predicate:
    """The condition that rows of the query's table meet, in normal form. Raises UnraisedError."""
    return _read(program)[0]


def made_by(program: Program) -> Mapping[Expression, Expression]:
    """The names that a query gives to values, and what they stand for. Raises UnraisedError."""
    return _read(program)[1]


def _read(program: Program) -> tuple[Predicate, Mapping[Expression, Expression]]:
    known: dict[Expression, Expression] = {}
    for let in program.lets:
        known[Name(let.name)] = _value(let, known)
    reading = _Reading(known)
    return normalise(And(tuple(reading.query(program.query)))), reading.known


def _value(let: Let, known: Mapping[Expression, Expression]) -> Expression:
    if isinstance(let.value, Query):
        raise UnraisedError("a let of a query")
    return replaced(let.value, known)


@dataclass(slots=True)
class _Reading:
    """`known`: what names stand for. `hits`: columns that a walk made, and what they say."""

    known: dict[Expression, Expression]
    hits: dict[str, Predicate] = field(default_factory=dict)

    def query(self, query: Query) -> Iterable[Predicate]:
        """The conditions of the operators, in order."""
        if not isinstance(query.source, Table):
            raise UnraisedError(f"a source of the kind {type(query.source).__name__}")
        for operator in query.operators:
            match operator:
                case Where(condition):
                    yield Conditions(self.hits).of(replaced(condition, self.known))
                case Extend(items):
                    for item in items:
                        self.known[Name(item.name)] = replaced(item.expression, self.known)
                case Columns():
                    continue
                case Project(items) if all(isinstance(item.expression, Name) and not item.name for item in items):
                    continue
                case MvApply():
                    self._walk(operator)
                case _:
                    raise UnraisedError(f"the operator {type(operator).__name__}")

    def _walk(self, walk: MvApply) -> None:
        """`mv-apply element = array on (summarize hit = countif(...) > 0)`"""
        if len(walk.columns) != 1 or len(walk.body) != 1 or walk.index:
            raise UnraisedError("a walk over several arrays")
        (column,), (body,) = walk.columns, walk.body
        if not isinstance(body, Summarize) or body.by:
            raise UnraisedError("a walk that does more than count")
        source = _walked(replaced(column.expression, self.known))
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


def _walked(expression: Expression) -> Expression:
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
