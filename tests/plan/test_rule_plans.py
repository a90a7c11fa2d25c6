"""Windows, look-ups, credit, and what a rule file says beside its query."""

from __future__ import annotations

from dataclasses import replace

import pytest

from converter.diagnostics import Source
from converter.model.metadata import ExceptionList, Metadata, RiskMapping, SeverityMapping, Suppression, Window
from converter.model.predicate import Constant
from converter.model.rule import Detection, IndicatorMatch, Match, Pair, Rule, Sequence, Step
from converter.model.value import Field, Kind
from converter.plan import uncarried as facts
from converter.plan.credit import credit
from converter.plan.indicator import Compared, compared, plan_indicator
from converter.plan.uncarried import KINDS, Uncarried, uncarried
from converter.plan.window import Clock, Order, WindowPlan, clock_of, plan_order, plan_window

ANY = Constant(value=True)
META = Metadata("r", "query")
EACH = Match(ANY)


def rule(detection: Detection = EACH, **meta: object) -> Rule:
    source = Source("r.toml", "")
    return Rule(replace(META, **meta), detection, source, source)  # type: ignore[arg-type]


# ---- windows


def test_a_window_by_event_time() -> None:
    plan = plan_window(replace(META, window=Window(540, 60, 300)))
    assert plan == WindowPlan(540, 60, 300)
    assert (plan.length_ms, plan.overlap_ms, plan.event_from_ms) == (480, 180, 540)


def test_a_window_by_arrival_takes_late_events() -> None:
    plan = plan_window(replace(META, timestamp_override="event.ingested", window=Window(500, 0, 600)))
    assert (plan.clock, plan.field, plan.fallback) == (Clock.ARRIVAL, "event.ingested", True)
    assert plan.event_from_ms == 500 + 86_400_000
    assert plan.overlap_ms == 0


def test_a_longer_interval_reaches_further_back() -> None:
    plan = WindowPlan(500, 0, 300)
    assert plan.every(700) == WindowPlan(900, 0, 700)
    assert plan.every(700).overlap_ms == plan.overlap_ms
    assert plan.every(100) == WindowPlan(500, 0, 100)


@pytest.mark.parametrize(
    ("path", "clock"),
    [
        ("", Clock.EVENT),
        ("@timestamp", Clock.EVENT),
        ("event.ingested", Clock.ARRIVAL),
        ("event.created", Clock.OTHER),
        ("my.ingested", Clock.OTHER),
    ],
)
def test_clocks(path: str, clock: Clock) -> None:
    assert clock_of(path) is clock


def test_order_of_sequences() -> None:
    assert plan_order(META) == Order()
    assert plan_order(replace(META, timestamp_field="event.created", tiebreaker_field="n")) == Order(
        "event.created", "n"
    )


# ---- look-ups


def test_every_kind_of_field_compares_somehow() -> None:
    assert {compared(kind) for kind in Kind} == set(Compared)


def test_an_arm_that_another_implies_is_left_out() -> None:
    user = Pair(Field("user"), Field("t.user"))
    address = Pair(Field("ip", Kind.IP, many=False), Field("t.ip", Kind.IP))
    host = Pair(Field("host"), Field("t.host"))
    plan = plan_indicator(
        IndicatorMatch(ANY, ANY, ("i",), ((user, address), (user,), (address, host), (user,), (host, address)))
    )
    first, second = plan.lookups
    assert first.single
    assert first.comparisons[0].field == user.field
    assert first.comparisons[0].many
    assert [c.compared for c in second.comparisons] == [Compared.ADDRESS, Compared.TEXT]
    assert not second.comparisons[0].many
    assert (plan.where, plan.indicators, plan.index) == (ANY, ANY, ("i",))


# ---- credit


def test_credit_of_an_elastic_rule() -> None:
    found = credit(replace(META, license="Elastic License v2", rule_id="7", author=("Elastic", "A. Person")))
    assert found.elastic
    assert found.licence == "Elastic-2.0"
    assert found.notice == "Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0."
    assert found.origin == "Elastic rule 7 by Elastic, A. Person"


