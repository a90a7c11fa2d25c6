"""The whole detection of a rule, by its type: the query, what the type adds, and the filters.

Spans of leaves count in the rule's query only; what comes from filters and from the indicator query has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Sequence_
from typing import Final

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.fields.taxonomy import Vocabularies, unknown
from converter.languages.eql.codes import E042
from converter.languages.lucene.codes import L010, L040, L041, L042, L043, L044, L045, L046
from converter.model.duration import DurationError, parse_date_math
from converter.model.metadata import Filter, Metadata, ThreatEntry, ThreatMatchSpec
from converter.model.normalise import normalise, normalise_detection
from converter.model.predicate import And, Predicate
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Sequence,
    Threshold,
)
from converter.model.value import Field
from converter.model.walk import map_predicates, without_spans
from converter.readers import kuery
from converter.readers.exceptions import exception_filter
from converter.readers.leaf import NEVER
from converter.readers.lowered import Lowered

_EVENT_CATEGORY: Final = "event.category"
"""The field of `category where ...` unless the rule overrides it (elastic: EQL search API)."""

_QUERY_TYPES: Final = ("query", "threshold", "new_terms", "threat_match")

Placeholders = Mapping[str, Sequence_[str]]
"""Values of a Sigma rule's placeholders, by name."""

_Read = tuple[Detection, tuple[Diagnostic, ...]]


def read_detection(
    meta: Metadata, schema: Schema, words: Vocabularies = unknown, placeholders: Placeholders | None = None
) -> _Read:
    """What the rule detects, in normal form, and what was found on the way.

    `words` says what is known of the log source of a Sigma rule, `placeholders` what its placeholders stand for.

    Raises QuerySyntaxError, with spans that count in the query, if the query is no sentence of its language.
    A detection that has no place in the model is `Opaque`.
    """
    if meta.language == "sigma":
        from converter.readers import sigma  # read on demand: Elastic's rules do without

        return sigma.read(meta, schema, words, placeholders or {})
    view = _data_view(meta) if meta.data_view_id else ()
    filters, excepted = exception_filter(meta)
    detection, found = _by_type(replace(meta, filters=(*meta.filters, *filters)) if filters else meta, schema)
    return detection, (*view, *excepted, *found)


def _data_view(meta: Metadata) -> tuple[Diagnostic, ...]:
    """Where the events are is kept in Kibana, unless the rule names indexes too."""
    message = f"the rule names its data by the data view {meta.data_view_id}, which is kept in Kibana"
    severity = Severity.NOTE if meta.index else Severity.WARNING
    return (Diagnostic(L041, message, severity, hint="add the view's index patterns to the rule, or use --source"),)


def searched(meta: Metadata, words: Vocabularies = unknown) -> Metadata:
    """The rule's file with the indices that it searches, which ES|QL names in the query and Sigma by its log source."""
    if meta.language == "sigma":
        from converter.readers import sigma

        return sigma.searched(meta, words)
    if meta.type != "esql" or meta.index:
        return meta
    from converter.readers import esql

    head = esql.parse(meta.query).commands[0]
    names = head.sources if isinstance(head, esql.From) else ()
    return replace(meta, index=tuple(n for n in names if not n.startswith("-")))


def _by_type(meta: Metadata, schema: Schema) -> _Read:
    if meta.type in _QUERY_TYPES and meta.language in ("", "kuery", "lucene"):
        return _with_query(meta, schema)
    match meta.type:
        case "eql" if meta.language in ("", "eql"):
            return _eql(meta, schema)
        case "machine_learning":
            jobs = ", ".join(meta.machine_learning_job_id) or "(none named)"
            threshold = "" if meta.anomaly_threshold is None else f", with a score of at least {meta.anomaly_threshold}"
            message = f"the rule alerts on anomalies of the machine learning jobs {jobs}{threshold}"
            return _opaque("machine_learning", L042, message, "It needs these jobs and their history.")
        case "esql" if meta.language in ("", "esql"):
            return _esql(meta, schema)
        case "saved_query" if meta.query.strip():
            detection, found = _with_query(meta, schema)
            message = f"the rule runs the saved query {meta.saved_id} of Kibana; this is the rule's own copy of it"
            return detection, (Diagnostic(L040, message, Severity.WARNING), *found)
        case "saved_query":
            message = f"the rule runs the saved query {meta.saved_id}, which is kept in Kibana"
            return _opaque("saved_query", L040, message, "Export the query into the rule.")
        case _ if meta.type in (*_QUERY_TYPES, "eql", "esql"):
            message = f"a rule of type {meta.type} in the language {meta.language} is not known"
            return _opaque(meta.type, L043, message, "The languages are kuery, lucene, eql and esql.")
        case _:
            return _opaque(meta.type, L043, f"rules of type {meta.type} are not known", "")


