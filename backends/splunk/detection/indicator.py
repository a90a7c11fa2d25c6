"""Indicator matches: a lookup for each conjunction of pairs, and the search that fills it (rule R06)."""

from __future__ import annotations

from backends.splunk.codes import T207
from backends.splunk.detection.filter import Writer
from backends.splunk.detection.place import matching
from backends.splunk.detection.threshold import computed
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.languages.spl.shorthand import call, concat, conjunction, disjunction, equal, number
from converter.languages.spl.syntax import (
    Aggregate,
    Eval,
    Expression,
    Lookup,
    Name,
    Outputlookup,
    Stage,
    Stats,
    Text,
    Where,
)
from converter.languages.spl.syntax import Pair as Renamed
from converter.plan.indicator import Compared, Comparison, IndicatorPlan
from converter.plan.indicator import Lookup as Indicators
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Filled:
    """A lookup: its name, the search that fills it, and its stanza in transforms.conf."""

    name: str
    fill: tuple[Stage, ...]
    stanza: str


def indicator_match(
    write: Writer, binding: Binding, plan: IndicatorPlan, slug: str
) -> tuple[list[Stage], tuple[Filled, ...]]:
    """The search, and the lookups it needs."""
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
        tables.append(_table(write, plan, name, lookup))
    return [*stages, Where(disjunction(flags))], tuple(tables)


def _check(write: Writer, comparison: Comparison, *, alone: bool) -> None:
    """Say where a lookup is not quite the query that Elastic makes."""
    field = comparison.field
    if comparison.compared is Compared.WORDS:
        message = f"{field.path} is analysed text: Elastic matches single words, the lookup whole values"
        write.notebook.add(Diagnostic(T207, message, Severity.WARNING, field.span))
    if comparison.many and not alone:
        message = f"{field.path} may hold several values, which a lookup of several fields does not try each by itself"
        write.notebook.add(Diagnostic(T207, message, Severity.WARNING, field.span))


def _table(write: Writer, plan: IndicatorPlan, name: str, lookup: Indicators) -> Filled:
    inner = matching(write, Binding(), plan.indicators)
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
    networks = [f"CIDR({k})" for k, is_address in zip(keys, addresses, strict=True) if is_address]
    stanza = [f"[{name}]", f"filename = {name}.csv", "case_sensitive_match = true"]
    if networks:
        stanza.append(f"match_type = {', '.join(networks)}")
    return Filled(name, fill, "\n".join(stanza))


def _address(value: Expression) -> Expression:
    """An address as a network of its own, so that the lookup compares addresses and not spellings."""
    longer = call("if", call("match", value, Text(":")), concat(value, Text("/128")), concat(value, Text("/32")))
    return call("if", call("match", value, Text("/")), value, longer)
