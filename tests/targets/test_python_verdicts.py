from __future__ import annotations

import ast
import random
import sys

from hypothesis import given, settings
from strategies import events, predicates

from backends.python import TARGET
from backends.python.detection.sources import assemble
from converter.diagnostics import Severity, Source
from converter.model.metadata import ExceptionList, Metadata, Suppression, Window
from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import Between, Compare, Comparison, Constant, End, Not, OneOf, Predicate
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Pair,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Field, Kind
from converter.model.walk import leaves
from converter.reference import alerts, matches
from converter.target import Binding, Bound, Options

SOURCE = Source("rule", "")
NOW = 10_000


def module(detection: Detection, **meta: object) -> dict[str, object]:
    """The emitted module, executed."""
    rule = Rule(Metadata(name="n", type="query", **meta), detection, SOURCE, SOURCE)  # type: ignore[arg-type]
    emission = TARGET.emit(Bound.everywhere(rule, Binding()), Options())
    names: dict[str, object] = {"__name__": "artifact"}
    exec(compile(emission.text, "artifact.py", "exec"), names)  # noqa: S102
    return names


@settings(max_examples=600, deadline=None)
@given(predicates(), events())
def test_module_says_what_the_model_says(where: Predicate, event: dict[str, object]) -> None:
    assert module(Match(normalise(where)))["matches"](event) is matches(where, event)  # type: ignore[operator]


def test_module_uses_the_standard_library_only() -> None:
    names = ["words", "script", "sequence", "threshold", "newterms", "indicator", "sample", "regular", "address"]
    imports, bodies = assemble(names)
    for line in imports:
        for node in ast.parse(line).body:
            assert isinstance(node, ast.Import)
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)
    assert not any("backends." in body for body in bodies)


def text_is(field: str, value: str) -> Predicate:
    return OneOf(Field(field, many=False), (value,), Case.SENSITIVE)


def stream(seed: int) -> list[dict[str, object]]:
    rng = random.Random(seed)
    found: list[dict[str, object]] = []
    time = 0
    for _ in range(rng.randrange(2, 14)):
        time += rng.choice((0, 1, 1, 2, 5))
        event: dict[str, object] = {"@timestamp": time * 100, "kind": rng.choice("ABCU")}
        key = rng.choice(("x", "y", None, ["x", "y"]))
        if key is not None:
            event["k"] = key
        found.append(event)
    return found


def sequences() -> list[Sequence]:
    by = (Key(Field("k")),)
    maybe = (Key(Field("k"), optional=True),)
    a, b, c = (Step(text_is("kind", kind), by) for kind in "ABC")
    any_b = Step(Not(text_is("kind", "A")), by)
    until = Step(text_is("kind", "U"), by)
    gone = Step(text_is("kind", "C"), by, missing=True)
    return [
        Sequence((a, b), 300),
        Sequence((a, b, c), 700),
        Sequence((a, any_b), None),
        Sequence((a, any_b, any_b), 500, until),
        Sequence((Step(text_is("kind", "A"), by, runs=2), b), 900),
        Sequence((Step(text_is("kind", "A"), maybe), Step(text_is("kind", "B"), maybe)), 400, Step(until.where, maybe)),
        Sequence((a, b, gone), 500),
        Sequence((a, gone, b), 500),
        Sequence((gone, a, b), 500),
        Sequence((Step(text_is("kind", "A")), Step(text_is("kind", "B"))), 300),
    ]


def sequence_disagreements(rounds: int) -> list[object]:
    wrong: list[object] = []
    for detection in sequences():
        names = module(detection)
        for seed in range(rounds):
            events_ = stream(seed)
            matcher = names["Matcher"]()  # type: ignore[operator]
            found = [alert for event in events_ for alert in matcher.feed(event)] + matcher.flush()
            number = {id(event): i for i, event in enumerate(events_)}
            got = sorted((tuple(number[id(e)] for e in alert["events"]), alert["key"]) for alert in found)
            wanted = sorted((alert.events, alert.key) for alert in alerts(detection, events_))
            if str(got) != str(wanted):
                wrong.append((detection, events_, got, wanted))
    return wrong


def test_matcher_finds_the_sequences_of_the_model() -> None:
    assert sequence_disagreements(120) == []


def test_matcher_memory_grows_with_live_keys_not_with_the_stream() -> None:
    names = module(sequences()[0])
    matcher = names["Matcher"]()  # type: ignore[operator]
    most = 0
    for i in range(20_000):
        matcher.feed({"@timestamp": i * 10, "kind": "A", "k": f"key{i}"})
        most = max(most, len(matcher._keys))
    assert most <= 100