def _opaque(kind: str, code: Code, message: str, hint: str) -> _Read:
    return Opaque(kind, Diagnostic(code, message, hint=hint)), ()


def _note(code: Code, message: str) -> tuple[Diagnostic, ...]:
    return (Diagnostic(code, message, Severity.NOTE),)


def _query(text: str, language: str, schema: Schema) -> Lowered:
    """A query in kuery, the default, or Lucene's language"""
    if language == "lucene":
        from converter.readers import lucene  # read on demand: few rules are in it

        return lucene.lower(lucene.parse(text), schema)
    return kuery.lower(kuery.parse(text), schema)


def _lower_filters(filters: tuple[Filter, ...], schema: Schema) -> Lowered:
    from converter.readers import lucene  # read on demand: few rules have filters

    return lucene.lower_filters(filters, schema)


def _filtered(query: Lowered, filters: tuple[Filter, ...], schema: Schema) -> Lowered:
    """The query and all filters (rule K23)."""
    if not filters:
        return query
    more = _lower_filters(filters, schema)
    return Lowered(normalise(And((query.predicate, more.predicate))), (*query.diagnostics, *more.diagnostics))


def _with_query(meta: Metadata, schema: Schema) -> _Read:
    where = _filtered(_query(meta.query, meta.language, schema), meta.filters, schema)
    match meta.type:
        case "threshold":
            detection, found = _threshold(meta, where.predicate, schema)
        case "new_terms":
            detection, found = _new_terms(meta, where.predicate, schema)
        case "threat_match":
            detection, found = _indicator_match(meta, where.predicate, schema)
        case _:
            detection, found = Match(where.predicate), ()
    return detection, (*where.diagnostics, *found)


def _eql(meta: Metadata, schema: Schema) -> _Read:
    # Read on demand: rules in kuery do without.
    from converter.readers import eql

    category = meta.event_category_override or _EVENT_CATEGORY
    lowered = eql.lower(eql.parse(meta.query), schema, category)
    detection = normalise_detection(lowered.detection)
    lowered = replace(lowered, diagnostics=(*lowered.diagnostics, *_early(detection)))
    if not meta.filters:
        return detection, lowered.diagnostics
    # Filters go to the search of every event, so that each step has them.
    more = _lower_filters(meta.filters, schema)
    filtered = map_predicates(detection, lambda where: normalise(And((where, more.predicate))))
    return filtered, (*lowered.diagnostics, *more.diagnostics)


def _esql(meta: Metadata, schema: Schema) -> _Read:
    # Read on demand: rules in kuery do without.
    from converter.readers.esql.detection import read

    if not meta.filters:
        return read(meta.query, schema)
    # Filters go to the search under the query (rule Q07).
    more = _lower_filters(meta.filters, schema)
    detection, found = read(meta.query, schema, without_spans(more.predicate))
    return detection, (*found, *more.diagnostics)


def _early(detection: Detection) -> tuple[Diagnostic, ...]:
    """Elasticsearch's engine does not wait for a missing event at the end (elastic/elasticsearch issue 145323)."""
    if not (isinstance(detection, Sequence) and detection.steps[-1].missing):
        return ()
    message = "the sequence ends with a missing event: as in Elastic, it may alert while maxspan is not yet over"
    return _note(E042, message)


def _missing(meta: Metadata, key: str) -> _Read:
    message = f"a rule of type {meta.type} needs [rule.{key}]"
    return _opaque(meta.type, L044, message, f"Add the table {key}.")


