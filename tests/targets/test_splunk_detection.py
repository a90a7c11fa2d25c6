"""Thresholds, new terms, samples and indicator matches: the same alerts as the reference evaluator."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from golden import check_golden
from targets.splunk_cases import NOW_MS, emitted, rule, text_of, under_every_reading

from backends.splunk import TARGET
from backends.splunk.detection.search import Search, written
from backends.splunk.detection.table import Filling
from converter.diagnostics import Diagnostic
from converter.forms.choose import Ledger
from converter.languages.spl.syntax import Outputlookup, Pipeline
from converter.languages.spl.write import pipeline
from converter.model.metadata import Window
from converter.model.pattern import Case
from converter.model.predicate import Constant, OneOf, Predicate, Present
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    NewTerms,
    Opaque,
    Pair,
    Sample,
    Step,
    Threshold,
)
from converter.model.value import Computed, Field, Kind
from converter.proof.judges.spl.lookups import LookupTable
from converter.proof.judges.spl.run import READINGS, run
from converter.reference import Clock, alerts
from converter.rulefile.codes import F001
from converter.target import Binding, Bound, Notebook, Options
from converter.target.options import NewTermsForm

GOLDEN = Path(__file__).parent / "golden" / "splunk"
HOUR = 3_600_000
Event = Mapping[str, object]


def tag(value: str) -> Predicate:
    return OneOf(Field("tag", many=False), (value,), Case.SENSITIVE)


def random_events(rng: random.Random, most: int) -> list[Event]:
    events: list[Event] = []
    for _ in range(rng.randint(0, most)):
        event: dict[str, object] = {"@timestamp": NOW_MS - rng.randrange(0, 20_000) * 1_000, "tag": rng.choice("ab")}
        for name in ("k1", "k2", "k3"):
            if rng.random() < 0.85:
                several = [rng.choice("xyz") for _ in range(rng.randint(0, 3))]
                event[name] = rng.choice("xyz") if rng.random() < 0.7 else several
        events.append(event)
    return events


def keys_of(row: Mapping[str, object], fields: tuple[Field, ...]) -> tuple[object, ...]:
    return tuple(row[f.path] for f in fields)


def test_thresholds_of_random_events() -> None:
    rng = random.Random(1)
    total = 0
    for _ in range(60):
        fields = tuple(Field(n) for n in rng.sample(["k1", "k2", "k3"], rng.randint(0, 3)))
        distinct = Distinct(Field("k2"), rng.randint(1, 3)) if rng.random() < 0.5 else None
        detection = Threshold(tag("a"), fields, rng.randint(1, 4), distinct)
        events = random_events(rng, 15)
        wanted = Counter((a.key, len(a.events)) for a in alerts(detection, events))
        total += len(wanted)
        found = under_every_reading(
            text_of(detection),
            events,
            lambda rows, by=fields: Counter((keys_of(r, by), int(str(r["event_count"]))) for r in rows),  # type: ignore[misc]
        )
        assert found == wanted
    assert total > 20


@pytest.mark.parametrize("form", list(NewTermsForm))
def test_new_terms_of_random_histories(form: NewTermsForm) -> None:
    """By a search over the history, and by a lookup that the baseline search has just filled."""
    rng = random.Random(2)
    total = 0
    for _ in range(60):
        fields = tuple(Field(n) for n in rng.sample(["k1", "k2", "k3"], rng.randint(1, 3)))
        detection = NewTerms(tag("a"), fields, rng.choice((HOUR, 2 * HOUR, 5 * HOUR)))
        window = Window(rng.choice((360_000, HOUR)), 0, 300_000)
        events = random_events(rng, 25)
        clock = Clock((NOW_MS - window.from_ms, NOW_MS), NOW_MS)
        first = {a.key: events[a.events[0]]["@timestamp"] for a in alerts(detection, events, clock=clock)}
        total += len(first)
        bound = Bound(rule(detection, window=window), (Binding(),))
        search = written(bound, Options(new_terms=form, bare=True), Notebook(), Ledger())
        now = NOW_MS / 1000
        for reading in READINGS if form == "search" else READINGS[:1]:
            lookups = {}
            for helper in search.fillings:
                name, body = filling(helper)
                filled = run(body, events, now=now, reading=reading)
                lookups[name] = [{k: str(v) for k, v in row.items()} for row in filled]
                if not filled:
                    lookups[name] = [{**{f.path: "-" for f in fields}, "last_seen": "0"}]
            rows = run(text_of_search(search), events, now=now, reading=reading, lookups=lookups)
            assert {keys_of(r, fields): round(float(str(r["first_time"])) * 1000) for r in rows} == first
    assert total > 10


def test_samples_of_random_events() -> None:
    rng = random.Random(3)
    total = 0
    for _ in range(60):
        count = rng.randint(0, 2)

        def step(count: int = count) -> Step:
            by = tuple(Key(Field(rng.choice(("j1", "j2")), many=False)) for _ in range(count))
            return Step(OneOf(Field("tags"), (rng.choice("abc"),), Case.SENSITIVE), by)

        detection = Sample(tuple(step() for _ in range(rng.randint(1, 4))))
        events = [
            {
                "@timestamp": NOW_MS + n,
                "tags": rng.sample("abcd", rng.randint(0, 3)),
                **{k: rng.choice("xy") for k in ("j1", "j2") if rng.random() < 0.9},
            }
            for n in range(rng.randint(0, 7))
        ]
        wanted = Counter(a.key for a in alerts(detection, events))
        total += len(wanted)
        found = under_every_reading(
            text_of(detection),
            events,
            lambda rows, n=count: Counter(tuple(r[f"seq_key{i + 1}"] for i in range(n)) for r in rows),  # type: ignore[misc]
        )
        assert found == wanted
    assert total > 20


def filling(helper: Filling) -> tuple[str, str]:
    """The lookup that a helper's search fills, and the search without its last stage."""
    *stages, last = helper.search.stages
    assert isinstance(last, Outputlookup)
    return last.table, pipeline(Pipeline(tuple(stages)))


