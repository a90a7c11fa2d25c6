"""The YAML documents of one rule: a detection, several for several places, or a correlation with its base rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import assert_never

from backends.sigma.codes import T107, T114
from backends.sigma.condition.manner import Manner
from backends.sigma.condition.predicate import Detection
from backends.sigma.deploy.metadata import Document, foot, head, log_source
from backends.sigma.detection.correlation import Correlations, timespan, window
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q043
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.recognition import as_match, as_threshold, single_valued
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Opaque, Rule, Sample, Step, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Column, Field
from converter.model.walk import fields
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
        self._correlations = Correlations(bound.rule, manner)

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
                return self._threshold(detection)
            case EqlSequence():
                return self._sequence(detection)
            case Sample():
                bases = self._bases(detection.steps)
                section = self._correlations.sample(detection, [str(base["name"]) for base in bases])
                return [*bases, self._correlation(section)]
            case NewTerms():
                return [self._first_seen(detection)]
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
            return self._threshold(threshold)
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

    def _first_seen(self, detection: NewTerms) -> Document:
        """Every event that the rule looks at: which of them bring something new, Sigma cannot say."""
        names = ", ".join(f.path for f in detection.fields)
        message = f"every matching event is an alert, not only the first with its {names}: Sigma keeps no history"
        self.manner.notebook.add(Diagnostic(T107, message, Severity.WARNING))
        return self._rule(detection.where, self.bound.binding, "")

    def _threshold(self, detection: Threshold) -> list[Document]:
        base = self._base_name("base")
        documents = [self._rule(detection.where, self.bound.binding, "base", base)]
        sections = self._correlations.threshold(detection, base)
        if len(sections) == 1:
            return [*documents, self._correlation(sections[0][1])]
        names = [f"{base}_{suffix}" for suffix, _ in sections]
        documents += [self._correlation(s, suffix, n) for (suffix, s), n in zip(sections, names, strict=True)]
        message = "the count and the distinct count are two correlations joined in time: their events may differ"
        self.manner.notebook.add(Diagnostic(T114, message, Severity.WARNING))
        both: dict[str, object] = {"type": "temporal", "rules": names}
        if "group-by" in sections[0][1]:
            both["group-by"] = sections[0][1]["group-by"]
        return [*documents, self._correlation({**both, "timespan": timespan(window(self.rule))})]

    def _sequence(self, detection: EqlSequence) -> list[Document]:
        steps = detection.steps
        names = [self._base_name(f"step_{i + 1}") for i in range(len(steps))]
        section = self._correlations.sequence(detection, names)
        if section is None:
            return []
        if len(steps) > 1:
            return [*self._bases(steps), self._correlation(section)]
        counted = Threshold(steps[0].where, tuple(key.field for key in steps[0].by), steps[0].runs)
        (_, count), *_ = self._correlations.threshold(counted, names[0])
        return [*self._bases(steps), self._correlation({**count, "timespan": section["timespan"]})]

    def _bases(self, steps: tuple[Step, ...]) -> list[Document]:
        return [
            self._rule(step.where, self.bound.bindings[i], f"step {i + 1}", self._base_name(f"step_{i + 1}"))
            for i, step in enumerate(steps)
        ]


def _columns(found: Iterable[Field]) -> Iterable[str]:
    for field in found:
        if isinstance(field.way, Column | None):
            yield field.way.text if field.way else field.path


def _parts(bindings: Sequence[Binding]) -> list[str]:
    """What tells the rules of several places apart: the kind of log, with its number where that is the same."""
    words = [b.header.get("category") or b.header.get("service") or b.dataset or "events" for b in bindings]
    return [word if words.count(word) == 1 else f"{word} {words[: i + 1].count(word)}" for i, word in enumerate(words)]
