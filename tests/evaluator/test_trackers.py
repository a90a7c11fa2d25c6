"""What is kept of rules over several events: indicators of every kind, rules of the model alone, faults of the shelf."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from evaluator.test_stream import WHERE, rule, told

import converter
from converter.diagnostics.errors import ConverterError
from converter.engine import Engine
from converter.engine.stateful.rows import Rows, hashed
from converter.engine.stateful.shelf import Scratch, Shelf
from converter.model.predicate import Constant
from converter.model.rule import AnyOf, IndicatorMatch, Match, Pair
from converter.model.value import Field, Kind
from converter.proof.example import iso
from converter.reference import alerts, clock_of
from converter.reference.esql.value import EVENT, ORIGIN

START = 1_700_000_000_000
VALUES: dict[Kind, tuple[list[object], list[object]]] = {
    Kind.IP: (
        ["10.0.0.1", "10.0.0.9", "::ffff:10.0.0.1", "fe80::1", ["8.8.8.8", "10.0.0.9"], "x", None],
        ["10.0.0.1", "10.0.0.8/30", "fe80::/10", "::ffff:8.8.8.8", "none", ["10.0.0.9"], ["1.1.1.1", "8.8.8.8"], 5],
    ),
    Kind.TEXT: (
        ["Hello world", "world", "say hello-there", "HELLO", "hellos", "", None, ["a", "world"]],
        ["hello", "hello world", "World", "there", "", ["world", "x"], 5],
    ),
    Kind.KEYWORD: (
        ["a", "A", "5", 5, True, "true", ["b", "a"], None],
        ["a", 5, "true", True, "5.0", ["a"], ["a", "b"]],
    ),
    Kind.LONG: ([5, "5", 5.0, "x", [4, 5], None, True], [5, "5", "5.0", "x", ["5"]]),
    Kind.BOOLEAN: ([True, "true", False, "x", None], [True, "true", "false", "yes", 1]),
    Kind.DATE: ([START, iso(START), "x", None], [iso(START), START, str(START), "2023"]),
}


@pytest.mark.parametrize("kind", list(VALUES))
def test_indicators_of_every_kind_are_those_of_the_reference(kind: Kind) -> None:
    """Each value of an event beside each of an indicator, one at a time."""
    values, wanted = VALUES[kind]
    pair = Pair(Field("f", kind), Field("threat.f"))
    judged = rule(IndicatorMatch(Constant(value=True), Constant(value=True), ("ti",), ((pair,),)))
    found = [{"@timestamp": iso(START + n), "f": value} for n, value in enumerate(values) if value is not None]
    hits = 0
    for one in wanted:
        documents = [{"threat.f": one}]
        expected = alerts(judged.detection, found, clock=clock_of(judged), indicators=documents)
        got = told(list(Engine([judged], indicators=documents).stream(found)))
        assert got == sorted(((a.events, a.key) for a in expected), key=repr), one
        hits += len(got)
    assert hits


def test_an_event_of_any_is_one_predicate() -> None:
    either = rule(AnyOf((Match(WHERE["a"]), Match(WHERE["b"]))))
    engine = Engine([either])
    assert [bool(engine.match({"kind": kind})) for kind in "abc"] == [True, True, False]


def test_rules_without_a_meaning_are_kept_with_their_reasons() -> None:
    learned = converter.parse_rule(
        "[rule]\nname = 'x'\nrule_id = 'i'\ntype = 'machine_learning'\nanomaly_threshold = 5\nmachine_learning_job_id = 'j'\n"
    )
    nameless = replace(learned, meta=replace(learned.meta, rule_id=""))
    engine = Engine([rule(Match(WHERE["a"])), learned, nameless])
    assert len(engine.rules) == 1
    assert list(engine.refused) == ["i", "x 2"]
    refused, (why,) = engine.refused["i"]
    assert refused is learned
    assert why.place


def test_events_without_a_time_are_seen_by_no_run_of_a_schedule() -> None:
    judged = rule(Match(WHERE["a"]), interval_ms=60_000, from_ms=30_000, to_ms=0)
    scheduled = Engine([judged], as_scheduled=True)
    assert not scheduled.is_seen(judged, {"kind": "a"})
    assert scheduled.is_seen(judged, {"kind": "a", "@timestamp": iso(1_700_000_040_000 - 1000)})
    assert not scheduled.is_seen(judged, {"kind": "a", "@timestamp": iso(1_700_000_040_000 - 31_000)})
    assert Engine([judged]).is_seen(judged, {"kind": "a"})


# ---- what lies on disk


def test_texts_are_read_from_the_shelf_until_nobody_remembers_them() -> None:
    base = sqlite3.connect(":memory:")
    shelf = Shelf(base)
    kept = [shelf.put(number, "x" * 100_000 + str(number)) for number in range(6)]
    assert [one.text[-1] for one in kept] == list("012345")
    del kept[:4]
    assert [number for number, _ in shelf.texts()] == [4, 5]
    again = shelf.kept(4)
    assert again is shelf.kept(4)
    assert again.text[-1] == "4"


FULL = (
    "<memory>: error[V007]: the events that rules remember cannot be kept: Cannot operate on a closed database.\n"
    "  hint: TMPDIR says where they lie of a run without --state"
)


def test_error_a_shelf_whose_base_is_gone() -> None:
    base = sqlite3.connect(":memory:")
    shelf = Shelf(base)
    kept = shelf.put(1, "x" * 300_000)
    assert kept.text
    base.close()
    with pytest.raises(ConverterError) as caught:
        shelf.read(1)
    assert str(caught.value) == FULL
    with pytest.raises(ConverterError) as caught:
        shelf.put(2, "x" * 300_000)
    assert str(caught.value) == FULL


def test_rows_keep_their_order_and_their_values() -> None:
    """More than are at hand, more than are fetched at a time, of several rows an event; a point stays one."""
    rows = Rows(Scratch(), None)
    for place in range(700):
        rows.add(place, [{"n": place, "at": (1.5, -2.0)}, {"n": [place, 1.0], "t": "x"}])
        rows.join(b"even" if place % 2 == 0 else b"odd", (place, 1))
    found = list(rows.between(0, 700))
    assert [at for at, _ in found] == [(place, number) for place in range(700) for number in range(2)]
    assert found[2][1]["at"] == (1.5, -2.0)
    assert found[3][1] == {EVENT: {}, ORIGIN: frozenset({1}), "n": [1, 1.0], "t": "x"}
    assert [at for at, _ in rows.members(b"odd")] == [(place, 1) for place in range(1, 700, 2)]
    rows.leave(b"odd", (1, 1))
    rows.forget(100)
    assert [at for at, _ in rows.members(b"odd")] == [(place, 1) for place in range(101, 700, 2)]
    assert next(rows.between(0, 700))[0] == (100, 0)
    assert list(rows.between(5, 5)) == []


def test_error_rows_whose_base_is_gone() -> None:
    scratch = Scratch()
    rows = Rows(scratch, None)
    rows.add(1, [{"n": 1}])
    assert list(rows.between(0, 9))
    scratch.base.close()
    for ask in (lambda: rows.members(b"k"), lambda: rows.forget(5)):
        with pytest.raises(ConverterError) as caught:
            ask()
        assert str(caught.value) == FULL


def test_groups_are_told_apart_by_values_and_types() -> None:
    """Zero has no sign, of points neither; a text is no number."""
    assert hashed([0.0, "a"]) == hashed([-0.0, "a"])
    assert hashed([(0.0, 1.0)]) == hashed([(-0.0, 1.0)])
    assert len({hashed(key) for key in ([1], ["1"], [1.0], [True], [None], [], [(1.0, 2.0)], [1, 2])}) == 8
