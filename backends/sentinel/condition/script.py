"""EQL scripts (`Holds`): functions over values, three-valued inside, a plain condition outside.

Every value carries the conditions under which it is not null, every truth the condition under which it is true and
the one under which it is false, so that no Kusto expression ever meets a null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from backends.sentinel.codes import T311
from backends.sentinel.condition import arithmetic, finding, textual, tree
from backends.sentinel.condition.column import Column, Operand, inner_value
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.term import NULL, UNKNOWN, Term, Truth, Unsayable, not_null
from backends.sentinel.condition.test import Test, Walk
from converter.deferred import dataclass, replace
from converter.languages.kusto.syntax import Binary, Duration, Expression, Name, Text, Typed
from converter.model.pattern import Pattern
from converter.model.predicate import Holds
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Scalar, Spelled, Value
from converter.target.contract import Notebook


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of a field with many values: each ranges over the values on its own (rule E10)."""

    field: Field
    column: Column
    element: Operand


def holds(node: Holds, place: Place) -> Test:
    """The script is true for some combination of the values that the fields it mentions have."""
    fields = _mentions(node.call, place)
    walk = place.walk(*(column.values for _, column in fields), late=True) if fields else None
    mentions = tuple(
        Mention(field, column, Operand(inner_value(Name(element), column.inner), "dynamic"))
        for (field, column), element in zip(fields, walk.elements if walk else (), strict=True)
    )
    numbered = _numbered(node.call, place, 0)[0]
    writer = _Writer(place.strict, {str(i): m for i, m in enumerate(mentions)})
    try:
        truth = writer.truth(numbered)
    except Unsayable as reason:
        place.notes.add(finding.error(T311, str(reason), node.call.span or node.span))
        return Test(tree.FALSE)
    return Test(truth.true) if walk is None else _some(truth.true, walk, mentions, place)


def _some(condition: Expression, walk: Walk, mentions: tuple[Mention, ...], place: Place) -> Test:
    """Some combination of values satisfies the condition."""
    implied = set(tree.conjuncts(condition))
    # A null in an array is no value: it counts as one only where the field has no other.
    loose = [m for m in mentions if not set(tree.conjuncts(_known_value(m, place))) <= implied]
    before = [_present(m, place) for m in loose]
    only = [tree.any_of([_known_value(m, place), tree.negate(b.condition)]) for m, b in zip(loose, before, strict=True)]
    return place.hit(walk, Test(tree.all_of([condition, *only])), "script", before)


def _known_value(mention: Mention, place: Place) -> Expression:
    return _known(_field(mention.field, mention.element, place.notes))


def _present(mention: Mention, place: Place) -> Test:
    """The field has some value, as a column that stands before the walk of the script."""
    walk = place.walk(mention.column.values)
    operand = Operand(inner_value(Name(walk.elements[0]), mention.column.inner), "dynamic")
    return place.hit(walk, Test(_known(_field(mention.field, operand, place.notes))), "value")


def _mentions(value: Value, place: Place) -> list[tuple[Field, Column]]:
    """The mentions of fields with many values, in order."""
    match value:
        case Field():
            found = place.column(value)
            return [(value, found)] if found.many else []
        case Call(_, arguments):
            return [m for a in arguments for m in _mentions(a, place)]
        case Literal():
            return []
        case _:
            assert_never(value)


def _numbered(value: Value, place: Place, count: int) -> tuple[Value, int]:
    """The value with each mention of a field with many values spelled as its number, and how many there are."""
    match value:
        case Field():
            if not place.column(value).many:
                return value, count
            return replace(value, way=Spelled(str(count))), count + 1
        case Call(_, arguments):
            done: list[Value] = []
            for argument in arguments:
                made, count = _numbered(argument, place, count)
                done.append(made)
            return replace(value, arguments=tuple(done)), count
        case Literal():
            return value, count
        case _:
            assert_never(value)


