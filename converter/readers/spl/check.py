"""Conditions of eval as predicates: of which events they are true.

Splunk's documents leave open what NOT, AND and OR make of NULL (Search Reference, where). An AND is true where both
sides are, whatever NULL does; a NOT is read of what is never NULL only, and an OR of what is NULL nowhere or for one
and the same field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from converter.deferred import replace
from converter.languages.spl.syntax import (
    Among,
    Binary,
    Call,
    Expression,
    Junction,
    Logic,
    Negation,
    Negative,
    Number,
    Sign,
    Text,
)
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    InNetwork,
    Not,
    Or,
    Predicate,
    Present,
)
from converter.model.value import Field
from converter.model.walk import fields
from converter.readers.lengths import of_length
from converter.readers.spl import texts
from converter.readers.spl.columns import Columns, column, network, ordered, single, subject
from converter.readers.spl.moments import moment, time_of
from converter.readers.unraised import UnraisedError

ORDERS: Final = {
    Sign.EQ: Comparison.EQ,
    Sign.EQUALS: Comparison.EQ,
    Sign.LT: Comparison.LT,
    Sign.LE: Comparison.LE,
    Sign.GT: Comparison.GT,
    Sign.GE: Comparison.GE,
}
EQUAL = (Sign.EQ, Sign.EQUALS)
_ZERO, _ONE = Number("0"), Number("1")
_ALWAYS = Call("true")


def true(node: Expression, columns: Columns) -> Predicate:
    """Of which events the condition is true. Raises UnraisedError."""
    match node:
        case Logic(Junction.AND, parts):
            return _all(parts, columns)
        case Logic(Junction.OR, parts):
            if not all(map(is_total, parts)) and len({null_of(part) for part in parts}) != 1:
                raise UnraisedError("an or of what may be NULL")
            return Or(tuple(true(part, columns) for part in parts))
        case Negation(term):
            if not is_total(term):
                raise UnraisedError("NOT of what may be NULL")
            return Not(true(term, columns))
        case Call():
            return _call(node, columns)
        case Among(value, items):
            if not all(isinstance(item, Text) for item in items):
                raise UnraisedError("in of what is no text")
            return Or(tuple(texts.equal(value, i.raw, columns) for i in items if isinstance(i, Text)))
        case Binary():
            return _binary(node, columns)
        case _:
            raise UnraisedError(f"a condition of the kind {type(node).__name__}")


def _all(parts: Sequence[Expression], columns: Columns) -> Predicate:
    found: list[Predicate] = []
    for part in parts:
        match part:
            case Call("isnotnull", (Call("mvfind", (value, Text(pattern))),)):
                if Call("isnotnull", (value,)) not in parts:
                    raise UnraisedError("mvfind of a field that may be missing")
                found.append(texts.some_value(value, pattern, columns))
            case _:
                found.append(true(part, columns))
    return And(tuple(found))


def _call(node: Call, columns: Columns) -> Predicate:
    match node:
        case Call("isnotnull", (Call("mvfind"),)):
            raise UnraisedError("mvfind of a field that may be missing")
        case Call("isnotnull", (value,)):
            return Present(column(value, columns))
        case Call("isnull", (value,)):
            return Not(Present(column(value, columns)))
        case Call("match", (value, Text(pattern))):
            return texts.found(value, pattern, columns)
        case Call("like", (value, Text(pattern))):
            return texts.like(value, pattern, columns)
        case Call("cidrmatch", (Text(text), value)) if found := network(text):
            return InNetwork(single(value, columns), (found,))
        case Call("true", ()):
            return Constant(value=True)
        case Call("false", ()):
            return Constant(value=False)
        case _:
            raise UnraisedError(f"the function {node.function}")


def _binary(node: Binary, columns: Columns) -> Predicate:
    match node:
        case Binary(sign, Number(one), Number(other)) if sign in EQUAL:
            return Constant(value=one == other)
        case Binary(sign, Call("if", (test, Number("1"), Number("0"))), Number("1")) if sign in EQUAL:
            return true(test, columns)
        case Binary(sign, Call("case", arms), Number("1")) if sign in EQUAL:
            return _case(arms, columns)
        case Binary(
            Sign.GT, Call("coalesce", (Call("mvcount", (Call("mvfilter", (test,)),)), Number("0"))), Number("0")
        ):
            return _some_value(test, columns)
        case Binary(sign, value, Text(text)) if sign in EQUAL:
            return texts.equal(value, text, columns)
        case Binary(Sign.NE, value, Text(text)):
            return And((Present(single(value, columns)), Not(texts.equal(value, text, columns))))
        case Binary(sign, Call("len", (value,)), Number(digits)) if sign in ORDERS and digits.isdigit():
            return _length(single(value, columns), ORDERS[sign], int(digits))
        case Binary(sign, left, right) if sign in ORDERS:
            return _order(left, ORDERS[sign], right, columns)
        case _:
            raise UnraisedError(f"the operator {node.sign.value}")


def _length(field: Field, order: Comparison, count: int) -> Predicate:
    found = of_length(field, order, count)
    if found is None:
        raise UnraisedError("a length")
    return found


def _order(left: Expression, order: Comparison, right: Expression, columns: Columns) -> Predicate:
    value = time_of(left)
    if value is not None:
        return Compare(single(value, columns), order, moment(right))
    match left, right:
        case Call("tonumber", (value,)), Number(digits):
            return ordered(single(value, columns), order, _number(digits))
        case Call("tonumber", (value,)), Negative(Number(digits)):
            return ordered(single(value, columns), order, -_number(digits))
        case _:
            raise UnraisedError("a comparison of computed values")


def _number(digits: str) -> int | float:
    return int(digits) if digits.isdigit() else float(digits)


def _case(arms: Sequence[Expression], columns: Columns) -> Predicate:
    """The first condition that is true says 1."""
    if len(arms) % 2 or not all(value in (_ZERO, _ONE) for value in arms[1::2]):
        raise UnraisedError("a case of other values")
    found: Predicate = Constant(value=False)
    for test, value in reversed(list(zip(arms[::2], arms[1::2], strict=True))):
        here = true(test, columns)
        found = Or((here, found)) if value == _ONE else And((Not(here), found))
    return found


# ---- several values


def _some_value(test: Expression, columns: Columns) -> Predicate:
    """Some value of the one field that the test names passes it, or some object of a nested array."""
    arrays = set(_arrays(test))
    if arrays:
        if len(arrays) > 1:
            raise UnraisedError("a walk over several arrays")
        return Element(arrays.pop(), true(test, columns))
    found = true(test, {name: replace(field, many=False) for name, field in columns.items()})
    held = set(fields(found))
    if len({field.path for field in held}) != 1:
        raise UnraisedError("mvfilter over several fields")
    several = replace(held.pop(), many=True)
    match found:
        case Compare() | InNetwork():
            return replace(found, field=several)
        case And((Compare(_, low, first), Compare(_, high, last))) if low in _LOW and high in _HIGH:
            return Between(several, End(first, low is Comparison.GE), End(last, high is Comparison.LE))
        case _:
            return Element(several.path, found)


_LOW = (Comparison.GT, Comparison.GE)
_HIGH = (Comparison.LT, Comparison.LE)


def _arrays(node: Expression) -> Iterator[str]:
    """The arrays whose objects an expression looks into."""
    match node:
        case Call("spath", (Call("spath", (array, Text("{}"))), _)):
            yield subject(array)
        case Call(_, parts) | Logic(_, parts):
            for part in parts:
                yield from _arrays(part)
        case Binary(_, left, right):
            yield from _arrays(left)
            yield from _arrays(right)
        case Negation(term) | Negative(term) | Among(term):
            yield from _arrays(term)
        case _:
            return


# ---- NULL


def is_total(node: Expression) -> bool:
    """Whether the condition is true or false, never NULL."""
    match node:
        case Call("isnull" | "isnotnull" | "true" | "false"):
            return True
        case Logic(_, parts):
            return all(map(is_total, parts))
        case Negation(term):
            return is_total(term)
        case Binary(_, Number(), Number()):
            return True
        case Binary(_, Call("if", (_, Number(), Number())), Number()):
            return True
        case Binary(_, Call("case", arms), Number()):
            return len(arms) > 1 and arms[-2] == _ALWAYS and all(isinstance(v, Number) for v in arms[1::2])
        case Binary(_, Call("coalesce", arguments), Number()):
            return bool(arguments) and isinstance(arguments[-1], Number)
        case _:
            return False


def null_of(node: Expression) -> Expression | None:
    """The value that makes a condition NULL where it is NULL, and nothing else does; None if that is not plain."""
    match node:
        case Call("match" | "like", (value, Text())) | Among(value, _):
            return texts.plain(value)
        case Call("cidrmatch", (Text(), value)):
            return value
        case Binary(_, value, Text() | Number()) if not isinstance(value, Call) or value.function in ("lower", "len"):
            return texts.plain(value)
        case _:
            return node
