"""The columns that a search ends in: when, who, what, and what the rule's conditions looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.splunk.condition.literal import RESERVED
from converter.languages.spl.quoting import is_field
from converter.languages.spl.syntax import Aggregate, Stage, Table
from converter.model.predicate import And, OneOf, Predicate
from converter.model.value import Column, Field
from converter.model.walk import fields
from converter.target.contract import Binding

MOST = 16
"""Columns: more are no table that anybody reads."""
MOST_VALUES = 6
"""Lists of values beside a count."""


def context(binding: Binding, wheres: Sequence[Predicate]) -> list[str]:
    """The columns of a place that an analyst looks at: those the table shows, the rule's own, those to investigate.

    A column that has to hold one constant says nothing. One that a lookup adds is there if a condition asks for it.
    """
    pinned = {t.field for where in wheres for t in _conjuncts(where) if isinstance(t, OneOf) and len(t.values) == 1}
    named = [_stored(f) for where in wheres for f in fields(where) if f not in pinned]
    added = {name for table in binding.beside for name, _ in table.adds}
    investigated = [n for f in binding.fields.values() if (n := _stored(f)) not in added]
    found = [*binding.show, *(n for n in named if n is not None), *(n for n in investigated if n is not None)]
    return [n for n in dict.fromkeys(found) if is_field(n) and n not in RESERVED and n != "_time"]


def _conjuncts(where: Predicate) -> tuple[Predicate, ...]:
    return where.terms if isinstance(where, And) else (where,)


def _stored(field: Field) -> str | None:
    """The column that a field is; a computed one is not shown, but for what the search has computed anyway."""
    match field.way:
        case Column(text):
            return text
        case None:
            return None if field.path == "@timestamp" else field.path
        case _:
            return None


def table(names: Iterable[str]) -> Stage:
    """The closing table."""
    return Table(tuple(dict.fromkeys(["_time", *names]))[:MOST])


def values(names: Sequence[str], taken: Iterable[str]) -> list[Aggregate]:
    """The values of columns beside a count, each under its own name."""
    done = set(taken)
    return [Aggregate("values", n, n) for n in names if n not in done][:MOST_VALUES]
