"""How events become rows."""

from __future__ import annotations

import json

from converter.proof.judges.spl.run import READINGS, Reading, rows, run

NESTED = {
    "@timestamp": "2025-01-01T00:00:01.500Z",
    "a": {"b": {"c": 1}, "flag": True, "none": None, "empty": [], "object": {}},
    "list": ["x", 2, None],
    "objects": [{"k": "n1", "v": [1, 2]}, {"k": "n2"}],
    "x.y": 1.0,
}


def test_dotted_names_and_several_values() -> None:
    (row,) = rows([NESTED])
    raw = row.pop("_raw")
    assert json.loads(str(raw)) == NESTED
    assert row == {
        "@timestamp": "2025-01-01T00:00:01.500Z",
        "_time": 1735689601.5,
        "a.b.c": "1",
        "a.flag": "true",
        "list": ("x", "2"),
        "objects.k": ("n1", "n2"),
        "objects.v": ("1", "2"),
        "x.y": "1.0",
    }


def test_json_extraction_names() -> None:
    (row,) = rows([NESTED], raw_json=True)
    assert row["objects{}.k"] == ("n1", "n2")
    assert row["objects{}.v{}"] == ("1", "2")
    assert row["list{}"] == ("x", "2")
    assert "list" not in row
    assert "a.none" not in row


def test_json_null_by_reading() -> None:
    (row,) = rows([NESTED], raw_json=True, reading=Reading(json_null="text"))
    assert row["a.none"] == "null"
    assert row["list{}"] == ("x", "2", "null")
    (row,) = rows([NESTED], reading=Reading(json_null="text"))
    assert "a.none" not in row


def test_time() -> None:
    cases: list[tuple[dict[str, object], float | None]] = [
        ({"@timestamp": 1735689600000}, 1735689600),
        ({"@timestamp": "1735689600000"}, 1735689600),
        ({"@timestamp": "2025-01-01T01:00:00+01:00"}, 1735689600),
        ({"@timestamp": "2025-01-01T00:00:00"}, 1735689600),
        ({"_time": 12.5, "@timestamp": 1735689600000}, 12.5),
        ({"@timestamp": "yesterday"}, None),
        ({}, None),
    ]
    for event, expected in cases:
        (row,) = rows([event])
        assert row.get("_time") == expected


def test_results_are_lists_text_and_numbers() -> None:
    (row,) = run("* | eval n=list, m=1+1 | table list m objects.k", [NESTED])
    assert row == {"list": ["x", "2"], "m": 2, "objects.k": ["n1", "n2"]}


def test_events_are_not_changed() -> None:
    event = {"a": {"b": 1}}
    run("* | eval a.b=2 | rename a.b as c", [event])
    assert event == {"a": {"b": 1}}


def test_readings_are_distinct_and_flip_each_switch() -> None:
    assert READINGS[0] == Reading()
    assert len(set(READINGS)) == len(READINGS)
    assert len({reading.name for reading in READINGS}) == len(READINGS)
