"""Threshold rules: groups of events that are many enough (rules R02 to R04)."""

from __future__ import annotations

from backends.sentinel.condition import scope
from backends.sentinel.condition.column import Operand, column, inner_value
from backends.sentinel.condition.finding import note
from backends.sentinel.condition.layout import Expr, Leaf, chain, flat
from backends.sentinel.condition.leaf import present
from backends.sentinel.condition.scope import Names
from backends.sentinel.detection import query
from backends.sentinel.detection.key import keys
from converter.model.rule import Distinct, Threshold
from converter.target.contract import Binding, Notebook

_PREVIEW = note("T321", "the exact distinct count is Kusto's count_distinctif, at most 100 million values, in preview")


def threshold(detection: Threshold, binding: Binding, notes: Notebook) -> list[str]:
    """One row a group that is large enough."""
    names = Names(binding.columns)
    group = keys(detection.group_by, (False,) * len(detection.group_by), names, notes)
    operators, _ = query.filtered(detection.where, names, notes, also=group.guards)
    count = names.fresh("EventCount")
    counts, limits = [f"{count} = count()"], [Leaf(f"{count} >= {detection.at_least}")]
    steps: list[str] = []
    if detection.distinct is not None:
        steps, counts, limit = _distinct(detection.distinct, count, names, notes)
        limits.append(limit)
    time = query.time(binding)
    counts += [f"{names.fresh('FirstEvent')} = min({time})", f"{names.fresh('LastEvent')} = max({time})"]
    by = f"\n    by {group.by}" if group.columns else ""
    summary = "| summarize\n    " + ",\n    ".join(counts) + by
    kept: list[Expr] = list(limits)
    return [query.table(binding), *operators, *group.operators, *steps, summary, *query.where(chain("and", kept))]


def _distinct(distinct: Distinct, count: str, names: Names, notes: Notebook) -> tuple[list[str], list[str], Leaf]:
    """The operators, counts and limit of a distinct count; an event with several values still counts once."""
    notes.add(_PREVIEW)
    found = column(distinct.field)
    total = names.fresh("DistinctCount")
    limit = Leaf(f"{total} >= {distinct.at_least}")
    if not found.many:
        value = found.value()
        text = value.as_text() if value.type == "dynamic" else value.text
        known = flat(present(Operand(text, "string") if value.type == "dynamic" else value, notes))
        return [], [f"{count} = count()", f"{total} = count_distinctif({text}, {known})"], limit
    element, index = names.fresh("Element"), names.fresh("ElementIndex")
    text = Operand(inner_value(element, found.inner), "dynamic").as_text()
    head = scope.walk(f"| mv-expand with_itemindex={index}", element, found.array)
    counts = [f"{count} = countif({index} == 0)", f"{total} = count_distinctif({text}, isnotempty({text}))"]
    return [head], counts, limit
