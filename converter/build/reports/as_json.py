"""report.json: everything a build knows, for programs. docs/reports.md describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from converter import __version__
from converter.build.changes import Change
from converter.build.files import digest
from converter.build.record import Built, Condition, Ended, Made, Message, Place
from converter.build.run import Build, reasons
from converter.diagnostics.catalogue import all_codes

SCHEMA = "siemglot-build/1"
"""Its number is raised when a reader of reports would have to change."""


def report(build: Build, changes: Sequence[Change]) -> str:
    """The report as JSON text."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "siemglot", "version": __version__},
        "made_by": build.plan.digests(),
        "targets": {one.name: one.form or None for one in build.plan.products},
        "summary": build.counts(),
        "left_out": build.left_out,
        "reasons": [_reason(*one) for one in reasons(build)],
        "entries": _entries(build),
        "changes": [change_json(change) for change in changes],
    }
    head = json.dumps(document, ensure_ascii=False, indent=1)
    # A rule a line: with an account's every word on its own, the file would be three times as long.
    rules = ",\n".join(json.dumps(_rule(rule), ensure_ascii=False, separators=(",", ":")) for rule in build.rules)
    return f'{head[:-2]},\n "rules": [\n{rules}\n ]\n}}\n'


def _entries(build: Build) -> dict[str, object]:
    """What the entries of tables rest on that the accounts cite."""
    cited = {e.entry: e for rule in build.rules for made in rule.artifacts for e in made.account if e.entry}
    return {entry: {"known": one.known or None, "evidence": list(one.evidence)} for entry, one in sorted(cited.items())}


def _reason(target: str, status: str, code: str, count: int) -> dict[str, object]:
    entry = all_codes().get(code)
    return {
        "target": target,
        "status": status,
        "code": code,
        "rules": count,
        "summary": entry.summary if entry else None,
        "next_step": entry.remedy if entry else None,
    }


def change_json(change: Change) -> dict[str, object]:
    """One change."""
    turns = [{"target": t.target, "before": t.before, "after": t.after, "codes": list(t.codes)} for t in change.turns]
    return {
        "kind": change.kind,
        "path": change.path,
        "rule_id": change.rule_id or None,
        "name": change.name or None,
        "meaning": list(change.lines),
        "status": turns,
    }


def _rule(rule: Built) -> dict[str, object]:
    facts = rule.facts
    return {
        "path": rule.path,
        "rule_id": facts.rule_id or None,
        "name": facts.name or None,
        "type": facts.type or None,
        "language": facts.language or None,
        "severity": facts.severity or None,
        "risk_score": facts.risk_score,
        "maturity": facts.maturity or None,
        "tags": list(facts.tags),
        "datasets": list(facts.datasets),
        "source": rule.source or None,
        "broken": rule.broken,
        "failed": rule.failed,
        "messages": [_message(one) for one in rule.messages],
        "conditions": [_condition(one) for one in rule.conditions],
        "artifacts": [_artifact(one) for one in rule.artifacts],
    }


def _artifact(made: Made) -> dict[str, object]:
    return {
        "target": made.target,
        "status": made.status,
        "fields": made.fields or None,
        "dataset": made.dataset or None,
        "place": made.table or None,
        "file": made.path or None,
        "sha256": digest(made.text.encode("utf-8")) if made.text else None,
        "assumes": [{"fact": fact, "column": column or None} for fact, column in made.assumed],
        "messages": list(made.said),
        "account": [_ended(one) for one in made.account],
    }


def _ended(one: Ended) -> dict[str, object]:
    found: dict[str, object] = {"condition": one.condition, "ending": one.ending}
    rest = {
        "columns": list(one.columns),
        "why": one.why,
        "code": one.code,
        "entry": one.entry,
    }
    return found | {key: value for key, value in rest.items() if value}


def _condition(one: Condition) -> dict[str, object]:
    return {"words": one.words, **_place(one.place)}


def _message(one: Message) -> dict[str, object]:
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "file": one.file or None,
        **_place(one.place),
        "hint": one.hint or None,
    }


def _place(place: Place) -> dict[str, object]:
    """Lines and columns from 1, null where nothing is known."""
    return {
        "line": place.line or None,
        "column": place.column or None,
        "end_line": place.end_line or None,
        "end_column": place.end_column or None,
    }
