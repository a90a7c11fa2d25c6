"""The tables inside a rule: threat, threshold, new terms, filters, suppression and the rest."""

from __future__ import annotations

from converter.model.duration import UNIT_MS, DurationError, parse_date_math
from converter.model.metadata import (
    CardinalitySpec,
    ExceptionList,
    Filter,
    NewTermsSpec,
    RelatedIntegration,
    RequiredField,
    RiskMapping,
    SeverityMapping,
    Subtechnique,
    Suppression,
    Technique,
    Threat,
    ThreatEntry,
    ThreatMatchSpec,
    ThresholdSpec,
)
from converter.rulefile.codes import F011
from converter.rulefile.table import Table, frozen

SEVERITIES = ("low", "medium", "high", "critical")
_UNIT_MS = {unit: UNIT_MS[unit] for unit in "smh"}


def read_threats(rule: Table) -> tuple[Threat, ...]:
    """`[[rule.threat]]`."""
    return tuple(_threat(t) for t in rule.tables("threat"))


def _threat(table: Table) -> Threat:
    tactic = table.table("tactic")
    threat = Threat(
        table.text("framework"),
        tactic.text("id") if tactic else "",
        tactic.text("name") if tactic else "",
        tactic.text("reference") if tactic else "",
        tuple(_technique(t) for t in table.tables("technique")),
    )
    if tactic:
        tactic.close()
    table.close()
    return threat


def _technique(table: Table) -> Technique:
    subtechniques = []
    for sub in table.tables("subtechnique"):
        subtechniques.append(Subtechnique(sub.text("id"), sub.text("name"), sub.text("reference")))
        sub.close()
    technique = Technique(table.text("id"), table.text("name"), table.text("reference"), tuple(subtechniques))
    table.close()
    return technique


def read_severity_mapping(rule: Table) -> tuple[SeverityMapping, ...]:
    """`[[rule.severity_mapping]]`."""
    out = []
    for t in rule.tables("severity_mapping"):
        severity = t.text("severity", choices=SEVERITIES)
        out.append(SeverityMapping(t.text("field"), t.text("operator", "equals"), t.text("value"), severity))
        t.close()
    return tuple(out)


def read_risk_mapping(rule: Table) -> tuple[RiskMapping, ...]:
    """`[[rule.risk_score_mapping]]`."""
    out = []
    for t in rule.tables("risk_score_mapping"):
        score = t.integer("risk_score", most=100)
        out.append(RiskMapping(t.text("field"), t.text("operator", "equals"), t.text("value"), score))
        t.close()
    return tuple(out)


def read_threshold(rule: Table) -> ThresholdSpec | None:
    """`[rule.threshold]`; `field` may be one name or a list, and empty for one group of everything."""
    table = rule.table("threshold")
    if table is None:
        return None
    if "value" not in table:
        table.missing("value", "a threshold counts up to a number", hint="value = 5")
    cardinality = []
    for t in table.tables("cardinality"):
        cardinality.append(CardinalitySpec(t.text("field"), t.integer("value", least=1) or 1))
        t.close(strict=True)
    # An empty name is no field: Kibana's form writes [""] for one group of everything.
    fields = tuple(name for name in table.texts("field", single=True) if name)
    spec = ThresholdSpec(fields, table.integer("value", least=1) or 1, tuple(cardinality))
    table.close(strict=True)
    return spec


def read_new_terms(rule: Table) -> NewTermsSpec | None:
    """`[rule.new_terms]` as rule files have it, or the two keys that Kibana's API has."""
    table = rule.table("new_terms")
    if table is None:
        start, owner = rule.text("history_window_start"), rule
        fields = rule.texts("new_terms_fields")
        if not fields and not start:
            return None
    else:
        table.text("field")
        fields, owner, start = table.texts("value"), table, ""
        for t in table.tables("history_window_start"):
            t.text("field")
            start, owner = t.text("value"), t
            t.close(strict=True)
        table.close(strict=True)
    key = "value" if owner.path[-1:] != rule.path[-1:] else "history_window_start"
    if not fields:
        rule.missing("new_terms", "no field is named whose values must be new", at="new_terms")
    try:
        parse_date_math(start)
    except DurationError as error:
        rule.findings.say(F011, f"the history window: {error}", (*owner.path, key), hint=error.hint)
    return NewTermsSpec(fields, start)


def read_filters(table: Table, key: str) -> tuple[Filter, ...]:
    """`[[rule.filters]]`: Kibana filters; the clause is under `query`, or beside `meta` as older versions write it."""
    out = []
    for t in table.tables(key):
        meta = t.table("meta")
        negate = meta.boolean("negate") if meta else None
        disabled = meta.boolean("disabled") if meta else None
        clause = _clause(t, meta)
        if clause is not None:
            out.append(Filter(frozen(clause), bool(negate), bool(disabled), table.findings.positions.key(t.path)))
    return tuple(out)


