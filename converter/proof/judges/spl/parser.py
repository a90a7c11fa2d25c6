"""Whole searches: pipelines, subsearches, and the commands that hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, cast

from converter.proof.judges.spl import words
from converter.proof.judges.spl.command_parser import PARSERS, PLAIN_OPTIONS, parse_generic, parse_plain
from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.macros import expand
from converter.proof.judges.spl.search_parser import parse_search
from converter.proof.judges.spl.syntax import Branches, Command, ForEach, Join, MacroCommand, Pipeline, Search

_COMMAND: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?![A-Za-z0-9_.=])")
_SEARCH: Final = re.compile(r"search\b(?!\s*[=<>!])")
_BRANCH_OPTIONS: Final = {"extendtimerange", "maxtime", "maxout", "timeout", "run_in_preview"}
_JOIN_OPTIONS: Final = {"type", "max", "usetime", "earlier", "overwrite"}
_OTHERS: Final = frozenset({"mstats", "from", "metadata", "rest", "loadjob", "datamodel", "savedsearch"})
_OTHERS_SUMMARY: Final = _OTHERS | {"summary", "gentimes", "history", "union", "multisearch"}


def parse(query: str, macros: Mapping[str, str] | None = None) -> Pipeline:
    """The commands of `query`. Macros that `macros` does not know stay in the tree."""
    cursor = Cursor(expand(query, macros or {}))
    if cursor.at_end() and not cursor.peek("|"):
        cursor.fail("an empty search")
    pipeline = _parse_pipeline(cursor, inner=False)
    if cursor.at < len(cursor.text):
        cursor.fail("this bracket was never opened")
    return pipeline


def parse_subsearch(cursor: Cursor) -> Pipeline:
    """subsearch = pipeline, between brackets"""
    return _parse_pipeline(cursor, inner=True)


def _parse_pipeline(cursor: Cursor, *, inner: bool) -> Pipeline:
    """pipeline = [search | first-command] ('|' command)*"""
    start = cursor.at
    commands: list[Command] = []
    cursor.space()
    if not cursor.peek("|") and not cursor.peek("]"):
        if cursor.read(_SEARCH) or not (inner and _starts_with_command(cursor)):
            at = cursor.at
            commands.append(Search(parse_search(cursor, parse_subsearch), at))
        else:
            commands.append(_parse_command(cursor))
    while cursor.accept("|"):
        if cursor.peek("|") or cursor.at_end():
            cursor.fail("expected a command after |")
        commands.append(_parse_command(cursor))
    if not cursor.at_end():
        cursor.fail("unexpected text")
    if not commands:
        cursor.fail("an empty search")
    return Pipeline(tuple(commands), cursor.text[start : cursor.at])


def _starts_with_command(cursor: Cursor) -> bool:
    found = cursor.look(_COMMAND)
    return found is not None and found.group().lower() in PARSERS.keys() | PLAIN_OPTIONS.keys() | _OTHERS_SUMMARY


def _parse_command(cursor: Cursor) -> Command:
    """command = `macro` | name arguments"""
    cursor.space()
    at = cursor.at
    if (macro := cursor.macro()) is not None:
        tail = cursor.rest().strip()
        return MacroCommand(f"{macro} {tail}".strip(), at)
    word = cursor.read(_COMMAND)
    if word is None:
        cursor.fail("expected the name of a command")
    command = _parse_arguments(cursor, word.lower(), at)
    if not cursor.at_end():
        cursor.fail(f"unexpected text in {word}")
    return command


def _parse_arguments(cursor: Cursor, name: str, at: int) -> Command:
    match name:
        case "append" | "appendpipe" | "multisearch" | "union":
            return _parse_branches(cursor, name, at)
        case "join":
            return _parse_join(cursor, at)
        case "foreach":
            return _parse_foreach(cursor, at)
        case _ if name in PARSERS:
            return PARSERS[name](cursor, parse_subsearch, at)
        case _ if name in PLAIN_OPTIONS:
            return parse_plain(cursor, name, at)
        case _:
            return parse_generic(cursor, name, at)


def _parse_bracketed(cursor: Cursor, where: str) -> Pipeline:
    """bracketed = '[' subsearch ']'"""
    cursor.expect("[", where)
    pipeline = parse_subsearch(cursor)
    cursor.expect("]", "after the subsearch")
    return pipeline


def _parse_branches(cursor: Cursor, name: str, at: int) -> Command:
    """branches = option* ('[' subsearch ']' [','])+"""
    words.options(cursor, _BRANCH_OPTIONS)
    if not cursor.peek("["):
        return parse_generic(cursor, name, at)
    pipelines: list[Pipeline] = []
    while not cursor.at_end():
        pipelines.append(_parse_bracketed(cursor, f"in {name}"))
        cursor.accept(",")
        words.options(cursor, _BRANCH_OPTIONS)
    if name == "multisearch" and len(pipelines) < 2:
        cursor.fail("multisearch needs two searches", at)
    if name in {"append", "appendpipe"} and len(pipelines) != 1:
        cursor.fail(f"{name} takes one subsearch", at)
    kind = cast("Literal['append', 'appendpipe', 'multisearch', 'union']", name)
    return Branches(kind, tuple(pipelines), at)


def _parse_join(cursor: Cursor, at: int) -> Command:
    """join = option* names '[' subsearch ']'"""
    options: dict[str, str] = words.options(cursor, _JOIN_OPTIONS)
    if words.option(cursor, {"left", "right"}):
        return parse_generic(cursor, "join", at)
    names = words.names(cursor)
    options.update(words.options(cursor, _JOIN_OPTIONS))
    names = (*names, *words.names(cursor))
    return Join(names, options, _parse_bracketed(cursor, "after the fields of join"), at)


def _parse_foreach(cursor: Cursor, at: int) -> Command:
    """foreach = (option | name)* '[' template ']'"""
    options: dict[str, str] = {}
    names: list[str] = []
    known = {"mode", "fieldstr", "matchstr", "matchseg1", "matchseg2", "matchseg3", "itemstr", "iterstr"}
    while not cursor.at_end() and not cursor.peek("["):
        before = cursor.at
        options.update(words.options(cursor, known))
        names += words.names(cursor)
        if cursor.at == before:
            cursor.fail("expected a field or a bracket in foreach")
    template = cursor.bracketed()
    if template is None:
        cursor.fail("foreach needs a subsearch in brackets")
    return ForEach(tuple(names), options, template, at)
