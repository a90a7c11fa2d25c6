"""What Sigma's searches, modifiers and conditions find, by the specification: events that match and that do not.

The log source is none that the taxonomy knows, so that fields keep their names.
"""

from __future__ import annotations

import base64

import pytest

from converter import api
from converter.diagnostics import Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.model.predicate import And, InNetwork, Like, Not, OneOf
from converter.model.rule import Match, Rule
from converter.readers.sigma.document import Document


def rule_of(detection: str, source: str = "{product: acme}") -> Rule:
    indented = "\n".join(f"    {line}" for line in detection.strip("\n").splitlines())
    return api.parse_rule(f"title: A Rule\nlogsource: {source}\ndetection:\n{indented}\n", "a.yml")


def item(text: str) -> Rule:
    return rule_of(f"selection:\n    {text}\ncondition: selection")


WIDE = base64.b64encode(b"xx" + "ping".encode("utf-16-le")).decode()

CASES = [
    ("f: cmd.exe", ["cmd.exe", "CMD.EXE"], ["cmd.exe ", "xcmd.exe", None, ""]),
    ("f: 'C:\\a*c?d'", ["C:\\abcxd", "c:\\acxd"], ["C:\\acd"]),
    ("f: 'a\\*b'", ["a*b"], ["axb"]),
    ("f: 'a\\\\*b'", ["a\\xb", "a\\b"], ["a*b"]),
    ("f: 'C:\\dir\\'", ["C:\\dir\\"], ["C:\\dir"]),
    ("f|contains: who", ["xWHOami"], ["wh", None]),
    ("f|startswith: who", ["WHOami"], ["xwho"]),
    ("f|endswith: ami", ["whoAMI"], ["amix"]),
    ("f|contains: [a, b]", ["xa", "b"], ["c"]),
    ("f|contains|all: [a, b]", ["ab", "b-A"], ["a", "b"]),
    ("f|cased: Cmd", ["Cmd"], ["cmd"]),
    ("f|cased|contains: Cmd", ["xCmd"], ["xcmd"]),
    ("f|contains|cased: Cmd", ["xCmd"], ["xcmd"]),
    ("f|re: 'a.c'", ["xabcx"], ["a\nc", "xABCx"]),
    ("f|re|s: 'a.c'", ["a\nc"], ["ac"]),
    ("f|re|i: '^a[b-d]$'", ["AB", "ad"], ["xab", "abx"]),
    ("f|re: '(?i)^(foo|bar)\\s+\\d{2,3}'", ["FOO  12x", "bar 123"], ["foo12", "xfoo 12"]),
    ("f|re: 'a|^b$'", ["xa", "b"], ["bb"]),
    ("f|re|i: '^^(a|b)$$'", ["A", "b"], ["xa", "ab"]),
    ("f|re: '^[a~~b||c&&]$'", ["a", "~", "|", "&"], ["x", "ab"]),  # of which Python warns
    ("f|cidr: 10.0.0.0/8", ["10.1.2.3"], ["11.0.0.1", "x"]),
    ("f|cidr: 'fd00::/8'", ["fd12::1"], ["fe80::1"]),
    ("f|exists: true", ["x", ""], [None]),
    ("f|exists: false", [None], ["x"]),
    ("f: null", [None], ["", "x"]),
    ("f: ''", [""], [None, "x"]),
    ("f: 5", ["5", 5], ["50", "05"]),
    ("f: true", ["true", "True", True], ["false"]),
    ("f|gt: 5", [6, "7"], [5, "4", None]),
    ("f|gte: 5", [5], [4]),
    ("f|lt: 5", [4], [5]),
    ("f|lte: 5", [5], [6]),
    ("f|neq: a", ["b", None], ["a", "A"]),
    ("f|neq: [a, b]", ["c"], ["a", "b"]),
    ("f|windash|contains: ' -x '", ["a -x b", "a /x b", "a \u2013x b", "a \u2014x b", "a \u2015x b"], ["a x b"]),
    ("f|base64: foobar", [base64.b64encode(b"foobar").decode()], ["foobar"]),
    (
        "f|base64offset|contains: foobar",
        [base64.b64encode(b"x" * n + b"foobar").decode() for n in range(3)],
        ["foobar"],
    ),
    ("f|wide|base64offset|contains: ping", [WIDE], ["ping"]),
    ("f|utf16le|base64offset|contains: ping", [WIDE], ["ping"]),
    ("f: [a, null]", ["a", None], ["b"]),
    ("f|re: 5", ["x5"], ["x"]),
    ("f: '*'", ["x", ""], [None]),
]


