"""Detections over several events as Sigma correlation rules, each with the base rules it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.sigma.codes import T110, T111, T112, T113, T125
from backends.sigma.condition.item import Items
from backends.sigma.condition.manner import Manner
from converter.diagnostics import Diagnostic, Severity
from converter.model.duration import SECOND, largest_unit
from converter.model.value import Field
from converter.plan.branch import Part
from converter.plan.group import GroupPlan
from converter.plan.sample import SamplePlan
from converter.plan.sequence import SequencePlan
from converter.plan.window import WindowPlan


def timespan(ms: int) -> str:
    """A span as number and unit, rounded up to whole seconds."""
    count, unit = largest_unit(-(-max(ms, SECOND) // SECOND) * SECOND, SECOND)
    return f"{count}{unit}"


class Correlations:
    """Makes the `correlation` sections of one rule."""

    def __init__(self, window: WindowPlan, manner: Manner) -> None:
        self.window = window
        self.notebook = manner.notebook
        self._items = Items(manner)
        self._verbatim = manner.verbatim

    def _names(self, fields: Iterable[Field]) -> list[str]:
        return [name for f in fields if (name := self._items.name(f)) is not None]

    def threshold(self, plan: GroupPlan, base: str) -> list[tuple[str, dict[str, object]]]:
        """The sections (suffix of the name, section) of a threshold: a count, a distinct count, or both."""
        common = self._grouped(plan.keys, base, plan.window.length_ms)
        sections: list[tuple[str, dict[str, object]]] = []
        count = plan.count or 1  # of a correlation's events there always is one
        if count > 1 or plan.distinct is None:
            sections.append(("count", {"type": "event_count", **common, "condition": {"gte": count}}))
        if plan.distinct is not None:
            (field,) = self._names([plan.distinct.field]) or [""]
            condition = {"field": field, "gte": plan.distinct.at_least}
            sections.append(("values", {"type": "value_count", **common, "condition": condition}))
        return sections

    def run(self, plan: SequencePlan, part: Part, base: str) -> dict[str, object]:
        """The section of a step that must come several times."""
        common = self._grouped((key.field for key in part.branch.by), base, self._span(plan))
        return {"type": "event_count", **common, "condition": {"gte": part.runs}}

    def _grouped(self, keys: Iterable[Field], base: str, span: int) -> dict[str, object]:
        """What counts have in common."""
        message = (
            f"the rule counts over windows of {timespan(self.window.length_ms)} that end at each run; when a window "
            "starts and ends is left to the Sigma backend"
        )
        self.notebook.add(Diagnostic(T112, message, Severity.NOTE))
        names = list(dict.fromkeys(self._names(keys)))
        groups: dict[str, object] = {"group-by": names} if names else {}
        return {"rules": [base], **groups, "timespan": timespan(span)}

    def sequence(self, plan: SequencePlan, bases: Sequence[str]) -> dict[str, object] | None:
        """An ordered correlation of what finds each part; None if even that would mislead."""
        if plan.until is not None or plan.shape.gaps:
            what = "until" if plan.until is not None else "a missing event"
            message = f"Sigma cannot say {what} in a sequence, and without it the rule would match what it excludes"
            self.notebook.add(Diagnostic(T110, message, Severity.ERROR))
            return None
        message = (
            "temporal_ordered finds one event of each step in order within the time span; Elasticsearch pairs the "
            "newest pending event, uses each event once, and wants strictly later timestamps"
        )
        if not self._verbatim:  # a sequence that was read from such a correlation is one
            self.notebook.add(Diagnostic(T111, message, Severity.WARNING))
        if any(part.runs > 1 for part in plan.parts):
            message = "a step that must come several times is counted within the time span, not in succession"
            self.notebook.add(Diagnostic(T113, message, Severity.WARNING))
        return self._temporal("temporal_ordered", plan.parts, bases, self._span(plan))

    def _span(self, plan: SequencePlan) -> int:
        """How much time a sequence may take."""
        return self.window.length_ms if plan.maxspan_ms is None else plan.maxspan_ms

    def sample(self, plan: SamplePlan, bases: Sequence[str]) -> dict[str, object]:
        """A temporal correlation over the rule's window."""
        if not plan.one_each:
            message = "one event may serve two steps of a temporal correlation; Elasticsearch takes two"
            self.notebook.add(Diagnostic(T125, message, Severity.WARNING))
        return self._temporal("temporal", plan.parts, bases, self.window.length_ms)

    def _temporal(self, kind: str, parts: Sequence[Part], bases: Sequence[str], span: int) -> dict[str, object]:
        """Parts that join on differently named fields do so through an alias."""
        groups: list[str] = []
        aliases: dict[str, dict[str, str]] = {}
        for number, keys in enumerate(zip(*(part.branch.by for part in parts), strict=False), 1):
            names = self._names(key.field for key in keys)
            if len(set(names)) == 1:
                groups.append(names[0])  # once, though several of Elastic's fields may be one column
            else:
                alias = f"key_{number}"
                groups.append(alias)
                aliases[alias] = dict(zip(bases, names, strict=False))
        section: dict[str, object] = {"type": kind, "rules": list(bases)}
        if groups:
            section["group-by"] = list(dict.fromkeys(groups))
        section["timespan"] = timespan(span)
        if aliases:
            section["aliases"] = aliases
        return section
