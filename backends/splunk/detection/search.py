"""A detection as stages of a search, with the searches and lookups it needs beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass
from typing import assert_never

from backends.splunk.detection.indicator import indicator_match
from backends.splunk.detection.newterms import baseline, by_history, by_lookup
from backends.splunk.detection.pipeline import JOINT, matching, matching_any, writer
from backends.splunk.detection.sample import MOST_STEPS, sample
from backends.splunk.detection.sequence import sequence
from backends.splunk.detection.threshold import threshold
from backends.splunk.detection.window import times
from converter.diagnostics import Diagnostic, Severity
from converter.model.rule import (
    AnyOf,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.target.contract import Binding, Bound, Notebook, Options


@dataclass(frozen=True, slots=True)
class Helper:
    """A search that has to run before the rule's own: why, and its text."""

    purpose: str
    text: str
    stanza: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """The rule's search. `spans`: it states its own time range. `helpers`: what it needs."""

    text: str
    spans: bool = False
    helpers: tuple[Helper, ...] = ()


def written(bound: Bound, options: Options, notebook: Notebook) -> Search:
    """The search of a rule; what cannot be said is in the notebook."""
    write = writer(notebook)
    meta, detection = bound.rule.meta, bound.rule.detection
    match detection:
        case Match(where):
            return Search(JOINT.join(matching(write, bound.binding, where)))
        case AnyOf(matches):
            arms = [(binding, m.where) for binding, m in zip(bound.bindings, matches, strict=True)]
            return Search(JOINT.join(matching_any(write, arms)))
        case Threshold():
            return Search(JOINT.join(threshold(write, bound.binding, detection)))
        case NewTerms():
            return _new_terms(bound, detection, options, notebook)
        case Sequence():
            _check_steps(detection.steps + ((detection.until,) if detection.until else ()), notebook)
            if meta.tiebreaker_field:
                notebook.add(_tiebreaker(meta.tiebreaker_field))
            notebook.add(_LONG_STREAM)
            if notebook.refused:
                return Search("")
            return Search(JOINT.join(sequence(write, bound.bindings, detection)))
        case Sample():
            _check_steps(detection.steps, notebook)
            _check_sample(detection, bound.bindings, notebook)
            notebook.add(_LONG_STREAM)
            return Search("" if notebook.refused else JOINT.join(sample(write, bound.bindings, detection)))
        case IndicatorMatch():
            stages, tables = indicator_match(write, bound.binding, detection, slug(bound))
            helpers = [
                Helper(
                    f"Needs the lookup {t.name}, which another search fills from the indicators.",
                    JOINT.join(t.fill),
                    t.stanza,
                )
                for t in tables
            ]
            return Search(JOINT.join(stages), helpers=tuple(helpers))
        case Opaque(diagnostic=diagnostic):
            notebook.add(diagnostic)
            return Search("")
        case _:
            assert_never(detection)


def _new_terms(bound: Bound, detection: NewTerms, options: Options, notebook: Notebook) -> Search:
    span = times(bound.rule.meta)
    if options.new_terms != "lookup":
        return Search(JOINT.join(by_history(writer(notebook), bound.binding, detection, span)), spans=True)
    table = slug(bound)
    text = JOINT.join(by_lookup(writer(notebook), bound.binding, detection, span, table))
    fill = JOINT.join(baseline(writer(notebook), bound.binding, detection, span, table))
    stanza = f"[{table}]\nfilename = {table}.csv\ncase_sensitive_match = true"
    notebook.add(_BASELINE)
    return Search(
        text,
        spans=True,
        helpers=(Helper(f"Needs the lookup {table}, which another search fills just before each run.", fill, stanza),),
    )


def slug(bound: Bound) -> str:
    """The name of the rule's lookups: lower case letters, digits and _."""
    meta = bound.rule.meta
    return "siemglot_" + (re.sub(r"[^a-z0-9]+", "_", (meta.rule_id or meta.name).lower()).strip("_") or "rule")


_LONG_STREAM = Diagnostic(
    "T208",
    "streamstats keeps every earlier row, or the last 10,000 (max_stream_window): Splunk's documents say both",
    Severity.NOTE,
    hint="raise max_stream_window if a run sees more than 10,000 events of the steps",
)
_BASELINE = Diagnostic(
    "T209", "a combination is known if the lookup was filled up to the start of the rule's window", Severity.NOTE
)


def _tiebreaker(name: str) -> Diagnostic:
    message = f"events of one moment are not told apart by {name}: none of them follows another"
    return Diagnostic("T210", message, Severity.WARNING)


def _check_steps(steps: Sequence_[Step], notebook: Notebook) -> None:
    counts = {len(step.by) for step in steps}
    if len(counts) > 1:
        notebook.add(Diagnostic("T211", "the steps have different numbers of join keys after binding"))


def _check_sample(detection: Sample, bindings: Sequence_[Binding], notebook: Notebook) -> None:
    if sum(s.runs for s in detection.steps) > MOST_STEPS:
        notebook.add(Diagnostic("T212", f"a sample of more than {MOST_STEPS} steps has no form in SPL"))
    if len({tuple(sorted(b.header.items())) for b in bindings}) > 1:
        notebook.add(Diagnostic("T212", "a sample over several places has no form in SPL"))
