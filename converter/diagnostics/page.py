"""Diagnostics as HTML, for notebooks and reports. Every text of a rule is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from converter.diagnostics.record import Diagnostic
from converter.diagnostics.render import render

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


STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}"
    "pre{background:#f6f8fa;padding:.6em;overflow:auto}"
)
"""How pages look."""
