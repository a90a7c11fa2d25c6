"""What is written of several events is read back: its frame and each condition, and slips in either are seen."""

from __future__ import annotations

import pytest

import converter
from backends.splunk.detection import sequence
from converter import api
from converter.languages.spl.shorthand import number
from converter.languages.spl.syntax import Expression
from converter.model.rule import Rule
from converter.proof.readback import Outcome
from converter.target.readback import ReadBackError

A, B = '[file where file.name == "a"]', '[process where process.name == "b"]'
C, D = "[network where true]", "[registry where true]"
SEQUENCES = {
    "two steps": f"sequence by host.id with maxspan=1m {A} {B}",
    "two steps without a span": f"sequence by host.id {A} {B}",
    "no key": f"sequence with maxspan=1m {A} {B}",
    "several keys": f"sequence by host.id, user.name with maxspan=1m {A} by user.id {B} by process.pid",
    "an optional key": f"sequence by ?user.id with maxspan=1m {A} {B}",
    "steps that a constant tells apart": f'sequence by host.id {A} [file where file.name == "b"]',
    "a run": f"sequence by host.id with maxspan=1m {A} with runs=4",
    "a run and a step": f"sequence by host.id with maxspan=1m {A} with runs=4 {B}",
    "three steps": f"sequence by host.id with maxspan=1m {A} {B} {C}",
    "until": f"sequence by host.id {A} {B} until {C}",
    "a missing event between": f"sequence by host.id with maxspan=1m {A} !{B} {C} {D}",
    "a missing event before": f"sequence by host.id with maxspan=1m !{A} {B} {C}",
    "a missing event behind": f"sequence by host.id with maxspan=1m {A} {B} !{C}",
    "missing events on both sides": f"sequence by host.id with maxspan=1m !{A} {B} {C} !{D}",
    "one event and a missing one": f"sequence by host.id with maxspan=1m {A} !{B}",
    "a sample": f"sample by host.id {A} {B} {C}",
    "a sample of steps that share events": f"sample by host.id {A} [file where true] {C}",
}


def eql(query: str) -> Rule:
    return converter.parse_rule(f"[rule]\nname = 'A rule'\ntype = 'eql'\nlanguage = 'eql'\nquery = '''{query}'''\n")


@pytest.mark.parametrize("target", ["splunk", "sentinel", "python"])
@pytest.mark.parametrize("query", SEQUENCES.values(), ids=list(SEQUENCES))
def test_sequences_are_read_back(query: str, target: str) -> None:
    read = api.read_back(eql(query), target, "ecs")
    assert (read.outcome, read.why) == (Outcome.EQUAL, "")


EDITS = [
    ("two steps", "splunk", "<=60000", "<=90000", "maxspan 60000"),
    ("two steps", "splunk", "seq_key1='host.id'", "seq_key1='host.name'", "keys host.id"),
    ("two steps", "splunk", "file.name=CASE(a)", "file.name=CASE(x)", "they differ on"),
    ("two steps", "splunk", " file.name=CASE(a)", "", "they differ on"),
    ("three steps", "splunk", "| eval seq_step=2]", "| eval seq_step=3]", "a step that stands twice"),
    ("until", "splunk", "-1)<seq_from2", "-1)<=seq_from2", "joined otherwise"),
    ("a missing event between", "splunk", "(registry)", "(file)", "they differ on"),
    ("two steps", "sentinel", "<= 1m", "<= 2m", "maxspan 60000"),
    ("two steps", "sentinel", "['file.name'] == \"a\" and ", "", "they differ on"),
    ("three steps", "sentinel", "isnull(s3.Time3) and ", "", "joined otherwise"),
    ("until", "sentinel", "LastUntil < s1.Time1", "LastUntil <= s1.Time1", "joined otherwise"),
    ("a run", "sentinel", "prev(['host.id'], 3)", "prev(['host.id'], 2)", "joined otherwise"),
    ("a sample of steps that share events", "sentinel", ">= 2", ">= 1", "events 1 of 1"),
    ("two steps", "python", "MAXSPAN = 60000", "MAXSPAN = 60001", "maxspan 60000"),
    ("an optional key", "python", "as_text, True", "as_text, False", "keys ?user.id"),
    ("until", "python", '"stages": (2,)', '"stages": (3,)', "a step whose events are not found"),
]


@pytest.mark.parametrize(("name", "target", "old", "new", "said"), EDITS)
def test_slips_in_sequences_are_seen(name: str, target: str, old: str, new: str, said: str) -> None:
    rule = eql(SEQUENCES[name])
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert old in text, text
    read = api.read_back(rule, target, "ecs", text=text.replace(old, new))
    assert read.outcome in (Outcome.DIFFERENT, Outcome.NOT_READ), read
    assert said in read.why


