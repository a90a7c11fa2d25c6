"""What the alerts of a run have in common, counted as they come: by rule, tactic, host, user and hour."""

from __future__ import annotations

import functools
import importlib.resources
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import cast

from converter.cli.console import table
from converter.cli.evaluation.output import moment
from converter.engine import Alert
from converter.model.rule import Rule
from converter.reference.event import Event, raw_values

A_RULE = 20
"""So many alerts of each rule are kept for a page."""
_MOST_KEPT = 1000
_MOST_SUBJECTS = 10_000
SEVERITIES = ("critical", "high", "medium", "low")


@functools.cache
def _subjects() -> Mapping[str, tuple[str, ...]]:
    import yaml  # for the first alert

    text = importlib.resources.files(__package__).joinpath("subjects.yaml").read_text(encoding="utf-8")
    return {name: tuple(paths) for name, paths in cast("dict[str, list[str]]", yaml.safe_load(text)).items()}


def subject(name: str, event: Event) -> str:
    """The host, user or address of an event; "" if it has none."""
    for path in _subjects()[name]:
        for raw in raw_values(event, path):
            return str(raw)
    return ""


class Overview:
    """Counts of the alerts, and the first of each rule if `keeps` them: their events take memory."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._left = _MOST_KEPT if keeps else 0
        self.rules: Counter[str] = Counter()
        self.known: dict[str, Rule] = {}
        self.tactics: Counter[str] = Counter()
        self.subjects: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.hours: Counter[str] = Counter()
        self.first: defaultdict[str, list[Alert]] = defaultdict(list)

    def add(self, alert: Alert) -> None:
        """Count an alert."""
        meta = alert.rule.meta
        identity = meta.rule_id or meta.name
        self.rules[identity] += 1
        self.known.setdefault(identity, alert.rule)
        self.tactics.update({threat.tactic_name for threat in meta.threat} or {"(none)"})
        for name in _subjects():
            found = subject(name, alert.events[-1]) if alert.events else ""
            counts = self.subjects[name]
            counts[found if found in counts or len(counts) < _MOST_SUBJECTS else "(others)"] += 1
        self.hours[(moment(alert) or "")[:13]] += 1
        if self._left and len(self.first[identity]) < A_RULE:
            self._left -= 1
            self.first[identity].append(alert)

    def by_rule(self) -> list[tuple[Rule, int]]:
        """The rules that alerted with how often, the most severe first, then the most frequent."""

        def order(one: tuple[str, int]) -> tuple[int, int, str]:
            severity = self.known[one[0]].meta.severity
            place = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
            return place, -one[1], self.known[one[0]].meta.name

        return [(self.known[identity], count) for identity, count in sorted(self.rules.items(), key=order)]

    def lines(self) -> Iterator[str]:
        """The overview as tables of text."""
        rows = [(rule.meta.severity, str(count), rule.meta.name) for rule, count in self.by_rule()]
        if not rows:
            yield "no alerts"
            return
        yield from table([("severity", "alerts", "rule"), *rows])
        for name in ("host", "user"):
            counts = [(str(count), found or "(none)") for found, count in self.subjects[name].most_common(10)]
            yield ""
            yield from table([("alerts", name), *counts])
