"""New-terms rules: combinations of values not seen in the history (rule R05)."""

from __future__ import annotations

from backends.sentinel.codes import T331, T332
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note, warning
from backends.sentinel.condition.place import Place
from backends.sentinel.detection import source
from backends.sentinel.detection.key import keys
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, pins, shown
from converter.diagnostics import Diagnostic
from converter.languages.kusto.syntax import Binary, Call, Item, Query, Star, Summarize
from converter.languages.kusto.write import expression
from converter.model.duration import DAY
from converter.model.walk import fields
from converter.plan.group import NewTermsPlan
from converter.target.contract import Binding

LONGEST = 14 * DAY


def new_terms(
    plan: NewTermsPlan, binding: Binding, window: tuple[int, int], place: Place, *, bare: bool = False
) -> tuple[Query, Shown]:
    """The first event of each combination, if it lies inside the window that starts `window[0]` ms before now."""
    from_ms, to_ms = window
    time = source.time(binding)
    history = [Binary(">=", time, tree.ago(plan.history_ms))]
    if to_ms:
        history.append(Binary("<=", time, tree.ago(to_ms)))
    found = keys(plan.fields, (False,) * len(plan.fields), place)
    chosen = select(plan.where, binding, place, first=history, also=found.guards)
    place.notes.add(
        note(T332, "an analytics rule must look back over the whole history: its queryPeriod is the history")
    )
    new = Binary(">", time, tree.ago(from_ms))
    names = tuple(k.name for k in found.columns)
    operators = [
        *found.operators,
        *(source.away([n for n in chosen.extra if n not in names]) if bare else source.away(chosen.helpers)),
        Summarize((Item(Call("arg_min", (time, Star()))),), found.by),
        *source.where(new),
    ]
    columns = shown(
        binding,
        (*fields(plan.where), *plan.fields),
        place.names,
        {**chosen.named, **found.named},
        names,
        pins(chosen.query),
    )
    return chosen.then(*operators, *(() if bare else (columns.project,))), columns


def too_long(plan: NewTermsPlan) -> Diagnostic:
    """The query itself may look back longer, an analytics rule cannot."""
    return warning(
        T331,
        f"the history of {expression(tree.timespan(plan.history_ms))} is longer than the 14 days that an"
        " analytics rule sees: in one, values last seen before are taken for new",
        hint="run the query outside an analytics rule, or keep the values seen in a summary table or watchlist",
    )
