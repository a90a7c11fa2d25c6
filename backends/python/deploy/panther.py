"""A rule of Panther: `rule(event)`, `title`, `alert_context` in Python, and the YAML beside it with its tests.

Keys and values are those that panther_analysis_tool checks (its schemas.py); functions those of Panther's page
"Writing Python Detections". Events are Elastic's, as a log type of one's own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from backends.python.codes import T404, T405
from backends.python.condition.expression import text_literal
from backends.python.detection.module import Module
from converter.deferred import compiled
from converter.diagnostics import Diagnostic, Severity
from converter.languages import yaml
from converter.model.metadata import Metadata
from converter.model.predicate import Or, Predicate
from converter.model.rule import AnyOf, Detection, Match, Threshold
from converter.model.value import Column
from converter.model.walk import fields
from converter.plan.credit import credit
from converter.plan.group import plan_group
from converter.plan.uncarried import retired, suppressed
from converter.plan.window import plan_window
from converter.reference import matches
from converter.target.lines import one_line

LOG_TYPE = "Custom.ElasticCommonSchema"
"""Names of one's own log types begin so; whoever installs the rule may write another."""

_SEVERITIES = {"low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"}
_NAMELESS = compiled(r'[<>&"%]|[^ -~\xa1-\uffef]')
_SHOWN = 20
_MATCHING, _OTHER = 3, 5
_MINUTE = 60_000
_LATER = 10 * 365 * 24 * 60 * _MINUTE
"""Ten years: a test holds whenever it is run, or there is none."""


def where_of(module: Module) -> Predicate | None:
    """What one event has to satisfy; None, with the reason in the notebook, where one event cannot tell."""
    detection: Detection = module.rule.detection
    match detection:
        case Match(where):
            return where
        case AnyOf(arms):
            return Or(tuple(arm.where for arm in arms)) if len(arms) > 1 else arms[0].where
        case Threshold(where, distinct=None):
            message = (
                "Panther counts from a group's first event on, in periods one after the other, and an event with "
                "several values in one group; Elastic counts what each run looks at, and such an event in every group"
            )
            module.notebook.add(Diagnostic(T405, message, Severity.WARNING))
            return where
        case _:
            what = type(detection).__name__
            message = f"Panther asks a rule about one event at a time; this one ({what}) is about several"
            module.notebook.add(Diagnostic(T404, message))
            return None


def functions(module: Module, where: Predicate) -> list[str]:
    """The source of what Panther calls."""
    meta, detection = module.rule.meta, module.rule.detection
    read = module.expressions.use("reading", "texts")
    shown = _shown(meta, where)
    plain = (
        'def _plain(event):\n    """Panther\'s event as a dict."""\n'
        '    return event.to_dict() if hasattr(event, "to_dict") else event\n'
    )
    ruling = 'def rule(event):\n    """Whether the event is an alert."""\n    return matches(_plain(event))\n'
    context = (
        'def alert_context(event):\n    """The values to look at first."""\n'
        f"    event, names = _plain(event), [{', '.join(map(text_literal, shown))}]\n"
        f"    return {{name: {read}(event, name) for name in names if {read}(event, name)}}\n"
    )
    found = [plain, ruling, _title(meta, read), context]
    by = _grouped(meta, detection)
    if by:
        keys = ", ".join(map(text_literal, by))
        found.append(
            'def dedup(event):\n    """Alerts with the same text are one."""\n    event = _plain(event)\n'
            f"    return repr([sorted({read}(event, name)) for name in [{keys}]])\n"
        )
    return found


def _title(meta: Metadata, read: str) -> str:
    name = text_literal(meta.title)
    head = 'def title(event):\n    """The title of the alert."""\n'
    if not meta.rule_name_override:
        return f"{head}    return {name}\n"
    field = text_literal(meta.rule_name_override)
    return f"{head}    return next(iter({read}(_plain(event), {field})), {name})\n"


def _grouped(meta: Metadata, detection: Detection) -> Sequence[str]:
    if isinstance(detection, Threshold):
        return [field.path for field in detection.group_by]
    suppression = suppressed(meta)
    return suppression.by if suppression else ()


def _shown(meta: Metadata, where: Predicate) -> list[str]:
    """The fields that the rule asks to be shown, and those of its conditions."""
    named = (field.path for field in fields(where) if isinstance(field.way, Column | None))
    return list(dict.fromkeys((*meta.investigation_fields, *named)))[:_SHOWN]


