"""Indicator matches: a lookup for each conjunction of pairs, and the search that fills it (rule R06)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.place import matching
from backends.splunk.detection.threshold import computed
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
from converter.model.rule import IndicatorMatch, Pair
from converter.model.value import Kind
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Filled:
    """A lookup: its name, the search that fills it, and its stanza in transforms.conf."""

    name: str
    fill: tuple[Stage, ...]
    stanza: str


def indicator_match(
    write: Writer, binding: Binding, detection: IndicatorMatch, slug: str
) -> tuple[list[Stage], tuple[Filled, ...]]:
    """The search, and the lookups it needs."""
    stages = matching(write, binding, detection.where)
    flags, tables = [], []
    for number_of, pairs in enumerate(detection.any_of, 1):
        name = slug if len(detection.any_of) == 1 else f"{slug}_{number_of}"
        flag = f"indicator_match{number_of}"
        for pair in pairs:
            _check(write, pair, alone=len(pairs) == 1)
        stages += computed(write, [p.field for p in pairs], stages)
        keys = tuple(Renamed(f"indicator{i}", write.columns.name(p.field)) for i, p in enumerate(pairs, 1))
        stages.append(Lookup(name, keys, (Renamed("indicator", flag),)))
        flags.append(call("isnotnull", Name(flag)))
        tables.append(_table(write, detection, name, pairs))
    return [*stages, Where(disjunction(flags))], tuple(tables)


def _check(write: Writer, pair: Pair, *, alone: bool) -> None:
    """Say where a lookup is not quite the query that Elastic makes."""
    field = pair.field
    if field.kind is Kind.TEXT:
        message = f"{field.path} is analysed text: Elastic matches single words, the lookup whole values"
        write.notebook.add(Diagnostic("T207", message, Severity.WARNING, field.span))
    if field.many and not alone:
        message = f"{field.path} may hold several values, which a lookup of several fields does not try each by itself"
        write.notebook.add(Diagnostic("T207", message, Severity.WARNING, field.span))


def _table(write: Writer, detection: IndicatorMatch, name: str, pairs: tuple[Pair, ...]) -> Filled:
    inner = matching(write, Binding(), detection.indicators)
    values = [write.columns.value(p.indicator) for p in pairs]
    columns = [
        (f"indicator{i}", _address(v) if p.field.kind is Kind.IP else v)
        for i, (v, p) in enumerate(zip(values, pairs, strict=True), 1)
    ]
    keys = tuple(f"indicator{i}" for i in range(1, len(pairs) + 1))
    fill: tuple[Stage, ...] = (
        *inner,
        Where(conjunction([equal(call("mvcount", v), number(1)) for v in values])),
        Eval(tuple(columns)),
        Stats("stats", (Aggregate("count", None, "indicator"),), keys),
        Outputlookup(name),
    )
    networks = [f"CIDR({k})" for k, p in zip(keys, pairs, strict=True) if p.field.kind is Kind.IP]
    stanza = [f"[{name}]", f"filename = {name}.csv", "case_sensitive_match = true"]
    if networks:
        stanza.append(f"match_type = {', '.join(networks)}")
    return Filled(name, fill, "\n".join(stanza))


def _address(value: Expression) -> Expression:
    """An address as a network of its own, so that the lookup compares addresses and not spellings."""
    longer = call("if", call("match", value, Text(":")), concat(value, Text("/128")), concat(value, Text("/32")))
    return call("if", call("match", value, Text("/")), value, longer)
