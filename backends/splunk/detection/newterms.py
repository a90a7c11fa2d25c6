"""New terms: combinations of values whose first event lies in the window (rule R05)."""

from __future__ import annotations

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context, values
from backends.splunk.detection.place import matching
from backends.splunk.detection.table import Filling
from backends.splunk.detection.table import Table as Known
from backends.splunk.detection.threshold import ONCE, computed, free, present
from backends.splunk.detection.window import Times, offset
from converter.deferred import dataclass
from converter.languages.spl.shorthand import binary, call, equal, number
from converter.languages.spl.syntax import (
    Aggregate,
    Eval,
    Fields,
    Lookup,
    Name,
    Outputlookup,
    Pair,
    Pipeline,
    Rename,
    Sign,
    Stage,
    Stats,
    Table,
    Where,
)
from converter.plan.group import NewTermsPlan
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Terms:
    """What a search about new terms is written from."""

    write: Writer
    binding: Binding
    plan: NewTermsPlan
    bare: bool = False

    @property
    def times(self) -> Times:
        """The rule's window in Splunk's words."""
        return Times(self.plan.window)


def by_history(terms: Terms) -> list[Stage]:
    """One search over history and window: a combination is new if its first event is later than the window's start."""
    span = (terms.plan.history_ms, terms.plan.window.to_ms)
    _, first, stages = _grouped(terms, span, "min")
    new = binary(Name(first), Sign.GT, terms.times.ago(terms.plan.window.from_ms))
    return [*stages, Where(new), Eval((("_time", Name(first)),))]


def by_lookup(terms: Terms, table: str) -> list[Stage]:
    """The window only; a combination that the lookup saw in the history is not new."""
    window = (terms.plan.window.from_ms, terms.plan.window.to_ms)
    by, first, stages = _grouped(terms, window, "min")
    known = free("known_time", by)
    seen = binary(Name(known), Sign.GE, terms.times.ago(terms.plan.history_ms))
    return [
        *stages,
        Lookup(table, tuple(Pair(n, n) for n in by), (Pair("last_seen", known),)),
        Where(equal(call("if", seen, number(0), number(1)), number(1))),
        Fields((known,), drop=True),
        Eval((("_time", Name(first)),)),
    ]


def baseline(terms: Terms, name: str) -> Filling:
    """The search that writes the lookup: every combination of the history up to the window's start."""
    history = (terms.plan.history_ms, terms.plan.window.from_ms)
    by, last, stages = _grouped(terms, history, "max", bare=True)
    table = Known(name, (*by, "last_seen"))
    fill = (*stages, Rename((Pair(last, "last_seen"),)), Table(table.columns), Outputlookup(name))
    purpose = f"Needs the lookup {name}, which another search fills just before each run."
    earliest = offset(terms.plan.history_ms + terms.plan.window.lateness_ms)
    return Filling(purpose, table, Pipeline(fill), earliest)


def _grouped(
    terms: Terms, span: tuple[int, int], function: str, *, bare: bool = False
) -> tuple[list[str], str, list[Stage]]:
    """The names of the fields, that of the first (min) or last (max) time, and the stages to a row a combination."""
    write, plan = terms.write, terms.plan
    by = list(dict.fromkeys(write.columns.name(f) for f in plan.fields))
    stages = matching(write, terms.binding, present(plan.where, plan.fields), terms.times.modifiers(*span))
    stages += computed(write, plan.fields, stages)
    moment = free("first_time" if function == "min" else "last_time", by)
    wanted = [Aggregate(function, terms.times.field, moment)]
    if not (bare or terms.bare):
        wanted += values(context(terms.binding, [plan.where]), [*by, moment])
    return by, moment, [*stages, Stats("stats", tuple(wanted), tuple(by), ONCE)]
