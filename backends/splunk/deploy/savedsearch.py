"""A rule as stanzas of savedsearches.conf: search, schedule, throttling, notable event and annotations.

The keys are those that Splunk Enterprise Security reads, as contentctl writes them.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime

from backends.splunk.codes import T221, T222, T225, T232, T234
from backends.splunk.condition.literal import string
from backends.splunk.deploy.conf import Stanza, commented, compact, stanza, title
from backends.splunk.deploy.macro import macro_stanza
from backends.splunk.deploy.risk import Objects, drilldowns, objects_of, plain, risk_settings, token
from backends.splunk.deploy.uncarried import has, is_throttled, is_written, of_saved_search
from backends.splunk.detection.search import Search
from backends.splunk.detection.table import Filling, Table
from backends.splunk.detection.window import Times, cron, offset, times
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.code import Code
from converter.languages.spl.flow import returned
from converter.languages.spl.quoting import is_field
from converter.languages.spl.shorthand import call, case, equal, number
from converter.languages.spl.syntax import Eval, Expression, Name, Pipeline, Stage
from converter.languages.spl.syntax import Table as Columns
from converter.languages.spl.write import pipeline
from converter.model.duration import HOUR, MINUTE, SECOND
from converter.model.metadata import Metadata
from converter.model.rule import Rule
from converter.plan.credit import credit
from converter.plan.uncarried import retired, severity_mappings, suppressed
from converter.plan.window import plan_window
from converter.target.contract import Notebook
from converter.target.lines import one_line
from converter.target.lookup import Beside, Lookup

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:splunk")
_LONGEST_NAME = 99
_DIGEST = 8
SUFFIX = " - Rule"
_ALERT_SEVERITY = {"low": "2", "medium": "3", "high": "4", "critical": "5"}
_DOMAINS = {
    "Domain: Endpoint": "endpoint",
    "Domain: Network": "network",
    "Domain: Identity": "identity",
    "Domain: SaaS": "access",
    "Domain: Cloud": "audit",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """A rule as stanzas: its own, and those of the searches that fill lookups, each with its lookup.

    `stages` are those of its search, `objects` what the columns of the results name.
    """

    rule: Stanza
    fillings: tuple[tuple[Table, Stanza], ...] = ()
    stages: tuple[Stage, ...] = ()
    objects: Objects = field(default_factory=Objects)


def saved(rule: Rule, search: Search, notebook: Notebook, *, ecs: bool) -> Saved:
    """The stanzas of a rule; `ecs`: the search's fields have Elastic's names."""
    meta = rule.meta
    name = stanza_name(meta)
    if len(name) < len(one_line(meta.title + SUFFIX)):
        notebook.add(_note(T221, f"the name is cut to {_LONGEST_NAME} characters, which Enterprise Security takes"))
    kept = _keeping(search_stages(search), _asked(meta) if ecs else ())
    columns = returned(kept) if ecs else ()  # what a rule file names are Elastic's fields
    stages = (*kept, *_alert_fields(meta, columns))
    objects = objects_of(stages)
    settings = {
        "description": one_line(meta.description),
        "search": pipeline(Pipeline(stages)),
        **_schedule(meta, search, notebook),
        **_throttle(meta, columns),
        **_notable(meta, stages, objects, columns, notebook),
        **risk_settings(meta, objects),
        **_correlation(meta),
    }
    if not objects.risk:
        notebook.add(_note(T234, "no column of the results names a user or a system: the search gives no risk"))
    for diagnostic in of_saved_search(rule, columns, ecs=ecs):
        notebook.add(diagnostic)
    helpers = enumerate(search.fillings, 1)
    several = len(search.fillings) > 1
    own = [(one.table, _filling(meta, f"{name} {i}" if several else name, one)) for i, one in helpers]
    return Saved(stanza(name, settings), (*map(_listed, search.lookups), *own), stages, objects)


def _asked(meta: Metadata) -> tuple[str, ...]:
    """The fields that name an alert, say how severe it is, or throttle it."""
    mapped = [m.field for m in severity_mappings(meta) if is_written(m)]
    suppression = suppressed(meta)
    throttled = suppression.by if suppression else ()
    asked = [*mapped, *(m.field for m in meta.risk_score_mapping[:1]), meta.rule_name_override, *throttled]
    return tuple(dict.fromkeys(name for name in asked if is_field(name)))


def _keeping(stages: tuple[Stage, ...], names: Sequence[str]) -> tuple[Stage, ...]:
    """The stages, their closing table with these columns too."""
    if not stages or not isinstance(stages[-1], Columns):
        return stages
    return (*stages[:-1], Columns(tuple(dict.fromkeys((*stages[-1].names, *names)))))


def search_stages(search: Search) -> tuple[Stage, ...]:
    """The stages of a search that is written."""
    return search.search.stages if search.search is not None else ()


def saved_text(rule: Rule, search: Search, found: Saved) -> str:
    """The stanzas as one text: what belongs into other files as comments, then the searches."""
    parts = [f"# {one_line(credit(rule.meta).notice)}\n"]
    parts += [
        commented([f"For macros.conf, {one_line(macro.note)}:", macro_stanza(macro).text.rstrip("\n")])
        for macro in search.macros
    ]
    for table, filling in found.fillings:
        definition = stanza(table.name, table.settings).text.rstrip("\n")
        parts.append(commented(["For transforms.conf:", definition]) + filling.text)
    return "\n".join([*parts, found.rule.text])


def _note(code: Code, message: str) -> Diagnostic:
    return Diagnostic(code, message, Severity.NOTE)


def stanza_name(meta: Metadata) -> str:
    """The name of the saved search, as long as Enterprise Security takes it; a cut one ends in a digest of the id."""
    whole = title(meta.title)
    room = _LONGEST_NAME - len(SUFFIX)
    if len(whole) <= room:
        return whole + SUFFIX
    own = hashlib.sha256(meta.identity.encode("utf-8", "replace")).hexdigest()[:_DIGEST]
    return f"{whole[: room - _DIGEST - 1].rstrip()} {own}{SUFFIX}"


def _schedule(meta: Metadata, search: Search, notebook: Notebook) -> dict[str, str]:
    span = times(meta)
    when, even = cron(span.window.interval_ms)
    if not even:
        notebook.add(_note(T222, f"cron has no even interval of {offset(span.window.interval_ms)[1:]}: {when}"))
    if span.by_arrival:
        late = offset(span.window.lateness_ms).removeprefix("-")
        notebook.add(_note(T232, f"events that arrive more than {late} after they happened are not looked at"))
    return {
        "cron_schedule": when,
        "schedule_window": "auto",
        "allow_skew": "100%",
        "realtime_schedule": "0",
        "enableSched": "1",
        "disabled": "1",
        "is_visible": "0",
        **({"dispatch.latest_time": "now"} if search.spans else _range(span)),
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


def _throttle(meta: Metadata, columns: Sequence[str] | None) -> dict[str, str]:
    fact = suppressed(meta)
    if fact is None or not is_throttled(fact, columns):
        return {}
    return {
        "alert.suppress": "1",
        "alert.suppress.fields": ",".join(fact.by),
        "alert.suppress.period": _period(fact.duration_ms or plan_window(meta).interval_ms),
    }


def _period(ms: int) -> str:
    """Hours, minutes or seconds; throttling knows no days."""
    if ms % HOUR == 0 and ms >= HOUR:
        return f"{ms // HOUR}h"
    return f"{ms // MINUTE}m" if ms % MINUTE == 0 and ms else f"{max(1, -(-ms // SECOND))}s"


def _alert_fields(meta: Metadata, columns: Sequence[str] | None) -> list[Stage]:
    """The severity and risk score that mappings give an alert, by the columns of the results (None: all fields)."""
    arms: list[tuple[Expression, Expression]] = [
        (equal(Name(mapping.field), string(mapping.value)), string(mapping.severity))
        for mapping in severity_mappings(meta)
        if is_written(mapping) and has(columns, mapping.field)
    ]
    stages: list[Stage] = []
    if arms:
        severity = case(*arms, (call("true"), string(meta.severity)))
        stages.append(Eval((("severity", severity),)))
    for risk in meta.risk_score_mapping[:1]:
        if is_field(risk.field) and has(columns, risk.field):
            score = call("coalesce", call("tonumber", Name(risk.field)), number(meta.risk_score))
            stages.append(Eval((("risk_score", score),)))
    return stages


def _notable(
    meta: Metadata, stages: Sequence[Stage], objects: Objects, columns: Sequence[str] | None, notebook: Notebook
) -> dict[str, str]:
    """A notable event; a building block gives none and only counts for risk."""
    if meta.building_block_type:
        return {"action.notable": "0"}
    name, override = plain(meta.title), meta.rule_name_override
    if override and is_field(override) and has(columns, override):
        name = token(override)
        notebook.add(_note(T225, f"the title of the notable event is the field {override}"))
    elif override:
        notebook.add(_note(T225, f"{override!r} cannot name a notable event: the rule's name does"))
    steps = "\n\n".join(filter(None, (meta.note.strip(), _setup(meta), _references(meta))))
    return {
        "action.notable": "1",
        "action.notable.param.rule_title": name,
        "action.notable.param.rule_description": plain(meta.description),
        "action.notable.param.severity": meta.severity,
        "action.notable.param.security_domain": security_domain(meta),
        "action.notable.param.nes_fields": ",".join(objects.columns),
        "action.notable.param.next_steps": compact({"version": 1, "data": _steps(steps)}) if steps else "",
        "action.notable.param.drilldown_searches": drilldowns(stages, objects),
    }


def security_domain(meta: Metadata) -> str:
    """Enterprise Security's domain of the rule."""
    return next((domain for tag, domain in _DOMAINS.items() if tag in meta.tags), "threat")


