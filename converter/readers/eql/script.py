"""Computed values and the conditions on them: what Elasticsearch runs as scripts (rules E10 to E12).

A script is true if some combination of the values of the fields it mentions makes it true. A `not` around it is applied
outside (elastic/elasticsearch#76610, Scripts.multiValueDocValuesRewrite).
"""

from __future__ import annotations

from typing import assert_never

from converter.diagnostics import Span
from converter.languages.eql.codes import E021, E022, E023, E029, E030, E031, E032, E033, E034
from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Boolean,
    Call,
    Comparison,
    ComparisonOperator,
    Expression,
    Lookup,
    LookupOperator,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Or,
    Text,
)
from converter.model.pattern import Case
from converter.model.value import Call as ModelCall
from converter.model.value import Field, Function, Kind, Literal, Value
from converter.readers.eql import functions, leaf
from converter.readers.eql.context import Context
from converter.readers.eql.fold import Constant, Open, fold
from converter.readers.eql.functions import FUNCTIONS, Signature, Type
from converter.readers.leaf import Given

_ARITHMETIC = {
    ArithmeticOperator.ADD: Function.ADD,
    ArithmeticOperator.SUBTRACT: Function.SUBTRACT,
    ArithmeticOperator.MULTIPLY: Function.MULTIPLY,
    ArithmeticOperator.DIVIDE: Function.DIVIDE,
    ArithmeticOperator.MODULO: Function.MODULO,
}
COMPARISONS = {
    ComparisonOperator.EQ: Function.EQ,
    ComparisonOperator.NE: Function.NE,
    ComparisonOperator.LT: Function.LT,
    ComparisonOperator.LE: Function.LE,
    ComparisonOperator.GT: Function.GT,
    ComparisonOperator.GE: Function.GE,
}
INSENSITIVE = (
    LookupOperator.EQ_INSENSITIVE,
    LookupOperator.IN_INSENSITIVE,
    LookupOperator.LIKE_INSENSITIVE,
    LookupOperator.REGEX_INSENSITIVE,
)
WILD = (LookupOperator.EQ_INSENSITIVE, LookupOperator.LIKE, LookupOperator.LIKE_INSENSITIVE)
REGEX = (LookupOperator.REGEX, LookupOperator.REGEX_INSENSITIVE)


def case_of(operator: LookupOperator) -> Case:
    """Whether an operator ignores case (rule E02)."""
    return Case.INSENSITIVE if operator in INSENSITIVE else Case.SENSITIVE


def type_of(context: Context, node: Expression) -> Type:
    """What an expression gives, as far as it shows."""
    match node:
        case Name():
            return _field_type(context, node)
        case Text():
            return Type.TEXT
        case Number(value):
            return Type.INTEGER if isinstance(value, int) else Type.NUMBER
        case Null():
            return Type.ANY
        case Boolean() | Comparison() | Lookup() | Not() | And() | Or():
            return Type.BOOLEAN
        case Call(name):
            signature = FUNCTIONS.get(name.lower())
            return Type.ANY if signature is None else signature.gives
        case Negative(operand):
            return type_of(context, operand)
        case Arithmetic(_, left, right):
            both = {type_of(context, left), type_of(context, right)}
            return Type.INTEGER if both == {Type.INTEGER} else Type.NUMBER
        case _:
            assert_never(node)


def mentions_field(node: Expression) -> bool:
    """Whether an expression depends on a field."""
    match node:
        case Name():
            return True
        case Text() | Number() | Boolean() | Null():
            return False
        case Call(_, nodes) | And(nodes) | Or(nodes):
            return any(map(mentions_field, nodes))
        case Negative(operand) | Not(operand) | Lookup(_, operand):
            return mentions_field(operand)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return mentions_field(left) or mentions_field(right)
        case _:
            assert_never(node)


_TYPES = {
    Kind.KEYWORD: Type.TEXT,
    Kind.TEXT: Type.TEXT,
    Kind.LONG: Type.INTEGER,
    Kind.DOUBLE: Type.NUMBER,
    Kind.BOOLEAN: Type.BOOLEAN,
    Kind.IP: Type.ADDRESS,
    Kind.DATE: Type.ANY,
}


def _field_type(context: Context, node: Name) -> Type:
    info = context.schema.info(node.path)
    if not info.declared:
        kind = context.kinds.get(node.path)
        return Type.ANY if kind is None else _TYPES[kind]
    return _TYPES[info.kind]


_ALSO = {
    Type.NUMBER: (Type.INTEGER,),
    # Addresses written as text are compared as addresses; a field that holds text is accepted as the reference does.
    Type.ADDRESS: (Type.TEXT,),
}


