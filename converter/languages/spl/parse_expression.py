"""Expressions of eval from text.

Parentheses, NOT, AND, OR bind in this order (Splunk, Search Manual, "Expressions and predicates").
"""

from __future__ import annotations

import re

from converter.deferred import compiled
from converter.languages.cursor import Codes, Cursor
from converter.languages.spl.codes import T228
from converter.languages.spl.syntax import (
    Among,
    Binary,
    Call,
    Expression,
    Junction,
    Logic,
    Macro,
    Name,
    Negation,
    Negative,
    Number,
    Parameter,
    Sign,
    Text,
)

CODES = Codes(T228, T228, T228)

SPACE = compiled(r"\s*")
STRING = compiled(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
WORD = compiled(r"[^\W\d]\w*", re.ASCII)
_QUOTED_NAME = compiled(r"'[^'\\]+'")
_NUMBER = compiled(r"(?:\d+(?:\.\d+)?|\.\d+)(?![\w.])", re.ASCII)
_PARAMETER = compiled(r"\$[^\W\d]\w*\$", re.ASCII)
_OR = compiled(r"OR\b", re.IGNORECASE)
_AND = compiled(r"AND\b", re.IGNORECASE)
_NOT = compiled(r"NOT\b", re.IGNORECASE)
_IN = compiled(r"IN\s*(?=\()", re.IGNORECASE)
_COMPARISON = compiled(r"==|!=|<=|>=|=|<|>")
_SUM = compiled(r"[-+.]")
_PRODUCT = compiled(r"[*/%]")


def skip(cursor: Cursor) -> None:
    """Past blanks."""
    cursor.read(SPACE)


def string(cursor: Cursor) -> str | None:
    """What stands between quotation marks here, escapes left as they are; None, staying, if there are none."""
    skip(cursor)
    found = cursor.read(STRING)
    return None if found is None else found[1:-1]


def expression(cursor: Cursor) -> Expression:
    """or = and ('OR' and)*"""
    return _joined(cursor, Junction.OR)


def _joined(cursor: Cursor, junction: Junction) -> Expression:
    """and = not ('AND' not)*"""
    either = junction is Junction.OR
    parts = [_joined(cursor, Junction.AND) if either else _not(cursor)]
    skip(cursor)
    while cursor.read(_OR if either else _AND):
        parts.append(_joined(cursor, Junction.AND) if either else _not(cursor))
        skip(cursor)
    return parts[0] if len(parts) == 1 else Logic(junction, tuple(parts))


def _not(cursor: Cursor) -> Expression:
    """not = 'NOT' not | comparison"""
    skip(cursor)
    if cursor.check(_NOT):
        cursor.read(_NOT)
        with cursor.deeper():
            return Negation(_not(cursor))
    return _comparison(cursor)


def _comparison(cursor: Cursor) -> Expression:
    """comparison = sum [sign sum | 'IN' '(' arguments ')']"""
    left = _sum(cursor)
    skip(cursor)
    if (sign := cursor.read(_COMPARISON)) is not None:
        return Binary(Sign(sign), left, _sum(cursor))
    if cursor.read(_IN) is not None:
        return Among(left, _arguments(cursor))
    return left


def _sum(cursor: Cursor) -> Expression:
    """sum = product (('+' | '-' | '.') product)*"""
    left = _product(cursor)
    skip(cursor)
    while (sign := cursor.read(_SUM)) is not None:
        left = Binary(Sign(sign), left, _product(cursor))
        skip(cursor)
    return left


def _product(cursor: Cursor) -> Expression:
    """product = unary (('*' | '/' | '%') unary)*"""
    left = _unary(cursor)
    skip(cursor)
    while (sign := cursor.read(_PRODUCT)) is not None:
        left = Binary(Sign(sign), left, _unary(cursor))
        skip(cursor)
    return left


def _unary(cursor: Cursor) -> Expression:
    """unary = '-' unary | primary"""
    skip(cursor)
    if cursor.take("-"):
        with cursor.deeper():
            return Negative(_unary(cursor))
    return _primary(cursor)


def _primary(cursor: Cursor) -> Expression:
    """primary = '(' expression ')' | string | 'field' | number | $parameter$ | `macro` | name ['(' arguments ')']"""
    if cursor.take("("):
        with cursor.deeper():
            inner = expression(cursor)
        cursor.expect_sign(")", "a closing parenthesis")
        return inner
    if (raw := string(cursor)) is not None:
        return Text(raw)
    if (quoted := cursor.read(_QUOTED_NAME)) is not None:
        return Name(quoted[1:-1])
    if (digits := cursor.read(_NUMBER)) is not None:
        return Number(digits)
    if (parameter := cursor.read(_PARAMETER)) is not None:
        return Parameter(parameter[1:-1])
    if cursor.starts("`"):
        return macro(cursor)
    name = cursor.expect(WORD, "a field, a value or a function")
    skip(cursor)
    return Call(name, _arguments(cursor)) if cursor.starts("(") else Name(name)


def macro(cursor: Cursor) -> Macro:
    """macro = '`' name ['(' arguments ')'] '`'"""
    cursor.expect_sign("`", "a macro")
    skip(cursor)
    name = cursor.expect(WORD, "the name of a macro")
    skip(cursor)
    arguments = _arguments(cursor) if cursor.starts("(") else ()
    skip(cursor)
    cursor.expect_sign("`", "the end of the macro")
    return Macro(name, arguments)


def _arguments(cursor: Cursor) -> tuple[Expression, ...]:
    """arguments = '(' [expression (',' expression)*] ')'"""
    cursor.expect_sign("(", "the arguments in parentheses")
    skip(cursor)
    if cursor.take(")"):
        return ()
    with cursor.deeper():
        found = [expression(cursor)]
        skip(cursor)
        while cursor.take(","):
            found.append(expression(cursor))
            skip(cursor)
    cursor.expect_sign(")", "a comma or a closing parenthesis")
    return tuple(found)
