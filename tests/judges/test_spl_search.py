"""The search command: terms, comparisons, boolean order, time modifiers."""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import READINGS, Reading, SplError, run

# The table of docs.splunk.com Search/NOTexpressions in kind: nine rows, some without a Location.
PONIES: list[dict[str, Any]] = [
    {"id": 1, "name": "Austin", "location": "Calaveras Farms"},
    {"id": 2, "name": "Brook", "location": "Marin Meadows"},
    {"id": 3, "name": "Clover", "location": None},
    {"id": 4, "name": "Dash", "location": "Calaveras Farms"},
    {"id": 5, "name": "Ember", "location": "Marin Meadows"},
    {"id": 6, "name": "Frost"},
    {"id": 7, "name": "Gale", "location": "Calaveras Farms"},
    {"id": 8, "name": "Hazel", "location": "Willow Ranch"},
    {"id": 9, "name": "Ivy", "location": None},
]


def ids(query: str, events: list[dict[str, Any]] = PONIES, **options: Any) -> list[int]:
    return sorted(int(str(row["id"])) for row in run(query, events, **options))


def test_unequal_needs_the_field() -> None:
    assert ids('search location!="Calaveras Farms"') == [2, 5, 8]


def test_not_equal_keeps_events_without_the_field() -> None:
    assert ids('search NOT location="Calaveras Farms"') == [2, 3, 5, 6, 8, 9]


def test_not_star_is_absence_and_unequal_star_is_nothing() -> None:
    assert ids("NOT location=*") == [3, 6, 9]
    assert ids("location!=*") == []


def test_or_binds_tighter_than_and_in_search() -> None:
    # search-manual/9.3/expressions-and-predicates: A=1 AND B=2 OR C=3 is A=1 AND (B=2 OR C=3).
    events: list[dict[str, Any]] = [{"id": 1, "a": 1, "b": 2}, {"id": 2, "c": 3}, {"id": 3, "a": 1, "c": 3}]
    assert ids("a=1 AND b=2 OR c=3", events) == [1, 3]
    assert ids("c=3 OR b=2 a=1", events) == [1, 3]


def test_and_binds_tighter_than_or_in_where() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "a": 1, "b": 2}, {"id": 2, "c": 3}, {"id": 3, "a": 1, "c": 3}]
    assert ids("* | where a=1 AND b=2 OR c=3", events) == [1, 2, 3]
    assert ids("* | where c=3 OR a=1 AND b=2", events) == [1, 2, 3]


def test_not_covers_the_next_term_only() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "a": 1, "b": 1}, {"id": 2, "b": 1}, {"id": 3}]
    assert ids("NOT a=1 b=1", events) == [2]


def test_operators_in_small_letters_are_terms() -> None:
    assert ids("name=Austin or name=Brook") == []
    assert ids("name=Austin OR name=Brook") == [1, 2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('name="AUSTIN"', [1]),
        ("name=austin", [1]),
        ("name=CASE(austin)", []),
        ("name=CASE(Austin)", [1]),
        ("name=*s*", [1, 4, 6]),
        ("name=A*n", [1]),
        ("name=A*x", []),
        ("name IN (austin, Ivy, D*)", [1, 4, 9]),
        ('NOT name IN ("Austin","Brook","Clover","Dash","Ember","Frost")', [7, 8, 9]),
        ('"name"="Ivy"', [9]),
        ("na*=Ivy", [9]),
        ("frost", [6]),
        ("fros", []),
        ("fros*", [6]),
        ('"Willow Ranch"', [8]),
        ('"Ranch Willow"', []),
        ("Ranch Willow", [8]),
        ("CASE(frost)", []),
        ("CASE(Frost)", [6]),
        ("TERM(frost)", [6]),
        ("id>7", [8, 9]),
        ("id>=9", [9]),
        ("id<2", [1]),
        ("name>H", [8, 9]),
        ("id=1.0", []),
        ("(name=Ivy OR name=Gale) id=9", [9]),
    ],
)
def test_term(query: str, expected: list[int]) -> None:
    assert ids(query) == expected


def test_numbers_compare_as_numbers_and_text_as_text() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "n": "10"}, {"id": 2, "n": "9"}, {"id": 3, "n": "x"}]
    assert ids("n>9", events) == [1, 3]
    assert ids("n<10", events) == [2]


def test_several_values_match_if_any_does() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "g": ["a", "b"]}, {"id": 2, "g": ["b", "c"]}, {"id": 3}]
    assert ids("g=a", events) == [1]
    assert ids("g=a g=b", events) == [1]
    assert ids("g!=a", events) == [2]
    assert ids("g!=a", events, reading=Reading(search_unequal_many="any")) == [1, 2]


def test_asterisk_cannot_be_escaped() -> None:
    # search-manual/9.4/search-primer/backslashes
    events: list[dict[str, Any]] = [{"id": 1, "p": "a*b"}, {"id": 2, "p": "axb"}, {"id": 3, "p": "a\\xb"}]
    assert ids('p="a*b"', events) == [1, 2, 3]
    assert ids(r'p="a\*b"', events) == [3]