def fits(found: Type, wanted: Type) -> bool:
    """Whether an argument of one type may stand where another is wanted."""
    return Type.ANY in (found, wanted) or found is wanted or found in _ALSO.get(wanted, ())


def checked(context: Context, node: Call) -> Signature | None:
    """The signature of a call whose name, number and types of arguments are right; None, reported, if not."""
    signature = FUNCTIONS.get(node.function.lower())
    if signature is None:
        message = f"there is no function {node.function} in Elasticsearch's EQL"
        context.refuse(E021, message, node.name_span, functions.similar(node.function))
        return None
    if node.insensitive and not signature.folds:
        hint = f"Write {signature.name}; case cannot be ignored in it."
        context.refuse(E032, f"{signature.name} has no ~ form", node.name_span, hint)
        return None
    count = len(node.arguments)
    if count < signature.least or (signature.most is not None and count > signature.most):
        message = f"{signature.name} takes {_arity(signature)}, and gets {count}"
        context.refuse(E022, message, node.span)
        return None
    for position, argument in enumerate(node.arguments):
        wanted, found = signature.type_of(position), type_of(context, argument)
        if not fits(found, wanted):
            message = f"argument {position + 1} of {signature.name} is {_a(wanted)}, not {_a(found)}"
            context.refuse(E023, message, argument.span)
            return None
    return signature


def _arity(signature: Signature) -> str:
    if signature.most is None:
        return f"at least {signature.least} argument" + ("" if signature.least == 1 else "s")
    if signature.most == signature.least:
        return f"{signature.least} argument" + ("" if signature.least == 1 else "s")
    return f"{signature.least} to {signature.most} arguments"


def _a(kind: Type) -> str:
    return {
        Type.TEXT: "text",
        Type.NUMBER: "a number",
        Type.INTEGER: "a whole number",
        Type.BOOLEAN: "true or false",
        Type.ADDRESS: "an address",
        Type.ANY: "a value",
    }[kind]


def value(context: Context, node: Expression) -> Value | None:
    """The value of an expression in a script; None, reported, if it has none."""
    constant = fold(node)
    if not isinstance(constant, Open):
        return Literal(constant)
    match node:
        case Name():
            return _field(context, node)
        case Call():
            return call(context, node)
        case Negative(operand):
            return _numeric(context, Function.SUBTRACT, (Number(0), operand), node.span)
        case Arithmetic(operator, left, right):
            return _numeric(context, _ARITHMETIC[operator], (left, right), node.span)
        case Comparison():
            return compared(context, node)
        case Lookup():
            return looked_up(context, node)
        case Not(operand):
            return _logical(context, Function.NOT, (operand,), node.span)
        case And(terms):
            return _logical(context, Function.AND, terms, node.span)
        case Or(terms):
            return _logical(context, Function.OR, terms, node.span)
        case Text() | Number() | Boolean() | Null():  # pragma: no cover -- they fold
            return None
        case _:
            assert_never(node)


def _field(context: Context, node: Name) -> Field | None:
    info = context.info(node)
    if info is None:
        return None
    if info.folded:
        message = f"{node.path} is indexed in lower case, which a function cannot be carried for"
        context.refuse(E034, message, node.span, f"Use {info.path} and the ~ form of the function.")
        return None
    return info.field(node.span)


def _all(context: Context, nodes: tuple[Expression, ...]) -> tuple[Value, ...] | None:
    found = [value(context, n) for n in nodes]
    return None if any(v is None for v in found) else tuple(v for v in found if v is not None)


def _numeric(context: Context, function: Function, nodes: tuple[Expression, ...], span: Span) -> ModelCall | None:
    for node in nodes:
        found = type_of(context, node)
        if not fits(found, Type.NUMBER):
            context.refuse(E023, f"arithmetic takes numbers, not {_a(found)}", node.span)
            return None
    values = _all(context, nodes)
    if values is None:
        return None
    if function in (Function.DIVIDE, Function.MODULO) and values[1] in (Literal(0), Literal(0.0)):
        context.refuse(E034, "this divides by zero", nodes[1].span)
        return None
    return ModelCall(function, values, span=span)


def _logical(context: Context, function: Function, nodes: tuple[Expression, ...], span: Span) -> ModelCall | None:
    values = _all(context, nodes)
    return None if values is None else ModelCall(function, values, span=span)


