"""ES|QL text to its syntax tree, by Elasticsearch's grammar (EsqlBaseParser.g4), written by hand."""

from __future__ import annotations

from converter.diagnostics import Span
from converter.languages.esql.codes import Q001
from converter.languages.esql.command import command, source
from converter.languages.esql.expression import Parser
from converter.languages.esql.query import Command, Query
from converter.languages.esql.tokens import END, fail, tokenise


def parse(text: str) -> Query:
    """The tree of a query. Raises `QuerySyntaxError` with spans that count from the start of `text`."""
    parser = Parser(tokenise(text))
    if parser.kind == END:
        fail(Q001, "the query is empty", Span(0, len(text)), "Write, for example: from logs-* | where a == 1")
    commands: list[Command] = [source(parser)]
    while parser.take("|"):
        commands.append(command(parser))
    if parser.kind != END:
        parser.expected("| or the end of the query", "Commands are separated by |, conditions by and or or.")
    return Query(tuple(commands), Span(0, len(text)))
