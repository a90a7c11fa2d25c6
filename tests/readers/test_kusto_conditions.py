"""What a Kusto query asks of a row, by Microsoft's reference (learn.microsoft.com/kusto/query), and what has no tree.

Conditions are judged by the values that they find and do not find: a table beside each operator or function.
"""

from __future__ import annotations

import pytest

from converter.languages.kusto.parse import program
from converter.model.predicate import Compare, Comparison, Element, OneOf, Predicate
from converter.model.value import Field, Instant, Kind
from converter.model.walk import fields
from converter.readers.kusto import UnraisedError, raised
from converter.reference import matches

LISTED = 'split(a, ";")'
JOINED = "strcat(';', a, ';')"
"""A text of values between signs, as an emitter writes a column with many values; its field is the split column."""
TOGETHER = "strcat(';', iff(isnull(array_length(a)), tostring(a), strcat_array(a, ';')), ';')"
"""The same of a column that holds an array or one value."""


def where(condition: str) -> Predicate:
    return raised(program(f"T | where {condition}"))


def found(predicate: Predicate, values: list[object]) -> list[object]:
    """Which of the values of its field the condition finds; None = no value."""
    (path,) = {field.path for field in fields(predicate)}
    return [value for value in values if matches(predicate, {} if value is None else {path: value})]


