"""What is written of several events is read back: its frame and each condition, and slips in either are seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

import converter
from backends.splunk.detection import sequence
from converter import api
from converter.languages.spl.shorthand import number
from converter.languages.spl.syntax import Expression
from converter.model.rule import Rule
from converter.proof.readback import Outcome, checked
from converter.target import Binding, Bound, Options, registry
from converter.target.options import CaseForm
from converter.target.readback import ReadBackError, Reading, Several

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
    "steps of the same events": f"sequence by host.id {C} {C}",
    "until the events of a step": f"sequence by host.id with maxspan=1m {C} {C} {D} until {C}",
    "a missing event of a step's": f"sequence by host.id with maxspan=1m {A} !{C} {C} {D}",
    "another key in each step": f"sequence with maxspan=1m {A} by user.id {B} by user.name {C} by host.id",
    "a key of several values": f"sequence by process.args with maxspan=1m {A} {B}",
    "an optional key and another": f"sequence by ?user.id, host.id with maxspan=1m {A} {B} {C}",
    "a key that is an address": f"sequence by source.ip with maxspan=1m {A} {B}",
    "a key that is a number": f"sequence by process.pid with maxspan=1m {A} {B}",
    "two runs": f"sequence by host.id with maxspan=1m {A} with runs=2 {A} with runs=3",
    "a run by a key of several values": f"sequence by process.args with maxspan=1m {A} with runs=3",
    "a sample by a key of several values": f"sample by process.args {A} {B}",
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


ORDER = 'None if nothing does."""\n    '
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
    ("until", "python", '"stages": (2,)', '"stages": ("2",)', "stages that are no numbers"),
    ("until", "python", '{"where": filter_2', '{"when": filter_2', "branches that are none"),
    ("until", "python", "filter_2, ", "filter_9, ", "a module without 'filter_9'"),
    ("until", "python", "BRANCHES = [", "BRANCHES = [] and [", "branches that are none"),
    ("until", "python", '("host.id", as_text, False),), "stages": (1', '("host.id", as_text),), "stages": (1', "a key that is none"),
    ("until", "python", '(("host.id", as_text, False),), "stages": (1', '"host.id", "stages": (1', "keys that are none"),
    ("until", "python", "LAST = 2", 'LAST = "2"', "a LAST that is no number"),
    ("until", "python", "TIME_FIELDS = (", 'TIME_FIELDS = ("event.ingested", ', "order @timestamp"),
    ("until", "python", f"{ORDER}return None", f'{ORDER}return next(iter(read(event, "event.sequence")), None)', "order @timestamp"),
    ("until", "python", f"{ORDER}return None", f"{ORDER}return 5", "another order of events"),
    ("until", "python", f"{ORDER}return None", f"{ORDER}pass", "a function of several statements"),
    ("a missing event between", "python", "GAPS = {1: (-1,)}", "GAPS = {2: (-1,)}", ""),
    ("a missing event between", "python", "GAPS = {1: (-1,)}", 'GAPS = {"1": (-1,)}', "a stage that is no number"),
    ("a missing event between", "python", "GAPS = {1: (-1,)}", "GAPS = None", "gaps that are none"),
    ("a sample", "python", '"stages": (2,)', '"stages": (1,)', ""),
    # ---- Splunk, of several events
    ("two steps", "splunk", "_time*1000+0.01", "_time*1000", "rows without a time"),
    ("two steps", "splunk", "isnotnull(seq_time) AND isnotnull(seq_key1)", "isnotnull(seq_time)", "keys that need not be there"),
    ("two steps", "splunk", "seq_step=1]", 'seq_step="a"]', "a step that is no number"),
    ("two steps", "splunk", "seq_step=1]", "seq_step=seq_time]", "a step that is no number"),
    ("two steps", "splunk", "seq_step=1]", "seq_step=7]", "other steps than the rule's"),
    ("a sample of steps that share events", "splunk", "seq_of_1>=1", "seq_of_9>=1", "a condition on another count"),
    ("a sample of steps that share events", "splunk", "dc(seq_of_1) AS", "count(seq_of_1) AS", "a condition on another count"),
    ("a sample of steps that share events", "splunk", "seq_of_1=if(seq_step==1, seq_event", "seq_of_1=if(seq_step==1, seq_time", "a mark of no step"),
    ("a sample of steps that share events", "splunk", '"3", null()))', '"4", null()))', "other steps than the rule's"),
    ("a sample of steps that share events", "splunk", '"3", null()))', '"c", null()))', "a step that is no number"),
    ("a sample of steps that share events", "splunk", '"3", null()))', '"3", "4"))', "rows of no step"),
    ("a sample of steps that share events", "splunk", "| fields - seq_of_*", "| where seq_key1==5", "what is no sample"),
    # ---- Sentinel, of several events
    ("two steps", "sentinel", "extend Stage = 1", "extend Stage = Other", "a step that is no number"),
    ("two steps", "sentinel", "extend Stage = 1", "extend Stage = 2", "a step that stands twice"),
    ("two steps", "sentinel", "extend Stage = 1", "extend Stage = 7", ""),
    ("two steps", "sentinel", "asc, Stage desc", "asc", "not in the order of time"),
    ("until", "sentinel", "sort by ['@timestamp'] asc, Stage desc", "sort by ['@timestamp'] asc, Other desc", "not in the order of time"),
    ("until", "sentinel", "iff(Stage == 0", "iff(Other == 0", ""),
    ("a sample of steps that share events", "sentinel", "Events123 >= 3", "Others >= 3", "a condition on another count"),
    ("a sample of steps that share events", "sentinel", "| summarize", "| take 5 | summarize", ""),
]  # fmt: skip


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
NO_TERMS = [
    ("splunk", "earliest=-7d ", "", "a search without a range of time"),
    ("splunk", "earliest=-7d latest=now ", "", "a search without a range of time"),
    ("splunk", "earliest=-7d", "earliest=x", "a time that is not relative"),
    ("splunk", "min(_time)", "max(_time)", "a search for what is not new terms"),
    ("splunk", "| eval _time=first_time", "| where _time==5", "a search for what is not new terms"),
    ("splunk", 'relative_time(now(), "-9m")', "event.code", "a moment that is computed"),
    ("sentinel", "arg_min", "arg_max", "a query for what is not new terms"),
    ("sentinel", "['@timestamp'] >= ago(7d) and ", "", "a query without a range of time"),
    ("python", "HISTORY = 604800000", 'HISTORY = "7d"', "a HISTORY that is no number"),
    ("python", "HISTORY = ", "PAST = ", "a module without 'HISTORY'"),
]


