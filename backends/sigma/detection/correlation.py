"""Detections over several events as Sigma correlation rules, each with the base rules it counts."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sigma.codes import T110, T111, T112, T113
from backends.sigma.condition.item import Items
from backends.sigma.condition.manner import Manner
from converter.diagnostics import Diagnostic, Severity
from converter.model.duration import SECOND, largest_unit
from converter.model.rule import Rule, Sample, Step, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Field
from converter.plan.window import plan_window


def timespan(ms: int) -> str:
    """A span as number and unit, rounded up to whole seconds."""
    count, unit = largest_unit(-(-max(ms, SECOND) // SECOND) * SECOND, SECOND)
    return f"{count}{unit}"


def window(rule: Rule) -> int:
    """The length of the rule's window in milliseconds."""
    return plan_window(rule.meta).length_ms


class Correlations:
    """Makes the `correlation` sections of one rule."""

    def __init__(self, rule: Rule, manner: Manner) -> None:
        self.rule = rule
        self.notebook = manner.notebook
        self._items = Items(manner)
        self._verbatim = manner.verbatim

    def _names(self, fields: Sequence[Field]) -> list[str]:
        return [name for f in fields if (name := self._items.name(f)) is not None]

    def threshold(self, detection: Threshold, base: str) -> list[tuple[str, dict[str, object]]]:
        """The sections (suffix of the name, section) of a threshold: a count, a distinct count, or both."""
        span = timespan(window(self.rule))
        common: dict[str, object] = {"rules": [base]}
        if detection.group_by:
            common["group-by"] = list(dict.fromkeys(self._names(detection.group_by)))
        common["timespan"] = span
        sections: list[tuple[str, dict[str, object]]] = []
        if detection.at_least > 1 or detection.distinct is None:
            sections.append(("count", {"type": "event_count", **common, "condition": {"gte": detection.at_least}}))
        if detection.distinct is not None:
            (field,) = self._names([detection.distinct.field]) or [""]
            condition = {"field": field, "gte": detection.distinct.at_least}
            sections.append(("values", {"type": "value_count", **common, "condition": condition}))
        message = (
            f"the rule counts over windows of {span} that end at each run; when a window starts and ends is left to "
            "the Sigma backend"
        )
        self.notebook.add(Diagnostic(T112, message, Severity.NOTE))
        return sections

    def sequence(self, detection: EqlSequence, bases: Sequence[str]) -> dict[str, object] | None:
        """An ordered temporal correlation; None if even that would mislead."""
        if detection.until is not None or any(s.missing for s in detection.steps):
            what = "until" if detection.until is not None else "a missing event"
            message = f"Sigma cannot say {what} in a sequence, and without it the rule would match what it excludes"
            self.notebook.add(Diagnostic(T110, message, Severity.ERROR))
            return None
        message = (
            "temporal_ordered finds one event of each step in order within the time span; Elasticsearch pairs the "
            "newest pending event, uses each event once, and wants strictly later timestamps"
        )
        if not self._verbatim:  # a sequence that was read from such a correlation is one
            self.notebook.add(Diagnostic(T111, message, Severity.WARNING))
        if any(s.runs > 1 for s in detection.steps):
            message = "a step that must come several times is counted within the time span, not in succession"
            self.notebook.add(Diagnostic(T113, message, Severity.WARNING))
        span = detection.maxspan_ms if detection.maxspan_ms is not None else window(self.rule)
        return self._temporal("temporal_ordered", detection.steps, bases, span)

    def sample(self, detection: Sample, bases: Sequence[str]) -> dict[str, object]:
        """A temporal correlation over the rule's window."""
        return self._temporal("temporal", detection.steps, bases, window(self.rule))

    def _temporal(self, kind: str, steps: Sequence[Step], bases: Sequence[str], span: int) -> dict[str, object]:
        """Steps that join on differently named fields do so through an alias."""
        groups: list[str] = []
        aliases: dict[str, dict[str, str]] = {}
        for position in range(min((len(s.by) for s in steps), default=0)):
            names = self._names([s.by[position].field for s in steps])
            if len(set(names)) == 1:
                groups.append(names[0])  # once, though several of Elastic's fields may be one column
            else:
                alias = f"key_{position + 1}"
                groups.append(alias)
                aliases[alias] = dict(zip(bases, names, strict=False))
        section: dict[str, object] = {"type": kind, "rules": list(bases)}
        if groups:
            section["group-by"] = list(dict.fromkeys(groups))
        section["timespan"] = timespan(span)
        if aliases:
            section["aliases"] = aliases
        return section