NEW_TERMS = """
[rule]
name = "First"
type = "new_terms"
language = "kuery"
query = 'event.code: "x"'
from = "now-9m"
[rule.new_terms]
field = "new_terms_fields"
value = ["user.name", "host.id"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-7d"
"""
TERMS = [
    ("splunk", "earliest=-7d", "earliest=-8d", "history 604800000"),
    ("splunk", '"-9m"', '"-19m"', "new since 540000"),
    ("splunk", "BY user.name, host.id", "BY host.id", "of host.id, user.name"),
    ("splunk", "event.code=CASE(x)", "event.code=CASE(y)", "they differ on"),
    ("sentinel", ">= ago(7d)", ">= ago(8d)", "history 604800000"),
    ("sentinel", "> ago(9m)", "> ago(19m)", "new since 540000"),
    ("sentinel", '"x"', '"y"', "they differ on"),
    ("python", "HISTORY = 604800000", "HISTORY = 604800001", "history 604800000"),
    ("python", '"host.id", as_text', '"host.name", as_text', "host.id as keyword"),
]


@pytest.mark.parametrize(("target", "old", "new", "said"), TERMS)
def test_new_terms_are_read_back_and_slips_are_seen(target: str, old: str, new: str, said: str) -> None:
    rule = converter.parse_rule(NEW_TERMS)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert api.read_back(rule, target, "ecs", text=text).outcome is Outcome.EQUAL
    assert old in text, text
    read = api.read_back(rule, target, "ecs", text=text.replace(old, new))
    assert read.outcome is Outcome.DIFFERENT
    assert said in read.why


THRESHOLD = """
[rule]
name = "Many"
type = "threshold"
language = "kuery"
query = 'event.code: "x"'
from = "now-9m"
[rule.threshold]
field = ["user.name"]
value = 7
"""
COUNTS = [
    ("sigma", "gte: 7", "gte: 8", "at least 7"),
    ("sigma", "- user.name", "- user.id", "by user.name"),
    ("sigma", "timespan: 9m", "timespan: 10m", "within 540000"),
    ("sigma", "event.code|cased: x", "event.code|cased: y", "they differ on"),
    ("python", "AT_LEAST = 7", "AT_LEAST = 8", "at least 7"),
    ("python", "WINDOW = 540000", "WINDOW = 1", "window 540000"),
]


@pytest.mark.parametrize(("target", "old", "new", "said"), COUNTS)
def test_counts_are_read_back_and_slips_are_seen(target: str, old: str, new: str, said: str) -> None:
    rule = converter.parse_rule(THRESHOLD)
    text = converter.convert(rule, target, fields="ecs", bare=True, case="exact").text
    assert api.read_back(rule, target, "ecs", case="exact", text=text).outcome is Outcome.EQUAL
    assert old in text, text
    read = api.read_back(rule, target, "ecs", case="exact", text=text.replace(old, new))
    assert read.outcome is Outcome.DIFFERENT
    assert said in read.why


INDICATORS = """
[rule]
name = "Known"
type = "threat_match"
language = "kuery"
query = 'source.ip: *'
threat_index = ["logs-ti_*"]
threat_language = "kuery"
threat_query = 'event.category: "threat"'
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "source.ip"
type = "mapping"
value = "threat.indicator.ip"
"""


@pytest.mark.parametrize(
    ("target", "old", "new"),
    [
        ("splunk", "indicator1 AS source.ip", "indicator1 AS destination.ip"),
        ("sentinel", "project Value = ['threat.indicator.ip']", "project Value = ['threat.indicator.port']"),
        ("sentinel", '"threat"', '"event"'),
        ("python", '"threat.indicator.ip"', '"threat.indicator.port"'),
    ],
)
def test_indicators_are_read_back_and_slips_are_seen(target: str, old: str, new: str) -> None:
    rule = converter.parse_rule(INDICATORS)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert api.read_back(rule, target, "ecs", text=text).outcome is Outcome.EQUAL
    assert old in text, text
    assert api.read_back(rule, target, "ecs", text=text.replace(old, new)).outcome is Outcome.DIFFERENT


def test_what_is_written_wrongly_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = eql(SEQUENCES["two steps"])

    def later(value: float) -> Expression:
        return number(value + 1 if value == 60_000 else value)

    assert converter.convert(rule, "splunk", fields="ecs").text
    monkeypatch.setattr(sequence, "number", later)
    with pytest.raises(ReadBackError, match="maxspan 60000"):
        converter.convert(rule, "splunk", fields="ecs")
