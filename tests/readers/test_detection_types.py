"""The detection of each rule type, composed of query, filters and what the type adds."""

from __future__ import annotations

import dataclasses

import pytest

from converter.diagnostics import Severity, render
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import ecs_schema
from converter.model.metadata import (
    CardinalitySpec,
    Filter,
    Metadata,
    NewTermsSpec,
    ThreatEntry,
    ThreatMatchSpec,
    ThresholdSpec,
)
from converter.model.pattern import Case
from converter.model.predicate import And, Not, OneOf, Predicate
from converter.model.rule import Distinct, IndicatorMatch, Match, NewTerms, Opaque, Pair, Sequence, Threshold
from converter.model.value import Field, Kind
from converter.model.walk import fields, predicates, walk
from converter.readers.detection import read_detection

SCHEMA = ecs_schema()
FILTER = Filter('{"term": {"user.name": "root"}}', negate=True)


def rule(kind: str, query: str = "process.name:x", **more: object) -> Metadata:
    meta = Metadata("r", kind, language="kuery", query=query)
    return dataclasses.replace(meta, **more)  # type: ignore[arg-type]


def one(path: str, *values: str) -> OneOf:
    return OneOf(SCHEMA.info(path).field(), values, Case.SENSITIVE)


WHERE: Predicate = one("process.name", "x")
FILTERED: Predicate = And((WHERE, Not(one("user.name", "root"))))


def test_query() -> None:
    assert read_detection(rule("query"), SCHEMA) == (Match(WHERE), ())
    assert read_detection(rule("query", language=""), SCHEMA) == (Match(WHERE), ())


def test_query_with_filters() -> None:
    detection, _ = read_detection(rule("query", filters=(FILTER,)), SCHEMA)
    assert detection == Match(FILTERED)
    spans = [getattr(node, "span", None) for where in predicates(detection) for node in walk(where)]
    assert [s is None for s in spans] == [True, False, True, True]


def test_sequence_that_ends_with_a_missing_event_may_alert_early() -> None:
    ending = "sequence with maxspan=1m [any where true] ![process where true]"
    inside = "sequence with maxspan=1m [any where true] ![process where true] [any where true]"
    for query, codes in ((ending, ["E042"]), (inside, [])):
        _, found = read_detection(rule("eql", query, language="eql"), SCHEMA)
        assert [d.code for d in found] == codes


def test_query_in_lucene() -> None:
    detection, _ = read_detection(rule("query", "process.name:x OR b:y AND user.name:z", language="lucene"), SCHEMA)
    assert isinstance(detection, Match)
    assert [f.path for f in fields(detection.where)] == ["b", "user.name"]


def test_error_query_is_no_sentence() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read_detection(rule("query", "a:(b"), SCHEMA)
    assert caught.value.diagnostics[0].source is None


def test_threshold() -> None:
    spec = ThresholdSpec(("host.id", "host.id"), 5, (CardinalitySpec("source.ip", 3),))
    detection, found = read_detection(rule("threshold", threshold=spec, filters=(FILTER,)), SCHEMA)
    distinct = Distinct(SCHEMA.info("source.ip").field(), 3)
    assert detection == Threshold(FILTERED, (SCHEMA.info("host.id").field(),), 5, distinct)
    assert found == ()


def test_threshold_without_groups() -> None:
    detection, _ = read_detection(rule("threshold", threshold=ThresholdSpec((), 5)), SCHEMA)
    assert detection == Threshold(WHERE, (), 5)


def test_threshold_on_unknown_field_is_noted() -> None:
    _, found = read_detection(rule("threshold", threshold=ThresholdSpec(("my.own",), 5)), SCHEMA)
    assert [(d.code, d.severity) for d in found] == [("L010", Severity.NOTE)]


def test_error_threshold_counts_two_fields() -> None:
    spec = ThresholdSpec((), 5, (CardinalitySpec("a", 3), CardinalitySpec("b", 3)))
    _, found = read_detection(rule("threshold", threshold=spec), SCHEMA)
    assert [d.code for d in found if d.severity is Severity.ERROR] == ["L044"]


def test_new_terms() -> None:
    spec = NewTermsSpec(("host.id", "user.name"), "now-14d")
    detection, found = read_detection(rule("new_terms", new_terms=spec), SCHEMA)
    assert detection == NewTerms(
        WHERE, (SCHEMA.info("host.id").field(), SCHEMA.info("user.name").field()), 1_209_600_000
    )
    assert found == ()


