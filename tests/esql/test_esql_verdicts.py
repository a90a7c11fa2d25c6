"""Rules in ES|QL of our own: the reference, the Python module and the Splunk search give the same rows."""

from __future__ import annotations

import pytest

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

QUERIES = {
    "guard": 'from logs-* | where process.args == "a" and not host.name in ("x", "y")',
    "negation": 'from logs-* | where not (event.type like "st*" or process.pid > 5)',
    "computed": 'from logs-* | eval l = length(process.name) | where l >= 4 and concat(user.name, "@", host.name) like "*@a*"',
    "case": 'from logs-* | eval r = case(process.pid > 5, "high", user.name == "alpha", "mine", "low") | where r != "low"',
    "null key": "from logs-* | stats n = count(*), u = count_distinct(user.id) by host.name | where n >= 2",
    "array key": "from logs-* | stats n = count(), t = count(event.type) by event.type | where n > 1",
    "where in stats": 'from logs-* | stats a = count(*) where process.name == "alpha", b = max(process.pid) by user.name | where a >= 1',
    "sum of case": 'from logs-* | stats s = sum(case(event.outcome == "failure", 1, 0)) by user.name | where s > 1',
    "buckets": "from logs-* | eval w = date_trunc(30 seconds, @timestamp) | stats n = count() by w, host.name | where n > 2",
    "difference": 'from logs-* | stats f = min(@timestamp), l = max(@timestamp) by host.name | eval d = date_diff("second", f, l) | where d >= 7',
    "division": "from logs-* | eval q = process.pid / 2, h = process.pid * 0.5 | where q >= 3 and h < 100",
    "values": "from logs-* | stats v = values(user.name) by host.name | eval c = mv_count(v), one = mv_first(v) | where c == 2",
    "expand": 'from logs-* | mv_expand event.type | where event.type == "start" | stats n = count() by host.name | where n > 1',
    "two stats": "from logs-* | stats n = count() by host.name, user.name | stats m = max(n), k = count() by host.name | where m >= 2",
    "beside": "from logs-* | inline stats n = count() by host.name | where n == 2",
    "renamed": 'from logs-* | rename user.name as u | where u == "alpha" | stats n = count() by u | where n > 1',
    "dissect": 'from logs-* | dissect process.command_line "%{head} %{rest}" | where head == "gamma"',
    "grok": 'from logs-* | grok process.command_line "(?<word>[a-z]+) (?<tail>.*)" | where word == "gamma"',
    "replaced": 'from logs-* | eval c = length(process.name) - length(replace(process.name, "[a-m]", "")) | where c > 1',
    "network": 'from logs-* | eval n = length(user.name) | where n > 0 and not cidr_match(source.ip, "10.0.0.0/8", "2001:db8::/32") | keep source.ip',
    "null logic": 'from logs-* | eval x = coalesce(user.id, user.name) | where x is null or not x == "alpha"',
    "search": 'from logs-* | where not kql("user.name: alpha and event.type: start") | eval n = length(host.name) | where n > 1',
}


def rule(query: str) -> Rule:
    text = f"[rule]\nname = 'x'\ntype = 'esql'\nlanguage = 'esql'\nfrom = 'now-1h'\nquery = '''{query}'''\n"
    return converter.parse_rule(text)


def found(query: str) -> Rule:
    read = rule(query)
    assert isinstance(read.detection, Pipeline)
    assert not [d for d in read.notes if d.severity is Severity.ERROR]
    return read


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_splunk_gives_the_rows(query: str) -> None:
    read = found(query)
    made = converter.convert(read, "splunk", "ecs", bare=True, inline_macros=True)
    assert made.status == "exact", made.diagnostics
    judge, judged, rows = SplJudge(READINGS[:1]), 0, 0
    for scene in scenes(read.detection):
        wanted = expected(read, scene)
        try:
            answers = judge.answers(read, made, scene)
        except CannotJudgeError:
            continue
        judged += 1
        rows += sum(wanted.values())
        assert dict.fromkeys(answers, wanted) == answers
    assert judged > 1
    assert rows > 0


SENTINEL = {k: q for k, q in QUERIES.items() if k not in ("beside", "dissect")}


@pytest.mark.parametrize("query", SENTINEL.values(), ids=SENTINEL.keys())
def test_sentinel_gives_the_rows(query: str) -> None:
    read = found(query)
    made = converter.convert(read, "sentinel", "ecs", bare=True)
    assert made.status == "exact", made.diagnostics
    judge, rows = KustoJudge(), 0
    for scene in scenes(read.detection):
        wanted = expected(read, scene)
        try:
            answers = judge.answers(read, made, scene)
        except CannotJudgeError:
            continue
        rows += sum(wanted.values())
        assert dict.fromkeys(answers, wanted) == answers
    assert rows > 0


@pytest.mark.parametrize("key", ["beside", "dissect"])
def test_error_of_what_kusto_cannot_say_yet(key: str) -> None:
    made = converter.convert(found(QUERIES[key]), "sentinel", "ecs")
    assert made.status == "refused"
    assert "T006" in {d.code for d in made.diagnostics}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
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
