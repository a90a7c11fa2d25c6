"""The alerts of a run as one page of HTML: when, where, which rules and why; no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from converter.cli.evaluation.output import moment
from converter.cli.evaluation.overview import A_RULE, SEVERITIES, Overview, subject
from converter.engine import Alert
from converter.engine.explain import explained, lines
from converter.model.rule import Rule

_STYLE = """
:root{--ink:#1c2430;--dim:#667085;--line:#e4e7ec;--card:#fff;--page:#f5f6f8;--bar:#3f72af;
--critical:#8e1b3a;--high:#c2371f;--medium:#b26a00;--low:#4a6a8a}
@media(prefers-color-scheme:dark){:root{--ink:#e3e6ea;--dim:#98a2b3;--line:#333a45;--card:#1e232b;--page:#14171c;
--bar:#6d9fd8;--critical:#f07a9a;--high:#f28b78;--medium:#e0a64c;--low:#8fb1d3}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1.5rem 1rem 4rem;color:var(--ink);
background:var(--page)}
h1{font-size:1.5rem;margin:0}h2{font-size:1rem;margin:0 0 .6rem}p{margin:.2rem 0}.dim,small{color:var(--dim)}
section,.tiles div,details.rule{background:var(--card);border:1px solid var(--line);border-radius:8px}
section{padding:1rem;margin-top:1rem;min-width:0}
.tiles,.grid{display:grid;gap:1rem;margin-top:1rem}.tiles{grid-template-columns:repeat(auto-fit,minmax(8rem,1fr))}
.grid{grid-template-columns:repeat(auto-fit,minmax(min(15.5rem,100%),1fr))}.grid section{margin:0}
.tiles div{padding:.7rem 1rem;border-left:4px solid var(--dim)}.tiles b{display:block;font-size:1.6rem;line-height:1.2}
.time{display:flex;align-items:flex-end;height:7rem;gap:1px;border-bottom:1px solid var(--line)}
.time i{flex:1 1 0;min-width:1px;max-width:3rem;background:var(--bar);border-radius:2px 2px 0 0}
.ends{display:flex;justify-content:space-between}
.row{display:grid;grid-template-columns:minmax(0,1fr) 4rem 3rem;gap:.6rem;align-items:center;padding:.15rem 0}
.row span:first-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.row i{background:var(--bar);height:.55rem;border-radius:2px}.n{text-align:right;font-variant-numeric:tabular-nums}
details.rule{margin-top:.5rem}details.rule>summary{padding:.6rem 1rem;cursor:pointer;display:grid;align-items:baseline;
grid-template-columns:4.5rem 4rem minmax(0,1fr) minmax(0,20rem);gap:.8rem}
details.rule>div{padding:0 1rem 1rem;border-top:1px solid var(--line)}
.tag{font-weight:600}.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}
.low{color:var(--low)}.tiles .critical,.tiles .high,.tiles .medium,.tiles .low{border-left-color:currentColor}
article{margin-top:.8rem}pre{background:var(--page);border-radius:6px;padding:.6rem .8rem;margin:.3rem 0 0;
overflow:auto;max-height:22rem;font-size:13px}
@media(max-width:40rem){details.rule>summary{grid-template-columns:4.5rem 1fr}details.rule>summary>*:nth-child(n+3)
{grid-column:1/-1}}
"""
_MOST_COLUMNS = 240
_MOST_EVENTS = 5
_MOST_BARS = 12


def page(overview: Overview, said: str) -> Iterator[str]:
    """The page, line by line; `said` is the run's summary."""
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Alerts</title>'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f'<style>{_STYLE}</style></head><body><h1>Alerts</h1><p class="dim">{escape(said)}</p>'
    rules = overview.by_rule()
    yield from _tiles(rules)
    yield from _time_line(overview.hours)
    yield '<div class="grid">'
    yield from _bars("Tactics", overview.tactics)
    for name, counts in overview.subjects.items():
        yield from _bars(_plural(name), counts)
    yield "</div><h2 style='margin-top:2rem'>Rules, the most severe first</h2>"
    for rule, count in rules:
        yield from _rule(rule, count, overview.first[rule.meta.rule_id or rule.meta.name])
    yield "</body></html>"


def _plural(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}{'es' if name.endswith('s') else 's'}"


def _tiles(rules: Sequence[tuple[Rule, int]]) -> Iterator[str]:
    """How many alerts there are of each severity."""
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for rule, count in rules:
        counts[rule.meta.severity] += count
        kinds[rule.meta.severity] += 1
    yield '<div class="tiles">'
    for severity in (*SEVERITIES, *sorted(counts.keys() - set(SEVERITIES))):
        of = f"of {kinds[severity]:,} rule{'s' if kinds[severity] != 1 else ''}" if counts[severity] else "none"
        shown = escape(severity)
        yield f'<div class="{shown}"><b>{counts[severity]:,}</b>{shown} <small>{of}</small></div>'
    yield "</div>"


def _time_line(hours: Mapping[str, int]) -> Iterator[str]:
    """A column an hour, or a day where hours are too many; the ones between without alerts are there too."""
    timed = {hour: count for hour, count in hours.items() if hour}
    if not timed:
        return
    step, unit, counts = timedelta(hours=1), "hour", Counter(timed)
    first, last = (datetime.fromisoformat(f"{end(timed)}:00") for end in (min, max))
    if (last - first) / step >= _MOST_COLUMNS:
        step, unit, counts = timedelta(days=1), "day", Counter()
        for hour, count in timed.items():
            counts[hour[:10]] += count
        first, last = first.replace(hour=0), last.replace(hour=0)
    length = 13 if unit == "hour" else 10
    columns = sorted(counts)
    if (last - first) / step < _MOST_COLUMNS:
        columns = [(first + number * step).isoformat()[:length] for number in range(round((last - first) / step) + 1)]
    most = max(counts.values())
    yield f"<section><h2>When <small>alerts an {unit}, UTC</small></h2>".replace("an day", "a day")
    yield '<div class="time">'
    for name in columns:
        height = f"{max(2, round(100 * counts[name] / most))}%" if counts[name] else "0"
        yield f'<i style="height:{height}" title="{escape(_moment(name))}: {counts[name]:,}"></i>'
    yield f'</div><div class="ends dim"><span>{escape(_moment(columns[0]))}</span>'
    yield f"<span>at most {most:,}</span><span>{escape(_moment(columns[-1]))}</span></div></section>"


def _moment(name: str) -> str:
    return f"{name.replace('T', ' ')}:00" if "T" in name else name


def _bars(title: str, counts: Counter[str]) -> Iterator[str]:
    listed = counts.most_common(_MOST_BARS)
    if not listed or [name for name, _ in listed] == [""]:
        return
    most = listed[0][1]
    yield f"<section><h2>{escape(title)}</h2>"
    for name, count in listed:
        shown = escape(name or "(none)")
        width = max(1, round(100 * count / most))
        yield f'<div class="row"><span title="{shown}">{shown}</span><i style="width:{width}%"></i>'
        yield f'<span class="n">{count:,}</span></div>'
    left = len(counts) - len(listed)
    yield f'<p class="dim">and {left:,} more</p></section>' if left else "</section>"


def _rule(rule: Rule, count: int, alerts: Iterable[Alert]) -> Iterator[str]:
    meta = rule.meta
    tactics = ", ".join(dict.fromkeys(threat.tactic_name for threat in meta.threat))
    severity = escape(meta.severity)
    yield f'<details class="rule"><summary><span class="tag {severity}">{severity}</span>'
    yield f'<span class="n">{count:,}</span>'
    yield f"<span>{escape(meta.name)}</span><small>{escape(tactics)}</small></summary><div>"
    shown = list(alerts)
    for alert in shown:
        yield from _alert(alert)
    if count > len(shown):
        yield f'<p class="dim">The first {min(len(shown), A_RULE):,} of {count:,} alerts are shown.</p>'
    yield "</div></details>"


def _alert(alert: Alert) -> Iterator[str]:
    last = alert.events[-1] if alert.events else {}
    told = [moment(alert) or "", subject("host", last), subject("user", last), ", ".join(map(str, alert.key))]
    yield f"<article><p>{escape(' · '.join(filter(None, told)) or 'no time, host or user')}</p>"
    for event in alert.events[:_MOST_EVENTS]:
        reasons = "\n".join(line for tree in explained(alert.rule, event) for line in lines(tree))
        yield f"<pre>{escape(reasons)}</pre>"
    left = len(alert.events) - _MOST_EVENTS
    yield f'<p class="dim">and {left:,} more events</p></article>' if left > 0 else "</article>"