@pytest.mark.parametrize("start", ["now-1M", "now+1d", "now", "now-14d/d", "2024-01-01"])
def test_error_history_without_length(start: str) -> None:
    _, found = read_detection(rule("new_terms", new_terms=NewTermsSpec(("host.id",), start)), SCHEMA)
    assert [d.code for d in found] == ["L045"]


THREAT = ThreatMatchSpec(
    ("ti_*",),
    "threat.indicator.type:ip",
    "kuery",
    (
        (ThreatEntry("source.ip", "threat.indicator.ip"), ThreatEntry("my.own", "threat.indicator.name")),
        (ThreatEntry("destination.ip", "threat.indicator.ip"),),
    ),
    filters=(FILTER,),
)


def test_indicator_match() -> None:
    detection, found = read_detection(rule("threat_match", threat_match=THREAT), SCHEMA)
    address = Field("threat.indicator.ip", Kind.IP, many=SCHEMA.info("threat.indicator.ip").many)
    assert isinstance(detection, IndicatorMatch)
    assert detection.where == WHERE
    assert detection.indicators == And((one("threat.indicator.type", "ip"), Not(one("user.name", "root"))))
    assert detection.indicator_index == ("ti_*",)
    assert detection.any_of == (
        (
            Pair(SCHEMA.info("source.ip").field(), address),
            Pair(Field("my.own"), SCHEMA.info("threat.indicator.name").field()),
        ),
        (Pair(SCHEMA.info("destination.ip").field(), address),),
    )
    assert not any(getattr(node, "span", None) for node in walk(detection.indicators))
    assert [d.code for d in found] == ["L010"]


def test_error_indicator_query_is_placed_in_itself() -> None:
    spec = dataclasses.replace(THREAT, query="a:(b")
    _, found = read_detection(rule("threat_match", threat_match=spec), SCHEMA)
    errors = [d for d in found if d.severity is Severity.ERROR]
    assert [d.code for d in errors] == ["K001"]
    assert render(errors[0]).startswith("threat_query:1:5: error[K001]")


def test_error_negated_entry() -> None:
    spec = dataclasses.replace(THREAT, mapping=((ThreatEntry("source.ip", "threat.indicator.ip", negate=True),),))
    _, found = read_detection(rule("threat_match", threat_match=spec), SCHEMA)
    assert [d.code for d in found if d.severity is Severity.ERROR] == ["L046"]


@pytest.mark.parametrize("kind", ["threshold", "new_terms", "threat_match"])
def test_error_table_is_missing(kind: str) -> None:
    detection, _ = read_detection(rule(kind), SCHEMA)
    assert isinstance(detection, Opaque)
    assert detection.diagnostic.code == "L044"


def test_eql_with_filters_on_every_step() -> None:
    query = "sequence by host.id [process where true] [file where true]"
    meta = rule("eql", query, language="eql", filters=(FILTER,))
    detection, _ = read_detection(meta, SCHEMA)
    assert isinstance(detection, Sequence)
    assert [w.terms[-1] for w in predicates(detection) if isinstance(w, And)] == [Not(one("user.name", "root"))] * 2


def test_eql_event_category_override() -> None:
    meta = rule("eql", "process where true", language="eql", event_category_override="event.kind")
    detection, _ = read_detection(meta, SCHEMA)
    assert detection == Match(one("event.kind", "process"))


@pytest.mark.parametrize(
    ("meta", "kind", "code", "words"),
    [
        (
            rule("machine_learning", "", machine_learning_job_id=("job_a", "job_b"), anomaly_threshold=50),
            "machine_learning",
            "L042",
            "job_a, job_b, with a score of at least 50",
        ),
        (rule("machine_learning", ""), "machine_learning", "L042", "(none named)"),
        (rule("esql", "from x", language="sql"), "esql", "L043", "language sql"),
        (rule("saved_query", "", saved_id="abc"), "saved_query", "L040", "abc"),
        (rule("query", "x", language="sql"), "query", "L043", "language sql"),
        (rule("eql", "x"), "eql", "L043", "language kuery"),
        (rule("riddle", "x"), "riddle", "L043", "type riddle"),
    ],
)
def test_opaque(meta: Metadata, kind: str, code: str, words: str) -> None:
    detection, _ = read_detection(meta, SCHEMA)
    assert isinstance(detection, Opaque)
    assert (detection.kind, detection.diagnostic.code) == (kind, code)
    assert words in detection.diagnostic.message


def test_data_view_is_noted() -> None:
    _, found = read_detection(rule("query", data_view_id="logs"), SCHEMA)
    assert [(d.code, d.severity) for d in found] == [("L041", Severity.WARNING)]
