"""The machine-readable account of a run, as JSON, and the same for people, as one HTML file.

Deterministic: no times, no absolute paths that the user did not give.
"""

from __future__ import annotations

import hashlib
import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from converter import __version__
from converter.build.files import write
from converter.cli.account import as_json as as_json_account
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.diagnostics.page import badge, diagnostics_html
from converter.target.artifact import Artifact
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.cli.convert import Outcome, Run
    from converter.model.rule import Rule

_JSON, _HTML = ".json", (".html", ".htm")

SCHEMA = 1
"""Raised when a reader of reports would have to change."""


def place(choice: str, folder: Path | None) -> Path:
    """The file that `--report` means: a path, or `json` / `html` for report.json / report.html beside the artifacts.

    Raises EmitError for a file whose ending no format has.
    """
    if choice in ("json", "html"):
        return (folder or Path()) / f"report.{choice}"
    path = Path(choice)
    if path.suffix not in (_JSON, *_HTML):
        hint = "use json, html, or a file that ends in .json or .html"
        raise EmitError(Diagnostic(T005, f"report cannot be {choice!r}", hint=hint))
    return path


def write_report(run: Run, path: Path) -> None:
    """Write the report; the file name's ending decides the format. Raises EmitError."""
    write(path, as_html(run) if path.suffix in _HTML else as_json(run))


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


_STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}"
    "pre{background:#f6f8fa;padding:.6em;overflow:auto}"
)


def as_html(run: Run) -> str:
    """The report as one HTML page without anything outside it."""
    names = [t.name for t in run.targets]
    counts = "".join(
        f"<tr><td>{escape(name)}</td>" + "".join(f"<td>{n}</td>" for n in of.values()) + "</tr>"
        for name, of in run.counts().items()
    )
    rows = "".join(_row(outcome, names) for outcome in run.outcomes)
    heads = "".join(f"<th>{escape(n)}</th>" for n in names)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>siemglot report</title>'
        f"<style>{_STYLE}</style></head><body><h1>Conversion report</h1>"
        f"<table><tr><th>target</th><th>exact</th><th>approximate</th><th>refused</th></tr>{counts}</table>"
        f"<h2>Rules</h2><table><tr><th>rule</th>{heads}</tr>{rows}</table>"
        f"<p>siemglot {escape(__version__)}</p></body></html>\n"
    )


def _row(outcome: Outcome, names: list[str]) -> str:
    title = escape(outcome.rule.meta.name if outcome.rule else outcome.input.name)
    head = f"<td>{title}<br><code>{escape(outcome.input.name)}</code>{diagnostics_html(outcome.problems)}</td>"
    cells = (_cell([a for a in outcome.artifacts if a.target == name]) for name in names)
    return f"<tr>{head}{''.join(cells)}</tr>"


def _cell(artifacts: list[Artifact]) -> str:
    if not artifacts:
        return "<td>&mdash;</td>"
    return f"<td>{''.join(map(_shown, artifacts))}</td>"


def _shown(artifact: Artifact) -> str:
    text = f"<details><summary>text</summary><pre>{escape(artifact.text)}</pre></details>" if artifact.text else ""
    return f"{badge(artifact.status)}{text}{diagnostics_html(artifact.diagnostics)}"
