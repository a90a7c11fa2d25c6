"""Indicator-match rules: events that share values with an indicator (rule R06).

Sentinel keeps indicators one observable a row; the newest row of an indicator counts, while it is active and valid.
https://learn.microsoft.com/en-us/azure/sentinel/work-with-stix-objects-indicators
"""

from __future__ import annotations

import functools
from pathlib import Path

from backends.sentinel.codes import T361, T362, T363, T364
from backends.sentinel.condition import test, tree
from backends.sentinel.condition.column import Operand, column, inner_value
from backends.sentinel.condition.finding import ADDRESS_FAMILY, error, note, warning
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.test import Test
from backends.sentinel.detection import source
from backends.sentinel.detection.key import SPELLING
from backends.sentinel.detection.selection import select
from backends.sentinel.detection.shown import Shown, pins, shown
from converter.deferred import replace
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Distinct,
    Expression,
    Item,
    Let,
    Name,
    Number,
    Project,
    Query,
    Star,
    Summarize,
    Table,
    Where,
)
from converter.model.duration import DAY
from converter.model.predicate import And, Compare, Or, Predicate, Present
from converter.model.rule import IndicatorMatch
from converter.model.value import Field, Kind, Now
from converter.model.walk import fields, leaves
from converter.plan.indicator import Comparison, IndicatorPlan, Lookup, plan_indicator
from converter.target.contract import Binding

_TABLE = Path(__file__).parent / "indicators.tsv"
_LIST, _VALUE = "indicators", "Value"
_KEY = "ObservableKey"
_TIME = "@timestamp"


