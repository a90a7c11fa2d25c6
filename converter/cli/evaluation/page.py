"""The alerts of a run as one page of HTML: by rule, tactic, host and hour; no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from converter.cli.evaluation.output import moment
from converter.cli.evaluation.overview import LISTED, Overview, subject
from converter.engine import Alert
from converter.engine.explain import explained, lines

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}pre{background:#f6f6f6;padding:.6rem;overflow:auto}
.bar{background:#4a78b5;display:inline-block;height:.7rem;vertical-align:middle}
.critical,.high{color:#a01818;font-weight:600}.medium{color:#9a5b00}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}td,th{border-color:#333}pre{background:#222}
.critical,.high{color:#f08080}.medium{color:#e0a040}}
"""


def page(overview: Overview, said: str) -> Iterator[str]:
    """The page, line by line; `said` is the run's summary."""
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Alerts</title>'
    yield f"<style>{_STYLE}</style></head><body><h1>Alerts</h1><p>{escape(said)}</p>"
    yield "<h2>By rule</h2><table><tr><th>severity<th>alerts<th>rule<th>tactics</tr>"
    for rule, count in overview.by_rule():
        meta = rule.meta
        tactics = ", ".join(dict.fromkeys(threat.tactic_name for threat in meta.threat))
        yield (
            f'<tr><td class="{escape(meta.severity)}">{escape(meta.severity)}<td class="n">{count:,}'
            f"<td>{escape(meta.name)}<td>{escape(tactics)}</tr>"
        )
    yield "</table>"
    yield from _bars("By tactic", overview.tactics.most_common(20))
    yield from _bars("By hour", sorted(overview.hours.items())[-168:])
    for name, counts in overview.subjects.items():
        yield from _bars(f"By {name}", counts.most_common(20))
    yield f"<h2>The first {min(len(overview.first), LISTED):,} alerts</h2>"
    for alert in overview.first:
        yield from _alert(alert)
    yield "</body></html>"


def _bars(title: str, counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    listed = list(counts)
    most = max((count for _, count in listed), default=1)
    yield f"<h2>{escape(title)}</h2><table>"
    for name, count in listed:
        width = max(1, round(300 * count / most))
        shown = escape(name or "(none)")
        yield f'<tr><td>{shown}<td class="n">{count:,}<td><span class="bar" style="width:{width}px"></span></tr>'
    yield "</table>"


def _alert(alert: Alert) -> Iterator[str]:
    meta = alert.rule.meta
    last = alert.events[-1] if alert.events else {}
    told = " · ".join(filter(None, (moment(alert) or "", subject("host", last), subject("user", last))))
    yield f"<details><summary>{escape(meta.name)} <small>{escape(told)}</small></summary>"
    if alert.key:
        yield f"<p>{escape(', '.join(map(str, alert.key)))}</p>"
    for event in alert.events[:5]:
        shown = "\n".join(line for tree in explained(alert.rule, event) for line in lines(tree))
        yield f"<pre>{escape(shown)}</pre>"
    yield "</details>"
