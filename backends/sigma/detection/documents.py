"""The YAML documents of one rule: a detection, several for several places, or a correlation with its base rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import assert_never

from backends.sigma.codes import T107, T114
from backends.sigma.condition.manner import Manner
from backends.sigma.condition.predicate import Detection
from backends.sigma.deploy.metadata import Document, foot, head, log_source
from backends.sigma.detection.correlation import Correlations, timespan
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q043
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.recognition import as_match, as_threshold, single_valued
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Opaque, Rule, Sample, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Column, Field
from converter.model.walk import fields
from converter.plan.branch import Part
from converter.plan.group import GroupPlan, NewTermsPlan, plan_group, plan_new_terms
from converter.plan.sample import plan_sample
from converter.plan.sequence import SequencePlan, plan_sequence
from converter.plan.window import plan_window
from converter.target.codes import T006
from converter.target.contract import Binding, Bound

_LONGEST_NAME = 200


class Documents:
    """Writes one bound rule. What Sigma cannot say is in the manner's notebook."""

    def __init__(self, bound: Bound, manner: Manner, *, bare: bool = False) -> None:
        self.bound = bound
        self.rule: Rule = bound.rule
        self.manner = manner
        self.bare = bare
        self._window = plan_window(bound.rule.meta)
        self._correlations = Correlations(self._window, manner)

    def all(self) -> list[Document]:
        """The documents; of no use if the notebook has a refusal."""
        detection = self.rule.detection
        match detection:
            case Match(where):
                return [self._rule(where, self.bound.binding, "")]
            case AnyOf(matches):
                arms = zip(matches, self.bound.bindings, _parts(self.bound.bindings), strict=True)
                return [self._rule(match.where, binding, part) for match, binding, part in arms]
            case Threshold():
                return self._threshold(plan_group(detection, self.rule.meta))
            case EqlSequence():
                return self._sequence(plan_sequence(detection, self.bound.bindings))
            case Sample():
                plan = plan_sample(detection, self.bound.bindings)
                bases = self._bases(plan.parts)
                section = self._correlations.sample(plan, [str(base["name"]) for base in bases])
                return [*bases, self._correlation(section)]
            case NewTerms():
                return [self._first_seen(plan_new_terms(detection, self.rule.meta))]
            case IndicatorMatch():
                raise AssertionError("refused by SUPPORT before emit is called")
            case Pipeline():
                return self._pipeline(detection)
            case Opaque(_, diagnostic):
                self.manner.notebook.add(diagnostic)
                return []
            case _:
                assert_never(detection)

    def _pipeline(self, detection: Pipeline) -> list[Document]:
        """A pipeline that filters or counts, where each field holds one value; Sigma says nothing of arrays."""
        plain = single_valued(detection)
        match, threshold = as_match(plain)[0], as_threshold(plain)[0]
        message = "where a field holds several values, ES|QL's comparisons never hold and Sigma says nothing"
        self.manner.notebook.add(Diagnostic(Q043, message, Severity.WARNING))
        if match is not None:
            return [self._rule(match.where, self.bound.binding, "")]
        if threshold is not None:
            return self._threshold(plan_group(threshold, self.rule.meta))
        message = "Sigma has no computed columns and no groups beside one count"
        self.manner.notebook.add(Diagnostic(T006, message, hint="Use a target with a query language."))
        return []

    def _rule(self, where: Predicate, binding: Binding, part: str, name: str = "") -> Document:
        meta = self.rule.meta
        section = Detection(self.manner).section(where)
        return {
            **head(meta, part, name),
            **({"taxonomy": "ecs"} if binding.mode == "ecs" else {}),
            "logsource": log_source(meta, binding),
            "detection": section,
            **foot(meta, () if self.bare else self._shown(where, binding)),
        }

    def _shown(self, where: Predicate, binding: Binding) -> Iterable[str]:
        """The columns that an analyst looks at: those of the place, of the conditions, and the rule's own choice."""
        if self.manner.verbatim:
            yield from _columns(binding.fields.values())
            return
        yield from binding.show
        yield from _columns(fields(where))
        if binding.mode == "ecs":
            yield from self.rule.meta.investigation_fields
        yield from _columns(binding.fields.values())

    def _correlation(self, section: dict[str, object], part: str = "correlation", name: str = "") -> Document:
        meta = self.rule.meta
        document = head(meta, part, name)
        if not name:
            document["title"] = head(meta)["title"]  # the alert's; its parts are named after it
        ecs: Document = {"taxonomy": "ecs"} if self.bound.binding.mode == "ecs" else {}
        return {**document, **ecs, "correlation": section, **foot(meta, ())}

    def _base_name(self, suffix: str) -> str:
        """The name that a correlation refers to: readable, and no other rule's, whatever letters names differ in."""
        meta = self.rule.meta
        letters = "".join(c if c.isalnum() else " " for c in meta.name.lower() if c.isascii())
        stem = "_".join(letters.split())[:_LONGEST_NAME]
        own = hashlib.sha256("/".join((meta.rule_id, meta.name, *filter(None, [meta.id_tag]))).encode()).hexdigest()[:8]
        return "_".join(part for part in (stem, own, suffix) if part)

    def _first_seen(self, plan: NewTermsPlan) -> Document:
        """Every event that the rule looks at: which of them bring something new, Sigma cannot say."""
        names = ", ".join(f.path for f in plan.fields)
        message = f"every matching event is an alert, not only the first with its {names}: Sigma keeps no history"
        self.manner.notebook.add(Diagnostic(T107, message, Severity.WARNING))
        return self._rule(plan.where, self.bound.binding, "")

    def _threshold(self, plan: GroupPlan) -> list[Document]:
        base = self._base_name("base")
        documents = [self._rule(plan.where, self.bound.binding, "base", base)]
        sections = self._correlations.threshold(plan, base)
        if len(sections) == 1:
            return [*documents, self._correlation(sections[0][1])]
        names = [f"{base}_{suffix}" for suffix, _ in sections]
        documents += [self._correlation(s, suffix, n) for (suffix, s), n in zip(sections, names, strict=True)]
        message = "the count and the distinct count are two correlations joined in time: their events may differ"
        self.manner.notebook.add(Diagnostic(T114, message, Severity.WARNING))
        both: dict[str, object] = {"type": "temporal", "rules": names}
        if "group-by" in sections[0][1]:
            both["group-by"] = sections[0][1]["group-by"]
        return [*documents, self._correlation({**both, "timespan": timespan(plan.window.length_ms)})]

    def _sequence(self, plan: SequencePlan) -> list[Document]:
        parts = plan.parts
        names = [self._base_name(f"step_{i}") for i in range(1, len(parts) + 1)]
        found = [name if part.runs == 1 else f"{name}_count" for part, name in zip(parts, names, strict=True)]
        section = self._correlations.sequence(plan, found)
        if section is None:
            return []
        if len(parts) == 1:
            return [*self._bases(parts), self._correlation(self._correlations.run(plan, parts[0], names[0]))]
        counts = [
            self._correlation(self._correlations.run(plan, part, name), f"step {i} count", found[i - 1])
            for i, (part, name) in enumerate(zip(parts, names, strict=True), 1)
            if part.runs > 1
        ]
        return [*self._bases(parts), *counts, self._correlation(section)]

    def _bases(self, parts: Sequence[Part]) -> list[Document]:
        return [
            self._rule(part.branch.where, part.branch.binding, f"step {i}", self._base_name(f"step_{i}"))
            for i, part in enumerate(parts, 1)
        ]


def _columns(found: Iterable[Field]) -> Iterable[str]:
    for field in found:
        if isinstance(field.way, Column | None):
            yield field.way.text if field.way else field.path


def _parts(bindings: Sequence[Binding]) -> list[str]:
    """What tells the rules of several places apart: the kind of log, with its number where that is the same."""
    words = [b.header.get("category") or b.header.get("service") or b.dataset or "events" for b in bindings]
    return [word if words.count(word) == 1 else f"{word} {words[: i + 1].count(word)}" for i, word in enumerate(words)]
