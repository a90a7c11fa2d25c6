"""SPL text to its tree: what `write` writes, and what data set tables say in SPL.

Raises QuerySyntaxError. This reader shares nothing with the interpreter that judges searches in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from converter.deferred import compiled
from converter.languages.cursor import Cursor
from converter.languages.spl import parse_expression
from converter.languages.spl.parse_expression import CODES, WORD, macro, skip, string
from converter.languages.spl.parse_search import ENDS_BY, terms
from converter.languages.spl.syntax import (
    Aggregate,
    Append,
    Comment,
    Condition,
    Dedup,
    Document,
    Eval,
    Expression,
    Fields,
    Inputlookup,
    Lookup,
    Multisearch,
    Mvexpand,
    Options,
    Outputlookup,
    Pair,
    Pipeline,
    Rename,
    Rex,
    Search,
    Sort,
    SortKey,
    Stage,
    Stats,
    Table,
    Tstats,
    Where,
)

_COMMENT = compiled(r"```(.*?)```", re.DOTALL)
_OPTION = compiled(r"([^\W\d]\w*)=([\w.-]+)(?=\s)", re.ASCII)
_REX_OPTION = compiled(r"(field|max_match|mode)=([\w.-]+)(?=\s)", re.ASCII)
_NAME = compiled(r"[^\W\d](?:[\w.]|\{\})*[*]?", re.ASCII)
_EVAL_NAME = compiled(r"'[^'\\]+'")
_AS = compiled(r"AS\b", re.IGNORECASE)
_BY = compiled(r"BY\b", re.IGNORECASE)
_FROM = compiled(r"FROM\s+datamodel=", re.IGNORECASE)
_WHERE = compiled(r"WHERE\b", re.IGNORECASE)
_OUTPUT = compiled(r"OUTPUT\b", re.IGNORECASE)
_KIND = compiled(r"(?:num|str|ip)\(")
_TABLE_NAME = compiled(r"[\w.]+", re.ASCII)
_MORE = compiled(r"\s*,\s*")
_WORD_ENDS = compiled(r"\s*(?:\Z|[|\]]|```)")


def document(text: str) -> Document:
    """A text with its comments."""
    cursor = Cursor(text, CODES)
    parts: list[Comment | Pipeline] = []
    skip(cursor)
    while not cursor.at_end:
        found = cursor.read(_COMMENT)
        parts.append(_comment(found) if found is not None else _pipeline(cursor, generating=True))
        skip(cursor)
    return tuple(parts)


def _comment(found: str) -> Comment:
    lines = found[len("```") : -len("```")].split("\n")
    return Comment(tuple(line.strip() if i else line.strip(" ") for i, line in enumerate(lines)))


def pipeline(text: str) -> Pipeline:
    """A search, the word `search` left out at its beginning."""
    cursor = Cursor(text, CODES)
    found = _pipeline(cursor, generating=True)
    _end(cursor)
    return found


def stages(text: str) -> tuple[Stage, ...]:
    """Stages to put behind a search, with bars between them."""
    cursor = Cursor(text, CODES)
    found = [_stage(cursor)]
    while _bar(cursor):
        found.append(_stage(cursor))
    _end(cursor)
    return tuple(found)


def expression(text: str) -> Expression:
    """An expression of eval."""
    cursor = Cursor(text, CODES)
    found = parse_expression.expression(cursor)
    _end(cursor)
    return found


def condition(text: str) -> Condition:
    """Terms of `search`."""
    cursor = Cursor(text, CODES)
    found = terms(cursor, _bracketed)
    _end(cursor)
    return found


def _end(cursor: Cursor) -> None:
    skip(cursor)
    if not cursor.at_end:
        cursor.expected("the end")


def _bar(cursor: Cursor) -> bool:
    skip(cursor)
    return cursor.take("|")


def _pipeline(cursor: Cursor, *, generating: bool = False) -> Pipeline:
    """pipeline = (terms | ['|'] stage) ('|' stage)*"""
    searches = not _bar(cursor) and generating
    found: list[Stage] = [Search(terms(cursor, _bracketed)) if searches else _stage(cursor)]
    while not cursor.starts("```") and _bar(cursor):
        found.append(_stage(cursor))
        skip(cursor)
    return Pipeline(tuple(found))


def _bracketed(cursor: Cursor) -> Pipeline:
    """'[' pipeline ']'"""
    skip(cursor)
    cursor.expect_sign("[", "a search in brackets")
    with cursor.deeper():
        found = _pipeline(cursor)
    skip(cursor)
    cursor.expect_sign("]", "a closing bracket")
    return found


def _stage(cursor: Cursor) -> Stage:
    skip(cursor)
    if cursor.starts("`"):
        return macro(cursor)
    start = cursor.position
    name = cursor.expect(WORD, "a command").lower()
    skip(cursor)
    if name not in _COMMANDS:
        cursor.position = start
        cursor.expected(f"a command that is read here ({', '.join(sorted(_COMMANDS))})")
    return _COMMANDS[name](cursor, name)


# ---- commands


def _search(cursor: Cursor, _: str) -> Stage:
    return Search(terms(cursor, _bracketed))


def _where(cursor: Cursor, _: str) -> Stage:
    return Where(parse_expression.expression(cursor))


def _eval(cursor: Cursor, _: str) -> Stage:
    columns = []
    while True:
        skip(cursor)
        quoted = cursor.read(_EVAL_NAME)
        name = quoted[1:-1] if quoted is not None else cursor.expect(WORD, "the name of a column")
        skip(cursor)
        cursor.expect_sign("=", "= and an expression")
        columns.append((name, parse_expression.expression(cursor)))
        if cursor.read(_MORE) is None:
            return Eval(tuple(columns))


def _stats(cursor: Cursor, name: str) -> Stage:
    options = _options(cursor, _OPTION)
    found = [_aggregate(cursor)]
    while True:
        cursor.read(_MORE)
        skip(cursor)
        if cursor.check(_WORD_ENDS) or cursor.check(_BY):
            break
        found.append(_aggregate(cursor))
    by = _names(cursor) if cursor.read(_BY) is not None else ()
    return Stats(name, tuple(found), by, options)


def _tstats(cursor: Cursor, _: str) -> Stage:
    """option* aggregate+ 'FROM' 'datamodel=' name ['WHERE' terms] ['BY' names]"""
    options = _options(cursor, _OPTION)
    found = [_aggregate(cursor)]
    while True:
        cursor.read(_MORE)
        skip(cursor)
        if cursor.read(_FROM) is not None:
            break
        found.append(_aggregate(cursor))
    model = cursor.expect(_TABLE_NAME, "the name of a data model")
    skip(cursor)
    where = terms(cursor, _bracketed, ENDS_BY) if cursor.read(_WHERE) is not None else None
    skip(cursor)
    by = _names(cursor) if cursor.read(_BY) is not None else ()
    return Tstats(model, tuple(found), where, by, options)


def _aggregate(cursor: Cursor) -> Aggregate:
    skip(cursor)
    function = cursor.expect(WORD, "a statistical function")
    field = None
    if cursor.take("("):
        field = _name(cursor)
        cursor.expect_sign(")", "a closing parenthesis")
    skip(cursor)
    alias = _name(cursor) if cursor.read(_AS) is not None else None
    return Aggregate(function, field, alias)


def _sort(cursor: Cursor, _: str) -> Stage:
    cursor.expect_sign("0", "0, for all results")
    keys = []
    while True:
        skip(cursor)
        descending = cursor.take("-")
        kind = cursor.read(_KIND)
        field = _name(cursor)
        if kind is not None:
            cursor.expect_sign(")", "a closing parenthesis")
        keys.append(SortKey(field, descending, kind[:-1] if kind is not None else "auto"))
        if cursor.read(_MORE) is None:
            return Sort(tuple(keys))


def _mvexpand(cursor: Cursor, _: str) -> Stage:
    return Mvexpand(_name(cursor))


def _lookup(cursor: Cursor, _: str) -> Stage:
    table = cursor.expect(_TABLE_NAME, "the name of a lookup")
    keys = _pairs(cursor)
    skip(cursor)
    outputs = _pairs(cursor) if cursor.read(_OUTPUT) is not None else ()
    return Lookup(table, keys, outputs)


def _pairs(cursor: Cursor) -> tuple[Pair, ...]:
    found = [_pair(cursor)]
    while cursor.read(_MORE) is not None:
        found.append(_pair(cursor))
    return tuple(found)


def _pair(cursor: Cursor) -> Pair:
    source = _name(cursor)
    skip(cursor)
    return Pair(source, _name(cursor) if cursor.read(_AS) is not None else source)


def _fields(cursor: Cursor, _: str) -> Stage:
    drop = cursor.take("-")
    return Fields(_names(cursor), drop)


def _table(cursor: Cursor, _: str) -> Stage:
    return Table(_names(cursor))


def _rename(cursor: Cursor, _: str) -> Stage:
    return Rename(_pairs(cursor))


def _dedup(cursor: Cursor, _: str) -> Stage:
    return Dedup(_names(cursor))


def _rex(cursor: Cursor, _: str) -> Stage:
    options = _options(cursor, _REX_OPTION)
    pattern = string(cursor)
    if pattern is None:
        cursor.expected("a regular expression in quotation marks")
    return Rex(pattern, options)


def _inputlookup(cursor: Cursor, _: str) -> Stage:
    return Inputlookup(cursor.expect(_TABLE_NAME, "the name of a lookup"))


def _outputlookup(cursor: Cursor, _: str) -> Stage:
    return Outputlookup(cursor.expect(_TABLE_NAME, "the name of a lookup"))


def _multisearch(cursor: Cursor, _: str) -> Stage:
    searches = [_bracketed(cursor)]
    skip(cursor)
    while cursor.starts("["):
        searches.append(_bracketed(cursor))
        skip(cursor)
    return Multisearch(tuple(searches))


def _append(cursor: Cursor, _: str) -> Stage:
    options = _options(cursor, _OPTION)
    return Append(_bracketed(cursor), options)


_COMMANDS: Mapping[str, Callable[[Cursor, str], Stage]] = {
    "search": _search,
    "where": _where,
    "eval": _eval,
    "stats": _stats,
    "eventstats": _stats,
    "streamstats": _stats,
    "tstats": _tstats,
    "sort": _sort,
    "mvexpand": _mvexpand,
    "lookup": _lookup,
    "fields": _fields,
    "table": _table,
    "rename": _rename,
    "dedup": _dedup,
    "rex": _rex,
    "inputlookup": _inputlookup,
    "outputlookup": _outputlookup,
    "multisearch": _multisearch,
    "append": _append,
}


# ---- words of commands


def _options(cursor: Cursor, pattern: re.Pattern[str]) -> Options:
    found: list[tuple[str, str]] = []
    skip(cursor)
    while (option := cursor.read(pattern)) is not None:
        name, _, value = option.partition("=")
        found.append((name, value))
        skip(cursor)
    return tuple(found)


def _names(cursor: Cursor) -> tuple[str, ...]:
    found = [_name(cursor)]
    while cursor.read(_MORE) is not None:
        found.append(_name(cursor))
    return tuple(found)


def _name(cursor: Cursor) -> str:
    skip(cursor)
    return string(cursor) or cursor.expect(_NAME, "the name of a field")