@pytest.mark.parametrize(
    ("licence", "notice"),
    [
        ("MIT", "Converted (modified) by siemglot. Licence: MIT."),
        ("", "Converted (modified) by siemglot."),
    ],
)
def test_credit_of_other_rules(licence: str, notice: str) -> None:
    found = credit(replace(META, license=licence))
    assert (found.elastic, found.licence, found.notice, found.origin) == (False, licence, notice, "")


# ---- what is not carried

SEQUENCE = Sequence((Step(ANY), Step(ANY)))
STATED: list[tuple[Uncarried, Rule]] = [
    (
        facts.Exceptions(("l", "7")),
        rule(exceptions_list=(ExceptionList("1", "l", "", ""), ExceptionList("7", "", "", ""))),
    ),
    (facts.OtherTime("event.ingested", Clock.ARRIVAL, fallback=True), rule(timestamp_override="event.ingested")),
    (
        facts.OtherTime("event.created", Clock.OTHER, fallback=False),
        rule(timestamp_override="event.created", timestamp_override_fallback_disabled=True),
    ),
    (facts.OtherOrder("event.created"), rule(SEQUENCE, timestamp_field="event.created")),
    (facts.Tiebreaker("event.sequence"), rule(SEQUENCE, tiebreaker_field="event.sequence")),
    (facts.Overlap(240_000), rule(window=Window(540_000, 0, 300_000))),
    (facts.WindowEnd(60_000), rule(window=Window(360_000, 60_000, 300_000))),
    (
        facts.Suppressed(("user.name",), None, missing_too=True),
        rule(alert_suppression=Suppression(("user.name",), None)),
    ),
    (
        facts.Suppressed(("user.name",), 5, missing_too=False),
        rule(alert_suppression=Suppression(("user.name",), 5, "doNotSuppress")),
    ),
    (
        facts.SeverityByEvent((SeverityMapping("f", "equals", "v", "high"),)),
        rule(severity_mapping=(SeverityMapping("f", "equals", "v", "high"), SeverityMapping("f", "equals", "", "low"))),
    ),
    (facts.RiskByEvent((RiskMapping("f", "equals", ""),)), rule(risk_score_mapping=(RiskMapping("f", "equals", ""),))),
    (facts.NameByEvent("message"), rule(rule_name_override="message")),
    (facts.BuildingBlock("default"), rule(building_block_type="default")),
    (facts.MostAlerts(100, usual=True), rule()),
    (facts.MostAlerts(1000, usual=False), rule(max_signals=1000)),
    (facts.Guide(note=True, setup=False), rule(note="look")),
    (facts.Timeline("T"), rule(timeline_id="1", timeline_title="T")),
    (facts.Shown(("a", "b")), rule(investigation_fields=("a", "b", "a"))),
    (facts.Actions(("actions",)), rule(exported=(("actions", "[{}]"), ("response_actions", "[]"), ("id", '"1"')))),
    (facts.Retired("2024/01/01", "replaced"), rule(deprecation_date="2024/01/01", deprecated_reason="replaced")),
]


@pytest.mark.parametrize(("fact", "stated"), STATED, ids=[type(fact).__name__ for fact, _ in STATED])
def test_a_fact_is_told_where_the_file_states_it(fact: Uncarried, stated: Rule) -> None:
    assert fact in uncarried(stated)


def test_every_kind_of_fact_has_a_case() -> None:
    assert {type(fact) for fact, _ in STATED} == set(KINDS)


def test_a_plain_rule_says_little() -> None:
    usual = [facts.Overlap(60_000), facts.MostAlerts(100, usual=True)]
    assert list(uncarried(rule())) == usual
    assert (
        list(
            uncarried(
                rule(
                    timestamp_field="x",
                    tiebreaker_field="y",
                    severity_mapping=(SeverityMapping("f", "equals", "", "low"),),
                )
            )
        )
        == usual
    )