@dataclass(frozen=True, slots=True)
class _Writer:
    place: Place
    mentions: Mapping[str, Mention]

    def truth(self, value: Value) -> Truth:
        """A value that is true, false or null."""
        found = self.value(value)
        return found if isinstance(found, Truth) else UNKNOWN

    def value(self, value: Value) -> Term | Truth:
        """A value as text or number with its guards, or as a truth."""
        match value:
            case Literal(constant):
                return _constant(constant)
            case Field(way=Spelled(text)) if text in self.mentions:
                mention = self.mentions[text]
                return _field(mention.field, mention.element, self.place.notes)
            case Field():
                return _field(value, self.place.column(value).value(), self.place.notes)
            case Call():
                return self._call(value)
            case _:
                assert_never(value)

    def _call(self, call: Call) -> Term | Truth:
        arguments = call.arguments
        match call.function:
            case Function.NOT:
                inner = self.truth(arguments[0])
                return Truth(inner.false, inner.true)
            case Function.AND:
                parts = [self.truth(a) for a in arguments]
                return Truth(tree.all_of(p.true for p in parts), tree.any_of(p.false for p in parts))
            case Function.OR:
                parts = [self.truth(a) for a in arguments]
                return Truth(tree.any_of(p.true for p in parts), tree.all_of(p.false for p in parts))
            case Function.IS_NULL:
                known = _known(self.value(arguments[0]))
                return Truth(tree.negate(known), known)
            case Function.LIKE:
                return textual.like(self._term(arguments[0]), arguments[1:], call.case, self.place)
            case Function.CIDR_MATCH:
                return textual.cidr_match(self.place, *map(self._term, arguments))
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
        if call.function in textual.SHAPES:
            source, part = terms
            return textual.shaped(textual.SHAPES[call.function], call.case, source, part, self.place)
        if call.function in arithmetic.FUNCTIONS:
            return arithmetic.FUNCTIONS[call.function](*terms)
        return textual.FUNCTIONS[call.function](call.case, *terms)

    def _term(self, value: Value) -> Term:
        """A value as a term; a truth as the text that `string` makes of it, which no other function takes."""
        found = self.value(value)
        if isinstance(found, Term):
            return found
        return Term(tree.call("iff", found.true, Text("true"), Text("false")), "bool", (_known(found),))


def _field(field: Field, operand: Operand, notes: Notebook) -> Term | Truth:
    match field.kind:
        case Kind.KEYWORD | Kind.TEXT | Kind.IP:
            notes.add(finding.EMPTY_IS_MISSING)
            text = operand.as_text()
            return Term(text, "string", (tree.call("isnotempty", text),))
        case Kind.LONG:
            whole = operand.as_number()
            return Term(whole, "long", (not_null(whole),))
        case Kind.DOUBLE:
            real = operand.as_number(real=True)
            return Term(real, "real", (not_null(real),))
        case Kind.BOOLEAN:
            flag = operand.as_bool()
            return Truth(Binary("==", flag, tree.TRUE), Binary("==", flag, tree.FALSE))
        case Kind.DATE:
            moment = operand.as_time()
            since = Binary("-", moment, Typed("datetime", "1970-01-01"))
            return Term(tree.call("tolong", Binary("/", since, Duration(1, "ms"))), "long", (not_null(moment),))
        case _:
            assert_never(field.kind)


def _known(found: Term | Truth) -> Expression:
    return tree.all_of(found.guards) if isinstance(found, Term) else tree.any_of([found.true, found.false])


def _compare_truths(left: Truth, right: Truth, function: Function) -> Truth:
    both = [tree.all_of([left.true, right.true]), tree.all_of([left.false, right.false])]
    mixed = [tree.all_of([left.true, right.false]), tree.all_of([left.false, right.true])]
    match function:
        case Function.EQ:
            return Truth(tree.any_of(both), tree.any_of(mixed))
        case Function.NE:
            return Truth(tree.any_of(mixed), tree.any_of(both))
        case _:
            raise Unsayable("true and false have no order in Kusto")


def _constant(constant: Scalar | Pattern | None) -> Term | Truth:
    match constant:
        case bool():
            return Truth(tree.TRUE, tree.FALSE) if constant else Truth(tree.FALSE, tree.TRUE)
        case int():
            return Term(tree.number(constant), "long", (), constant)
        case float():
            return Term(tree.number(constant), "real", (), constant)
        case str():
            return Term(Text(constant), "string", (), constant)
        case Instant(ms):
            return Term(tree.number(ms), "long", (), ms)
        case Now() | Pattern() | None:
            return NULL
        case _:
            assert_never(constant)
