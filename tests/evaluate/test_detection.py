"""Alerts of whole detections: sequences over events, samples, thresholds, new terms, indicators, windows."""

from __future__ import annotations

import pytest

from converter.cli.codes import X001
from converter.diagnostics import Diagnostic, Source
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case
from converter.model.predicate import Compare, Comparison, Constant, OneOf
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Field, Kind, Now
from converter.reference import Alert, Clock, SequenceStream, alerts, clock_of, evaluate

ANY = Constant(value=True)
USER = Field("user")


def is_(value: str, path: str = "t") -> OneOf:
    return OneOf(Field(path), (value,), Case.SENSITIVE)


def step(value: str, *by: Key, missing: bool = False, runs: int = 1) -> Step:
    return Step(is_(value), by, missing, runs)


def at(time: object, kind: str, **more: object) -> dict[str, object]:
    return {"@timestamp": time, "t": kind, **more}


BY_USER = Key(USER)
OPTIONAL_USER = Key(USER, optional=True)


def test_match_is_one_alert_an_event() -> None:
    assert alerts(Match(is_("a")), [{"t": "a"}, {"t": "b"}, {"t": ["b", "a"]}]) == [Alert((0,)), Alert((2,))]


def test_window_includes_both_ends() -> None:
    events: list[dict[str, object]] = [
        {"@timestamp": 9},
        {"@timestamp": 10},
        {"@timestamp": 20},
        {"@timestamp": 21},
        {},
    ]
    assert alerts(Match(ANY), events, (10, 20)) == [Alert((1,)), Alert((2,))]


def test_timestamp_override_falls_back() -> None:
    events: list[dict[str, object]] = [{"i": 15, "@timestamp": 1}, {"@timestamp": 15}, {"i": "bad", "@timestamp": 15}]
    assert len(alerts(Match(ANY), events, (10, 20), Clock(timestamp="i"))) == 3
    assert len(alerts(Match(ANY), events, (10, 20), Clock(timestamp="i", fallback=""))) == 1


def test_date_math_counts_from_the_clock() -> None:
    recent = Match(Compare(Field("d", Kind.DATE), Comparison.GE, Now(-5)))
    assert alerts(recent, [{"d": 94}, {"d": 95}], clock=Clock(now=100)) == [Alert((1,))]


def test_opaque_detection_has_no_alerts() -> None:
    assert alerts(Opaque("machine_learning", Diagnostic(X001, "a job")), [{}]) == []


def test_sequence_joins_by_position() -> None:
    steps = (step("a", BY_USER), step("b", Key(Field("owner"))))
    events = [at(3, "b", owner="u"), at(1, "a", user="u"), at(2, "a", user="v"), at(4, "b", owner=["w", "v"])]
    assert alerts(Sequence(steps), events) == [Alert((1, 0), ("u",)), Alert((2, 3), ("v",))]


def test_sequence_null_keys_join_only_when_optional() -> None:
    events = [at(1, "a"), at(2, "b")]
    assert alerts(Sequence((step("a", BY_USER), step("b", BY_USER))), events) == []
    both = Sequence((step("a", OPTIONAL_USER), step("b", OPTIONAL_USER)))
    assert alerts(both, events) == [Alert((0, 1), (None,))]


def test_sequence_keys_of_addresses_are_equal_in_any_spelling() -> None:
    by = Key(Field("ip", Kind.IP))
    events = [at(1, "a", ip="::ffff:10.0.0.1"), at(2, "b", ip="10.0.0.1")]
    assert alerts(Sequence((step("a", by), step("b", by))), events) == [Alert((0, 1), ("10.0.0.1",))]


def test_sequence_runs_are_steps_written_out() -> None:
    thrice = Sequence((step("a", runs=3), step("b")), 10)
    events = [at(n, "a") for n in range(4)] + [at(5, "x"), at(6, "b")]
    assert alerts(thrice, events) == [Alert((1, 2, 3, 5))]
    assert alerts(thrice, events[2:]) == []
    assert alerts(thrice, events[1:]) == [Alert((0, 1, 2, 4))]


