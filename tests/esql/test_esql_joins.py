"""LOOKUP JOIN and ENRICH over tables that are given: the documents' rules, and the errors of Elasticsearch's verifier.

https://www.elastic.co/docs/reference/query-languages/esql/esql-lookup-join,
https://www.elastic.co/docs/reference/query-languages/esql/esql-enrich-data
"""

from __future__ import annotations

from typing import Any

import pytest

import converter

TABLES: dict[str, Any] = {
    "logs": {
        "types": {"id": "integer", "ip": "ip", "who": "keyword", "code": "long"},
        "rows": [
            {"id": 1, "ip": "10.0.0.1", "who": "a", "code": 1},
            {"id": 2, "ip": "10.0.0.2", "who": ["a", "b"], "code": 2},
            {"id": 3, "ip": "10.0.0.1", "code": 3},
            {"id": 4, "who": "z", "code": 9},
        ],
    },
    "languages": {
        "types": {"code": "integer", "name": "keyword"},
        "rows": [
            {"code": 1, "name": "English"},
            {"code": 2, "name": "French"},
            {"code": 2, "name": "Quenya"},
            {"code": [3, 9], "name": "Both"},
            {"name": "None"},
        ],
    },
    "hosts": {
        "types": {"address": "ip", "who": "keyword", "risk": "double", "from_id": "integer"},
        "rows": [
            {"address": "10.0.0.1", "who": "host a", "risk": 0.5, "from_id": 2},
            {"address": "10.0.0.2", "who": "host b", "risk": 9.5, "from_id": 1},
        ],
    },
    "people": {
        "types": {"who": "keyword", "team": "keyword", "level": "integer"},
        "rows": [
            {"who": "a", "team": "red", "level": 1},
            {"who": "b", "team": "blue", "level": 2},
            {"who": ["z", "y"], "team": ["x", "y"], "level": 3},
        ],
    },
}


def answer(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    made = converter.esql(query, TABLES, now=0)
    return [f"{c.name}:{c.type}" for c in made.columns], list(made.rows)


def test_each_row_of_the_other_table_that_matches_is_a_row() -> None:
    """A key of several values, and none, match nothing; the row stays with null."""
    columns, rows = answer("from logs | keep id, code | lookup join languages on code | sort id, name")
    assert columns == ["id:integer", "code:long", "name:keyword"]
    assert rows == [(1, 1, "English"), (2, 2, "French"), (2, 2, "Quenya"), (3, 3, None), (4, 9, None)]


def test_columns_of_the_table_replace_those_of_their_names_and_come_last() -> None:
    columns, rows = answer("from logs | rename ip as address | keep who, address, id | lookup join hosts on address")
    assert columns == ["address:ip", "id:integer", "who:keyword", "risk:double", "from_id:integer"]
    assert min(rows, key=lambda r: r[1]) == ("10.0.0.1", 1, "host a", 0.5, 2)
    assert max(rows, key=lambda r: r[1]) == (None, 4, None, None, None)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("ip == address", [(1, 0.5), (2, 9.5), (3, 0.5), (4, None)]),
        ("address == ip and from_id > id", [(1, 0.5), (2, None), (3, None), (4, None)]),
        ("id < from_id", [(1, 0.5), (2, None), (3, None), (4, None)]),
        ("ip != address", [(1, 9.5), (2, 0.5), (3, 9.5), (4, None)]),
    ],
)
def test_a_condition_compares_columns_of_both_sides(condition: str, wanted: list[tuple[int, float | None]]) -> None:
    columns, rows = answer(
        f"from logs | keep id, ip | lookup join hosts on {condition} | keep id, risk, address | sort id"
    )
    assert columns == ["id:integer", "risk:double", "address:ip"]
    assert [row[:2] for row in rows] == wanted


def test_several_keys_have_to_match_together() -> None:
    query = 'from logs | eval name = case(id == 2, "French", "English") | keep id, code, name | lookup join languages on code, name'
    columns, rows = answer(f"{query} | sort id")
    assert columns == ["id:integer", "code:long", "name:keyword"]
    assert rows == [(1, 1, "English"), (2, 2, "French"), (3, 3, "English"), (4, 9, "English")]


def test_what_follows_a_join_reads_its_columns() -> None:
    query = (
        "from logs | lookup join languages on code | where name is not null | stats n = count(*) by name | sort name"
    )
    assert answer(query)[1] == [(1, "English"), (1, "French"), (1, "Quenya")]


def test_enrich_adds_the_values_of_all_that_match_to_the_row() -> None:
    columns, rows = answer("from logs | keep id, who | enrich people on who | sort id")
    assert columns == ["id:integer", "who:keyword", "team:keyword", "level:integer"]
    assert rows == [
        (1, "a", "red", 1),
        (2, ["a", "b"], ["red", "blue"], [1, 2]),
        (3, None, None, None),
        (4, "z", ["x", "y"], 3),
    ]


def test_enrich_takes_the_match_fields_name_and_renames() -> None:
    columns, rows = answer("from logs | keep id, who | enrich _any:people with t = team, level | sort id | limit 1")
    assert columns == ["id:integer", "who:keyword", "t:keyword", "level:integer"]
    assert rows == [(1, "a", "red", 1)]


@pytest.mark.parametrize(
    ("query", "code", "at"),
    [
        ("from logs | lookup join nowhere on id", "Q033", "lookup join nowhere on id"),
        ("from logs | lookup join languages on nosuch", "Q020", "nosuch"),
        ("from logs | lookup join languages on id", "Q020", "id"),
        ("from logs | eval code = who | lookup join languages on code", "Q021", "code"),
        ("from logs | lookup join hosts on ip == nosuch", "Q020", "nosuch"),
        ("from logs | lookup join hosts on ip == address or id == 1", "Q030", "ip == address or id == 1"),
        ("from logs | lookup join hosts on id + 1 == from_id", "Q030", "id + 1 == from_id"),
        ("from logs | enrich nowhere on who", "Q033", "enrich nowhere on who"),
        ("from logs | enrich people on nosuch", "Q020", "nosuch"),
        ("from logs | enrich people on id", "Q021", "id"),
        ("from logs | enrich people on who with x", "Q020", "x"),
        ("from logs | enrich people on w* with team", "Q020", "enrich people on w* with team"),
    ],
)
def test_error_of(query: str, code: str, at: str) -> None:
    with pytest.raises(converter.UnsupportedQueryError) as found:
        converter.esql(query, TABLES)
    (said,) = found.value.diagnostics
    assert said.span is not None
    assert (said.code, query[said.span.start : said.span.end]) == (code, at)
