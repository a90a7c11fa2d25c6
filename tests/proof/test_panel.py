"""What the judges of the panel do not judge: they say so, and give no verdict."""

from __future__ import annotations

import pytest

from converter.diagnostics import Source
from converter.fields.schema import Schema
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case
from converter.model.predicate import And, OneOf, Present
from converter.model.rule import Match, Rule, Threshold
from converter.model.value import Field
from converter.proof import CannotJudgeError, Scene
from converter.proof.judge import Judge
from converter.proof.panel.rule import RuleJudge
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.target.artifact import Artifact

A = Field("a", many=False)
WHERE = OneOf(A, ("x",), Case.INSENSITIVE)
SIGMA = "title: t\nlogsource: {category: c}\ndetection: {one: {a: x}, condition: one}\n"


def a_rule(detection: Match | Threshold) -> Rule:
    source = Source("r.toml", "")
    return Rule(Metadata("A rule", "query", window=Window(360_000, 0, 300_000)), detection, source, source)


def an_artifact(target: str, text: str) -> Artifact:
    return Artifact(target, "A rule", "a_rule", text)


JUDGES: list[Judge] = [SplJudge(), KustoJudge(), DuckdbJudge(), SigmaJudge(), SqliteJudge()]


@pytest.mark.parametrize("judge", JUDGES, ids=[judge.name for judge in JUDGES])
def test_error_groups_of_events_are_not_judged_one_by_one(judge: Judge) -> None:
    rule = a_rule(Threshold(WHERE, (A,), 2))
    with pytest.raises(CannotJudgeError, match="not a detection of single events"):
        judge.run(rule, an_artifact(judge.target, ""), Scene("s", ({"a": "x"},)))


def test_alternatives_of_a_network_stand_together() -> None:
    """The backend by itself reads `a = 1 or a = 2 and not b = y`."""
    text = SIGMA.replace("a: x}", "a|cidr: 10.1.2.0/30}, two: {b: y}").replace(": one}", ": one and not two}")
    rule = a_rule(Match(And((WHERE, Present(Field("b", many=False))))))
    events = ({"a": "10.1.2.0", "b": "y"}, {"a": "10.1.2.3", "b": "z"}, {"a": "10.1.2.9", "b": "z"})
    verdicts = SqliteJudge().run(rule, an_artifact("sigma", text), Scene("s", events))
    assert tuple(verdicts) == (False, True, False)


@pytest.mark.parametrize(
    ("judge", "text", "reason"),
    [
        (SplJudge(), "| frobnicate", "spl: "),
        (KustoJudge(), "T | frobnicate", "kusto: operator frobnicate is not interpreted"),
        (DuckdbJudge(), "T | frobnicate", "frobnicate"),
        (RuleJudge(Schema([])), "a = [", "elastic: not a rule"),
        (SqliteJudge(), f"{SIGMA}---\n{SIGMA}", "pySigma sqlite: ValueError"),
        (SqliteJudge(), SIGMA.replace("a: x", "b: x"), "sqlite: no such column: b"),
        (SigmaJudge(), "", "sigma: a document that is no mapping"),
        (SigmaJudge(), "- a list", "sigma: a document that is no mapping"),
        (SigmaJudge(), "a: [", "sigma: ParserError"),
        (SigmaJudge(), "title: t\ndetection: {condition: none}\n", "sigma: Sigma"),
        (SigmaJudge(), f"{SIGMA}---\n{SIGMA}", "sigma: not one rule"),
    ],
)  # fmt: skip
def test_error_text_that_is_not_read_is_no_verdict(judge: Judge, text: str, reason: str) -> None:
    with pytest.raises(CannotJudgeError) as caught:
        judge.run(a_rule(Match(WHERE)), an_artifact(judge.target, text), Scene("s", ({"a": "x"},)))
    assert reason in str(caught.value)
