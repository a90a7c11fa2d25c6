"""Indicator matches: a lookup for each conjunction of pairs, and the search that fills it (rule R06)."""

from __future__ import annotations

from backends.splunk.codes import T207
from backends.splunk.detection.filter import Writer
from backends.splunk.detection.place import matching
from backends.splunk.detection.table import Filling, Table
from backends.splunk.detection.threshold import computed
from backends.splunk.detection.window import offset
from converter.diagnostics import Diagnostic, Severity
from converter.languages.spl.shorthand import call, concat, conjunction, disjunction, equal, number
from converter.languages.spl.syntax import (
    Aggregate,
    Eval,
    Expression,
    Lookup,
    Name,
    Outputlookup,
    Pipeline,
    Stage,
    Stats,
    Text,
    Where,
)
from converter.languages.spl.syntax import Pair as Renamed
from converter.model.duration import DAY as _DAY
from converter.model.predicate import And, Between, Compare, Comparison, Predicate
from converter.model.value import Now
from converter.plan.indicator import Compared, IndicatorPlan
from converter.plan.indicator import Comparison as Comparing
from converter.plan.indicator import Lookup as Indicators
from converter.plan.window import EVENT_TIME
from converter.target.contract import Binding


def indicator_match(
    write: Writer, binding: Binding, plan: IndicatorPlan, slug: str, place: Binding
) -> tuple[list[Stage], tuple[Filling, ...]]:
    """The search, and what fills the lookups it needs; `place` is where the indicators are."""
    stages = matching(write, binding, plan.where)
    flags, tables = [], []
    for number_of, lookup in enumerate(plan.lookups, 1):
        name = slug if len(plan.lookups) == 1 else f"{slug}_{number_of}"
        flag = f"indicator_match{number_of}"
        for comparison in lookup.comparisons:
            _check(write, comparison, alone=lookup.single)
        stages += computed(write, [c.field for c in lookup.comparisons], stages)
        held = enumerate(lookup.comparisons, 1)
        keys = tuple(Renamed(f"indicator{i}", write.columns.name(c.field)) for i, c in held)
        stages.append(Lookup(name, keys, (Renamed("indicator", flag),)))
        flags.append(call("isnotnull", Name(flag)))
        tables.append(_filling(write, plan, name, lookup, place))
    return [*stages, Where(disjunction(flags))], tuple(tables)


def _check(write: Writer, comparison: Comparing, *, alone: bool) -> None:
    """Say where a lookup is not quite the query that Elastic makes."""
    field = comparison.field
    if comparison.compared is Compared.WORDS:
        message = f"{field.path} is analysed text: Elastic matches single words, the lookup whole values"
        write.notebook.add(Diagnostic(T207, message, Severity.WARNING, field.span))
    if comparison.many and not alone:
        message = f"{field.path} may hold several values, which a lookup of several fields does not try each by itself"
        write.notebook.add(Diagnostic(T207, message, Severity.WARNING, field.span))


def _filling(write: Writer, plan: IndicatorPlan, name: str, lookup: Indicators, place: Binding) -> Filling:
    inner = matching(write, place, plan.indicators)
    values = [write.columns.value(c.indicator) for c in lookup.comparisons]
    addresses = [c.compared is Compared.ADDRESS for c in lookup.comparisons]
    keys = tuple(f"indicator{i}" for i in range(1, len(values) + 1))
    columns = [(k, _address(v) if a else v) for k, v, a in zip(keys, values, addresses, strict=True)]
    fill: tuple[Stage, ...] = (
        *inner,
        Where(conjunction([equal(call("mvcount", v), number(1)) for v in values])),
        Eval(tuple(columns)),
        Stats("stats", (Aggregate("count", None, "indicator"),), keys),
        Outputlookup(name),
    )
    matches = tuple((k, "CIDR") for k, is_address in zip(keys, addresses, strict=True) if is_address)
    purpose = f"Needs the lookup {name}, which another search fills from the indicators."
    return Filling(purpose, Table(name, (*keys, "indicator"), matches), Pipeline(fill), _reach(plan.indicators))


def _reach(where: Predicate) -> str:
    """How far back the indicators go that a query asks for; all time if it does not say."""
    for term in where.terms if isinstance(where, And) else (where,):
        low = term.ends[0] if isinstance(term, Between) else term
        if not isinstance(low, Compare) or low.field.path != EVENT_TIME or not isinstance(low.value, Now):
            continue
        if low.comparison in (Comparison.GE, Comparison.GT) and low.value.offset_ms < 0:
            return offset(_DAY * -(low.value.offset_ms // _DAY) + (_DAY if low.value.round_to else 0))
    return "0"


def _address(value: Expression) -> Expression:
    """An address as a network of its own, so that the lookup compares addresses and not spellings."""
    longer = call("if", call("match", value, Text(":")), concat(value, Text("/128")), concat(value, Text("/32")))
    return call("if", call("match", value, Text("/")), value, longer)
