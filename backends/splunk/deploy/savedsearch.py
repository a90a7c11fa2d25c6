"""A rule as stanzas of savedsearches.conf: search, schedule, throttling, notable event and annotations.

The keys are those that Splunk Enterprise Security reads, as contentctl writes them.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from backends.splunk.codes import T221, T222
from backends.splunk.condition.literal import string
from backends.splunk.deploy.conf import one_line, stanza
from backends.splunk.deploy.macro import macro_stanza
from backends.splunk.deploy.uncarried import is_throttled, is_written, of_saved_search
from backends.splunk.detection.search import Helper, Search
from backends.splunk.detection.window import Times, cron, offset, times
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.code import Code
from converter.languages.spl.quoting import is_field
from converter.languages.spl.shorthand import call, case, equal, number
from converter.languages.spl.syntax import Eval, Expression, Name, Pipeline, Stage
from converter.languages.spl.write import pipeline
from converter.model.duration import HOUR, MINUTE, SECOND
from converter.model.metadata import Metadata
from converter.model.rule import Rule
from converter.model.value import Macro
from converter.plan.credit import credit
from converter.plan.uncarried import Suppressed, uncarried
from converter.target.contract import Notebook
from converter.target.lookup import Lookup

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:splunk")
_LONGEST_NAME = 99
_SUFFIX = " - Rule"
_ALERT_SEVERITY = {"low": "2", "medium": "3", "high": "4", "critical": "5"}
_DOMAINS = {
    "Domain: Endpoint": "endpoint",
    "Domain: Network": "network",
    "Domain: Identity": "identity",
    "Domain: SaaS": "access",
    "Domain: Cloud": "audit",
}


def saved_searches(rule: Rule, search: Search, notebook: Notebook, *, ecs: bool) -> str:
    """The stanzas of a rule; `ecs`: the search's fields have Elastic's names."""
    meta = rule.meta
    name = stanza_name(meta.name)
    if len(name) < len(one_line(meta.name + _SUFFIX)):
        notebook.add(_note(T221, f"the name is cut to {_LONGEST_NAME} characters, which Enterprise Security takes"))
    stages = search.search.stages if search.search is not None else ()
    text = pipeline(Pipeline((*stages, *_alert_fields(meta, ecs=ecs))))
    settings = {
        "description": one_line(meta.description),
        "search": text,
        **_schedule(meta, search, notebook),
        **_throttle(rule, ecs=ecs),
        **_notable(meta),
        **_correlation(meta),
    }
    for diagnostic in of_saved_search(rule, ecs=ecs):
        notebook.add(diagnostic)
    parts = [
        f"# {one_line(credit(meta).notice)}\n",
        *map(_macro, search.macros),
        *map(_listed, search.lookups),
        *[_helper(name, h, f" {i}" if len(search.helpers) > 1 else "") for i, h in enumerate(search.helpers, 1)],
        stanza(name, settings),
    ]
    return "\n".join(parts)


def _note(code: Code, message: str) -> Diagnostic:
    return Diagnostic(code, message, Severity.NOTE)


def stanza_name(name: str) -> str:
    """The name of the saved search, as long as Enterprise Security takes it."""
    return one_line(name)[: _LONGEST_NAME - len(_SUFFIX)].rstrip() + _SUFFIX


def _schedule(meta: Metadata, search: Search, notebook: Notebook) -> dict[str, str]:
    span = times(meta)
    when, even = cron(span.window.interval_ms)
    if not even:
        notebook.add(_note(T222, f"cron has no even interval of {offset(span.window.interval_ms)[1:]}: {when}"))
    return {
        "cron_schedule": when,
        "schedule_window": "auto",
        "allow_skew": "100%",
        "realtime_schedule": "0",
        "enableSched": "1",
        "disabled": "1",
        "is_visible": "0",
        **({} if search.spans else _range(span)),
        "counttype": "number of events",
        "relation": "greater than",
        "quantity": "0",
        "alert.track": "1",
        "alert.digest_mode": "1",
        "alert.severity": _ALERT_SEVERITY.get(meta.severity, "3"),
    }


def _range(span: Times) -> dict[str, str]:
    """The time range of a run. A range of arrival needs one of event time that takes late events in."""
    window = span.window
    if span.by_arrival:
        return {
            "dispatch.earliest_time": offset(window.event_from_ms),
            "dispatch.latest_time": "+1d",
            "dispatch.index_earliest": offset(window.from_ms),
            "dispatch.index_latest": offset(window.to_ms),
        }
    return {"dispatch.earliest_time": offset(window.from_ms), "dispatch.latest_time": offset(window.to_ms)}


def _throttle(rule: Rule, *, ecs: bool) -> dict[str, str]:
    for fact in uncarried(rule):
        if isinstance(fact, Suppressed) and is_throttled(fact, ecs=ecs):
            return {
                "alert.suppress": "1",
                "alert.suppress.fields": ",".join(fact.by),
                "alert.suppress.period": _period(fact.duration_ms or rule.meta.window.interval_ms),
            }
    return {}


def _period(ms: int) -> str:
    """Hours, minutes or seconds; throttling knows no days."""
    if ms % HOUR == 0 and ms >= HOUR:
        return f"{ms // HOUR}h"
    return f"{ms // MINUTE}m" if ms % MINUTE == 0 and ms else f"{max(1, -(-ms // SECOND))}s"


def _alert_fields(meta: Metadata, *, ecs: bool) -> list[Stage]:
    """The severity and risk score that mappings give an alert, as columns of the results."""
    if not ecs:
        return []
    arms: list[tuple[Expression, Expression]] = [
        (equal(Name(mapping.field), string(mapping.value)), string(mapping.severity))
        for mapping in meta.severity_mapping
        if mapping.value and is_written(mapping)
    ]
    stages: list[Stage] = []
    if arms:
        severity = case(*arms, (call("true"), string(meta.severity)))
        stages.append(Eval((("severity", severity),)))
    for risk in meta.risk_score_mapping[:1]:
        if is_field(risk.field):
            score = call("coalesce", call("tonumber", Name(risk.field)), number(meta.risk_score))
            stages.append(Eval((("risk_score", score),)))
    return stages


def _notable(meta: Metadata) -> dict[str, str]:
    """A notable event; a building block gives none and only counts for risk."""
    domain = next((d for tag, d in _DOMAINS.items() if tag in meta.tags), "threat")
    name = f"${meta.rule_name_override}$" if meta.rule_name_override else one_line(meta.name).replace("$", "$$")
    return {
        "action.notable": "0" if meta.building_block_type else "1",
        "action.notable.param.rule_title": name,
        "action.notable.param.rule_description": one_line(meta.description).replace("$", "$$"),
        "action.notable.param.severity": "informational" if meta.building_block_type else meta.severity,
        "action.notable.param.security_domain": domain,
    }


def _correlation(meta: Metadata) -> dict[str, str]:
    techniques = [t for threat in meta.threat if "ATT&CK" in threat.framework for t in threat.techniques]
    ids = dict.fromkeys(i for t in techniques for i in (t.id, *(s.id for s in t.subtechniques)))
    tactics = dict.fromkeys(t.tactic_name for t in meta.threat if t.tactic_name)
    annotations = {
        "mitre_attack": list(ids),
        "mitre_attack_tactic": list(tactics),
        "elastic_rule_id": [meta.rule_id] if meta.rule_id else [],
        "elastic_risk_score": [str(meta.risk_score)],
        "elastic_tags": list(meta.tags),
        "elastic_references": list(meta.references),
        "elastic_false_positives": [one_line(f) for f in meta.false_positives],
        "elastic_author": list(meta.author),
    }
    about = {
        "detection_id": str(uuid.uuid5(_NAMESPACE, meta.rule_id or meta.name)),
        "detection_version": str(meta.version or 1),
        "deprecated": "1" if meta.maturity == "deprecated" else "0",
        "publish_time": _epoch(meta.creation_date),
    }
    return {
        "action.correlationsearch.enabled": "1",
        "action.correlationsearch.label": one_line(meta.name),
        "action.correlationsearch.detection_type": "ebd",
        "action.correlationsearch.annotations": _compact({k: v for k, v in annotations.items() if v}),
        "action.correlationsearch.metadata": _compact({k: v for k, v in about.items() if v != ""}),
    }


def _epoch(date: str) -> int | str:
    try:
        return int(datetime.strptime(date, "%Y/%m/%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return ""


def _compact(data: object) -> str:
    """JSON without blanks and, lest a backslash be taken for a line that goes on, all of it in ASCII."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True)


