"""Random rules on random events: the reference against our artifacts, run by the judges; what each said, who differs.

Run: `make judge PAIRS=100000`, or `python -m benchmarks.judge PAIRS [SEED]`. A pair is one rule and one event. Exit
code 1 if any two differ; each disagreement is printed with the smallest events. Counts are added to the file of
`benchmarks.totals`. osmem, Elastic's queries on a Lucene of its own, judges what the `elastic` target writes.
A fifth of the pairs are pipelines of ES|QL, by the generator of `tests/esql`, and are counted for themselves.
"""

from __future__ import annotations

import functools
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]  # whose pipelines by chance serve here too

import esql_random
from duckdb_rows import DuckdbRows
from eql_package import EqlPackage

from benchmarks import totals
from benchmarks.differences import told
from benchmarks.random_rules import Generator
from converter import api
from converter.model.rule import Match, Rule
from converter.proof import CannotJudgeError, Judged, Reference, Scene
from converter.proof.alerts import expected
from converter.proof.elastic.osmem import shared
from converter.proof.engine import Engine
from converter.proof.judge import Judge
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto import reading as kusto
from converter.proof.judges.spl import reading as spl
from converter.proof.minimise import minimise
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.python import PythonArtifact
from converter.proof.panel.rule import OsmemJudge, RuleJudge
from converter.proof.panel.sentinel import KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.witness import witnesses
from converter.target.artifact import Artifact

EVENTS = 100
"""Random events a rule; as many witnesses of the rule stand beside them where it judges single events."""

SCENES = 20
"""Scenes of one to eight events that each pipeline is judged on."""

ESQL = 0.2
"""The share of the pairs that are pipelines of ES|QL."""

AlertJudge: TypeAlias = SplJudge | KustoJudge | DuckdbRows
"""What names the alerts of a scene."""


@dataclass(slots=True)
class Tally:
    """What was judged, and what differed."""

    pairs: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    hits: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)


def converted(rule: Rule, target: str, fields: str) -> Artifact:
    """The artifact; CannotJudgeError unless it claims to be exact."""
    made = api.convert(rule, target, fields=fields, bare=True, case="exact", inline_macros=True)
    if made.status != "exact" or not made.text:
        raise CannotJudgeError(f"{made.status}: {', '.join(sorted({d.code for d in made.diagnostics}))}")
    return made


def single(rule: Rule, scene: Scene, engines: Sequence[Engine], tally: Tally) -> int:
    """Verdicts on each event of a scene. How many of the reference's are hits."""
    wanted = Reference().run(rule, scene)
    for engine in engines:
        try:
            verdicts = engine.run(rule, scene)
        except CannotJudgeError as why:
            tally.silent[f"{engine.name}: {why}"] += 1
            continue
        tally.verdicts[engine.name] += sum(verdict is not None for verdict in verdicts)
        if any(verdict not in (None, want) for verdict, want in zip(verdicts, wanted, strict=True)):
            tally.differing.append(f"{engine.name}\n{rule.detection}\n{smallest(rule, scene, engine).events}")
    return sum(wanted)


def some(rule: Rule, scene: Scene, judge: EqlPackage, tally: Tally) -> None:
    """Verdicts on those events of a scene that the package takes as Elasticsearch does."""
    try:
        held = judge.held(rule, scene)
    except CannotJudgeError as why:
        tally.silent[str(why)] += 1
        return
    if held.events:
        single(rule, held, [Judged(judge, converted)], tally)


def smallest(rule: Rule, scene: Scene, engine: Engine) -> Scene:
    """The smallest scene that still divides the engine from the reference."""

    def divides(tried: Scene) -> bool:
        try:
            pairs = zip(engine.run(rule, tried), Reference().run(rule, tried), strict=True)
            return any(verdict not in (None, want) for verdict, want in pairs)
        except CannotJudgeError:
            return False

    return minimise(scene, divides)


def several(rule: Rule, scenes: Sequence[Scene], judges: tuple[AlertJudge, ...], tally: Tally) -> None:
    """Results over each scene as a whole."""
    for scene in scenes:
        tally.hits += single(rule, scene, [PythonArtifact()], tally)
    for judge in judges:
        try:
            made = converted(rule, judge.target, judge.fields)
        except CannotJudgeError as why:
            tally.silent[f"{judge.name}: {why}"] += 1
            continue
        for scene in scenes:
            whole(rule, made, scene, judge, tally)