@pytest.mark.parametrize(("target", "old", "new", "said"), NO_TERMS)
def test_what_asks_for_no_new_terms_is_not_read(target: str, old: str, new: str, said: str) -> None:
    rule = converter.parse_rule(NEW_TERMS)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert old in text, text
    read = api.read_back(rule, target, "ecs", text=text.replace(old, new))
    assert (read.outcome, read.why) == (Outcome.NOT_READ, said)


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
    ("python", "DISTINCT = None", 'DISTINCT = ("host.id", as_text, 3)', "different none"),
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


ENTRY = """
[[rule.threat_mapping.entries]]
field = "{}"
type = "mapping"
value = "{}"
"""
PAIRS = {
    "an address": [[("source.ip", "threat.indicator.ip")]],
    "several values": [[("process.args", "threat.indicator.file.name")]],
    "one or the other": [
        [("process.args", "threat.indicator.file.name")],
        [("destination.ip", "threat.indicator.ip")],
    ],
    "a number": [[("destination.port", "threat.indicator.port")]],
    "a truth": [[("process.interactive", "threat.indicator.port")]],
    "a moment": [[("event.created", "threat.indicator.first_seen")]],
    "both": [[("process.name", "threat.indicator.file.name"), ("process.pid", "threat.indicator.port")]],
}


@pytest.mark.parametrize("target", ["splunk", "sentinel", "python"])
@pytest.mark.parametrize("name", list(PAIRS))
def test_indicators_of_every_kind_are_read_back(name: str, target: str) -> None:
    """The text of a number is compared in Kusto: what is read says so too."""
    head = INDICATORS.partition("[[rule.threat_mapping]]")[0]
    arms = ["[[rule.threat_mapping]]" + "".join(ENTRY.format(*pair) for pair in arm) for arm in PAIRS[name]]
    rule = converter.parse_rule(head + "\n".join(arms))
    assert converter.convert(rule, target, "ecs").text
    read = api.read_back(rule, target, "ecs")
    if (name, target) == ("both", "sentinel"):
        assert (read.outcome, read.why) == (Outcome.NOT_READ, "a list that is made otherwise")
    else:
        assert (read.outcome, read.why) == (Outcome.EQUAL, "")