# ---- the YAML beside it


def document(module: Module, where: Predicate, file: str) -> str:
    """The YAML of the rule; `file` is the name of its Python file."""
    meta = module.rule.meta
    found: dict[str, object] = {
        "AnalysisType": "rule",
        "RuleID": rule_id(meta),
        "DisplayName": _name(meta.title),
        "Enabled": False,
        "Filename": file,
        "LogTypes": [LOG_TYPE],
        "Severity": "Info" if meta.building_block_type else _SEVERITIES.get(meta.severity, "Medium"),
        "Description": _description(meta),
        "Tags": [*meta.tags, *([f"{credit(meta).kind} rule {one_line(meta.rule_id)}"] if meta.rule_id else [])],
        "Reports": {"MITRE ATT&CK": _techniques(meta)},
        "Reference": meta.references[0] if meta.references else "",
        "Runbook": meta.note.strip(),
        **_counting(module.rule.detection, meta),
        "Tests": _tests(where),
    }
    kept = {key: value for key, value in found.items() if value not in ("", [], {"MITRE ATT&CK": []})}
    lines = [f"# {one_line(credit(meta).notice)}", f"# {one_line(credit(meta).origin)}"]
    text = yaml.dump(kept, step="  ")
    return "\n".join(line for line in lines if line != "# ") + "\n" + text


def rule_id(meta: Metadata) -> str:
    """The rule's id in Panther: its own, or one that is derived from it where that is no id of Panther's."""
    kind = credit(meta).kind
    if meta.rule_id and not meta.id_tag and re.fullmatch(r"[A-Za-z0-9._-]{1,100}", meta.rule_id):
        return f"{kind}.{meta.rule_id}"
    return f"{kind}.{hashlib.sha256(meta.identity.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _name(text: str) -> str:
    return " ".join(_NAMELESS.sub(" ", text).split()) or "Rule"


def _description(meta: Metadata) -> str:
    opening = "Deprecated by its authors. " if retired(meta) else ""
    return f"{opening}{meta.description.strip()}" or meta.title


def _techniques(meta: Metadata) -> list[str]:
    """Tactic and technique, TA0002:T1059.001."""
    found: dict[str, None] = {}
    for threat in meta.threat:
        if "ATT&CK" in threat.framework:
            for technique in threat.techniques:
                own = [one.id for one in technique.subtechniques] or [technique.id]
                found |= dict.fromkeys(f"{threat.tactic_id}:{one}" for one in own)
    return list(found)


def _counting(detection: Detection, meta: Metadata) -> dict[str, object]:
    """How many events make an alert, and how long alerts of one group are one."""
    if isinstance(detection, Threshold):
        plan = plan_group(detection, meta)
        return {"Threshold": plan.at_least, "DedupPeriodMinutes": max(-(-plan.window.length_ms // _MINUTE), 1)}
    suppression = suppressed(meta)
    if suppression is None or not suppression.by:
        return {}
    return {"DedupPeriodMinutes": max(-(-(suppression.duration_ms or plan_window(meta).interval_ms) // _MINUTE), 1)}


def _tests(where: Predicate) -> list[dict[str, object]]:
    """Witnesses of the rule with what it says of each: some that match, some that just do not."""
    from converter.proof.example import NOW  # the solver, which only this format needs
    from converter.proof.witness import witnesses

    tests: list[dict[str, object]] = []
    counts = {True: 0, False: 0}
    seen: set[str] = set()
    for event in witnesses(where, 60):
        verdict = matches(where, event, NOW)
        text = json.dumps(event, sort_keys=True)
        if verdict != matches(where, event, NOW + _LATER) or text in seen or not _plain_keys(event):
            continue
        if counts[verdict] < (_MATCHING if verdict else _OTHER):
            seen.add(text)
            counts[verdict] += 1
            name = f"{'Matches' if verdict else 'Does not match'} {counts[verdict]}"
            tests.append({"Name": name, "ExpectedResult": verdict, "Log": json.loads(text)})
    return sorted(tests, key=lambda test: not test["ExpectedResult"])


def _plain_keys(event: Mapping[str, object]) -> bool:
    """Whether no two names differ in case only: Panther's events do not tell them apart."""
    return len({key.lower() for key in event}) == len(event)
