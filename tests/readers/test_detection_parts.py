"""What stands beside a rule's query: filters of a pipeline, copies of saved queries, pairs that must not be equal."""

from __future__ import annotations

import pytest

import converter
from converter import api
from converter.diagnostics import render
from converter.model.rule import IndicatorMatch, Match

FILTER = """[[rule.filters]]
[rule.filters.meta]
negate = false
[rule.filters.query.match_phrase]
"user.name" = "anna"
"""
EVENTS: list[dict[str, object]] = [
    {"process": {"name": "sh"}, "user": {"name": "anna"}},
    {"process": {"name": "sh"}, "user": {"name": "bob"}},
    {"process": {"name": "x"}, "user": {"name": "anna"}},
]


def read(head: str, *parts: str) -> converter.Rule:
    return converter.parse_rule(f"[rule]\nname = 'x'\n{head}\n{''.join(parts)}", "r.toml")


@pytest.mark.parametrize(
    "query",
    ['from logs-* | where process.name == "sh"', 'from logs-* | where process.name == "sh" | keep process.name'],
)
def test_filters_of_a_pipeline_go_to_its_source(query: str) -> None:
    """Rule Q07: also where the filter's field is none of the columns that are kept."""
    rule = read(f"type = 'esql'\nlanguage = 'esql'\nquery = '{query}'", FILTER)
    assert isinstance(rule.detection, Match)
    assert rule.notes == ()
    assert api.evaluate(rule, EVENTS) == [True, False, False]


def test_filters_of_a_pipeline_that_counts() -> None:
    query = "from logs-* | stats n = count(*) by process.name | where n > 1"
    rule = read(f"type = 'esql'\nlanguage = 'esql'\nquery = '{query}'", FILTER)
    assert api.evaluate(rule, [EVENTS[0], EVENTS[1], EVENTS[2]]) == [False, False, False]
    assert api.evaluate(rule, [EVENTS[0], EVENTS[0], EVENTS[1]]) == [True, True, False]


def test_a_copy_of_a_saved_query_is_read_and_said() -> None:
    rule = read("type = 'saved_query'\nsaved_id = 's'\nlanguage = 'kuery'\nquery = 'process.name: sh'", FILTER)
    assert [render(d) for d in rule.notes] == [
        "r.toml: warning[L040]: the rule runs the saved query s of Kibana; this is the rule's own copy of it"
    ]
    assert api.evaluate(rule, EVENTS) == [True, False, False]


INDICATORS = """type = "threat_match"
language = "kuery"
query = 'source.ip: *'
threat_index = ["ti"]
threat_query = '*:*'
[[rule.threat_mapping]]
"""
ENTRY = """[[rule.threat_mapping.entries]]
field = "{}"
type = "mapping"
value = "{}"
negate = {}
"""
LEFT_OUT = (
    "r.toml: warning[L046]: user.name must not equal the indicator's threat.indicator.user: that is left out, so that"
    " more events match\n  hint: exclude such events in the artifact's query"
)
REFUSED = (
    "r.toml: error[L046]: source.ip must not equal the indicator's threat.indicator.ip, which cannot be carried by"
    " itself"
)


@pytest.mark.parametrize(
    ("negated", "said", "pairs"), [((False, True), [LEFT_OUT], 1), ((True,), [REFUSED], 0), ((False, False), [], 2)]
)
def test_pairs_that_must_not_be_equal(negated: tuple[bool, ...], said: list[str], pairs: int) -> None:
    names = (("source.ip", "threat.indicator.ip"), ("user.name", "threat.indicator.user"))
    entries = [ENTRY.format(*name, str(one).lower()) for name, one in zip(names, negated, strict=False)]
    rule = read(INDICATORS, *entries)
    assert [render(d) for d in rule.notes if d.code == "L046"] == said
    assert isinstance(rule.detection, IndicatorMatch)
    assert [len(arm) for arm in rule.detection.any_of] == [pairs]
