"""ES|QL's commands: each function is one rule of the grammar, entered at the command's own word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from converter.languages.esql.codes import Q001, Q010, Q012
from converter.languages.esql.expression import Parser
from converter.languages.esql.query import (
    Aggregate,
    Assignment,
    ChangePoint,
    Command,
    Completion,
    Dissect,
    Drop,
    Enrich,
    Enriched,
    Eval,
    From,
    Grok,
    Keep,
    Limit,
    LookupJoin,
    MvExpand,
    NamePattern,
    Order,
    Rename,
    Renaming,
    Row,
    Sort,
    Source,
    Stats,
    Unread,
    Where,
)
from converter.languages.esql.syntax import Expression, Name, Number
from converter.languages.esql.tokens import BAD, END, QUOTED, RAW, STRING, WORD, fail, quoted_name

_UNREAD_SOURCES: Final = ("show", "ts", "metrics", "explain", "promql", "set")
_UNREAD: Final = (
    *("fork", "fuse", "rerank", "sample", "insist", "uri_parts", "user_agent", "registered_domain", "mmr"),
    *("ts_info", "metrics_info", "highlight", "fillnull", "unpivot", "dedup", "collect"),
)
"""Commands of newer versions or of other uses, known by name."""


def source(parser: Parser) -> Source | Unread:
    """source: "from" ... | "row" ... | another source command"""
    word = parser.text.lower() if parser.kind == WORD else ""
    if word == "from":
        return _from(parser)
    if word == "row":
        return _row(parser)
    if word not in _UNREAD_SOURCES:
        parser.expected("from at the start", "A query begins with its data: from logs-* | where ...")
    return _unread(parser)


def command(parser: Parser) -> Command:
    """command: any command but a source"""
    word = parser.text.lower()
    if parser.kind != WORD:
        parser.expected("a command after |")
    reader = _COMMANDS.get(word)
    if reader is not None:
        return reader(parser)
    if word not in _UNREAD:
        close = get_close_matches(word, [*_COMMANDS, *_UNREAD], 1)
        hint = f"Did you mean {close[0]}?" if close else "Commands are where, eval, stats, keep, sort, limit and more."
        fail(Q012, f"{parser.text} is no command", parser.here, hint)
    return _unread(parser)


def _unread(parser: Parser) -> Unread:
    """A command up to the | that ends it; what stands in parentheses belongs to it."""
    start, name = parser.start, parser.text.lower()
    parser.advance()
    texts: list[str] = []
    depth = 0
    while parser.kind not in (END, BAD) and (depth or parser.key != "|"):
        depth += (parser.key == "(") - (parser.key == ")")
        texts.append(parser.text)
        parser.advance()
    if parser.kind == BAD:
        parser.expected("the rest of the command")
    return Unread(name, tuple(texts), parser.span(start))


# ---- sources ----


def _from(parser: Parser) -> From:
    """from: "from" source ("," source)* [["["] "metadata" name ("," name)* ["]"]]"""
    start = parser.start
    parser.advance()
    sources = [_source_name(parser)]
    while parser.take(","):
        sources.append(_source_name(parser))
    metadata: list[str] = []
    bracket = parser.take("[")
    if parser.kind == WORD and parser.text.lower() == "metadata":
        parser.advance()
        metadata.append(_source_name(parser))
        while parser.take(","):
            metadata.append(_source_name(parser))
    if bracket:
        parser.expect("]", "] after metadata")
    return From(tuple(sources), tuple(metadata), parser.span(start))


def _source_name(parser: Parser) -> str:
    if parser.key == "(":
        fail(Q010, "a subquery in from cannot be read", parser.here, "Write one query for each.")
    if parser.kind in (STRING, RAW):
        return parser.string("a source").value
    if parser.kind not in (WORD, QUOTED):
        parser.expected("the name of a source", "For example: from logs-*, -logs-old*")
    name = quoted_name(parser.text) if parser.kind == QUOTED else parser.text
    parser.advance()
    return name


def _row(parser: Parser) -> Row:
    """row: "row" assignment ("," assignment)*"""
    start = parser.start
    parser.advance()
    return Row(_assignments(parser), parser.span(start))


# ---- columns ----


def _assignment(parser: Parser) -> Assignment:
    """assignment: [name "="] expression"""
    start = parser.start
    node = parser.expression()
    if parser.key == "=" and isinstance(node, Name):
        parser.advance()
        return Assignment(node.path, parser.expression(), parser.span(start))
    span = parser.span(start)
    name = node.path if isinstance(node, Name) else parser.tokens.text[span.start : span.end]
    return Assignment(name, node, span)


def _assignments(parser: Parser) -> tuple[Assignment, ...]:
    found = [_assignment(parser)]
    while parser.take(","):
        found.append(_assignment(parser))
    return tuple(found)


def _where(parser: Parser) -> Where:
    """where: "where" expression"""
    start = parser.start
    parser.advance()
    return Where(parser.expression(), parser.span(start))


def _eval(parser: Parser) -> Eval:
    """eval: "eval" assignment ("," assignment)*"""
    start = parser.start
    parser.advance()
    return Eval(_assignments(parser), parser.span(start))


def _stats(parser: Parser, *, inline: bool = False, start: int = -1) -> Stats:
    """stats: "stats" [aggregate ("," aggregate)*] ["by" assignment ("," assignment)*]"""
    start = parser.start if start < 0 else start
    parser.advance()
    aggregates: list[Aggregate] = []
    if parser.key != "by":
        aggregates.append(_aggregate(parser))
        while parser.take(","):
            aggregates.append(_aggregate(parser))
    by = _assignments(parser) if parser.take("by") else ()
    return Stats(tuple(aggregates), by, inline, parser.span(start))


def _aggregate(parser: Parser) -> Aggregate:
    """aggregate: assignment ["where" expression]"""
    start = parser.start
    column = _assignment(parser)
    where = parser.expression() if parser.take("where") else None
    return Aggregate(column, where, parser.span(start))


def _inline(parser: Parser) -> Stats:
    """inline: "inline" stats"""
    start = parser.start
    if parser.text.lower() == "inline":
        parser.advance()
        if parser.text.lower() != "stats":
            parser.expected("stats after inline")
    return _stats(parser, inline=True, start=start)


def _keep(parser: Parser) -> Keep:
    """keep: "keep" pattern ("," pattern)*"""
    start = parser.start
    parser.advance()
    return Keep(_patterns(parser), parser.span(start))


def _drop(parser: Parser) -> Drop:
    """drop: "drop" pattern ("," pattern)*"""
    start = parser.start
    parser.advance()
    return Drop(_patterns(parser), parser.span(start))


def _patterns(parser: Parser) -> tuple[NamePattern, ...]:
    found = [_name_pattern(parser)]
    while parser.take(","):
        found.append(_name_pattern(parser))
    return tuple(found)


def _name_pattern(parser: Parser) -> NamePattern:
    """pattern: part ("." part)*; a star outside backquotes is any run"""
    start = parser.start
    parts = [""]
    while True:
        if parser.kind == QUOTED:
            parts[-1] += quoted_name(parser.text)
        elif parser.kind == WORD:
            first, *more = parser.text.split("*")
            parts[-1] += first
            parts.extend(more)
        else:
            parser.expected("a column", "Columns are separated by commas; * stands for any run.")
        parser.advance()
        if not parser.take("."):
            return NamePattern(tuple(parts), parser.span(start))
        parts[-1] += "."


def _rename(parser: Parser) -> Rename:
    """rename: "rename" (old "as" new | new "=" old) ("," ...)*"""
    start = parser.start
    parser.advance()
    found = []
    while True:
        first = parser.name("a column")
        if parser.take("="):
            found.append(Renaming(parser.name("the column to rename"), first))
        else:
            parser.expect("as", "as and the new name")
            found.append(Renaming(first, parser.name("the new name")))
        if not parser.take(","):
            return Rename(tuple(found), parser.span(start))


# ---- rows ----


def _sort(parser: Parser) -> Sort:
    """sort: "sort" expression ["asc" | "desc"] ["nulls" ("first" | "last")] ("," ...)*"""
    start = parser.start
    parser.advance()
    orders = []
    while True:
        expression = parser.expression()
        descending = parser.take("desc") or (parser.take("asc") and False)
        nulls_first: bool | None = None
        if parser.take("nulls"):
            nulls_first = parser.take("first")
            if not nulls_first:
                parser.expect("last", "first or last after nulls")
        orders.append(Order(expression, descending, nulls_first))
        if not parser.take(","):
            return Sort(tuple(orders), parser.span(start))


def _limit(parser: Parser) -> Limit:
    """limit: "limit" count ["by" expression ("," expression)*]"""
    start = parser.start
    parser.advance()
    number = parser.sum()
    if not isinstance(number, Number) or not isinstance(number.value, int) or number.value < 0:
        fail(Q001, "limit needs a whole number, not below 0", number.span)
    by: list[Expression] = []
    if parser.take("by"):
        by.append(parser.expression())
        while parser.take(","):
            by.append(parser.expression())
    return Limit(number.value, tuple(by), parser.span(start))


def _grok(parser: Parser) -> Grok:
    """grok: "grok" primary string ("," string)*"""
    start = parser.start
    parser.advance()
    expression = parser.primary()
    patterns = [parser.string("a pattern in quotes")]
    while parser.take(","):
        patterns.append(parser.string("a pattern in quotes"))
    return Grok(expression, tuple(patterns), parser.span(start))


def _dissect(parser: Parser) -> Dissect:
    """dissect: "dissect" primary string ["append_separator" "=" string]"""
    start = parser.start
    parser.advance()
    expression = parser.primary()
    pattern = parser.string("a pattern in quotes")
    separator = ""
    if parser.kind == WORD:
        if parser.text.lower() != "append_separator":
            fail(Q001, f"dissect has no option {parser.text}", parser.here, "It has append_separator.")
        parser.advance()
        parser.expect("=", "= after append_separator")
        separator = parser.string("the separator in quotes").value
    return Dissect(expression, pattern, separator, parser.span(start))


def _mv_expand(parser: Parser) -> MvExpand:
    """mv_expand: "mv_expand" name"""
    start = parser.start
    parser.advance()
    return MvExpand(parser.name("a column"), parser.span(start))


# ---- other data, other services ----


def _enrich(parser: Parser) -> Enrich:
    """enrich: "enrich" policy ["on" pattern] ["with" [pattern "="] pattern ("," ...)*]"""
    start = parser.start
    parser.advance()
    policy = _source_name(parser)
    on = _name_pattern(parser) if parser.take("on") else None
    columns: list[Enriched] = []
    if parser.take("with"):
        while True:
            first = _name_pattern(parser)
            columns.append(Enriched(first, _name_pattern(parser)) if parser.take("=") else Enriched(None, first))
            if not parser.take(","):
                break
    return Enrich(policy, on, tuple(columns), parser.span(start))


def _lookup(parser: Parser) -> LookupJoin:
    """lookup: "lookup" "join" index "on" expression ("," expression)*"""
    start = parser.start
    parser.advance()
    if parser.text.lower() != "join":
        parser.expected("join after lookup")
    parser.advance()
    index = _source_name(parser)
    parser.expect("on", "on and the columns to join by")
    on = [parser.expression()]
    while parser.take(","):
        on.append(parser.expression())
    return LookupJoin(index, tuple(on), parser.span(start))


def _completion(parser: Parser) -> Completion:
    """completion: "completion" [name "="] primary ["with" options]"""
    start = parser.start
    parser.advance()
    prompt = parser.primary()
    target = None
    if parser.key == "=" and isinstance(prompt, Name):
        parser.advance()
        target, prompt = prompt, parser.primary()
    options = parser.options() if parser.take("with") else None
    return Completion(target, prompt, options, parser.span(start))


def _change_point(parser: Parser) -> ChangePoint:
    """change_point: "change_point" name ["on" name] ["as" name "," name]"""
    start = parser.start
    parser.advance()
    value = parser.name("a column")
    key = parser.name("a column after on") if parser.take("on") else None
    names = None
    if parser.take("as"):
        first = parser.name("the name of the type's column")
        parser.expect(",", "a comma and a second name")
        names = (first, parser.name("the name of the p-value's column"))
    return ChangePoint(value, key, names, parser.span(start))


_COMMANDS: Final[Mapping[str, Callable[[Parser], Command]]] = {
    "where": _where,
    "eval": _eval,
    "stats": _stats,
    "inline": _inline,
    "inlinestats": _inline,
    "keep": _keep,
    "drop": _drop,
    "rename": _rename,
    "sort": _sort,
    "limit": _limit,
    "grok": _grok,
    "dissect": _dissect,
    "mv_expand": _mv_expand,
    "enrich": _enrich,
    "lookup": _lookup,
    "completion": _completion,
    "change_point": _change_point,
}
