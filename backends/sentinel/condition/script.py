"""EQL scripts (`Holds`): functions over values, three-valued inside, a plain condition outside.

Every value carries the conditions under which it is not null, every truth the condition under which it is true and
the one under which it is false, so that no Kusto expression ever meets a null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from backends.sentinel.condition import arithmetic, finding, literal, textual
from backends.sentinel.condition.column import Array, Column, Operand, inner_value
from backends.sentinel.condition.layout import ATOM, FALSE, TRUE, Chain, Expr, Leaf, chain, flat, negate
from backends.sentinel.condition.scope import Expansion, Scope
from backends.sentinel.condition.term import NULL, UNKNOWN, Term, Truth, Unsayable, not_null
from converter.model.pattern import Pattern
from converter.model.predicate import Holds
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Scalar, Value
from converter.target.contract import Notebook


def holds(node: Holds, column: Callable[[Field], Column], scope: Scope, notes: Notebook) -> Expr:
    """The script is true for some combination of the values that the fields it mentions have."""
    writer = _Writer(column, scope, notes)
    writer.survey(node.call)
    try:
        truth = writer.truth(node.call)
    except Unsayable as reason:
        notes.add(finding.error("T311", str(reason), node.call.span or node.span))
        return FALSE
    return writer.finish(truth.true)


@dataclass(slots=True)
class _Writer:
    column: Callable[[Field], Column]
    scope: Scope
    notes: Notebook
    sources: tuple[Array, ...] = ()
    used: int = 0
    mentions: tuple[tuple[Field, Column, Expr], ...] = ()

    def survey(self, value: Value) -> None:
        """Collect the mentions of fields with many values, in order: each mention ranges on its own (rule E10)."""
        match value:
            case Field():
                found = self.column(value)
                if found.many:
                    self.sources = (*self.sources, found.array)
            case Call(_, arguments):
                for argument in arguments:
                    self.survey(argument)
            case Literal():
                pass
            case _:
                assert_never(value)

    def _walk(self) -> Expansion:
        return self.scope.expansion(*self.sources, late=True)

    def finish(self, condition: Expr) -> Expr:
        """The condition itself, or the column that says whether some combination satisfies it."""
        if not self.sources:
            return condition
        implied = _terms(condition)
        # A null in an array is no value: it counts as one only where the field has no other.
        loose = [mention for mention in self.mentions if not set(_terms(mention[2])) <= set(implied)]
        only = [chain("or", [known, negate(self._present(field, found))]) for field, found, known in loose]
        return self._walk().hit(chain("and", [condition, *only]), "script")

    def _present(self, field: Field, found: Column) -> Expr:
        """The field has some value, as a column that stands before the walk of the script."""
        walk = self.scope.expansion(found.array)
        operand = Operand(inner_value(walk.element, found.inner), "dynamic")
        return walk.hit(_known(self._field(field, operand)), "value")

    def truth(self, value: Value) -> Truth:
        """A value that is true, false or null."""
        found = self.value(value)
        return found if isinstance(found, Truth) else UNKNOWN

    def value(self, value: Value) -> Term | Truth:
        """A value as text or number with its guards, or as a truth."""
        match value:
            case Literal(constant):
                return _constant(constant)
            case Field():
                return self._mention(value)
            case Call():
                return self._call(value)
            case _:
                assert_never(value)

    def _mention(self, field: Field) -> Term | Truth:
        found = self.column(field)
        if not found.many:
            return self._field(field, found.value())
        element = self._walk().elements[self.used]
        self.used += 1
        value = self._field(field, Operand(inner_value(element, found.inner), "dynamic"))
        self.mentions = (*self.mentions, (field, found, _known(value)))
        return value

    def _field(self, field: Field, operand: Operand) -> Term | Truth:
        match field.kind:
            case Kind.KEYWORD | Kind.TEXT | Kind.IP:
                self.notes.add(finding.EMPTY_IS_MISSING)
                text = operand.as_text()
                return Term(text, "string", (Leaf(f"isnotempty({text})", f"isempty({text})", ATOM),))
            case Kind.LONG:
                text = operand.as_number()
                return Term(text, "long", (not_null(text),))
            case Kind.DOUBLE:
                text = operand.as_number(real=True)
                return Term(text, "real", (not_null(text),))
            case Kind.BOOLEAN:
                flag = operand.as_bool()
                return Truth(Leaf(f"{flag} == true"), Leaf(f"{flag} == false"))
            case Kind.DATE:
                moment = operand.as_time()
                text = f"tolong(({moment} - datetime(1970-01-01)) / 1ms)"
                return Term(text, "long", (not_null(moment),))
            case _:
                assert_never(field.kind)

    def _call(self, call: Call) -> Term | Truth:
        arguments = call.arguments
        match call.function:
            case Function.NOT:
                inner = self.truth(arguments[0])
                return Truth(inner.false, inner.true)
            case Function.AND:
                parts = [self.truth(a) for a in arguments]
                return Truth(chain("and", [p.true for p in parts]), chain("or", [p.false for p in parts]))
            case Function.OR:
                parts = [self.truth(a) for a in arguments]
                return Truth(chain("or", [p.true for p in parts]), chain("and", [p.false for p in parts]))
            case Function.IS_NULL:
                known = _known(self.value(arguments[0]))
                return Truth(negate(known), known)
            case Function.LIKE:
                return textual.like(self._term(arguments[0]), arguments[1:], call.case, self.notes)
            case Function.CIDR_MATCH:
                return textual.cidr_match(self.notes, *map(self._term, arguments))
            case Function.EQ | Function.NE | Function.LT | Function.LE | Function.GT | Function.GE:
                return self._comparison(call)
            case Function.BETWEEN:
                return self._between(call)
            case _:
                return self._function(call)

    def _comparison(self, call: Call) -> Truth:
        left, right = (self.value(a) for a in call.arguments)
        if isinstance(left, Term) and isinstance(right, Term):
            return textual.compare(left, right, call.function, call.case)
        if isinstance(left, Truth) and isinstance(right, Truth):
            return _compare_truths(left, right, call.function)
        return UNKNOWN

    def _between(self, call: Call) -> Term | Truth:
        texts = [self._term(a) for a in call.arguments[:3]]
        greedy = [self.value(a) for a in call.arguments[3:]]
        return textual.between(call.case, *texts, *greedy)

    def _function(self, call: Call) -> Term | Truth:
        terms = [self._term(a) for a in call.arguments]
        if any(t.type == "null" for t in terms):
            return NULL
        if call.function in arithmetic.FUNCTIONS:
            return arithmetic.FUNCTIONS[call.function](*terms)
        return textual.FUNCTIONS[call.function](call.case, *terms)

    def _term(self, value: Value) -> Term:
        """A value as a term; a truth as the text that `string` makes of it, which no other function takes."""
        found = self.value(value)
        if isinstance(found, Term):
            return found
        return Term(f'iff({flat(found.true)}, "true", "false")', "bool", (_known(found),))


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.terms if isinstance(expr, Chain) and expr.word == "and" else (expr,)


def _known(found: Term | Truth) -> Expr:
    return chain("and", found.guards) if isinstance(found, Term) else chain("or", [found.true, found.false])


def _compare_truths(left: Truth, right: Truth, function: Function) -> Truth:
    both = [chain("and", [left.true, right.true]), chain("and", [left.false, right.false])]
    mixed = [chain("and", [left.true, right.false]), chain("and", [left.false, right.true])]
    match function:
        case Function.EQ:
            return Truth(chain("or", both), chain("or", mixed))
        case Function.NE:
            return Truth(chain("or", mixed), chain("or", both))
        case _:
            raise Unsayable("true and false have no order in Kusto")


def _constant(constant: Scalar | Pattern | None) -> Term | Truth:
    match constant:
        case bool():
            return Truth(TRUE, FALSE) if constant else Truth(FALSE, TRUE)
        case int():
            return Term(literal.number(constant), "long", (), constant)
        case float():
            return Term(literal.number(constant), "real", (), constant)
        case str():
            return Term(literal.text(constant), "string", (), constant)
        case Instant(ms):
            return Term(literal.number(ms), "long", (), ms)
        case Now() | Pattern() | None:
            return NULL
        case _:
            assert_never(constant)
