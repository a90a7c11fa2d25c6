"""The value of an expression in a scope, and what names stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from converter.proof.judges.kusto import comparison
from converter.proof.judges.kusto.aggregates import AGGREGATES, aggregate
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions.registry import call
from converter.proof.judges.kusto.rows import Rows
from converter.proof.judges.kusto.scope import Binding, Closure, Scope
from converter.proof.judges.kusto.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Constant,
    Expression,
    Function,
    Index,
    Let,
    Member,
    Name,
    Negative,
    Query,
    Star,
    Subquery,
)
from converter.proof.judges.kusto.values import JSON_NULL, Value, boolean, dynamic, null, plain, typed


def evaluate(expression: Expression, scope: Scope) -> Value:
    match expression:
        case Constant(value):
            return value
        case Name(name):
            return _name(name, scope)
        case Member(target, key):
            return _member(target, key, scope)
        case Index(target, key):
            return _index(evaluate(target, scope), evaluate(key, scope), scope)
        case Call(name, arguments):
            return _call(name, arguments, scope)
        case Negative(operand):
            return comparison.arithmetic("*", Value("long", -1), evaluate(operand, scope))
        case Binary(operator, left, right):
            return _binary(operator, left, right, scope)
        case Among(operator, target, items):
            return _among(operator, evaluate(target, scope), items, scope)
        case Between(negated, target, low, high):
            return _between(negated, evaluate(target, scope), evaluate(low, scope), evaluate(high, scope), scope)
        case Subquery(query):
            return _scalar_of(scope.rows_of(query))
        case Star():
            raise KustoError("* is no value here")
        case _:
            assert_never(expression)


def _name(name: str, scope: Scope) -> Value:
    if name in scope.row:
        return scope.row[name]
    bound = scope.lets.get(name)
    if isinstance(bound, Value):
        return bound
    raise KustoError(f"no column {name}")


def _member(target: Expression, key: str, scope: Scope) -> Value:
    if isinstance(target, Name) and scope.steps is not None and target.name in scope.steps:
        state = scope.steps[target.name]
        if key not in state:
            raise KustoError(f"step {target.name} has no column {key}")
        return state[key]
    return _index(evaluate(target, scope), Value("string", key), scope)


def _index(target: Value, key: Value, scope: Scope) -> Value:
    """Access is null-safe; d[name] is by the column, d[['name']] by a quoted name.

    https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/dynamic#dynamic-object-accessors
    """
    if target.kind != "dynamic":
        raise KustoError(f"{target.kind} has no members")
    found: object = None
    match plain(target), plain(key):
        case dict() as bag, str() as name:
            if name in bag:
                found = bag[name]
                if found is None and not scope.reading.json_null_is_null:
                    found = JSON_NULL
        case list() as array, int() as position:
            if -len(array) <= position < len(array):
                found = array[position]
                if found is None and not scope.reading.json_null_is_null:
                    found = JSON_NULL
        case _:
            pass
    return dynamic(found)


def _binary(operator: str, left: Expression, right: Expression, scope: Scope) -> Value:
    one = evaluate(left, scope)
    if operator in ("and", "or"):
        truth = comparison.truth(one)
        if truth is (operator == "or"):
            return boolean(truth)
        other = comparison.truth(evaluate(right, scope))
        if operator == "and":
            return comparison.conjunction(truth, other, scope.reading)
        return comparison.disjunction(truth, other)
    value = evaluate(right, scope)
    match operator:
        case "==":
            return boolean(comparison.equal(one, value, scope.reading))
        case "!=":
            return boolean(comparison.different(one, value, scope.reading))
        case "<" | "<=" | ">" | ">=":
            return boolean(comparison.ordered(operator, one, value, scope.reading))
        case "+" | "-" | "*" | "/" | "%":
            return comparison.arithmetic(operator, one, value)
        case _:
            return boolean(comparison.text_test(operator, one, value, scope.reading))


def _among(operator: str, target: Value, items: tuple[Expression, ...], scope: Scope) -> Value:
    """`in` is an or of ==, `!in` an and of != (null-values page); an array or a table stands for its elements."""
    values = [value for item in items for value in _elements(item, scope)]
    match operator:
        case "in":
            found = any(comparison.equal(target, value, scope.reading) for value in values)
        case "!in":
            found = all(comparison.different(target, value, scope.reading) for value in values)
        case "in~":
            found = any(comparison.text_test("=~", target, value, scope.reading) for value in values)
        case "!in~":
            found = not any(comparison.text_test("=~", target, value, scope.reading) for value in values)
        case "has_any":
            found = any(comparison.text_test("has", target, value, scope.reading) for value in values)
        case _:  # has_all
            found = all(comparison.text_test("has", target, value, scope.reading) for value in values)
    return boolean(found)


def _elements(item: Expression, scope: Scope) -> list[Value]:
    if isinstance(item, Subquery):
        return _first_column(scope.rows_of(item.query))
    if isinstance(item, Name) and item.name not in scope.row:
        bound = scope.lets.get(item.name, scope.tables.get(item.name))
        if isinstance(bound, Rows):
            return _first_column(bound)
    value = evaluate(item, scope)
    if value.kind == "dynamic" and isinstance(value.data, list):
        return [typed(one) for one in value.data]
    return [value]


def _first_column(rows: Rows) -> list[Value]:
    first = next(iter(rows.columns))
    return [row[first] for row in rows.rows]


def _scalar_of(rows: Rows) -> Value:
    """toscalar(): the first column of the first row, null of an empty table."""
    values = _first_column(rows)
    return values[0] if values else null(rows.columns[next(iter(rows.columns))] or "dynamic")


def _between(negated: bool, target: Value, low: Value, high: Value, scope: Scope) -> Value:
    """Inclusive; a timespan as the upper end of a datetime range is added to the lower end."""
    if low.kind == "datetime" and high.kind == "timespan":
        high = comparison.arithmetic("+", low, high)
    above = comparison.ordered(">=", target, low, scope.reading)
    below = comparison.ordered("<=", target, high, scope.reading)
    found = comparison.conjunction(above, below, scope.reading).data
    if found is None:
        return boolean(None)
    return boolean(bool(found) != negated)


def _call(name: str, arguments: tuple[Expression, ...], scope: Scope) -> Value:
    bound = scope.lets.get(name)
    if isinstance(bound, Closure):
        result = apply(bound, arguments, scope)
        return _scalar_of(result) if isinstance(result, Rows) else result
    if name in AGGREGATES and scope.group is not None:
        return aggregate(name, arguments, scope, evaluate)
    if name == "typeof":
        (kind,) = arguments
        return Value("string", kind.name if isinstance(kind, Name) else "")
    if name == "toscalar":
        (query,) = arguments
        return evaluate(query, scope)
    if name == "prev":
        return _previous(arguments, scope)
    if name == "column_ifexists":
        return _column_if_exists(arguments, scope)
    return call(name, [evaluate(one, scope) for one in arguments], scope)


def _previous(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    """prev(column [, offset [, default]]): the value that many rows before, else the default, which is null.

    https://learn.microsoft.com/en-us/kusto/query/prev-function: the rows must be serialized. A string has no null.
    """
    column, *rest = arguments
    if scope.before is None:
        raise KustoError("prev() needs serialized rows, in extend: sort them first")
    back = plain(evaluate(rest[0], scope)) if rest else 1
    if not isinstance(back, int) or back < 1:
        raise KustoError("prev(): the offset is a positive number")
    if back <= len(scope.before):
        return evaluate(column, replace(scope, row=scope.before[-back], before=None))
    if len(rest) > 1:
        return evaluate(rest[1], scope)
    kind = evaluate(column, scope).kind
    return Value("string", "") if kind == "string" else null(kind)


def _column_if_exists(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    column, default = arguments
    name = plain(evaluate(column, scope))
    return scope.row[name] if isinstance(name, str) and name in scope.row else evaluate(default, scope)


def apply(closure: Closure, arguments: tuple[Expression, ...], scope: Scope) -> Value | Rows:
    """A let function's value: its body sees its parameters and what was defined before it."""
    function, inner = closure.function, closure.scope
    if len(arguments) > len(function.parameters):
        raise KustoError("too many arguments of a function")
    for position, (name, kind, default) in enumerate(function.parameters):
        if position < len(arguments):
            inner = inner.with_let(name, _argument(arguments[position], kind is None, scope))
        elif default is not None:
            inner = inner.with_let(name, evaluate(default, scope))
        else:
            raise KustoError(f"argument {name} is missing")
    for let in function.lets:
        inner = bind(let, inner)
    if isinstance(function.body, Query):
        return inner.rows_of(function.body)
    return value_or_table(function.body, inner)