def text_of_search(search: Search) -> str:
    assert search.search is not None
    return pipeline(search.search)


def indicators_of(events: list[Event], search_events: list[Event], detection: IndicatorMatch) -> list[int]:
    """Run the filling searches over the indicators, then the rule's search with the lookups."""
    search = written(Bound(rule(detection, rule_id="r1"), (Binding(),)), Options(bare=True), Notebook(), Ledger())
    tables = {}
    for helper in search.fillings:
        name, body = filling(helper)
        rows = [{k: str(v) for k, v in row.items()} for row in run(body, events)]
        tables[name] = LookupTable(rows, match_types=dict(helper.table.matches))  # type: ignore[arg-type]
    found = run(text_of_search(search), [{**e, "n": i} for i, e in enumerate(search_events)], lookups=tables)
    return sorted(int(str(r["n"])) for r in found)


def test_indicators_match_by_lookup() -> None:
    user, domain = (
        Pair(Field("user", many=False), Field("i.user")),
        Pair(Field("domain", many=False), Field("i.domain")),
    )
    address = Pair(Field("ip", Kind.IP), Field("i.ip", Kind.IP))
    detection = IndicatorMatch(Present(Field("k")), tag("x"), ("ti",), ((user, domain), (address,)))
    documents: list[Event] = [
        {"tag": "x", "i.user": "u", "i.domain": "d"},
        {"tag": "x", "i.user": ["v", "w"], "i.domain": "d"},
        {"tag": "y", "i.user": "z", "i.domain": "d"},
        {"tag": "x", "i.ip": "2001:db8::1"},
        {"tag": "x", "i.ip": "10.0.0.1"},
    ]
    events: list[Event] = [
        {"k": 1, "user": "u", "domain": "d"},
        {"k": 1, "user": "U", "domain": "d"},
        {"k": 1, "user": "u", "domain": "e"},
        {"k": 1, "user": "v", "domain": "d"},
        {"k": 1, "user": "z", "domain": "d"},
        {"k": 1, "ip": ["8.8.8.8", "2001:DB8:0::1"]},
        {"k": 1, "ip": "10.0.0.1"},
        {"k": 1, "ip": "10.0.0.2"},
        {"ip": "10.0.0.1"},
        {"k": 1},
    ]
    wanted = sorted(a.events[0] for a in alerts(detection, events, indicators=documents))
    assert wanted == [0, 5, 6]
    assert indicators_of(documents, events, detection) == wanted


