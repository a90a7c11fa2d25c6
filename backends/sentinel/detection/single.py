"""Single events: each for which a predicate holds is a row."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition.place import Place
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, shown
from backends.sentinel.detection.source import away
from converter.languages.kusto.syntax import Expression, Query
from converter.model.predicate import Predicate
from converter.model.walk import fields
from converter.target.contract import Binding


def single(
    where: Predicate, binding: Binding, place: Place, *, first: Sequence[Expression] = (), bare: bool = False
) -> tuple[Query, Shown]:
    """The events and the columns that they show; bare, whole rows."""
    found = select(where, binding, place, first=first)
    columns = shown(binding, fields(where), place.names, found.named)
    if bare:
        return found.then(*away(found.extra)), columns
    return found.then(columns.project), columns
