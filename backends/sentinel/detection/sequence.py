"""EQL sequences: each step's events as one stream, matched by the row before or by a scan."""

from __future__ import annotations

from backends.sentinel.codes import T352
from backends.sentinel.condition.finding import error
from backends.sentinel.condition.place import Place
from backends.sentinel.detection import source
from backends.sentinel.detection.branch import streams
from backends.sentinel.detection.previous import fits, previous
from backends.sentinel.detection.scan import scanned
from backends.sentinel.detection.shown import Shown
from backends.sentinel.detection.words import Words
from converter.languages.kusto.syntax import Let, Query
from converter.model.rule import Sequence
from converter.plan.sequence import plan_sequence
from converter.target.contract import Binding


def sequence(
    detection: Sequence, bindings: tuple[Binding, ...], place: Place, *, bare: bool = False
) -> tuple[Query, Shown, tuple[Let, ...]] | None:
    """The last event of every complete sequence, with the times of the events before it."""
    plan = plan_sequence(detection, bindings)
    if plan.ragged:
        place.notes.add(error(T352, "the steps join by different numbers of fields: some key has no counterpart"))
        return None
    words = Words(place.names, source.time(bindings[0]))
    rows = fits(plan)
    found = streams(plan.branches, place, words, single=not rows)
    query, columns = previous(plan, found, words, bare=bare) if rows else scanned(plan, found, words, bare=bare)
    return query, columns, found.lets
