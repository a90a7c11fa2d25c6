"""What the judges of the panel do not judge: they say so, and give no verdict."""

from __future__ import annotations

import pytest

from converter.diagnostics import Source
from converter.fields.schema import Schema
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case
from converter.model.predicate import Not, OneOf, Predicate
from converter.model.rule import Match, Rule, Threshold
from converter.model.value import Field
from converter.proof import CannotJudgeError, Scene
from converter.proof.judge import Judge
from converter.proof.panel.rule import RuleJudge
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.target.artifact import Artifact

A, MANY = Field("a", many=False), Field("m")
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


NOT_X = SIGMA.replace("condition: one", "condition: not one")


@pytest.mark.parametrize(
    ("where", "text", "event", "verdict"),
    [
        (WHERE, SIGMA, {"a": "X"}, True),
        (WHERE, SIGMA, {"a": "y"}, False),
        (WHERE, SIGMA, {}, False),
        (Not(WHERE), NOT_X, {"a": "y"}, True),
        (Not(WHERE), NOT_X, {}, None),  # of a column that is missing SQL's NOT is neither true nor false
        (OneOf(MANY, ("x",), Case.INSENSITIVE), SIGMA.replace("a: x", "m: x"), {"m": ["x", "y"]}, None),
        (WHERE, SIGMA.replace("a: x", "a|re: x$"), {"a": "x\n"}, None),
        (WHERE, SIGMA.replace("a: x", "a|re: ^x$"), {"a": "x"}, True),
    ],
)
def test_what_sqlite_cannot_hold_is_no_verdict(
    where: Predicate, text: str, event: dict[str, object], verdict: bool | None
) -> None:
    found = SqliteJudge().run(a_rule(Match(where)), an_artifact("sigma", text), Scene("s", (event,)))
    assert found == [verdict]
