"""Terms of `search` from text: parentheses, NOT, OR, AND bind in this order; AND may be left out."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.deferred import compiled
from converter.languages.cursor import Cursor
from converter.languages.spl.parse_expression import macro, skip, string
from converter.languages.spl.syntax import (
    Condition,
    Every,
    Excluding,
    OneOf,
    Pipeline,
    Quoting,
    Relation,
    Some,
    Subsearch,
    Term,
    Test,
    Word,
)

_FIELD = compiled(r"[^\W\d](?:[\w.]|\{\})*", re.ASCII)
_BARE = compiled(r"[\w.*:@+/-]+", re.ASCII)
_CASE = compiled(r"CASE\(([^()\"]+)\)")
_RELATION = compiled(r"!=|<=|>=|=|<|>")
_IN = compiled(r"IN\s*(?=\()")
_OR = compiled(r"OR\b(?![.=])")
_AND = compiled(r"AND\b(?![.=])")
_NOT = compiled(r"NOT\b(?![.=])")
_ENDS = compiled(r"\s*(?:\Z|[)\]|]|```)")

ENDS_BY = compiled(r"\s*(?:\Z|[)\]|]|```|BY\b)", re.IGNORECASE)
"""The end of terms that BY may follow."""

Inner = Callable[[Cursor], Pipeline]


def terms(cursor: Cursor, inner: Inner, ends: re.Pattern[str] = _ENDS) -> Condition:
    """every = some (['AND'] some)*"""
    parts = [_some(cursor, inner)]
    while not cursor.check(ends):
        skip(cursor)
        cursor.read(_AND)
        parts.append(_some(cursor, inner))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _some(cursor: Cursor, inner: Inner) -> Condition:
    """some = not ('OR' not)*"""
    parts = [_not(cursor, inner)]
    skip(cursor)
    while cursor.read(_OR) is not None:
        parts.append(_not(cursor, inner))
        skip(cursor)
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _not(cursor: Cursor, inner: Inner) -> Condition:
    """not = 'NOT' not | primary"""
    skip(cursor)
    if cursor.read(_NOT) is not None:
        with cursor.deeper():
            return Excluding(_not(cursor, inner))
    return _primary(cursor, inner)


def _primary(cursor: Cursor, inner: Inner) -> Condition:
    """primary = '(' every ')' | `macro` | '[' pipeline ']' | name test | word"""
    if cursor.take("("):
        with cursor.deeper():
            found = terms(cursor, inner)
        skip(cursor)
        cursor.expect_sign(")", "a closing parenthesis")
        return found
    if cursor.starts("`"):
        return macro(cursor)
    if cursor.starts("["):
        return Subsearch(inner(cursor))
    start = cursor.position
    name = string(cursor) or cursor.read(_FIELD)
    if name is not None:
        skip(cursor)
        if (relation := cursor.read(_RELATION)) is not None:
            return Test(name, Relation(relation), _word(cursor))
        if cursor.read(_IN) is not None:
            return OneOf(name, _list(cursor))
    cursor.position = start
    return Term(_word(cursor))


def _list(cursor: Cursor) -> tuple[Word, ...]:
    """list = '(' word (',' word)* ')'"""
    cursor.expect_sign("(", "a list in parentheses")
    values = [_word(cursor)]
    skip(cursor)
    while cursor.take(","):
        values.append(_word(cursor))
        skip(cursor)
    cursor.expect_sign(")", "a comma or a closing parenthesis")
    return tuple(values)


def _word(cursor: Cursor) -> Word:
    """word = string | 'CASE(' text ')' | bare"""
    if (raw := string(cursor)) is not None:
        return Word(raw)
    if (found := cursor.read(_CASE)) is not None:
        return Word(found[len("CASE(") : -1], Quoting.CASE)
    return Word(cursor.expect(_BARE, "a value"), Quoting.BARE)
