"""Conditions in where and eval: NULL, several values, comparisons, and the readings that leave a form exact."""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import READINGS, Reading, SplError, UnknownFunction, run

EVENTS: list[dict[str, Any]] = [
    {"id": 1, "f": "v", "n": 5, "ip": "10.0.0.1"},
    {"id": 2, "f": "w", "n": 7, "ip": "fe80::1"},
    {"id": 3, "n": "seven", "ip": "no address"},
    {"id": 4, "f": ["v", "w"], "n": [3, 9], "ip": ["1.1.1.1", "10.9.9.9"]},
    {"id": 5, "f": ""},
    {"id": 6, "f": "V"},
]


def ids(query: str, events: list[dict[str, Any]] = EVENTS, **options: Any) -> list[int]:
    return sorted(int(str(row["id"])) for row in run(query, events, **options))


def stable(query: str, events: list[dict[str, Any]] = EVENTS) -> list[int] | None:
    """The result, if every reading gives it."""
    first = ids(query, events)
    return first if all(ids(query, events, reading=reading) == first for reading in READINGS) else None


def value(expression: str, event: dict[str, Any] | None = None, **options: Any) -> object:
    (row,) = run(f"* | eval result={expression}", [event or {}], **options)
    return row.get("result")


ROBUST = [
    (r"""(isnotnull('f') AND isnotnull(mvfind('f',"^v\z")))""", [1, 4]),
    (r"""NOT (isnotnull('f') AND isnotnull(mvfind('f',"^v\z")))""", [2, 3, 5, 6]),
    (r"""isnotnull('f') AND NOT (isnotnull('f') AND isnotnull(mvfind('f',"^v\z")))""", [2, 5, 6]),
    (r"""(isnotnull('f') AND isnotnull(mvfind('f',"(?i)^v\z")))""", [1, 4, 6]),
    ("isnotnull('f')", [1, 2, 4, 5, 6]),
    ("isnull('f')", [3]),
    ('if(f=="v",1,0)==1 OR id==1', None),
]


@pytest.mark.parametrize(("condition", "expected"), ROBUST, ids=[str(n) for n in range(len(ROBUST))])
def test_robust_atom(condition: str, expected: list[int] | None) -> None:
    assert stable(f"* | where {condition}") == expected


FRAGILE = [
    'NOT f=="v"',
    'f=="v"',
    'f!="v"',
    'NOT match(f,"^v$")',
    'isnull(mvfind(f,"v"))',
    'NOT cidrmatch("10.0.0.0/8",ip)',
    "tonumber(n)>4",
    "n>4",
    'in(f,"v","x")',
    'lower(f)=="v"',
    'like(f,"v")',
]


@pytest.mark.parametrize("condition", FRAGILE)
def test_fragile_form_differs_between_readings(condition: str) -> None:
    assert stable(f"* | where {condition}") is None


def test_comparison_with_a_missing_field_is_null() -> None:
    assert ids("* | where n>4") == [1, 2, 3, 4]  # "seven" > "4" as text; 5 and 6 have no n
    assert ids("* | where n<4 OR n>=4") == [1, 2, 3, 4]
    assert ids("* | where tonumber(n)>4") == [1, 2, 4]


def test_not_of_null_by_reading() -> None:
    query = '* | where NOT f=="v"'
    assert ids(query) == [2, 3, 5, 6]
    assert ids(query, reading=Reading(not_null="null")) == [2, 5, 6]


@pytest.mark.parametrize(("reading", "expected"), [("kleene", [1, 3]), ("false", [1, 3]), ("strict", [])])
def test_or_with_null(reading: Any, expected: list[int]) -> None:
    events: list[dict[str, Any]] = [{"id": 1, "a": 1}, {"id": 2, "a": 2}, {"id": 3, "b": 1}]
    assert ids("* | where a==1 OR b==1", events, reading=Reading(and_or_null=reading)) == expected


def test_kleene_and_null_as_false_differ_under_not() -> None:
    query = "* | where NOT (a==1 AND id>0)"
    events: list[dict[str, Any]] = [{"id": 1}]
    assert ids(query, events, reading=Reading(not_null="null", and_or_null="kleene")) == []
    assert ids(query, events, reading=Reading(not_null="null", and_or_null="false")) == [1]


def test_false_and_null_is_not_true() -> None:
    for reading in READINGS:
        assert ids("* | where isnotnull(x) AND x==1", [{"id": 1}], reading=reading) == []