def test_groups_are_those_of_the_model() -> None:
    where = Not(text_is("kind", "U"))
    group, value = Field("k"), Field("kind")
    for detection in (
        Threshold(where, (group,), 2),
        Threshold(where, (), 3),
        Threshold(where, (group,), 2, Distinct(value, 2)),
        Threshold(where, (group, value), 2),
    ):
        names = module(detection, window=Window(2_000, 0, 1_000))
        for seed in range(150):
            events_ = stream(seed)
            number = {id(event): i for i, event in enumerate(events_)}
            for window in (None, (100, 600)):
                found = names["groups"](events_, window)  # type: ignore[operator]
                got = sorted((tuple(number[id(e)] for e in a["events"]), str(a["key"])) for a in found)
                wanted = sorted((a.events, str(a.key)) for a in alerts(detection, events_, window))
                assert got == wanted


def test_sliding_matcher_finds_a_burst_across_run_borders() -> None:
    names = module(Threshold(Constant(value=True), (Field("k"),), 3), window=Window(1_000, 0, 1_000))
    matcher = names["Matcher"]()  # type: ignore[operator]
    times = (900, 950, 1_050, 5_000, 5_100)
    found = [a for t in times for a in matcher.feed({"@timestamp": t, "k": "x"})]
    assert [len(a["events"]) for a in found] == [3]
    assert matcher.flush() == []


def test_new_terms_are_those_of_the_model() -> None:
    detection = NewTerms(Not(text_is("kind", "U")), (Field("k"), Field("kind")), 900)
    names = module(detection)
    for seed in range(200):
        events_ = stream(seed)
        number = {id(event): i for i, event in enumerate(events_)}
        window = (600, 1_000)
        found = names["new_terms"](events_, window)  # type: ignore[operator]
        got = sorted((number[id(a["events"][0])], str(a["key"])) for a in found)
        wanted = sorted((a.events[0], str(a.key)) for a in alerts(detection, events_, window))
        assert got == wanted


def test_new_terms_state_is_saved_and_loaded() -> None:
    names = module(NewTerms(Constant(value=True), (Field("k"),), 1_000))
    first = names["Matcher"]()  # type: ignore[operator]
    assert len(first.feed({"@timestamp": 100, "k": "x"})) == 1
    second = names["Matcher"]()  # type: ignore[operator]
    second.load(first.save())
    assert second.feed({"@timestamp": 200, "k": "x"}) == []
    assert len(second.feed({"@timestamp": 300, "k": "y"})) == 1
    assert len(second.feed({"@timestamp": 1_300, "k": "x"})) == 1
    second.forget(2_400)
    assert second.save() == "[]"


def test_samples_are_those_of_the_model() -> None:
    by = (Key(Field("k")),)
    detection = Sample((Step(text_is("kind", "A"), by), Step(Not(text_is("kind", "U")), by)))
    names = module(detection)
    for seed in range(150):
        events_ = stream(seed)
        number = {id(event): i for i, event in enumerate(events_)}
        found = names["samples"](events_)  # type: ignore[operator]
        got = sorted((tuple(number[id(e)] for e in a["events"]), str(a["key"])) for a in found)
        assert got == sorted((a.events, str(a.key)) for a in alerts(detection, events_))


def test_indicator_matches_are_those_of_the_model() -> None:
    ip = Pair(Field("source.ip", Kind.IP), Field("threat.ip", Kind.IP))
    name = Pair(Field("user.name"), Field("threat.user"))
    detection = IndicatorMatch(Constant(value=True), Not(text_is("threat.kind", "old")), ("i",), ((ip,), (name, ip)))
    names = module(detection)
    indicators: list[dict[str, object]] = [
        {"threat": {"ip": "10.0.0.1"}},
        {"threat": {"ip": ["10.0.0.2", "10.0.0.3"], "user": "u"}},
        {"threat": {"ip": "::ffff:10.0.0.4", "user": "u", "kind": "old"}},
        {"threat.user": "v", "threat.ip": "::1"},
    ]
    matcher = names["Matcher"](indicators)  # type: ignore[operator]
    for address in ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "10.0.0.4", "::1", None, ["x", "10.0.0.1"]):
        event = {"source": {"ip": address}, "user": {"name": "v"}}
        expected = bool(alerts(detection, [event], indicators=indicators))
        assert bool(matcher.feed(event)) is expected, address
    assert matcher.flush() == []


def test_indicators_compare_by_the_kind_of_the_field() -> None:
    words = Pair(Field("message", Kind.TEXT), Field("t.words"))
    address = Pair(Field("source.ip", Kind.IP), Field("t.net"))
    port = Pair(Field("port", Kind.LONG), Field("t.port"))
    detection = IndicatorMatch(Constant(value=True), Constant(value=True), ("i",), ((words,), (address, port)))
    names = module(detection)
    indicators: list[dict[str, object]] = [
        {"t": {"words": "evil Domain"}},
        {"t": {"net": "10.0.0.0/8", "port": "443"}},
        {"t": {"net": "2001:db8::1", "port": 22}},
        {"t": {"net": "nonsense", "port": 1}},
    ]
    matcher = names["Matcher"](indicators)  # type: ignore[operator]
    hits = 0
    for message in (None, "the EVIL one", "devil", ["x", "a domain"]):
        for ip in (None, "10.9.9.9", "::ffff:10.0.0.1", "11.0.0.1", "2001:db8::1", ["9.9.9.9", "10.0.0.1"]):
            for number in (None, 443, "22", [1, 443]):
                event = {"message": message, "source": {"ip": ip}, "port": number}
                expected = bool(alerts(detection, [event], indicators=indicators))
                assert bool(matcher.feed(event)) is expected, event
                hits += expected
    assert 0 < hits < 96