def _macro(macro: Macro) -> str:
    """The macro that the search calls, which belongs into macros.conf."""
    lines = [f"{macro.note}:", *macro_stanza(macro)]
    return "# For macros.conf, " + "".join(f"{'#   ' if i else ''}{line}\n" for i, line in enumerate(lines))


def _listed(lookup: Lookup) -> str:
    """The saved search that fills a lookup of the place once a day; its definition belongs into transforms.conf."""
    settings = {
        "description": one_line(f"Fills the lookup {lookup.name} from the last {lookup.days} days. {lookup.note}"),
        "search": lookup.query,
        "dispatch.earliest_time": f"-{lookup.days}d",
        "dispatch.latest_time": "now",
        "cron_schedule": "0 4 * * *",
        "enableSched": "1",
        "disabled": "1",
    }
    definition = f"#   [{lookup.name}]\n#   filename = {lookup.name}.csv\n#   case_sensitive_match = true\n"
    return f"# For transforms.conf:\n{definition}{stanza(f'Lookup Gen - {lookup.name}', settings)}"


def _helper(name: str, helper: Helper, number: str) -> str:
    """The saved search that fills a lookup; the lookup's definition belongs into transforms.conf."""
    definition = "".join(f"#   {line}\n" for line in helper.stanza.split("\n"))
    settings = {
        "description": helper.purpose,
        "search": pipeline(helper.search),
        "cron_schedule": "*/5 * * * *",
        "enableSched": "1",
        "disabled": "1",
    }
    head = name.removesuffix(_SUFFIX) + f" - Lookup Gen{number}"
    return f"# For transforms.conf:\n{definition}{stanza(head, settings)}"