def test_sequence_until_and_tiebreaker_and_events_without_time() -> None:
    ends = Sequence((step("a"), step("b")), None, step("u"))
    assert alerts(ends, [at(1, "a"), at(2, "u"), at(3, "b")]) == []
    assert alerts(ends, [at(1, "a"), at(None, "u"), at(3, "b")]) == [Alert((0, 2))]
    tied = [at(1, "b", n=2), at(1, "a", n=1)]
    assert alerts(ends, tied) == []
    assert alerts(ends, tied, clock=Clock(tiebreaker="n")) == [Alert((1, 0))]


def test_sequence_missing_step_has_its_own_keys() -> None:
    gap = Sequence((step("a", BY_USER), step("m", Key(Field("other")), missing=True), step("b", BY_USER)), 10)
    events = [at(1, "a", user="u"), at(2, "m", other="v"), at(3, "b", user="u")]
    assert alerts(gap, events) == [Alert((0, 2), ("u",))]
    assert alerts(gap, [events[0], at(2, "m", other="u"), events[2]]) == []


def test_sequence_stream_gives_alerts_as_they_complete() -> None:
    stream = SequenceStream(Sequence((step("a"), step("z", missing=True)), 5), Clock())
    assert stream.push(0, at(1, "a")) == []
    assert [one.items for one in stream.push(1, at(7, "x"))] == [(0,)]
    assert stream.flush() == []


def test_sample_needs_a_different_event_for_each_step() -> None:
    pair = Sample((step("a", BY_USER), Step(ANY, (BY_USER,))))
    assert alerts(pair, [at(1, "a", user="u")]) == []
    assert alerts(pair, [at(2, "x", user="u"), at(1, "a", user="u"), at(1, "a", user="v")]) == [Alert((1, 0), ("u",))]


COUNT = Threshold(is_("a"), (USER,), 2)


def test_threshold_counts_each_value_of_an_array_and_no_missing_group() -> None:
    events = [at(1, "a", user=["u", "v"]), at(2, "a", user=["v", "v"]), at(3, "a"), at(4, "a"), at(5, "b", user="u")]
    assert alerts(COUNT, events) == [Alert((0, 1), ("v",))]


def test_threshold_of_two_fields_counts_combinations() -> None:
    both = Threshold(ANY, (USER, Field("h")), 2)
    assert alerts(both, [{"user": ["u", "v"], "h": "x"}, {"user": "v", "h": ["x", "y"]}]) == [Alert((0, 1), ("v", "x"))]


def test_threshold_without_group_is_one_group() -> None:
    assert alerts(Threshold(is_("a"), (), 2), [{"t": "a"}, {"t": "a"}]) == [Alert((0, 1))]
    assert alerts(Threshold(is_("a"), (), 2), [{"t": "a"}]) == []


def test_threshold_needs_count_and_distinct_values() -> None:
    spread = Threshold(ANY, (USER,), 2, Distinct(Field("ip", Kind.IP), 2))
    same = [{"user": "u", "ip": "1.1.1.1"}, {"user": "u", "ip": "::ffff:1.1.1.1"}]
    assert alerts(spread, same) == []
    assert alerts(spread, [*same, {"user": "u", "ip": ["2.2.2.2"]}]) == [Alert((0, 1, 2), ("u",))]
    assert alerts(spread, [{"user": "u", "ip": ["1.1.1.1", "2.2.2.2"]}]) == []


def new_terms(times_and_users: list[tuple[int, object]], *fields: str) -> list[Alert]:
    detection = NewTerms(is_("a"), tuple(Field(f) for f in fields or ("user",)), 100)
    return alerts(detection, [at(t, "a", user=u, host="h") for t, u in times_and_users], (190, 200))


def test_new_terms_alert_on_the_first_event_after_the_window_start() -> None:
    assert new_terms([(195, "u"), (193, "u")]) == [Alert((1,), ("u",))]
    assert new_terms([(195, "u"), (100, "u")]) == []
    assert new_terms([(195, "u"), (99, "u")]) == [Alert((0,), ("u",))]
    assert new_terms([(190, "u")]) == []
    assert new_terms([(191, "u")]) == [Alert((0,), ("u",))]
    assert new_terms([(201, "u")]) == []
    assert new_terms([(195, "u"), (195, "u")]) == [Alert((0,), ("u",))]


def test_new_terms_take_every_value_and_combination() -> None:
    assert new_terms([(150, "u"), (195, ["u", "v"])]) == [Alert((1,), ("v",))]
    assert new_terms([(195, None)]) == []
    assert new_terms([(195, ["u", "v"])], "user", "host") == [Alert((0,), ("u", "h")), Alert((0,), ("v", "h"))]