def whole(rule: Rule, made: Artifact, scene: Scene, judge: AlertJudge, tally: Tally) -> None:
    """One judge's results over a scene."""
    try:
        answers = judge.answers(rule, made, scene)
    except CannotJudgeError as why:
        tally.silent[f"{judge.name}: {why}"] += 1
        return
    tally.verdicts[judge.name] += len(scene.events)
    wanted = expected(rule, scene, by_event=judge.by_event, without=made.left_out)
    tally.differing += [
        f"{judge.name} under {reading}: {got}, not {wanted}\n{rule.meta.query or rule.detection}\n{scene.events}"
        for reading, got in answers.items()
        if got != wanted
    ]


def elastic() -> Iterator[Judge]:
    """What judges the rules that the `elastic` target writes: our reader, and osmem where it is installed."""
    schema = api.catalogue().schema
    yield RuleJudge(schema)
    with suppress(EngineUnavailable):
        yield OsmemJudge(Osmem(shared()), schema)


@functools.cache
def packages() -> tuple[EqlPackage, ...]:
    """Elastic's `eql` for Python, where it is installed."""
    with suppress(EngineUnavailable):
        return (EqlPackage(),)
    return ()


def run(pairs: int, seed: int) -> dict[str, Tally]:
    """Judge until so many pairs are done: a tally of the rules that `Generator` draws, and one of ES|QL's."""
    generator, chance = Generator(Random(seed)), Random(seed).choice  # noqa: S311 - reproducible, no secret
    grouped = (SplJudge(spl.READINGS[:1]), KustoJudge(kusto.READINGS[:1]))
    rows = (*grouped, DuckdbRows())
    judges: tuple[Judge, ...] = (*rows, SigmaJudge(), SqliteJudge(), *elastic())
    engines: tuple[Engine, ...] = (PythonArtifact(), *(Judged(judge, converted) for judge in judges))
    drawn, esql = Tally(), Tally()
    while (done := drawn.pairs + esql.pairs) < pairs:
        if esql.pairs < ESQL * done:
            rule, _ = esql_random.pipeline(chance)
            scenes = [esql_random.scene(chance) for _ in range(SCENES)]
            judge_rule(rule, scenes, engines, rows, esql)
            continue
        rule, events = generator.rule(), generator.events(EVENTS)
        if isinstance(rule.detection, Match):
            events = (*events, *witnesses(rule.detection.where, EVENTS))
        scene = Scene("random", events)
        judge_rule(rule, [scene], engines, grouped, drawn)
        for package in packages():
            some(rule, scene, package, drawn)
    return {"judge": drawn, "judge of ES|QL": esql}


def judge_rule(
    rule: Rule, scenes: Sequence[Scene], engines: tuple[Engine, ...], judges: tuple[AlertJudge, ...], tally: Tally
) -> None:
    """Judge a rule on scenes: event by event where it says something of single events."""
    tally.rules[type(rule.detection).__name__] += 1
    tally.pairs += sum(len(scene.events) for scene in scenes)
    if isinstance(rule.detection, Match):
        for scene in scenes:
            tally.hits += single(rule, scene, engines, tally)
    else:
        several(rule, scenes, judges, tally)


def main() -> int:
    """Print the tallies."""
    pairs, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - arguments
    start = time.perf_counter()
    tallies = run(pairs, seed)
    say = sys.stdout.write
    say(f"seed {seed}, in {time.perf_counter() - start:.0f} s\n")
    for what, tally in tallies.items():
        rules = sum(tally.rules.values())
        say(f"{what}: {rules} rules {dict(tally.rules)}, {tally.pairs} pairs, {tally.hits} of them hits\n")
        counts = {"rules": rules, "pairs": tally.pairs, "hits": tally.hits, "verdicts": sum(tally.verdicts.values())}
        by_engine = {f"of {name}": n for name, n in tally.verdicts.items()}
        totals.add(what, seed, {**counts, **by_engine, "disagreements": len(tally.differing)})
        for name, count in tally.verdicts.most_common():
            say(f"  {name}: {count} verdicts\n")
        for reason, count in tally.silent.most_common():
            say(f"  silent {count} times: {reason}\n")
    return told([one for tally in tallies.values() for one in tally.differing])


if __name__ == "__main__":
    sys.exit(main())