def _setup(meta: Metadata) -> str:
    """How to make the events, under a heading: most rules bring their own."""
    text = meta.setup.strip()
    return f"## Setup\n\n{text}" if text and not text.startswith("## ") else text


def _references(meta: Metadata) -> str:
    return "\n".join(["References:", *(f"- {one_line(one)}" for one in meta.references)]) if meta.references else ""


def _steps(text: str) -> str:
    """An investigation guide as next steps, which take double brackets for actions and dollar signs for tokens."""
    return text.replace("[[", "[ [").replace("$", "$$")


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
        "detection_id": detection_id(meta),
        "detection_version": str(meta.version or 1),
        "deprecated": "1" if retired(meta) else "0",
        "publish_time": _epoch(meta.creation_date),
    }
    return {
        "action.correlationsearch.enabled": "1",
        "action.correlationsearch.label": one_line(meta.title),
        "action.correlationsearch.detection_type": "ebd",
        "action.correlationsearch.annotations": compact({k: v for k, v in annotations.items() if v}),
        "action.correlationsearch.metadata": compact({k: v for k, v in about.items() if v != ""}),
    }


def detection_id(meta: Metadata) -> str:
    """The detection's own id: derived from Elastic's, the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, meta.identity))


def _epoch(date: str) -> int | str:
    try:
        return int(datetime.strptime(date, "%Y/%m/%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return ""


def _listed(lookup: Lookup | Beside) -> tuple[Table, Stanza]:
    """The saved search that fills a lookup of the place once a day."""
    settings = {
        "description": one_line(f"Fills the lookup {lookup.name} from the last {lookup.days} days. {lookup.note}"),
        "search": lookup.query,
        "dispatch.earliest_time": f"-{lookup.days}d",
        "dispatch.latest_time": "now",
        "cron_schedule": "0 4 * * *",
        "enableSched": "1",
        "disabled": "1",
        "is_visible": "0",
    }
    return Table(lookup.name, lookup.columns), stanza(f"Lookup Gen - {lookup.name}", settings)


def _filling(meta: Metadata, name: str, one: Filling) -> Stanza:
    """The saved search that fills a lookup of the rule, as often as the rule runs."""
    settings = {
        "description": one.purpose,
        "search": pipeline(one.search),
        "dispatch.earliest_time": one.earliest,
        "dispatch.latest_time": "now",
        "cron_schedule": cron(plan_window(meta).interval_ms)[0],
        "enableSched": "1",
        "disabled": "1",
        "is_visible": "0",
    }
    return stanza(name.replace(SUFFIX, " - Lookup Gen"), settings)
