"""What every target promises, whoever wrote it: an answer for each node of the model, and to keep to it."""

from __future__ import annotations

import copy
import dataclasses

import pytest
from shared import ROOT

import converter
from converter.diagnostics import Severity, Source
from converter.languages.regex.lucene import parse_lucene
from converter.model import pattern
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case, Wild
from converter.model.pipeline import Pipeline
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import (
    AnyOf,
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Pair,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Field, Function, Instant, Kind, Literal
from converter.target import Binding, Bound, Emission, Options, Partial, Refusal, Target, registry
from converter.target.support import DETECTIONS, NODES, PREDICATES

SOURCE = Source("rule", "")
NAME = Field("process.name", many=False)
HOST = Field("host.id", many=False)
PORT = Field("destination.port", Kind.LONG, many=False)
ADDRESS = Field("source.ip", Kind.IP, many=False)
SCRIPT = Field("powershell.file.script_block_text", Kind.TEXT, many=False)
A = OneOf(NAME, ("cmd.exe", "Regsvr32.exe"), Case.INSENSITIVE)
B = OneOf(Field("user.name", many=False), ("root",), Case.SENSITIVE)
LENGTH = Call(Function.LENGTH, (NAME,))

CONDITIONS: dict[type, tuple[Predicate, ...]] = {
    And: (And((A, B)), And((A, Not(B)))),
    Or: (Or((A, B)), Or((And((A, Not(B))), Present(HOST)))),
    Not: (Not(A), Not(And((A, B)))),
    Constant: (Constant(value=True), Constant(value=False)),
    Element: (
        Element("list.of", OneOf(Field("list.of.x"), ("y",), Case.SENSITIVE)),
        Element(
            "list.of", And((Present(Field("list.of.x")), Element("list.of.more", Present(Field("list.of.more.z")))))
        ),
    ),
    Present: (Present(HOST), Not(Present(HOST))),
    Compare: (
        *(Compare(PORT, order, 443) for order in Comparison),
        Compare(NAME, Comparison.LT, "m"),
        Compare(ADDRESS, Comparison.LT, "no address"),
        Compare(Field("event.created", Kind.DATE, many=False), Comparison.GE, Instant(0)),
    ),
    Between: (
        Between(Field("destination.port", Kind.LONG), End(1), End(9, included=False)),
        Element("list.of", Between(Field("list.of.n", Kind.LONG), End(1), End(9))),
        Between(ADDRESS, End("no address"), End("nor this")),
        Between(Field("event.created", Kind.DATE), End(Instant(0)), End(Instant(9))),
    ),
    OneOf: (A, B, OneOf(NAME, ("",), Case.SENSITIVE)),
    Like: tuple(
        Like(NAME, (pattern.of(*parts),), case)
        for parts in (("a", Wild.ANY_RUN), (Wild.ANY_RUN, "b"), ("a", Wild.ANY_RUN, "b"), ("a", Wild.ANY_ONE))
        for case in Case
    ),
    Matches: tuple(Matches(NAME, (parse_lucene("a[0-9]+(b|c)*"),), case) for case in Case),
    InNetwork: (
        InNetwork(ADDRESS, ("10.0.0.0/8", "fe80::/10")),
        Element("list.of", InNetwork(Field("list.of.ip", Kind.IP), ("10.0.0.0/8",))),
    ),
    Phrase: tuple(
        Phrase(SCRIPT, tokens, analyzer)
        for analyzer in Analyzer
        for tokens in ((pattern.of("a"), pattern.of("b")), (pattern.of("a", Wild.ANY_RUN, "b"), pattern.of("c")))
    ),
    Holds: (
        Holds(Call(Function.EQ, (NAME, Field("user.name", many=False)))),
        Holds(Call(Function.GT, (LENGTH, Literal(5)))),
        Holds(Call(Function.EQ, (Call(Function.STRING, (Field("event.created", Kind.DATE),)), Literal("x")))),
        Holds(Call(Function.LT, (NAME, Field("user.name", many=False)))),
        Holds(Call(Function.GT, (Call(Function.NUMBER, (NAME,)), Literal(5)))),
        Holds(Call(Function.LT, (Call(Function.ADD, (PORT, Literal(1))), Literal(5)))),
    ),
}
BY_HOST = (Key(HOST),)
DETECTING: dict[type, tuple[Detection, ...]] = {
    Match: (Match(A),),
    AnyOf: (AnyOf((Match(A), Match(B))),),
    Sequence: (
        Sequence((Step(A, BY_HOST), Step(B, BY_HOST)), 60_000),
        Sequence((Step(A, BY_HOST), Step(B, BY_HOST)), 60_000, Step(Present(PORT), BY_HOST)),
        Sequence((Step(A, BY_HOST), Step(B, BY_HOST, missing=True)), 60_000),
        Sequence((Step(A, BY_HOST), Step(B)), 60_000),  # as binding may leave it
        Sequence((Step(A, BY_HOST, runs=3),), 60_000),
    ),
    Sample: (
        Sample((Step(A, BY_HOST), Step(B, BY_HOST))),
        Sample(tuple(Step(OneOf(NAME, (word,), Case.SENSITIVE), BY_HOST) for word in "abcdefg")),
    ),
    Threshold: (
        Threshold(A, (HOST,), 5),
        Threshold(A, (), 1, Distinct(NAME, 3)),
        Threshold(A, (HOST,), 5, Distinct(NAME, 3)),
    ),
    NewTerms: (NewTerms(A, (HOST, NAME), 604_800_000), NewTerms(A, (HOST,), 2_592_000_000)),
    IndicatorMatch: tuple(
        IndicatorMatch(A, Present(known), ("threat-*",), ((Pair(field, known),),))
        for field, known in (
            (ADDRESS, Field("threat.indicator.ip", Kind.IP)),
            (SCRIPT, Field("threat.indicator.file.name")),
        )
    ),
}
QUERIES = (
    'WHERE process.name == "cmd.exe" | STATS n = COUNT(*) BY host.id | WHERE n > 5',
    'WHERE process.name == "cmd.exe" | EVAL day = DATE_FORMAT("yyyy-MM-dd", @timestamp) | WHERE day == "2026-01-01"',
    'WHERE process.name == "cmd.exe" | EVAL l = LENGTH(user.name) | WHERE l > 5 | SORT l DESC | LIMIT 10',
)
PIPELINES = tuple(
    converter.parse_rule(
        "[rule]\nname = 'A rule'\ntype = 'esql'\nlanguage = 'esql'\n"
        f"query = '''FROM logs-* METADATA _id, _version, _index | {query}'''\n"
    )
    for query in QUERIES
)
DETECTING[Pipeline] = tuple(read.detection for read in PIPELINES)
TYPES = {Sequence: "eql", Sample: "eql", Threshold: "threshold", NewTerms: "new_terms", IndicatorMatch: "threat_match"}


def detections(node: type) -> tuple[Detection, ...]:
    return DETECTING[node] if node in DETECTING else tuple(Match(where) for where in CONDITIONS[node])


def rule(detection: Detection) -> Rule:
    for read in PIPELINES:
        if detection is read.detection:
            return read
    meta = Metadata(name="A rule", type=TYPES.get(type(detection), "query"), window=Window(540_000, 0, 300_000))
    return Rule(meta, detection, SOURCE, SOURCE)


def errors(target: Target, of: Rule, form: str = "") -> dict[str, str]:
    """The refusals by code with their messages; converts twice, and looks whether that leaves its traces."""
    before = copy.deepcopy(of)
    if isinstance(of.detection, AnyOf) and not isinstance(target.support.get(AnyOf), Refusal):  # only binding makes it
        bound = Bound(of, (Binding(), Binding()))
        emission, again = (target.emit(bound, Options(form)) for _ in range(2))
        text, diagnostics = emission.text, emission.diagnostics
        assert emission == again
    else:
        fields = "ecs" if "ecs" in target.modes else None
        artifact, same = (converter.convert(of, target, fields, format=form) for _ in range(2))
        text, diagnostics = artifact.text, artifact.diagnostics
        assert artifact == same
    assert of == before
    found = {str(d.code): d.message for d in diagnostics if d.severity is Severity.ERROR}
    assert (text == "") is bool(found)
    return found


@pytest.fixture(params=registry.names())
def target(request: pytest.FixtureRequest) -> Target:
    return registry.load(request.param)


def test_samples_hold_every_node() -> None:
    assert set(CONDITIONS) == set(PREDICATES)
    assert set(DETECTING) == set(DETECTIONS)


def test_judged_target_answers_for_every_node(target: Target) -> None:
    assert set(target.support) <= set(NODES)
    assert not target.judges or target.unanswered == ()


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__name__)
def test_target_keeps_to_its_answer(target: Target, node: type) -> None:
    answers = target.support.values()
    refused = {answer.code for answer in answers if isinstance(answer, Refusal)}
    partly = {code for answer in answers if isinstance(answer, Partial) for code in answer.codes}
    answer = target.support.get(node)
    for detection in detections(node):
        found = errors(target, rule(detection))
        if isinstance(answer, Refusal):
            assert found[answer.code] == f"{answer.sentence} ({answer.gap.value})"
        elif target.judges:  # a sample may hold another node too, which has its own answer
            assert set(found) <= refused | partly, detection


