"""Our own samples, on every target, by every judge that a plain clone has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from meaning.judges import converted
from meaning.least import enough
from samples import GAPS, Sample, samples

from converter import api
from converter.model.pattern import Case
from converter.model.predicate import Compare, Comparison, Holds, Like, Matches, OneOf, Predicate
from converter.model.rule import AnyOf, Detection, IndicatorMatch, Match
from converter.model.value import Call, Function, Kind
from converter.model.walk import fields, predicates, walk
from converter.proof import CannotJudgeError, Judge, Reference
from converter.proof.alerts import expected
from converter.proof.elastic.osmem import OsmemServer
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto import reading as kusto
from converter.proof.judges.spl import reading as spl
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.python import PythonJudge
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge

CONVERTED = tuple(sample for sample in samples() if not sample.refused)
SPL, KUSTO = SplJudge(spl.READINGS), KustoJudge(kusto.READINGS)
JUDGES: dict[str, Judge] = {
    judge.name: judge for judge in (PythonJudge(), SPL, KUSTO, DuckdbJudge(), SigmaJudge(), SqliteJudge())
}
UNREAD = frozenset({AnyOf})
"""What no rule says: only binding makes it."""

SECOND_OPINIONS = {"duckdb": "duckdb_kql", "sqlite": "sigma.backends.sqlite"}


def _cases() -> list[Any]:
    """Every sample by every judge; an excuse in the sample's file is a strict xfail."""
    found = []
    for sample in CONVERTED:
        for name in _able(sample):
            excuse = sample.excuses.get(name)
            marks: list[pytest.MarkDecorator] = []
            if excuse is not None:
                assert excuse.gap in GAPS, sample.name
                marks.append(getattr(pytest.mark, excuse.gap))
                marks.append(pytest.mark.xfail(strict=True, raises=CannotJudgeError, reason=excuse.because))
            found.append(pytest.param(sample, name, marks=marks, id=f"{sample.name}-{name}"))
    return found


def _able(sample: Sample) -> tuple[str, ...]:
    """The judges of the sample's kind: some know single events only."""
    return tuple(JUDGES) if isinstance(sample.rule.detection, Match) else ("python", "spl", "kusto")


@pytest.mark.parametrize("sample", CONVERTED, ids=lambda sample: sample.name)
def test_reference_finds_what_is_expected(sample: Sample) -> None:
    found = {one.scene.name: tuple(Reference().run(sample.rule, one.scene)) for one in sample.scenes}
    assert found == {one.scene.name: one.found for one in sample.scenes}


@pytest.mark.parametrize("sample", CONVERTED, ids=lambda sample: sample.name)
def test_sample_has_what_is_found_and_what_is_not(sample: Sample) -> None:
    found = {verdict for one in sample.scenes for verdict in one.found}
    assert found == ({True} if sample.name == "kuery_constant" else {True, False})
    assert set(sample.excuses) <= {*_able(sample), "osmem"}


@pytest.mark.parametrize(("sample", "name"), _cases())
def test_judge_finds_what_is_expected(sample: Sample, name: str) -> None:
    if name in SECOND_OPINIONS:
        pytest.importorskip(SECOND_OPINIONS[name])
    rule = sample.rule
    judge = JUDGES[name]
    artifact = converted(rule, judge.target, judge.fields)
    if isinstance(rule.detection, Match | IndicatorMatch) or name == "python":
        judged = 0
        for one in sample.scenes:
            verdicts = judge.run(rule, artifact, one.scene)
            judged += sum(verdict is not None for verdict in verdicts)
            differing = [
                (event, verdict)
                for event, verdict, found in zip(one.scene.events, verdicts, one.found, strict=True)
                if verdict not in (None, found)
            ]
            assert not differing, f"{differing}\n{artifact.text}"
        least = 1 if name in SECOND_OPINIONS else sum(len(one.found) for one in sample.scenes) // 2
        assert judged >= least, f"{judged} judged"
        return
    assert isinstance(judge, SplJudge | KustoJudge)
    for one in sample.scenes:
        wanted = expected(rule, one.scene, by_event=isinstance(judge, KustoJudge), without=artifact.left_out)
        answers = judge.answers(rule, artifact, one.scene)
        assert dict.fromkeys(answers, wanted) == answers, f"{one.scene.name}\n{artifact.text}"


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            yield running
    except EngineUnavailable as why:
        pytest.skip(str(why))


@pytest.mark.engine
def test_elastic_finds_what_is_expected(server: OsmemServer) -> None:
    """Elastic's own side of the samples on single events: what is expected of us is what Elastic finds."""
    judged, silent = Counter[str](), set()
    for sample in CONVERTED:
        if not isinstance(sample.rule.detection, Match):
            continue
        for one in sample.scenes:
            try:
                verdicts = Osmem(server).run(sample.rule, one.scene)
            except CannotJudgeError:
                silent.add(sample.name)
                continue
            judged["events"] += sum(verdict is not None for verdict in verdicts)
            pairs = zip(verdicts, one.found, strict=True)
            assert all(verdict in (None, found) for verdict, found in pairs), f"{sample.name}: {verdicts}"
    assert silent == {sample.name for sample in CONVERTED if "osmem" in sample.excuses}
    enough("osmem", "samples", judged["events"], judged["events"])


@pytest.mark.parametrize("sample", [s for s in samples() if s.refused], ids=lambda sample: sample.name)
def test_refused_sample_is_refused_everywhere(sample: Sample) -> None:
    for target in api.list_targets():
        artifact = api.convert(sample.rule, target.name)
        assert artifact.status == "refused"
        assert sample.refused in {d.code for d in artifact.diagnostics}
        assert artifact.text == ""


def test_samples_are_judged_by_enough_engines() -> None:
    judged = Counter(name for sample in CONVERTED for name in _able(sample) if name not in sample.excuses)
    for name in JUDGES:
        enough(name, "samples", judged[name], len(CONVERTED))


def _nodes(sample: Sample) -> Iterator[object]:
    """What the sample's rule is made of: detections, predicates, functions, comparisons, kinds of fields, cases."""
    detection = sample.rule.detection
    yield type(detection)
    for where in predicates(detection):
        for node in walk(where):
            yield type(node)
            if isinstance(node, Compare):
                yield node.comparison
            if isinstance(node, OneOf | Like | Matches):
                yield type(node), node.case
            if isinstance(node, Holds):
                yield from _functions(node.call)
        yield from (field.kind for field in fields(where))


def _functions(call: Call) -> Iterator[Function]:
    yield call.function
    for argument in call.arguments:
        if isinstance(argument, Call):
            yield from _functions(argument)


def test_samples_have_every_feature() -> None:
    there = {node for sample in samples() for node in _nodes(sample)}
    wanted = {*get_args(Detection), *get_args(Predicate), *Function, *Comparison, *Kind} - UNREAD
    wanted |= {(kind, case) for kind in (OneOf, Like, Matches) for case in Case}
    assert wanted - there == set()
    types = {sample.rule.meta.type for sample in samples()}
    assert types >= {"query", "eql", "threshold", "new_terms", "threat_match", "machine_learning"}
    assert {sample.rule.meta.language for sample in samples()} >= {"kuery", "lucene", "eql"}