@pytest.mark.parametrize(
    ("many_compare", "equal", "unequal"),
    [("any", [1, 4], [2, 4, 5, 6]), ("all", [1], [2, 5, 6]), ("first", [1, 4], [2, 5, 6]), ("null", [1], [2, 5, 6])],
)
def test_several_values_in_a_comparison(many_compare: Any, equal: list[int], unequal: list[int]) -> None:
    reading = Reading(many_compare=many_compare)
    assert ids('* | where f=="v"', reading=reading) == equal
    assert ids('* | where f!="v"', reading=reading) == unequal


def test_several_values_in_a_comparison_that_is_never_true() -> None:
    reading = Reading(many_compare="false", not_null="null")
    assert ids('* | where NOT f=="v" AND id=4', reading=reading) == [4]
    assert ids('* | where NOT f=="v" AND id=4', reading=Reading(many_compare="null", not_null="null")) == []


def test_arithmetic_over_several_values_by_reading() -> None:
    event = {"n": [1, 2]}
    assert value("n+1", event) == [2, 3]
    assert value("n+1", event, reading=Reading(many_function="first")) == 2
    assert value("n+1", event, reading=Reading(many_function="null")) is None
    assert value("-n", {"n": "x"}) is None
    assert value("n+m", event) is None


def test_where_is_case_sensitive() -> None:
    assert ids('* | where f=="V"') == [6]


def test_field_against_field() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "a": "x", "b": "x"}, {"id": 2, "a": "x", "b": "y"}, {"id": 3, "a": "x"}]
    assert ids("* | where 'a'='b'", events) == [1]
    assert ids("* | where if('a'!='b',1,0)==1", events) == [2]


def test_numbers_and_text() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "n": "01"},
        {"id": 2, "n": "1"},
        {"id": 3, "n": "1.0"},
        {"id": 4, "n": "x"},
    ]
    assert ids('* | where n=="1"', events) == [1, 2, 3]
    assert ids('* | where n=="1"', events, reading=Reading(numeric_text="text")) == [2]
    assert ids("* | where n==1", events, reading=Reading(numeric_text="text")) == [1, 2, 3]
    assert ids("* | where n>0", events, reading=Reading(mixed_compare="null")) == [1, 2, 3]
    assert ids("* | where n>0", events) == [1, 2, 3, 4]


def test_two_valued_number_conditions() -> None:
    single: list[dict[str, Any]] = [event for event in EVENTS if event["id"] != 4]
    assert stable("* | where if(tonumber('n')>5,1,0)==1", single) == [2]
    assert stable("* | where if(tonumber('n')>5,0,1)==1", single) == [1, 3, 5, 6]
    assert stable("* | where coalesce(mvcount(mvfilter(tonumber('n')>5)),0)>0") == [2, 4]


def test_two_valued_network_conditions() -> None:
    assert stable("* | where coalesce(mvcount(mvfilter(cidrmatch(\"10.0.0.0/8\",'ip'))),0)>0") == [1, 4]
    single: list[dict[str, Any]] = [event for event in EVENTS if event["id"] != 4]
    assert stable("* | where if(cidrmatch(\"fe80::/10\",'ip'),1,0)==1", single) == [2]
    assert stable("* | where if(cidrmatch(\"fe80::/10\",'ip'),0,1)==1", single) == [1, 3, 5, 6]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("id IN (1, 3)", [1, 3]),
        ("NOT id IN (1, 3)", [2, 4, 5, 6]),
        ("id NOT IN (1, 3)", [2, 4, 5, 6]),
        ('f LIKE "v%"', [1, 4]),
        ("id=1 XOR id<3", [2]),
        ("not id=1 and id<3 or id=6", [2, 6]),
        ("(id=1 OR id=2) AND id=2", [2]),
        ("id % 2 = 0 AND id / 2 > 1", [4, 6]),
        ("-id < -5", [6]),
        ("len(f)=0", [5]),
        ("case(id=1,1,id=2,0)==1", [1]),
        ('searchmatch("f=V")', [1, 4, 6]),
    ],
)
def test_condition(condition: str, expected: list[int]) -> None:
    assert ids(f"* | where {condition}") == expected