def _clause(filter_: Table, meta: Table | None) -> object | None:
    """The Query DSL clause of a filter, None where something is wrong with it."""
    if meta is not None and meta.raw("type") == "combined":
        return _combined(meta)
    query = filter_.raw("query")
    if query is not None and not isinstance(query, dict):
        filter_.wrong("query", "a table", "{ ... }")
        return None
    names = [k for k in filter_.names() if k not in ("meta", "$state", "query")]
    if query is not None:
        filter_.raw("meta"), filter_.raw("$state")
        filter_.close(strict=True)
        return query
    clause = {name: filter_.raw(name) for name in names}
    if not clause:
        filter_.missing("query", "a filter needs a Query DSL clause")
    return clause


def _combined(meta: Table) -> object | None:
    """A filter that joins others by and or or, as Kibana's editor writes them: they stand in `params`."""
    relation = meta.text("relation", "AND", choices=("AND", "OR"))
    clauses: list[object] = []
    for one in meta.tables("params"):
        inner = one.table("meta")
        if inner is not None and inner.boolean("disabled"):
            continue
        clause = _clause(one, inner)
        if clause is None:
            return None
        negated = inner is not None and inner.boolean("negate")
        clauses.append({"bool": {"must_not": [clause]}} if negated else clause)
    if not clauses:
        meta.missing("params", "a combined filter joins others")
        return None
    return {"bool": {"should": clauses, "minimum_should_match": 1} if relation == "OR" else {"filter": clauses}}


def read_threat_match(rule: Table) -> ThreatMatchSpec | None:
    """The `threat_*` keys."""
    groups = []
    for group in rule.tables("threat_mapping"):
        entries = []
        for t in group.tables("entries"):
            t.text("type", choices=("mapping",))
            entries.append(ThreatEntry(t.text("field"), t.text("value"), bool(t.boolean("negate"))))
            t.close(strict=True)
        group.close(strict=True)
        groups.append(tuple(entries))
    index = rule.texts("threat_index")
    query = rule.text("threat_query", "*:*")
    language = rule.text("threat_language", "kuery", choices=("kuery", "lucene"))
    path = rule.text("threat_indicator_path", "threat.indicator")
    filters = read_filters(rule, "threat_filters")
    if not groups:
        return None
    span = rule.findings.text_span((*rule.path, "threat_query"), query) if "threat_query" in rule else None
    return ThreatMatchSpec(index, query, language, tuple(groups), path, filters, span)


def read_suppression(rule: Table) -> Suppression | None:
    """`[rule.alert_suppression]`."""
    table = rule.table("alert_suppression")
    if table is None:
        return None
    duration = table.table("duration")
    milliseconds = None
    if duration is not None:
        unit = duration.text("unit", "m", choices=tuple(_UNIT_MS))
        milliseconds = (duration.integer("value", least=1) or 1) * _UNIT_MS[unit]
        duration.close(strict=True)
    strategy = table.text("missing_fields_strategy", "suppress", choices=("suppress", "doNotSuppress"))
    suppression = Suppression(table.texts("group_by"), milliseconds, strategy)
    table.close(strict=True)
    return suppression


def read_exceptions(rule: Table) -> tuple[ExceptionList, ...]:
    """`[[rule.exceptions_list]]`."""
    out = []
    for t in rule.tables("exceptions_list"):
        namespace = t.text("namespace_type", "single")
        out.append(ExceptionList(t.text("id"), t.text("list_id"), t.text("type"), namespace))
        t.close()
    return tuple(out)


def read_investigation_fields(rule: Table) -> tuple[str, ...]:
    """`[rule.investigation_fields]`; a bare list is what Kibana 8.10 wrote and still imports."""
    if isinstance(rule.raw("investigation_fields"), list) and not rule.findings.strict:
        return rule.texts("investigation_fields")
    table = rule.table("investigation_fields")
    if table is None:
        return ()
    names = table.texts("field_names")
    table.close()
    return names


def read_related_integrations(rule: Table) -> tuple[RelatedIntegration, ...]:
    """`[[rule.related_integrations]]`."""
    out = []
    for t in rule.tables("related_integrations"):
        out.append(RelatedIntegration(t.text("package"), t.text("version"), t.text("integration")))
        t.close()
    return tuple(out)


def read_required_fields(rule: Table) -> tuple[RequiredField, ...]:
    """`[[rule.required_fields]]`."""
    out = []
    for t in rule.tables("required_fields"):
        out.append(RequiredField(t.text("name"), t.text("type"), t.boolean("ecs")))
        t.close()
    return tuple(out)