@pytest.mark.parametrize(("text", "found", "missed"), CASES, ids=[text for text, _, _ in CASES])
def test_an_item_finds(text: str, found: list[object], missed: list[object]) -> None:
    rule = item(text)
    assert api.evaluate(rule, [_event(value) for value in found]) == [True] * len(found)
    assert api.evaluate(rule, [_event(value) for value in missed]) == [False] * len(missed)


def _event(value: object) -> dict[str, object]:
    return {"other": "x"} if value is None else {"f": value}


CONDITIONS = [
    ("a and b", {"a": True, "b": True}, {"a": True}),
    ("a or b", {"b": True}, {}),
    ("not a", {}, {"a": True}),
    ("a or b and not c", {"a": True, "c": True}, {"b": True, "c": True}),
    ("(a or b) and c", {"a": True, "c": True}, {"a": True}),
    ("1 of them", {"c": True}, {"_d": True}),
    ("any of them", {"c": True}, {}),
    ("all of them", {"a": True, "b": True, "c": True}, {"a": True, "b": True}),
    ("1 of a*", {"a": True}, {"b": True}),
    ("all of *", {"a": True, "b": True, "c": True, "_d": True}, {"a": True, "b": True, "c": True}),
    ("NOT a AND b", {"b": True}, {"a": True, "b": True}),
    ("not 1 of _*", {"a": True}, {"_d": True}),
    ("[a and b, c]", {"c": True}, {"a": True}),
]


@pytest.mark.parametrize(("condition", "found", "missed"), CONDITIONS, ids=[one for one, _, _ in CONDITIONS])
def test_a_condition_finds(condition: str, found: dict[str, bool], missed: dict[str, bool]) -> None:
    searches = "\n".join(f"{name}: {{{name.strip('_')}: 1}}" for name in ("a", "b", "c", "_d"))
    rule = rule_of(f"{searches}\ncondition: {condition}")
    events = [{name.strip("_"): "1" for name in case} for case in (found, missed)]
    assert api.evaluate(rule, events) == [True, False]


def test_lists_of_maps_are_alternatives() -> None:
    rule = rule_of("selection:\n    - a: 1\n      b: 2\n    - c: 3\ncondition: selection")
    assert api.evaluate(rule, [{"a": "1", "b": "2"}, {"c": "3"}, {"a": "1"}]) == [True, True, False]


def test_keywords_are_looked_for_in_the_whole_event() -> None:
    rule = rule_of("keywords:\n    - event::clear\n    - 'a*b'\ncondition: keywords")
    texts = ["x EVENT::clear y", "xaxxbx", "event clear"]
    assert api.evaluate(rule, [{"event.original": text} for text in texts]) == [True, True, False]
    assert {str(d.code) for d in rule.notes if d.severity is Severity.NOTE} == {"S014", "S015"}


def test_all_keywords_are_looked_for() -> None:
    rule = rule_of("keywords:\n    '|all': [one, two]\ncondition: keywords")
    assert api.evaluate(rule, [{"event.original": text} for text in ("two and one", "one")]) == [True, False]


@pytest.mark.parametrize(
    ("search", "found", "missed"),
    [
        ("[4624]", "logon 4624", "logon 4625"),
        ("{'|re': 'a.c'}", "xabcx", "xABCx"),
        ("whoami", "C:\\WhoAmI.exe", "who"),
    ],
)
def test_what_is_looked_for_in_the_whole_event(search: str, found: str, missed: str) -> None:
    rule = rule_of(f"keywords: {search}\ncondition: keywords")
    assert api.evaluate(rule, [{"event.original": text} for text in (found, missed)]) == [True, False]


