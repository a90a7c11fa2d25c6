"""Expressions of a pipeline as Kusto trees.

A text without value is the empty text, numbers, times and truths without value are null, several values an array. A
condition is said twice, when it is true and when it is false, and neither is ever null.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, assert_never

from backends.sentinel.condition import network, predicate, rowmany, rowtext, text, tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.rounding import rounded
from backends.sentinel.condition.rowempty import may_be_empty
from backends.sentinel.condition.rowpart import (
    NUMBERS,
    TEXTS,
    WHOLE,
    Said,
    constant_of,
    lowering,
    null,
    spelled,
    text_of,
    typed,
    whole_of,
)
from backends.sentinel.condition.test import walks
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q046
from converter.languages.kusto.syntax import Binary, Expression, Index, Name, Number, Operator, Text, Truth, Typed
from converter.model import pipeline as model
from converter.model import value as fields
from converter.model.duration import DAY, DIFFERENCE_MS
from converter.model.operation import PASSES, Operation
from converter.model.pattern import Case, Pattern, Wild
from converter.model.pattern import of as pattern_of
from converter.model.pipeline import Apply, Column, Constant, Found, Like, Matches, Reference, Type, is_many, type_of
from converter.model.predicate import InNetwork
from converter.readers import address
from converter.readers.esql.literal import address_text
from converter.target.narrowing import UnsayableError

_FIELD: Final = fields.Field("computed", fields.Kind.KEYWORD, many=False)
"""Stands for what no table declares anything of."""
_ADDRESS: Final = fields.Field("computed", fields.Kind.IP, many=False)
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


class Values:
    """Writes expressions over the present row."""

    def __init__(self, place: Place, metadata: AbstractSet[str] = frozenset()) -> None:
        """`metadata`: the columns that Elasticsearch adds to an event, which no table has."""
        self._place = place
        self.metadata = metadata
        self.before: list[Operator] = []  # what must be computed before the operator that is being written
        self.fits: dict[str, Name] = {}  # the columns that may be the empty text, with those that tell whether they are
        self.unordered: set[str] = set()  # the columns that VALUES makes
        self.loose: set[str] = set()  # the arrays that may hold the empty text

    def fresh(self, stem: str) -> str:
        """The name of a column that nothing has."""
        return self._place.names.fresh(stem)

    def said_of(self, message: str, severity: Severity = Severity.WARNING) -> None:
        """Say how a function of Kusto differs from ES|QL's."""
        self._place.notes.add(Diagnostic(Q046, message, severity))

    # ---- whether there is a value

    def may_be_empty(self, node: model.Expression) -> bool:
        """Whether a value may be the empty text."""
        return may_be_empty(node, self.fits, self.loose)

    def known(self, node: model.Expression) -> Expression:
        """Whether there is one value."""
        kind = type_of(node)
        if isinstance(node, Constant):
            return Truth(node.value is not None)
        if kind not in TEXTS:
            return tree.call("isnotnull", self.one(node))
        if not self.may_be_empty(node):
            return tree.call("isnotempty", self.one(node))
        if is_many(node):
            return tree.call(
                "coalesce", Binary("==", tree.call("array_length", self.array(node)), Number(1)), tree.FALSE
            )
        match node:
            case Reference(column):
                return self.fits[column.name]
            case Apply():
                self.value(node)  # raises where the value itself has no form
                return self._known_of(node)
            case _:
                return tree.TRUE

    def _known_of(self, node: Apply) -> Expression:
        arguments = node.arguments
        match node.operation:
            case Operation.CONCAT:
                return tree.all_of(map(self.known, arguments))
            case Operation.COALESCE:
                return tree.any_of(map(self.known, arguments))
            case Operation.CASE:
                last = len(arguments) - 1
                arms = [
                    side
                    for at in range(0, last, 2)
                    for side in (self.said(arguments[at]).true, self.known(arguments[at + 1]))
                ]
                return tree.call("case", *arms, self.known(arguments[last]) if last % 2 == 0 else tree.FALSE)
            case Operation.URL_DECODE:
                return tree.all_of([self.known(arguments[0]), rowtext.decodes(self.one(arguments[0]))])
            case _:
                return self.present(arguments[0]) if node.operation in rowmany.REDUCING else self.known(arguments[0])

    def present(self, node: model.Expression) -> Expression:
        """Whether there is a value, or several."""
        if not is_many(node):
            return self.known(node)
        shown = tree.call("tostring", self.value(node))
        return tree.all_of([tree.call("isnotempty", shown), Binary("!=", shown, Text("[]"))])

    def array(self, node: model.Expression) -> Expression:
        """The values as an array, null or an array without elements for none."""
        if not is_many(node):
            value = self.value(node)
            return tree.call("iff", self.known(node), tree.call("pack_array", value), tree.NULL_ELEMENT)
        value = self.value(node)
        if not isinstance(node, Reference) or node.column.field is None:
            return value
        # A stored column holds one value by itself or in an array.
        alone = tree.call("pack_array", value)
        isolated = tree.call("iff", tree.call("isempty", tree.call("tostring", value)), tree.NULL_ELEMENT, alone)
        return tree.call("iff", tree.call("isnull", tree.call("array_length", value)), isolated, value)

    # ---- values

    def value(self, node: model.Expression) -> Expression:
        """The value, or the array of the values."""
        match node:
            case Constant():
                return constant_of(node)
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
            return tree.call(lowering(node.operation), self.one(node.arguments[0]))
        values = self.value(node)
        count = tree.call("array_length", values)
        found = tree.call("iff", Binary("==", count, Number(1)), Index(values, Number(0)), tree.NULL_ELEMENT)
        if isinstance(node, Reference) and node.column.field is not None:
            found = tree.call("iff", tree.call("isnull", count), values, found)
        return typed(Operand(found, "dynamic"), type_of(node))

    def _column(self, column: Column) -> Expression:
        if column.field is None:
            if column.name in self.metadata:
                raise UnsayableError(f"the metadata column {column.name}")
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
        own = node.operation in PASSES or node.operation in rowmany.OPERATIONS
        if not own and any(type_of(a) is Type.NULL for a in arguments):
            return null(node.type)  # rule Q01; Kusto's null has a type, which must be the right one
        match node.operation:
            case Operation.CASE:
                return self._case(node)
            case Operation.COALESCE:
                return self._coalesced(node)
            case Operation.NOW:
                return tree.call("now")
            case Operation.ADD | Operation.SUBTRACT | Operation.MULTIPLY:
                right = self.one(arguments[1])
                return Binary(_SIGNS[node.operation], self.one(arguments[0]), right)
            case Operation.DIVIDE:
                left, right = (self._as(a, node.type) for a in arguments)
                quotient = Binary("/", left, right)
                if model.is_never_zero(arguments[1]):
                    return quotient
                return tree.call("iff", Binary("==", right, Number(0)), null(node.type), quotient)
            case Operation.ROUND if node.type is Type.DOUBLE:
                digits = whole_of(arguments[1]) if len(arguments) > 1 else 0
                return rounded(self.one(arguments[0]), digits)
            case Operation.FLOOR if node.type is Type.DOUBLE:
                return tree.call("bin", self.one(arguments[0]), Number(1))  # floor() is another name of bin()
            case Operation.CEIL if node.type is Type.DOUBLE:
                return tree.call("ceiling", self.one(arguments[0]))
            case Operation.ROUND | Operation.FLOOR | Operation.CEIL if node.type in WHOLE and len(arguments) == 1:
                return self.one(arguments[0])
            case Operation.ABS:
                return tree.call("abs", self.one(arguments[0]))
            case Operation.NEGATE if not isinstance(arguments[0], Constant):
                return Binary("-", Number(0), self.one(arguments[0]))
            case Operation.DATE_TRUNC:
                return self._truncated(node)
            case Operation.DATE_DIFF:
                return self._difference(node)
            case Operation.TO_STRING | Operation.TO_LONG | Operation.TO_INTEGER | Operation.TO_DOUBLE | Operation.TO_IP:
                return self._converted(node)
            case Operation.TO_LOWER | Operation.TO_UPPER if not is_many(arguments[0]):
                return tree.call(lowering(node.operation), self.value(arguments[0]))
            case Operation.TO_LOWER | Operation.TO_UPPER:
                return rowmany.each(self, arguments[0], lambda one: tree.call(lowering(node.operation), one))
            case _ if node.operation in rowmany.OPERATIONS:
                return rowmany.several(self, node)
            case _:
                return rowtext.function(self, node)

    def _as(self, node: model.Expression, kind: Type) -> Expression:
        """A value beside others: whole numbers as decimals where the result is one."""
        value = self.one(node)
        if kind is Type.DOUBLE and type_of(node) in WHOLE:
            return tree.call("toreal", value)
        return null(kind) if type_of(node) is Type.NULL else value

    def _case(self, node: Apply) -> Expression:
        parts, last = node.arguments, len(node.arguments) - 1
        whole = is_many(node)
        found: list[Expression] = []
        for position in range(0, last, 2):
            value = self._beside(parts[position + 1], node.type, whole=whole)
            found += [self.said(parts[position]).true, value]
        nothing = tree.NULL_ELEMENT if whole else null(node.type)
        found.append(self._beside(parts[last], node.type, whole=whole) if last % 2 == 0 else nothing)
        return tree.call("case", *found)

    def _beside(self, node: model.Expression, kind: Type, *, whole: bool) -> Expression:
        """A value that is one of several choices."""
        if not whole:
            return self._as(node, kind)
        if kind is Type.DOUBLE and type_of(node) in WHOLE:
            raise UnsayableError("several whole numbers beside decimals")
        return tree.NULL_ELEMENT if type_of(node) is Type.NULL else self.array(node)

    def _coalesced(self, node: Apply) -> Expression:
        """The first that has a value. Texts that may be empty, and arrays, whose [] is none, are asked one by one."""
        whole = is_many(node)
        if not whole and not self.may_be_empty(node):
            return tree.call("coalesce", *(self._as(a, node.type) for a in node.arguments))
        sides = [(self.present(a), self._beside(a, node.type, whole=whole)) for a in node.arguments]
        return tree.call("case", *(s for pair in sides for s in pair), tree.NULL_ELEMENT if whole else null(node.type))

    def _truncated(self, node: Apply) -> Expression:
        by = node.arguments[0]
        length = by.value if isinstance(by, Constant) else None
        if isinstance(length, model.Period) and length.days and not length.months and length.days != 7:  # noqa: PLR2004
            length = length.days * DAY
        if not isinstance(length, int):
            raise UnsayableError("date_trunc by weeks, months or years")
        return tree.call("bin", self.one(node.arguments[1]), tree.timespan(length))

    def _difference(self, node: Apply) -> Expression:
        unit = DIFFERENCE_MS.get(text_of(node.arguments[0]).lower())
        if unit is None:
            raise UnsayableError(f"date_diff by {text_of(node.arguments[0])}")
        length = Binary("-", self.one(node.arguments[2]), self.one(node.arguments[1]))
        return tree.call("tolong", Binary("/", length, tree.timespan(unit)))

    def _converted(self, node: Apply) -> Expression:
        argument = node.arguments[0]
        source = type_of(argument)
        if is_many(argument):
            if node.operation is Operation.TO_STRING and source in TEXTS:
                return self.array(argument)
            raise UnsayableError(f"{node.operation.value} of several values")
        value = self.value(argument)
        match node.operation:
            case Operation.TO_STRING if source in WHOLE:
                return tree.call("tostring", value)
            case Operation.TO_STRING | Operation.TO_IP if source in TEXTS and (
                node.operation is Operation.TO_STRING or source is Type.IP
            ):
                return value
            case Operation.TO_STRING if source is Type.BOOLEAN:
                return tree.call(
                    "case",
                    Binary("==", value, tree.TRUE),
                    Text("true"),
                    Binary("==", value, tree.FALSE),
                    Text("false"),
                    Text(""),
                )
            case Operation.TO_LONG if source in WHOLE:
                return value
            case Operation.TO_LONG if source is Type.DATE:
                epoch = Typed("datetime", "1970-01-01")
                return tree.call("tolong", Binary("/", Binary("-", value, epoch), tree.timespan(1)))
            case Operation.TO_INTEGER if source in WHOLE:
                fits = tree.all_of((Binary(">=", value, Number(-(1 << 31))), Binary("<", value, Number(1 << 31))))
                return tree.call("iff", fits, value, null(Type.LONG))
            case Operation.TO_DOUBLE if source in (*NUMBERS, Type.KEYWORD, Type.UNKNOWN):
                return tree.call("todouble", value)
            case _:
                raise UnsayableError(f"{node.operation.value} of {source.value}")

    # ---- conditions

    def said(self, node: model.Expression) -> Said:
        """When a condition is true and when it is false."""
        match node:
            case Constant(value):
                return Said(Truth(value is True), Truth(value is False))
            case Reference():
                return self._known([node], Binary("==", self.one(node), tree.TRUE))
            case Like(operand, patterns):
                return self._tested(operand, patterns)
            case Matches(operand, regexes):
                return self._known([operand], text.matching(self._wanted(self.one(operand)), list(regexes)))
            case Found(wanted):
                found = predicate.condition(wanted, self._place)
                self.before += walks(found.hits)
                return Said(found.condition, tree.negate(found.condition))
            case Apply():
                return self._condition(node)
            case _:
                assert_never(node)

    def _wanted(self, value: Expression) -> text.Wanted:
        return text.Wanted(value, _FIELD, Case.SENSITIVE, self._place.strict)

    def _known(self, sides: Sequence[model.Expression], test: Expression) -> Said:
        """False where every side has a value and the test does not hold."""
        known = [self.known(side) for side in dict.fromkeys(sides)]
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
                known = self.present(arguments[0])
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
                return self._tested(arguments[0], [pattern_of(*before, text_of(arguments[1]), *after)])
            case Operation.CIDR_MATCH:
                return self._networks(arguments)
            case Operation.MV_CONTAINS:
                held = tree.call("set_has_element", self.array(arguments[0]), Text(text_of(arguments[1])))
                found_ = tree.call("coalesce", held, tree.FALSE)
                return Said(found_, tree.call("not", found_))
            case Operation.CASE | Operation.COALESCE:
                chosen = self._case(node) if node.operation is Operation.CASE else self._coalesced(node)
                known, yes = tree.call("isnotnull", chosen), Binary("==", chosen, tree.TRUE)
                return Said(tree.all_of((known, yes)), tree.all_of((known, tree.negate(yes))))
            case _:
                raise UnsayableError(node.operation.value)

    def _networks(self, arguments: Sequence[model.Expression]) -> Said:
        held = self.one(arguments[0])
        try:
            nets = tuple(n for a in arguments[1:] for n in address.within(text_of(a)))
        except address.AddressError as error:
            raise UnsayableError("a network that is none") from error
        test = network.in_network(InNetwork(_ADDRESS, nets), Operand(held, "string"), self._place.strict)
        return self._known([arguments[0]], test)

    def _tested(self, operand: model.Expression, patterns: Sequence[Pattern]) -> Said:
        value = self.one(operand)
        plain = [p.literal for p in patterns if p.literal is not None]
        wanted = self._wanted(value)
        whole = len(plain) == len(patterns)
        test = text.equal(wanted, plain) if whole else text.patterned(wanted, list(patterns))
        return self._known([operand], test)

    def _among(self, operand: model.Expression, values: Sequence[model.Expression]) -> Said:
        texts = [v.value for v in values if isinstance(v, Constant) and isinstance(v.value, str)]
        if len(texts) == len(values):
            return self._tested(operand, [pattern_of(t) for t in texts])
        terms = [self._compared(operand, v, Operation.EQ) for v in values]
        return Said(tree.any_of(t.true for t in terms), tree.all_of(t.false for t in terms))

    def _compared(self, left: model.Expression, right: model.Expression, operation: Operation) -> Said:
        nothing = any(isinstance(s, Constant) and s.value is None and not s.many for s in (left, right))
        kind = type_of(left)
        if nothing or Type.NULL in (kind, type_of(right)):
            return Said(tree.FALSE, tree.FALSE)
        if kind is Type.IP:
            return self._same_address(left, right, operation)
        if kind in TEXTS and operation is not Operation.EQ:
            raise UnsayableError("an order of texts")
        if kind in TEXTS and isinstance(right, Constant):
            return self._tested(left, [pattern_of(str(right.value))])
        test = Binary(_SIGNS[operation], self.one(left), self.one(right))
        return self._known([side for side in (left, right) if not isinstance(side, Constant)], test)

    def _same_address(self, left: model.Expression, right: model.Expression, operation: Operation) -> Said:
        """An address and a constant one, as a network of one address: they may be spelled in several ways."""
        if isinstance(left, Constant):
            left, right = right, left
        if operation is not Operation.EQ or not isinstance(right, Constant) or not isinstance(right.value, int):
            raise UnsayableError("addresses compared")
        return self._networks((left, Constant(address_text(right.value), Type.KEYWORD)))
