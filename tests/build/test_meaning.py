"""The lines that `diff` compares: another detection has other lines, another order of the same words has the same."""

from __future__ import annotations

from collections import defaultdict

import pytest
from fuzz.rule_text import rule_text
from shared import ROOT, corpus_rule, corpus_rules, needs_shared, some_or_all
from unordered import unordered_detection

from converter.api import parse_rule, read_rule
from converter.build.meaning import digest, meaning
from converter.model.rule import Rule

SAMPLES = ROOT / "rules" / "samples"

SEQUENCE = """a sequence within 300000 ms
  an event by host.id
    all of
      event.category is process
      process.name is a
  an event by host.id
    all of
      event.category is file
      file.name is b
  until
    an event by host.id
      all of
        event.category is process
        process.name is stop"""

INDICATORS = """an event that shares values with indicators of logs-ti_*
  destination.ip = threat.indicator.ip and destination.port = threat.indicator.port
  destination.domain = threat.indicator.url.domain
  indicators
    always
  events
    event.category is network"""

RUNS = """a sequence within 60000 ms
  an event 3 times by user.id
    all of
      event.category is authentication
      event.outcome is failure
  an event by user.id
    all of
      event.category is authentication
      event.outcome is success"""


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("sequence_until", SEQUENCE),
        ("sequence_runs", RUNS),
        ("indicator_pairs", INDICATORS),
        ("threshold", "at least 3 events by user.name\n  event.action is fail"),
        ("new_terms", "values of user.name not seen for 604800000 ms\n  event.action is login"),
    ],
)
def test_lines_of_a_kind(name: str, lines: str) -> None:
    found = meaning(read_rule(SAMPLES / f"{name}.toml"))
    assert found[:2] == ("reads logs-*", "schedule: from now-6m to now, every 5m")
    assert "\n".join(found[2:]) == lines


def _lines(query: str, language: str = "kuery", extra: str = "") -> tuple[str, ...]:
    return meaning(parse_rule(rule_text(query, language, extra=extra), "r.toml"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b: (x or y) and c.d: z", "c.d: z and a.b: (y or x)"),
        ("a.b: x* and not (c.d: z or e.f: w)", "not (e.f: w or c.d: z) and a.b: x*"),
        ("a.b: x and a.b: x", "a.b: x"),
    ],
)
def test_order_does_not_count(one: str, other: str) -> None:
    assert _lines(one) == _lines(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b: x", "a.b: X"),
        ("a.b: x", "a.b: x*"),
        ("a.b: x", "not a.b: x"),
        ('a.b: "x "', 'a.b: "x"'),
        ('a.b: "x\\ny"', 'a.b: "x\\\\ny"'),
        ("a.b: (x and y)", "a.b: (x or y)"),
        ("n: { a: x and b: y }", "n.a: x and n.b: y"),
        ("source.port > 5", "source.port >= 5"),
        ('source.ip: "10.0.0.0/8"', 'source.ip: "10.0.0.0/9"'),
    ],
)
def test_what_is_another_detection(one: str, other: str) -> None:
    assert _lines(one) != _lines(other)


@pytest.mark.parametrize(
    "extra",
    [
        'interval = "10m"',
        'from = "now-1h"',
        'timestamp_override = "event.ingested"',
        'alert_suppression = {group_by = ["host.id"], missing_fields_strategy = "suppress"}',
        'alert_suppression = {group_by = ["host.id"], duration = {value = 5, unit = "m"}}',
    ],
)
def test_what_is_said_beside_the_query(extra: str) -> None:
    assert _lines("a.b: x", extra=extra) != _lines("a.b: x")


def test_suppression_in_words() -> None:
    suppressed = _lines(
        "a.b: x", extra='alert_suppression = {group_by = ["host.id"], duration = {value = 5, unit = "m"}}'
    )
    assert "one alert in 300000 ms by host.id (suppress)" in suppressed


def _same_lines_same_detection(rules: list[Rule]) -> None:
    """Rules of the same lines detect the same: lines that leave something out would call a change none."""
    by_lines: defaultdict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        by_lines[meaning(rule)].append(rule)
    assert len(by_lines) > len(rules) // 2, "too few detections to tell apart"
    for alike in by_lines.values():
        assert len({unordered_detection(rule.detection) for rule in alike}) == 1, [rule.meta.title for rule in alike]
    assert len({digest(lines) for lines in by_lines}) == len(by_lines)


def test_no_two_samples_are_taken_for_one() -> None:
    _same_lines_same_detection([read_rule(path) for path in sorted(SAMPLES.glob("*.toml"))])


@needs_shared
@some_or_all
def test_no_two_rules_are_taken_for_one(everything: bool) -> None:
    rules = [rule for path in corpus_rules(1 if everything else 4) if (rule := corpus_rule(path)) is not None]
    assert len(rules) > (1000 if everything else 250)
    _same_lines_same_detection(rules)
