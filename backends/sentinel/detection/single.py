"""Single events: each for which a predicate holds is a row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from backends.sentinel.condition import tree
from backends.sentinel.condition.place import Place
from backends.sentinel.detection import source
from backends.sentinel.detection.selection import known, select
from backends.sentinel.detection.shown import Shown, pins, shown, together
from backends.sentinel.detection.source import away
from converter.languages.kusto.syntax import Expression, Query
from converter.model.predicate import Predicate
from converter.model.walk import fields
from converter.target.contract import Binding


def single(where: Predicate, binding: Binding, place: Place, *, bare: bool = False) -> tuple[Query, Shown]:
    """The events and the columns that they show; bare, whole rows."""
    return _rows(where, binding, place, known(binding, place), bare=bare, alone=True)


def several(arms: Iterable[tuple[Predicate, Binding]], place: Place, *, bare: bool = False) -> tuple[Query, Shown]:
    """The events of several places as one. Arms that differ in their look-ups only, and are of one table, are one.

    Several tables show together what each of them shows, but for columns that mean different things in two of them.
    """
    asked: dict[tuple[Predicate, Hashable], list[Expression]] = {}
    bindings: dict[Hashable, Binding] = {}
    for where, binding in arms:
        same = (where, _same(binding))
        bindings.setdefault(same, binding)
        asked.setdefault(same, []).append(tree.all_of(known(binding, place)))
    made = [
        _rows(where, bindings[where, same], place, (tree.any_of(lookups),), bare=bare, alone=len(asked) == 1)
        for (where, same), lookups in asked.items()
    ]
    kinds = [bindings[where, same].columns for where, same in asked]
    shows = [columns.stored if bare else columns for _, columns in made]
    columns = made[0][1] if len(made) == 1 else together(list(zip(shows, kinds, strict=True)))
    return source.union([query for query, _ in made]), columns


def _same(binding: Binding) -> Hashable:
    """What tells the rows and columns of a binding from those of another, but for its look-ups."""
    return (tuple(binding.header.items()), tuple(binding.show), tuple(binding.fields.items()))


def _rows(
    where: Predicate, binding: Binding, place: Place, asked: Sequence[Expression], *, bare: bool, alone: bool
) -> tuple[Query, Shown]:
    """Not `alone`: other rows stand beside these, of which a column of one value tells them."""
    found = select(where, binding, place, asked=asked)
    columns = shown(
        binding, fields(where), place.names, found.named, pinned=pins(found.query) if alone else frozenset()
    )
    # Rows that would keep their time alone tell nobody what happened: they stay whole.
    if bare or len(columns.items) == 1:
        return found.then(*away(found.extra)), columns
    return found.then(columns.project), columns
