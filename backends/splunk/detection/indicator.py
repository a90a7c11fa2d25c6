"""Indicator matches: a lookup for each conjunction of pairs, and the search that fills it (rule R06)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.splunk.condition.literal import search_field
from backends.splunk.detection.pipeline import Writer, late, matching
from converter.diagnostics import Diagnostic, Severity
from converter.model.rule import IndicatorMatch, Pair
from converter.model.value import Kind
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup: its name, the search that fills it, and its stanza in transforms.conf."""

    name: str
    fill: tuple[str, ...]
    stanza: str


def indicator_match(
    write: Writer, binding: Binding, detection: IndicatorMatch, slug: str
) -> tuple[list[str], tuple[Table, ...]]:
    """The search, and the lookups it needs."""
    stages = matching(write, binding, detection.where)
    flags, tables = [], []
    for number, pairs in enumerate(detection.any_of, 1):
        name = slug if len(detection.any_of) == 1 else f"{slug}_{number}"
        flag = f"indicator_match{number}"
        for pair in pairs:
            _check(write, pair, alone=len(pairs) == 1)
        inputs = " ".join(f"indicator{i} AS {search_field(write.names.of(p.field))}" for i, p in enumerate(pairs, 1))
        stages += late(write, [p.field for p in pairs], stages)
        stages.append(f"lookup {name} {inputs} OUTPUT indicator AS {flag}")
        flags.append(f"isnotnull({flag})")
        tables.append(_table(write, detection, name, pairs))
    stages.append(f"where {' OR '.join(flags)}")
    return stages, tuple(tables)


def _check(write: Writer, pair: Pair, *, alone: bool) -> None:
    """Say where a lookup is not quite the query that Elastic makes."""
    field = pair.field
    if field.kind is Kind.TEXT:
        message = f"{field.path} is analysed text: Elastic matches single words, the lookup whole values"
        write.notebook.add(Diagnostic("T207", message, Severity.WARNING, field.span))
    if field.many and not alone:
        message = f"{field.path} may hold several values, which a lookup of several fields does not try each by itself"
        write.notebook.add(Diagnostic("T207", message, Severity.WARNING, field.span))


def _table(write: Writer, detection: IndicatorMatch, name: str, pairs: tuple[Pair, ...]) -> Table:
    inner = matching(write, Binding(), detection.indicators)
    names = [write.names.eval(p.indicator) for p in pairs]
    columns = [
        f"indicator{i}={_address(n) if p.field.kind is Kind.IP else n}"
        for i, (n, p) in enumerate(zip(names, pairs, strict=True), 1)
    ]
    keys = [f"indicator{i}" for i in range(1, len(pairs) + 1)]
    fill = (
        *inner,
        "where " + " AND ".join(f"mvcount({n})==1" for n in names),
        "eval " + ", ".join(columns),
        f"stats count AS indicator BY {', '.join(keys)}",
        f"outputlookup {name}",
    )
    networks = [f"CIDR({k})" for k, p in zip(keys, pairs, strict=True) if p.field.kind is Kind.IP]
    stanza = [f"[{name}]", f"filename = {name}.csv", "case_sensitive_match = true"]
    if networks:
        stanza.append(f"match_type = {', '.join(networks)}")
    return Table(name, fill, "\n".join(stanza))


def _address(name: str) -> str:
    """An address as a network of its own, so that the lookup compares addresses and not spellings."""
    return f'if(match({name}, "/"), {name}, if(match({name}, ":"), {name}."/128", {name}."/32"))'