@functools.cache
def _keys() -> dict[str, tuple[str, ...]]:
    lines = (line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {path: tuple(found.split(" ")) for paths, found in lines for path in paths.split(" ")}


def indicator_match(
    detection: IndicatorMatch, binding: Binding, place: Place, *, bare: bool = False
) -> tuple[Query, Shown, tuple[Let, ...]]:
    """The events of which some values stand among the indicators."""
    plan = plan_indicator(detection)
    native = binding.mode != "ecs"
    base: tuple[Let, ...] = ()
    if native:
        _native_notes(plan, place)
    else:
        base = (Let(_LIST, _documents(plan, binding, place)),)
        place.notes.add(
            note(T362, "Indicators must hold the indicators; a rule sees only its rows inside the queryPeriod")
        )
    sought: dict[Query, str] = {}
    arms = [_arm(arm, place, plan, sought, native=native) for arm in plan.lookups]
    found = test.any_of(arms)
    chosen = select(plan.where, binding, place, also=() if found.hits else (found.condition,))
    tail = (*test.walks(found.hits), *source.where(found.condition)) if found.hits else ()
    compared = (c.field for arm in plan.lookups for c in arm.comparisons)
    columns = shown(binding, (*compared, *fields(plan.where)), place.names, chosen.named, pinned=pins(chosen.query))
    extra = (*chosen.extra, *(h.name for h in found.hits))
    ending = source.away(extra) if bare else (columns.project,)
    lets = tuple(Let(name, query) for query, name in sought.items())
    if native and all(arm.single for arm in plan.lookups):  # else it is refused
        lets = _valid_once(lets, place)
    return chosen.then(*tail, *ending), columns, (*base, *lets)


def _valid_once(lets: tuple[Let, ...], place: Place) -> tuple[Let, ...]:
    """The lists of observables, where there are several, out of the indicators that are valid now, which are one."""
    queries = [let.value for let in lets if isinstance(let.value, Query)]
    if len(queries) < 2:  # noqa: PLR2004
        return lets
    recent, keys = zip(*(_recent_and_key(query) for query in queries), strict=True)
    newest, valid = queries[0].operators[1:3]
    assert isinstance(newest, Summarize)  # noqa: S101  # such are the queries made here
    by = tuple(Item(Name(name)) for name in ("Id", _KEY, "ObservableValue"))
    name = place.names.fresh("ValidIndicators")
    begun = Let(name, Query(queries[0].source, (Where(recent[0]), replace(newest, by=by), valid)))
    picked = (
        Let(let.name, Query(Table(name), (Where(key), query.operators[-1])))
        for let, query, key in zip(lets, queries, keys, strict=True)
    )
    return (begun, *picked)


def _recent_and_key(query: Query) -> tuple[Expression, Expression]:
    """What picks the indicators of one kind of observable: how old they may be, and its keys."""
    first = query.operators[0]
    assert isinstance(first, Where)  # noqa: S101  # such are the queries made here
    recent, key = tree.conjuncts(first.condition)
    return recent, key


def _documents(plan: IndicatorPlan, binding: Binding, place: Place) -> Query:
    """The indicator documents under Elastic's names."""
    rows = Query(Table(binding.header.get("indicators", "Indicators")))
    return select(plan.indicators, Binding(), place, rows=rows).query


def _arm(arm: Lookup, place: Place, plan: IndicatorPlan, sought: dict[Query, str], *, native: bool) -> Test:
    """One and of pairs: the event's values together are among an indicator's. `sought` names what is looked up."""
    if any(c.field.kind is Kind.TEXT for c in arm.comparisons):
        path = arm.comparisons[0].field.path
        place.notes.add(error(T363, f"{path} is analysed text: its match with an indicator cannot be said"))
    if arm.single:
        return _single(arm.comparisons[0], place, plan, sought, native=native)
    columns = [column(c.field) for c in arm.comparisons]
    if native:
        place.notes.add(error(T363, "Sentinel keeps one observable a row: an and of pairs cannot be looked up there"))
    if any(c.many for c in columns):
        place.notes.add(error(T363, "an and of pairs over a field with several values has no exact form here"))
    pairs = list(zip(columns, arm.comparisons, strict=True))
    texts = [_spelled(c.value().as_text(), compared.field, place) for c, compared in pairs]
    known = [tree.call("isnotempty", c.value().as_text()) for c in columns]
    rows = [_indicator(c.indicator, place) for c in arm.comparisons]
    only = tree.all_of(tree.call("isnotempty", r) for r in rows)
    value = tree.call("tostring", tree.call("pack_array", *rows))
    listed = _listed(Query(Table(_LIST), (Where(only), Project((Item(value, _VALUE),)))), "values", place, sought)
    together = tree.call("tostring", tree.call("pack_array", *texts))
    return Test(tree.all_of([*known, tree.among(together, listed)]))


def _listed(query: Query, stem: str, place: Place, sought: dict[Query, str]) -> Name:
    if query not in sought:
        sought[query] = place.names.fresh(stem)
    return Name(sought[query])


def _single(compared: Comparison, place: Place, plan: IndicatorPlan, sought: dict[Query, str], *, native: bool) -> Test:
    if native:
        listed = _native(compared.indicator, plan, place, sought)
        if listed is None:
            return Test(tree.FALSE)
    else:
        value = Item(_indicator(compared.indicator, place), _VALUE)
        some = Where(tree.call("isnotempty", Name(_VALUE)))
        listed = _listed(Query(Table(_LIST), (Project((value,)), some)), "values", place, sought)
    event = column(compared.field)
    if not event.many:
        return Test(tree.among(_spelled(event.value().as_text(), compared.field, place), listed))
    walk = place.walk(event.values)
    text = Operand(inner_value(Name(walk.elements[0]), event.inner), "dynamic").as_text()
    return place.hit(walk, Test(tree.among(_spelled(text, compared.field, place), listed)), "indicator")


def _native(field: Field, plan: IndicatorPlan, place: Place, sought: dict[Query, str]) -> Name | None:
    """The values of one kind of observable that are active and valid now."""
    keys = _keys().get(field.path)
    if keys is None:
        place.notes.add(error(T363, f"no observable of ThreatIntelIndicators is known for {field.path}"))
        return None
    named, newest = Name(_KEY), Call("arg_max", (Name("TimeGenerated"), Star()))
    valid = Binary(
        ">", tree.call("coalesce", Name("ValidUntil"), tree.call("now", tree.timespan(DAY))), tree.call("now")
    )
    operators = (
        Where(
            tree.all_of(
                [
                    Binary(">=", Name("TimeGenerated"), tree.ago(history_ms(plan.indicators))),
                    tree.one_of(named, tree.texts(keys), "=~", "in~"),
                ]
            )
        ),
        Summarize((Item(newest),), (Item(Name("Id")), Item(Name("ObservableValue")))),
        Where(tree.all_of([Name("IsActive"), tree.call("not", Name("IsDeleted")), valid])),
        Distinct((Item(Name("ObservableValue")),)),
    )
    stem = tree.pascal(field.path.rpartition("indicator.")[2]) + "Indicators"
    return _listed(Query(Table("ThreatIntelIndicators"), operators), stem, place, sought)


MOST_MS = 14 * DAY


def history_ms(indicators: Predicate) -> int:
    """How far back indicators are looked for, as the rule says, at most as an analytics rule sees."""
    for leaf in leaves(indicators):
        if isinstance(leaf, Compare) and leaf.field.path == _TIME and isinstance(leaf.value, Now):
            return min(-leaf.value.offset_ms, MOST_MS) or MOST_MS
    return MOST_MS


def _native_notes(plan: IndicatorPlan, place: Place) -> None:
    """What of the rule's choice of indicators Sentinel's table cannot say."""
    told = {c.indicator.path for arm in plan.lookups for c in arm.comparisons} | {_TIME}
    left = [leaf for leaf in _stated(plan.indicators) if leaf not in told]
    more = f"; what the rule asks of {', '.join(dict.fromkeys(left))} is not asked" if left else ""
    place.notes.add(
        warning(
            T361,
            "the indicators are those of the table ThreatIntelIndicators that are active and valid, whatever feed they"
            f" are from{more}",
            hint="older workspaces have ThreatIntelligenceIndicator: map its columns in a function of this name",
        )
    )


def _stated(node: Predicate) -> list[str]:
    """The fields that the choice of indicators rests on."""
    match node:
        case And(terms) | Or(terms):
            return [path for t in terms for path in _stated(t)]
        case Present(field):
            return [field.path]
        case _:
            return [f.path for f in fields(node)]


def _spelled(text: Expression, field: Field, place: Place) -> Expression:
    if field.kind is Kind.IP:
        place.notes.add(SPELLING)
        place.notes.add(ADDRESS_FAMILY)
    return text


def _indicator(field: Field, place: Place) -> Expression:
    """The indicator's value as text, if it has exactly one (rule R06), else empty."""
    found = column(field)
    if not found.many:
        return found.value().as_text()
    place.notes.add(note(T364, "an indicator takes part only with exactly one value in the mapped field"))
    values = found.expression
    length = tree.call("array_length", values)
    one = tree.call("tostring", tree.element(values, 0))
    alone = (tree.call("isnull", length), tree.call("tostring", values))
    return tree.call("case", *alone, Binary("==", length, Number(1)), one, tree.texts([""])[0])
