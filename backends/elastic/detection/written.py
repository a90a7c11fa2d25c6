"""A detection as a rule of Elastic: which language says it, and what stands beside the query.

Several ways are tried, the rule's own language first; each is read back, and the first that means the same is taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final, assert_never

from backends.elastic.codes import T501, T502, T503
from backends.elastic.condition.clauses import clause
from backends.elastic.condition.kuery import kuery
from backends.elastic.condition.names import Names, names_for
from backends.elastic.condition.unsaid import UnsaidError
from backends.elastic.detection.events import event_query
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.kuery.layout import layout
from converter.languages.kuery.syntax import ANYTHING
from converter.languages.kuery.syntax import And as KueryAnd
from converter.model.duration import date_math
from converter.model.equivalence import same
from converter.model.exception import ExceptionItem
from converter.model.metadata import (
    CardinalitySpec,
    Filter,
    Metadata,
    NewTermsSpec,
    ThreatEntry,
    ThreatMatchSpec,
    ThresholdSpec,
)
from converter.model.normalise import normalise_detection
from converter.model.pipeline import Pipeline
from converter.model.predicate import And, Constant, Not, Or, Predicate
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Sequence,
    Threshold,
)
from converter.model.value import Field, Now
from converter.model.walk import predicates
from converter.readers.detection import read_detection

Attempt = Callable[[], Metadata]

_ANYTHING: Final = "*"


def written(rule: Rule) -> Metadata | Diagnostic:
    """The metadata of a rule that means the same, or why there is none."""
    detection = _one(rule.detection)
    own = rule.meta.query if rule.meta.log_source is None else ""
    names = names_for(own, predicates(detection), _beside(detection))
    finding: Diagnostic | None = None
    for attempt in _attempts(rule.meta, detection, names):
        made = _made(attempt, detection, names)
        if isinstance(made, Metadata):
            return made
        finding = finding or made
    assert finding is not None  # noqa: S101 - there is an attempt for every detection
    return finding


def _made(attempt: Attempt, detection: Detection, names: Names) -> Metadata | Diagnostic:
    """What the attempt writes, if it reads back as what it was made from."""
    try:
        meta = attempt()
        return _different(meta, detection, names) or meta
    except UnsaidError as error:
        return Diagnostic(T501, f"no language of Elastic says this: {error.why}", span=_span(error.part))
    except QuerySyntaxError as error:
        return Diagnostic(T502, f"Elastic has no such rule: {error.diagnostics[0].message}")


def _one(detection: Detection) -> Detection:
    """Several places are one in Elastic, where every event has the same names."""
    if isinstance(detection, AnyOf):
        detection = Match(Or(tuple(match.where for match in detection.matches)))
    return normalise_detection(detection)


def _span(part: Predicate) -> Span | None:
    return None if isinstance(part, And | Or | Not | Constant) else part.span


def _different(meta: Metadata, detection: Detection, names: Names) -> Diagnostic | None:
    """What is wrong with the rule that was written, read as every rule is."""
    if isinstance(detection, Pipeline):
        return None  # the same tree in another layout, see `_pipeline`
    found, diagnostics = read_detection(meta, names.schema)
    wrong = next((d for d in diagnostics if d.severity is Severity.ERROR), None)
    if wrong is not None:
        return Diagnostic(T501, f"Elastic does not take this as it would be written: {wrong.message}")
    if not same(found, detection):
        return Diagnostic(T503, "the rule that was written reads back with another meaning")
    return None


# ---- the ways


def _attempts(meta: Metadata, detection: Detection, names: Names) -> Iterator[Attempt]:
    plain = _bare(meta)
    match detection:
        case Match(where):
            in_eql = _as_event(plain, where, names)
            in_kuery = _as_query(plain, "query", where, names)
            yield from (in_kuery, in_eql) if meta.language in ("kuery", "lucene") else (in_eql, in_kuery)
            yield _with_filters(plain, "query", where, names)
        case Threshold(where, group_by, at_least, distinct):
            counted = () if distinct is None else (CardinalitySpec(_named(distinct.field, names), distinct.at_least),)
            spec = ThresholdSpec(tuple(_named(f, names) for f in group_by), at_least, counted)
            yield from _queries(replace(plain, threshold=spec), "threshold", where, names)
        case NewTerms(where, terms, history_ms):
            history = NewTermsSpec(tuple(_named(f, names) for f in terms), date_math(Now(-history_ms)))
            yield from _queries(replace(plain, new_terms=history), "new_terms", where, names)
        case IndicatorMatch():
            yield from _indicators(plain, detection, names)
        case Sequence() | Sample():
            yield lambda: replace(
                plain, type="eql", language="eql", query=event_query(detection, names, _category(plain))
            )
        case Pipeline():
            yield lambda: _pipeline(meta)
        case AnyOf() | Opaque():
            raise AssertionError(detection)  # made one; refused before
        case _:
            assert_never(detection)


def _bare(meta: Metadata) -> Metadata:
    """The rule without what its meaning has taken up: filters, and exceptions that are in hand."""
    taken = {one.list_id for one in meta.exceptions if not any(_by_list(item) for item in one.items)}
    kept = tuple(one for one in meta.exceptions_list if (one.list_id or one.id) not in taken)
    if meta.log_source is not None:  # a rule of Sigma: Elastic has none of its other keys, and wants a description
        meta = replace(meta, exported=(), unknown=(), description=meta.description or meta.name)
    return replace(
        meta, query_span=None, filters=(), exceptions=(), exceptions_list=kept, saved_id="", threshold=None,
        new_terms=None, threat_match=None,
    )  # fmt: skip


def _by_list(item: ExceptionItem) -> bool:
    return any(entry.type == "list" for entry in item.entries)


def _category(meta: Metadata) -> str:
    return meta.event_category_override


def _as_event(meta: Metadata, where: Predicate, names: Names) -> Attempt:
    return lambda: replace(meta, type="eql", language="eql", query=event_query(Match(where), names, _category(meta)))


def _as_query(meta: Metadata, kind: str, where: Predicate, names: Names) -> Attempt:
    return lambda: replace(meta, type=kind, language="kuery", query=layout(kuery(where, names)))


def _with_filters(meta: Metadata, kind: str, where: Predicate, names: Names) -> Attempt:
    def attempt() -> Metadata:
        query, filters = _split(where, names)
        return replace(meta, type=kind, language="kuery", query=query, filters=filters)

    return attempt


def _queries(meta: Metadata, kind: str, where: Predicate, names: Names) -> Iterator[Attempt]:
    yield _as_query(meta, kind, where, names)
    yield _with_filters(meta, kind, where, names)


def _split(where: Predicate, names: Names) -> tuple[str, tuple[Filter, ...]]:
    """What kuery says of the terms, and filters for the rest."""
    said, left = [], []
    for term in where.terms if isinstance(where, And) else (where,):
        try:
            said.append(kuery(term, names))
        except UnsaidError:
            left.append(term)
    query = said[0] if len(said) == 1 else KueryAnd(tuple(said)) if said else ANYTHING
    return layout(query), tuple(_filter(term, names) for term in left)


def _filter(term: Predicate, names: Names) -> Filter:
    if isinstance(term, Not):
        return Filter(json.dumps(clause(term.term, names), ensure_ascii=False), negate=True)
    return Filter(json.dumps(clause(term, names), ensure_ascii=False))


def _indicators(meta: Metadata, detection: IndicatorMatch, names: Names) -> Iterator[Attempt]:
    """The query over events with that over indicators beside it."""

    def attempt(*, filters: bool) -> Metadata:
        query, kept = _split(detection.indicators, names)
        mapping = tuple(
            tuple(ThreatEntry(_named(pair.field, names), _named(pair.indicator, names)) for pair in pairs)
            for pairs in detection.any_of
        )
        spec = ThreatMatchSpec(detection.indicator_index, query, "kuery", mapping, filters=kept)
        whole = replace(meta, threat_match=spec)
        one = _with_filters if filters else _as_query
        return one(whole, "threat_match", detection.where, names)()

    yield lambda: attempt(filters=False)
    yield lambda: attempt(filters=True)


def _pipeline(meta: Metadata) -> Metadata:
    """The rule's own pipeline in one layout: its fields keep their names, so that its text says what it said."""
    from converter.languages.esql.parse import parse as parse_esql  # read on demand: few rules are pipelines
    from converter.languages.esql.write import write

    if meta.language != "esql" or not meta.query:
        raise QuerySyntaxError(Diagnostic(T502, "a pipeline that is written from its meaning alone"))
    tree = parse_esql(meta.query)
    query = write(tree)
    if parse_esql(query) != tree:
        raise QuerySyntaxError(Diagnostic(T503, "the pipeline that was written reads back as another"))
    return replace(meta, query_span=None, query=query, index=())


def _named(field: Field, names: Names) -> str:
    return names.of(field) or field.path


def _beside(detection: Detection) -> Iterator[Field]:
    """The fields that a rule names beside its query."""
    match detection:
        case Threshold(_, group_by, _, distinct):
            yield from group_by
            if distinct is not None:
                yield distinct.field
        case NewTerms(_, terms):
            yield from terms
        case IndicatorMatch(any_of=any_of):
            for pairs in any_of:
                for pair in pairs:
                    yield from (pair.field, pair.indicator)
        case Sequence(steps, _, until):
            for step in (*steps, *((until,) if until else ())):
                yield from (key.field for key in step.by)
        case Sample(steps):
            for step in steps:
                yield from (key.field for key in step.by)
        case Match() | AnyOf() | Pipeline() | Opaque():
            return
        case _:
            assert_never(detection)
