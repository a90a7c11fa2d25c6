"""Rules in ES|QL of our own: the reference, the Python module and the Splunk search give the same rows."""

from __future__ import annotations

import pytest
from esql_queries import NOT_SENTINEL, NOT_SPLUNK, QUERIES, SENTINEL, SPLUNK, rule

import converter
from converter.diagnostics import Severity
from converter.model.pipeline import Pipeline
from converter.model.rule import Rule
from converter.proof.alerts import expected
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.spl.reading import READINGS
from converter.proof.panel.python import PythonJudge
from converter.proof.panel.sentinel import KustoJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.scene import scenes
from converter.reference.detection import alerts


def found(query: str) -> Rule:
    read = rule(query)
    assert isinstance(read.detection, Pipeline)
    assert not [d for d in read.notes if d.severity is Severity.ERROR]
    return read


@pytest.mark.parametrize("query", SPLUNK.values(), ids=SPLUNK.keys())
def test_splunk_gives_the_rows(query: str) -> None:
    read = found(query)
    made = converter.convert(read, "splunk", "ecs", bare=True, inline_macros=True)
    assert made.status == "exact", made.diagnostics
    judge, judged, rows = SplJudge(READINGS[:1]), 0, 0
    for scene in scenes(read.detection):
        wanted = expected(read, scene, without=made.left_out)
        try:
            answers = judge.answers(read, made, scene)
        except CannotJudgeError:
            continue
        judged += 1
        rows += sum(wanted.values())
        assert dict.fromkeys(answers, wanted) == answers
    assert judged > 1
    assert rows > 0


@pytest.mark.parametrize("query", SENTINEL.values(), ids=SENTINEL.keys())
def test_sentinel_gives_the_rows(query: str) -> None:
    read = found(query)
    made = converter.convert(read, "sentinel", "ecs", bare=True)
    assert made.status == "exact", made.diagnostics
    judge, rows = KustoJudge(), 0
    for scene in scenes(read.detection):
        wanted = expected(read, scene, without=made.left_out)
        try:
            answers = judge.answers(read, made, scene)
        except CannotJudgeError:
            continue
        rows += sum(wanted.values())
        assert dict.fromkeys(answers, wanted) == answers
    assert rows > 0


@pytest.mark.parametrize(
    ("target", "key"), [*(("splunk", k) for k in NOT_SPLUNK), *(("sentinel", k) for k in NOT_SENTINEL)]
)
def test_error_of_what_cannot_be_said_yet(target: str, key: str) -> None:
    made = converter.convert(found(QUERIES[key]), target, "ecs")
    assert made.status == "refused"
    assert "T006" in {d.code for d in made.diagnostics}


def test_what_only_fills_the_alert_is_left_out_where_it_has_no_form() -> None:
    """TOP has no exact words on either; no condition reads it (rule Q42)."""
    query = 'from logs-* | stats n = count(*), t = top(process.pid, 2, "asc") by user.name | eval s = mv_count(t) | where n > 1'
    read = found(query)
    for target, judge in (("splunk", SplJudge(READINGS[:1])), ("sentinel", KustoJudge())):
        made = converter.convert(read, target, "ecs", bare=True, inline_macros=True)
        assert made.status == "exact", made.diagnostics
        assert made.left_out == ("t", "s")
        assert "Q042" in {d.code for d in made.diagnostics}
        for scene in scenes(read.detection)[:6]:
            wanted = expected(read, scene, without=made.left_out)
            answers = judge.answers(read, made, scene)
            assert dict.fromkeys(answers, wanted) == answers


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_what_a_condition_reads_is_never_left_out(target: str) -> None:
    query = 'from logs-* | stats n = count(*), t = top(process.pid, 2, "asc") by user.name | where mv_count(t) > 1'
    assert converter.convert(found(query), target, "ecs").status == "refused"


COUNTED = "from logs-* | stats n = count(*) by user.name"
TIMES = "from logs-* | stats b = max(@timestamp), a = min(@timestamp) by user.name"
VERSION = "from logs-* | eval v = to_version(process.name)"
PYTHON = {
    **QUERIES,
    "version as text": f"{VERSION}, t = to_string(v) | stats n = count(*) by t | where n > 0",
    "sum of values": "from logs-* | stats v = values(process.pid) by user.name | eval s = mv_sum(v) | where s > 1",
    "root": f"{COUNTED} | eval s = sqrt(n) | where s >= 1",
    "periods": f"{TIMES} | eval d = b + 1 month, e = b - 1 day | where d > b and e < b",
    "whole beside double": f"{COUNTED} | where case(n > 1, 2.5, 1) > 0",
}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f'{VERSION} | where v > to_version("1.2") or process.pid > mv_count(process.args)', "versions"),
        (f"{VERSION} | sort v | limit 5 | where process.pid > 1", "versions in order"),
        (f"{VERSION} | stats m = max(v) by user.name | where m is not null", "versions in groups"),
        (
            "from logs-* | mv_expand process.args | where cidr_match(source.ip, process.args)",
            "cidr_match with a column of networks",
        ),
        (f'{TIMES} | where date_diff("fortnight", a, b) > 1', "date_diff by fortnight"),
        (f"{TIMES} | where date_diff(user.name, a, b) > 1", "date_diff by a column"),
        (
            'from logs-* | eval a = replace(process.name, "\\\\X", "_") | stats n = count(*) by a | where n > 0',
            "replace with this expression (it uses \\X)",
        ),
    ],
)
def test_error_of_what_python_cannot_say(query: str, said: str) -> None:
    made = converter.convert(found(query), "python", "ecs")
    assert made.status == "refused"
    assert [d.message for d in made.diagnostics if d.code == "T006"] == [f"{said} cannot be carried into Python"]


@pytest.mark.parametrize("query", PYTHON.values(), ids=PYTHON.keys())
def test_python_gives_the_rows(query: str) -> None:
    read = found(query)
    made = converter.convert(read, "python")
    assert made.status == "exact", made.diagnostics
    names: dict[str, object] = {}
    exec(compile(made.text, "artifact", "exec"), names)  # noqa: S102 -- it is what users run
    run = names["alerts"]
    assert callable(run)
    for scene in scenes(read.detection):
        numbers = {id(event): i for i, event in enumerate(scene.events)}
        wanted = sorted(alert.events for alert in alerts(read.detection, scene.events, clock=None))
        rows = run(list(scene.events), scene.now)
        assert sorted(tuple(sorted(numbers[id(e)] for e in row["events"])) for row in rows) == wanted


def test_judge_of_python_knows_pipelines() -> None:
    read = found(QUERIES["null key"])
    scene = scenes(read.detection)[1]
    verdicts = PythonJudge().run(read, converter.convert(read, "python"), scene)
    members = {i for alert in alerts(read.detection, scene.events) for i in alert.events}
    assert list(verdicts) == [i in members for i in range(len(scene.events))]
