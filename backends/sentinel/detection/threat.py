"""Indicator-match rules: events that share values with an indicator (rule R06)."""

from __future__ import annotations

from backends.sentinel.condition import literal
from backends.sentinel.condition.column import Operand, column, inner_value
from backends.sentinel.condition.finding import ADDRESS_FAMILY, error, note, warning
from backends.sentinel.condition.layout import Expr, Leaf, chain
from backends.sentinel.condition.leaf import present
from backends.sentinel.condition.scope import Names, Scope
from backends.sentinel.detection import query
from backends.sentinel.detection.key import SPELLING
from converter.model.rule import IndicatorMatch, Pair
from converter.model.value import Field, Kind
from converter.target.contract import Binding, Notebook

_LIST = "indicators"


def indicator_match(detection: IndicatorMatch, binding: Binding, notes: Notebook) -> list[str]:
    """The events of which some values stand in the indicators' table."""
    source = literal.name(binding.header.get("indicators", "Indicators"))
    names = Names(binding.columns)
    scope = Scope(names)
    told, _ = query.filtered(detection.indicators, Names({}), notes)
    lists: dict[str, str] = {}
    found = chain("or", [_arm(pairs, scope, lists, notes) for pairs in detection.any_of])
    plain = not scope.hits
    operators, hits = query.filtered(detection.where, names, notes, also=[found] if plain else [])
    if binding.mode != "ecs":
        notes.add(
            warning(
                "T361",
                f"the indicators are looked up in the table {source} under Elastic's names; Sentinel keeps its own in"
                " ThreatIntelIndicators under others",
                hint="provide a function of this name with these columns, for example over ThreatIntelIndicators",
            )
        )
    notes.add(note("T362", f"{source} must hold the indicators; a rule sees only its rows inside the queryPeriod"))
    lets = [_let(_LIST, [source, *told]), *(_let(name, [_LIST, steps]) for steps, name in lists.items())]
    lines = [*lets, query.table(binding), *operators]
    if not plain:
        lines += [*scope.operators(), *query.where(found)]
    return [*lines, *query.project_away((*hits, *scope.hits))]


def _let(name: str, steps: list[str]) -> str:
    body = "\n    | ".join(query.indented(s.removeprefix("| "), "    ") for s in steps)
    return f"let {name} =\n    {body};"


def _arm(pairs: tuple[Pair, ...], scope: Scope, lists: dict[str, str], notes: Notebook) -> Expr:
    """One and of pairs: the event's values together are among an indicator's. `lists` names what is looked up."""
    if any(p.field.kind is Kind.TEXT for p in pairs):
        notes.add(error("T363", f"{pairs[0].field.path} is analysed text: its match with an indicator cannot be said"))
    if len(pairs) == 1:
        return _single(pairs[0], scope, lists, notes)
    events = [column(p.field) for p in pairs]
    if any(e.many for e in events):
        notes.add(error("T363", "an and of pairs over a field with several values has no exact form here"))
    texts = [_spelled(e.value().as_text(), p.field, notes) for e, p in zip(events, pairs, strict=True)]
    known = [present(Operand(e.value().as_text(), "string"), notes) for e in events]
    rows = [_indicator(p.indicator, notes) for p in pairs]
    only = " and ".join(f"isnotempty({r})" for r in rows)
    listed = _listed(f"where {only}\n| project Value = tostring(pack_array({', '.join(rows)}))", lists)
    return chain("and", [*known, Leaf(f"tostring(pack_array({', '.join(texts)})) in ({listed})")])


def _listed(steps: str, lists: dict[str, str]) -> str:
    return lists.setdefault(steps, f"values{len(lists) + 1}")


def _single(pair: Pair, scope: Scope, lists: dict[str, str], notes: Notebook) -> Expr:
    listed = _listed(f"project Value = {_indicator(pair.indicator, notes)}\n| where isnotempty(Value)", lists)
    event = column(pair.field)
    if not event.many:
        return Leaf(f"{_spelled(event.value().as_text(), pair.field, notes)} in ({listed})")
    walk = scope.expansion(event.array)
    value = Operand(inner_value(walk.element, event.inner), "dynamic").as_text()
    return walk.hit(Leaf(f"{_spelled(value, pair.field, notes)} in ({listed})"), "indicator")


def _spelled(text: str, field: Field, notes: Notebook) -> str:
    if field.kind is Kind.IP:
        notes.add(SPELLING)
        notes.add(ADDRESS_FAMILY)
    return text


def _indicator(field: Field, notes: Notebook) -> str:
    """The indicator's value as text, if it has exactly one (rule R06), else empty."""
    found = column(field)
    if not found.many:
        return found.value().as_text()
    notes.add(note("T364", "an indicator takes part only with exactly one value in the mapped field"))
    one = f"{found.text}[0]"
    length = f"array_length({found.text})"
    return f'case(isnull({length}), tostring({found.text}), {length} == 1, tostring({one}), "")'
