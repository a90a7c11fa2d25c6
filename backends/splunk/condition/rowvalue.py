"""Expressions of a pipeline as expressions of eval: NULL for null, several values as they are.

Dates are milliseconds. A condition is said twice, when it is true and when it is false, and neither is ever NULL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Final, assert_never

from backends.splunk.condition import regex, rowtext
from backends.splunk.condition.check import Checks
from backends.splunk.condition.columns import Columns
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.moment import TIME_MS, milliseconds
from backends.splunk.condition.rowpart import (
    Truth,
    constant_of,
    leaf,
    leaf_of,
    network_of,
    sure,
    text_of,
)
from converter.deferred import compiled, dataclass
from converter.languages.spl.shorthand import (
    FALSE,
    NULL,
    TRUE,
    binary,
    call,
    case,
    concat,
    conjunction,
    disjunction,
    equal,
    negation,
    number,
)
from converter.languages.spl.syntax import Eval, Expression, Name, Number, Sign, Stage, Text
from converter.model import pipeline as model
from converter.model.duration import DAY, DIFFERENCE_MS
from converter.model.operation import Operation
from converter.model.pattern import Case, Pattern, Wild
from converter.model.pattern import of as pattern_of
from converter.model.pipeline import (
    Apply,
    Column,
    Constant,
    Found,
    Like,
    Matches,
    Reference,
    Type,
    is_many,
    is_never_zero,
    type_of,
)
from converter.model.predicate import And, Not, Or, Predicate
from converter.model.predicate import Constant as Always
from converter.readers.esql.literal import address_text
from converter.target.narrowing import UnsayableError

NUMBERS: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG, Type.DOUBLE, Type.DATE)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.BOOLEAN, Type.IP, Type.NULL)
_SIGNS: Final = {
    Operation.LT: Sign.LT,
    Operation.LE: Sign.LE,
    Operation.GT: Sign.GT,
    Operation.GE: Sign.GE,
    Operation.ADD: Sign.ADD,
    Operation.SUBTRACT: Sign.SUBTRACT,
    Operation.MULTIPLY: Sign.MULTIPLY,
}
_KEEPING: Final = (Operation.TO_LOWER, Operation.TO_UPPER)
_NO_NAME: Final = compiled(r"[^\w.{}@:/#+ -]", re.ASCII)
_ZERO, _ONE = Number("0"), Number("1")
_MARK: Final = Text("=")
"""Before both sides of a comparison of texts, so that neither looks like a number."""


def spelled(name: str) -> str:
    """The name of a column; those that no query names begin with a sign that SPL reserves.

    Of a name that is the text of an expression, what no name of a field can hold is an underscore.
    """
    return f"agg_{name[1:]}" if name.startswith("$") else _NO_NAME.sub("_", name)


@dataclass(slots=True)
class Values:
    """Writes expressions over the present row; `pending` are columns to be computed before the stage that uses them."""

    columns: Columns
    taken: set[str]
    checks: Checks
    pending: list[tuple[str, Expression]] = field(default_factory=list)
    metadata: AbstractSet[str] = frozenset()  # the columns that Elasticsearch adds to an event
    made: int = 0
    notes: list[str] = field(default_factory=list)
    unordered: set[str] = field(default_factory=set)  # the columns that VALUES makes

    def flushed(self) -> list[Stage]:
        """The `eval` of what is pending."""
        made, self.pending = self.pending, []
        return [Eval(tuple(made))] if made else []

    def let(self, value: Expression) -> Name:
        """The column of a value, computed before the next stage."""
        if isinstance(value, Name):
            return value
        for name, known in self.pending:
            if known == value:
                return Name(name)
        name = self.fresh()
        self.pending.append((name, value))
        return Name(name)

    def fresh(self) -> str:
        """The name of a column that nothing has."""
        self.made += 1
        while f"v{self.made}" in self.taken:
            self.made += 1
        return f"v{self.made}"

    # ---- values

    def value(self, node: model.Expression) -> Expression:
        """The value or values, or NULL."""
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
        """The one value; NULL for several (rule Q02)."""
        if not is_many(node):
            return self.value(node)
        if isinstance(node, Apply) and node.operation in _KEEPING:
            # As many values come out as go in, so that the one of one value is the result.
            return self._apply_to(node, self.one(node.arguments[0]))
        name = self.let(self.value(node))
        return self.let(call("if", equal(call("mvcount", name), _ONE), name, NULL))

    def _column(self, column: Column) -> Expression:
        stored = column.field
        if stored is None:
            if column.name in self.metadata:
                raise UnsayableError(f"the metadata column {column.name}")
            return Name(spelled(column.name))
        name = self.columns.value(stored)
        if self.columns.is_time(stored):
            return TIME_MS
        if column.type is Type.DATE:
            if column.many:
                raise UnsayableError(f"a date that may have several values ({column.name})")
            return milliseconds(name)
        if column.type is Type.POINT:
            raise UnsayableError("points")
        if column.type in NUMBERS and not column.many:
            return call("tonumber", name)
        return name

    def _apply_to(self, node: Apply, value: Expression) -> Expression:
        return call(node.operation.value.removeprefix("to_"), value)

    def _boolean(self, node: model.Expression) -> Expression:
        truth = self.truth(node)
        return case((truth.true, Text("true")), (truth.false, Text("false")))

    def _apply(self, node: Apply) -> Expression:
        arguments = node.arguments
        match node.operation:
            case Operation.CASE:
                return self._case(node)
            case Operation.COALESCE:
                return call("coalesce", *map(self.value, arguments))
            case Operation.NOW:
                return binary(call("now"), Sign.MULTIPLY, Number("1000"))
            case Operation.ADD | Operation.SUBTRACT | Operation.MULTIPLY:
                return binary(self.number_of(arguments[0]), _SIGNS[node.operation], self.number_of(arguments[1]))
            case Operation.DIVIDE:
                return self._divided(node)
            case Operation.NEGATE:
                return binary(_ZERO, Sign.SUBTRACT, self.number_of(arguments[0]))
            case Operation.ROUND | Operation.ABS | Operation.CEIL | Operation.FLOOR:
                words = {Operation.CEIL: "ceiling"}.get(node.operation, node.operation.value)
                return call(words, *map(self.number_of, arguments))
            case Operation.DATE_TRUNC:
                return self._truncated(node)
            case Operation.DATE_DIFF:
                return self._difference(node)
            case Operation.TO_STRING | Operation.TO_IP | Operation.TO_LONG | Operation.TO_INTEGER | Operation.TO_DOUBLE:
                return self._converted(node)
            case Operation.TO_LOWER | Operation.TO_UPPER:
                value = self.value(arguments[0])
                if not is_many(arguments[0]):
                    return self._apply_to(node, value)
                name = self.let(value)
                return rowtext.each(name, self._apply_to(node, name))
            case _:
                return rowtext.function(self, node)

    def number_of(self, node: model.Expression) -> Expression:
        """The one number."""
        if isinstance(node, Constant) and isinstance(node.value, int | float):
            return number(node.value)
        if isinstance(node, Constant) and node.value is None:
            return NULL
        return self.one(node)

    def _case(self, node: Apply) -> Expression:
        parts, last = node.arguments, len(node.arguments) - 1
        arms: list[tuple[Expression, Expression]] = [
            (self.truth(parts[p]).true, self.value(parts[p + 1])) for p in range(0, last, 2)
        ]
        if last % 2 == 0:
            arms.append((call("true"), self.value(parts[last])))
        return case(*arms)

    def _divided(self, node: Apply) -> Expression:
        above, below = self.let(self.number_of(node.arguments[0])), self.number_of(node.arguments[1])
        quotient: Expression = binary(above, Sign.DIVIDE, below)
        if not is_never_zero(node.arguments[1]):
            quotient = call("if", equal(below, _ZERO), NULL, quotient)
        return quotient if node.type is Type.DOUBLE else _toward_zero(self.let(quotient))

    def _truncated(self, node: Apply) -> Expression:
        by = node.arguments[0]
        length = by.value if isinstance(by, Constant) else None
        if isinstance(length, model.Period) and length.days and not length.months and length.days != 7:  # noqa: PLR2004
            length = length.days * DAY
        if not isinstance(length, int):
            raise UnsayableError("date_trunc by weeks, months or years")
        unit = number(length)
        quotient = binary(self.one(node.arguments[1]), Sign.DIVIDE, unit)
        return binary(call("floor", quotient), Sign.MULTIPLY, unit)

    def _difference(self, node: Apply) -> Expression:
        unit = DIFFERENCE_MS.get(text_of(node.arguments[0]).lower())
        if unit is None:
            raise UnsayableError(f"date_diff by {text_of(node.arguments[0])}")
        length = binary(self.one(node.arguments[2]), Sign.SUBTRACT, self.one(node.arguments[1]))
        return _toward_zero(self.let(binary(length, Sign.DIVIDE, number(unit))))

    def _converted(self, node: Apply) -> Expression:
        argument = node.arguments[0]
        source = type_of(argument)
        value = self.value(argument)
        if is_many(argument) and not (node.operation is Operation.TO_STRING and source in _TEXTS):
            raise UnsayableError(f"{node.operation.value} of several values")
        match node.operation:
            case Operation.TO_STRING if source in (Type.INTEGER, Type.LONG):
                return call("tostring", value)
            case Operation.TO_STRING if source in _TEXTS:
                return value
            case Operation.TO_IP:
                name = self.let(value)
                both = [call("cidrmatch", Text(net), name) for net in ("0.0.0.0/0", "::/0")]
                return call("if", disjunction(both), name, NULL)
            case Operation.TO_DOUBLE | Operation.TO_LONG if source in (Type.INTEGER, Type.LONG, Type.DATE):
                return value
            case Operation.TO_DOUBLE if source is Type.DOUBLE:
                return value
            case Operation.TO_DOUBLE if source in (Type.KEYWORD, Type.UNKNOWN):
                return call("tonumber", value)
            case Operation.TO_INTEGER if source in (Type.INTEGER, Type.LONG):
                return _within(self.let(value))
            case Operation.TO_INTEGER if source in (Type.KEYWORD, Type.UNKNOWN):
                return _within(self.let(call("round", call("tonumber", value))))
            case Operation.TO_LONG if source in (Type.KEYWORD, Type.UNKNOWN):
                return call("round", call("tonumber", value))
            case _:
                raise UnsayableError(f"{node.operation.value} of {source.value}")

    # ---- conditions

    def truth(self, node: model.Expression) -> Truth:
        """When a condition is true and when it is false."""
        match node:
            case Constant(value):
                return Truth(TRUE if value is True else FALSE, TRUE if value is False else FALSE)
            case Reference():
                name = self.let(self.one(node))
                return Truth(sure(equal(name, Text("true"))), sure(equal(name, Text("false"))))
            case Like(operand, patterns):
                return self._tested(operand, patterns)
            case Matches(operand, regexes):
                name = self.let(self.one(operand))
                text = regex.flagged(regex.regexes(regexes, Case.SENSITIVE), Case.SENSITIVE)
                return leaf(name, call("match", name, Text(text)))
            case Found(wanted):
                found = self._searched(wanted)
                return Truth(found, negation(found))
            case Apply():
                return self._condition(node)
            case _:
                assert_never(node)

    def _searched(self, wanted: Predicate) -> Expression:
        """A condition on the event itself, which is never NULL."""
        match wanted:
            case And(terms):
                return conjunction(map(self._searched, terms))
            case Or(terms):
                return disjunction(map(self._searched, terms))
            case Not(term):
                return negation(self._searched(term))
            case Always(value):
                return TRUE if value else FALSE
            case _:
                return sure(self.checks.check(wanted).test)

    def _condition(self, node: Apply) -> Truth:
        arguments = node.arguments
        match node.operation:
            case Operation.AND:
                terms = [self.truth(a) for a in arguments]
                return Truth(conjunction(t.true for t in terms), disjunction(t.false for t in terms))
            case Operation.OR:
                terms = [self.truth(a) for a in arguments]
                return Truth(disjunction(t.true for t in terms), conjunction(t.false for t in terms))
            case Operation.NOT:
                inner = self.truth(arguments[0])
                return Truth(inner.false, inner.true)
            case Operation.IS_NULL | Operation.IS_NOT_NULL:
                name = self.let(self.value(arguments[0]))
                found = Truth(call("isnotnull", name), call("isnull", name))
                return found if node.operation is Operation.IS_NOT_NULL else Truth(found.false, found.true)
            case Operation.NE:
                inner = self._compared(arguments[0], arguments[1], Operation.EQ)
                return Truth(inner.false, inner.true)
            case Operation.EQ | Operation.LT | Operation.LE | Operation.GT | Operation.GE:
                return self._compared(arguments[0], arguments[1], node.operation)
            case Operation.IN:
                return self._among(arguments[0], arguments[1:])
            case Operation.STARTS_WITH | Operation.ENDS_WITH | Operation.CONTAINS:
                before = () if node.operation is Operation.STARTS_WITH else (Wild.ANY_RUN,)
                after = () if node.operation is Operation.ENDS_WITH else (Wild.ANY_RUN,)
                return self._tested(arguments[0], [pattern_of(*before, text_of(arguments[1]), *after)])
            case Operation.CIDR_MATCH:
                name = self.let(self.one(arguments[0]))
                return leaf(name, disjunction(call("cidrmatch", network_of(a), name) for a in arguments[1:]))
            case Operation.MV_CONTAINS:
                text = regex.flagged(regex.texts([text_of(arguments[1])], Case.SENSITIVE), Case.SENSITIVE)
                held = self.let(self.value(arguments[0]))
                found_ = conjunction([call("isnotnull", held), call("isnotnull", call("mvfind", held, Text(text)))])
                return Truth(found_, negation(found_))
            case Operation.CASE | Operation.COALESCE:
                name = self.let(self._apply(node))
                return Truth(sure(equal(name, Text("true"))), sure(equal(name, Text("false"))))
            case _:
                raise UnsayableError(node.operation.value)

    def _tested(self, operand: model.Expression, patterns: Sequence[Pattern]) -> Truth:
        name = self.let(self.one(operand))
        plain = [p.literal for p in patterns]
        if all(t is not None and is_plain(t) for t in plain):
            return leaf(name, disjunction(equal(name, string(t)) for t in plain if t is not None))
        text = regex.flagged(regex.patterns(patterns, Case.SENSITIVE), Case.SENSITIVE)
        return leaf(name, call("match", name, Text(text)))

    def _among(self, operand: model.Expression, values: Sequence[model.Expression]) -> Truth:
        texts = [v.value for v in values if isinstance(v, Constant) and isinstance(v.value, str)]
        if len(texts) == len(values) and type_of(operand) in _TEXTS:
            return self._tested(operand, [pattern_of(t) for t in texts])
        terms = [self._compared(operand, v, Operation.EQ) for v in values]
        return Truth(disjunction(t.true for t in terms), conjunction(t.false for t in terms))

    def _compared(self, left: model.Expression, right: model.Expression, operation: Operation) -> Truth:
        kind = type_of(left) if type_of(left) is not Type.NULL else type_of(right)
        if any(isinstance(s, Constant) and s.value is None and not s.many for s in (left, right)):
            return Truth(FALSE, FALSE)
        if kind in NUMBERS:
            written = [(s, self.number_of(s)) for s in (left, right)]
            sides = [w if isinstance(s, Constant) else self.let(w) for s, w in written]
            test = binary(sides[0], _SIGNS.get(operation, Sign.EQ), sides[1])
            return leaf_of([s for s in sides if isinstance(s, Name)], test)
        if operation is not Operation.EQ:
            raise UnsayableError(f"an order of values of type {kind.value}")
        if isinstance(left, Constant):
            left, right = right, left
        if isinstance(right, Constant):
            return self._equal(left, right)
        names = [self.let(self.one(s)) for s in (left, right)]
        if kind is Type.IP:
            raise UnsayableError("two addresses compared")
        return leaf_of(names, equal(concat(_MARK, names[0]), concat(_MARK, names[1])))

    def _equal(self, operand: model.Expression, value: Constant) -> Truth:
        if value.type is Type.IP and isinstance(value.value, int):
            name = self.let(self.one(operand))
            bits = 128 if value.value >> 32 != 0xFFFF else 32  # noqa: PLR2004 -- the prefix of IPv4
            return leaf(name, call("cidrmatch", string(f"{address_text(value.value)}/{bits}"), name))
        text = str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
        return self._tested(operand, [pattern_of(text)])


def _within(value: Name) -> Expression:
    """The whole number if an integer of 32 bits holds it, else null (rule Q19)."""
    least, most = number(-(1 << 31)), number((1 << 31) - 1)
    return call("if", conjunction((binary(value, Sign.GE, least), binary(value, Sign.LE, most))), value, NULL)


def _toward_zero(value: Name) -> Expression:
    return call("if", binary(value, Sign.GE, _ZERO), call("floor", value), call("ceiling", value))
