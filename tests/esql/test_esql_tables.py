"""Commands of ES|QL over tables of our own: columns, their types and the rows, in order.

The meaning is that of the commands' pages (elastic.co/docs/reference/query-languages/esql/esql-commands) and of the
rules of docs/rules.md named at each part.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import converter
from converter.reference.esql.table import Table

LOGS = {
    "types": {"@timestamp": "date", "host": "keyword", "n": "integer", "tags": "keyword", "ip": "ip", "d": "double"},
    "rows": [
        {"@timestamp": "2024-01-01T00:00:00Z", "host": "a", "n": 3, "tags": ["x", "y"], "ip": "10.0.0.2", "d": 1},
        {"@timestamp": "2024-01-01T00:01:00Z", "host": "b", "n": 1, "tags": "x", "ip": "10.0.0.10", "d": 2.5},
        {"@timestamp": "2024-01-01T00:02:00Z", "host": "a", "n": 3, "tags": None, "ip": "2001:db8::1"},
        {"@timestamp": "2024-01-01T00:03:00Z", "host": None, "n": None, "tags": ["y", "z"]},
    ],
}
TABLES: dict[str, Any] = {
    "logs-a": LOGS,
    "logs-b": [{"host": "q", "n": 9, "ok": True}],
    "events": Table.of(
        {"v": "version", "p": "geo_point", "t": "text"},
        [
            {"v": "1.10.0", "p": "POINT (2.0 1.0)", "t": "one two"},
            {"v": "1.9.0", "p": "1,2", "t": "three"},
        ],
    ),
}


def rows(query: str) -> list[tuple[object, ...]]:
    return list(converter.esql(query, TABLES, now=0).rows)


AGGREGATES = [
    # Q05, Q39: values are counted, nulls skipped; what is whole stays whole.
    ("stats c = count(*), v = count(tags), s = sum(n), a = avg(n)", [(4, 5, 7, 7 / 3)]),
    ("stats lo = min(n), hi = max(n), m = median(n)", [(1, 3, 3.0)]),
    ("stats s = sum(d), i = min(ip), j = max(ip)", [(3.5, "10.0.0.2", "2001:db8::1")]),
    ("stats f = min(@timestamp)", [("2024-01-01T00:00:00.000Z",)]),
    (
        "where n > 100 | stats c = count(*), s = sum(n), a = avg(n), m = max(n), e = median(n), z = std_dev(n)",
        [(0, None, None, None, None, None)],
    ),
    ("stats z = std_dev(d)", [(0.75,)]),
    ("stats z = variance(d)", [(0.5625,)]),
    ("stats p = percentile(n, 50), q = percentile(n, 25), r = percentile(d, 100)", [(3.0, 2.0, 2.5)]),
    ("stats m = median_absolute_deviation(n), k = median_absolute_deviation(d)", [(0.0, 0.75)]),
    ("stats w = weighted_avg(n, d)", [((3 * 1 + 1 * 2.5) / 3.5,)]),
    ("stats s = mv_count(sample(tags, 2)), t = mv_count(sample(host, 9))", [(2, 3)]),
    (
        "where n > 100 | stats v = variance(d), p = percentile(n, 5), m = median_absolute_deviation(n), w = weighted_avg(n, d)",
        [(None, None, None, None)],
    ),
    ("stats c = count(*) by b = bucket(n, 2) | sort b", [(1, 0.0), (2, 2.0), (1, None)]),
    (
        "stats c = count(*) by t = bucket(@timestamp, 2 minutes) | sort t",
        [(2, "2024-01-01T00:00:00.000Z"), (2, "2024-01-01T00:02:00.000Z")],
    ),
    ("stats u = count_distinct(tags), v = values(tags)", [(3, ["x", "y", "z"])]),
    ("stats p = present(n), q = absent(n)", [(True, False)]),
    ("where host is null | stats p = present(n), q = absent(n)", [(False, True)]),
    # Q42
    ('stats t = top(n, 2, "desc"), l = top(n, 2)', [([3, 3], [1, 3])]),
    ("stats f = first(host, n), l = last(host, n)", [("b", "a")]),
    ("stats f = first(n, @timestamp), l = last(n, @timestamp)", [(3, None)]),
    # Q38
    ('stats a = count(*) where n > 1, b = sum(n) where host == "b"', [(2, 1)]),
    # Q05: null is a group; a key of several values puts the row into each.
    ("stats c = count(*) by host | sort host", [(2, "a"), (1, "b"), (1, None)]),
    ("stats c = count(*) by tags | sort tags", [(2, "x"), (2, "y"), (1, "z"), (1, None)]),
    ("stats c = count(*) by n, host | sort n, host", [(1, 1, "b"), (2, 3, "a"), (1, None, None)]),
    ("stats by host | sort host desc nulls last", [("b",), ("a",), (None,)]),
    ("stats x = max(n) - min(n), y = round(avg(n), 1)", [(2, 2.3)]),
    ("stats n = count(*) by n | sort n", [(1,), (3,), (None,)]),
    # Q43
    ("inline stats m = max(n) by host | sort @timestamp | keep host, m", [("a", 3), ("b", 1), ("a", 3), (None, None)]),
]


@pytest.mark.parametrize(("commands", "expected"), AGGREGATES)
def test_rows_of_stats(commands: str, expected: list[tuple[object, ...]]) -> None:
    assert rows(f"from logs-a | {commands}") == expected


COMMANDS = [
    # Q45
    ("from logs-a | sort n, host desc | keep n, host", [(1, "b"), (3, "a"), (3, "a"), (None, None)]),
    ("from logs-a | sort n desc | limit 2 | keep n", [(None,), (3,)]),
    ("from logs-a | sort ip | keep ip", [("10.0.0.2",), ("10.0.0.10",), ("2001:db8::1",), (None,)]),
    ("from logs-a | sort tags, @timestamp | keep tags", [(["x", "y"],), ("x",), (["y", "z"],), (None,)]),
    ("from logs-a | sort tags desc nulls last | keep tags | limit 1", [(["y", "z"],)]),
    ("from events | sort v | keep v", [("1.9.0",), ("1.10.0",)]),
    ("from events | sort v | keep p", [("POINT (2.0 1.0)",), ("POINT (2.0 1.0)",)]),
    ("from events | stats v = max(v)", [("1.10.0",)]),
    ('from events | where t == "one two" | keep t', [("one two",)]),
    # Q46
    (
        "from logs-a | mv_expand tags | sort @timestamp, tags | keep tags",
        [("x",), ("y",), ("x",), (None,), ("y",), ("z",)],
    ),
    # Q44
    ('from logs-a | rename host as h, h as k | where k == "b" | keep k, n', [("b", 1)]),
    ("from logs-b | rename n as host | keep host", [(9,)]),
    # Q36
    ("row a = 1, b = a + 1 | eval a = b * 2, c = a", [(2, 4, 4)]),
    # Q07, Q09: tables by pattern; what one table lacks is null there.
    ("from logs-* | where ok is null | stats c = count(*)", [(4,)]),
    ("from logs-*, -logs-a | keep n", [(9,)]),
    (
        "from logs-* metadata _index, _id, _version | where n == 1 or n == 9 | sort n | keep _index, _id, _version",
        [("logs-a", "1", 1), ("logs-b", "0", 1)],
    ),
    # Q15: a constant text beside a date, an address, a version or a truth value is read as one.
    ('from logs-a | where @timestamp > "2024-01-01T00:01:30Z" | stats c = count(*)', [(2,)]),
    ('from logs-a | where ip == "10.0.0.2" | keep host', [("a",)]),
    ('from logs-a | where ip < "10.0.0.9" | stats c = count(*)', [(1,)]),
    ('from events | where v > "1.9.5" | keep v', [("1.10.0",)]),
    ('from logs-b | where ok == "true" | keep n', [(9,)]),
    ('from logs-a | where @timestamp >= "2024-01-01T00:01:00Z"::datetime + 1 minute | stats c = count(*)', [(2,)]),
    ('row t = date_trunc("1 hour", "2024-05-15T13:47:09Z"::datetime)', [("2024-05-15T13:00:00.000Z",)]),
    # Q47
    ('row t = "1 - x [y]" | dissect t "%{a} - %{b} [%{c}]" | keep a, b, c', [("1", "x", "y")]),
    ('row t = "1 + x" | dissect t "%{a} - %{b}" | keep a, b', [(None, None)]),
    ('row t = "k: v" | dissect t "k: %{a}" | keep a', [("v",)]),
    ('row t = "K: v" | dissect t "k: %{a}" | keep a', [(None,)]),
    ('row t = "a   b" | dissect t "%{x->} %{y}" | keep x, y', [("a", "b")]),
    ('row t = "a b c" | dissect t "%{x} %{?skip} %{y}" | keep x, y', [("a", "c")]),
    ('row t = "a b" | dissect t "%{+x} %{+x}" append_separator="-" | keep x', [("a-b",)]),
    ('row t = "a b" | dissect t "%{+x/2} %{+x/1}" append_separator="-" | keep x', [("b-a",)]),
    ('row t = ["a 1", "b 2"] | dissect t "%{x} %{y}" | keep x, y', [(["a", "b"], ["1", "2"])]),
]


@pytest.mark.parametrize(("query", "expected"), COMMANDS)
def test_rows_of_commands(query: str, expected: list[tuple[object, ...]]) -> None:
    assert rows(query) == expected


GROK = [
    # Q48, and the library of patterns that the page names.
    ("12:34", "%{NUMBER:a:int}:%{NUMBER:b}", {"a": 12, "b": "34"}),
    ("x 1.5 y", "%{NUMBER:a:double}", {"a": 1.5}),
    ("x 77 y", "%{INT:a:long}", {"a": 77}),
    ("from 10.0.0.1 to 2001:db8::1", "from %{IP:a} to %{IP:b}", {"a": "10.0.0.1", "b": "2001:db8::1"}),
    ("user=jo end", "user=%{WORD:u}", {"u": "jo"}),
    ("nothing", "user=%{WORD:u}", {"u": None}),
    ("a1 b2", "(?<p>[a-z])(?<q>\\d) (?<p>[a-z])", {"p": ["a", "b"], "q": "1"}),
    ("AbC", "(?<p>(?i)abc)", {"p": "AbC"}),
    ("AbC", "(?i:ABC)(?<p>.*)", {"p": ""}),
    ("a]b", "a(?<p>[]x])b", {"p": "]"}),
    ("a-b", "a(?<p>[^]x])b", {"p": "-"}),
    ("ab12", "(?<p>[[:alpha:]]+)(?<q>[[:digit:]]+)", {"p": "ab", "q": "12"}),
    ("fF0g", "(?<p>\\h+)", {"p": "fF0"}),
    ("fF0g", "(?<p>[\\hg]+)", {"p": "fF0g"}),
    ("abc", "a(?#note)(?<p>b)(?=c)", {"p": "b"}),
    ("ab\ncd", "(?m)a(?<p>.*)d", {"p": "b\nc"}),
    ("aaa", "(?:a)(?<p>a+?)", {"p": "a"}),
    ("(x)", "\\((?<p>[^)]*)\\)", {"p": "x"}),
    ("a~~b|&", "a(?<p>[~~b||&]+)", {"p": "~~b|&"}),
]


@pytest.mark.parametrize(("text", "pattern", "expected"), GROK)
def test_columns_of_grok(text: str, pattern: str, expected: dict[str, object]) -> None:
    names = ", ".join(expected)
    made = converter.esql(f'row t = {json.dumps(text)} | grok t """{pattern}""" | keep {names}', {})
    assert made.records() == [expected]


@pytest.mark.parametrize(
    "pattern",
    [
        "%{NOSUCH:a}",
        "%{WORD:a:date}",
        "(?<a>[a-c&&[b]])",
        "(?<a>[+--])",
        "(?<a>[a",
        "(?<a>x)\\k<a>",
        "(?<a>x",
        "(?~x)",
        "(?<a>x)\\",
    ],
)
def test_error_of_grok(pattern: str) -> None:
    """What Elasticsearch refuses, or no Python expression says."""
    with pytest.raises(converter.UnsupportedQueryError) as found:
        converter.esql(f'row t = "x" | grok t """{pattern}"""', {})
    assert "Q031" in {d.code for d in found.value.diagnostics}


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        # Q37: aggregates, then keys; Q39: what a sum of whole numbers is
        ("from logs-a | stats c = count(*), s = sum(n), a = avg(n) by host", "c:long s:long a:double host:keyword"),
        ("from logs-a | keep d, *, host", "d:double @timestamp:date n:integer tags:keyword ip:ip host:keyword"),
        ("from logs-a | drop t*, n | drop @*", "host:keyword ip:ip d:double"),
        ("from logs-a | keep h*, n, d | rename n as m", "host:keyword m:integer d:double"),
        ("from logs-b | eval n = n + 0.5", "host:keyword ok:boolean n:double"),
        ("from logs-b", "host:keyword n:long ok:boolean"),
    ],
)
def test_columns_of_a_result(query: str, columns: str) -> None:
    made = converter.esql(query, TABLES)
    assert " ".join(f"{c.name}:{c.type}" for c in made.columns) == columns


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from nowhere | limit 1", "Q033"),
        ("from logs-a | where nosuch == 1", "Q020"),
        ("from logs-a | keep nosuch", "Q020"),
        ("from logs-a | drop nosuch", "Q020"),
        ("from logs-a | rename nosuch as x", "Q020"),
        ("from logs-a | mv_expand nosuch", "Q020"),
        ("from logs-a | stats n", "Q025"),
        ("from logs-a | stats x = 1 + 1", "Q025"),
        ("from logs-a | stats x = sum(n) + d", "Q025"),
        ("from logs-a | stats x = sum(*)", "Q023"),
        ("from logs-a | stats x = sum(n, d)", "Q023"),
        ("from logs-a | stats x = top(n, 0)", "Q026"),
        ('from logs-a | stats x = top(n, 1, "up")', "Q026"),
        ("from logs-a | limit 1 by host", "Q032"),
        ("from logs-a | enrich policy on host with x", "Q033"),
        ("from logs-a | lookup join other on host", "Q033"),
        ("from logs-a | change_point n on @timestamp", "Q032"),
        ("from logs-a | sample 0.1", "Q032"),
        ("from logs-a | fork (where n > 1) (where n < 1)", "Q032"),
        ("from logs-a | stats c = count(*) by categorize(host)", "Q024"),
        ("from logs-a | eval b = bucket(n)", "Q023"),
        ("from logs-a | where 1 day < 2 days", "Q021"),
    ],
)
def test_error_of(query: str, code: str) -> None:
    with pytest.raises(converter.UnsupportedQueryError) as found:
        converter.esql(query, TABLES)
    assert code in {d.code for d in found.value.diagnostics}


def test_error_of_no_sentence_names_its_place() -> None:
    with pytest.raises(converter.QuerySyntaxError) as found:
        converter.esql("from logs-a | wher n > 1", TABLES)
    (diagnostic,) = found.value.diagnostics
    assert diagnostic.code == "Q012"
    assert diagnostic.span is not None
    assert diagnostic.span.start == len("from logs-a | ")