class _Fields:
    """The fields that a rule names beside its query, and notes about those that are not known."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.diagnostics: dict[Diagnostic, None] = {}

    def __call__(self, path: str) -> Field:
        """The field of this name; unknown ones are noted once."""
        info: FieldInfo = self._schema.info(path)
        if not info.declared:
            message = f"{path} is not a known field; it is taken as a keyword that may hold several values"
            self.diagnostics[Diagnostic(L010, message, Severity.NOTE)] = None
        return info.field()


def _threshold(meta: Metadata, where: Predicate, schema: Schema) -> _Read:
    """Groups of at least so many events, with at least so many distinct values (rules R02 to R04)."""
    spec = meta.threshold
    if spec is None:
        return _missing(meta, "threshold")
    field = _Fields(schema)
    found: list[Diagnostic] = []
    if len(spec.cardinality) > 1:
        message = "the threshold counts the distinct values of several fields; Elasticsearch allows one"
        found.append(Diagnostic(L044, message, hint="Keep one entry of cardinality."))
    distinct = Distinct(field(spec.cardinality[0].field), spec.cardinality[0].value) if spec.cardinality else None
    groups = tuple(field(path) for path in dict.fromkeys(spec.fields))
    return Threshold(where, groups, spec.value, distinct), (*found, *field.diagnostics)


def _new_terms(meta: Metadata, where: Predicate, schema: Schema) -> _Read:
    """Combinations of values that the history does not have (rule R05)."""
    spec = meta.new_terms
    if spec is None:
        return _missing(meta, "new_terms")
    field = _Fields(schema)
    found: list[Diagnostic] = []
    history_ms = 0
    try:
        start = parse_date_math(spec.history_window_start)
        history_ms = -start.offset_ms
        if start.round_to or history_ms <= 0:
            message = f"the history begins at {spec.history_window_start}, which is no fixed time before now"
            found.append(Diagnostic(L045, message, hint="Write now-14d or the like."))
    except DurationError as error:
        found.append(Diagnostic(L045, f"the history begins at no fixed time before now: {error}", hint=error.hint))
    return NewTerms(where, tuple(map(field, spec.fields)), history_ms), (*found, *field.diagnostics)


def _indicator_match(meta: Metadata, where: Predicate, schema: Schema) -> _Read:
    """Events that share values with an indicator (rule R06)."""
    spec = meta.threat_match
    if spec is None:
        return _missing(meta, "threat_index")
    indicators = _indicators(spec, schema)
    field = _Fields(schema)
    any_of: list[tuple[Pair, ...]] = []
    found: list[Diagnostic] = []
    for entries in spec.mapping:
        any_of.append(tuple(Pair(field(e.field), field(e.value)) for e in entries if not e.negate))
        alone = all(entry.negate for entry in entries)
        found += (_negated(entry, alone=alone) for entry in entries if entry.negate)
    predicate = without_spans(indicators.predicate)
    detection = IndicatorMatch(where, predicate, spec.index, tuple(any_of))
    return detection, (*indicators.diagnostics, *found, *field.diagnostics)


def _negated(entry: ThreatEntry, *, alone: bool) -> Diagnostic:
    """A pair that must not be equal: left out where others stand beside it, which finds more; else refused."""
    what = f"{entry.field} must not equal the indicator's {entry.value}"
    if alone:
        return Diagnostic(L046, f"{what}, which cannot be carried by itself")
    message = f"{what}: that is left out, so that more events match"
    return Diagnostic(L046, message, Severity.WARNING, hint="exclude such events in the artifact's query")


def _indicators(spec: ThreatMatchSpec, schema: Schema) -> Lowered:
    """The indicators that take part; what is found in their query is placed in that query's own text."""
    source = Source("threat_query", spec.query)
    try:
        query = _query(spec.query, spec.language, schema)
    except QuerySyntaxError as error:
        return Lowered(NEVER, tuple(d.located(source) for d in error.diagnostics))
    placed = replace(query, diagnostics=tuple(d.located(source) for d in query.diagnostics))
    return _filtered(placed, spec.filters, schema)
