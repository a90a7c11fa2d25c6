"""Eval expressions, planned once into closures over a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from converter.proof.judges.spl.compare import compare
from converter.proof.judges.spl.cursor import Cursor, cook_eval, cook_quotes
from converter.proof.judges.spl.errors import SplError, UnknownFunction
from converter.proof.judges.spl.functions import Environment, Function, call
from converter.proof.judges.spl.kinds import FUNCTIONS, fields, require_condition, require_value
from converter.proof.judges.spl.network import network
from converter.proof.judges.spl.pcre import compile_pattern
from converter.proof.judges.spl.reading import Reading
from converter.proof.judges.spl.search_match import plan_search
from converter.proof.judges.spl.search_parser import parse_search
from converter.proof.judges.spl.syntax import (
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    Expression,
    Field,
    Logic,
    Negative,
    Not,
    Number,
    Pipeline,
    Text,
)
from converter.proof.judges.spl.values import Evaluated, Row, Scalar, many, number, scalar, text, tidy, values

Run = Callable[[Row], Evaluated]
Test = Callable[[Row], bool | None]


def plan_condition(node: Expression, env: Environment, where: str) -> Test:
    """A condition as TRUE, FALSE or NULL."""
    require_condition(node, where)
    run = plan(node, env)

    def test(row: Row) -> bool | None:
        found = run(row)
        return found if isinstance(found, bool) else None

    return test


def plan(node: Expression, env: Environment, *, regex: bool = False) -> Run:
    """`regex` says that literals here are regular expressions, whose backslashes a reading may leave alone."""
    match node:
        case Number(value=value):
            return lambda _row: value
        case Text(raw=raw):
            cooked = _cooked(raw, env.reading, regex=regex)
            return lambda _row: cooked
        case Field(name=name):
            return lambda row: row.get(name)
        case Negative(operand=operand):
            return _plan_negative(operand, env)
        case Arithmetic(op=op, left=left, right=right):
            return _plan_arithmetic(op, left, right, env, regex=regex)
        case Compare():
            return _plan_compare(node, env)
        case Not(operand=operand):
            return _plan_not(operand, env)
        case Logic():
            return _plan_logic(node, env)
        case Call():
            return _plan_call(node, env)
        case _:
            assert_never(node)


def _cooked(raw: str, reading: Reading, *, regex: bool) -> str:
    if regex and reading.regex_backslash == "raw":
        return cook_quotes(raw)
    return cook_eval(raw, every_escape=reading.literal_escapes == "all")


def _plan_negative(operand: Expression, env: Environment) -> Run:
    require_value(operand, "a minus sign")
    inner = plan(operand, env)

    def run(row: Row) -> Evaluated:
        found = scalar(inner(row))
        parsed = None if found is None else number(found)
        return None if parsed is None else -parsed

    return run


def _plan_arithmetic(op: ArithmeticOp, left: Expression, right: Expression, env: Environment, *, regex: bool) -> Run:
    require_value(left, op)
    require_value(right, op)
    one, other = plan(left, env, regex=regex), plan(right, env, regex=regex)
    literal = isinstance(left, Text) or isinstance(right, Text)

    def run(row: Row) -> Evaluated:
        a, b = one(row), other(row)
        if isinstance(a, tuple) or isinstance(b, tuple):
            match env.reading.many_function:
                case "null":
                    return None
                case "first":
                    pass
                case "each":
                    pairs = [_arithmetic(op, x, y, literal=literal) for x in _each(a) for y in _each(b)]
                    return many(x for x in pairs if x is not None)
        x, y = scalar(a), scalar(b)
        return None if x is None or y is None else _arithmetic(op, x, y, literal=literal)

    return run


def _each(value: Evaluated) -> tuple[Scalar, ...]:
    return () if value is None or isinstance(value, bool) else values(value)


def _arithmetic(op: ArithmeticOp, left: Scalar, right: Scalar, *, literal: bool) -> Scalar | None:
    if op == ".":
        return text(left) + text(right)
    a, b = number(left), number(right)
    if op == "+" and (a is None or b is None or (literal and isinstance(left, str) and isinstance(right, str))):
        # + takes two numbers or two strings (spl-search-reference/10.0/search-commands/eval).
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    if a is None or b is None:
        return None
    match op:
        case "+":
            return tidy(a + b)
        case "-":
            return tidy(a - b)
        case "*":
            return tidy(a * b)
        case "/":
            return None if b == 0 else tidy(a / b)
        case "%":
            return None if b == 0 else tidy(a - b * int(a / b))
        case _:
            assert_never(op)


def _plan_compare(node: Compare, env: Environment) -> Run:
    left, right = plan(node.left, env), plan(node.right, env)
    require_value(node.left, node.op)
    require_value(node.right, node.op)
    literal = isinstance(node.left, Text) or isinstance(node.right, Text)
    op, reading = node.op, env.reading
    return lambda row: compare(op, left(row), right(row), reading, literal=literal)


def _plan_not(operand: Expression, env: Environment) -> Run:
    inner = plan_condition(operand, env, "NOT")
    of_null = True if env.reading.not_null == "true" else None

    def run(row: Row) -> Evaluated:
        found = inner(row)
        return of_null if found is None else not found

    return run


def _plan_logic(node: Logic, env: Environment) -> Run:
    left, right = plan_condition(node.left, env, node.op), plan_condition(node.right, env, node.op)
    op, reading = node.op, env.reading
    return lambda row: _logic(op, (left(row), right(row)), reading)


def _logic(op: str, both: tuple[bool | None, bool | None], reading: Reading) -> bool | None:
    a, b = both
    if a is None or b is None:
        match reading.and_or_null:
            case "strict":
                return None
            case "false":
                a, b = bool(a), bool(b)
            case "kleene":
                decided = {"AND": False, "OR": True}.get(op)
                return decided if decided is not None and decided in (a, b) else None
    if op == "AND":
        return a and b
    return (a or b) if op == "OR" else a is not b


def _plan_call(node: Call, env: Environment) -> Run:
    match node.name:
        case "if" | "case" | "validate":
            return _plan_choice(node, env)
        case "in":
            return _plan_in(node, env)
        case "mvfilter":
            return _plan_mvfilter(node, env)
        case "mvmap":
            return _plan_mvmap(node, env)
        case "searchmatch":
            return _plan_searchmatch(node, env)
        case _:
            return _plan_function(node, env)


def _plan_function(node: Call, env: Environment) -> Run:
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise UnknownFunction(f"{node.name}() is not implemented", node.at)
    if not function.low <= len(node.args) <= function.high:
        raise SplError(f"{node.name}() takes {function.low} to {function.high} arguments", node.at)
    for one in node.args:
        if node.name not in {"isnull", "isnotnull", "tostring", "typeof"}:
            require_value(one, f"{node.name}()")
    _check_literals(node, function, env)
    args = [plan(one, env, regex=at == function.regex) for at, one in enumerate(node.args)]
    return lambda row: call(function, env, tuple(one(row) for one in args))


def _check_literals(node: Call, function: Function, env: Environment) -> None:
    """A pattern or subnet that is written out is refused before any event is read."""
    for at, one in enumerate(node.args):
        if isinstance(one, Text) and at == function.regex:
            compile_pattern(_cooked(one.raw, env.reading, regex=True))
    match node:
        case Call(name="cidrmatch", args=(Text(raw=raw), _)) if network(cook_eval(raw)) is None:
            raise SplError(f"{raw} is no subnet in CIDR notation", node.at)
        case _:
            pass


def _plan_choice(node: Call, env: Environment) -> Run:
    """if(c,a,b); case(c,a, …): the value of the first condition that is TRUE; validate: of the first that is not.

    if() gives its last argument whenever the condition is not TRUE (10.0, comparison and conditional functions).
    """
    if (node.name == "if" and len(node.args) != 3) or (node.name != "if" and (not node.args or len(node.args) % 2)):
        raise SplError(f"{node.name}() has a wrong number of arguments", node.at)
    branches = [
        (plan_condition(condition, env, f"{node.name}()"), plan(value, env))
        for condition, value in zip(node.args[::2], node.args[1::2], strict=False)
    ]
    last = plan(node.args[2], env) if node.name == "if" else None
    wanted = node.name != "validate"

    def run(row: Row) -> Evaluated:
        for condition, value in branches:
            if (condition(row) is True) is wanted:
                return value(row)
        return None if last is None else last(row)

    return run


def _plan_in(node: Call, env: Environment) -> Run:
    if len(node.args) < 2:
        raise SplError("in() needs a value and a list", node.at)
    subject = plan(node.args[0], env)
    listed = [(plan(one, env), isinstance(one, Text)) for one in node.args[1:]]

    def run(row: Row) -> Evaluated:
        value = subject(row)
        if value is None:
            return None
        found = [compare("=", value, one(row), env.reading, literal=literal) for one, literal in listed]
        return True if True in found else (None if all(one is None for one in found) else False)

    return run


def _plan_mvfilter(node: Call, env: Environment) -> Run:
    """The values for which the predicate is TRUE; it may name one field only (10.0, multivalue eval functions)."""
    if len(node.args) != 1:
        raise SplError("mvfilter() takes one predicate", node.at)
    named = set(fields(node.args[0]))
    if len(named) != 1:
        raise SplError("the predicate of mvfilter() must name exactly one field", node.at)
    name = named.pop()
    test = plan_condition(node.args[0], env, "mvfilter()")
    return lambda row: many(one for one in values(row.get(name)) if test({name: one}) is True)


def _plan_mvmap(node: Call, env: Environment) -> Run:
    if len(node.args) != 2 or not isinstance(node.args[0], Field):
        raise SplError("mvmap() takes a field and an expression", node.at)
    name = node.args[0].name
    require_value(node.args[1], "mvmap()")
    inner = plan(node.args[1], env)

    def run(row: Row) -> Evaluated:
        found = values(row.get(name))
        if not found:
            return inner(row) if env.reading.mvmap_missing == "once" else None
        results = (inner({**row, name: one}) for one in found)
        return many(value for one in results for value in _each(one))

    return run


def _no_subsearch(cursor: Cursor) -> Pipeline:
    cursor.fail("searchmatch() takes no subsearch")


def _plan_searchmatch(node: Call, env: Environment) -> Run:
    match node.args:
        case (Text(raw=raw),):
            cursor = Cursor(cook_eval(raw))
            expression = parse_search(cursor, _no_subsearch)
            if cursor.at < len(cursor.text):
                cursor.fail("unexpected text in searchmatch()")
            return plan_search(expression, env, None)
        case _:
            raise SplError("searchmatch() takes one literal", node.at)
