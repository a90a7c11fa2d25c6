"""The account of a run of `convert`: as JSON, or as one of the reports of builds.

Deterministic: no times, no absolute paths that the user did not give.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from converter import __version__
from converter.build.files import write
from converter.cli import stdout
from converter.cli.account import as_json as as_json_account
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.target.artifact import Artifact
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.build.run import Build
    from converter.cli.outcome import Outcome, Run
    from converter.model.rule import Rule

SCHEMA = 1
"""Raised when a reader of reports would have to change."""

KINDS = {"json": ".json", "html": ".html", "sarif": ".sarif", "junit": ".xml"}
"""The kinds that are files, with the endings that name them."""
GITHUB = "github"
"""Annotations, which GitHub reads from stdout."""


def place(choice: str, folder: Path | None) -> Path | None:
    """The file that `--report` means: a path, or a kind for report.KIND beside the artifacts. None: stdout.

    Raises EmitError for a file whose ending no kind has.
    """
    if choice == GITHUB:
        return None
    if choice in KINDS:
        return (folder or Path()) / f"report{KINDS[choice]}"
    path = Path(choice)
    if path.suffix not in (*KINDS.values(), ".htm"):
        hint = f"use {', '.join((*KINDS, GITHUB))}, or a file that ends in {', '.join(KINDS.values())}"
        raise EmitError(Diagnostic(T005, f"report cannot be {choice!r}", hint=hint))
    return path


def write_report(run: Run, path: Path | None) -> None:
    """Write the report; the file name's ending decides the kind. Raises EmitError."""
    if path is not None and path.suffix == ".json":
        write(path, as_json(run))
        return
    from converter.build.reports import maker  # JSON needs none of them

    if path is None:
        stdout.write(maker(GITHUB)(as_build(run), ()))
        return
    kind = next((kind for kind, suffix in KINDS.items() if suffix == path.suffix), "html")
    write(path, maker(kind)(as_build(run), ()))


def as_json(run: Run) -> str:
    """The report as JSON text."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "siemglot", "version": __version__},
        "exit": int(run.exit),
        "summary": run.counts(),
        "rules": [_rule(outcome) for outcome in run.outcomes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rule(outcome: Outcome) -> dict[str, object]:
    meta = outcome.rule.meta if outcome.rule else None
    return {
        "path": outcome.input.name,
        "rule_id": meta.rule_id if meta else None,
        "name": meta.name if meta else None,
        "type": meta.type if meta else None,
        "language": meta.language if meta else None,
        "artifacts": [_artifact(a, outcome.files.get(a.filename), outcome.rule) for a in outcome.artifacts],
        "problems": [diagnostic(d) for d in outcome.problems],
    }


def _artifact(artifact: Artifact, path: Path | None, rule: Rule | None) -> dict[str, object]:
    digest = hashlib.sha256(artifact.text.encode("utf-8")).hexdigest() if artifact.text else None
    return {
        "target": artifact.target,
        "status": artifact.status,
        "fields": artifact.fields or None,
        "dataset": artifact.dataset or None,
        "place": artifact.place or None,
        "file": path.as_posix() if path else None,
        "sha256": digest,
        "assumes": [{"fact": one.fact.value, "column": one.column or None} for one in artifact.assumed],
        "account": as_json_account(artifact, rule) if rule else [],
        "diagnostics": [diagnostic(d) for d in artifact.diagnostics],
    }


def diagnostic(found: Diagnostic) -> dict[str, object]:
    """One diagnostic as JSON, with its place as line and column from 1."""
    line, column = found.source.place(found.span.start) if found.source and found.span else (None, None)
    end_line, end_column = found.source.place(found.span.end) if found.source and found.span else (None, None)
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "file": found.source.name if found.source else None,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "hint": found.hint or None,
    }


def as_build(run: Run) -> Build:
    """The run as the reports of builds take it."""
    from converter.api import catalogue  # only reports that are no JSON need it
    from converter.build.plan import Plan, products
    from converter.build.run import Build
    from converter.build.work import recorded

    rules = tuple(
        recorded(
            outcome.input.name,
            outcome.rule,
            [(a, path.as_posix() if (path := outcome.files.get(a.filename)) else "") for a in outcome.artifacts],
            outcome.problems,
        )
        for outcome in run.outcomes
    )
    return Build(Plan(products(run.choices.targets, run.choices.formats), catalogue(run.choices.mapping)), rules, {})
