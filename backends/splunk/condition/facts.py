"""What an artifact rests on beside the forms themselves: said once, as notes."""

from __future__ import annotations

from collections.abc import Iterator

from backends.splunk.codes import T203, T204, T214
from converter.diagnostics import Diagnostic, Severity
from converter.model.pattern import Pattern
from converter.model.pipeline import Pipeline
from converter.model.predicate import Analyzer, InNetwork, Phrase, Predicate
from converter.model.rule import AnyOf, Detection, IndicatorMatch, Match, NewTerms, Opaque, Sample, Sequence, Threshold
from converter.model.value import Field, Kind
from converter.model.walk import predicates, walk
from converter.target.contract import Notebook

_FOLDED_BEYOND = frozenset("kKsS")
_FOLDING = Diagnostic(
    T203,
    "upper and lower case are folded as in ASCII text: no value holds the Kelvin sign or the long s",
    Severity.NOTE,
)
_MAPPED = Diagnostic(
    T214, "an IPv4 address written as IPv6 (::ffff:10.0.0.1) is in no IPv4 network here", Severity.NOTE
)


def note_facts(detection: Detection, notebook: Notebook) -> None:
    """Add the notes of a detection."""
    for predicate in predicates(detection):
        for node in walk(predicate):
            if _folds(node):
                notebook.add(_FOLDING)
            if isinstance(node, InNetwork) and any("." in n for n in node.networks):
                notebook.add(_MAPPED)
    paths = list(dict.fromkeys(f.path for f in _keys(detection) if f.kind is Kind.IP))
    if paths:
        message = f"addresses are equal if they are spelled alike ({', '.join(paths)})"
        notebook.add(Diagnostic(T204, message, Severity.NOTE))


def _folds(node: Predicate) -> bool:
    """Whether a regular expression folds words of analysed text; PowerShell's are ASCII alone."""
    return isinstance(node, Phrase) and node.analyzer is Analyzer.STANDARD and any(map(_has_folded, node.tokens))


def _has_folded(pattern: Pattern) -> bool:
    return any(isinstance(p, str) and _FOLDED_BEYOND & set(p) for p in pattern.parts)


def _keys(detection: Detection) -> Iterator[Field]:
    """The fields that group or join events."""
    match detection:
        case Threshold(_, group_by, _, distinct):
            yield from group_by
            if distinct:
                yield distinct.field
        case NewTerms(_, fields):
            yield from fields
        case Sequence(steps) | Sample(steps):
            yield from (key.field for step in steps for key in step.by)
        case Match() | AnyOf() | IndicatorMatch() | Pipeline() | Opaque():
            return
