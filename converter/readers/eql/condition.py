"""Conditions of one event: EQL's boolean expressions as predicates.

Negation is classical and applied outside each clause, `not (n > x)` included: since multi-value support (7.15,
elastic/elasticsearch#76610) Elasticsearch's optimizer turns no comparison round (EqlBooleanSimplification;
querytranslator_tests.txt: notFilter is `must_not range gt`, notFieldsConjunction a `must_not` over the whole `and`).
So every `not` holds of an event without the field (rule E06), and `!=` on a field is `not ==`.
"""

from __future__ import annotations

from typing import assert_never

from converter.diagnostics import Span
from converter.languages.eql import syntax
from converter.languages.eql.codes import E024, E027, E029, E031
from converter.languages.eql.syntax import ComparisonOperator, Expression, LookupOperator
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    And,
    Compare,
    Constant,
    Holds,
    InNetwork,
    Like,
    Not,
    Or,
    Predicate,
    Present,
)
from converter.model.predicate import Comparison as Order
from converter.model.value import Call as ModelCall
from converter.model.value import Function, Kind, Literal
from converter.readers.eql import leaf, script
from converter.readers.eql.context import Context
from converter.readers.eql.fold import Constant as Plain
from converter.readers.eql.fold import Open, fold
from converter.readers.eql.functions import FUNCTIONS, Signature, Type
from converter.readers.leaf import ALWAYS, NEVER, Subject

_BOOLEAN_NODES = (syntax.Comparison, syntax.Lookup, syntax.Not, syntax.And, syntax.Or, syntax.Call)

_SWAPPED = {
    ComparisonOperator.EQ: ComparisonOperator.EQ,
    ComparisonOperator.NE: ComparisonOperator.NE,
    ComparisonOperator.LT: ComparisonOperator.GT,
    ComparisonOperator.LE: ComparisonOperator.GE,
    ComparisonOperator.GT: ComparisonOperator.LT,
    ComparisonOperator.GE: ComparisonOperator.LE,
}
_ORDERS = {
    ComparisonOperator.LT: Order.LT,
    ComparisonOperator.LE: Order.LE,
    ComparisonOperator.GT: Order.GT,
    ComparisonOperator.GE: Order.GE,
}


def condition(context: Context, node: Expression) -> Predicate:
    """What an expression asks of an event."""
    match node:
        case syntax.And(terms):
            return And(tuple(condition(context, t) for t in terms))
        case syntax.Or(terms):
            return Or(tuple(condition(context, t) for t in terms))
        case syntax.Not(operand):
            return NEVER if is_null(operand) else Not(condition(context, operand))
        case syntax.Comparison():
            return _comparison(context, node)
        case syntax.Lookup():
            return _lookup(context, node)
        case syntax.Call():
            return _call(context, node)
        case syntax.Name():
            return _bare(context, node)
        case syntax.Boolean(value):
            return ALWAYS if value else NEVER
        case syntax.Null():
            return NEVER
        case syntax.Text() | syntax.Number() | syntax.Negative() | syntax.Arithmetic():
            return _no_condition(context, node.span)
        case _:
            assert_never(node)


def _no_condition(context: Context, span: Span) -> Constant:
    hint = "Compare it with something: ... == value"
    return context.refuse(E027, "this is a value, where a condition is needed", span, hint)


def is_null(node: Expression) -> bool:
    """Whether an expression is null for every event, so that `not` in front of it is null too."""
    match node:
        case syntax.Not(operand):
            return is_null(operand)
        case syntax.Comparison(ComparisonOperator.EQ | ComparisonOperator.NE):
            # Asks whether something is missing, which is never null (ReplaceNullChecks).
            return False
        case syntax.Comparison(_, left, right):
            return fold(left) is None or fold(right) is None
        case syntax.Call(_, arguments):
            return fold(node) is None or (bool(arguments) and fold(arguments[0]) is None)
        case _:
            return fold(node) is None


def _bare(context: Context, node: syntax.Name) -> Predicate:
    info = context.info(node)
    if info is None:
        return NEVER
    if info.kind is not Kind.BOOLEAN:
        message = f"{node.path} alone is no condition: it holds {Subject(info, node.span).holds}"
        return context.refuse(E027, message, node.span, f"Write {node.path} != null to ask whether it is there.")
    return Compare(info.field(node.span), Order.EQ, value=True, span=node.span)


# ---- comparisons ----


