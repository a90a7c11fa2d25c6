"""Parquet and Arrow: only columns that rules ask for are read, and events that hit are whole."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import run
from shared import ROOT

from benchmarks.events import events as stream
from converter.diagnostics import Diagnostic
from converter.engine.sources import columns
from converter.engine.sources.batch import Batch
from converter.engine.sources.files import batches

pa = pytest.importorskip("pyarrow", reason="pyarrow is in the extra parquet")

ROWS = [
    {
        "process": {"name": f"p{n}", "args": ["a", str(n)], "parent": {"name": "x"}},
        "user.name": f"u{n}",
        "n": n,
        "deep": [{"a": n}],
    }
    for n in range(25)
]


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:

    importlib.import_module("pyarrow.parquet").write_table(pa.Table.from_pylist(rows), path, row_group_size=10)


def write_arrow(path: Path, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows)
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=10)


WRITERS = [pytest.param(write_parquet, id="parquet"), pytest.param(write_arrow, id="arrow")]
Writer = Callable[[Path, list[dict[str, Any]]], None]


def read(path: Path, *wanted: str) -> list[Batch]:
    said: list[Diagnostic] = []
    found = list(batches(str(path), said.append, wanted=frozenset(wanted)))
    assert said == []
    return found


@pytest.mark.parametrize("write", WRITERS)
def test_columns_that_no_rule_asks_for_are_not_read(
    tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "ROWS", 4)
    path = tmp_path / "events"
    write(path, ROWS)
    found = read(path, "user.name", "process.parent.name", "deep.a", "nowhere")
    narrow = [event for batch in found for event in batch.events]
    kept = {"user.name", "process", "deep"}
    assert len(narrow) == len(ROWS)
    assert set(narrow[3]) == kept
    assert narrow[3]["user.name"] == "u3"
    assert narrow[3]["deep"] == [{"a": 3}]
    if write is write_parquet:
        assert narrow[3]["process"] == {"parent": {"name": "x"}}


@pytest.mark.parametrize("write", WRITERS)
def test_whole_events_are_at_hand_at_any_place(tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "ROWS", 4)
    path = tmp_path / "events"
    write(path, ROWS)
    for batch in read(path, "n"):
        assert batch.whole is not None
        last = batch.count - 1
        assert batch.whole([0, last]) == [ROWS[batch.first - 1], ROWS[batch.first - 1 + last]]
        assert batch.whole([0]) == [ROWS[batch.first - 1]]
        if last:
            assert batch.behind(1).whole([last - 1]) == [ROWS[batch.first - 1 + last]]  # type: ignore[misc]


@pytest.mark.parametrize("write", WRITERS)
def test_a_rule_that_asks_for_nothing_that_is_there(tmp_path: Path, write: Writer) -> None:
    path = tmp_path / "events"
    write(path, ROWS)
    assert sum(batch.count for batch in read(path, "nowhere")) == len(ROWS)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_alerts_are_those_of_json_lines(
    tmp_path: Path, write: Writer, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sample rules of every kind, rules over several events among them."""
    monkeypatch.chdir(tmp_path)
    rows: list[dict[str, Any]] = [dict(event) for event in stream(400)]
    flat = [{name: json.dumps(value) if name == "elastic" else value for name, value in row.items()} for row in rows]
    (tmp_path / "flat.ndjson").write_text("".join(json.dumps(row) + "\n" for row in flat))
    names = dict.fromkeys(name for row in flat for name in row)
    write(tmp_path / "events", [{name: row.get(name) for name in names} for row in flat])

    def alerts(name: str) -> list[tuple[object, ...]]:
        ran = run("evaluate", str(ROOT / "rules" / "samples"), "-e", name, "-j", jobs, "-q")
        found = map(json.loads, ran.out.splitlines())
        return sorted(
            (one["rule"]["name"], tuple(one["numbers"]), repr(one["key"]), len(one["events"])) for one in found
        )

    assert alerts("events") == alerts("flat.ndjson")
    assert len(alerts("events")) > 20