def test_error_new_terms_without_window() -> None:
    with pytest.raises(ValueError, match="window"):
        alerts(NewTerms(ANY, (USER,), 100), [])


def indicator_match(event: dict[str, object], documents: list[dict[str, object]]) -> bool:
    ip, host = Field("ip", Kind.IP), Field("host")
    detection = IndicatorMatch(
        ANY,
        is_("live", "state"),
        ("ti",),
        ((Pair(ip, Field("i.ip")),), (Pair(host, Field("i.host")), Pair(Field("m", Kind.TEXT), Field("i.m")))),
    )
    return bool(alerts(detection, [event], indicators=documents))


def test_indicators_match_by_kind() -> None:
    live: dict[str, object] = {"state": "live"}
    assert indicator_match({"ip": ["9.9.9.9", "1.1.1.1"]}, [live | {"i": {"ip": "::ffff:1.1.1.1"}}])
    assert not indicator_match({"ip": "1.1.1.1"}, [{"state": "old", "i": {"ip": "1.1.1.1"}}])
    assert not indicator_match({"ip": "1.1.1.1"}, [live | {"i": {"ip": ["1.1.1.1", "2.2.2.2"]}}])
    assert not indicator_match({}, [live])


def test_indicators_of_one_document_meet_all_of_an_and() -> None:
    live: dict[str, object] = {"state": "live"}
    event: dict[str, object] = {"host": "h", "m": "bad Word here"}
    assert indicator_match(event, [live | {"i": {"host": "h", "m": "WORD list"}}])
    assert not indicator_match(event, [live | {"i": {"host": "h"}}, live | {"i": {"m": "word"}}])
    assert not indicator_match(event, [live | {"i": {"host": "H", "m": "word"}}])


def a_rule(detection: Detection, **meta: object) -> Rule:
    source = Source("r.toml", "")
    return Rule(Metadata("r", "query", **meta), detection, source, source)  # type: ignore[arg-type]


def test_evaluate_says_which_events_belong_to_an_alert() -> None:
    rule = a_rule(Sequence((step("a"), step("b"))))
    assert evaluate(rule, [at(1, "a"), at(2, "a"), at(3, "b")]) == [False, True, True]
    assert evaluate(rule, []) == []


def test_evaluate_at_a_moment_looks_at_the_window() -> None:
    rule = a_rule(Match(ANY), window=Window(10, 0, 5))
    assert evaluate(rule, [at(89, "a"), at(90, "a")], now=100) == [False, True]
    assert evaluate(rule, [at(89, "a"), at(90, "a")]) == [True, True]


def test_evaluate_new_terms_at_the_newest_event() -> None:
    rule = a_rule(NewTerms(ANY, (USER,), 100), window=Window(10, 0, 5))
    assert evaluate(rule, [at(50, "a", user="u"), at(95, "a", user="u"), at(100, "a", user="v")]) == [
        False,
        False,
        True,
    ]
    assert evaluate(rule, []) == []


def test_evaluate_indicators() -> None:
    rule = a_rule(IndicatorMatch(ANY, ANY, (), ((Pair(USER, USER),),)))
    assert evaluate(rule, [{"user": "u"}, {"user": "v"}], indicators=[{"user": "v"}]) == [False, True]


def test_clock_of_a_rule() -> None:
    meta = {
        "timestamp_override": "event.ingested",
        "timestamp_override_fallback_disabled": True,
        "timestamp_field": "event.created",
        "tiebreaker_field": "n",
    }
    clock = clock_of(a_rule(Match(ANY), **meta), now=5)
    assert clock == Clock((-359_995, 5), 5, "event.ingested", "", "event.created", "n")
    assert clock_of(a_rule(Match(ANY))) == Clock()


def test_sequences_are_ordered_by_their_own_field() -> None:
    events = [at(1, "a", o=2, w=15), at(2, "b", o=1, w=15), at(3, "b", o=3, w=15), at(3, "b", o=4, w=25)]
    clock = Clock((10, 20), timestamp="w", order="o")
    assert alerts(Sequence((step("a"), step("b"))), events, clock=clock) == [Alert((0, 2))]
