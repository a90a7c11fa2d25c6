"""Expressions of a pipeline as Kusto trees.

A text without value is the empty text, numbers, times and truths without value are null, several values an array. A
condition is said twice, when it is true and when it is false, and neither is ever null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from backends.sentinel.condition import network, text, tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.rounding import rounded
from backends.sentinel.condition.translation import UntranslatableError, translated
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Binary, Expression, Index, Name, Number, Text, Truth, Typed
from converter.model import pipeline as model
from converter.model import value as fields
from converter.model.duration import DAY, DIFFERENCE_MS
from converter.model.operation import Operation
from converter.model.pattern import Case, Pattern, Wild
from converter.model.pattern import of as pattern_of
from converter.model.pipeline import Apply, Column, Constant, Found, Like, Matches, Reference, Type, is_many, type_of
from converter.model.predicate import InNetwork
from converter.readers import address
from converter.readers.esql.java import JavaRegexError, replacement
from converter.readers.esql.java import expression as java
from converter.readers.esql.literal import address_text

WHOLE: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG)
NUMBERS: Final = (*WHOLE, Type.DOUBLE)
TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.IP, Type.NULL)
_FIELD: Final = fields.Field("computed", fields.Kind.KEYWORD, many=False)
"""Stands for what no table declares anything of."""
_ADDRESS: Final = fields.Field("computed", fields.Kind.IP, many=False)
_NULLS: Final = {Type.DOUBLE: "real", Type.BOOLEAN: "bool", Type.DATE: "datetime"}
_SIGNS: Final = {
    Operation.EQ: "==",
    Operation.LT: "<",
    Operation.LE: "<=",
    Operation.GT: ">",
    Operation.GE: ">=",
    Operation.ADD: "+",
    Operation.SUBTRACT: "-",
    Operation.MULTIPLY: "*",
}


class UnsayableError(Exception):
    """The expression has no exact form in Kusto; the message says what has none."""


@dataclass(frozen=True, slots=True)
class Said:
    """When a condition is true, and when false: conditions that are never null."""

    true: Expression
    false: Expression


def null(kind: Type) -> Expression:
    """No value of a type."""
    if kind in TEXTS:
        return Text("")
    return Typed(_NULLS.get(kind, "long"), "null")


def spelled(name: str) -> str:
    """The name of a column; those that no query names begin with a sign that Kusto reserves."""
    return f"agg_{name[1:]}" if name.startswith("$") else name


class Values:
    """Writes expressions over the present row."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def known(self, value: Expression, kind: Type) -> Expression:
        """Whether there is a value."""
        return tree.call("isnotempty" if kind in TEXTS else "isnotnull", value)

    # ---- values

    def value(self, node: model.Expression) -> Expression:
        """The value, or the array of the values."""
        match node:
            case Constant():
                return _constant(node)
            case Reference(column):
                return self._column(column)
            case Like() | Matches() | Found():
                return self._boolean(node)
            case Apply():
                return self._boolean(node) if node.type is Type.BOOLEAN else self._apply(node)
            case _:
                assert_never(node)

    def one(self, node: model.Expression) -> Expression:
        """The one value; none for several (rule Q02)."""
        if not is_many(node):
            return self.value(node)
        if isinstance(node, Apply) and node.operation in (Operation.TO_LOWER, Operation.TO_UPPER):
            return tree.call(_lowering(node.operation), self.one(node.arguments[0]))
        values = self.value(node)
        count = tree.call("array_length", values)
        first = Index(values, Number(0))
        alone = tree.call("iff", Binary("==", count, Number(1)), first, tree.NULL_ELEMENT)
        found = tree.call("iff", tree.call("isnull", count), values, alone)
        return typed(Operand(found, "dynamic"), type_of(node))

    def _column(self, column: Column) -> Expression:
        if column.field is None:
            return Name(spelled(column.name))
        found = self._place.column(column.field)
        if found.inner or found.arrays:
            raise UnsayableError(f"members of objects ({column.name})")
        if column.type is Type.POINT:
            raise UnsayableError("points")
        if found.many or column.many:
            return found.expression
        return typed(found.value(), column.type)

    def _boolean(self, node: model.Expression) -> Expression:
        said = self.said(node)
        return tree.call("case", said.true, tree.TRUE, said.false, tree.FALSE, Typed("bool", "null"))

    def _apply(self, node: Apply) -> Expression:
        arguments = node.arguments
        match node.operation:
            case Operation.CASE:
                return self._case(node)
            case Operation.COALESCE if not any(map(is_many, arguments)):
                return tree.call("coalesce", *(self._as(a, node.type) for a in arguments))
            case Operation.NOW:
                return tree.call("now")
            case Operation.ADD | Operation.SUBTRACT | Operation.MULTIPLY:
                right = self.one(arguments[1])
                return Binary(_SIGNS[node.operation], self.one(arguments[0]), right)
            case Operation.DIVIDE:
                left, right = (self._as(a, node.type) for a in arguments)
                return tree.call("iff", Binary("==", right, Number(0)), null(node.type), Binary("/", left, right))
            case Operation.ROUND if node.type is Type.DOUBLE:
                digits = _whole(arguments[1]) if len(arguments) > 1 else 0
                return rounded(self.one(arguments[0]), digits)
            case Operation.FLOOR if node.type is Type.DOUBLE:
                return tree.call("bin", self.one(arguments[0]), Number(1))  # floor() is another name of bin()
            case Operation.CEIL if node.type is Type.DOUBLE:
                return tree.call("ceiling", self.one(arguments[0]))
            case Operation.ABS:
                return tree.call("abs", self.one(arguments[0]))
            case Operation.DATE_TRUNC:
                return self._truncated(node)
            case Operation.DATE_DIFF:
                return self._difference(node)
            case Operation.TO_STRING | Operation.TO_LONG | Operation.TO_INTEGER | Operation.TO_DOUBLE | Operation.TO_IP:
                return self._converted(node)
            case Operation.TO_LOWER | Operation.TO_UPPER if not is_many(arguments[0]):
                return tree.call(_lowering(node.operation), self.value(arguments[0]))
            case _:
                return self._function(node)

    def _function(self, node: Apply) -> Expression:
        """Functions of text and of several values."""
        first, *rest = node.arguments
        match node.operation:
            case Operation.LENGTH:
                value = self.one(first)
                return tree.call("iff", tree.call("isnotempty", value), tree.call("strlen", value), null(Type.LONG))
            case Operation.CONCAT:
                parts = [self.one(a) for a in node.arguments]
                known = tree.all_of(tree.call("isnotempty", p) for p in parts if not isinstance(p, Text))
                return tree.call("iff", known, tree.call("strcat", *parts), Text(""))
            case Operation.REPLACE:
                return self._replaced(node)
            case Operation.SPLIT:
                return tree.call("split", self.one(first), Text(_text(rest[0])))
            case Operation.LEFT:
                return tree.call("substring", self.one(first), Number(0), Number(_whole(rest[0])))
            case Operation.SUBSTRING if _whole(rest[0]) > 0:
                start = Number(_whole(rest[0]) - 1)
                return tree.call("substring", self.one(first), start, *(Number(_whole(a)) for a in rest[1:]))
            case Operation.LOCATE if len(rest) == 1:
                value = self.one(first)
                place = Binary("+", tree.call("indexof", value, self.one(rest[0])), Number(1))
                return tree.call("iff", tree.call("isnotempty", value), place, null(Type.LONG))
            case _:
                return self._several(node)

    def _several(self, node: Apply) -> Expression:
        first, *rest = node.arguments
        value = self.value(first)
        if not is_many(first):
            if node.operation in (Operation.MV_FIRST, Operation.MV_LAST, Operation.MV_MIN, Operation.MV_MAX):
                return value
            raise UnsayableError(f"{node.operation.value} of one value")
        match node.operation:
            case Operation.MV_COUNT:
                count = tree.call("array_length", value)
                return tree.call("iff", Binary(">", count, Number(0)), count, null(Type.LONG))
            case Operation.MV_CONCAT:
                return tree.call("strcat_array", value, Text(_text(rest[0])))
            case Operation.MV_DEDUPE:
                return tree.call("set_union", value, value)
            case Operation.MV_SLICE:
                ordered = value if model.is_placed(first) else tree.call("array_sort_asc", value)
                return tree.call("array_slice", ordered, *(Number(_whole(a)) for a in rest))
            case Operation.MV_FIRST | Operation.MV_LAST if model.is_placed(first):
                place = Number(0 if node.operation is Operation.MV_FIRST else -1)
                return typed(Operand(Index(value, place), "dynamic"), node.type)
            case Operation.MV_FIRST | Operation.MV_MIN:
                return typed(Operand(Index(tree.call("array_sort_asc", value), Number(0)), "dynamic"), node.type)
            case Operation.MV_LAST | Operation.MV_MAX:
                return typed(Operand(Index(tree.call("array_sort_desc", value), Number(0)), "dynamic"), node.type)
            case _:
                raise UnsayableError(node.operation.value)

    def _as(self, node: model.Expression, kind: Type) -> Expression:
        """A value beside others: whole numbers as decimals where the result is one."""
        value = self.one(node)
        if kind is Type.DOUBLE and type_of(node) in WHOLE:
            return tree.call("toreal", value)
        return null(kind) if type_of(node) is Type.NULL else value

    def _case(self, node: Apply) -> Expression:
        parts, last = node.arguments, len(node.arguments) - 1
        if any(is_many(p) for p in (*parts[1::2], parts[last])):
            raise UnsayableError("case with several values")
        found: list[Expression] = []
        for position in range(0, last, 2):
            found += [self.said(parts[position]).true, self._as(parts[position + 1], node.type)]
        found.append(self._as(parts[last], node.type) if last % 2 == 0 else null(node.type))
        return tree.call("case", *found)

    def _truncated(self, node: Apply) -> Expression:
        by = node.arguments[0]
        length = by.value if isinstance(by, Constant) else None
        if isinstance(length, model.Period) and length.days and not length.months and length.days != 7:  # noqa: PLR2004
            length = length.days * DAY
        if not isinstance(length, int):
            raise UnsayableError("date_trunc by weeks, months or years")
        return tree.call("bin", self.one(node.arguments[1]), tree.timespan(length))

    def _difference(self, node: Apply) -> Expression:
        unit = DIFFERENCE_MS.get(_text(node.arguments[0]).lower())
        if unit is None:
            raise UnsayableError(f"date_diff by {_text(node.arguments[0])}")
        length = Binary("-", self.one(node.arguments[2]), self.one(node.arguments[1]))
        return tree.call("tolong", Binary("/", length, tree.timespan(unit)))

    def _converted(self, node: Apply) -> Expression:
        argument = node.arguments[0]
        source = type_of(argument)
        if is_many(argument):
            raise UnsayableError(f"{node.operation.value} of several values")
        value = self.value(argument)
        match node.operation:
            case Operation.TO_STRING if source in WHOLE:
                return tree.call("tostring", value)
            case Operation.TO_STRING if source in TEXTS:
                return value
            case Operation.TO_LONG if source in WHOLE:
                return value
            case Operation.TO_DOUBLE if source in (*NUMBERS, Type.KEYWORD, Type.UNKNOWN):
                return tree.call("todouble", value)
            case _:
                raise UnsayableError(f"{node.operation.value} of {source.value}")

    def _replaced(self, node: Apply) -> Expression:
        pattern = _text(node.arguments[1])
        try:
            pieces = replacement(_text(node.arguments[2]), java(pattern).groups)
            written = translated(pattern)
        except (JavaRegexError, UntranslatableError) as error:
            raise UnsayableError(f"an expression of replace ({error})") from error
        if any(isinstance(p, str) and ("\\" in p or "$" in p) for p in pieces):
            raise UnsayableError("a replacement with backslashes or dollar signs")
        template = "".join(p if isinstance(p, str) else f"\\{p}" for p in pieces)
        return tree.call("replace_regex", self.one(node.arguments[0]), Text(written), Text(template))

    # ---- conditions

    def said(self, node: model.Expression) -> Said:
        """When a condition is true and when it is false."""
        match node:
            case Constant(value):
                return Said(Truth(value is True), Truth(value is False))
            case Reference():
                held = self.one(node)
                return self._known([(held, Type.BOOLEAN)], Binary("==", held, tree.TRUE))
            case Like(operand, patterns):
                return self._tested(operand, patterns)
            case Matches(operand, regexes):
                held = self.one(operand)
                return self._known([(held, Type.KEYWORD)], text.matching(self._wanted(held), list(regexes)))
            case Found():
                raise UnsayableError("a search of the event beside computed columns")
            case Apply():
                return self._condition(node)
            case _:
                assert_never(node)

    def _wanted(self, value: Expression) -> text.Wanted:
        return text.Wanted(value, _FIELD, Case.SENSITIVE, self._place.strict)

    def _known(self, sides: Sequence[tuple[Expression, Type]], test: Expression) -> Said:
        """False where every side has a value and the test does not hold."""
        known = [self.known(v, k) for v, k in dict.fromkeys(sides)]
        return Said(tree.all_of([*known, test]), tree.all_of([*known, tree.negate(test)]))

    def _condition(self, node: Apply) -> Said:
        arguments = node.arguments
        match node.operation:
            case Operation.AND:
                terms = [self.said(a) for a in arguments]
                return Said(tree.all_of(t.true for t in terms), tree.any_of(t.false for t in terms))
            case Operation.OR:
                terms = [self.said(a) for a in arguments]
                return Said(tree.any_of(t.true for t in terms), tree.all_of(t.false for t in terms))
            case Operation.NOT:
                inner = self.said(arguments[0])
                return Said(inner.false, inner.true)
            case Operation.IS_NULL | Operation.IS_NOT_NULL:
                known = self._present(arguments[0])
                found = Said(known, tree.negate(known))
                return found if node.operation is Operation.IS_NOT_NULL else Said(found.false, found.true)
            case Operation.NE:
                inner = self._compared(arguments[0], arguments[1], Operation.EQ)
                return Said(inner.false, inner.true)
            case Operation.EQ | Operation.LT | Operation.LE | Operation.GT | Operation.GE:
                return self._compared(arguments[0], arguments[1], node.operation)
            case Operation.IN:
                return self._among(arguments[0], arguments[1:])
            case Operation.STARTS_WITH | Operation.ENDS_WITH | Operation.CONTAINS:
                before = () if node.operation is Operation.STARTS_WITH else (Wild.ANY_RUN,)
                after = () if node.operation is Operation.ENDS_WITH else (Wild.ANY_RUN,)
                return self._tested(arguments[0], [pattern_of(*before, _text(arguments[1]), *after)])
            case Operation.CIDR_MATCH:
                return self._networks(arguments)
            case Operation.MV_CONTAINS:
                held = tree.call("set_has_element", self.value(arguments[0]), Text(_text(arguments[1])))
                found_ = tree.call("coalesce", held, tree.FALSE)
                return Said(found_, tree.call("not", found_))
            case _:
                raise UnsayableError(node.operation.value)

    def _networks(self, arguments: Sequence[model.Expression]) -> Said:
        held = self.one(arguments[0])
        try:
            nets = tuple(n for a in arguments[1:] for n in address.within(_text(a)))
        except address.AddressError as error:
            raise UnsayableError("a network that is none") from error
        test = network.in_network(InNetwork(_ADDRESS, nets), Operand(held, "string"), self._place.strict)
        return self._known([(held, Type.IP)], test)

    def _present(self, node: model.Expression) -> Expression:
        value = self.value(node)
        if not is_many(node):
            return self.known(value, type_of(node))
        shown = tree.call("tostring", value)
        return tree.all_of([tree.call("isnotempty", shown), Binary("!=", shown, Text("[]"))])

    def _tested(self, operand: model.Expression, patterns: Sequence[Pattern]) -> Said:
        value = self.one(operand)
        plain = [p.literal for p in patterns if p.literal is not None]
        wanted = self._wanted(value)
        whole = len(plain) == len(patterns)
        test = text.equal(wanted, plain) if whole else text.patterned(wanted, list(patterns))
        return self._known([(value, Type.KEYWORD)], test)

    def _among(self, operand: model.Expression, values: Sequence[model.Expression]) -> Said:
        texts = [v.value for v in values if isinstance(v, Constant) and isinstance(v.value, str)]
        if len(texts) == len(values):
            return self._tested(operand, [pattern_of(t) for t in texts])
        terms = [self._compared(operand, v, Operation.EQ) for v in values]
        return Said(tree.any_of(t.true for t in terms), tree.all_of(t.false for t in terms))

    def _compared(self, left: model.Expression, right: model.Expression, operation: Operation) -> Said:
        if any(isinstance(s, Constant) and s.value is None and not s.many for s in (left, right)):
            return Said(tree.FALSE, tree.FALSE)
        kind = type_of(left) if type_of(left) is not Type.NULL else type_of(right)
        if kind is Type.IP:
            raise UnsayableError("addresses compared")
        if kind in TEXTS and operation is not Operation.EQ:
            raise UnsayableError("an order of texts")
        if kind in TEXTS and isinstance(right, Constant):
            return self._tested(left, [pattern_of(str(right.value))])
        sides = [(self.one(s), type_of(s)) for s in (left, right)]
        test = Binary(_SIGNS[operation], sides[0][0], sides[1][0])
        nodes = zip(sides, (left, right), strict=True)
        return self._known([s for s, node in nodes if not isinstance(node, Constant)], test)


