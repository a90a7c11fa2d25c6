"""New-terms rules: combinations of values not seen in the history (rule R05)."""

from __future__ import annotations

from backends.sentinel.condition import literal
from backends.sentinel.condition.finding import note, warning
from backends.sentinel.condition.layout import Leaf
from backends.sentinel.condition.scope import Names
from backends.sentinel.detection import query
from backends.sentinel.detection.key import keys
from converter.diagnostics import Diagnostic
from converter.model.rule import NewTerms
from converter.target.contract import Binding, Notebook

DAY = 86_400_000
LONGEST = 14 * DAY


def new_terms(detection: NewTerms, binding: Binding, window: tuple[int, int], notes: Notebook) -> list[str]:
    """The first event of each combination, if it lies inside the window that starts `window[0]` ms before now."""
    from_ms, to_ms = window
    names = Names(binding.columns)
    time = query.time(binding)
    history = [Leaf(f"{time} >= ago({literal.span(detection.history_ms)})")]
    if to_ms:
        history.append(Leaf(f"{time} <= ago({literal.span(to_ms)})"))
    found = keys(detection.fields, (False,) * len(detection.fields), names, notes)
    operators, hits = query.filtered(detection.where, names, notes, first=history, also=found.guards)
    notes.add(note("T332", "an analytics rule must look back over the whole history: its queryPeriod is the history"))
    return [
        query.table(binding),
        *operators,
        *found.operators,
        *query.project_away(hits),
        f"| summarize arg_min({time}, *) by {found.by}",
        f"| where {time} > ago({literal.span(from_ms)})",
    ]


def too_long(detection: NewTerms) -> Diagnostic:
    """The query itself may look back longer, an analytics rule cannot."""
    return warning(
        "T331",
        f"the history of {literal.span(detection.history_ms)} is longer than the 14 days that an analytics rule sees:"
        " in one, values last seen before are taken for new",
        hint="run the query outside an analytics rule, or keep the values seen in a summary table or watchlist",
    )
