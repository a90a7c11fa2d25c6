"""Eval functions, against the examples of Splunk's pages where there are some."""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import Reading, SplError, run


def value(expression: str, event: dict[str, Any] | None = None, **options: Any) -> object:
    (row,) = run(f"* | eval result={expression}", [event or {}], **options)
    return row.get("result")


def holds(condition: str, event: dict[str, Any] | None = None, **options: Any) -> bool:
    return bool(run(f"* | where {condition}", [event or {}], **options))


@pytest.mark.parametrize(
    ("cidr", "ip", "expected"),
    [
        # Comparison and conditional functions, cidrmatch examples, IPv4 and IPv6.
        ("123.132.32.0/25", "123.132.32.12", True),
        ("123.132.32.0/25", "123.132.32.200", False),
        ("192.0.2.0/24", "192.0.2.56", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("2001:0db8:ffff:ffff:ffff:ffff:ffff:ff00/120", "2001:0db8:ffff:ffff:ffff:ffff:ffff:ff99", True),
        ("2001:0db8:ffff:ffff:ffff:ffff:ffff:ff00/120", "2001:db8:ffff:ffff:ffff:ffff:ffff:fe99", False),
        ("fe80::/10", "FE80:0:0:0:0:0:0:1", True),
        ("10.0.0.0/8", "fe80::1", False),
        ("10.0.0.0/8", "nonsense", False),
        ("10.0.0.1/32", "10.0.0.1", True),
    ],
)
def test_cidrmatch(cidr: str, ip: str, *, expected: bool) -> None:
    assert holds(f'cidrmatch("{cidr}", ip)', {"ip": ip}) is expected


def test_cidrmatch_of_a_bad_address_by_reading() -> None:
    assert holds('NOT cidrmatch("10.0.0.0/8", ip)', {"ip": "x"})
    assert not holds(
        'NOT cidrmatch("10.0.0.0/8", ip)', {"ip": "x"}, reading=Reading(cidr_bad_address="null", not_null="null")
    )


EMAILS = {"email": ["buttercup@example.net", "rarity@example.com", "mac@example.org", "alias@example.com"]}


@pytest.mark.parametrize(
    ("expression", "event", "expected"),
    [
        # Multivalue eval functions.
        (
            r'mvfilter(match(email, "\.net$") OR match(email, "\.org$"))',
            EMAILS,
            [EMAILS["email"][0], EMAILS["email"][2]],
        ),
        (r'mvfilter(email!="mac@example.org")', EMAILS, [EMAILS["email"][0], EMAILS["email"][1], EMAILS["email"][3]]),
        (r'mvfilter(match(email, "nowhere"))', EMAILS, None),
        (r'mvfilter(match(email, "x"))', {}, None),
        (r'mvcount(mvfilter(match(email, "com$")))', EMAILS, 2),
        (r'mvfind(email, "example\.org")', EMAILS, 2),
        (r'mvfind(email, "^mac")', EMAILS, 2),
        (r'mvfind(email, "^example")', EMAILS, None),
        (r'mvfind(f, "a")', {"f": "bca"}, 0),
        (r'mvfind(f, "a")', {}, None),
        ("mvcount(email)", EMAILS, 4),
        ("mvcount(f)", {"f": "one"}, 1),
        ("mvcount(f)", {}, None),
        ("mvindex(email, 1)", EMAILS, "rarity@example.com"),
        ("mvindex(email, -1)", EMAILS, "alias@example.com"),
        ("mvindex(email, 1, 2)", EMAILS, EMAILS["email"][1:3]),
        ("mvindex(email, 9)", EMAILS, None),
        ("mvindex(email, -9)", EMAILS, None),
        ('mvjoin(f, ";")', {"f": ["a", "b"]}, "a;b"),
        ("mvmap(f, f*10)", {"f": [1, 2]}, [10, 20]),
        ("mvmap(f, f*m)", {"f": [1, 2], "m": 3}, [3, 6]),
        ("mvmap(f, if(f>1, f, null()))", {"f": [1, 2]}, "2"),
        ("mvmap(f, 1)", {}, None),
        ('mvappend(a, mvappend(b, "z"), c)', {"a": "x", "b": ["y", "w"]}, ["x", "y", "w", "z"]),
        ("mvappend(a, b)", {}, None),
        ("mvdedup(f)", {"f": ["b", "a", "b"]}, ["b", "a"]),
        ("mvsort(f)", {"f": ["b", "10", "9"]}, ["10", "9", "b"]),
        ("mvzip(a, b)", {"a": ["1", "2"], "b": ["x", "y"]}, ["1,x", "2,y"]),
        ('mvzip(a, b, "|")', {"a": ["1"], "b": ["x"]}, "1|x"),
        ("mvrange(1, 11, 2)", {}, [1, 3, 5, 7, 9]),
        ('split("1;2;3", ";")', {}, ["1", "2", "3"]),
        ('split("abc", "")', {}, ["a", "b", "c"]),
        # Text functions.
        ('substr("string", 1, 3)', {}, "str"),
        ('substr("string", -3)', {}, "ing"),
        ('substr("string", 4)', {}, "ing"),
        ('substr("string", 9)', {}, ""),
        ("len(f)", {"f": "häß"}, 3),
        ("lower(f)", {"f": "ABC"}, "abc"),
        ("lower(f)", {"f": ["A", "B"]}, ["a", "b"]),
        ("upper(f)", {"f": "abc"}, "ABC"),
        ('trim("  ZZZabcZZ ", " Z")', {}, "abc"),
        ('ltrim("  ZZZabcZZ ", " Z")', {}, "abcZZ "),
        ('rtrim("  x ")', {}, "  x"),
        (r'replace("1/14/2023", "^(\d{1,2})/(\d{1,2})/", "\2/\1/")', {}, "14/1/2023"),
        ('replace("aXbX", "X", "-")', {}, "a-b-"),
        ('replace("abc", "", "-")', {}, "-a-b-c-"),
        ('replace("abc", "z", "-")', {}, "abc"),
        ('urldecode("http%3A%2F%2Fwww.splunk.com%2F")', {}, "http://www.splunk.com/"),
        # Conversion.
        ('tonumber("0A4", 16)', {}, 164),
        ('tonumber("12.50")', {}, 12.5),
        ("tonumber(f)", {"f": "x"}, None),
        ("tonumber(f)", {"f": ["1", "x", "3"]}, [1, 3]),
        ('tostring(15, "hex")', {}, "0xF"),
        ('tostring(12345.6789, "commas")', {}, "12,345.68"),
        ('tostring(615, "duration")', {}, "00:10:15"),
        ("tostring(1==1)", {}, "True"),
        ('printf("%s has %d", f, n)', {"f": "x", "n": "3"}, "x has 3"),
        ('md5("Hello World!")', {}, "ed076287532e86365e841e92bfc50d8c"),
        # Mathematical and statistical.
        ("round(2.5)", {}, 3),
        ("round(3.5)", {}, 4),
        ("round(-2.5)", {}, -3),
        ("round(2.555, 2)", {}, 2.56),
        ("floor(7/2)", {}, 3),
        ("ceiling(1.9)", {}, 2),
        ("abs(-3)", {}, 3),
        ("pow(2, 10)", {}, 1024),
        ("sqrt(9)", {}, 3),
        ("sqrt(-1)", {}, None),
        ("log(100)", {}, 2),
        ('max(1, 3, 6, 7, "foo", f)', {"f": "baz"}, "foo"),
        ("min(1, 3, f)", {"f": ["9", "0"]}, 0),
        ("max(a, b)", {"b": 4}, 4),
        ("sum(f, 1)", {"f": ["2", "x"]}, 3),
        ("avg(f)", {"f": ["2", "4"]}, 3),
        # Dates.
        ("now()", {}, 1735689600),
        ('relative_time(1735689600, "-1d@d")', {}, 1735603200),
        ('strftime(1735689600.123, "%Y-%m-%dT%H:%M:%S.%3N")', {}, "2025-01-01T00:00:00.123"),
        ('strptime("2025-01-01", "%Y-%m-%d")', {}, 1735689600),
        ('strptime("nonsense", "%Y-%m-%d")', {}, None),
        # Information and JSON.
        ("typeof(12)", {}, "Number"),
        ('typeof("x")', {}, "String"),
        ("typeof(f)", {}, "Invalid"),
        ("typeof(1==2)", {}, "Boolean"),
        ('json_extract(f, "a{}.b")', {"f": '{"a":[{"b":1},{"b":2}]}'}, ["1", "2"]),
        ('json_extract(f, "a{1}.b")', {"f": '{"a":[{"b":1},{"b":2}]}'}, "2"),
        ('spath(f, "a")', {"f": '{"a":{"b":true}}'}, '{"b":true}'),
    ],
)
def test_value(expression: str, event: dict[str, Any], expected: object) -> None:
    assert value(expression, event, now=1735689600.0) == expected


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ('like(f, "a%c")', {"f": "abbc"}, True),
        ('like(f, "a_c")', {"f": "abbc"}, False),
        ('like(f, "a_c")', {"f": "a\nc"}, True),
        ('like(f, "A%")', {"f": "abc"}, False),
        (r'match(f, "^\d{1,3}\.\d$")', {"f": "19.1"}, True),
        (r'match(f, "b")', {"f": "abc"}, True),
        ('in(f, "400", "404")', {"f": "404"}, True),
        ('in(f, "400", "404")', {"f": "500"}, False),
        ('in(f, "400")', {}, False),
        ("isnum(f)", {"f": "1.5"}, True),
        ("isnum(f)", {"f": "x"}, False),
        ("isstr(f)", {"f": "x"}, True),
        ("isint(f)", {"f": "3"}, True),
        ("isint(f)", {"f": "3.5"}, False),
        ("isnull(f)", {}, True),
        ("isnull(f)", {"f": ""}, False),
        ("json_valid(f)", {"f": "{}"}, True),
        ("json_valid(f)", {"f": "{"}, False),
        ("true()", {}, True),
        ("false()", {}, False),
        ("if(1==1,true(),false())", {}, True),
    ],
)
def test_predicate(condition: str, event: dict[str, Any], *, expected: bool) -> None:
    assert holds(condition, event) is expected


def test_functions_over_several_values_by_reading() -> None:
    event = {"f": ["A", "B"]}
    assert value("lower(f)", event, reading=Reading(many_function="first")) == "a"
    assert value("lower(f)", event, reading=Reading(many_function="null")) is None
    assert holds('match(f, "B")', event)
    assert not holds('match(f, "B")', event, reading=Reading(many_function="first"))
    assert not holds('match(f, "A")', event, reading=Reading(many_function="null"))


def test_missing_field_by_reading() -> None:
    assert value('mvfind(f,"a")', reading=Reading(mvfind_missing="value")) == -1
    assert value("mvmap(f, if(isnull(f),1,0))", reading=Reading(mvmap_missing="once")) == 1


@pytest.mark.parametrize(
    "expression",
    ['substr("abc", 0)', "mvzip(a, b)", 'tostring(1, "nonsense")', 'strftime(1, "%K")', 'relative_time(1, "soon")'],
)
def test_error_undocumented_use(expression: str) -> None:
    with pytest.raises(SplError):
        value(expression, {"a": ["1", "2"], "b": "x"})
