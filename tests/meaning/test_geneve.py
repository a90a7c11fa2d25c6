"""Events that somebody else made to match: Elastic's generator geneve, on which our engines agree as well.

geneve knows the rules' languages by its own reading. It would ask a registry for the fields of integrations; that is
stubbed, ECS stands in for all. Its documents are real-looking and match in nearly every case (the share is printed).
"""

from __future__ import annotations

import functools
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from meaning.choice import chosen
from meaning.judges import judged
from shared import needs_shared

from converter.fields.ecs import load_ecs
from converter.model.rule import Match, Rule
from converter.model.rule import Sequence as EqlSequence
from converter.proof import Engine, PythonArtifact, Reference, Verdicts, verify
from converter.proof.elastic.osmem import OsmemServer
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.sentinel import KustoJudge
from converter.proof.panel.splunk import SplJudge

pytestmark = [needs_shared, pytest.mark.engine]
emitter = pytest.importorskip("geneve.events_emitter")
solver = pytest.importorskip("geneve.solver")

EVENTS = 20
BOTH = pytest.mark.parametrize(
    "everything", [False, pytest.param(True, marks=pytest.mark.sweep)], ids=["chosen", "all"]
)


@functools.cache
def _ecs_schema() -> Mapping[str, Mapping[str, object]]:
    known = {"constant_keyword": "keyword", "match_only_text": "keyword", "flattened": "keyword"}
    return {
        path: {"type": known.get(kind, kind)} | ({"normalize": ["array"]} if many else {})
        for path, kind, many in load_ecs()
    }


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "load_integration_schema", lambda *_: {})
    random.seed(7)


class _GeneveRule:
    """What geneve reads of a rule."""

    def __init__(self, rule: Rule) -> None:
        self.type, self.language, self.query = rule.meta.type, rule.meta.language, rule.meta.query
        self.name, self.index = rule.meta.name, list(rule.meta.index)


def documents(rule: Rule) -> list[dict[str, object]]:
    """geneve's documents for the rule; nothing where it has no reading of it."""
    try:
        source = emitter.SourceEvents(_ecs_schema())
        source.add_rule(_GeneveRule(rule))
        made = [event.doc for events in source.emit(complete=True, count=2) for event in events]
    except Exception:  # noqa: BLE001 - it raises of every kind for what it does not know
        return []
    return made[:EVENTS]


def _judge(rules: list[Rule], engines: tuple[Engine, ...]) -> Iterator[tuple[Rule, Verdicts]]:
    for rule in rules:
        made = documents(rule)
        if made:
            yield rule, verify(rule, made, engines)


@BOTH
def test_documents_match_in_every_engine(everything: bool) -> None:
    rules = chosen((Match,), everything=everything)
    count, differing = Counter[str](), []
    with OsmemServer() as server:
        engines = (Reference(), PythonArtifact(), Osmem(server), judged(SplJudge()), judged(KustoJudge()))
        for rule, verdicts in _judge(rules, engines):
            count["rules"] += 1
            count["events"] += len(verdicts.rows)
            count["matched"] += verdicts.matched
            count["verdicts"] += sum(v is not None for row in verdicts.rows for v in row.verdicts)
            if not verdicts.agree:
                differing.append(f"{rule.source.name}\n{verdicts}")
    sys.stdout.write(f"\ngeneve: {len(rules)} rules asked, {dict(count)}, {len(differing)} differ")
    assert count["rules"] > len(rules) // 3
    assert count["matched"] > count["events"] * 0.8
    assert not differing, "\n".join(differing[:5])


@BOTH
def test_sequences_are_found(everything: bool) -> None:
    """Each complete emission of geneve is a sequence; the reference and the artifact find the same."""
    rules = chosen((EqlSequence,), everything=everything, wanted=20)
    count, differing = Counter[str](), []
    for rule, verdicts in _judge(rules, (Reference(), PythonArtifact())):
        count["rules"] += 1
        count["events"] += len(verdicts.rows)
        count["found"] += verdicts.matched > 0
        if not verdicts.agree:
            differing.append(f"{rule.source.name}\n{verdicts}")
    sys.stdout.write(f"\ngeneve: {len(rules)} sequences asked, {dict(count)}, {len(differing)} differ")
    assert count["found"] > count["rules"] * 0.5
    assert not differing, "\n".join(differing[:5])
