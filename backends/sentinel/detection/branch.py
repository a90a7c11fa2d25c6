"""The events of each step of a sequence, with their stage and key, as one stream of rows."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition.place import Place
from backends.sentinel.detection import source
from backends.sentinel.detection.key import Key, Keys, joined, keys
from backends.sentinel.detection.selection import known, select
from backends.sentinel.detection.shown import Shown, pins, shown
from backends.sentinel.detection.words import Words
from converter.deferred import dataclass, replace
from converter.languages.kusto.syntax import (
    Array,
    Dynamic,
    Expansion,
    Extend,
    Item,
    Let,
    MvExpand,
    Name,
    Number,
    Operator,
    Query,
    Table,
)
from converter.model.predicate import And, Predicate
from converter.model.walk import fields
from converter.plan.branch import Branch, same_place

_MOST = 8
"""Columns that an earlier step shows."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One branch as a query whose rows hold their key, and (unless `staged` is not called) their stage."""

    branch: Branch
    query: Query
    columns: Shown
    keys: tuple[Key, ...]
    extra: tuple[str, ...]

    @property
    def context(self) -> tuple[str, ...]:
        """The columns of its own that an earlier step is known by."""
        own = (i.expression.name for i in self.columns.items[1:] if isinstance(i.expression, Name))
        return tuple(name for name in own if name not in self.extra)[:_MOST]


@dataclass(frozen=True, slots=True)
class Streams:
    """All branches. `by` are the columns that hold the key in every branch, () = no key; `filters` are for all rows."""

    each: tuple[Stream, ...]
    by: tuple[Name, ...]
    lets: tuple[Let, ...] = ()
    filters: tuple[Operator, ...] = ()


def streams(branches: Sequence[Branch], place: Place, words: Words, *, single: bool) -> Streams:
    """The branches; `single`: the key must be one column of text."""
    common = _common(branches)
    lets: tuple[Let, ...] = ()
    shared: Query | None = None
    if common:
        first = branches[0]
        shared = select(And(common), first.binding, place).query
        lets = (Let(words["Events"], shared),)
        rest = tuple(replace(b, where=_without(b.where, common)) for b in branches)
    else:
        rest = tuple(branches)
    asked = dict.fromkeys(known(b.binding, place) for b in rest)
    once = shared is None and len(asked) == 1 and len(rest) > 1
    made = [_stream(b, place, Query(Table(words["Events"])) if shared else None, looked_up=not once) for b in rest]
    by = _plain(made, single=single)
    if by is None:
        by = (words.key,)
        made = [_keyed(s, words) for s in made]
    return Streams(tuple(made), by, lets, source.where(*next(iter(asked))) if once else ())


def _common(branches: Sequence[Branch]) -> tuple[Predicate, ...]:
    """The conditions that all branches of one place state."""
    first, *rest = branches
    if not rest or not all(same_place(first.binding, b.binding) for b in rest):
        return ()
    held = [set(_terms(b.where)) for b in rest]
    return tuple(t for t in _terms(first.where) if all(t in h for h in held))


def _terms(where: Predicate) -> tuple[Predicate, ...]:
    return where.terms if isinstance(where, And) else (where,)


def _without(where: Predicate, common: Sequence[Predicate]) -> Predicate:
    return And(tuple(t for t in _terms(where) if t not in common))


def _stream(branch: Branch, place: Place, rows: Query | None, *, looked_up: bool) -> Stream:
    found = keys(tuple(k.field for k in branch.by), tuple(k.optional for k in branch.by), place)
    chosen = select(branch.where, branch.binding, place, also=found.guards, rows=rows, asked=None if looked_up else ())
    known = {**chosen.named, **found.named}
    columns = shown(branch.binding, fields(branch.where), place.names, known, _own(found), pins(chosen.query))
    return Stream(branch, chosen.then(*found.operators), columns, found.columns, chosen.extra)


def _own(found: Keys) -> tuple[str, ...]:
    return tuple(k.name for k in found.columns if not k.computed)


def _plain(made: Sequence[Stream], *, single: bool) -> tuple[Name, ...] | None:
    """The key's columns, if they are the same stored ones in all branches; None if a column must be made."""
    names = {tuple(k.name for k in s.keys) for s in made}
    marked = any(k.optional for s in made for k in s.branch.by)
    computed = any(k.computed for s in made for k in s.keys)
    if len(names) > 1 or marked or computed:
        return None if any(s.keys for s in made) else ()
    (found,) = names
    several = len(found) > 1 or any(k.type != "string" for s in made for k in s.keys)
    return None if single and found and several else tuple(map(Name, found))


def _keyed(stream: Stream, words: Words) -> Stream:
    """The stream with its key as one text."""
    made = Extend((Item(joined(stream.keys), words.key.name),))
    computed = tuple(k.name for k in stream.keys if k.computed)
    return replace(stream, query=_then(stream.query, made), extra=tuple(dict.fromkeys((*stream.extra, *computed))))


def staged(stream: Stream, words: Words, *operators: Operator, bare: bool) -> Query:
    """The stream with the number of its stage, one row for each if it has several; bare, as its table has it."""
    stages = stream.branch.stages
    if len(stages) == 1:
        marked: Operator = Extend((Item(Number(stages[0]), words.stage.name),))
    else:
        listed = Dynamic(Array(tuple(Number(s) for s in stages)))
        marked = MvExpand((Expansion(listed, words.stage.name, "long"),))
    return _then(stream.query, *operators, marked, *(source.away(stream.extra) if bare else ()))


def _then(query: Query, *operators: Operator) -> Query:
    return Query(query.source, (*query.operators, *operators))