def _comparison(context: Context, node: syntax.Comparison) -> Predicate:
    left, right, operator = node.left, node.right, node.operator
    constant = fold(right)
    if isinstance(constant, Open):
        first = fold(left)
        if isinstance(first, Open):
            return _two_open(context, node)
        left, constant, operator = right, first, _SWAPPED[operator]
    known = fold(left)
    if not isinstance(known, Open):
        return _constant(context, operator, known, constant, node.span)
    if isinstance(left, syntax.Name):
        return _field_comparison(context, left, operator, constant, node.span)
    return _computed_comparison(context, left, operator, constant, node.span)


def _two_open(context: Context, node: syntax.Comparison) -> Predicate:
    """Neither side is constant: two fields are compared, or a constant cannot be computed here."""
    before = len(context.diagnostics_so_far())
    sides = (node.left, node.right)
    for side in sides:
        if not isinstance(side, syntax.Name):
            script.value(context, side)
    if len(context.diagnostics_so_far()) > before:
        return NEVER
    if not all(map(script.mentions_field, sides)):
        return context.refuse(E031, "this constant cannot be computed", node.span, "Write its value.")
    hint = "Elasticsearch refuses it too. Functions may take two fields: endsWith(a, b), stringContains(a, b)."
    return context.refuse(E024, "an operator cannot compare a field with another field", node.span, hint)


def _constant(context: Context, operator: ComparisonOperator, left: Plain, right: Plain, span: Span) -> Predicate:
    if left is None or right is None:
        same = left is None and right is None
        equality = {ComparisonOperator.EQ: same, ComparisonOperator.NE: not same}
        return ALWAYS if equality.get(operator, False) else NEVER
    if operator in (ComparisonOperator.EQ, ComparisonOperator.NE):
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return ALWAYS if same == (operator is ComparisonOperator.EQ) else NEVER
    texts = isinstance(left, str) and isinstance(right, str)
    numbers = not any(isinstance(v, str | bool) for v in (left, right))
    if not texts and not numbers:
        return context.refuse(E029, "these two values have no order", span)
    holds = {
        ComparisonOperator.LT: left < right,  # type: ignore[operator] # both are texts or both numbers
        ComparisonOperator.LE: left <= right,  # type: ignore[operator]
        ComparisonOperator.GT: left > right,  # type: ignore[operator]
        ComparisonOperator.GE: left >= right,  # type: ignore[operator]
    }
    return ALWAYS if holds[operator] else NEVER


def _field_comparison(
    context: Context, name: syntax.Name, operator: ComparisonOperator, constant: Plain, span: Span
) -> Predicate:
    info = context.info(name)
    if info is None:
        return NEVER
    subject = Subject(info, name.span)
    if operator is ComparisonOperator.EQ:
        return leaf.equals(context, subject, constant, Case.SENSITIVE, span)
    if operator is ComparisonOperator.NE:
        if constant is None:
            return Present(subject.field(), span)
        return Not(leaf.equals(context, subject, constant, Case.SENSITIVE, span))
    return leaf.compare(context, subject, _ORDERS[operator], constant, span)


def _computed_comparison(
    context: Context, node: Expression, operator: ComparisonOperator, constant: Plain, span: Span
) -> Predicate:
    """A condition compared with true or false is itself or its negation; anything else is a script."""
    equality = operator in (ComparisonOperator.EQ, ComparisonOperator.NE)
    if isinstance(constant, bool) and equality and _gives_boolean(node):
        found = condition(context, node)
        return found if constant == (operator is ComparisonOperator.EQ) else Not(found)
    value = script.value(context, node)
    if value is None:
        return NEVER
    if constant is None:
        if not equality:
            return NEVER
        # The script asks once with null for a missing field; != null is the negation of the whole (rule E10).
        missing = Holds(ModelCall(Function.IS_NULL, (value,), span=span), span)
        return missing if operator is ComparisonOperator.EQ else Not(missing)
    if not _comparable(context, node, constant):
        return context.refuse(E029, "these two values are of different types", span)
    return Holds(ModelCall(script.COMPARISONS[operator], (value, Literal(constant)), span=span), span)


def _gives_boolean(node: Expression) -> bool:
    if isinstance(node, syntax.Call):
        signature = FUNCTIONS.get(node.function.lower())
        return signature is not None and signature.gives is Type.BOOLEAN
    return isinstance(node, _BOOLEAN_NODES)


