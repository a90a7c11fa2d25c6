"""Functions and commands of SPL on what Splunk's pages say of the edges: NULL, several values, numbers as text.

Functions: help.splunk.com, spl-search-reference/10.0/evaluation-functions; commands: .../search-commands.
"""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import SplError, run


def value(expression: str, event: dict[str, Any] | None = None, **options: Any) -> object:
    (row,) = run(f"* | eval result={expression}", [event or {}], **options)
    return row.get("result")


MANY = {"m": ["b", "a", "b"]}


@pytest.mark.parametrize(
    ("expression", "event", "expected"),
    [
        # mathematical functions
        ("abs(-5)", {}, 5),
        ("ceiling(1.9)", {}, 2),
        ("floor(1.9)", {}, 1),
        ("round(3.5)", {}, 4),
        ("round(2.555, 2)", {}, 2.56),
        ("round(-2.5)", {}, -3),
        ("round(x)", {"x": "none"}, None),
        ("exp(0)", {}, 1),
        ("exp(1000)", {}, None),
        ("ln(0)", {}, None),
        ("sqrt(9)", {}, 3),
        ("sqrt(-1)", {}, None),
        ("sqrt(x)", {"x": "none"}, None),
        ("log(100)", {}, 2),
        ("log(8, 2)", {}, 3),
        ("log(0)", {}, None),
        ("log(8, 1)", {}, None),
        ("pow(2, 10)", {}, 1024),
        ("pow(-8, 0.5)", {}, None),
        ("pow(10, 1000)", {}, None),
        ("pow(x, 2)", {"x": "none"}, None),
        # statistical eval functions
        ('max(1, 3, 6, 7, "foo")', {}, "foo"),
        ('min(1, 3, 6, 7, "foo")', {}, 1),
        ("max(x)", {}, None),
        ('sum(1, "2", "x")', {}, 3),
        ('sum("x")', {}, None),
        ("avg(1, 2)", {}, 1.5),
        ('avg("x")', {}, None),
        # conversion functions
        ('tonumber("0A4", 16)', {}, 164),
        ('tonumber("zz", 16)', {}, None),
        ("tonumber(x)", {}, None),
        ('tonumber("x")', {}, None),
        ('tostring(15, "hex")', {}, "0xF"),
        ('tostring(12345.6789, "commas")', {}, "12,345.68"),
        ('tostring(615, "duration")', {}, "00:10:15"),
        ('tostring(86401, "duration")', {}, "1+00:00:01"),
        ('tostring("x", "hex")', {}, None),
        ('tostring(x, "hex")', {}, None),
        ('printf("%04.1f|%s|%d%%", 1.25, "a", 7)', {}, "01.2|a|7%"),
        ('printf("%s-%s", "a")', {}, "a-"),
        ('printf("%x", 255)', {}, "ff"),
        # text functions
        ('substr("string", 1, 3)', {}, "str"),
        ('substr("string", -3)', {}, "ing"),
        ('split("a;b;c", ";")', {}, ["a", "b", "c"]),
        ('split("abc", "")', {}, ["a", "b", "c"]),
        ('trim("  ZZZZabcZZ ", " Z")', {}, "abc"),
        ('ltrim(" ZZabcZ ", " Z")', {}, "abcZ "),
        ('rtrim(" ZabcZZ ", " Z")', {}, " Zabc"),
        ('urldecode("http%3A%2F%2Fwww")', {}, "http://www"),
        (r"replace(\"1/14/2023\", \"^(\d{1,2})/(\d{1,2})/\", \"\2/\1/\")".replace('\\"', '"'), {}, "14/1/2023"),
        ('replace("abc", "x*", "-")', {}, "-a-b-c-"),
        # cryptographic functions
        ('md5("Hello World!")', {}, "ed076287532e86365e841e92bfc50d8c"),
        ('sha1("abc")', {}, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        # multivalue eval functions
        ("mvcount(m)", MANY, 3),
        ("mvdedup(m)", MANY, ["b", "a"]),
        ("mvsort(m)", MANY, ["a", "b", "b"]),
        ("mvindex(m, 1)", MANY, "a"),
        ("mvindex(m, -1)", MANY, "b"),
        ("mvindex(m, 0, 1)", MANY, ["b", "a"]),
        ("mvindex(m, 5)", MANY, None),
        ("mvindex(m, 1, 0)", MANY, None),
        ('mvindex(m, "x")', MANY, None),
        ('mvjoin(m, "-")', MANY, "b-a-b"),
        ('mvzip(m, m, ":")', MANY, ["b:b", "a:a", "b:b"]),
        ("mvrange(1, 11, 2)", {}, [1, 3, 5, 7, 9]),
        ("mvrange(1, 4)", {}, [1, 2, 3]),
        ("mvrange(1, 4, 0)", {}, None),
        ('mvrange(1, "x")', {}, None),
        ("mvfind(m, x)", MANY, None),
        ('mvmap(m, m."1")', MANY, ["b1", "a1", "b1"]),
        ('mvappend("a", m)', MANY, ["a", "b", "a", "b"]),
        # informational and comparison functions
        ("typeof(12)", {}, "Number"),
        ('typeof("string")', {}, "String"),
        ("typeof(1==2)", {}, "Boolean"),
        ("typeof(badfield)", {}, "Invalid"),
        ("nullif(a, b)", {"a": "1", "b": "1"}, None),
        ("nullif(a, b)", {"a": "1", "b": "2"}, "1"),
        ('if(isint(6), "y", "n")', {}, "y"),
        ('if(isint(6.5), "y", "n")', {}, "n"),
        ('if(isnum("x"), "y", "n")', {}, "n"),
        ('if(isstr("x"), "y", "n")', {}, "y"),
        ('if(json_valid("{}"), "y", "n")', {}, "y"),
        ('if(json_valid("{"), "y", "n")', {}, "n"),
        # JSON functions
        ('json_extract(j, "a.b")', {"j": '{"a": {"b": 1}}'}, "1"),
        ('json_extract(j, "l{1}")', {"j": '{"l": [1, true, "x"]}'}, "true"),
        ('json_extract(j, "l{}")', {"j": '{"l": [1, true, "x"]}'}, ["1", "true", "x"]),
        ('json_extract(j, "l{5}")', {"j": '{"l": [1]}'}, None),
        ('json_extract(j, "a")', {"j": "no json"}, None),
        # eval: + of text joins, of text and number is nothing; - * / % of numbers
        ('"a" + "b"', {}, "ab"),
        ('"a" + 1', {}, None),
        ("5 % 3", {}, 2),
        ("5 / 0", {}, None),
        ("+5", {}, 5),
        ("-x", {"x": "5"}, -5),
        ('"a".1', {}, "a1"),
    ],
)  # fmt: skip
def test_value(expression: str, event: dict[str, Any], expected: object) -> None:
    assert value(expression, event) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("max(1==1)", "max() cannot take a boolean"),
        ("mvcount(1==1)", "mvcount() cannot take a boolean"),
        ('substr("abc", 0)', "substr() counts from 1"),
        ('substr("abc", 1, -1)', "substr() with a negative length is undocumented"),
        ('substr("abc", "x")', "is not a number"),
        ('tostring(5, "octal")', "tostring() knows no format octal"),
        ('mvzip(m, "a")', "mvzip() over fields of different length is undocumented"),
        ('mvmap("a", 1)', "mvmap() takes a field and an expression"),
        ('mvfilter(a=="1" OR b=="2")', "must name exactly one field"),
    ],
)  # fmt: skip
def test_error_undocumented(expression: str, message: str) -> None:
    with pytest.raises(SplError) as caught:
        value(expression, MANY)
    assert message in caught.value.message


