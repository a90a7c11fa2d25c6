"""The judge of Sigma against the specification's examples of values and modifiers.

https://github.com/SigmaHQ/sigma-specification: sigma-rules-specification and its appendix of modifiers, version 2.1.
"""

from __future__ import annotations

from typing import Any

import pytest
from sigma.rule import SigmaRule

from converter.proof.judges.sigma import field_values, sigma_matches

RULE = """
title: t
logsource: {{category: test}}
detection:
    one: {one}
    two: {{g: 1}}
    condition: {condition}
"""


def matched(one: str, event: dict[str, Any], condition: str = "one") -> bool:
    return sigma_matches(SigmaRule.from_yaml(RULE.format(one=one, condition=condition)), event)


@pytest.mark.parametrize(
    ("one", "event", "expected"),
    [
        ("{f: Text}", {"f": "tEXT"}, True),
        ("{f: text}", {"f": "texts"}, False),
        ("{f: 'a*c?'}", {"f": "Abbcd"}, True),
        ("{f: 'a\\*c'}", {"f": "a*c"}, True),
        ("{f: 'a\\*c'}", {"f": "abc"}, False),
        ("{f|cased: Text}", {"f": "text"}, False),
        ("{f|cased: Text}", {"f": "Text"}, True),
        ("{f|contains|all: [a, b]}", {"f": "xbxa"}, True),
        ("{f|contains|all: [a, b]}", {"f": "xa"}, False),
        ("{f: [a, b]}", {"f": "B"}, True),
        ("{f: 5}", {"f": 5}, True),
        ("{f: 5}", {"f": "5"}, True),
        ("{f: 5}", {"f": "x"}, False),
        ("{f: true}", {"f": True}, True),
        ("{f: true}", {"f": "true"}, True),
        ("{f: false}", {"f": True}, False),
        ("{f: null}", {}, True),
        ("{f: null}", {"f": None}, True),
        ("{f: null}", {"f": "x"}, False),
        ("{f: ''}", {"f": ""}, True),
        ("{f|exists: true}", {"f": "x"}, True),
        ("{f|exists: true}", {}, False),
        ("{f|exists: false}", {}, True),
        ("{f|re: 'a.c'}", {"f": "xabcx"}, True),
        ("{f|re: 'a.c'}", {"f": "ABC"}, False),
        ("{f|re|i: 'a.c'}", {"f": "ABC"}, True),
        ("{f|re: 'a.c'}", {"f": "a\nc"}, False),
        ("{f|re|s: 'a.c'}", {"f": "a\nc"}, True),
        ("{f|re|m: '^c'}", {"f": "a\nc"}, True),
        ("{f|cidr: 10.0.0.0/8}", {"f": "10.1.2.3"}, True),
        ("{f|cidr: 10.0.0.0/8}", {"f": "11.1.2.3"}, False),
        ("{f|cidr: 10.0.0.0/8}", {"f": "host"}, False),
        ("{f|cidr: 'fe80::/10'}", {"f": "fe80::1"}, True),
        ("{f|cidr: 10.0.0.0/8}", {"f": "::ffff:10.1.2.3"}, True),
        ("{f|lt: 5}", {"f": 4}, True),
        ("{f|lte: 5}", {"f": "5"}, True),
        ("{f|gt: 5}", {"f": 5}, False),
        ("{f|gte: 5}", {"f": 5.0}, True),
        ("{f|gt: 5}", {"f": "x"}, False),
        ("{f|fieldref: h}", {"f": "x", "h": "X"}, True),
        ("{f|fieldref: h}", {"f": "x", "h": "y"}, False),
        ("{f|fieldref: h}", {"f": "x"}, False),
        ("{f|windash: '-a'}", {"f": "/a"}, True),
        ("{f|startswith: a}", {"f": ["x", "Ab"]}, True),
    ],
)
def test_item_matches(one: str, event: dict[str, Any], expected: bool) -> None:
    assert matched(one, event) is expected


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("one and two", {"f": "a", "g": 1}, True),
        ("one and two", {"f": "a"}, False),
        ("one or two", {"g": 1}, True),
        ("one and not two", {"f": "a"}, True),
        ("not one", {"f": "a"}, False),
        ("1 of them", {"g": 1}, True),
        ("all of them", {"g": 1}, False),
    ],
)
def test_condition_matches(condition: str, event: dict[str, Any], expected: bool) -> None:
    assert matched("{f: a}", event, condition) is expected


@pytest.mark.parametrize(
    ("one", "kind"),
    [("[word]", "ConditionValueExpression"), ("{f|minute: 5}", "SigmaTimestampPart")],
)
def test_error_what_is_not_judged_is_no_verdict(one: str, kind: str) -> None:
    with pytest.raises(NotImplementedError, match=kind):
        matched(one, {"f": 5})


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("a.b", ["x"]),
        ("a.c.d", [1, 2]),
        ("a{}.b", ["x"]),
        ("e.f", ["dotted"]),
        ("a", []),
        ("n", []),
        ("a.b.z", []),
        ("t", [1, 2]),
    ],
)
def test_values_at_a_path(path: str, values: list[object]) -> None:
    event = {"a": {"b": "x", "c": [{"d": 1}, {"d": [2]}]}, "e.f": "dotted", "n": None, "t": (1, [2])}
    assert field_values(event, path) == values