def test_lookups_of_text_and_of_several_values_are_approximate() -> None:
    pairs = (Pair(Field("t", Kind.TEXT), Field("i.t")), Pair(Field("many"), Field("i.m")))
    detection = IndicatorMatch(Constant(value=True), Constant(value=True), ("ti",), (pairs,))
    assert [d.code for d in emitted(detection).diagnostics] == ["T207"] * 3


def test_computed_group_field() -> None:
    way = Computed('mvindex(split(UserId,"@"),0)')
    detection = Threshold(Constant(value=True), (Field("user.name", many=False, way=way),), 2)
    rows = run(
        text_of(detection),
        [{"UserId": "a@x", "_time": 1}, {"UserId": "a@y", "_time": 2}, {"UserId": "b@x", "_time": 3}],
    )
    assert [r["user_name"] for r in rows] == ["a"]


def test_group_field_named_as_a_result() -> None:
    detection = Threshold(Constant(value=True), (Field("event_count", many=False),), 1)
    rows = run(text_of(detection), [{"event_count": "a", "_time": 1}])
    assert (rows[0]["event_count"], rows[0]["event_count_"]) == ("a", 1)


def test_error_sample_of_many_steps_or_places() -> None:
    step = Step(tag("a"), ())
    many = emitted(Sample((step,) * 6))
    assert [d.code for d in many.diagnostics if d.severity.value == "error"] == ["T212"]
    bound = Bound(rule(Sample((step, step))), (Binding(header={"index": "a"}), Binding(header={"index": "b"})))
    assert "T212" in {d.code for d in TARGET.emit(bound, Options()).diagnostics}


def test_error_opaque_rule_is_refused_with_its_reason() -> None:
    why = Diagnostic(F001, "no query")
    emission = emitted(Opaque("machine_learning", why))
    assert (emission.text, emission.diagnostics) == ("", (why,))


def test_keys_that_are_addresses_are_noted() -> None:
    detection = Threshold(tag("a"), (Field("ip", Kind.IP),), 1, Distinct(Field("other", Kind.IP), 2))
    assert [d.code for d in emitted(detection).diagnostics] == ["T204"]
    terms = NewTerms(tag("a"), (Field("ip", Kind.IP),), HOUR)
    assert [d.code for d in emitted(terms).diagnostics] == ["T204"]


GOLDENS: dict[str, Detection] = {
    "threshold": Threshold(tag("a"), (Field("user", many=False), Field("host")), 5, Distinct(Field("ip", Kind.IP), 3)),
    "threshold_all": Threshold(tag("a"), (), 30),
    "new_terms": NewTerms(tag("a"), (Field("user", many=False), Field("agent{}.id")), 7 * 24 * HOUR),
    "sample": Sample(tuple(Step(tag(t), (Key(Field("host", many=False)),)) for t in "ab")),
    "indicator": IndicatorMatch(
        tag("a"),
        tag("x"),
        ("ti",),
        ((Pair(Field("ip", Kind.IP), Field("i.ip", Kind.IP)),), (Pair(Field("h"), Field("i.h")),)),
    ),
}


@pytest.mark.parametrize("name", sorted(GOLDENS))
def test_text_of_detections(name: str, update_golden: bool) -> None:
    text = text_of(GOLDENS[name], rule_id="R-1")
    check_golden(GOLDEN / f"{name}.spl", text, update=update_golden)


def test_columns_are_computed_once_and_where_they_are_used() -> None:
    user = Field("user.name", many=False, way=Computed('mvindex(split(UserId,"@"),0)'))
    domain = Field("user.domain", many=False, way=Computed('mvindex(split(UserId,"@"),1)'))
    where = OneOf(user, ("a", "b"), Case.SENSITIVE)
    text = text_of(Threshold(where, (user, domain), 1))
    assert text.count('mvindex(split(UserId, "@"), 0)') == 1
    rows = run(text, [{"UserId": "a@x", "_time": 1}, {"UserId": "c@x", "_time": 2}])
    assert [(r["user_name"], r["user_domain"]) for r in rows] == [("a", "x")]
