"""The whole rule file: its tables into one `Metadata`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from converter.diagnostics import Severity
from converter.model.duration import UNIT_MS, DurationError, parse_date_math, parse_duration
from converter.model.metadata import Metadata, Window
from converter.rulefile import parts
from converter.rulefile.codes import F009, F010, F011, F012
from converter.rulefile.table import Findings, Table

LANGUAGES: dict[str, tuple[str, ...]] = {
    "query": ("kuery", "lucene"),
    "saved_query": ("kuery", "lucene"),
    "threshold": ("kuery", "lucene"),
    "new_terms": ("kuery", "lucene"),
    "threat_match": ("kuery", "lucene"),
    "eql": ("eql",),
    "esql": ("esql",),
    "machine_learning": (),
}
"""The rule types, and the languages a query of each may be in, the default first."""

# What Kibana adds when a rule is exported or installed; no detection depends on it.
_EXPORTED = (
    *("actions", "alias_purpose", "alias_target_id", "concurrent_searches", "created_at", "created_by"),
    *("execution_summary", "id", "immutable", "items_per_search", "meta", "namespace", "outcome", "output_index"),
    *("response_actions", "revision", "rule_source", "throttle", "updated_at", "updated_by"),
)
# What the upstream repository's tools keep beside a rule.
_KEPT = ("comments", "endgame", "extended", "os_type_list", "query_schema_validation", "related_endpoint_rules")

_Values: TypeAlias = "dict[str, Any]"
"""Values of `Metadata` by their names, which are made one value when all are there."""

_NEEDED_QUERY = "a rule of type {} finds events by a query"


def read_metadata(document: dict[str, object], findings: Findings) -> Metadata:
    """The typed values of every key; what is wrong is left to `findings`."""
    bare = "rule" not in document
    findings.root = findings.top if bare else (*findings.top, "rule")
    top = Table(document, findings.top, findings)
    rule = top if bare else top.table("rule") or Table({}, (*findings.top, "rule"), findings)
    meta = (top.table("metadata") if "metadata" in top else None) or Table({}, (*findings.top, "metadata"), findings)
    found: _Values = {"name": rule.text("name"), "type": _kind(rule)}
    found["transform"] = top.json("transform")
    found["exported"] = (*rule.pairs(_EXPORTED), *meta.pairs(_KEPT))
    found |= _detection(rule, found["type"])
    found |= _schedule(rule)
    found |= _about(rule.forgiving())
    found |= _origin(meta.forgiving())
    metadata = Metadata(**_dated(found, rule))
    if not metadata.name and "name" not in rule:
        rule.missing("name", "a rule has a name", hint='name = "..."')
    _check(rule, metadata)
    for table in (meta, rule) if bare else (meta, rule, top):
        table.close()
    return metadata


def _kind(rule: Table) -> str:
    if "type" not in rule:
        rule.missing("type", "it says how the rule finds events", hint='type = "query"')
    return rule.text("type", choices=tuple(LANGUAGES))


def _detection(rule: Table, kind: str) -> _Values:
    """What decides which events are alerts."""
    languages = LANGUAGES.get(kind, ())
    query = rule.text("query")
    return {
        "language": rule.text("language", languages[0] if languages else "", languages),
        "query": query,
        "query_span": rule.findings.text_span((*rule.path, "query"), query) if query else None,
        "index": rule.texts("index"),
        "data_view_id": rule.text("data_view_id"),
        "saved_id": rule.text("saved_id"),
        "filters": parts.read_filters(rule, "filters"),
        "threshold": parts.read_threshold(rule),
        "new_terms": parts.read_new_terms(rule),
        "threat_match": parts.read_threat_match(rule),
        "machine_learning_job_id": rule.texts("machine_learning_job_id", single=True),
        "anomaly_threshold": rule.integer("anomaly_threshold"),
        "timestamp_override": rule.text("timestamp_override"),
        "timestamp_override_fallback_disabled": bool(rule.boolean("timestamp_override_fallback_disabled")),
        "event_category_override": rule.text("event_category_override"),
        "tiebreaker_field": rule.text("tiebreaker_field"),
        "timestamp_field": rule.text("timestamp_field"),
        "exceptions_list": parts.read_exceptions(rule),
        "alert_suppression": parts.read_suppression(rule),
        "max_signals": rule.integer("max_signals", least=1) or 100,
    }


def _schedule(rule: Table) -> _Values:
    """When the rule runs and what part of time it looks at."""
    start, end, interval = rule.text("from", "now-6m"), rule.text("to", "now"), rule.text("interval", "5m")
    from_ms, to_ms = _ago(rule, "from", start, 360_000), _ago(rule, "to", end, 0)
    try:
        interval_ms = parse_duration(interval)
    except DurationError as error:
        rule.findings.say(F011, f"{rule.dotted('interval')}: {error}", (*rule.path, "interval"), hint=error.hint)
        interval_ms = 300_000
    if from_ms <= to_ms and not rule.findings.errors:
        message = f"the rule looks from {start} to {end}, which is no time at all"
        rule.findings.say(F009, message, (*rule.path, "from"), hint="from must lie before to, such as now-9m")
    window = Window(from_ms, to_ms, interval_ms)
    return {"from_": start, "to": end, "interval": interval, "window": window}


def _ago(rule: Table, key: str, text: str, default: int) -> int:
    """Milliseconds before now that date math means; rounding makes the window as long as it can be."""
    try:
        moment = parse_date_math(text)
    except DurationError as error:
        rule.findings.say(F011, f"{rule.dotted(key)}: {error}", (*rule.path, key), hint=error.hint)
        return default
    if not moment.round_to:
        return -moment.offset_ms
    longest = UNIT_MS[moment.round_to] if key == "from" else 0
    rule.findings.say(
        F012,
        f"{rule.dotted(key)} is {text}, rounded at each run; the longest window that it can mean is used",
        (*rule.path, key),
        severity=Severity.WARNING,
    )
    return -moment.offset_ms + longest


def _about(rule: Table) -> _Values:
    """What the alert tells the analyst."""
    return {
        "rule_id": rule.text("rule_id"),
        "description": rule.text("description"),
        "author": rule.texts("author"),
        "license": rule.text("license"),
        "severity": rule.text("severity", "low", parts.SEVERITIES),
        "risk_score": rule.integer("risk_score", most=100) or 0,
        "severity_mapping": parts.read_severity_mapping(rule),
        "risk_score_mapping": parts.read_risk_mapping(rule),
        "rule_name_override": rule.text("rule_name_override"),
        "enabled": rule.boolean("enabled"),
        "building_block_type": rule.text("building_block_type", choices=("default",)),
        "tags": rule.texts("tags"),
        "references": rule.texts("references"),
        "false_positives": rule.texts("false_positives"),
        "note": rule.text("note"),
        "setup": rule.text("setup"),
        "threat": parts.read_threats(rule),
        "investigation_fields": parts.read_investigation_fields(rule),
        "timeline_id": rule.text("timeline_id"),
        "timeline_title": rule.text("timeline_title"),
        "version": rule.integer("version", least=1),
        "related_integrations": parts.read_related_integrations(rule),
        "required_fields": parts.read_required_fields(rule),
    }


def _dated(found: _Values, rule: Table) -> _Values:
    """What an export says in other keys: when the rule was made and changed, and whose data it is about."""
    found["creation_date"] = found["creation_date"] or _day(rule.raw("created_at"))
    found["updated_date"] = found["updated_date"] or _day(rule.raw("updated_at"))
    packages = tuple(dict.fromkeys(one.package for one in found["related_integrations"] if one.package))
    found["integration"] = found["integration"] or packages
    return found


def _day(moment: object) -> str:
    """The day of an ISO time as rule files write it: 2025/06/17."""
    text = moment if isinstance(moment, str) else ""
    return text[:10].replace("-", "/") if re.match(r"\d{4}-\d\d-\d\d", text) else ""


def _origin(meta: Table) -> _Values:
    """`[metadata]`: where the rule stands in the upstream repository."""
    return {
        "creation_date": meta.text("creation_date"),
        "updated_date": meta.text("updated_date"),
        "deprecation_date": meta.text("deprecation_date"),
        "deprecated_reason": meta.text("deprecated_reason"),
        "maturity": meta.text("maturity"),
        "min_stack_version": meta.text("min_stack_version"),
        "min_stack_comments": meta.text("min_stack_comments"),
        "integration": meta.texts("integration", single=True),
        "promotion": bool(meta.boolean("promotion")),
        "bypass_bbr_timing": bool(meta.boolean("bypass_bbr_timing")),
    }


def _check(rule: Table, metadata: Metadata) -> None:
    """The keys that the rule's type needs."""
    needed: dict[str, tuple[tuple[str, object], ...]] = {
        "threshold": (("threshold", metadata.threshold),),
        "new_terms": (("new_terms", metadata.new_terms),),
        "threat_match": (
            ("threat_mapping", metadata.threat_match),
            ("threat_index", metadata.threat_match is None or metadata.threat_match.index),
        ),
        "machine_learning": (("machine_learning_job_id", metadata.machine_learning_job_id),),
    }
    for key, value in needed.get(metadata.type, ()):
        if not value and key not in rule:
            rule.missing(key, f"a rule of type {metadata.type} needs it", at="type")
    _check_query(rule, metadata, LANGUAGES.get(metadata.type, ()))


def _check_query(rule: Table, metadata: Metadata, languages: Sequence[str]) -> None:
    """A query of blanks would match everything; with filters it means the filters alone, as in Kibana."""
    if not languages or (metadata.type == "saved_query" and "query" not in rule):
        return
    if "query" not in rule and not metadata.filters:
        rule.missing("query", _NEEDED_QUERY.format(metadata.type), at="type", hint="add query = '''...''' under [rule]")
    elif isinstance(rule.raw("query"), str) and not metadata.query.strip() and not metadata.filters:
        hint = "to match every event, write * in kuery or any where true in EQL"
        rule.findings.say(F010, f"{rule.dotted('query')} is empty", (*rule.path, "query"), hint=hint)
