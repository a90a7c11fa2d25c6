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
