"""The expressions of the search command.

Order of evaluation: parentheses, NOT, OR, AND; operators in capitals, AND implied
(help.splunk.com/en/splunk-enterprise/search/search-manual/9.3/expressions-and-predicates).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, cast

from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.syntax import (
    AllOf,
    AnyOf,
    CompareOp,
    FieldIn,
    FieldTest,
    MacroTerm,
    NoneOf,
    Pipeline,
    SearchExpression,
    SubsearchTerm,
    Term,
    Value,
)

_WORD: Final = re.compile(r'(?:\\.|[^\s()|,"\[\]=<>!`\\]|!(?!=))+', re.DOTALL)
_VALUE: Final = re.compile(r'(?:\\.|[^\s()|,"\[\]`\\])+', re.DOTALL)
_OPERATOR: Final = re.compile(r"==|=|!=|<=|>=|<|>")
_AND: Final = re.compile(r"AND\b(?![.=])")
_OR: Final = re.compile(r"OR\b(?![.=])")
_NOT: Final = re.compile(r"NOT\b(?![.=])")
_IN: Final = re.compile(r"IN\s*(?=\()")
_NOT_IN: Final = re.compile(r"NOT\s+IN\s*(?=\()")
_FUNCTION: Final = re.compile(r"(CASE|TERM)\(")
_UNTIL_PAREN: Final = re.compile(r"[^()]+")

Subsearch = Callable[[Cursor], Pipeline]


def parse_search(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """search = [and]"""
    return AllOf(()) if cursor.at_end() else _parse_and(cursor, subsearch)


def _ends(cursor: Cursor) -> bool:
    return cursor.at_end() or cursor.peek(")")


def _parse_and(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """and = or ([AND | ','] or)*"""
    parts = [_parse_or(cursor, subsearch)]
    while not _ends(cursor):
        cursor.accept(",")
        cursor.read(_AND)
        parts.append(_parse_or(cursor, subsearch))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _parse_or(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """or = not (OR not)*"""
    parts = [_parse_not(cursor, subsearch)]
    while cursor.read(_OR):
        parts.append(_parse_not(cursor, subsearch))
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _parse_not(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """not = NOT not | primary"""
    if cursor.read(_NOT):
        return NoneOf(_parse_not(cursor, subsearch))
    return _parse_primary(cursor, subsearch)


def _parse_primary(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """primary = '(' and ')' | `macro` | '[' pipeline ']' | CASE(word) | TERM(word) | test | term"""
    cursor.space()
    at = cursor.at
    if cursor.accept("("):
        inner = AllOf(()) if cursor.peek(")") else _parse_and(cursor, subsearch)
        cursor.expect(")", "to close this group of terms")
        return inner
    if (macro := cursor.macro()) is not None:
        return MacroTerm(macro, at)
    if cursor.accept("["):
        pipeline = subsearch(cursor)
        cursor.expect("]", "after the subsearch")
        return SubsearchTerm(pipeline, at)
    if (marked := _parse_marked(cursor)) is not None:
        value, whole = marked
        return Term(value, whole, at)
    if (raw := cursor.quoted()) is not None:
        return _parse_test(cursor, raw, at) or Term(Value(raw, quoted=True), at=at)
    word = cursor.read(_WORD)
    if word is None:
        cursor.fail("expected a search term")
    return _parse_test(cursor, word, at) or Term(Value(word), at=at)


def _parse_marked(cursor: Cursor) -> tuple[Value, bool] | None:
    """marked = ('CASE' | 'TERM') '(' text ')'"""
    found = cursor.look(_FUNCTION)
    if found is None:
        return None
    cursor.at = found.end()
    raw = cursor.quoted()
    if raw is None:
        raw = cursor.read(_UNTIL_PAREN)
    if raw is None:
        cursor.fail(f"{found.group(1)} needs a term")
    cursor.expect(")", f"after the term of {found.group(1)}")
    return Value(raw.strip(), quoted=False, exact_case=found.group(1) == "CASE"), found.group(1) == "TERM"


def _parse_test(cursor: Cursor, name: str, at: int) -> SearchExpression | None:
    """test = name (operator value | [NOT] IN '(' value (',' value)* ')')"""
    if op := cursor.read(_OPERATOR):
        return FieldTest(name, cast("CompareOp", "=" if op == "==" else op), _parse_value(cursor), at)
    negated = cursor.read(_NOT_IN) is not None
    if not negated and not cursor.read(_IN):
        return None
    cursor.expect("(", "before the list of values")
    values = [_parse_value(cursor)]
    while not cursor.accept(")"):
        cursor.accept(",")
        if cursor.accept(")"):
            break
        values.append(_parse_value(cursor))
    found = FieldIn(name, tuple(values), at)
    return NoneOf(found) if negated else found


def _parse_value(cursor: Cursor) -> Value:
    """value = '"' text '"' | CASE(text) | TERM(text) | word"""
    if (marked := _parse_marked(cursor)) is not None:
        return marked[0]
    if (raw := cursor.quoted()) is not None:
        return Value(raw, quoted=True)
    word = cursor.read(_VALUE)
    if word is None:
        cursor.fail("expected a value to compare with")
    return Value(word)
