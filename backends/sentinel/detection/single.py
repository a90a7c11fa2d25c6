"""Single events: each for which a predicate holds is a row."""

from __future__ import annotations

from backends.sentinel.condition.place import Place
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, pins, shown
from backends.sentinel.detection.source import away
from converter.languages.kusto.syntax import Query
from converter.model.predicate import Predicate
from converter.model.walk import fields
from converter.target.contract import Binding


def single(
    where: Predicate, binding: Binding, place: Place, *, bare: bool = False, alone: bool = True
) -> tuple[Query, Shown]:
    """The events and the columns that they show; bare, whole rows. Not `alone`: other rows stand beside them."""
    found = select(where, binding, place)
    columns = shown(
        binding, fields(where), place.names, found.named, pinned=pins(found.query) if alone else frozenset()
    )
    if bare:
        return found.then(*away(found.extra)), columns
    return found.then(columns.project), columns