def _argument(argument: Expression, is_table: bool, scope: Scope) -> Value | Rows:
    if not is_table:
        return evaluate(argument, scope)
    if isinstance(argument, Subquery):
        return scope.rows_of(argument.query)
    if isinstance(argument, Name):
        return scope.table(argument.name)
    raise KustoError("a tabular argument must be a name")


def bind(let: Let, scope: Scope) -> Scope:
    match let.value:
        case Query() as query:
            return scope.with_let(let.name, scope.rows_of(query))
        case Function() as function:
            return scope.with_let(let.name, Closure(function, scope))
        case expression:
            return scope.with_let(let.name, value_or_table(expression, scope))


def value_or_table(expression: Expression, scope: Scope) -> Value | Rows:
    match expression:
        case Name(name):
            bound: Binding | None = scope.lets.get(name, scope.tables.get(name))
            if isinstance(bound, Rows):
                return bound
        case Call(name, arguments):
            closure = scope.lets.get(name)
            if isinstance(closure, Closure):
                return apply(closure, arguments, scope)
            if (named := _function_table(name, arguments, scope)) is not None:
                return named
        case _:
            pass
    return evaluate(expression, scope)


def _function_table(name: str, arguments: tuple[Expression, ...], scope: Scope) -> Rows | None:
    """A caller's function: the table of that name with its first argument, `_GetWatchlist('x')`."""
    if not arguments or not any(table.startswith(f"{name}(") for table in scope.tables):
        return None
    return scope.table(f"{name}('{plain(evaluate(arguments[0], scope))}')")