@pytest.mark.parametrize(
    ("search", "found", "missed"),
    [
        ("process.code_signature.exists: 'True'", {"process.code_signature.exists": True}, {}),
        ("process.pid|gt: 5", {"process.pid": 6}, {"process.pid": 5}),
        ("process.pid: '*'", {"process.pid": 0}, {}),
        ("host.ip|cidr: 10.0.0.0/8", {"host.ip": "10.1.2.3"}, {"host.ip": "11.1.2.3"}),
    ],
)
def test_elastics_own_fields_hold_what_elastic_keeps_there(
    search: str, found: dict[str, object], missed: dict[str, object]
) -> None:
    assert api.evaluate(item(search), [found, missed]) == [True, False]


def test_two_fields_are_compared() -> None:
    rule = item("a|fieldref: b")
    assert api.evaluate(rule, [{"a": "x", "b": "x"}, {"a": "x", "b": "y"}, {"a": "x"}]) == [True, False, False]


def test_the_beginning_of_an_address_is_a_network() -> None:
    rule = rule_of("selection:\n    DestinationIp|startswith: '10.1.'\ncondition: selection",
                   "{product: windows, category: network_connection}")  # fmt: skip
    assert isinstance(rule.detection, Match)
    assert isinstance(rule.detection.where, And)
    (leaf,) = [one for one in rule.detection.where.terms if isinstance(one, InNetwork)]
    assert leaf.networks == ("10.1.0.0/16",)


def test_a_log_source_says_which_events() -> None:
    rule = rule_of("selection:\n    Image|endswith: '\\a.exe'\n    ParentImage: null\ncondition: selection",
                   "{product: windows, category: process_creation}")  # fmt: skip
    assert isinstance(rule.detection, Match)
    where = rule.detection.where
    assert isinstance(where, And)
    named = [one.field.path for one in where.terms if isinstance(one, OneOf | Like)]
    assert named == ["host.os.type", "event.category", "event.type", "process.executable"]
    (missing,) = [one for one in where.terms if isinstance(one, Not)]
    assert str(missing).count("process.parent.executable") == 1
    assert rule.meta.index[0] == "logs-endpoint.events.process-*"


def test_placeholders_stand_for_the_users_values() -> None:
    known = api.catalogue().with_tables((), {"Admins": ("adm_*", "root")})
    text = (
        "title: A Rule\nlogsource: {product: acme}\ndetection:\n"
        "    selection: {f|expand: 'x\\%%Admins%'}\n    condition: selection\n"
    )
    rule = api.parse_rule(text, "a.yml", known)
    assert api.evaluate(rule, [{"f": "x%adm_1"}, {"f": "x%ROOT"}, {"f": "x%Admins%"}]) == [True, True, False]


def test_placeholders_in_an_expression_stand_for_expressions() -> None:
    known = api.catalogue().with_tables((), {"Admins": ("adm.", "root")})
    text = (
        "title: A Rule\nlogsource: {product: acme}\ndetection:\n"
        "    selection: {f|re|expand: '^%Admins%$'}\n    condition: selection\n"
    )
    rule = api.parse_rule(text, "a.yml", known)
    assert api.evaluate(rule, [{"f": "adm1"}, {"f": "root"}, {"f": "adm"}]) == [True, True, False]


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2"])
def test_error_a_text_that_is_no_document(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        Document(text)
    assert [d.span is not None for d in caught.value.diagnostics] == [True]


def test_error_a_document_that_is_too_long() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        Document("#" * (LONGEST_QUERY + 1))
    assert [(str(d.code), d.message) for d in caught.value.diagnostics] == [
        ("S003", f"the document has {LONGEST_QUERY + 1:,} characters")
    ]
