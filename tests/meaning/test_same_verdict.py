"""Witness events of the corpus have the same verdict in the reference, in our artifacts and in engines of others.

A normal run takes rules that together have every feature; `-m sweep` takes all. What was judged and what not is
printed (pytest -s, or on failure).
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from meaning.choice import chosen
from meaning.group_judges import expected, kusto_answers, spl_answers
from meaning.judges import Duckdb, Kusto, Osmem, SigmaSqlite, Spl
from shared import needs_shared

from converter.model.rule import IndicatorMatch, Match, NewTerms, Sample, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.proof import CannotJudgeError, Engine, PythonArtifact, Reference, verify
from converter.proof.scene import scenes

pytestmark = needs_shared
BOTH = pytest.mark.parametrize(
    "everything", [False, pytest.param(True, marks=pytest.mark.sweep)], ids=["chosen", "all"]
)
SEVERAL = (EqlSequence, Sample, Threshold, NewTerms, IndicatorMatch)


def _readings(module: str, *, everything: bool) -> list[object]:
    """All readings of an interpreter; for a normal run the default, the one that flips most, and some between."""
    every = list(importlib.import_module(module).READINGS)
    return every if everything else [every[0], every[-1], *every[1:-1:8]]


@pytest.fixture(scope="module")
def server() -> Iterator[object]:
    osmem = pytest.importorskip("converter.proof.elastic.osmem")
    from converter.proof.judges.errors import EngineUnavailable

    try:
        with osmem.OsmemServer() as running:
            yield running
    except EngineUnavailable as why:
        pytest.skip(str(why))


def _say(line: str) -> None:
    sys.stdout.write(f"\n{line}")


def _judge(engine: Engine, kinds: tuple[type, ...], *, everything: bool, wanted: int = 60) -> None:
    """Reference against one engine over witnesses; prints the count, fails with the smallest disagreements."""
    rules = chosen(kinds, everything=everything, wanted=wanted)
    assert rules, "the corpus has such rules"
    judged, left_out, skipped, differing = 0, 0, Counter[str](), []
    for rule in rules:
        verdicts = verify(rule, engines=(Reference(), engine))
        given = [row.verdicts[1] is not None for row in verdicts.rows]
        judged += sum(given)
        left_out += 0 if verdicts.skipped else len(given) - sum(given)
        skipped.update({reason: count for (_, reason), count in verdicts.skipped.items()})
        if not verdicts.agree:
            differing.append(f"{rule.source.name}\n{verdicts}")
    _say(
        f"{engine.name}: {len(rules)} rules, {judged} events judged, {left_out} not held, {len(differing)} rules differ"
    )
    for reason, count in skipped.most_common():
        _say(f"  not judged {count}: {reason}")
    assert judged > 10 * len(rules) or not everything
    assert not differing, "\n".join(differing[:5])


@BOTH
def test_python_artifact(everything: bool) -> None:
    _judge(PythonArtifact(), (Match, *SEVERAL), everything=everything, wanted=120)


@pytest.mark.engine
@BOTH
def test_elastic_side(server: object, everything: bool) -> None:
    _judge(Osmem(server), (Match,), everything=everything)


@BOTH
def test_splunk_search(everything: bool) -> None:
    pytest.importorskip("converter.proof.judges.spl.run")
    _judge(
        Spl(_readings("converter.proof.judges.spl.run", everything=everything)),
        (Match,),
        everything=everything,
        wanted=40,
    )


@BOTH
def test_kusto_query(everything: bool) -> None:
    pytest.importorskip("converter.proof.judges.kusto.run")
    _judge(
        Kusto(_readings("converter.proof.judges.kusto.run", everything=everything)),
        (Match,),
        everything=everything,
        wanted=40,
    )


@pytest.mark.engine
@BOTH
def test_kusto_query_on_duckdb(everything: bool) -> None:
    pytest.importorskip("duckdb_kql")
    _judge(Duckdb(), (Match,), everything=everything, wanted=20)


@pytest.mark.engine
@BOTH
def test_sigma_rule_on_sqlite(everything: bool) -> None:
    pytest.importorskip("sigma.backends.sqlite")
    _judge(SigmaSqlite(), (Match,), everything=everything)


def _judge_groups(
    name: str, answers: Callable[..., dict[str, object]], readings: list[object], *, everything: bool, by_event: bool
) -> None:
    """Reference against one engine over scenes of several events."""
    rules = chosen((EqlSequence, Sample, Threshold, NewTerms), everything=everything, wanted=24)
    assert rules
    judged, skipped, differing = Counter[str](), Counter[str](), []
    for rule in rules:
        for scene in scenes(rule.detection, limit=40 if everything else 24, window_ms=rule.meta.window.from_ms):
            try:
                found = answers(rule, scene, readings)
            except CannotJudgeError as why:
                skipped[str(why)] += 1
                continue
            judged[type(rule.detection).__name__] += 1
            wanted = expected(rule, scene, by_event=by_event)
            differing += [
                f"{rule.source.name}: {scene.name} under {reading}: {wanted} here, {got} there\n{scene.events}"
                for reading, got in found.items()
                if got != wanted
            ]
    _say(f"{name}: {len(rules)} rules, {len(readings)} readings, scenes judged {dict(judged)}, {len(differing)} differ")
    for reason, count in skipped.most_common():
        _say(f"  not judged {count}: {reason}")
    assert judged
    assert not differing, "\n".join(differing[:5])


@BOTH
def test_splunk_search_over_several_events(everything: bool) -> None:
    pytest.importorskip("converter.proof.judges.spl.run")
    readings = _readings("converter.proof.judges.spl.run", everything=False)[: 9 if everything else 2]
    _judge_groups("spl", spl_answers, readings, everything=everything, by_event=False)


@BOTH
def test_kusto_query_over_several_events(everything: bool) -> None:
    pytest.importorskip("converter.proof.judges.kusto.run")
    readings = _readings("converter.proof.judges.kusto.run", everything=False)[: 9 if everything else 2]
    _judge_groups("kusto", kusto_answers, readings, everything=everything, by_event=True)
