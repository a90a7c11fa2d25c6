"""The same hits from record batches, from local Spark over Parquet, and from one process."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import samples

from benchmarks.events import events
from converter.engine import Engine
from converter.engine.spark import alerts, evaluate, hits, rule_name

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is in the extras parquet and spark")
RULES = [sample.rule for sample in samples() if not sample.refused]
EVENTS = list(events(120))


def wanted() -> list[list[str]]:
    engine = Engine(RULES)
    found = ([rule_name(rule) for rule in engine.match(event)] for event in EVENTS)
    return sorted(names for names in found if names)


def told(rows: list[dict[str, object]]) -> list[list[str]]:
    return sorted(list(row["rules"]) for row in rows if len(row["rules"]))  # type: ignore[call-overload, arg-type]


def batches() -> Iterator[Any]:
    for start in range(0, len(EVENTS), 50):
        texts = [json.dumps(event) for event in EVENTS[start : start + 50]]
        yield pyarrow.RecordBatch.from_pydict({"line": texts})


def test_record_batches() -> None:
    rows = [row for batch in hits(RULES, "line")(batches()) for row in batch.to_pylist()]
    assert wanted()
    assert told(rows) == wanted()


def test_rows_whose_columns_are_fields() -> None:
    batch = pyarrow.RecordBatch.from_pylist([{"process.name": "x", "n": None}, {"process": {"name": "y"}}])
    rows = [row for found in hits(RULES)(iter([batch])) for row in found.to_pylist()]
    engine = Engine(RULES)
    singles = [[rule_name(r) for r in engine.match(e)] for e in ({"process.name": "x"}, {"process": {"name": "y"}})]
    assert told(rows) == sorted(names for names in singles if names)


def test_alerts_of_rules_over_several_events_come_of_the_hits() -> None:
    rows = [row for batch in hits(RULES, "line")(batches()) for row in batch.to_pylist()]
    found = sorted(alert.rule.meta.name for alert in alerts(reversed(rows), RULES))
    assert found == sorted(alert.rule.meta.name for alert in Engine(RULES).stream(EVENTS))


@pytest.mark.filterwarnings("ignore")  # Spark's own
def test_local_spark_over_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is in the extra spark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    import pyarrow.parquet

    path = tmp_path / "events.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"line": [json.dumps(event) for event in EVENTS]}), path)
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        rows = [row.asDict() for row in evaluate(session.read.parquet(str(path)), RULES, "line").collect()]
    finally:
        session.stop()
    assert told(rows) == wanted()
