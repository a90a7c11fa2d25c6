"""Pipelines by chance: the reference, the Python module, the SPL and Kusto judges and duckdb-kql give the same rows.

Events lack values, hold several, the empty text, and stand at equal times. Every Kusto query, exact or not, is one to
Microsoft's parser. `SIEMGLOT_ESQL_EXAMPLES` says how many pipelines are judged.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from duckdb_rows import DuckdbRows
from engines import kusto_parser
from esql_random import FIELDS, by_chance
from hypothesis import given, settings
from hypothesis import strategies as st

import converter
from converter.model.pipeline import Pipeline
from converter.proof.alerts import expected
from converter.proof.engine import clock_for
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.spl.reading import READINGS
from converter.proof.panel.sentinel import TABLE, KustoJudge
from converter.proof.panel.splunk import SplJudge
from converter.reference.detection import alerts

EXAMPLES = int(os.environ.get("SIEMGLOT_ESQL_EXAMPLES", "60"))
FIXED = settings(derandomize=True, deadline=None, max_examples=EXAMPLES, database=None)
LEAST = EXAMPLES // 10
"""What each judge must have judged."""
TALLY: Counter[str] = Counter()
QUERIES: dict[str, str] = {}
SEEDS = st.integers(0, 1 << 48)


@FIXED
@given(SEEDS)
def check_python(seed: int) -> None:
    read, query, scene = by_chance(seed)
    if not isinstance(read.detection, Pipeline):
        return
    made = converter.convert(read, "python")
    assert made.status == "exact", made.diagnostics
    names: dict[str, Callable[..., list[Mapping[str, Sequence[object]]]]] = {}
    exec(compile(made.text, "artifact", "exec"), names)  # noqa: S102 -- it is what users run
    numbers = {id(event): i for i, event in enumerate(scene.events)}
    wanted = sorted(alert.events for alert in alerts(read.detection, scene.events, clock=clock_for(read, scene)))
    rows = names["alerts"](list(scene.events), scene.now)
    found = sorted(tuple(sorted(numbers[id(e)] for e in row["events"])) for row in rows)
    assert found == wanted, f"{query}\n{scene.events}"
    TALLY["python scenes"] += 1


@FIXED
@given(SEEDS)
def check_splunk(seed: int) -> None:
    read, query, scene = by_chance(seed)
    made = converter.convert(read, "splunk", "ecs", bare=True, inline_macros=True)
    if made.status == "exact" and isinstance(read.detection, Pipeline):
        wanted = expected(read, scene, without=made.left_out)
        answers = SplJudge(READINGS[:1]).answers(read, made, scene)
        assert dict.fromkeys(answers, wanted) == answers, f"{query}\n{made.text}\n{scene.events}"
        TALLY["splunk scenes"] += 1
        TALLY["splunk rows"] += sum(wanted.values())


@FIXED
@given(SEEDS)
def check_sentinel(seed: int) -> None:
    read, query, scene = by_chance(seed)
    made = converter.convert(read, "sentinel", "ecs", bare=True)
    if made.text:
        QUERIES[query] = made.text
    if made.status != "exact" or not isinstance(read.detection, Pipeline):
        return
    wanted = expected(read, scene, without=made.left_out)
    for judge in (KustoJudge(), DuckdbRows()):
        try:
            answers = judge.answers(read, made, scene)
        except CannotJudgeError:
            return
        assert dict.fromkeys(answers, wanted) == answers, f"{judge.name}\n{query}\n{made.text}\n{scene.events}"
        TALLY[f"{judge.name} scenes"] += 1
        TALLY[f"{judge.name} rows"] += sum(wanted.values())


def test_python_gives_the_rows() -> None:
    check_python()
    assert TALLY["python scenes"] > LEAST


def test_splunk_gives_the_rows() -> None:
    check_splunk()
    assert TALLY["splunk scenes"] > LEAST
    assert TALLY["splunk rows"] > LEAST


def test_sentinel_gives_the_rows_and_microsofts_parser_takes_every_query() -> None:
    check_sentinel()
    assert TALLY["kusto scenes"] > LEAST
    assert TALLY["kusto rows"] > LEAST
    kinds = {"text": "string", "whole": "long", "real": "real", "bool": "bool", "ip": "string", "date": "datetime"}
    columns = {name: "dynamic" if c.many else kinds[c.kind] for name, c in FIELDS.items()}
    try:
        found = kusto_parser.diagnose(list(QUERIES.items()), {TABLE: columns}, sentinel=False)
    except EngineUnavailable as why:
        pytest.skip(str(why))
    assert len(found) > LEAST
    wrong = {query: (QUERIES[query], said) for query, said in found.items() if said}
    assert not wrong, next(iter(wrong.items()))