NO_INDICATORS = [
    ("splunk", "| where isnotnull(indicator_match1)", "", "look-ups that are not asked for"),
    ("splunk", "isnotnull(indicator_match1)", "isnull(indicator_match1)", "look-ups that are not asked for"),
    ("splunk", "lookup siemglot_known_19984a43 indicator1", "lookup siemglot_known_19984a43 other", "a look-up by other columns"),
    ("sentinel", "and ['source.ip'] in (values)", "", "indicators that are not asked for"),
    ("sentinel", "in (values)", "!in (values)", "indicators that are looked up otherwise"),
    ("sentinel", "let indicators =", "let others =", "a query without indicators"),
    ("sentinel", "where isnotempty(Value)", "where isempty(Value)", "a list that is made otherwise"),
    ("python", "LOOKUPS = [", "LOOKUPS = [] and [", "look-ups that are none"),
    ("python", "address_keys, network_keys", "network_keys, address_keys", "a comparison that is none"),
    ("python", '(("source.ip", address_keys, network_keys, "threat.indicator.ip"),)', "5", "look-ups that are none"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "old", "new", "said"), NO_INDICATORS)
def test_what_asks_for_no_indicators_is_not_read(target: str, old: str, new: str, said: str) -> None:
    rule = converter.parse_rule(INDICATORS)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    place = text.rfind(old)
    assert place >= 0, text
    read = api.read_back(rule, target, "ecs", text=text[:place] + new + text[place + len(old) :])
    assert (read.outcome, read.why) == (Outcome.NOT_READ, said)


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


# ---- Sigma's correlations, which are approximate and read all the same


def of_sigma(rule: Rule, *edits: tuple[str, str]) -> Reading:
    bound, target = Bound.everywhere(rule, Binding()), registry.load("sigma")
    assert target.raised is not None
    emission = target.emit(bound, Options(case=CaseForm.EXACT))
    text = emission.text
    for old, new in edits:
        assert old in text, text
        text = text.replace(old, new)
    return target.raised(bound, replace(emission, text=text, tree=None))


PROXIMITY = f"sample {A} by host.id {B} by user.id"


@pytest.mark.parametrize("query", [f"sample by host.id, user.id {A} {B} {C}", PROXIMITY])
def test_a_proximity_of_sigmas_is_read_back(query: str) -> None:
    read = of_sigma(eql(query))
    assert isinstance(read, Several)
    assert checked(read).outcome is Outcome.EQUAL


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("timespan: 6m", "timespan: 7m"), "within 360000"),
        (("_step_1: host.id", "_step_1: host.name"), "keys host.id / user.id"),
        (("timespan: 6m", "timespan: 6M"), "a span of another unit"),
        (("type: temporal", "type: temporal_ordered"), "documents that are counted otherwise"),
        (("        key_1:\n            a_rule", "        key_1:\n            b_rule"), "an alias for other rules"),
        (("correlation:\n", "correlation:\n    generate: true\n"), "documents that are counted otherwise"),
        (("process.name|cased: b", "process.name|cased: c"), "they differ on"),
        (("process.name|cased: b", "process.name|re: '(b'"), "no Sigma that is read here"),
    ],
)
def test_slips_in_a_proximity_are_seen(edit: tuple[str, str], said: str) -> None:
    read = checked(of_sigma(eql(PROXIMITY), edit))
    assert read.outcome in (Outcome.DIFFERENT, Outcome.NOT_READ)
    assert said in read.why


VALUES = (
    THRESHOLD.replace("value = 7", "value = 1")
    + """[[rule.threshold.cardinality]]
field = "host.id"
value = 3
"""
)


@pytest.mark.parametrize(
    ("edits", "outcome"),
    [
        ((), Outcome.EQUAL),
        ((("gte: 3", "gte: 4"),), Outcome.DIFFERENT),
        ((("field: host.id", "field: host.name"),), Outcome.DIFFERENT),
        ((("gte: 3", "gt: 3"),), Outcome.NOT_READ),
        (
            (("---\n", "---\ntitle: x\nlogsource: {product: ecs}\ndetection: {s: {a: b}, condition: s}\n---\n"),),
            Outcome.NOT_READ,
        ),
    ],
)
def test_a_count_of_values_of_sigmas_is_read_back(edits: tuple[tuple[str, str], ...], outcome: Outcome) -> None:
    assert checked(of_sigma(converter.parse_rule(VALUES), *edits)).outcome is outcome
