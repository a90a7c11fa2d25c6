"""Which fields a piece of SPL reads, and which a stage makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from converter.languages.spl.syntax import (
    Among,
    Append,
    Binary,
    Call,
    Condition,
    Dedup,
    Eval,
    Every,
    Excluding,
    Expression,
    Fields,
    Inputlookup,
    Logic,
    Lookup,
    Macro,
    Multisearch,
    Mvexpand,
    Name,
    Negation,
    Negative,
    Number,
    OneOf,
    Outputlookup,
    Parameter,
    Rename,
    Rex,
    Search,
    Some,
    Sort,
    Stage,
    Stats,
    Subsearch,
    Table,
    Term,
    Test,
    Text,
    Tstats,
    Where,
)


def named(value: Expression) -> Iterator[str]:
    """The fields in an expression, in order, as often as they stand there."""
    match value:
        case Name(text):
            yield text
        case Text() | Number() | Parameter():
            return
        case Macro(_, arguments) | Call(_, arguments):
            for argument in arguments:
                yield from named(argument)
        case Binary(_, left, right):
            yield from named(left)
            yield from named(right)
        case Negative(term) | Negation(term):
            yield from named(term)
        case Among(term, items):
            yield from named(term)
            for item in items:
                yield from named(item)
        case Logic(_, parts):
            for part in parts:
                yield from named(part)
        case _:
            assert_never(value)


def functions(value: Expression) -> Iterator[str]:
    """The functions that an expression calls."""
    match value:
        case Call(name, arguments):
            yield name
            for argument in arguments:
                yield from functions(argument)
        case Macro(_, arguments):
            for argument in arguments:
                yield from functions(argument)
        case Binary(_, left, right):
            yield from functions(left)
            yield from functions(right)
        case Negative(term) | Negation(term):
            yield from functions(term)
        case Among(term, items):
            for one in (term, *items):
                yield from functions(one)
        case Logic(_, parts):
            for part in parts:
                yield from functions(part)
        case Name() | Text() | Number() | Parameter():
            return
        case _:
            assert_never(value)


def tested(value: Condition) -> Iterator[str]:
    """The fields in terms of `search`."""
    match value:
        case Test(field) | OneOf(field):
            yield field
        case Every(parts) | Some(parts):
            for part in parts:
                yield from tested(part)
        case Excluding(part):
            yield from tested(part)
        case Macro() | Term() | Subsearch():
            return
        case _:
            assert_never(value)


def reads(stage: Stage) -> Iterator[str]:
    """The fields that a stage looks at, as far as it names them itself (a macro does not)."""
    match stage:
        case Search(condition):
            yield from tested(condition)
        case Where(expression):
            yield from named(expression)
        case Eval(columns):
            for _, value in columns:
                yield from named(value)
        case Stats():
            yield from (a.field for a in stage.aggregates if a.field is not None)
            yield from stage.by
        case Tstats(_, aggregates, where, by):
            yield from (a.field for a in aggregates if a.field is not None)
            yield from () if where is None else tested(where)
            yield from by
        case Sort(keys):
            yield from (k.field for k in keys)
        case Mvexpand(field):
            yield field
        case Lookup():
            yield from (p.target for p in stage.keys)
        case Fields(names, drop):
            yield from () if drop else names
        case Table(names) | Dedup(names):
            yield from names
        case Rename(pairs):
            yield from (p.source for p in pairs)
        case Rex(_, options):
            yield from (value for name, value in options if name == "field")
        case Inputlookup() | Outputlookup() | Multisearch() | Append() | Macro():
            return
        case _:
            assert_never(stage)


def makes(stage: Stage) -> Iterator[str]:
    """The fields that a stage adds or overwrites."""
    match stage:
        case Eval(columns):
            yield from (name for name, _ in columns)
        case Stats() | Tstats():
            yield from (a.alias for a in stage.aggregates if a.alias is not None)
        case Lookup():
            yield from (p.target for p in stage.outputs)
        case Rename(pairs):
            yield from (p.target for p in pairs)
        case _:
            return


def returned(stages: Sequence[Stage]) -> tuple[str, ...] | None:
    """The fields of the rows that a search gives, in order; None if they are all those of its events."""
    found: dict[str, None] | None = None
    for stage in stages:
        match stage:
            case Table(names):
                found = dict.fromkeys(names)
            case Stats("stats", aggregates, by) | Tstats(_, aggregates, _, by):
                found = dict.fromkeys((*by, *(a.alias for a in aggregates if a.alias is not None)))
            case Fields(names, drop=True) if found is not None:
                found = {name: None for name in found if name not in names}
            case Fields(names, drop=False):
                found = dict.fromkeys(names)
            case Rename(pairs) if found is not None:
                renamed = {pair.source: pair.target for pair in pairs}
                found = {renamed.get(name, name): None for name in found}
            case Eval() | Lookup() if found is not None:
                found |= dict.fromkeys(makes(stage))
            case _:
                continue
    return None if found is None else tuple(found)