def test_partial_answers_are_met(target: Target) -> None:
    """A target that says it refuses some of a node does so for a sample: no code of a table is idle."""
    for node, answer in target.support.items():
        if isinstance(answer, Partial):
            forms = ("", *target.formats)
            said = {
                c for detection in detections(node) for form in forms for c in errors(target, rule(detection), form)
            }
            assert said & set(answer.codes), node


def test_target_that_no_engine_judges_is_never_exact(target: Target) -> None:
    artifact = converter.convert(rule(Match(A)), target, "ecs" if "ecs" in target.modes else None)
    assert ("T011" in {d.code for d in artifact.diagnostics}) is not bool(target.judges)
    if not target.judges:
        assert artifact.status != "exact"


def test_nascent_target_refuses_a_node_that_it_does_not_know() -> None:
    def emit(bound: Bound, _options: Options) -> Emission:
        assert not isinstance(bound.rule.detection, Threshold)
        return Emission("text\n")

    young = Target("young", "Young", ".x", emit, modes=("ecs",))
    assert errors(young, rule(Threshold(A, (), 5))) == {"T006": "the target young has no answer for Threshold, OneOf"}
    assert errors(young, rule(Match(A))) == {}
    judged = dataclasses.replace(young, judges=("us",))
    with pytest.raises(AssertionError):
        converter.convert(rule(Threshold(A, (), 5)), judged)


def test_toy_target_is_held_to_it_too() -> None:
    toy = registry.load(str(ROOT / "examples" / "toy_target.py"))
    for node in NODES:
        test_target_keeps_to_its_answer(toy, node)
    test_target_that_no_engine_judges_is_never_exact(toy)
