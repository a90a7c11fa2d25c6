"""Why an event is an alert: every leaf of the rule, whether it holds, and over which values."""

from __future__ import annotations

import pytest

from converter import api
from converter.diagnostics import Source
from converter.engine.explain import explained, lines
from converter.model.metadata import Metadata
from converter.model.predicate import Constant
from converter.model.rule import Match, Rule


def rule(query: str, language: str = "kuery") -> Rule:
    kind = "eql" if language == "eql" else "query"
    text = f"[rule]\nname = 'A'\ntype = '{kind}'\nlanguage = '{language}'\nquery = '''{query}'''\n"
    return api.parse_rule(text, "a.toml")


def shown(read: Rule, event: dict[str, object]) -> list[str]:
    return [line for tree in explained(read, event) for line in lines(tree)]


@pytest.mark.parametrize(
    ("query", "event", "expected"),
    [
        (
            "event.action: a and not user.name: root",
            {"event": {"action": "a"}, "user.name": "ann"},
            [
                "+ all of",
                "  + event.action is a   [event.action: 'a']",
                "  + not",
                "    - user.name is root   [user.name: 'ann']",
            ],
        ),
        (
            "event.action: a or host.name: h",
            {"host.name": ["g", "h"]},
            [
                "+ any of",
                "  - event.action is a   [event.action: missing]",
                "  + host.name is h   [host.name: 'g', 'h']",
            ],
        ),
        (
            "process.elf.sections: { name: a }",
            {"process": {"elf": {"sections": [{"name": "a"}]}}},
            ["+ one element of process.elf.sections"],
        ),
        ("process.pid: 5", {"process.pid": 5}, ["+ process.pid == 5   [process.pid: 5]"]),
    ],
)
def test_each_leaf_with_its_values(query: str, event: dict[str, object], expected: list[str]) -> None:
    assert shown(rule(query), event) == expected


def test_the_leaves_of_an_element() -> None:
    (tree,) = explained(rule("process.elf.sections: { name: a and size: 5 }"), {})
    assert tree["of"] == ["process.elf.sections.name is a", "process.elf.sections.size is 5"]


def test_a_script_shows_the_values_of_all_its_fields() -> None:
    read = rule("any where length(process.name) > 3", "eql")
    assert shown(read, {"process.name": "abcd"}) == ["+ >(length(process.name), 3)   [process.name: 'abcd']"]


@pytest.mark.parametrize(("value", "line"), [(True, "+ always"), (False, "- never")])
def test_a_rule_without_a_leaf(value: bool, line: str) -> None:
    source = Source("a.toml", "")
    assert shown(Rule(Metadata("A", "query"), Match(Constant(value)), source, source), {}) == [line]


def test_of_a_rule_over_several_events_what_holds_is_shown() -> None:
    read = rule('sequence by host.id [any where event.action == "a"] [any where event.action == "b"]', "eql")
    assert shown(read, {"event.action": "b", "host.id": "h"}) == ["+ event.action is b   [event.action: 'b']"]
