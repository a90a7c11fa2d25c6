"""What a query of Sentinel rests on, word for word: one case for each thing that is said, and one that must not say it."""

from __future__ import annotations

import pytest
from targets.sentinel_cases import NAME, PID, SOURCE, emitted

from converter.diagnostics import render
from converter.model.pattern import Case
from converter.model.predicate import Constant, InNetwork, OneOf, Predicate
from converter.model.rule import Detection, Distinct, IndicatorMatch, Key, Match, Pair, Sequence, Step, Threshold
from converter.model.value import Field, Kind
from converter.target import Binding, Emission

HOST = Field("host.id", Kind.KEYWORD, many=False)
INDICATOR = Field("threat.indicator.id", Kind.KEYWORD, many=False)
NATIVE = Binding("native", "unknown.table", "", {"table": "SecurityEvent"}, {"Computer": "string"})
MINUTE = 60_000


def one(name: str) -> Predicate:
    return OneOf(NAME, (name,), Case.SENSITIVE)


def pair(*keys: Field) -> Sequence:
    return Sequence((Step(one("a"), tuple(map(Key, keys))), Step(one("b"), tuple(map(Key, keys)))), MINUTE)


def said(emission: Emission, code: str) -> list[str]:
    return [render(d) for d in emission.diagnostics if d.code == code]


INDICATORS = IndicatorMatch(one("a"), Constant(value=True), ("ti",), ((Pair(HOST, INDICATOR),),))
NETWORK = (
    "note[T303]: addresses are tested by the functions of the network's own family: an IPv4 address spelled as IPv6"
    " (::ffff:a.b.c.d) is in no IPv4 network"
)
SPELLING = (
    "note[T305]: addresses are keys by their spelling: two spellings of one IPv6 address are two keys here,"
    " in Elasticsearch one"
)
PREVIEW = "note[T321]: the exact distinct count is Kusto's count_distinctif, at most 100 million values, in preview"
DOCUMENTS = "note[T362]: Indicators must hold the indicators; a rule sees only its rows inside the queryPeriod"


@pytest.mark.parametrize(
    ("detection", "text"),
    [
        (Match(InNetwork(SOURCE, ("10.0.0.0/8",))), NETWORK),
        (pair(SOURCE), SPELLING),
        (Threshold(one("a"), (SOURCE,), 2), SPELLING),
        (Threshold(one("a"), (), 2, Distinct(NAME, 3)), PREVIEW),
        (INDICATORS, DOCUMENTS),
    ],
)
def test_what_a_query_rests_on(detection: Detection, text: str) -> None:
    emission = emitted(detection)
    assert emission.text
    assert said(emission, text[5:9]) == [text]


@pytest.mark.parametrize("detection", [Match(one("a")), pair(HOST), Threshold(one("a"), (PID,), 2)])
def test_what_does_not_concern_a_query_is_not_said(detection: Detection) -> None:
    assert {"T303", "T305", "T321", "T362"}.isdisjoint(d.code for d in emitted(detection).diagnostics)


def test_error_steps_with_different_numbers_of_keys() -> None:
    emission = emitted(Sequence((Step(one("a"), (Key(HOST),)), Step(one("b"))), MINUTE))
    assert not emission.text
    assert said(emission, "T352") == [
        "error[T352]: the steps join by different numbers of fields: some key has no counterpart"
    ]


def test_a_window_of_arrival_is_said() -> None:
    emission = emitted(Match(one("a")), NATIVE, "yaml", timestamp_override="event.ingested")
    assert said(emission, "T336") == [
        "note[T336]: every event is taken once, in the first run after it arrived (ingestion_time())"
    ]
    assert "ingestion_time() > ago(5m)" in emission.text
    plain = emitted(Match(one("a")), NATIVE, "yaml")
    assert not said(plain, "T336")
    assert "ingestion_time" not in plain.text
