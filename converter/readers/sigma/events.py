"""The events that a Sigma rule finds: its log source, its detection, and the filters that were written for it.

Spans count from the start of the rule's own document.
"""

from __future__ import annotations

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.fields.taxonomy import Vocabularies, Vocabulary
from converter.languages.sigma.codes import S014
from converter.model.metadata import LogSource, Metadata
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.model.rule import Match
from converter.model.walk import without_spans
from converter.readers import eql
from converter.readers.sigma.document import Document
from converter.readers.sigma.places import apart, moved
from converter.readers.sigma.search import Searches
from converter.readers.sigma.values import Placeholders


def events(
    meta: Metadata, schema: Schema, words: Vocabularies, given: Placeholders
) -> tuple[Predicate, tuple[Diagnostic, ...]]:
    """The events that a rule of single events finds, its filters applied. Raises QuerySyntaxError."""
    vocabulary = words(meta.log_source or LogSource())
    document = Document(meta.query)
    searches = Searches(vocabulary, schema, given)
    where = searches.where(document.detection("detection"))
    document.found += searches.found
    errors = [d for d in document.found if d.severity is Severity.ERROR]
    if errors:
        raise QuerySyntaxError(sorted(errors, key=lambda d: d.span.start if d.span else 0))
    excluded = [_excluded(one, meta, vocabulary, schema, given) for one in meta.related.filters]
    terms = (of_source(vocabulary, schema), where, *(term for term, _ in excluded))
    notes = (*_unknown(meta, vocabulary), *searches.found, *(d for _, found in excluded for d in found))
    return normalise(And(terms)), notes


def of_source(words: Vocabulary, schema: Schema) -> Predicate:
    """The condition that the events of a log source satisfy."""
    if not words.where:
        return And(())
    lowered = eql.lower(eql.parse(f"any where {words.where}"), schema, "")
    assert isinstance(lowered.detection, Match)  # noqa: S101 - a table's condition, which its loader has read
    return normalise(without_spans(lowered.detection.where))


def _excluded(
    meta: Metadata, rule: Metadata, words: Vocabulary, schema: Schema, given: Placeholders
) -> tuple[Predicate, tuple[Diagnostic, ...]]:
    """The condition of a filter document, which must hold of an alert; what is wrong stands in that document."""
    document = Document(meta.query)
    searches = Searches(words, schema, given)
    where = searches.where(document.detection("filter"))
    said = [_of_filter(d, meta, rule) for d in (*document.found, *searches.found)]
    errors = [d for d in said if d.severity is Severity.ERROR]
    if errors:
        raise QuerySyntaxError(errors)
    return without_spans(where), tuple(said)


def _of_filter(diagnostic: Diagnostic, meta: Metadata, rule: Metadata) -> Diagnostic:
    """At its place where the filter stands in the rule's file; else by the filter's name."""
    by = apart(meta, rule)
    if by is not None:
        return moved(diagnostic, by)
    return replace(diagnostic, message=f"the filter {meta.name}: {diagnostic.message}", span=None)


def _unknown(meta: Metadata, words: Vocabulary) -> tuple[Diagnostic, ...]:
    if words.known:
        return ()
    named = (meta.log_source or LogSource()).named
    said = ", ".join(f"{key} {value}" for key, value in named.items()) or "none"
    message = f"the log source ({said}) is in no table of taxonomy: its fields keep their names"
    return (Diagnostic(S014, message, Severity.NOTE),)
