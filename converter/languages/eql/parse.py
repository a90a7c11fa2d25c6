"""EQL text to its syntax tree, by Elasticsearch's grammar (EqlBase.g4), written by hand."""

from __future__ import annotations

from converter.diagnostics import Span
from converter.languages.eql.codes import E019
from converter.languages.eql.parser import AND_HINT, Parser
from converter.languages.eql.sequence import compound
from converter.languages.eql.syntax import Event, Query
from converter.languages.eql.tokens import END, QUOTED, WORD, fail, tokenise


def parse(text: str) -> Query:
    """The tree of a query. Raises `QuerySyntaxError` with spans that count from the start of `text`."""
    parser = Parser(tokenise(text))
    if parser.kind == END:
        fail(E019, "the query is empty", Span(0, len(text)), "Write, for example: process where true")
    body = compound(parser) or parser.event()
    pipes = []
    while parser.take("|"):
        pipes.append(parser.pipe())
    if parser.kind != END:
        parser.expected(_after(body), AND_HINT if parser.kind in (WORD, QUOTED) else "")
    return Query(body, tuple(pipes), Span(0, len(text)))


def _after(body: object) -> str:
    return "and, or, or the end of the query" if isinstance(body, Event) else "another [event], until, or the end"