@pytest.mark.parametrize(
    ("condition", "finds", "misses"),
    [
        # learn.microsoft.com/kusto/query/datatypes-string-operators: a _cs or == regards case, =~ and the rest do not
        ("a == 'x'", ["x"], ["X", "xy", None]),
        ("'x' == a", ["x"], ["X", None]),
        ("a != 'x'", ["X", None], ["x"]),
        ("a =~ 'x'", ["x", "X"], ["xy"]),
        ("a !~ 'x'", ["xy", None], ["x", "X"]),
        ("a startswith 'x'", ["xy", "Xy"], ["yx"]),
        ("a startswith_cs 'x'", ["xy"], ["Xy"]),
        ("a !startswith 'x'", ["yx", None], ["xy", "Xy"]),
        ("a endswith 'x'", ["yX"], ["xy"]),
        ("a endswith_cs 'x'", ["yx"], ["yX"]),
        ("a contains 'x'", ["aXa"], ["aa"]),
        ("a contains_cs 'x'", ["axa"], ["aXa"]),
        ("a contains '*'", ["a*a"], ["aa"]),
        ("a in ('x', 'y')", ["x", "y"], ["X", None]),
        ("a in~ ('x', 'y')", ["X", "y"], ["z"]),
        ("a !in ('x', 'y')", ["X", None], ["x"]),
        ("a !in~ ('x')", ["y", None], ["X"]),
        ("a in (dynamic(['x', 'y']))", ["x", "y"], ["z"]),
        ("tostring(a) == 'x'", ["x"], ["y"]),
        ("a matches regex 'x.y'", ["-x y-"], ["xy", "x\ny"]),
        ("a matches regex '^x$'", ["x"], ["xx", "x\n"]),
        # numbers, truth and ranges
        ("a in (1, 2)", [1, 2], [3, None]),
        ("5 < a", [6], [5]),
        ("5 >= a", [5], [6]),
        ("a > -5", [-4], [-5]),
        ("a > -(5)", [-4], [-5]),
        ("a > 3.5", [3.6], [3.5]),
        ("toint(a) == 1", [1], [2]),
        ("a between (1 .. 5)", [1, 5], [0, 6, None]),
        ("a !between (1 .. 5)", [0, 6, None], [1, 5]),
        ("a == true", [True], [False, None]),
        # not(), and(), or(), coalesce(): a condition here is true or not true
        ("not(a == 'x')", ["y", None], ["x"]),
        ("coalesce(a == 'x', false)", ["x"], ["y", None]),
        ("a == 'x' or a == 'y'", ["x", "y"], ["z"]),
        ("isnotempty(a)", ["x"], [None]),
        ("isempty(a)", [None], ["x"]),
        ("isnotnull(a)", ["x"], [None]),
        ("isnull(a)", [None], ["x"]),
        # addresses
        ("ipv4_is_private(a)", ["10.1.2.3", "172.16.0.1", "192.168.9.9"], ["8.8.8.8", "172.32.0.1"]),
        ("ipv4_is_in_range(a, '10.0.0.0/8')", ["10.1.2.3"], ["11.0.0.1", "x"]),
        ("ipv4_is_in_any_range(a, '10.0.0.0/8', '1.2.3.4')", ["10.1.2.3", "1.2.3.4"], ["1.2.3.5"]),
        ("ipv6_is_match(a, 'fe80::/10')", ["fe80::1"], ["fd00::1"]),
        ("isnotnull(parse_ipv4(a))", ["1.2.3.4"], ["::1", "x", None]),
        # a length, said as so many characters
        ("strlen(a) == 2", ["ab"], ["a", "abc"]),
        ("strlen(a) >= 2", ["ab", "abc"], ["a"]),
        ("strlen(a) > 2", ["abc", "abcd"], ["ab"]),
        # a part of a text is the whole text with any characters in place of what is left out
        ("substring(a, 2) == 'x'", ["abx"], ["x", "abxc"]),
        ("substring(substring(a, 1), 1) startswith 'x'", ["abxc"], ["xab"]),
        ("substring(a, 0, strlen(a) - 2) endswith 'x'", ["axbc"], ["ax"]),
        ("strlen(substring(a, 2)) == 1", ["abc"], ["a", "ab"]),
        ("substring(a, 2) matches regex '^x$'", ["abx"], ["x", "axx-"]),
        ("substring(a, 0, strlen(a) - 1) matches regex '^x$'", ["xa"], ["x", "ax"]),
        # values between signs: a sign in what is looked for stands for the end of a value
        (f"{JOINED} contains ';x;'", [["x", "y"], "X"], [["xy"], ["yx"]]),
        (f"{JOINED} contains ';x'", [["y", "xy"]], [["yx"]]),
        (f"{JOINED} contains 'x;'", [["yx"]], [["xy"]]),
        (f"{JOINED} contains 'x'", [["axa"]], [["a"]]),
        (f"{TOGETHER} contains ';x;'", [["x", "y"], "x"], [["xy"]]),
        ("strcat(';', strcat_array(a, ';'), ';') contains ';x;'", [["x"]], [["y"]]),
        (f"{JOINED} matches regex ';x[0-9]+;'", [["a", "x12"]], [["ax12"], ["x12a"]]),
        (f"{JOINED} matches regex ';(xy)+;'", [["xyxy"]], [["xyx"]]),
        (f"{JOINED} matches regex 'x[^;]y'", [["-xay-"]], [["xy"], ["x", "y"]]),
        (f"{JOINED} matches regex ';x[^;]*;|;y;'", [["x1"], ["y"]], [["y1"]]),
        (f"{JOINED} matches regex ';(x|z)[^;a]*;'", [["zb"], ["x"]], [["za"], ["bz"]]),
        # arrays
        ("isnotempty(strcat_array(a, ''))", [["x"]], [[], None]),
        ("set_has_element(a, 'x') or tostring(a) == 'x'", [["x", "y"], "x"], [["y"]]),
        ("set_has_element(split(a, ';'), 'x')", [["x", "y"]], [["y"]]),
        (
            "coalesce(set_has_element(a, 'x'), false) or set_has_element(a, 'y') or tostring(a) in ('x', 'y')",
            [["x"], ["a", "y"], "x"],
            [["a"]],
        ),
    ],
)
def test_a_condition_finds(condition: str, finds: list[object], misses: list[object]) -> None:
    assert found(where(condition), [*finds, *misses]) == finds


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        (f"{JOINED} contains 'x'", Field(LISTED, many=True)),
        ("strcat(';', a.b, ';') contains 'x'", Field('split(a.b, ";")', many=True)),
        ("strcat(';', strcat_array(a, ','), ';') contains 'x'", Field('split(strcat_array(a, ","), ";")', many=True)),
        (f"{TOGETHER} contains 'x'", Field("a", many=True)),
        ("tolong(a) > 1", Field("a", Kind.LONG, many=False)),
        ("strlen(a) > 300", Field("strlen(a, 0)", Kind.LONG, many=False)),
        ("todatetime(a) >= datetime(2024-01-01)", Field("a", Kind.DATE, many=False)),
    ],
)
def test_the_field_of_a_condition_is_what_is_compared(condition: str, field: Field) -> None:
    assert field in set(fields(where(condition)))


@pytest.mark.parametrize("order", [Comparison.GE, Comparison.LT, Comparison.GT, Comparison.LE])
def test_a_date_alone_is_its_first_moment(order: Comparison) -> None:
    # learn.microsoft.com/kusto/query/scalar-data-types/datetime: without a time of day it is 00:00.
    day = Instant(1_704_067_200_000)
    assert where(f"t {order.value} datetime(2024-01-01)") == Compare(Field("t", Kind.DATE, many=False), order, day)


def test_an_array_beside_another_condition() -> None:
    either = where("set_has_element(split(a, ';'), 'x') or b == 'y'")
    assert [matches(either, e) for e in ({LISTED: ["x"]}, {"b": "y"}, {LISTED: ["y"]})] == [True, True, False]