def _comparable(context: Context, node: Expression, constant: Plain) -> bool:
    found = script.type_of(context, node)
    if isinstance(constant, bool):
        return found in (Type.BOOLEAN, Type.ANY)
    if isinstance(constant, str):
        return found in (Type.TEXT, Type.ANY)
    return found in (Type.NUMBER, Type.INTEGER, Type.ANY)


# ---- lookups ----


def _lookup(context: Context, node: syntax.Lookup) -> Predicate:
    found = _any_of(context, node)
    return Not(found) if node.negated else found


def _any_of(context: Context, node: syntax.Lookup) -> Predicate:
    constants = script.literals(context, node)
    if constants is None:
        return NEVER
    known = fold(node.operand)
    if not isinstance(known, Open):
        return _constant_lookup(context, node, known, constants)
    case = script.case_of(node.operator)
    if not isinstance(node.operand, syntax.Name):
        return _computed_lookup(context, node)
    info = context.info(node.operand)
    if info is None:
        return NEVER
    subject = Subject(info, node.operand.span)
    if node.operator in (LookupOperator.IN, LookupOperator.IN_INSENSITIVE):
        return leaf.one_of(context, subject, constants, case, node.span)
    texts = tuple(c for c in constants if isinstance(c, str))
    if node.operator in script.REGEX:
        placed = tuple(zip(texts, (v.span for v in node.values), strict=True))
        return leaf.matches(context, subject, placed, case, node.span)
    return leaf.like(context, subject, texts, case, node.span)


def _computed_lookup(context: Context, node: syntax.Lookup) -> Predicate:
    plain = syntax.Lookup(node.operator, node.operand, node.values, negated=False, span=node.span)
    call = script.looked_up(context, plain)
    if call is None:
        return NEVER
    if call.function is Function.OR:
        # Some combination makes one of them true: the same as one of the scripts being true.
        return Or(tuple(Holds(c, node.span) for c in call.arguments if isinstance(c, ModelCall)))
    return Holds(call, node.span)


def _constant_lookup(context: Context, node: syntax.Lookup, known: Plain, constants: tuple[Plain, ...]) -> Predicate:
    if node.operator in script.REGEX or node.operator in script.WILD:
        hint = "Compare a field."
        return context.refuse(E031, "this compares two constants", node.span, hint)
    fold_case = node.operator is LookupOperator.IN_INSENSITIVE
    wanted = {_folded(c) if fold_case else c for c in constants if c is not None}
    return ALWAYS if (_folded(known) if fold_case else known) in wanted else NEVER


def _folded(value: Plain) -> Plain:
    return "".join(c.lower() if c.isascii() else c for c in value) if isinstance(value, str) else value


# ---- functions ----


def _call(context: Context, node: syntax.Call) -> Predicate:
    signature = script.checked(context, node)
    if signature is None:
        return NEVER
    if signature.gives is not Type.BOOLEAN:
        return _no_condition(context, node.span)
    if signature.function is Function.LIKE:
        return _lookup(context, script.as_lookup(node))
    if any(fold(a) is None for a in node.arguments):
        return NEVER
    simple = _simple(context, node, signature)
    if simple is not None:
        return simple
    call = script.call(context, node)
    return NEVER if call is None else Holds(call, node.span)


def _simple(context: Context, node: syntax.Call, signature: Signature) -> Predicate | None:
    """The plain leaf that a predicate function on one field is, or None."""
    name = node.arguments[0]
    if not isinstance(name, syntax.Name):
        return None
    if signature.function is Function.CIDR_MATCH:
        info = context.info(name)
        blocks = script.cidr_blocks(context, node)
        if info is None or blocks is None:
            return NEVER
        return InNetwork(info.field(name.span), blocks, node.span)
    text = fold(node.arguments[1])
    if not isinstance(text, str):
        return None
    info = context.info(name)
    if info is None:
        return NEVER
    if signature.function is Function.STRING_CONTAINS and not text:
        # An empty text is contained in nothing (rule E11).
        return NEVER
    field = info.field(name.span)
    if not text:
        return Present(field, node.span)
    before = () if signature.function is Function.STARTS_WITH else (Wild.ANY_RUN,)
    after = () if signature.function is Function.ENDS_WITH else (Wild.ANY_RUN,)
    case = Subject(info, name.span).case(Case.INSENSITIVE if node.insensitive else Case.SENSITIVE)
    return Like(field, (patterns.of(*before, text, *after),), case, node.span)
