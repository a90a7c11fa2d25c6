"""Eval expressions, as eval, where, head and stats take them.

Order of evaluation: parentheses, NOT, AND, OR, XOR
(help.splunk.com/en/splunk-enterprise/search/search-manual/9.3/expressions-and-predicates).
"""

from __future__ import annotations

import re
from typing import Final, cast

from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.syntax import (
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    CompareOp,
    Expression,
    Field,
    Logic,
    Negative,
    Not,
    Number,
    Text,
)

_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z_])")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\{\})?(?:::?[A-Za-z0-9_]+)?|[0-9]+[A-Za-z_][A-Za-z0-9_]*")
_COMPARE: Final = re.compile(r"==|=|!=|<=|>=|<|>")
_AND: Final = re.compile(r"AND\b", re.IGNORECASE)
_OR: Final = re.compile(r"OR\b", re.IGNORECASE)
_XOR: Final = re.compile(r"XOR\b", re.IGNORECASE)
_NOT: Final = re.compile(r"NOT\b", re.IGNORECASE)
_IN: Final = re.compile(r"IN\s*(?=\()", re.IGNORECASE)
_NOT_IN: Final = re.compile(r"NOT\s+IN\s*(?=\()", re.IGNORECASE)
_LIKE: Final = re.compile(r"LIKE\b(?!\s*\()", re.IGNORECASE)
_SUM: Final = re.compile(r"[-+.]")
_PRODUCT: Final = re.compile(r"[*/%]")


def parse_expression(cursor: Cursor) -> Expression:
    """expression = or (XOR or)*"""
    left = _parse_or(cursor)
    while cursor.read(_XOR):
        left = Logic("XOR", left, _parse_or(cursor), cursor.at)
    return left


def _parse_or(cursor: Cursor) -> Expression:
    """or = and (OR and)*"""
    left = _parse_and(cursor)
    while cursor.read(_OR):
        left = Logic("OR", left, _parse_and(cursor), cursor.at)
    return left


def _parse_and(cursor: Cursor) -> Expression:
    """and = not (AND not)*"""
    left = _parse_not(cursor)
    while cursor.read(_AND):
        left = Logic("AND", left, _parse_not(cursor), cursor.at)
    return left


def _parse_not(cursor: Cursor) -> Expression:
    """not = NOT not | comparison"""
    at = cursor.at
    if cursor.read(_NOT):
        return Not(_parse_not(cursor), at)
    return _parse_comparison(cursor)


def _parse_comparison(cursor: Cursor) -> Expression:
    """comparison = sum [('=' | '==' | '!=' | '<' | '>' | '<=' | '>=' | LIKE) sum | [NOT] IN '(' list ')']"""
    left = _parse_sum(cursor)
    at = cursor.at
    if op := cursor.read(_COMPARE):
        return Compare(cast("CompareOp", "=" if op == "==" else op), left, _parse_sum(cursor), at)
    if cursor.read(_LIKE):
        return Call("like", (left, _parse_sum(cursor)), at)
    if cursor.read(_NOT_IN):
        return Not(Call("in", (left, *_parse_arguments(cursor)), at), at)
    if cursor.read(_IN):
        return Call("in", (left, *_parse_arguments(cursor)), at)
    return left


def _parse_sum(cursor: Cursor) -> Expression:
    """sum = product (('+' | '-' | '.') product)*"""
    left = _parse_product(cursor)
    while op := cursor.read(_SUM):
        left = Arithmetic(cast("ArithmeticOp", op), left, _parse_product(cursor), cursor.at)
    return left


def _parse_product(cursor: Cursor) -> Expression:
    """product = unary (('*' | '/' | '%') unary)*"""
    left = _parse_unary(cursor)
    while op := cursor.read(_PRODUCT):
        left = Arithmetic(cast("ArithmeticOp", op), left, _parse_unary(cursor), cursor.at)
    return left


def _parse_unary(cursor: Cursor) -> Expression:
    """unary = ('-' | '+') unary | primary"""
    at = cursor.at
    if cursor.accept("-"):
        return Negative(_parse_unary(cursor), at)
    if cursor.accept("+"):
        return _parse_unary(cursor)
    return _parse_primary(cursor)


def _parse_primary(cursor: Cursor) -> Expression:
    """primary = '(' expression ')' | string | 'field' | number | name ['(' arguments ')']"""
    cursor.space()
    at = cursor.at
    if cursor.accept("("):
        inner = parse_expression(cursor)
        cursor.expect(")", "after the expression in parentheses")
        return inner
    if (raw := cursor.quoted()) is not None:
        return Text(raw, at)
    if (name := cursor.single_quoted()) is not None:
        return Field(name, at)
    if (number := cursor.read(_NUMBER)) is not None:
        return Number(float(number) if re.search(r"[.eE]", number) else int(number), at)
    name = cursor.read(_NAME)
    if name is None:
        cursor.fail("expected a value, a field or a function")
    if cursor.peek("("):
        return Call(name.lower(), _parse_arguments(cursor), at)
    return Field(name, at)


def _parse_arguments(cursor: Cursor) -> tuple[Expression, ...]:
    """arguments = '(' [expression (',' expression)*] ')'"""
    cursor.expect("(", "before the arguments")
    if cursor.accept(")"):
        return ()
    args = [parse_expression(cursor)]
    while cursor.accept(","):
        args.append(parse_expression(cursor))
    cursor.expect(")", "after the arguments")
    return tuple(args)