@pytest.mark.parametrize(
    "query",
    [
        "T | where a == 'x'",
        "T | project a, b | where a == 'x'",
        "T | project-away b | where a == 'x'",
        "let v = 'x'; T | extend z = a | where z == v",
        "let v = 'x'; let w = v; T | where w == a and true",
    ],
)
def test_what_only_names_or_shows_columns_asks_nothing(query: str) -> None:
    asked = raised(program(query))
    assert isinstance(asked, OneOf)
    assert (asked.field, asked.values) == (Field("a", many=False), ("x",))


WALK = "on (summarize hit = countif(e.x == 'y') > 0) | where hit"


@pytest.mark.parametrize(
    ("array", "path"),
    [
        ("a", "a"),
        ("case(isnull(array_length(a)), pack_array(a), array_length(a) == 0, dynamic([null]), a)", "a"),
        # What looks like it and is another choice is an array of its own.
        ("case(isnull(array_length(b)), a, b)", "case(isnull(array_length(b)), a, b)"),
        ("case(isnull(b), pack_array(a), c, d, a)", "case(isnull(b), pack_array(a), c, d, a)"),
    ],
)
def test_a_walk_that_counts_hits_is_a_condition_on_one_element(array: str, path: str) -> None:
    asked = raised(program(f"T | mv-apply e = {array} {WALK}"))
    assert isinstance(asked, Element)
    assert asked.path == path
    assert [field.path for field in fields(asked.term)] == [f"{path}.x"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("T | where a", "a condition a"),
        ("T | where isnotempty(trim(' ', a))", "presence of a part"),
        ("T | where foo(a)", "the function foo"),
        ("T | where set_has_element(a, 'x')", "the function set_has_element"),
        ("T | where set_has_element(a, 'x') or b == 'y'", "an array asked for a value that may stand by itself"),
        (
            "T | where set_has_element(a, 'x') or tostring(a) in ('y')",
            "an array asked for a value that may stand by itself",
        ),
        ("T | where ipv4_is_in_range(a, b)", "a network that is no text"),
        ("T | where ipv4_is_in_range(a, 'x')", "a network that is none"),
        ("T | where a in (dynamic({'x': 1}))", "in of values that are no texts"),
        ("T | where a in ('x', 2)", "in of values that are no texts"),
        ("T | where t == datetime(2024-01-01)", "a moment asked for equality"),
        ("T | where t >= datetime(soon)", "a moment that is none"),
        ("T | where t >= datetime(now)", "a moment that is none"),
        ("T | where t > timespan(1d)", "the operator >"),
        ("T | where a == ''", "the empty text"),
        ("T | where substring(a, 0, 5) == 'x'", "a part of a text"),
        ("T | where substring(substring(a, 0, strlen(a) - 2), 3) == 'x'", "a part of a text"),
        ("T | where substring(substring(a, 3), 0, strlen(substring(a, 3)) - 2) == 'x'", "a part of a text"),
        ("T | where strlen(a) > 3.5", "a length"),
        ("T | where strlen(a) < 3", "a length"),
        ("T | where indexof(a, 'x') > 3", "a computed number"),
        ("T | where a + 1 > 3", "a computed number"),
        ("T | where strcat('x', a) == 'xy'", "texts put together"),
        (f"T | where strlen({JOINED}) == 3", "a length"),
        (f"T | where {JOINED} contains 'x;y'", "a part of joined values"),
        (f"T | where {JOINED} startswith 'x'", "a part of joined values"),
        (f"T | where {TOGETHER.replace('tostring(a)', 'tostring(b)')} contains 'x'", "an array put together otherwise"),
        (f"T | where {JOINED} matches regex 'x.*y'", "an expression over several values"),
        (f"T | where {JOINED} matches regex 'x;y'", "an expression over several values"),
        (f"T | where {JOINED} matches regex 'x[^a]y'", "an expression over several values"),
        (f"T | where {JOINED} matches regex '(?s)x.y'", "an expression over several values"),
        (f"T | where {JOINED} matches regex '^;x'", "an expression bound to the ends of joined values"),
        ("T | project a = b | where a == 'x'", "the operator Project"),
        (f"T | mv-apply e = a, f = b {WALK}", "a walk over several arrays"),
        ("T | mv-apply e = a on (where e == 'x')", "a walk that does more than count"),
        ("T | mv-apply e = a on (summarize hit = countif(e == 'x') > 0 by k)", "a walk that does more than count"),
        ("T | mv-apply e = a on (summarize hit = count() > 0)", "a walk that counts otherwise"),
        (f"T | mv-apply e = iff(isnull(a), b, c) {WALK}", "a walk over objects"),
    ],
)
def test_error_queries_without_a_tree_say_what_has_none(query: str, said: str) -> None:
    with pytest.raises(UnraisedError) as caught:
        raised(program(query))
    assert str(caught.value) == said
