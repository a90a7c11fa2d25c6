"""Conditions of three values as pairs of predicates of two: when one is true, and when false (DESIGN 4.1).

Where a condition can be said of the event alone, the pair is exact; else each half holds of every event for which the
condition is true, or false, and of more. A condition on a field of several values is null (rule Q02), which no
predicate of the model asks for: there the pair is wider.
"""

from __future__ import annotations

from collections.abc import Callable

from converter.deferred import dataclass, replace
from converter.model import pattern as patterns
from converter.model import predicate as model
from converter.model.operation import Operation
from converter.model.pattern import Case, Pattern, Wild
from converter.model.pipeline import Apply, Constant, Expression, Found, Like, Matches, Reference, Type
from converter.model.predicate import Compare, Comparison, InNetwork, OneOf, Predicate, Present
from converter.model.value import Field, Instant, Kind, Now, Scalar
from converter.readers import address
from converter.readers.esql.literal import address_text

ALWAYS = model.Constant(value=True)
NEVER = model.Constant(value=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """When a condition is true and when false; what is in neither is null.

    `exact`: neither says more. `single`: neither does where each field has one value at most.
    """

    true: Predicate
    false: Predicate
    exact: bool = True
    single: bool = True

    def negated(self) -> Truth:
        """Of NOT: null stays null (rule Q01)."""
        return Truth(self.false, self.true, self.exact, self.single)


_UNSAID = Truth(ALWAYS, ALWAYS, exact=False, single=False)

_ORDERS = {
    Operation.EQ: Comparison.EQ,
    Operation.LT: Comparison.LT,
    Operation.LE: Comparison.LE,
    Operation.GT: Comparison.GT,
    Operation.GE: Comparison.GE,
}
_SWAPPED = {
    Operation.LT: Operation.GT,
    Operation.LE: Operation.GE,
    Operation.GT: Operation.LT,
    Operation.GE: Operation.LE,
}
_FOLDING = (Operation.TO_LOWER, Operation.TO_UPPER)
_KINDS = {
    Type.KEYWORD: Kind.KEYWORD,
    Type.TEXT: Kind.KEYWORD,  # compared as a whole, in its case (rule Q13)
    Type.INTEGER: Kind.LONG,
    Type.LONG: Kind.LONG,
    Type.DOUBLE: Kind.DOUBLE,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.IP: Kind.IP,
    Type.DATE: Kind.DATE,
}


def truth(expression: Expression) -> Truth:
    """The pair of a condition."""
    match expression:
        case Constant(value):
            return Truth(_constant(value is True), _constant(value is False))
        case Found(predicate):
            return Truth(predicate, model.Not(predicate))
        case Reference():
            field = _field(expression)
            if field is None or field.kind is not Kind.BOOLEAN:
                return _UNSAID
            return _leaf(field, Compare(field, Comparison.EQ, value=True, span=expression.span))
        case Like() | Matches():
            return _pattern(expression)
        case Apply():
            return _apply(expression)


def _constant(value: bool) -> Predicate:  # noqa: FBT001 -- the value is what it is about
    return ALWAYS if value else NEVER


def _apply(node: Apply) -> Truth:
    arguments = node.arguments
    match node.operation:
        case Operation.AND:
            return _joined([truth(a) for a in arguments], conjunction=True)
        case Operation.OR:
            return _joined([truth(a) for a in arguments], conjunction=False)
        case Operation.NOT:
            return truth(arguments[0]).negated()
        case Operation.IS_NULL:
            return _present(arguments[0], node).negated()
        case Operation.IS_NOT_NULL:
            return _present(arguments[0], node)
        case Operation.NE:
            return _comparison(replace(node, operation=Operation.EQ)).negated()
        case Operation.EQ | Operation.LT | Operation.LE | Operation.GT | Operation.GE:
            return _comparison(node)
        case Operation.IN:
            return _in(node)
        case Operation.CIDR_MATCH:
            return _networks(node)
        case Operation.STARTS_WITH | Operation.ENDS_WITH | Operation.CONTAINS:
            return _part(node)
        case Operation.MV_CONTAINS:
            return _contains(node)
        case _:
            return _UNSAID


def _joined(terms: list[Truth], *, conjunction: bool) -> Truth:
    """AND is true if all are, false if one is; OR the other way round."""
    both, either = tuple(t.true for t in terms), tuple(t.false for t in terms)
    known = all(t.exact for t in terms), all(t.single for t in terms)
    if conjunction:
        return Truth(model.And(both), model.Or(either), *known)
    return Truth(model.Or(both), model.And(either), *known)


def _field(expression: Expression) -> Field | None:
    """The field of the event that an expression is."""
    if not isinstance(expression, Reference) or expression.column.field is None:
        return None
    kind = _KINDS.get(expression.column.type)
    return None if kind is None else replace(expression.column.field, kind=kind, span=expression.span)


def _leaf(field: Field, leaf: Predicate) -> Truth:
    """A leaf on a field: false where the field has a value that is none of it."""
    return Truth(leaf, model.And((Present(field), model.Not(leaf))), exact=not field.many)


def _present(expression: Expression, node: Apply) -> Truth:
    field = _field(expression)
    if field is not None:
        present = Present(field, node.span)
        return Truth(present, model.Not(present))
    if isinstance(expression, Constant):
        known = expression.value is not None or bool(expression.many)
        return Truth(_constant(known), _constant(not known))
    if isinstance(expression, Apply) and expression.operation in _FOLDING:
        return _present(expression.arguments[0], node)
    return _UNSAID


def _text(expression: Expression) -> tuple[Field, Operation | None] | None:
    """A text field, as it is or with its letters folded."""
    if isinstance(expression, Apply) and expression.operation in _FOLDING:
        field = _field(expression.arguments[0])
        return None if field is None or field.kind is not Kind.KEYWORD else (field, expression.operation)
    field = _field(expression)
    return None if field is None or field.kind is not Kind.KEYWORD else (field, None)


def _texts(node: Expression, wanted: list[Pattern]) -> Truth:
    """A text that matches one of the patterns; a folded one matches none with a letter that folding changes."""
    found = _text(node)
    if found is None:
        return _UNSAID
    field, folding = found
    if folding is None:
        return _leaf(field, model.Like(field, tuple(wanted), Case.SENSITIVE, field.span))
    fold: Callable[[str], str] = str.lower if folding is Operation.TO_LOWER else str.upper
    kept = [p for p in wanted if all(fold(part) == part for part in p.parts if isinstance(part, str))]
    if not all(part.isascii() for p in kept for part in p.parts if isinstance(part, str)):
        return _UNSAID
    return _leaf(field, model.Like(field, tuple(kept), Case.INSENSITIVE, field.span) if kept else NEVER)


def _pattern(node: Like | Matches) -> Truth:
    if isinstance(node, Like):
        return _texts(node.operand, list(node.patterns))
    found = _text(node.operand)
    if found is None or found[1] is not None:
        return _UNSAID
    return _leaf(found[0], model.Matches(found[0], node.regexes, Case.SENSITIVE, node.span))


def _part(node: Apply) -> Truth:
    part = node.arguments[1]
    if not isinstance(part, Constant) or not isinstance(part.value, str):
        return _UNSAID
    before = () if node.operation is Operation.STARTS_WITH else (Wild.ANY_RUN,)
    after = () if node.operation is Operation.ENDS_WITH else (Wild.ANY_RUN,)
    return _texts(node.arguments[0], [patterns.of(*before, part.value, *after)])


def _contains(node: Apply) -> Truth:
    """MV_CONTAINS is never null, and asks for any value."""
    field, part = _field(node.arguments[0]), node.arguments[1]
    one = isinstance(part, Constant) and isinstance(part.value, str)
    if field is None or field.kind is not Kind.KEYWORD or not isinstance(part, Constant) or not one:
        return _UNSAID
    leaf = OneOf(field, (str(part.value),), Case.SENSITIVE, node.span)
    return Truth(leaf, model.Not(leaf))


# ---- comparisons ----


def _comparison(node: Apply) -> Truth:
    left, right = node.arguments
    operation = node.operation
    if _moment(right) is None and not isinstance(right, Constant):
        left, right, operation = right, left, _SWAPPED.get(operation, operation)
    if isinstance(right, Constant) and right.value is None:
        return Truth(NEVER, NEVER) if not right.many else _UNSAID
    if isinstance(right, Constant) and right.type in (Type.KEYWORD, Type.TEXT) and operation is Operation.EQ:
        return _texts(left, [patterns.of(str(right.value))])
    field = _field(left)
    value = _value(right, field)
    if field is None or value is None:
        return _UNSAID
    return _leaf(field, _compare(field, _ORDERS[operation], value, node))


def _compare(field: Field, order: Comparison, value: Scalar, node: Apply) -> Predicate:
    if field.kind is Kind.IP:
        return InNetwork(field, address.networks(order, str(value)), node.span)
    return Compare(field, order, value, node.span)


def _value(expression: Expression, field: Field | None) -> Scalar | None:
    """A constant as the model compares this field with it."""
    moment = _moment(expression)
    if moment is not None:
        return moment if field is not None and field.kind is Kind.DATE else None
    if field is None or not isinstance(expression, Constant) or expression.many:
        return None
    value = expression.value
    match field.kind:
        case Kind.LONG | Kind.DOUBLE:
            return value if isinstance(value, int | float) else None
        case Kind.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Kind.IP:
            return address_text(value) if isinstance(value, int) else None
        case Kind.KEYWORD:
            return value if isinstance(value, str) else None
        case _:
            return None


def _moment(expression: Expression) -> Instant | Now | None:
    """A point in time: a constant, or now with a fixed duration."""
    if isinstance(expression, Constant):
        fits = expression.type is Type.DATE and isinstance(expression.value, int)
        return Instant(expression.value) if fits and isinstance(expression.value, int) else None
    if not isinstance(expression, Apply):
        return None
    if expression.operation is Operation.NOW:
        return Now(0)
    if expression.operation not in (Operation.ADD, Operation.SUBTRACT):
        return None
    base, by = _moment(expression.arguments[0]), expression.arguments[1]
    if base is None or not isinstance(by, Constant) or by.type is not Type.DURATION or not isinstance(by.value, int):
        return None
    shift = by.value if expression.operation is Operation.ADD else -by.value
    return Instant(base.ms + shift) if isinstance(base, Instant) else Now(base.offset_ms + shift)


def _in(node: Apply) -> Truth:
    """`a == x or a == y` (rule Q11)."""
    operand, *values = node.arguments
    texts = [v for v in values if isinstance(v, Constant) and isinstance(v.value, str) and _text(operand) is not None]
    if len(texts) == len(values):
        return _texts(operand, [patterns.of(str(v.value)) for v in texts])
    terms = [_comparison(Apply(Operation.EQ, (operand, value), Type.BOOLEAN, node.span)) for value in values]
    return _joined(terms, conjunction=False)


def _networks(node: Apply) -> Truth:
    field = _field(node.arguments[0])
    texts = [a.value for a in node.arguments[1:] if isinstance(a, Constant) and isinstance(a.value, str)]
    if field is None or len(texts) < len(node.arguments) - 1:
        return _UNSAID
    try:
        networks = tuple(dict.fromkeys(n for text in texts for n in address.within(text)))
    except address.AddressError:
        return _UNSAID
    return _leaf(field, InNetwork(field, networks, node.span))
