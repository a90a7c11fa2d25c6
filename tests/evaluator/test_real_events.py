"""Real events: the alerts of all rules stand in a file, and Elasticsearch's own search finds the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from shared import SHARED, corpus_rule, corpus_rules, needs_shared, some_or_all

from converter import api
from converter.engine import Engine
from converter.model.rule import Match, Rule
from converter.proof import CannotJudgeError, Scene
from converter.proof.elastic.osmem import ElasticError, OsmemServer
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.panel.elastic import Osmem

GOLDEN = Path(__file__).parent / "alerts_of_real_events.txt"


@cache
def real_events() -> tuple[tuple[str, Mapping[str, object]], ...]:
    """Each with where it comes from."""
    with gzip.open(SHARED / "events" / "coverage_set.ndjson.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple((str(row["ref"]), cast("Mapping[str, object]", row["ecs"])) for row in rows)


def rules(every: int) -> list[Rule]:
    """The rules of single events."""
    found = []
    for path in corpus_rules(every):
        rule = corpus_rule(path)
        if rule is not None and isinstance(rule.detection, Match) and not api.errors_of(rule):
            found.append(rule)
    return found


@needs_shared
@some_or_all
def test_alerts_are_those_of_the_file(everything: bool, request: pytest.FixtureRequest) -> None:
    judged = rules(1 if everything else 10)
    engine = Engine(judged)
    found = {f"{ref}\t{rule.stem}\n" for ref, event in real_events() for rule in engine.match(event)}
    if everything and request.config.getoption("--update-golden"):
        GOLDEN.write_text("".join(sorted(found)), encoding="utf-8")
    stems = {rule.stem for rule in judged}
    listed = GOLDEN.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(listed) > 200
    assert found == {line for line in listed if line.rstrip("\n").split("\t")[1] in stems}


@needs_shared
@some_or_all
def test_elasticsearch_finds_the_same(everything: bool) -> None:
    """Kuery rules on osmem; a rule or an event that it cannot hold is not judged."""
    judged = [rule for rule in rules(1 if everything else 25) if rule.meta.language == "kuery"]
    engine = Engine(judged)
    events = tuple(dict(event) for _, event in real_events())
    found = [{rule.stem for rule in engine.match(event)} for event in events]
    verdicts, hits = 0, 0
    try:
        with OsmemServer() as server:
            osmem = Osmem(server)
            for rule in judged:
                try:
                    told = osmem.run(rule, Scene("real", events))
                except (CannotJudgeError, ElasticError):
                    continue
                for number, verdict in enumerate(told):
                    if verdict is not None:
                        verdicts += 1
                        hits += verdict
                        assert verdict == (rule.stem in found[number]), (rule.stem, real_events()[number][0])
    except EngineUnavailable as error:
        pytest.skip(str(error))
    assert verdicts > 1000
    assert hits or not everything