def test_samples_of_many_steps_take_no_time() -> None:
    by = (Key(Field("k")),)
    steps = tuple(Step(Not(text_is("kind", kind)), by) for kind in "ABCDEFGHI")
    detection = Sample((*steps, Step(text_is("kind", "A"), by)))
    names = module(detection)
    events_: list[dict[str, object]] = [{"@timestamp": i, "kind": "A", "k": "x"} for i in range(9)]
    assert names["samples"](events_) == []  # type: ignore[operator]
    assert alerts(detection, events_) == []
    events_.append({"@timestamp": 10, "kind": "B", "k": "x"})
    (found,) = names["samples"](events_)  # type: ignore[operator]
    (expected,) = alerts(detection, events_)
    number = {id(event): i for i, event in enumerate(events_)}
    assert tuple(number[id(e)] for e in found["events"]) == expected.events


def test_sequences_are_ordered_by_the_field_of_the_rule_alone() -> None:
    names = module(sequences()[0], timestamp_field="event.created", timestamp_override="event.ingested")
    matcher = names["Matcher"]()  # type: ignore[operator]
    events_ = [{"event.created": 1, "kind": "A", "k": "x"}, {"@timestamp": 2, "kind": "B", "k": "x"}]
    assert [a for e in events_ for a in matcher.feed(e)] == []
    assert len(matcher.feed({"event": {"created": 5}, "kind": "B", "k": "x"})) == 1


def test_groups_are_of_the_windows_time() -> None:
    where = Constant(value=True)
    for more, times in (
        ({}, (5, 50)),
        ({"timestamp_override": "event.ingested"}, (50, 50)),
        ({"timestamp_override": "event.ingested", "timestamp_override_fallback_disabled": True}, (50,)),
    ):
        names = module(Threshold(where, (), 1), **more)
        events_ = [{"@timestamp": 5, "event": {"ingested": 50}}, {"@timestamp": 50}]
        (found,) = names["groups"](events_, (0, 60))  # type: ignore[operator]
        assert len(found["events"]) == (2 if "timestamp_override_fallback_disabled" not in more else 1)
        inside = names["groups"](events_, (40, 60))  # type: ignore[operator]
        assert sum(len(a["events"]) for a in inside) == sum(t >= 40 for t in times)


@settings(max_examples=150, deadline=None)
@given(predicates())
def test_every_leaf_is_accounted_for(where: Predicate) -> None:
    rule = Rule(Metadata("n", "query"), Match(normalise(where)), SOURCE, SOURCE)
    emission = TARGET.emit(Bound.everywhere(rule, Binding()), Options())
    assert emission.written is not None
    assert set(leaves(normalise(where))) <= emission.written


def test_what_a_module_leaves_to_its_caller_is_said() -> None:
    lists = (ExceptionList("1", "my-list", "detection", "single"),)
    suppression = Suppression(("user.name",), None)
    meta = Metadata("n", "query", exceptions_list=lists, alert_suppression=suppression, max_signals=7, note="guide")
    rule = Rule(meta, Match(Constant(value=True)), SOURCE, SOURCE)
    found = [d for d in TARGET.emit(Bound.everywhere(rule, Binding()), Options()).diagnostics if d.code == "T403"]
    assert [d.message for d in found] == [
        "the exceptions of my-list are kept in Kibana, not in the rule: they are not applied",
        "alerts are not suppressed by user.name: every one is given",
        "a run gives every alert, not the first 7",
    ]
    assert {d.severity for d in found} == {Severity.NOTE}


def test_addresses_are_compared_as_addresses() -> None:
    field = Field("ip", Kind.IP)
    for leaf in (
        Compare(field, Comparison.LT, "10.0.0.9"),
        Compare(field, Comparison.EQ, "::ffff:10.0.0.9"),
        Between(field, End("9.255.255.255"), End("10.0.0.10", included=False)),
        Compare(field, Comparison.GE, "nonsense"),
        Not(Between(field, End("10.0.0.1"), End("nonsense"))),
    ):
        matches_module = module(Match(leaf))["matches"]
        for value in ("10.0.0.10", "10.0.0.9", "9.9.9.9", "::1", "x", ["1.1.1.1", "200.0.0.1"], None):
            assert matches_module({"ip": value}) is matches(leaf, {"ip": value}), (leaf, value)  # type: ignore[operator]
