"""EQL samples: a different event for every step with equal keys, in any order (rule E21)."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.codes import T351
from backends.sentinel.condition import test, tree
from backends.sentinel.condition.finding import error
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.predicate import condition
from backends.sentinel.detection import source
from backends.sentinel.detection.key import keys
from backends.sentinel.detection.selection import extends, shared
from backends.sentinel.detection.shown import Shown, name_of, shown
from converter.languages.kusto.syntax import Binary, Expression, Extend, Item, Name, Number, Query, Summarize
from converter.languages.kusto.walk import map_operator, replaced
from converter.model.rule import Sample
from converter.model.walk import fields, leaves
from converter.plan.sample import SamplePlan, plan_sample
from converter.target.contract import Binding

_MOST = 5  # Elasticsearch takes at most five steps
_VALUES, _COLUMNS = 50, 6


def sample(
    detection: Sample, bindings: tuple[Binding, ...], place: Place, *, bare: bool = False
) -> tuple[Query, Shown] | None:
    """One row a key: a count for every set of steps tells whether different events can be found (Hall's theorem)."""
    plan = plan_sample(detection, bindings)
    same = {b.by for b in plan.branches}
    if plan.ragged or len(same) > 1 or len(plan.places) > 1 or plan.stages > _MOST:
        place.notes.add(
            error(
                T351,
                "a sample whose steps join by different fields or stand in different tables has no exact form in Kusto:"
                " one event may not serve two steps",
            )
        )
        return None
    return _table(plan, bindings[0], place, bare=bare)


def _table(plan: SamplePlan, binding: Binding, place: Place, *, bare: bool) -> tuple[Query, Shown]:
    names = place.names
    for leaf in (one for b in plan.branches for one in leaves(b.where)):
        place.ledger.wrote(leaf)
    tests = [condition(b.where, place) for b in plan.branches]
    flags = [names.fresh(f"Step{n}") for n in range(1, len(tests) + 1)]
    by = plan.branches[0].by
    found = keys(tuple(k.field for k in by), tuple(k.optional for k in by), place)
    walks = test.walks(test.hits_of(tests))
    items = shared([t.condition for t in tests], names)
    named = {i.expression: Name(i.name) for i in items}
    marks = Extend(tuple(Item(t.condition, flag) for flag, t in zip(flags, tests, strict=True)))
    first = [] if walks else [tree.any_of(t.condition for t in tests)]
    counted = [] if first else [tree.any_of(map(Name, flags))]
    rows = source.rows(binding, [*found.guards, *first])
    marked = map_operator(marks, lambda e: replaced(e, named))
    query = Query(
        rows.source,
        (*rows.operators, *walks, *extends(items), marked, *source.where(*counted), *found.operators),
    )
    columns = shown(binding, (f for b in plan.branches for f in fields(b.where)), names)
    context = [] if bare else [i for i in columns.items[1:] if name_of(i) not in {k.name for k in found.columns}]
    counts, limits = _demands(plan, flags, binding, place, context[:_COLUMNS])
    held = tuple((k.field.path, k.name) for k in found.columns)
    result = Shown((*found.by, *(Item(Name(i.name)) for i in counts)), held)
    return Query(query.source, (*query.operators, Summarize(counts, found.by), *source.where(*limits))), result


def _demands(
    plan: SamplePlan, flags: Sequence[str], binding: Binding, place: Place, context: Sequence[Item]
) -> tuple[tuple[Item, ...], list[Expression]]:
    """The count of each demand and what it must reach; then times and what the events have."""
    counts: list[Item] = []
    limits: list[Expression] = []
    for demand in plan.demands:
        name = place.names.fresh("Events" + "".join(str(i + 1) for i in demand.branches))
        counts.append(Item(tree.call("countif", tree.any_of(Name(flags[i]) for i in demand.branches)), name))
        limits.append(Binary(">=", Name(name), Number(demand.events)))
    time = source.time(binding)
    counts.append(Item(tree.call("min", time), place.names.fresh("FirstEvent")))
    counts.append(Item(tree.call("max", time), place.names.fresh("LastEvent")))
    counts += [
        Item(tree.call("make_set", i.expression, Number(_VALUES)), place.names.fresh(f"{name_of(i)}_set"))
        for i in context
    ]
    return tuple(counts), limits
