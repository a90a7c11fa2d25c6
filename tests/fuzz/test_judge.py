"""A small share of `make judge`: nothing differs, every engine speaks, and a fifth of the pairs is ES|QL's."""

from __future__ import annotations

import pytest

from benchmarks.judge import ESQL, run


@pytest.mark.engine
def test_random_rules_are_judged_alike() -> None:
    for package in ("eql", "duckdb_kql", "osmem_server"):
        pytest.importorskip(package)
    tallies = run(2_500, 5)
    assert [one for tally in tallies.values() for one in tally.differing] == []
    drawn, esql = tallies["judge"], tallies["judge of ES|QL"]
    assert ESQL <= esql.pairs / (drawn.pairs + esql.pairs) < 1.3 * ESQL
    assert set(drawn.verdicts) >= {"python", "spl", "kusto", "duckdb", "sigma", "sqlite", "elastic", "osmem", "eql"}
    assert set(esql.verdicts) >= {"python", "spl", "kusto", "duckdb"}