@pytest.mark.parametrize(
    "query",
    [
        "* | where f",
        "* | where 1",
        '* | where if(f="v",1,0)',
        '* | where NOT mvfind(f,"v")',
        '* | eval x=(f=="v")',
        "* | eval x=isnull(f)",
        "* | eval x=true()",
        '* | where coalesce(f=="v",false())',
        "* | where mvcount(mvfilter(f==g))>0",
        "* | where mvcount(mvfilter(1==1))>0",
        "* | where if(f,1,0)==1",
        '* | where if(f="v",true(),1)==1',
        '* | where (f=="v")==(id==1)',
        '* | where lower(f=="v")="x"',
        '* | where if(f="v",1)==1',
        '* | where case(f="v")==1',
        "* | where match(f)",
        '* | where match(f, "(")',
        "* | where",
        "* | where f==",
        '* | where (f=="v"',
        '* | where f=="v',
        '* | where \'f=="v"',
        '* | where f=="v" g=="w"',
        "* | where in(f)",
        '* | where mvmap(lower(f),f)="x"',
        "* | eval =3",
        "* | eval x",
        "* | eval {f}=3",
        '* | where like(f,"100\\%")',
    ],
)
def test_error_where(query: str) -> None:
    with pytest.raises(SplError):
        run(query, EVENTS)


def test_error_names_the_place() -> None:
    with pytest.raises(SplError) as caught:
        run("* | where f==", EVENTS)
    assert caught.value.at == len("* | where f==")
    assert "expected a value" in str(caught.value)


def test_error_unknown_function_is_raised_without_events() -> None:
    with pytest.raises(UnknownFunction):
        run("* | where frobnicate(f)==1", [])
    with pytest.raises(UnknownFunction):
        run("* | where frobnicate(f)", [])
    with pytest.raises(UnknownFunction):
        run("* | stats frobnicate(f)", [])


@pytest.mark.parametrize(
    "call", ['match(f,"(")', 'isnotnull(mvfind(f,"[a"))', 'cidrmatch("10.0.0.0/33",f)', 'cidrmatch("x",f)']
)
def test_error_bad_literal_is_raised_without_events(call: str) -> None:
    with pytest.raises(SplError):
        run(f"* | where {call}", [])


def test_eval_assigns_in_order_and_null_removes() -> None:
    (row,) = run('* | eval a=1, b=a+1, c=b."x" | eval a=null()', [{}])
    assert "a" not in row
    assert row["b"] == 2
    assert row["c"] == "2x"


@pytest.mark.parametrize(
    ("expression", "event", "expected"),
    [
        ('if(x="a","yes","no")', {"x": "a"}, "yes"),
        ('if(x="a","yes","no")', {}, "no"),
        ('if(x>10,"yes","no")', {}, "no"),
        ('case(status == 200, "OK", status == 404, "Not found")', {"status": 404}, "Not found"),
        ('case(status == 200, "OK", status == 404, "Not found")', {"status": 500}, None),
        ('case(status == 200, "OK", true(), "other")', {"status": 500}, "other"),
        ("coalesce(a, b)", {"b": "z"}, "z"),
        ("coalesce(a, b)", {}, None),
        ('coalesce(a, "")', {}, ""),
        ('validate(isint(x), "not an integer", x>0, "not positive")', {"x": 1.5}, "not an integer"),
        ('validate(isint(x), "not an integer", x>0, "not positive")', {"x": 3}, None),
        ("nullif(a,b)", {"a": "1", "b": "1"}, None),
        ("nullif(a,b)", {"a": "1", "b": "2"}, "1"),
        ("1/0", {}, None),
        ("7/2", {}, 3.5),
        ("6/2", {}, 3),
        ("7%3", {}, 1),
        ("a+b", {"a": "1", "b": "2"}, 3),
        ("a+b", {"a": "x", "b": "y"}, "xy"),
        ('"1"+"2"', {}, "12"),
        ('a."-".b', {"a": 1, "b": "x"}, "1-x"),
        ("a.b", {"a": 1}, None),
        ("2+3*4", {}, 14),
        ("(2+3)*4", {}, 20),
        ("9007199254740993 + 0", {}, 9007199254740992),
        (r'"C:\\windows\temp"', {}, "C:\\windows\temp"),
        (r'"say \"x\""', {}, 'say "x"'),
        (r'"a\sb"', {}, r"a\sb"),
    ],
)
def test_expression(expression: str, event: dict[str, Any], expected: object) -> None:
    assert value(expression, event) == expected
