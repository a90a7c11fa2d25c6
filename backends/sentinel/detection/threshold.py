"""Threshold rules: groups of events that are many enough (rules R02 to R04)."""

from __future__ import annotations

from backends.sentinel.codes import T321
from backends.sentinel.condition import leaf, tree
from backends.sentinel.condition.column import Operand, column, inner_value
from backends.sentinel.condition.finding import note
from backends.sentinel.condition.place import Place, stem
from backends.sentinel.condition.test import expansion
from backends.sentinel.detection import source
from backends.sentinel.detection.key import Keys, keys
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, name_of, pins, shown
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Binary,
    Expression,
    Extend,
    Item,
    MvExpand,
    Name,
    Number,
    Operator,
    Query,
    Summarize,
)
from converter.model.rule import Distinct
from converter.model.walk import fields
from converter.plan.group import GroupPlan
from converter.target.contract import Binding

_PREVIEW = note(T321, "the exact distinct count is Kusto's count_distinctif, at most 100 million values, in preview")
_MOST, _VALUES = 6, 50
_LONG = 40
"""Characters of a computed value beyond which it has a name before it is counted."""


def threshold(plan: GroupPlan, binding: Binding, place: Place, *, bare: bool = False) -> tuple[Query, Shown]:
    """One row a group that is large enough, with what its events have in common."""
    names, time = place.names, source.time(binding)
    group = keys(plan.keys, (False,) * len(plan.keys), place)
    chosen = select(plan.where, binding, place, also=group.guards)
    count = names.fresh("EventCount")
    counted = Item(tree.call("count"), count)
    counts: list[Item] = [counted]
    limits = [Binary(">=", Name(count), Number(plan.count))] if plan.count is not None else []
    steps: tuple[Operator, ...] = ()
    if plan.distinct is not None:
        steps, counts, limit = _distinct(plan.distinct, count, place)
        limits.append(limit)
    counts += [
        Item(tree.call("min", time), names.fresh("FirstEvent")),
        Item(tree.call("max", time), names.fresh("LastEvent")),
    ]
    columns = shown(binding, fields(plan.where), names, {**chosen.named, **group.named}, pinned=pins(chosen.query))
    context = () if bare else _context(columns, group, place)
    held = tuple((k.field.path, k.name) for k in group.columns)
    result = Shown(tuple(Item(Name(name_of(i))) for i in (*group.by, *counts, *context)), held)
    summary = Summarize((*counts, *context), group.by)
    return chosen.then(*group.operators, *steps, summary, *source.where(*limits)), result


def _context(columns: Shown, group: Keys, place: Place) -> tuple[Item, ...]:
    """What the events of a group have, as sets of values; what they are grouped by is there already."""
    _, *rest = columns.items
    taken = {k.name for k in group.columns}
    made = [i for i in rest if name_of(i) not in taken][:_MOST]
    return tuple(
        Item(tree.call("make_set", item.expression, Number(_VALUES)), place.names.fresh(f"{name_of(item)}_set"))
        for item in made
    )


def _distinct(distinct: Distinct, count: str, place: Place) -> tuple[tuple[Operator, ...], list[Item], Binary]:
    """The operators, counts and limit of a distinct count; an event with several values still counts once."""
    place.notes.add(_PREVIEW)
    found = column(distinct.field)
    total = place.names.fresh("DistinctCount")
    limit = Binary(">=", Name(total), Number(distinct.at_least))
    if not found.many:
        value = found.value()
        shown_value = Operand(value.as_text(), "string") if value.type == "dynamic" else value
        steps: tuple[Operator, ...] = ()
        if len(flat(shown_value.expression)) > _LONG:
            name = place.names.fresh(stem(distinct.field))
            steps = (Extend((Item(shown_value.expression, name),)),)
            shown_value = Operand(Name(name), shown_value.type)
        known = leaf.present(shown_value, distinct.field, place)
        counted = _counted(shown_value.expression, known)
        return steps, [Item(tree.call("count"), count), Item(counted, total)], limit
    element, index = place.names.fresh("Element"), place.names.fresh("ElementIndex")
    text = Operand(inner_value(Name(element), found.inner), "dynamic").as_text()
    first = tree.call("countif", Binary("==", Name(index), Number(0)))
    counts = [Item(first, count), Item(_counted(text, tree.call("isnotempty", text)), total)]
    return (MvExpand((expansion(found.values, element),), index),), counts, limit


def _counted(value: Expression, known: Expression) -> Expression:
    if known == tree.TRUE:
        return tree.call("count_distinct", value)
    return tree.call("count_distinctif", value, known)
