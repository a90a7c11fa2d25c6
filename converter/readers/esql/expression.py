"""ES|QL's expressions with their types: operators, casts and the functions of the table."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import assert_never

from converter.diagnostics import Span
from converter.languages.esql import syntax
from converter.languages.esql.codes import Q021, Q022, Q023, Q024, Q025, Q026, Q027
from converter.languages.esql.syntax import ArithmeticOperator, ComparisonOperator, PatternOperator
from converter.model.operation import Operation
from converter.model.pattern import Wild
from converter.model.pipeline import Apply, Constant, Expression, Like, Matches, Scalar, Type, type_of
from converter.readers.esql import literal, search
from converter.readers.esql.buckets import bucket
from converter.readers.esql.context import NOTHING, Context
from converter.readers.esql.functions import AGGREGATES, FUNCTIONS, KNOWN, SEARCHES, Gives, Signature
from converter.readers.esql.pattern import like_pattern, lucene_regex, takes_all
from converter.readers.esql.typing import (
    ANYTHING,
    BOOLEANS,
    FROM_TEXT,
    NUMBERS,
    ORDERED,
    SPANS,
    STRINGS,
    TYPE_WORDS,
    common,
    is_text,
    settled,
    widest,
    word,
)

_COMPARISONS = {
    ComparisonOperator.EQ: Operation.EQ,
    ComparisonOperator.NE: Operation.NE,
    ComparisonOperator.LT: Operation.LT,
    ComparisonOperator.LE: Operation.LE,
    ComparisonOperator.GT: Operation.GT,
    ComparisonOperator.GE: Operation.GE,
}
_ARITHMETIC = {
    ArithmeticOperator.ADD: Operation.ADD,
    ArithmeticOperator.SUBTRACT: Operation.SUBTRACT,
    ArithmeticOperator.MULTIPLY: Operation.MULTIPLY,
    ArithmeticOperator.DIVIDE: Operation.DIVIDE,
    ArithmeticOperator.MODULO: Operation.MODULO,
}
_CASTS = {
    Type.KEYWORD: "to_string",
    Type.INTEGER: "to_integer",
    Type.LONG: "to_long",
    Type.UNSIGNED_LONG: "to_unsigned_long",
    Type.DOUBLE: "to_double",
    Type.BOOLEAN: "to_boolean",
    Type.DATE: "to_datetime",
    Type.IP: "to_ip",
    Type.VERSION: "to_version",
    Type.POINT: "to_geopoint",
}
_NUMBERS = {"e": math.e, "pi": math.pi, "tau": math.tau}
_EQUALITY = (ComparisonOperator.EQ, ComparisonOperator.NE)


class Lowering:
    """Expressions of one command. `lower_call` is where STATS takes part."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def value(self, node: syntax.Expression) -> Expression:
        """An expression with its type; null, reported, where it has none."""
        match node:
            case syntax.Name(path):
                return self.column(path, node.span)
            case syntax.Text() | syntax.Number() | syntax.Boolean() | syntax.Null() | syntax.Duration():
                return self._constant(node)
            case syntax.Array(items):
                return self._array(node, items)
            case syntax.Call():
                return self.call(node)
            case syntax.Cast():
                return self._cast(node)
            case syntax.Negative(operand):
                value = self.argument(operand, NUMBERS | SPANS, "what - stands before")
                return Apply(Operation.NEGATE, (value,), type_of(value), node.span)
            case syntax.Arithmetic():
                return self._arithmetic(node)
            case syntax.Comparison():
                return self._comparison(node)
            case syntax.In():
                return self._in(node)
            case syntax.Like():
                return self._like(node)
            case syntax.IsNull(operand, negated):
                operation = Operation.IS_NOT_NULL if negated else Operation.IS_NULL
                return Apply(operation, (settled(self.value(operand)),), Type.BOOLEAN, node.span)
            case syntax.Search():
                return search.match_operator(self.context, node)
            case syntax.Not(operand):
                return Apply(Operation.NOT, (self.condition(operand),), Type.BOOLEAN, node.span)
            case syntax.And(terms):
                return Apply(Operation.AND, tuple(map(self.condition, terms)), Type.BOOLEAN, node.span)
            case syntax.Or(terms):
                return Apply(Operation.OR, tuple(map(self.condition, terms)), Type.BOOLEAN, node.span)
            case _:
                assert_never(node)

    def column(self, path: str, span: Span) -> Expression:
        """The value of a column."""
        return self.context.column(path, span)

    def condition(self, node: syntax.Expression) -> Expression:
        """An expression that is true, false or null."""
        return self.argument(node, BOOLEANS, "a condition")

    def argument(self, node: syntax.Expression, kinds: frozenset[Type], subject: str) -> Expression:
        """An expression of one of these types."""
        return self.context.as_one_of(self.value(node), kinds, node.span, subject)

    # ---- constants ----

    def _constant(self, node: syntax.Text | syntax.Number | syntax.Boolean | syntax.Null | syntax.Duration) -> Constant:
        match node:
            case syntax.Text(value):
                return Constant(value, Type.KEYWORD)
            case syntax.Number(number):
                return literal.number(number)
            case syntax.Boolean(truth):
                return Constant(truth, Type.BOOLEAN)
            case syntax.Null():
                return NOTHING
            case syntax.Duration(count, unit):
                found = literal.duration(count, unit)
                if found is None:
                    hint = "Units are ms, s, m, h, d, w, mo, q, y and their long names."
                    return self.context.refuse(Q027, f"{unit} is no unit of time", node.span, hint)
                return found

    def _array(self, node: syntax.Array, items: tuple[syntax.Text | syntax.Number | syntax.Boolean, ...]) -> Constant:
        values = [self._constant(item) for item in items]
        kind: Type | None = values[0].type
        for value in values[1:]:
            kind = None if kind is None else common(kind, value.type)
        if kind is None:
            return self.context.refuse(Q021, "an array holds values of one type", node.span)
        many = tuple(_as(v.value, kind) for v in values if v.value is not None)
        return Constant(many[0], kind) if len(many) == 1 else Constant(None, kind, many)

    def constant(self, node: syntax.Expression, kinds: frozenset[Type], subject: str) -> Constant | None:
        """A constant of one of these types; None, reported."""
        value = self.argument(node, kinds, subject)
        if isinstance(value, Constant):
            return value if value is not NOTHING or isinstance(node, syntax.Null) else None
        self.context.refuse(Q026, f"{subject} must be a constant", node.span)
        return None

    # ---- operators ----

    def _cast(self, node: syntax.Cast) -> Expression:
        kind = TYPE_WORDS.get(node.type.lower())
        if kind is None:
            if node.type.lower() in ("date_period", "time_duration"):
                return self.argument(node.operand, SPANS, f"what is cast to {node.type}")
            close = get_close_matches(node.type.lower(), TYPE_WORDS, 1)
            hint = f"Did you mean {close[0]}?" if close else ""
            return self.context.refuse(Q021, f"{node.type} is no type to cast to", node.span, hint)
        return self._applied(FUNCTIONS[_CASTS[kind]], f"::{node.type}", (node.operand,), node.span)

    def _arithmetic(self, node: syntax.Arithmetic) -> Expression:
        operation = _ARITHMETIC[node.operator]
        left, right = self.value(node.left), self.value(node.right)
        kinds = {type_of(left), type_of(right)}
        if kinds & (SPANS | {Type.DATE}) and not kinds & NUMBERS:
            return self._date_arithmetic(node, operation, left, right)
        subject = f"what {node.operator.value} stands beside"
        left = self.context.as_one_of(left, NUMBERS, node.left.span, subject)
        right = self.context.as_one_of(right, NUMBERS, node.right.span, subject)
        one, other = type_of(left), type_of(right)
        kind = (other if one is Type.NULL else one) if Type.NULL in (one, other) else widest(one, other)
        return Apply(operation, (left, right), kind, node.span)

    def _date_arithmetic(
        self, node: syntax.Arithmetic, operation: Operation, left: Expression, right: Expression
    ) -> Expression:
        if is_text(left) and type_of(right) in SPANS:
            left = self.context.as_one_of(left, frozenset({Type.DATE}), node.left.span, "a date")
        if type_of(left) is Type.UNKNOWN:
            left = self.context.assume(left, Type.DATE)
        if type_of(right) is Type.UNKNOWN:
            right = self.context.assume(right, Type.DATE)
        one, other = type_of(left), type_of(right)
        fits = operation in (Operation.ADD, Operation.SUBTRACT)
        if fits and one in (Type.DATE, Type.NULL) and other in (*SPANS, Type.NULL):
            return Apply(operation, (left, right), Type.DATE, node.span)
        if operation is Operation.ADD and one in (*SPANS, Type.NULL) and other in (Type.DATE, Type.NULL):
            return Apply(operation, (right, left), Type.DATE, node.span)
        message = f"{node.operator.value} cannot stand between {word(one)} and {word(other)}"
        return self.context.refuse(Q021, message, node.span, "For the time between two dates use date_diff.")

    def _compared(
        self, left: Expression, right: Expression, node: syntax.Expression, *, equality: bool
    ) -> tuple[Expression, Expression] | None:
        """Both sides as values of one type; None, reported."""
        left, right = self.context.alike(left, right)
        one, other = type_of(left), type_of(right)
        if isinstance(right, Constant) and is_text(right) and one in FROM_TEXT:
            right = self.context.cast_text(right, frozenset({one}), node.span)
        elif isinstance(left, Constant) and is_text(left) and other in FROM_TEXT:
            left = self.context.cast_text(left, frozenset({other}), node.span)
        one, other = type_of(left), type_of(right)
        kind = common(one, other)
        if kind is None:
            message = f"{word(one)} cannot be compared with {word(other)}"
            self.context.refuse(Q021, message, node.span, "Convert one side, for example with ::string.")
            return None
        if not equality and kind in (Type.BOOLEAN, Type.POINT, *SPANS):
            self.context.refuse(Q021, f"values of type {kind.value} have no order", node.span)
            return None
        return left, right

    def _comparison(self, node: syntax.Comparison) -> Expression:
        left, right = self.value(node.left), self.value(node.right)
        sides = self._compared(left, right, node, equality=node.operator in _EQUALITY)
        if sides is None:
            return NOTHING
        told = literal.as_addresses(sides) if node.operator in _EQUALITY else sides
        return Apply(_COMPARISONS[node.operator], told, Type.BOOLEAN, node.span)

    def _in(self, node: syntax.In) -> Expression:
        operand = self.value(node.operand)
        values: list[Expression] = []
        for item in node.values:
            sides = self._compared(operand, self.value(item), item, equality=True)
            if sides is None:
                return NOTHING
            operand = sides[0] if type_of(operand) is Type.UNKNOWN else operand
            values.append(sides[1])
        found = Apply(Operation.IN, literal.as_addresses((operand, *values)), Type.BOOLEAN, node.span)
        return Apply(Operation.NOT, (found,), Type.BOOLEAN, node.span) if node.negated else found

    def _like(self, node: syntax.Like) -> Expression:
        words = node.operator.value
        operand = self.argument(node.operand, STRINGS, f"the left side of {words}")
        texts = []
        for item in node.patterns:
            constant = self.constant(item, STRINGS, f"the pattern of {words}")
            if constant is None or not isinstance(constant.value, str):
                return NOTHING
            texts.append((constant.value, item.span))
        found = self._pattern(node, operand, texts)
        if found is None:
            return NOTHING
        return Apply(Operation.NOT, (found,), Type.BOOLEAN, node.span) if node.negated else found

    def _pattern(self, node: syntax.Like, operand: Expression, texts: list[tuple[str, Span]]) -> Expression | None:
        """The condition of LIKE or RLIKE; a pattern that takes every text only asks for a value (rule Q10)."""
        present = Apply(Operation.IS_NOT_NULL, (operand,), Type.BOOLEAN, node.span)
        if node.operator is PatternOperator.LIKE:
            patterns = tuple(like_pattern(text) for text, _ in texts)
            return present if any(p.parts == (Wild.ANY_RUN,) for p in patterns) else Like(operand, patterns, node.span)
        found = [lucene_regex(self.context, text, span) for text, span in texts]
        regexes = tuple(r for r in found if r is not None)
        if len(regexes) < len(found):
            return None
        return present if any(map(takes_all, regexes)) else Matches(operand, regexes, node.span)

    # ---- functions ----

    def call(self, node: syntax.Call) -> Expression:
        """A function by its name."""
        name = node.function.lower()
        if name == "case":
            return self._case(node)
        if name in ("is_null", "is_not_null") and len(node.arguments) == 1:
            operation = Operation.IS_NULL if name == "is_null" else Operation.IS_NOT_NULL
            return Apply(operation, (settled(self.value(node.arguments[0])),), Type.BOOLEAN, node.span)
        if name in SEARCHES:
            return search.search(self.context, node)
        if name in _NUMBERS and not node.arguments:
            return Constant(_NUMBERS[name], Type.DOUBLE)
        if name in ("to_dateperiod", "to_timeduration") and len(node.arguments) == 1:
            return self.argument(node.arguments[0], SPANS, f"what {node.function} takes")
        if name == "bucket" and not node.star:
            return bucket(self, node)
        signature = FUNCTIONS.get(name)
        if signature is not None and not node.star:
            return self._applied(signature, node.function, node.arguments, node.span)
        return self.unknown(node)

    def unknown(self, node: syntax.Call) -> Constant:
        """The error of a function that cannot stand here."""
        name = node.function.lower()
        if name in AGGREGATES:
            hint = "It belongs into stats."
            return self.context.refuse(Q025, f"{node.function} works on the rows of a group", node.name_span, hint)
        if name in KNOWN:
            return self.context.refuse(Q024, f"the function {node.function} cannot be carried yet", node.name_span)
        close = get_close_matches(name, [*FUNCTIONS, *AGGREGATES, "case"], 1)
        hint = f"Did you mean {close[0]}?" if close else ""
        return self.context.refuse(Q022, f"ES|QL has no function {node.function}", node.name_span, hint)

    def _applied(self, signature: Signature, name: str, nodes: tuple[syntax.Expression, ...], span: Span) -> Expression:
        most = signature.most
        if len(nodes) < signature.least or (most is not None and len(nodes) > most):
            wanted = str(signature.least) if most == signature.least else f"{signature.least} to {most or 'any number'}"
            return self.context.refuse(Q023, f"{name} takes {wanted} arguments, not {len(nodes)}", span)
        arguments = []
        for position, node in enumerate(nodes):
            kinds = signature.kinds(position)
            value = self.value(node)
            if type_of(value) is Type.UNKNOWN and kinds in (ANYTHING, ORDERED):
                arguments.append(value)
            else:
                subject = f"argument {position + 1} of {name}"
                arguments.append(self.context.as_one_of(value, kinds, node.span, subject))
        return self._typed(signature, arguments, span, name)

    def _typed(self, signature: Signature, arguments: list[Expression], span: Span, name: str) -> Expression:
        match signature.gives:
            case Type():
                settled_ = tuple(map(settled, arguments))
                return Apply(signature.operation, settled_, signature.gives, span)
            case Gives.FIRST:
                kind = type_of(arguments[0])
                kind = Type.KEYWORD if kind is Type.TEXT else kind
                return Apply(signature.operation, tuple(arguments), kind, span)
            case Gives.COMMON | Gives.SUM:
                return self._united(signature.operation, arguments, arguments, span, name)

    def _united(
        self, operation: Operation, arguments: list[Expression], values: list[Expression], span: Span, name: str
    ) -> Expression:
        """A function whose values have one type; a string constant takes the type of the others."""
        kinds = [type_of(v) for v in values if not is_text(v)] or [Type.KEYWORD]
        kind: Type | None = kinds[0]
        for other in kinds[1:]:
            kind = None if kind is None else common(kind, other)
        texts = [v for v in values if is_text(v)]
        if kind in (Type.NULL, Type.UNKNOWN) and texts:
            kind = Type.KEYWORD
        if kind is not None and texts and kind not in (*STRINGS, *FROM_TEXT):
            kinds.append(Type.KEYWORD)
            kind = None
        if kind is None:
            shown = ", ".join(dict.fromkeys(word(k) for k in kinds))
            return self.context.refuse(Q021, f"the values of {name} are of different types: {shown}", span)
        done = []
        for argument in arguments:
            if not any(argument is v for v in values):
                done.append(argument)
            elif isinstance(argument, Constant) and is_text(argument) and kind not in STRINGS:
                done.append(self.context.cast_text(argument, frozenset({kind}), span))
            elif type_of(argument) is Type.UNKNOWN and kind is not Type.UNKNOWN:
                done.append(self.context.assume(argument, kind))
            else:
                done.append(argument)
        kind = Type.KEYWORD if kind is Type.TEXT else kind
        return Apply(operation, tuple(done), kind, span)

    def _case(self, node: syntax.Call) -> Expression:
        """CASE(condition, value, ..., [otherwise]) (rule Q29)."""
        if len(node.arguments) < 2:  # noqa: PLR2004 -- a condition and its value
            return self.context.refuse(Q023, "case takes conditions and values", node.span)
        arguments: list[Expression] = []
        values: list[Expression] = []
        last = len(node.arguments) - 1
        for position, item in enumerate(node.arguments):
            if position % 2 == 0 and position < last:
                arguments.append(self.condition(item))
            else:
                values.append(self.value(item))
                arguments.append(values[-1])
        return self._united(Operation.CASE, arguments, values, node.span, node.function)


def _as(value: Scalar, kind: Type) -> Scalar:
    return float(value) if kind is Type.DOUBLE and isinstance(value, int) else value
