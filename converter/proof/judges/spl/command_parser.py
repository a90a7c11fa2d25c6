"""One parse function per command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from converter.proof.judges.spl import words
from converter.proof.judges.spl.cursor import Cursor, cook_search
from converter.proof.judges.spl.errors import SplError, whole
from converter.proof.judges.spl.expression_parser import parse_expression
from converter.proof.judges.spl.search_parser import Subsearch, parse_search
from converter.proof.judges.spl.stats_parser import parse_stats, parse_tstats
from converter.proof.judges.spl.syntax import (
    Bin,
    Command,
    Dedup,
    Eval,
    Expression,
    Fields,
    Generic,
    Head,
    InputLookup,
    Lookup,
    Plain,
    Regex,
    Rename,
    Rex,
    Search,
    Sort,
    SortKey,
    Where,
)

_TARGET: Final = re.compile(r'[^\s=,()|"\']+')
_TO_FIELD: Final = re.compile(r"OUTPUT(?:NEW)?\b", re.IGNORECASE)
_WHERE: Final = re.compile(r"where\b", re.IGNORECASE)
_SORTBY: Final = re.compile(r"sortby\b")
_REGEX_FIELD: Final = re.compile(r'[^\s=!"]+')
_SORT_LIMIT: Final = 10000
_HEAD_LIMIT: Final = 10
_BIN_OPTIONS: Final = {"span", "minspan", "bins", "start", "end", "aligntime"}

Parse = Callable[[Cursor, Subsearch, int], Command]

PLAIN_OPTIONS: Final[dict[str, frozenset[str]]] = {
    "fillnull": frozenset({"value"}),
    "makemv": frozenset({"delim", "tokenizer", "allowempty", "setsv"}),
    "mvexpand": frozenset({"limit"}),
    "nomv": frozenset(),
    "mvcombine": frozenset({"delim"}),
    "spath": frozenset({"input", "output", "path"}),
    "makeresults": frozenset({"count", "annotate", "format", "data", "splunk_server"}),
    "addinfo": frozenset(),
    "reverse": frozenset(),
    "tail": frozenset(),
    "return": frozenset(),
    "format": frozenset({"mvsep", "maxresults"}),
    "outputlookup": frozenset({"append", "create_empty", "override_if_empty", "max", "key_field", "createinapp"}),
}


def _parse_search(cursor: Cursor, subsearch: Subsearch, at: int) -> Search:
    """search-command = search"""
    return Search(parse_search(cursor, subsearch), at)


def _parse_where(cursor: Cursor, _subsearch: Subsearch, at: int) -> Where:
    """where = expression"""
    return Where(parse_expression(cursor), at)


def _parse_eval(cursor: Cursor, _subsearch: Subsearch, at: int) -> Eval:
    """eval = field '=' expression (',' field '=' expression)*"""
    assignments: list[tuple[str, Expression]] = []
    while True:
        raw = cursor.quoted()
        name = cook_search(raw) if raw is not None else cursor.single_quoted() or cursor.read(_TARGET)
        if name is None:
            cursor.fail("expected a field to assign to")
        cursor.expect("=", f"after {name}")
        assignments.append((name, parse_expression(cursor)))
        if not cursor.accept(","):
            return Eval(tuple(assignments), at)


def _parse_sort(cursor: Cursor, _subsearch: Subsearch, at: int) -> Sort:
    """sort = [number | limit '=' number] sort-keys"""
    limit = words.integer(cursor)
    if found := words.option(cursor, {"limit"}):
        limit = whole(found[1], at)
    cursor.accept(",")
    keys, reverse = words.sort_keys(cursor)
    if not keys:
        cursor.fail("sort needs a field")
    return Sort(_SORT_LIMIT if limit is None else limit, keys, reverse, at)


def _parse_fields(cursor: Cursor, _subsearch: Subsearch, at: int) -> Fields:
    """fields = ['+' | '-'] names"""
    drop = cursor.accept("-")
    if not drop:
        cursor.accept("+")
    return Fields("drop" if drop else "keep", words.names(cursor), at)


def _parse_table(cursor: Cursor, _subsearch: Subsearch, at: int) -> Fields:
    """table = names"""
    return Fields("table", words.names(cursor), at)


def _parse_rename(cursor: Cursor, _subsearch: Subsearch, at: int) -> Rename:
    """rename = name AS name ([','] name AS name)*"""
    pairs: list[tuple[str, str]] = []
    while not cursor.at_end():
        old = words.name(cursor)
        if old is None:
            cursor.fail("expected a field to rename")
        new = words.alias(cursor)
        if new is None:
            cursor.fail(f"expected AS after {old}")
        pairs.append((old, new))
        cursor.accept(",")
    if not pairs:
        cursor.fail("rename needs a field")
    return Rename(tuple(pairs), at)


def _parse_head(cursor: Cursor, _subsearch: Subsearch, at: int) -> Head:
    """head = (number | option | '(' expression ')')*"""
    limit: int | None = None
    condition: Expression | None = None
    options: dict[str, str] = {}
    while not cursor.at_end():
        if (number := words.integer(cursor)) is not None:
            limit = number
        elif found := words.option(cursor, {"limit", "null", "keeplast"}):
            options[found[0]] = found[1]
        else:
            condition = parse_expression(cursor)
    if "limit" in options:
        limit = whole(options["limit"], at)
    if limit is None:
        limit = _HEAD_LIMIT if condition is None else -1
    keep_null = words.truth(options.get("null", "false"), cursor)
    return Head(limit, condition, keep_null, words.truth(options.get("keeplast", "false"), cursor), at)


def _parse_dedup(cursor: Cursor, _subsearch: Subsearch, at: int) -> Dedup:
    """dedup = [number] names option* [sortby sort-keys]"""
    count = words.integer(cursor)
    known = {"keepevents", "keepempty", "consecutive"}
    found: list[str] = []
    options = words.options(cursor, known)
    sortby: tuple[SortKey, ...] = ()
    while not cursor.at_end():
        if cursor.read(_SORTBY):
            sortby, _ = words.sort_keys(cursor)
            break
        before = cursor.at
        found += words.names(cursor, (_SORTBY,))
        options.update(words.options(cursor, known))
        if cursor.at == before:
            cursor.fail("expected a field")
    if not found:
        cursor.fail("dedup needs a field")
    return Dedup(1 if count is None else count, tuple(found), options, sortby, at)


def _parse_bin(cursor: Cursor, _subsearch: Subsearch, at: int) -> Bin:
    """bin = option* name [AS name] option*"""
    options = words.options(cursor, _BIN_OPTIONS)
    name = words.name(cursor)
    if name is None:
        cursor.fail("bin needs a field")
    to: str | None = None
    while not cursor.at_end():
        before = cursor.at
        options.update(words.options(cursor, _BIN_OPTIONS))
        to = words.alias(cursor) or to
        if cursor.at == before:
            cursor.fail("nothing else may follow in bin")
    return Bin(name, to or name, options, at)


def _parse_rex(cursor: Cursor, _subsearch: Subsearch, at: int) -> Rex:
    """rex = (option | '"' pattern '"')*"""
    known = {"field", "max_match", "mode", "offset_field"}
    options: dict[str, str] = {}
    pattern: str | None = None
    while not cursor.at_end():
        if found := words.option(cursor, known):
            options[found[0]] = found[1]
        elif (raw := cursor.quoted()) is not None and pattern is None:
            pattern = raw
        else:
            cursor.fail("rex takes options and one quoted regular expression")
    if pattern is None:
        cursor.fail("rex needs a quoted regular expression")
    return Rex(cook_search(options.pop("field", "_raw")), pattern, options, at)


def _parse_regex(cursor: Cursor, _subsearch: Subsearch, at: int) -> Regex:
    """regex = [field ('=' | '!=')] '"' pattern '"'"""
    raw = cursor.quoted()
    if raw is not None and cursor.at_end():
        return Regex("_raw", raw, negated=False, at=at)
    name = cook_search(raw) if raw is not None else cursor.read(_REGEX_FIELD)
    if name is None:
        cursor.fail("regex needs a field")
    negated = cursor.accept("!=")
    if not negated:
        cursor.expect("=", f"after {name}")
    pattern = cursor.quoted()
    if pattern is None:
        cursor.fail("quotation marks are required around the regular expression")
    return Regex(name, pattern, negated, at)


def _pairs(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """pairs = (name [AS name] [','])*"""
    pairs: list[tuple[str, str]] = []
    while not cursor.at_end() and not cursor.look(_TO_FIELD):
        name = words.name(cursor)
        if name is None:
            cursor.fail("expected a field of the lookup")
        pairs.append((name, words.alias(cursor) or name))
        cursor.accept(",")
    return tuple(pairs)


def _parse_lookup(cursor: Cursor, _subsearch: Subsearch, at: int) -> Lookup:
    """lookup = option* table pairs [(OUTPUT | OUTPUTNEW) pairs]"""
    known = {"local", "update", "event_time_field"}
    words.options(cursor, known)
    table = words.name(cursor)
    words.options(cursor, known)
    if table is None:
        cursor.fail("lookup needs a table")
    match = _pairs(cursor)
    if not match:
        cursor.fail("lookup needs a field to match")
    output = cursor.read(_TO_FIELD)
    if output is None:
        return Lookup(table, match, None, only_new=False, at=at)
    return Lookup(table, match, _pairs(cursor), only_new=output.upper() == "OUTPUTNEW", at=at)


def _parse_inputlookup(cursor: Cursor, subsearch: Subsearch, at: int) -> InputLookup:
    """inputlookup = option* table [where search]"""
    options = words.options(cursor, {"append", "strict", "start", "max"})
    table = words.name(cursor)
    if table is None:
        cursor.fail("inputlookup needs a table")
    options.update(words.options(cursor, {"append", "strict", "start", "max"}))
    where = parse_search(cursor, subsearch) if cursor.read(_WHERE) else None
    return InputLookup(table, where, options, at)


def parse_plain(cursor: Cursor, name: str, at: int) -> Plain:
    """plain = (option | name)*"""
    known = PLAIN_OPTIONS[name]
    options: dict[str, str] = {}
    arguments: list[str] = []
    while not cursor.at_end():
        if found := words.option(cursor, known):
            options[found[0]] = found[1]
        elif (one := words.name(cursor)) is not None:
            arguments.append(one)
        else:
            return Plain(name, options, (*arguments, cursor.rest().strip()), at)
        cursor.accept(",")
    return Plain(name, options, tuple(arguments), at)


def parse_generic(cursor: Cursor, name: str, at: int) -> Generic:
    """generic = everything up to the next bar"""
    return Generic(name, cursor.rest().strip(), at)


def _parse_tstats(cursor: Cursor, subsearch: Subsearch, at: int) -> Command:
    """tstats over a data model as far as it can be run; any other (of macros, of indexes) is generic"""
    start = cursor.at
    try:
        return parse_tstats(cursor, subsearch, at)
    except SplError:
        cursor.at = start
        return parse_generic(cursor, "tstats", at)


PARSERS: Final[dict[str, Parse]] = {
    "search": _parse_search,
    "where": _parse_where,
    "eval": _parse_eval,
    "stats": lambda cursor, _, at: parse_stats(cursor, "stats", at),
    "eventstats": lambda cursor, _, at: parse_stats(cursor, "eventstats", at),
    "streamstats": lambda cursor, _, at: parse_stats(cursor, "streamstats", at),
    "tstats": _parse_tstats,
    "sort": _parse_sort,
    "fields": _parse_fields,
    "table": _parse_table,
    "rename": _parse_rename,
    "head": _parse_head,
    "dedup": _parse_dedup,
    "bin": _parse_bin,
    "bucket": _parse_bin,
    "rex": _parse_rex,
    "regex": _parse_regex,
    "lookup": _parse_lookup,
    "inputlookup": _parse_inputlookup,
}
