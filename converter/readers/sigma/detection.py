"""What a Sigma rule detects: events that match, or what must hold of several of them.

Spans count from the start of the rule's own document. Those of a rule that a correlation counts count there too,
where both stand in one file.
"""

from __future__ import annotations

from dataclasses import replace

from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.fields.taxonomy import Vocabularies, Vocabulary
from converter.languages.sigma.codes import S014
from converter.model.metadata import LogSource, Metadata
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.model.rule import Detection, Match
from converter.model.walk import without_spans
from converter.readers import eql
from converter.readers.sigma.document import Document
from converter.readers.sigma.search import Searches
from converter.readers.sigma.values import Placeholders

_Read = tuple[Detection, tuple[Diagnostic, ...]]
CORRELATION = "sigma_correlation"
"""The type of a rule that correlates others."""


def read(meta: Metadata, schema: Schema, words: Vocabularies, given: Placeholders) -> _Read:
    """What the rule detects, in normal form, and what was found on the way. Raises QuerySyntaxError."""
    if meta.type == CORRELATION:
        from converter.readers.sigma.correlation import correlated  # few rules are correlations

        return correlated(meta, schema, words, given)
    where, found = events(meta, schema, words, given)
    return Match(where), found


def events(
    meta: Metadata, schema: Schema, words: Vocabularies, given: Placeholders
) -> tuple[Predicate, tuple[Diagnostic, ...]]:
    """The events that a rule of single events finds, its filters applied. Raises QuerySyntaxError."""
    vocabulary = words(meta.log_source or LogSource())
    document = Document(meta.query)
    detection = document.detection("detection")
    searches = Searches(vocabulary, schema, given)
    where = searches.where(detection) if detection is not None else None
    document.found += searches.found
    errors = [d for d in document.found if d.severity is Severity.ERROR]
    if errors or where is None:
        raise QuerySyntaxError(sorted(errors, key=lambda d: d.span.start if d.span else 0))
    excluded = [_excluded(one, vocabulary, schema, given) for one in meta.related.filters]
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
    meta: Metadata, words: Vocabulary, schema: Schema, given: Placeholders
) -> tuple[Predicate, tuple[Diagnostic, ...]]:
    """The condition of a filter document, which must hold of an alert; what is wrong stands in that document."""
    document = Document(meta.query)
    detection = document.detection("filter")
    searches = Searches(words, schema, given)
    where = searches.where(detection) if detection is not None else None
    errors = [d for d in (*document.found, *searches.found) if d.severity is Severity.ERROR]
    if errors or where is None:
        raise QuerySyntaxError(errors)
    return without_spans(where), tuple(searches.found)


def _unknown(meta: Metadata, words: Vocabulary) -> tuple[Diagnostic, ...]:
    if words.known:
        return ()
    named = (meta.log_source or LogSource()).named
    said = ", ".join(f"{key} {value}" for key, value in named.items()) or "none"
    message = f"the log source ({said}) is in no table of taxonomy: its fields keep their names"
    return (Diagnostic(S014, message, Severity.NOTE),)


def searched(meta: Metadata, words: Vocabularies) -> Metadata:
    """The rule's metadata with the data streams of its log sources, and its fields to look at by Elastic's names."""
    sources = [one.log_source for one in (meta, *meta.related.rules) if one.log_source is not None]
    known = [words(source) for source in sources]
    index = tuple(dict.fromkeys(pattern for one in known for pattern in one.index))
    fields = meta.investigation_fields
    if known:
        fields = tuple(dict.fromkeys(known[0].path(name) for name in fields))
    return replace(meta, index=index, investigation_fields=fields)
