"""What Spark costs beside plain processes: `python -m benchmarks.cluster 200000`, part of `make bench`.

Both evaluate the same lines of one Parquet file with two workers. Compared is the CPU time of everything that works
(the Java machine, Python workers, the driver) in steady state: the least of some passes after a first one, when
machines are up, rules are handed over, plans are made, and Java has compiled what it runs often.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.events import events
from benchmarks.measure import ROOT, line
from benchmarks.rules import rules_of_events
from converter.engine.spark import evaluate, hits
from converter.model.rule import Rule

WORKERS = 2
PASSES = 5
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu() -> float:
    """Seconds of CPU of this process and of everything below it, by /proc."""
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        spent[number] = sum(map(int, fields[11:15]))
    below = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(spent[one] for one in below if one in spent) / _TICKS


_RUN = hits(())


def _prepare(rules: Sequence[Rule]) -> None:
    """In a worker of plain processes: the rules come once, as Spark's do."""
    global _RUN  # noqa: PLW0603 - a worker's own
    _RUN = hits(rules, "line")


def _judge(path: str, group: int) -> list[list[int]]:
    import pyarrow.parquet

    batches = pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=10_000, row_groups=[group])
    return [row["predicates"] for batch in _RUN(batches) for row in batch.to_pylist()]


def in_processes(path: Path, rules: Sequence[Rule]) -> tuple[list[list[int]], float]:
    """The hits, and the CPU of a pass in steady state."""
    parts: list[list[list[int]]] = []
    spent = []
    with ProcessPoolExecutor(WORKERS, initializer=_prepare, initargs=(rules,)) as pool:
        for _ in range(PASSES):
            start = cpu()
            parts = list(pool.map(_judge, [str(path)] * WORKERS, range(WORKERS)))
            spent.append(cpu() - start)
        return [found for part in parts for found in part], min(spent[1:])


def in_spark(path: Path, rules: Sequence[Rule]) -> tuple[list[list[int]], float]:
    """The hits, and the CPU of a pass in steady state."""
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(ROOT)}
    options = {"spark.ui.enabled": "false", "spark.sql.execution.arrow.maxRecordsPerBatch": "10000"}
    options |= {"spark.sql.files.maxPartitionBytes": str(path.stat().st_size // WORKERS + 1)}
    builder = SparkSession.builder.master(f"local[{WORKERS}]")
    session = builder.config(map=options).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    found: list[list[int]] = []
    spent = []
    try:
        frame = evaluate(session.read.parquet(str(path)), rules, "line").select("predicates")
        for _ in range(PASSES):
            start = cpu()
            found = [list(row["predicates"]) for row in frame.collect()]
            spent.append(cpu() - start)
    finally:
        session.stop()
    return found, min(spent[1:])


def compare(count: int, rules: Sequence[Rule]) -> None:
    """Both, on as many events."""
    missing = next((name for name in ("pyspark", "pyarrow") if importlib.util.find_spec(name) is None), "")
    if missing or shutil.which("java") is None:
        line(f"Spark is not measured: {missing or 'Java'} is not installed", "")
        return
    import pyarrow as pa
    import pyarrow.parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        table = pa.table({"line": [json.dumps(event, separators=(",", ":")) for event in events(count)]})
        pyarrow.parquet.write_table(table, path, row_group_size=-(-count // WORKERS))
        plain, least = in_processes(path, rules)
        spark, most = in_spark(path, rules)
    line(
        f"{len(rules)} event rules on {count:,} events, {WORKERS} processes (CPU)",
        f"{1e6 * least / count:10.1f} us/event",
    )
    line(
        f"the same, Spark local[{WORKERS}] on Parquet (CPU)",
        f"{1e6 * most / count:10.1f} us/event   {most / least:5.2f} x",
    )
    line("both find the same", str(sorted(plain) == sorted(spark)))


def main() -> int:
    """Spark beside processes."""
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, rules_of_events())
    return 0


if __name__ == "__main__":
    sys.exit(main())