def call(context: Context, node: Call) -> ModelCall | None:
    """A function call as a value."""
    signature = checked(context, node)
    if signature is None:
        return None
    if signature.function is Function.LIKE:
        return looked_up(context, as_lookup(node))
    arguments = node.arguments
    if signature.function in (Function.SUBSTRING, Function.NUMBER) and isinstance(arguments[-1], Null):
        # A null end or base is as if it were left out (Elasticsearch: Substring, ToNumber).
        arguments = arguments[:-1] if len(arguments) > signature.least else arguments
    values = _all(context, arguments)
    if values is None:
        return None
    if signature.function is Function.CIDR_MATCH:
        return _cidr_match(context, node, values)
    case = Case.INSENSITIVE if node.insensitive else Case.SENSITIVE
    return ModelCall(signature.function, values, case, node.span)


def as_lookup(node: Call) -> Lookup:
    """`wildcard(field, "a*", ...)` as the `like` that Elasticsearch makes of it."""
    operator = LookupOperator.LIKE_INSENSITIVE if node.insensitive else LookupOperator.LIKE
    return Lookup(operator, node.arguments[0], node.arguments[1:], span=node.span)


def _cidr_match(context: Context, node: Call, values: tuple[Value, ...]) -> ModelCall | None:
    networks = cidr_blocks(context, node)
    return (
        None
        if networks is None
        else ModelCall(Function.CIDR_MATCH, (values[0], *map(Literal, networks)), span=node.span)
    )


def cidr_blocks(context: Context, node: Call) -> tuple[str, ...] | None:
    """The networks of a `cidrMatch`; None, reported, if one is none."""
    from converter.readers import address

    found: list[str] = []
    for argument in node.arguments[1:]:
        text = fold(argument)
        if not isinstance(text, str):
            context.refuse(E031, "cidrMatch takes its networks as text", argument.span, 'Write "10.0.0.0/8".')
            return None
        try:
            found += address.within(text)
        except ValueError:
            context.refuse(E029, f"{text!r} is no network", argument.span, 'Write "10.0.0.0/8" or "fe80::/10".')
            return None
    return tuple(dict.fromkeys(found))


def compared(context: Context, node: Comparison) -> ModelCall | None:
    """A comparison in a script. Null on one side asks whether the other is missing (rule E08)."""
    left, right = value(context, node.left), value(context, node.right)
    if left is None or right is None:
        return None
    function = COMPARISONS[node.operator]
    if function in (Function.EQ, Function.NE) and Literal(None) in (left, right):
        asked = ModelCall(Function.IS_NULL, (left if right == Literal(None) else right,), span=node.span)
        return asked if function is Function.EQ else ModelCall(Function.NOT, (asked,), span=node.span)
    return ModelCall(function, (left, right), span=node.span)


def looked_up(context: Context, node: Lookup) -> ModelCall | None:
    """A lookup in a script: any of the values."""
    if node.operator in REGEX:
        hint = "Compare the field itself, or use like with * and ?."
        context.refuse(E033, f"{node.operator.value} on a computed value runs another dialect", node.span, hint)
        return None
    operand = value(context, node.operand)
    if operand is None:
        return None
    constants = literals(context, node)
    if constants is None:
        return None
    calls = tuple(_one(node.operator, operand, c, node.span) for c in constants if c is not None)
    if not calls:
        return ModelCall(Function.EQ, (operand, Literal(None)), span=node.span)
    found = calls[0] if len(calls) == 1 else ModelCall(Function.OR, calls, span=node.span)
    return ModelCall(Function.NOT, (found,), span=node.span) if node.negated else found


def _one(operator: LookupOperator, operand: Value, constant: Given, span: Span) -> ModelCall:
    case = case_of(operator)
    if operator in WILD and isinstance(constant, str) and ("*" in constant or "?" in constant):
        return ModelCall(Function.LIKE, (operand, Literal(leaf.wildcard(constant))), case, span)
    return ModelCall(Function.EQ, (operand, Literal(constant)), case, span)


def literals(context: Context, node: Lookup) -> tuple[Constant, ...] | None:
    """The constant values of a lookup; None, reported, if one is not constant or of a wrong type."""
    found: list[Constant] = []
    wants_text = node.operator is not LookupOperator.IN
    for item in node.values:
        constant = fold(item)
        if isinstance(constant, Open):
            hint = "Compare with each value by itself, joined by or."
            context.refuse(E031, "a list holds constant values only, no fields", item.span, hint)
            return None
        if wants_text and not isinstance(constant, str):
            hint = (
                "Write == for numbers, true, false and null."
                if node.operator is not LookupOperator.IN_INSENSITIVE
                else "Write in."
            )
            context.refuse(E030, f"the operator {node.operator.value} compares text only", item.span, hint)
            return None
        found.append(constant)
    return tuple(found)
