"""Expressions as functions of a row: null and several values by the common rule, unless a function has its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, assert_never

from converter.model.operation import PER_VALUE, Operation
from converter.model.pattern import Case, like
from converter.model.pipeline import Apply, Constant, Expression, Found, Like, Matches, Reference, Type, type_of
from converter.readers.esql.literal import network
from converter.reference import event as events
from converter.reference import predicate
from converter.reference.esql import text
from converter.reference.esql.multiple import MULTIPLE
from converter.reference.esql.numeric import NUMERIC, POINTS, arithmetic
from converter.reference.esql.temporal import TEMPORAL, shifted, stepped
from converter.reference.esql.textual import TEXTUAL
from converter.reference.esql.value import EVENT, Row, Value, many, values_of, widened, within
from converter.reference.text import regex_matches

Compiled: TypeAlias = Callable[[Row], Value]

_PLAIN = {**NUMERIC, **POINTS, **TEXTUAL, **TEMPORAL}
_ARITHMETIC = (Operation.ADD, Operation.SUBTRACT, Operation.MULTIPLY, Operation.DIVIDE, Operation.MODULO)


def compile_expression(expression: Expression, now: int) -> Compiled:
    """The value of an expression in a row; `now` in milliseconds."""
    match expression:
        case Constant(value, _, several):
            constant: Value = list(several) if several else value
            return lambda _: constant
        case Reference():
            return _reference(expression)
        case Like(operand, likes):
            return _on_text(operand, now, lambda t: any(like(t, p, Case.SENSITIVE) for p in likes))
        case Matches(operand, regexes):
            return _on_text(operand, now, lambda t: any(regex_matches(t, r, Case.SENSITIVE) for r in regexes))
        case Found(wanted):
            return lambda row: predicate.matches(wanted, row[EVENT], now)
        case Apply():
            return _apply(expression, now)
        case _:
            assert_never(expression)


def is_true(value: Value) -> bool:
    """Whether a condition holds: null does not, several values do not."""
    return value is True


def _reference(reference: Reference) -> Compiled:
    name, field, kind = reference.column.name, reference.column.field, reference.column.type
    if field is None:
        return lambda row: row.get(name)

    def stored(row: Row) -> Value:
        if name in row:
            return row[name]  # type: ignore[no-any-return] # rows hold values
        row[name] = in_order(events.values(row[EVENT], field), kind)
        return row[name]  # type: ignore[no-any-return]

    return stored


def in_order(found: Sequence[events.Indexed], kind: Type) -> Value:
    """The values of a field of the event as they come back: sorted, texts each once (rule Q06)."""
    ordered: list[Any] = list(found)
    if kind is Type.TEXT:
        return many(ordered)
    if kind is Type.DOUBLE:
        ordered = [float(v) for v in ordered]
    if kind in (Type.KEYWORD, Type.IP, Type.UNKNOWN):
        return many(sorted(set(ordered)))
    if kind is Type.POINT:
        return many(p for p in map(text.point, ordered) if p is not None)
    return many(sorted(ordered))


def _on_text(operand: Expression, now: int, test: Callable[[str], bool]) -> Compiled:
    value = compile_expression(operand, now)

    def compiled(row: Row) -> Value:
        found = value(row)
        return test(found) if isinstance(found, str) else None

    return compiled


# ---- operators ----


def _apply(node: Apply, now: int) -> Compiled:
    arguments = [compile_expression(a, now) for a in node.arguments]
    operation, kinds = node.operation, [type_of(a) for a in node.arguments]
    match operation:
        case Operation.AND | Operation.OR:
            return _joined(arguments, decisive=operation is Operation.OR)
        case Operation.NOT:
            return lambda row: None if not isinstance(v := arguments[0](row), bool) else not v
        case Operation.IS_NULL:
            return lambda row: arguments[0](row) is None
        case Operation.IS_NOT_NULL:
            return lambda row: arguments[0](row) is not None
        case Operation.IN:
            return _in(arguments)
        case Operation.CASE:
            return _case(arguments, node.type)
        case Operation.COALESCE:
            return _coalesce(arguments, node.type)
        case Operation.NOW:
            return lambda _: now
        case _ if operation in MULTIPLE:
            whole = MULTIPLE[operation]
            return lambda row: widened(_fitting(whole(*(a(row) for a in arguments)), node.type), node.type)
        case _ if operation in PER_VALUE:
            return _each(arguments[0], _conversion(operation, kinds[0]))
        case _:
            return _single(arguments, _function(node, kinds))


def _fitting(value: Value, kind: Type) -> Value:
    whole = kind in (Type.INTEGER, Type.LONG) and isinstance(value, int) and not isinstance(value, bool)
    return within(value, kind) if whole and isinstance(value, int) else value


def _joined(terms: Sequence[Compiled], *, decisive: bool) -> Compiled:
    """AND and OR of three values: the decisive one wins over null (rule Q01)."""

    def compiled(row: Row) -> Value:
        found: Value = not decisive
        for term in terms:
            value = term(row)
            if value is decisive:
                return decisive
            if not isinstance(value, bool):
                found = None
        return found

    return compiled


def _in(arguments: Sequence[Compiled]) -> Compiled:
    def compiled(row: Row) -> Value:
        value = arguments[0](row)
        if value is None or isinstance(value, list):
            return None
        found: Value = False
        for item in arguments[1:]:
            other = item(row)
            if other is None or isinstance(other, list):
                found = None
            elif value == other:
                return True
        return found

    return compiled


def _case(arguments: Sequence[Compiled], kind: Type) -> Compiled:
    def compiled(row: Row) -> Value:
        last = len(arguments) - 1
        for position in range(0, last, 2):
            if is_true(arguments[position](row)):
                return widened(arguments[position + 1](row), kind)
        return widened(arguments[last](row), kind) if last % 2 == 0 else None

    return compiled


def _coalesce(arguments: Sequence[Compiled], kind: Type) -> Compiled:
    def compiled(row: Row) -> Value:
        for argument in arguments:
            value = argument(row)
            if value is not None:
                return widened(value, kind)
        return None

    return compiled


def _each(argument: Compiled, convert: Callable[[Any], Any]) -> Compiled:
    return lambda row: many(convert(v) for v in values_of(argument(row)))


def _single(arguments: Sequence[Compiled], function: Callable[..., Value]) -> Compiled:
    """A function whose arguments must each have one value (rules Q01, Q02)."""

    def compiled(row: Row) -> Value:
        values = []
        for argument in arguments:
            value = argument(row)
            if value is None or isinstance(value, list):
                return None
            values.append(value)
        return function(*values)

    return compiled


def _conversion(operation: Operation, source: Type) -> Callable[[Any], Any]:
    match operation:
        case Operation.TO_STRING:
            return lambda v: text.text_of(v, source)
        case Operation.TO_INTEGER:
            return lambda v: text.whole(v, Type.INTEGER)
        case Operation.TO_UNSIGNED:
            return lambda v: text.whole(v, Type.UNSIGNED_LONG)
        case Operation.TO_LONG:
            return lambda v: text.whole(v, Type.LONG)
        case Operation.TO_DOUBLE:
            return text.double
        case Operation.TO_BOOLEAN:
            return text.boolean
        case Operation.TO_DATE:
            return text.date
        case Operation.TO_IP:
            return text.ip
        case Operation.TO_POINT:
            return text.point
        case Operation.TO_VERSION:
            return lambda v: v
        case _:
            return _PLAIN[operation]


_COMPARISONS: dict[Operation, Callable[[Any, Any], bool]] = {
    Operation.EQ: lambda a, b: a == b,
    Operation.NE: lambda a, b: a != b,
    Operation.LT: lambda a, b: a < b,
    Operation.LE: lambda a, b: a <= b,
    Operation.GT: lambda a, b: a > b,
    Operation.GE: lambda a, b: a >= b,
}


def _function(node: Apply, kinds: Sequence[Type]) -> Callable[..., Value]:
    """The function of values, each of which is one."""
    operation = node.operation
    compare = _COMPARISONS.get(operation)
    if compare is not None:
        if Type.VERSION in kinds:
            return lambda a, b: compare(text.version_key(a), text.version_key(b))
        return compare
    if operation in _ARITHMETIC:
        if node.type is Type.DATE:
            sign = 1 if operation is Operation.ADD else -1
            return lambda a, b: shifted(a, b, sign)
        return arithmetic(operation, node.type)
    match operation:
        case Operation.NEGATE:
            return lambda v: -v if node.type is Type.DOUBLE or not isinstance(v, int) else within(-v, node.type)
        case Operation.BUCKET if node.type is Type.DATE:
            return stepped
        case Operation.CLAMP | Operation.ROUND_TO:
            plain = _PLAIN[operation]
            return lambda *v: widened(plain(*v), node.type)
        case Operation.GREATEST:
            return lambda *v: widened(max(v), node.type)
        case Operation.LEAST:
            return lambda *v: widened(min(v), node.type)
        case Operation.CIDR_MATCH:
            return lambda ip, *nets: any(ip in n for n in map(network, nets) if n is not None)
        case Operation.IP_PREFIX:
            return _prefix
        case _:
            return _PLAIN[operation]


_V4 = 0xFFFF


def _prefix(address: int, v4: int, v6: int) -> int | None:
    mapped = address >> 32 == _V4
    bits, size = (v4, 32) if mapped else (v6, 128)
    if not 0 <= bits <= size:
        return None
    return address >> (size - bits) << (size - bits)
