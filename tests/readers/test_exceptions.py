"""Exceptions are part of the meaning: nothing that an item matches is an alert."""

from __future__ import annotations

import fnmatch
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import converter
from converter.api import evaluate, understand
from converter.diagnostics import Severity
from converter.rulefile import read_collection
from converter.rulefile.exceptions import attached

RULE: dict[str, object] = {
    "rule_id": "r",
    "name": "n",
    "type": "query",
    "language": "kuery",
    "index": ["acme-*"],
    "query": "event.kind: event",
    "exceptions_list": [{"id": "e", "list_id": "x", "type": "detection", "namespace_type": "single"}],
}
LIST = {"list_id": "x", "name": "x", "type": "detection"}


def rule(*items: object, **changes: object) -> converter.Rule:
    """The rule with these exceptions in hand."""
    text = "\n".join(json.dumps(one) for one in ({**RULE, **changes}, LIST, *items))
    found = read_collection(text, "e.ndjson")
    assert found.broken == []
    (read,) = found.rules
    import dataclasses

    return understand(dataclasses.replace(read, meta=attached(read.meta, found.lists, found.items)))


def item(*entries: object, **keys: object) -> dict[str, object]:
    return {"list_id": "x", "item_id": "i", "name": "known", "entries": list(entries), **keys}


def entry(field: str, kind: str, value: object = None, operator: str = "included") -> dict[str, object]:
    made: dict[str, object] = {"field": field, "type": kind, "operator": operator}
    return made if value is None else {**made, "value": value}


def verdicts(read: converter.Rule, *events: dict[str, object]) -> list[bool]:
    return evaluate(read, [{"event.kind": "event", **event} for event in events])


def test_nested_entries_hold_of_one_element() -> None:
    inner = [entry("name", "match", "x"), entry("size", "match", "1")]
    read = rule(item({"field": "parts", "type": "nested", "entries": inner}))
    one: dict[str, object] = {"parts": [{"name": "x", "size": "1"}]}
    apart: dict[str, object] = {"parts": [{"name": "x", "size": "2"}, {"name": "y", "size": "1"}]}
    assert verdicts(read, one, apart) == [False, True]


def test_entries_are_joined_by_and_items_by_or() -> None:
    both = item(entry("user.name", "match", "a"), entry("host.name", "match_any", ["h", "i"]))
    read = rule(both, item(entry("user.name", "wildcard", "svc-*")))
    events: tuple[dict[str, object], ...] = (
        {"user.name": "a", "host.name": "i"},
        {"user.name": "a", "host.name": "j"},
        {"user.name": "svc-x"},
        {},
    )
    assert verdicts(read, *events) == [False, True, False, True]


def test_excluded_and_exists() -> None:
    read = rule(item(entry("user.name", "exists"), entry("user.name", "match", "root", "excluded")))
    assert verdicts(read, {"user.name": "x"}, {"user.name": "root"}, {}) == [False, True, True]


def test_systems_of_an_item() -> None:
    read = rule(item(entry("user.name", "match", "a"), os_types=["linux"]))
    events: tuple[dict[str, object], ...] = (
        {"user.name": "a", "host.os.type": "linux"},
        {"user.name": "a", "host.os.type": "windows"},
        {"user.name": "a", "host.os.name": "Linux"},
    )
    assert verdicts(read, *events) == [False, True, False]


def test_every_step_of_a_sequence_is_restricted() -> None:
    query = 'sequence by host.id [any where event.action == "a"] [any where event.action == "b"]'
    read = rule(item(entry("user.name", "match", "x")), type="eql", language="eql", query=query)
    events = [
        {"@timestamp": 1, "host.id": "h", "event.action": "a", "user.name": "x"},
        {"@timestamp": 2, "host.id": "h", "event.action": "b"},
    ]
    assert evaluate(read, events) == [False, False]


@pytest.mark.parametrize("target", ["splunk", "sentinel", "sigma", "python"])
def test_exceptions_reach_every_target(target: str) -> None:
    artifact = converter.convert(rule(item(entry("user.name", "match", "backup-agent"))), target, "ecs")
    assert "backup-agent" in artifact.text


def test_lists_that_are_not_in_hand_are_told() -> None:
    read = converter.parse_rule(json.dumps(RULE), "r.json")
    (said,) = [d for d in read.notes if d.code == "L047"]
    assert said.severity is Severity.WARNING
    assert converter.convert(read, "splunk", "ecs").status == "approximate"
    assert not [d for d in rule().notes if d.code == "L047"]  # an empty list in hand excepts nothing


def test_value_lists_and_ends_are_told() -> None:
    listed = {**entry("source.ip", "list"), "list": {"id": "bad-addresses", "type": "ip"}}
    read = rule(item(listed), item(entry("user.name", "match", "a"), expire_time="2030-01-01T00:00:00Z"))
    assert {d.code: d.severity for d in read.notes} == {"L048": Severity.WARNING, "L049": Severity.WARNING}
    assert verdicts(read, {"user.name": "a"}, {"source.ip": "1.2.3.4"}) == [False, True]


# ---- random exceptions, against a reading of the items that shares nothing with ours

TEXTS = st.sampled_from(["a", "b", "ab", "abc"])
FIELDS = st.sampled_from(["user.name", "host.name"])
OPERATORS = st.sampled_from(["included", "excluded"])
ENTRIES = st.one_of(
    st.builds(lambda f, v, o: entry(f, "match", v, o), FIELDS, TEXTS, OPERATORS),
    st.builds(lambda f, v, o: entry(f, "match_any", v, o), FIELDS, st.lists(TEXTS, min_size=1, max_size=3), OPERATORS),
    st.builds(lambda f, o: entry(f, "exists", None, o), FIELDS, OPERATORS),
    st.builds(lambda f, v, o: entry(f, "wildcard", v, o), FIELDS, st.sampled_from(["a*", "*b", "?b"]), OPERATORS),
)
ITEMS = st.lists(st.lists(ENTRIES, min_size=1, max_size=3).map(lambda es: item(*es)), max_size=3)
EVENTS = st.lists(
    st.dictionaries(FIELDS, st.one_of(TEXTS, st.lists(TEXTS, max_size=2)), max_size=2), min_size=1, max_size=6
)


def _excepted(made: dict[str, object], event: dict[str, object]) -> bool:
    entries = made["entries"]
    assert isinstance(entries, list)
    return all(_met(one, event) for one in entries)


def _met(one: dict[str, object], event: dict[str, object]) -> bool:
    held = event.get(str(one["field"]), [])
    texts = held if isinstance(held, list) else [held]
    value = one.get("value")
    wanted = value if isinstance(value, list) else [value]
    match one["type"]:
        case "exists":
            found = bool(texts)
        case "wildcard":
            found = any(fnmatch.fnmatchcase(str(t), str(value)) for t in texts)
        case _:
            found = any(t in wanted for t in texts)
    return found is (one["operator"] == "included")


@settings(max_examples=300)
@given(ITEMS, EVENTS)
def test_excepted_events_are_not_found(items: list[dict[str, object]], events: list[dict[str, object]]) -> None:
    read = rule(*items)
    expected = [not any(_excepted(one, event) for one in items) for event in events]
    assert verdicts(read, *events) == expected
    module: dict[str, object] = {}
    exec(converter.convert(read, "python").text, module)  # noqa: S102 - our own artifact
    matches = module["matches"]
    assert callable(matches)
    assert [matches({"event.kind": "event", **event}) for event in events] == expected
