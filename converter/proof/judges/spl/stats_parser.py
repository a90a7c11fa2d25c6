"""stats, eventstats, streamstats."""

from __future__ import annotations

import re
from typing import Final, Literal

from converter.proof.judges.spl import words
from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.expression_parser import parse_expression
from converter.proof.judges.spl.search_parser import Subsearch, parse_search
from converter.proof.judges.spl.syntax import Aggregate, Expression, SearchExpression, Stats, Tstats

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


_TSTATS_OPTIONS: Final = {"summariesonly", "allow_old_summaries", "fillnull_value", "chunk_size", "local"}
_FROM: Final = re.compile(r"FROM\s+datamodel\s*=\s*([A-Za-z_]\w*\.[A-Za-z_]\w*)", re.IGNORECASE)
_WHERE: Final = re.compile(r"WHERE\b", re.IGNORECASE)
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[()]|\bBY\b|.', re.IGNORECASE | re.DOTALL)


def parse_tstats(cursor: Cursor, subsearch: Subsearch, at: int) -> Tstats:
    """tstats = option* aggregate ([','] aggregate)* FROM datamodel=model.dataset [WHERE search] [BY names]

    https://help.splunk.com/splunk-enterprise/spl-search-reference/9.4/search-commands/tstats
    """
    options = _parse_options(cursor, _TSTATS_OPTIONS)
    aggregates: list[Aggregate] = []
    while (source := cursor.look(_FROM)) is None:
        if cursor.at_end():
            cursor.fail("tstats is read here FROM a data model only", at)
        aggregates.append(_parse_aggregate(cursor))
        cursor.accept(",")
    cursor.at = source.end()
    where = _parse_where(cursor, subsearch) if cursor.read(_WHERE) else None
    by = words.names(cursor) if cursor.read(words.BY) else ()
    if not aggregates:
        cursor.fail("tstats needs a function", at)
    return Tstats(source.group(1), where, Stats("stats", tuple(aggregates), by, {}, at), options, at)


def _parse_where(cursor: Cursor, subsearch: Subsearch) -> SearchExpression:
    """The search up to BY or the end."""
    start, depth = cursor.at, 0
    text = cursor.rest()
    length = len(text)
    for piece in _PIECE.finditer(text):
        depth += {"(": 1, ")": -1}.get(piece.group(), 0)
        if not depth and piece.group().upper() == "BY":
            length = piece.start()
            break
    cursor.at = start + length
    inner = Cursor(text[:length])
    if inner.at_end():
        cursor.fail("expected terms after WHERE")
    found = parse_search(inner, subsearch)
    if not inner.at_end():
        inner.fail("unexpected text in the WHERE of tstats")
    return found


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
