"""Rules and artifacts as HTML, for notebooks and reports. Every text of a rule is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from converter.diagnostics import Diagnostic, render

if TYPE_CHECKING:
    from converter.artifact import Artifact
    from converter.model.rule import Rule

_COLOURS = {"exact": "#1a7f37", "approximate": "#9a6700", "refused": "#cf222e"}


def badge(status: str) -> str:
    """The status as a coloured word."""
    return f'<span style="color:{_COLOURS[status]};font-weight:bold">{status}</span>'


def diagnostics_html(diagnostics: Iterable[Diagnostic]) -> str:
    """Diagnostics as their rendered text, folded away behind their first line."""
    return "".join(
        f"<details><summary><code>{escape(d.code)}</code> {escape(d.message)}</summary>"
        f"<pre>{escape(render(d))}</pre></details>"
        for d in diagnostics
    )


def artifact_html(artifact: Artifact) -> str:
    """An artifact: status, text, diagnostics."""
    title = f"<b>{escape(artifact.rule_name)}</b> &rarr; {escape(artifact.target)}: {badge(artifact.status)}"
    text = f"<pre>{escape(artifact.text)}</pre>" if artifact.text else ""
    return f"<div>{title}{text}{diagnostics_html(artifact.diagnostics)}</div>"


def rule_html(rule: Rule) -> str:
    """A rule: name, type, severity, query, notes."""
    meta = rule.meta
    language = f" in {escape(meta.language)}" if meta.language else ""
    facts = f"{escape(meta.type)}{language}, severity {escape(meta.severity)}, risk {meta.risk_score}"
    query = f"<pre>{escape(meta.query.strip())}</pre>" if meta.query else ""
    return f"<div><b>{escape(meta.name)}</b> <i>{facts}</i>{query}{diagnostics_html(rule.notes)}</div>"
