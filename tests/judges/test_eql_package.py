"""Elastic's `eql` for Python beside the reference, and where it differs from Elasticsearch."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from eql_package import EqlPackage, members

from benchmarks.judge import converted
from benchmarks.random_rules import Generator
from converter.proof import Reference
from converter.proof.judge import CannotJudgeError
from converter.proof.judged import Judged
from converter.proof.staging import Scene

pytest.importorskip("eql")
AT = "2024-06-01T11:30:00.000Z"


def test_rules_by_chance_mean_the_same() -> None:
    generator, judge, tally = Generator(Random(11)), EqlPackage(), Counter[str]()
    engine = Judged(judge, converted)
    for _ in range(300):
        rule, events = generator.rule(), generator.events(500)
        try:
            scene = judge.held(rule, Scene("by chance", events))
            verdicts = engine.run(rule, scene)
        except CannotJudgeError:
            continue
        assert list(verdicts) == list(Reference().run(rule, scene)), rule.detection
        kind = type(rule.detection).__name__
        tally[kind] += len(verdicts)
        tally[f"{kind} hits"] += sum(map(bool, verdicts))
    assert min(tally[name] for name in ("Match", "Match hits", "Sequence", "Sequence hits")) > 10, tally


@pytest.mark.parametrize(
    ("query", "event", "found"),
    [
        ('any where a.b == "X"', {"a.b": "x"}, True),
        ('any where a.b in ("X")', {"a.b": "x"}, True),
        ('any where a.b : "?"', {"a.b": "x"}, False),
        ('any where a.b != "x"', {"c": "x"}, False),
        ('any where a.b : "x"', {"a.b": ["x", "y"]}, False),
    ],
)
def test_where_the_package_is_not_elasticsearch(query: str, event: dict[str, object], found: bool) -> None:
    """Each is the other way round there: what is not judged, because of this."""
    assert (0 in members(query, [{"@timestamp": AT, **event}])) is found
