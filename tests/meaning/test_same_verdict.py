"""Witness events of the corpus have the same verdict in the reference, in our artifacts and in engines of others.

A normal run takes rules that together have every feature; `-m sweep` takes all. What was judged and what not is
printed (pytest -s, or on failure).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import pytest
from meaning.choice import chosen
from meaning.judges import converted, judged
from meaning.least import enough
from shared import needs_shared

from converter.model.rule import IndicatorMatch, Match, NewTerms, Rule, Sample, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.proof import CannotJudgeError, Engine, PythonArtifact, Reference, Scene, verify
from converter.proof.alerts import Answer, expected
from converter.proof.elastic.osmem import OsmemServer
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto import reading as kusto
from converter.proof.judges.spl import reading as spl
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.scene import scenes
from converter.target.artifact import Artifact

pytestmark = needs_shared
BOTH = pytest.mark.parametrize(
    "everything", [False, pytest.param(True, marks=pytest.mark.sweep)], ids=["chosen", "all"]
)
SEVERAL = (EqlSequence, Sample, Threshold, NewTerms, IndicatorMatch)


R = TypeVar("R")


def _some(every: Sequence[R], *, everything: bool) -> Sequence[R]:
    """All readings of an interpreter; for a normal run the default, the one that flips most, and some between."""
    return every if everything else [every[0], every[-1], *every[1:-1:8]]


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            yield running
    except EngineUnavailable as why:
        pytest.skip(str(why))


def _say(line: str) -> None:
    sys.stdout.write(f"\n{line}")


def _judge(engine: Engine, kinds: tuple[type, ...], *, everything: bool, wanted: int = 68) -> None:
    """Reference against one engine over witnesses; prints the count, fails with the smallest disagreements."""
    rules = chosen(kinds, everything=everything, wanted=wanted)
    assert rules, "the corpus has such rules"
    judged_events, offered, left_out, skipped, differing = 0, 0, 0, Counter[str](), []
    for rule in rules:
        verdicts = verify(rule, engines=(Reference(), engine))
        given = [row.verdicts[1] is not None for row in verdicts.rows]
        judged_events += sum(given)
        offered += len(given)
        left_out += 0 if verdicts.skipped else len(given) - sum(given)
        skipped.update({reason: count for (_, reason), count in verdicts.skipped.items()})
        if not verdicts.agree:
            differing.append(f"{rule.source.name}\n{verdicts}")
    _say(
        f"{engine.name}: {len(rules)} rules, {judged_events} of {offered} events judged, {left_out} not held, "
        f"{len(differing)} rules differ"
    )
    for reason, count in skipped.most_common():
        _say(f"  not judged {count}: {reason}")
    assert not differing, "\n".join(differing[:5])
    enough(engine.name, "all" if everything else "chosen", judged_events, offered)


@BOTH
def test_python_artifact(everything: bool) -> None:
    _judge(PythonArtifact(), (Match, *SEVERAL), everything=everything, wanted=120)


@pytest.mark.engine
@BOTH
def test_elastic_side(server: OsmemServer, everything: bool) -> None:
    _judge(Osmem(server), (Match,), everything=everything)


@BOTH
def test_splunk_search(everything: bool) -> None:
    _judge(judged(SplJudge(_some(spl.READINGS, everything=everything))), (Match,), everything=everything, wanted=40)


@BOTH
def test_kusto_query(everything: bool) -> None:
    _judge(judged(KustoJudge(_some(kusto.READINGS, everything=everything))), (Match,), everything=everything, wanted=40)


@BOTH
def test_sigma_rule(everything: bool) -> None:
    _judge(judged(SigmaJudge()), (Match,), everything=everything)


@pytest.mark.engine
@BOTH
def test_kusto_query_on_duckdb(everything: bool) -> None:
    pytest.importorskip("duckdb_kql")
    _judge(judged(DuckdbJudge()), (Match,), everything=everything, wanted=20)


@pytest.mark.engine
@BOTH
def test_sigma_rule_on_sqlite(everything: bool) -> None:
    pytest.importorskip("sigma.backends.sqlite")
    _judge(judged(SqliteJudge()), (Match,), everything=everything, wanted=96)  # it can say few of them


class _Several(Protocol):
    """A judge of detections over several events."""

    name: str
    target: str
    fields: str

    def answers(self, rule: Rule, artifact: Artifact, scene: Scene) -> Mapping[str, Answer]: ...


def _judge_groups(judge: _Several, *, everything: bool, by_event: bool) -> None:
    """Reference against one engine over scenes of several events."""
    rules = chosen((EqlSequence, Sample, Threshold, NewTerms), everything=everything, wanted=24)
    assert rules
    scenes_judged, offered, skipped, differing = Counter[str](), 0, Counter[str](), []
    for rule in rules:
        for scene in scenes(rule.detection, limit=40 if everything else 24, window_ms=rule.meta.window.from_ms):
            offered += 1
            try:
                made = converted(rule, judge.target, judge.fields)
                answers = judge.answers(rule, made, scene)
            except CannotJudgeError as why:
                skipped[str(why)] += 1
                continue
            scenes_judged[type(rule.detection).__name__] += 1
            wanted = expected(rule, scene, by_event=by_event, without=made.left_out)
            differing += [
                f"{rule.source.name}: {scene.name} under {reading}: {wanted} here, {got} there\n{scene.events}"
                for reading, got in answers.items()
                if got != wanted
            ]
    _say(f"{judge.name}: {len(rules)} rules, scenes judged {dict(scenes_judged)} of {offered}, {len(differing)} differ")
    for reason, count in skipped.most_common():
        _say(f"  not judged {count}: {reason}")
    assert not differing, "\n".join(differing[:5])
    for kind in ("Sequence", "Threshold", "NewTerms"):
        enough(f"{judge.name} {kind}", "all" if everything else "chosen", scenes_judged[kind], offered)


@BOTH
def test_splunk_search_over_several_events(everything: bool) -> None:
    _judge_groups(SplJudge(_few(spl.READINGS, everything=everything)), everything=everything, by_event=False)


@BOTH
def test_kusto_query_over_several_events(everything: bool) -> None:
    _judge_groups(KustoJudge(_few(kusto.READINGS, everything=everything)), everything=everything, by_event=True)


def _few(every: Sequence[R], *, everything: bool) -> Sequence[R]:
    return _some(every, everything=False)[: 9 if everything else 2]