PLACES: list[dict[str, Any]] = [
    {"id": 1, "host": "a", "n": 1, "nx": 10, "tags": ["x", "y", "x"], "_time": 10},
    {"id": 2, "host": "b", "n": 3, "nx": 30, "_time": 20},
    {"id": 3, "host": "a", "n": 5, "_time": 40},
    {"id": 4, "host": "b"},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # stats: wildcards of a function's field, several values of a group field, variance, percentiles, times
        ("* | stats sum(n*)", [{"sum(n)": 9, "sum(nx)": 40}]),
        ("* | stats sum(n*) AS total_n*", [{"total_n": 9, "total_nx": 40}]),
        ("* | stats max(id) AS top by tags | sort tags", [{"tags": "x", "top": 1}, {"tags": "y", "top": 1}]),
        ("* | stats count by tags | sort tags", [{"tags": "x", "count": 2}, {"tags": "y", "count": 1}]),
        ("* | stats dedup_splitvals=true count by tags | sort tags", [{"tags": "x", "count": 1}, {"tags": "y", "count": 1}]),
        ("* | stats var(n) varp(n) stdevp(m)", [{"var(n)": 4, "varp(n)": 2.6666666666666665}]),
        ("* | stats perc50(n) median(n) perc99(m)", [{"perc50(n)": 3, "median(n)": 3}]),
        ("* | stats earliest(host) latest(n) earliest_time(n) latest_time(m)",
         [{"earliest(host)": "a", "latest(n)": "5", "earliest_time(n)": 10}]),
        ("* | where id==4 | stats earliest(host) count", [{"count": 1}]),
        # streamstats: windows of events and of time, max and min over them
        ("* | sort id | streamstats window=2 max(n) AS m | table m", [{"m": 1}, {"m": 3}, {"m": 5}, {"m": 5}]),
        ("* | sort id | streamstats max(n) AS m min(n) AS l | table m l",
         [{"m": 1, "l": 1}, {"m": 3, "l": 1}, {"m": 5, "l": 1}, {"m": 5, "l": 1}]),
        ("* | where id<4 | sort 0 - _time | streamstats time_window=10s count AS c | table id c",
         [{"id": "3", "c": 1}, {"id": "2", "c": 1}, {"id": "1", "c": 2}]),
        # table, fields, rename with wildcards; bin of numbers
        ("* | head 1 | table id n*", [{"id": "3", "n": "5"}]),
        ("* | where id==1 | rename n* AS m* | table m mx", [{"m": "1", "mx": "10"}]),
        ("* | where id==2 | bin n span=2 AS b | table b", [{"b": "2-4"}]),
        ("* | where id==4 | bin n span=2 AS b | table id b", [{"id": "4"}]),
        # rex: every match, a group that took no part, no match
        ('* | where id==1 | eval t="a1b2" | rex field=t "(?<l>[a-z])(?<d>\\d)(?<z>z)?" max_match=0 | table l d z',
         [{"l": ["a", "b"], "d": ["1", "2"]}]),
        ('* | where id==1 | rex field=host "(?<q>z)" | table id q', [{"id": "1"}]),
        # append, union, multisearch, join, foreach
        ("* | where id==1 | table id | append [search id=2 | table id]", [{"id": "1"}, {"id": "2"}]),
        ("* | where id==1 | table id | union [search id=2 | table id]", [{"id": "1"}, {"id": "2"}]),
        ("* | where id<3 | join host [search n=5 | fields host nx n] | table id n", [{"id": "1", "n": "5"}]),
        ("* | where id==1 | foreach n nx [eval <<FIELD>>=<<FIELD>>+1] | table n nx", [{"n": 2, "nx": 11}]),
        ("* | where id==1 | spath input=host | table id", [{"id": "1"}]),
        ('* | where id==1 | eval j="{\\"a\\": {\\"b\\": [1, null, true]}}" | spath input=j | table a.b{}',
         [{"a.b{}": ["1", "true"]}]),
        ("| makeresults count=2 | table _time | stats count", [{"count": 2}]),
        # mvfilter, in(), arithmetic over several values
        ('* | where id==1 | eval t=mvfilter(tags=="x") | table t', [{"t": ["x", "x"]}]),
        ('* | where in(host, "a") | stats count', [{"count": 2}]),
        ("* | where id==4 AND in(n, 1) | stats count", [{"count": 0}]),
        # comments and the time of a search
        ("* ```all of them``` | stats count", [{"count": 4}]),
    ],
)  # fmt: skip
def test_rows(query: str, expected: list[dict[str, object]]) -> None:
    assert run(query, PLACES) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("* | stats var()", "var"),
        ("* | stats sum(n) by host [search a=1]", "nothing but options may follow"),
        ("`no_such_macro`", "unknown macro"),
        ("* | `no_such_macro`", "unknown macro"),
        ("* | bin n", "bin is supported with span= only"),
        ('* | rex mode=sed field=host "s/a/b/2"', "replacing only the n-th match is not supported"),
        ('* | rex mode=sed field=host "y/a/b/"', "only s/pattern/replacement/flags is supported"),
        ('* | rex field=host "a"', "the pattern of rex names no group"),
        ('* | rex field=host offset_field=o "(?<a>a)"', "rex is supported with field=, max_match= and mode=sed only"),
        ("* | foreach n [eval a=1 ] b]", "unexpected text"),
        ("earliest>5", "earliest takes = only"),
        ("host=a [search id=1 | table host | format maxresults=1]", "format is supported without options only"),
        ('* | eval a=replace(host, "(?U)a", "")', "the flags U and J are not supported"),
        ('* | eval a=replace(host, "(a", "")', "a parenthesis is never closed"),
        ('* | eval a=replace(host, "[\\\\R]", "")', "invalid regular expression: unknown escape"),
        ("* | spath input=long", "reads the first 5,000 characters only"),
    ],
)  # fmt: skip
def test_error_is_named(query: str, message: str) -> None:
    with pytest.raises(SplError) as caught:
        run(query, [*PLACES, {"id": 5, "long": "x" * 5001}])
    assert message in caught.value.message


def test_macros_that_expand_without_end_are_refused() -> None:
    with pytest.raises(SplError, match="macros expand without end"):
        run("`a`", PLACES, macros={"a": "`a`"})


def test_macro_takes_as_many_arguments_as_it_names() -> None:
    macros = {"of(a)": "host=$a$", "of(a,b)": 'host=$a$ id="$b$"', "plain": "id=4"}
    assert [row["id"] for row in run("`of(a)`", PLACES, macros=macros)] == ["3", "1"]
    assert [row["id"] for row in run('`of("a", 3)`', PLACES, macros=macros)] == ["3"]
    assert [row["id"] for row in run("`plain`", PLACES, macros=macros)] == ["4"]
    with pytest.raises(SplError, match="unknown macro"):
        run("`of(a, 3, 5)`", PLACES, macros=macros)