def _lowering(operation: Operation) -> str:
    return "tolower" if operation is Operation.TO_LOWER else "toupper"


def typed(value: Operand, kind: Type) -> Expression:
    """A value of a column as its ES|QL type says."""
    if kind in TEXTS or kind is Type.VERSION:
        return value.as_text()
    if kind is Type.DATE:
        return value.as_time()
    if kind is Type.BOOLEAN:
        return value.as_bool()
    return value.as_number(real=kind is Type.DOUBLE)


def _text(node: model.Expression) -> str:
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        raise UnsayableError("an argument that is no constant")
    return node.value


def _whole(node: model.Expression) -> int:
    if not isinstance(node, Constant) or not isinstance(node.value, int):
        raise UnsayableError("an argument that is no constant")
    return node.value


def _constant(node: Constant) -> Expression:
    value = node.value
    match value:
        case None if node.many:
            raise UnsayableError("an array as a constant")
        case None:
            return null(node.type)
        case bool():
            return Truth(value)
        case int() if node.type is Type.IP:
            return Text(address_text(value))
        case int() if node.type is Type.DURATION:
            return tree.timespan(value)
        case int() if node.type is Type.DATE:
            epoch = Typed("datetime", "1970-01-01")
            return Binary("+", epoch, tree.timespan(value))
        case int() | float():
            return Number(float(value) if node.type is Type.DOUBLE else value)
        case str():
            return Text(value)
        case _:
            raise UnsayableError("a constant of this type")
