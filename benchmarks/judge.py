"""Random rules on random events: the reference against our artifacts, run by the judges; what each said, who differs.

Run: `make judge PAIRS=100000`, or `python -m benchmarks.judge PAIRS [SEED]`. A pair is one rule and one event. Exit
code 1 if any two differ; each disagreement is printed with the smallest events. Counts are added to the file of
`benchmarks.totals`. osmem, Elastic's queries on a Lucene of its own, judges what the `elastic` target writes.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from benchmarks import totals
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
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.witness import witnesses
from converter.target.artifact import Artifact

EVENTS = 100
"""Random events a rule; as many witnesses of the rule stand beside them where it judges single events."""

SHOWN = 10


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


def single(rule: Rule, scene: Scene, engines: tuple[Engine, ...], tally: Tally) -> None:
    """Verdicts on each event of a scene."""
    wanted = Reference().run(rule, scene)
    tally.hits += sum(wanted)
    for engine in engines:
        try:
            verdicts = engine.run(rule, scene)
        except CannotJudgeError as why:
            tally.silent[f"{engine.name}: {why}"] += 1
            continue
        tally.verdicts[engine.name] += sum(verdict is not None for verdict in verdicts)
        if any(verdict not in (None, want) for verdict, want in zip(verdicts, wanted, strict=True)):
            tally.differing.append(f"{engine.name}\n{rule.detection}\n{smallest(rule, scene, engine).events}")


def smallest(rule: Rule, scene: Scene, engine: Engine) -> Scene:
    """The smallest scene that still divides the engine from the reference."""

    def divides(tried: Scene) -> bool:
        try:
            pairs = zip(engine.run(rule, tried), Reference().run(rule, tried), strict=True)
            return any(verdict not in (None, want) for verdict, want in pairs)
        except CannotJudgeError:
            return False

    return minimise(scene, divides)


def several(rule: Rule, scene: Scene, judges: tuple[SplJudge | KustoJudge, ...], tally: Tally) -> None:
    """Results over the whole scene."""
    single(rule, scene, (PythonArtifact(),), tally)
    for judge in judges:
        try:
            made = converted(rule, judge.target, judge.fields)
            answers = judge.answers(rule, made, scene)
        except CannotJudgeError as why:
            tally.silent[f"{judge.name}: {why}"] += 1
            continue
        tally.verdicts[judge.name] += len(scene.events)
        wanted = expected(rule, scene, by_event=isinstance(judge, KustoJudge), without=made.left_out)
        tally.differing += [
            f"{judge.name} under {reading}: {got}, not {wanted}\n{rule.detection}\n{scene.events}"
            for reading, got in answers.items()
            if got != wanted
        ]


def elastic() -> Iterator[Judge]:
    """What judges the rules that the `elastic` target writes: our reader, and osmem where it is installed."""
    schema = api.catalogue().schema
    yield RuleJudge(schema)
    with suppress(EngineUnavailable):
        yield OsmemJudge(Osmem(shared()), schema)


def run(pairs: int, seed: int) -> Tally:
    """Judge until so many pairs are done."""
    tally = Tally()
    generator = Generator(Random(seed))  # noqa: S311 - reproducible, no secret
    grouped = (SplJudge(spl.READINGS[:1]), KustoJudge(kusto.READINGS[:1]))
    judges: tuple[Judge, ...] = (*grouped, DuckdbJudge(), SigmaJudge(), SqliteJudge(), *elastic())
    engines: tuple[Engine, ...] = (PythonArtifact(), *(Judged(judge, converted) for judge in judges))
    while tally.pairs < pairs:
        rule = generator.rule()
        events = generator.events(EVENTS)
        tally.rules[type(rule.detection).__name__] += 1
        if isinstance(rule.detection, Match):
            events = (*events, *witnesses(rule.detection.where, EVENTS))
            single(rule, Scene("random", events), engines, tally)
        else:
            several(rule, Scene("random", events), grouped, tally)
        tally.pairs += len(events)
    return tally


def main() -> int:
    """Print the tally."""
    pairs, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - arguments
    start = time.perf_counter()
    tally = run(pairs, seed)
    say = sys.stdout.write
    say(f"seed {seed}: {sum(tally.rules.values())} rules {dict(tally.rules)}\n")
    say(f"{tally.pairs} pairs, {tally.hits} of them hits, in {time.perf_counter() - start:.0f} s\n")
    counts = {"rules": sum(tally.rules.values()), "pairs": tally.pairs, "hits": tally.hits}
    said = {"verdicts": sum(tally.verdicts.values()), **{f"of {name}": n for name, n in tally.verdicts.items()}}
    totals.add("judge", seed, {**counts, **said, "disagreements": len(tally.differing)})
    for name, count in tally.verdicts.most_common():
        say(f"  {name}: {count} verdicts\n")
    for reason, count in tally.silent.most_common():
        say(f"  silent on {count} rules: {reason}\n")
    say(f"{len(tally.differing)} disagreements\n")
    for one in tally.differing[:SHOWN]:
        say(f"{one}\n")
    return 1 if tally.differing else 0


if __name__ == "__main__":
    sys.exit(main())
