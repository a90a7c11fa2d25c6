"""The Sigma target: a rule, or a correlation with its base rules, checked by reading it back with pySigma."""

from __future__ import annotations

from typing import assert_never

from backends.sigma.condition.predicate import Detection
from backends.sigma.deploy.document import dump
from backends.sigma.deploy.metadata import comment, foot, head, log_source
from backends.sigma.deploy.readback import read_back
from backends.sigma.detection.correlation import Correlations, timespan, window
from converter.diagnostics import Diagnostic, Severity
from converter.model.predicate import (
    And,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Opaque, Rule, Sample, Step, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.target import SUPPORTED, Gap, Partial, Refusal, Support
from converter.target.contract import Binding, Bound, Emission, Notebook, Options, Target

Document = dict[str, object]

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: Refusal("T106", Gap.PLATFORM, "Sigma has no condition that always holds, or never"),
    Element: Refusal("T101", Gap.PLATFORM, "Sigma cannot ask one element of an array to satisfy several conditions"),
    Present: SUPPORTED,
    Compare: Partial(("T103",), Gap.PLATFORM, "numbers have an order, points in time and texts have none"),
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: SUPPORTED,
    Holds: Partial(("T102",), Gap.PLATFORM, "two fields are compared for equality, nothing else is computed"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    EqlSequence: Partial(("T110",), Gap.NEVER, "steps in order; without until and missing events"),
    Sample: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    IndicatorMatch: Refusal("T108", Gap.PLATFORM, "Sigma cannot compare events with a list of indicators"),
}
"""Of every node also T104: a field that no key can name."""


class _Writer:
    """Writes one bound rule; the state is the notebook."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.rule: Rule = bound.rule
        self.notebook = Notebook()

    def documents(self) -> list[Document]:
        """The YAML documents of the rule; empty if it is refused as a whole."""
        detection = self.rule.detection
        match detection:
            case Match(where):
                return [self._rule(where, self.bound.binding, "")]
            case AnyOf(matches):
                arms = zip(matches, self.bound.bindings, strict=True)
                return [self._rule(m.where, binding, binding.dataset or "") for m, binding in arms]
            case Threshold():
                return self._threshold(detection)
            case EqlSequence():
                return self._sequence(detection)
            case Sample():
                bases = self._bases(detection.steps)
                section = Correlations(self.rule, self.notebook).sample(detection, [str(b["name"]) for b in bases])
                return [*bases, self._correlation(section)]
            case NewTerms():
                return [self._first_seen(detection)]
            case IndicatorMatch():
                raise AssertionError("refused by SUPPORT before emit is called")
            case Opaque(_, diagnostic):
                self.notebook.add(diagnostic)
                return []
            case _:
                assert_never(detection)

    def _rule(self, where: Predicate, binding: Binding, part: str, name: str = "") -> Document:
        meta = self.rule.meta
        document: Document = {**head(meta, part)}
        if name:
            document["name"] = name
        if binding.mode == "ecs":
            document["taxonomy"] = "ecs"
        document["logsource"] = log_source(meta, binding)
        document["detection"] = Detection(self.notebook).section(where)
        return {**document, **foot(meta, binding)}

    def _correlation(self, section: dict[str, object], part: str = "correlation", name: str = "") -> Document:
        meta = self.rule.meta
        document: Document = {**head(meta, part), "title": meta.name}
        if name:
            document["name"] = name
        if self.bound.binding.mode == "ecs":
            document["taxonomy"] = "ecs"
        return {**document, "correlation": section, **foot(meta, self.bound.binding)}

    def _base_name(self, number: int = 0) -> str:
        stem = "".join(c if c.isalnum() else "_" for c in self.rule.meta.name.lower() if c.isascii())[:200]
        return f"{stem}_step_{number}" if number else f"{stem}_base"

    def _first_seen(self, detection: NewTerms) -> Document:
        """Every event that the rule looks at: which of them bring something new, Sigma cannot say."""
        names = ", ".join(f.path for f in detection.fields)
        message = f"every matching event is an alert, not only the first with its {names}: Sigma keeps no history"
        self.notebook.add(Diagnostic("T107", message, Severity.WARNING))
        return self._rule(detection.where, self.bound.binding, "")

    def _threshold(self, detection: Threshold) -> list[Document]:
        base = self._base_name()
        documents = [self._rule(detection.where, self.bound.binding, "base", base)]
        sections = Correlations(self.rule, self.notebook).threshold(detection, base)
        if len(sections) == 1:
            return [*documents, self._correlation(sections[0][1])]
        names = [f"{base}_{suffix}" for suffix, _ in sections]
        documents += [self._correlation(s, suffix, n) for (suffix, s), n in zip(sections, names, strict=True)]
        message = "the count and the distinct count are two correlations joined in time: their events may differ"
        self.notebook.add(Diagnostic("T114", message, Severity.WARNING))
        both: dict[str, object] = {"type": "temporal", "rules": names}
        if "group-by" in sections[0][1]:
            both["group-by"] = sections[0][1]["group-by"]
        return [*documents, self._correlation({**both, "timespan": timespan(window(self.rule))})]

    def _sequence(self, detection: EqlSequence) -> list[Document]:
        correlations = Correlations(self.rule, self.notebook)
        steps = detection.steps
        names = [self._base_name(i + 1) for i in range(len(steps))]
        if len(steps) == 1:
            counted = Threshold(steps[0].where, tuple(k.field for k in steps[0].by), steps[0].runs)
            correlations.sequence(detection, names)
            documents = [self._rule(steps[0].where, self.bound.binding, "step 1", names[0])]
            (_, section), *_ = correlations.threshold(counted, names[0])
            span = detection.maxspan_ms if detection.maxspan_ms is not None else window(self.rule)
            return [*documents, self._correlation({**section, "timespan": timespan(span)})]
        section_or_none = correlations.sequence(detection, names)
        if section_or_none is None:
            return []
        return [*self._bases(steps), self._correlation(section_or_none)]

    def _bases(self, steps: tuple[Step, ...]) -> list[Document]:
        bindings = self.bound.bindings if len(self.bound.bindings) >= len(steps) else self.bound.bindings * len(steps)
        return [
            self._rule(step.where, bindings[i], f"step {i + 1}", self._base_name(i + 1)) for i, step in enumerate(steps)
        ]


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as Sigma YAML; several documents for a correlation and its base rules."""
    del options  # Sigma has one format
    writer = _Writer(bound)
    documents = writer.documents()
    for note in _notes(bound.rule):
        writer.notebook.add(note)
    if writer.notebook.refused:
        return Emission("", writer.notebook.diagnostics)
    problems = read_back(documents)
    if problems:
        return Emission("", (*writer.notebook.diagnostics, *problems))
    text = comment(bound.rule.meta) + "---\n".join(dump(d) for d in documents)
    return Emission(text, writer.notebook.diagnostics)


def _notes(rule: Rule) -> list[Diagnostic]:
    """What the rule says beside its query and Sigma has no key for."""
    meta = rule.meta
    found = []
    if meta.exceptions_list:
        found.append("exception lists kept in Kibana are not part of the artifact")
    if meta.alert_suppression is not None:
        found.append(f"no suppression by {', '.join(meta.alert_suppression.group_by)}: Sigma has none")
    if meta.severity_mapping or meta.risk_score_mapping:
        found.append("severity and risk that depend on the event have no Sigma key")
    return [Diagnostic("T115", message, Severity.NOTE) for message in found]


TARGET = Target(
    name="sigma",
    title="Sigma rules and correlations (specification 2.1)",
    suffix=".yml",
    heading="---\n# {}",
    emit=emit,
    support=SUPPORT,
    judges=("sigma",),
    formats={"yaml": "Sigma YAML; several documents for a correlation"},
)