def test_backslashes_and_quotes_are_escaped_with_a_backslash() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "p": "D:\\Digital"},
        {"id": 2, "p": 'say "x"'},
        {"id": 3, "p": r"a\sb"},
        {"id": 4, "p": "a|b"},
    ]
    assert ids(r'p="D:\\Digital"', events) == [1]
    assert ids(r"p=D:\\Digital", events) == [1]
    assert ids(r'p="say \"x\""', events) == [2]
    assert ids(r'p="a\sb"', events) == [3]
    assert ids(r'p="a\\sb"', events) == [3]
    assert ids(r'p="a\|b"', events) == [4]
    assert ids('p="a|b"', events) == [4]


def test_empty_values_by_reading() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "f": ""}, {"id": 2, "f": "x"}, {"id": 3}]
    assert ids('f=""', events) == [1]
    assert ids('f=""', events, reading=Reading(search_empty="missing_too")) == [1, 3]
    assert ids("f=*", events) == [1, 2]
    assert ids("f=*", events, reading=Reading(search_star_empty="no_match")) == [2]


def test_error_subsearch_where_none_is_possible() -> None:
    with pytest.raises(SplError):
        run("| inputlookup t where [ search a=1 ]", [], lookups={"t": []})
    with pytest.raises(SplError):
        run('* | where searchmatch("[ search a=1 ]")', [])
    with pytest.raises(SplError):
        run('* | where searchmatch("a=1)")', [])
    with pytest.raises(SplError):
        run("* | where searchmatch(f)", [])


def test_error_first_command_must_generate() -> None:
    for query in ("| where a=1", "| eval a=1", "* | append [ | where a=1 ]", "`empty` | where a=1"):
        with pytest.raises(SplError):
            run(query, [], macros={"empty": ""})


def test_field_names_with_braces() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "r": [{"ip": "a"}, {"ip": "b"}]},
        {"id": 2, "r": [{"ip": "c"}]},
        {"id": 3},
    ]
    assert ids('"r{}.ip"=*', events, raw_json=True) == [1, 2]
    assert ids("r{}.ip!=a", events, raw_json=True) == [2]
    assert ids("* | where isnotnull(mvfind('r{}.ip', \"b\"))", events, raw_json=True) == [1]


def test_cidr_value() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "ip": "10.1.2.3"},
        {"id": 2, "ip": "11.0.0.1"},
        {"id": 3, "ip": ["1.1.1.1", "fe80::1"]},
    ]
    assert ids('ip="10.0.0.0/8"', events) == [1]
    assert ids('ip="fe80::/10"', events) == [3]
    assert ids("ip IN (10.0.0.0/8, 11.0.0.0/8)", events) == [1, 2]
    assert ids('NOT ip="10.0.0.0/8"', events) == [2, 3]


def test_where_the_events_come_from_decides_nothing() -> None:
    assert ids("index=main sourcetype=x name=Ivy") == [9]
    assert ids("NOT eventtype=noise name=Ivy") == [9]
    events: list[dict[str, Any]] = [{"id": 1, "index": "main"}, {"id": 2, "index": "other"}]
    assert ids("index=main", events) == [1]


def test_time_modifiers() -> None:
    events: list[dict[str, Any]] = [{"id": n, "_time": 1000 + 60 * n} for n in range(1, 6)]
    now = 1300.0
    assert ids("earliest=-3m latest=now", events, now=now) == [2, 3, 4]
    assert ids("earliest=-3m", events, now=now) == [2, 3, 4, 5]
    assert ids("earliest=1120 latest=1180", events, now=now) == [2]
    assert ids("_index_earliest=-2m", events, now=now) == [3, 4, 5]
    assert ids("earliest=-1d", [{"id": 1}], now=now) == [1]
    with pytest.raises(SplError):
        run("earliest=-3parsecs", events)


def test_index_time_is_separate_from_time() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "@timestamp": "2025-01-01T00:00:00Z", "event": {"ingested": "2025-01-02T00:00:00Z"}},
        {"id": 2, "@timestamp": "2025-01-02T00:00:00Z", "event": {"ingested": "2025-01-01T00:00:00Z"}},
    ]
    assert ids("_index_earliest=-1h", events, now=1735776000.0) == [1]
    assert ids("earliest=-1h", events, now=1735776000.0) == [2]


def test_search_order_is_newest_first() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "_time": 10}, {"id": 2, "_time": 30}, {"id": 3, "_time": 20}]
    assert [row["id"] for row in run("*", events)] == ["2", "3", "1"]


def test_later_search_filters_results() -> None:
    assert ids('* | eval kind=if(id>4,"new","old") | search kind=NEW location=*') == [5, 7, 8]


def test_subsearch_becomes_terms() -> None:
    table = [{"name": "Ivy"}, {"name": "Gale"}]
    assert ids("search [ | inputlookup ponies | fields name ]", lookups={"ponies": table}) == [7, 9]
    assert ids("NOT [ inputlookup ponies | return 5 name ]", lookups={"ponies": table}) == [1, 2, 3, 4, 5, 6, 8]
    assert ids("search [ | inputlookup ponies | return $name ]", lookups={"ponies": table}) == [9]
    assert ids("search [ | inputlookup ponies | fields name ]", lookups={"ponies": []}) == []


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: one.name)
def test_superset_filter_then_atom_is_stable(reading: Reading) -> None:
    query = r"""location=*calaveras* | where (isnotnull('name') AND isnotnull(mvfind('name', "^(?:Austin|Gale)\z")))"""
    assert ids(query, reading=reading) == [1, 7]
