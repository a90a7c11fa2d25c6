"""stats, eventstats, streamstats."""

from __future__ import annotations

import re
from typing import Final, Literal

from converter.proof.judges.spl import words
from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.expression_parser import parse_expression
from converter.proof.judges.spl.syntax import Aggregate, Expression, Stats

_FUNCTION: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_EVAL: Final = re.compile(r"eval\s*\(", re.IGNORECASE)
_RESET: Final = re.compile(r'(reset_before|reset_after)\s*=\s*"\("((?:[^"\\]|\\.)*)"\)"', re.DOTALL)
_FIELD: Final = re.compile(r'[^()"]+')
_OPTIONS: Final = {
    "stats": {"allnum", "delim", "partitions", "dedup_splitvals"},
    "eventstats": {"allnum"},
    "streamstats": {
        "allnum",
        "current",
        "window",
        "global",
        "time_window",
        "reset_before",
        "reset_after",
        "reset_on_change",
    },
}


def _parse_reset(cursor: Cursor) -> tuple[str, str] | None:
    """reset = (reset_before | reset_after) '=' '"("' expression '")"', where quotes of the expression are escaped"""
    found = cursor.look(_RESET)
    if found is None:
        return None
    cursor.at = found.end()
    return found.group(1), f"({found.group(2)})"


def _parse_options(cursor: Cursor, known: set[str]) -> dict[str, str]:
    """options = (reset | option)*"""
    found: dict[str, str] = {}
    while one := _parse_reset(cursor) or words.option(cursor, known):
        found[one[0]] = one[1]
        cursor.accept(",")
    return found


def parse_stats(cursor: Cursor, kind: Literal["stats", "eventstats", "streamstats"], at: int) -> Stats:
    """stats = option* aggregate ([','] aggregate)* [BY names] option*"""
    known = _OPTIONS[kind]
    options = _parse_options(cursor, known)
    aggregates: list[Aggregate] = []
    by: tuple[str, ...] = ()
    while not cursor.at_end():
        if cursor.read(words.BY):
            by = words.names(cursor)
            if not by:
                cursor.fail("expected a field after BY")
        elif found := _parse_options(cursor, known):
            options.update(found)
        elif by:
            cursor.fail("nothing but options may follow the by-fields")
        else:
            aggregates.append(_parse_aggregate(cursor))
        cursor.accept(",")
    if not aggregates:
        cursor.fail(f"{kind} needs a function", at)
    return Stats(kind, tuple(aggregates), by, options, at)


def _parse_aggregate(cursor: Cursor) -> Aggregate:
    """aggregate = function ['(' [argument] ')'] [AS name]"""
    cursor.space()
    at = cursor.at
    function = cursor.read(_FUNCTION)
    if function is None:
        cursor.fail("expected a statistical function")
    argument: str | Expression | None = None
    if cursor.accept("("):
        argument = _parse_argument(cursor)
        cursor.expect(")", f"after the argument of {function}")
    shown = cursor.text[at : cursor.at].strip()
    return Aggregate(function.lower(), argument, words.alias(cursor) or shown, at)


def _parse_argument(cursor: Cursor) -> str | Expression | None:
    """argument = eval '(' expression ')' | '"' field '"' | field"""
    if cursor.read(_EVAL):
        expression = parse_expression(cursor)
        cursor.expect(")", "after eval(")
        return expression
    if cursor.peek(")"):
        return None
    if (raw := cursor.quoted()) is not None:
        return raw
    name = cursor.read(_FIELD)
    if name is None:
        cursor.fail("expected a field")
    return name.strip()
