"""The table of verdicts: engines, disagreements, the smallest events, and how it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from converter.cli.codes import X001
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.code import Code
from converter.diagnostics.errors import EmitError
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case
from converter.model.predicate import And, Compare, Comparison, Constant, OneOf, Present
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Rule,
    Sample,
    Step,
    Threshold,
)
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Field, Kind, Now
from converter.proof import CannotJudgeError, PythonArtifact, Reference, Scene, verify
from converter.proof.minimise import minimise
from converter.proof.panel import python
from converter.proof.scene import SCENES, scenes
from converter.reference import matches
from converter.target import Emission, registry
from converter.target.codes import T001

A, B, USER = Field("a"), Field("b"), Field("user", many=False)
IP = Field("ip", Kind.IP)
DAY = 86_400_000

_NOTE = Code("T999", "A note", "Of a test.", "None.")


def is_(value: str, field: Field = A) -> OneOf:
    return OneOf(field, (value,), Case.SENSITIVE)


def a_rule(detection: Detection) -> Rule:
    source = Source("r.toml", "")
    return Rule(Metadata("A <rule>", "query", window=Window(360_000, 0, 300_000)), detection, source, source)


BY = (Key(USER),)
DETECTIONS: list[Detection] = [
    Match(And((is_("x"), Present(B)))),
    EqlSequence((Step(is_("x"), BY), Step(is_("y"), BY), Step(is_("z"), BY)), 60_000),
    EqlSequence(
        (Step(is_("x"), (Key(USER, optional=True), Key(B))), Step(is_("y"), (Key(USER), Key(B)))),
        None,
        Step(is_("u"), (Key(USER), Key(B))),
    ),
    EqlSequence((Step(is_("x"), BY, runs=3), Step(is_("m"), BY, missing=True)), 60_000),
    EqlSequence((Step(is_("m"), BY, missing=True), Step(is_("x"), BY)), 60_000),
    Sample((Step(is_("x"), BY), Step(Present(B), BY))),
    Threshold(is_("x"), (USER, B), 3, Distinct(IP, 2)),
    Threshold(is_("x"), (), 2),
    Threshold(is_("x"), (A, Field("n", Kind.LONG)), 2, Distinct(Field("r", Kind.DOUBLE), 3)),
    NewTerms(is_("x"), (USER, B), 7 * DAY),
    IndicatorMatch(
        is_("x"),
        Present(Field("i.user")),
        (),
        ((Pair(USER, Field("i.user")), Pair(B, Field("i.b"))), (Pair(IP, Field("i.ip")),)),
    ),
]


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: type(d).__name__)
def test_scenes_stand_on_both_sides(detection: Detection) -> None:
    rule = a_rule(detection)
    found = scenes(detection)
    assert 1 <= len(found) <= SCENES
    assert found == scenes(detection), "the same every time"
    verdicts = [verdict for scene in found for verdict in Reference().run(rule, scene)]
    assert {True, False} <= set(verdicts)
    if not isinstance(detection, Match):
        alerting = [any(Reference().run(rule, scene)) for scene in found]
        assert {True, False} <= set(alerting)


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: type(d).__name__)
def test_the_python_artifact_agrees(detection: Detection) -> None:
    verdicts = verify(a_rule(detection))
    assert verdicts.agree, str(verdicts)
    assert verdicts.engines == ("reference", "python")
    assert verdicts.matched > 0


def test_thresholds_too_large_and_what_cannot_match_have_no_scene() -> None:
    never = Constant(value=False)
    assert scenes(Threshold(is_("x"), (), 10**6)) == []
    assert scenes(NewTerms(never, (USER,), DAY)) == []
    assert scenes(IndicatorMatch(never, never, (), ())) == []
    assert scenes(Opaque("ml", Diagnostic(X001, "a job"))) == []


@dataclasses.dataclass(frozen=True)
class Other:
    """An engine that does not fold null and [] or looks at one field only: whatever `where` says."""

    where: object
    name: str = "other"

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool | None]:
        del rule
        return [matches(self.where, event) if "skip" not in event else None for event in scene.events]  # type: ignore[arg-type]


RULE = a_rule(Match(And((is_("x"), is_("y", B)))))


def test_disagreement_is_made_small() -> None:
    events: list[dict[str, object]] = [
        {"a": "x"},
        {"a": ["x", "decoy"], "b": "no", "c": {"deep": [1, 2]}, "@timestamp": 5},
        {"a": "x", "b": "y"},
    ]
    verdicts = verify(RULE, events, (Reference(), Other(is_("x"))))
    assert not verdicts.agree
    assert verdicts.disagreement is not None
    assert verdicts.disagreement.engine == "other"
    assert verdicts.disagreement.row.number == 0
    assert verdicts.disagreement.smallest.events == ({"a": "x"},)
    later = verify(RULE, events[1:], (Reference(), Other(is_("x")))).disagreement
    assert later is not None
    assert later.smallest.events == ({"a": "x"},)


def test_disagreement_over_several_events_keeps_what_it_needs() -> None:
    sequence = a_rule(EqlSequence((Step(is_("x")), Step(is_("y"))), 10))
    events = [{"@timestamp": n, "a": v} for n, v in enumerate(("q", "x", "q", "y", "q"))]
    found = verify(sequence, events, (Reference(), Other(Constant(value=False)))).disagreement
    assert found is not None
    assert [e["a"] for e in found.smallest.events] == ["x", "y"]


def test_an_event_without_verdict_is_no_disagreement() -> None:
    verdicts = verify(RULE, [{"a": "x", "skip": 1}], (Reference(), Other(is_("x"))))
    assert verdicts.agree
    assert "-" in str(verdicts)


class Mute:
    name = "mute"

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool | None]:
        del rule, scene
        raise CannotJudgeError("has no voice")


def test_an_engine_that_cannot_judge_is_said_once_with_its_reason() -> None:
    verdicts = verify(RULE, None, (Reference(), Mute()))
    assert verdicts.agree
    assert verdicts.skipped == {("mute", "has no voice"): 1}
    assert "mute did not judge 1: has no voice" in str(verdicts)


def test_an_engine_that_falls_mute_does_not_divide() -> None:
    class Fickle:
        name = "fickle"

        def run(self, rule: Rule, scene: Scene) -> Sequence[bool | None]:
            del rule
            if "c" not in scene.events[0]:
                raise CannotJudgeError("not without c")
            return [True] * len(scene.events)

    found = verify(RULE, [{"c": 1, "d": 2}], (Reference(), Fickle())).disagreement
    assert found is not None
    assert found.smallest.events == ({"c": 1},)


def test_shown_as_text_and_html() -> None:
    agreeing = verify(a_rule(Match(And((is_("x"), Present(B), is_("z", USER))))))
    text = str(agreeing)
    assert text.startswith("A <rule>: ")
    assert "all engines agree" in text
    assert "more" in text
    differing = verify(RULE, None, (Reference(), Other(is_("x"))))
    assert "engines differ on" in str(differing)
    assert "first disagreement" in str(differing)
    assert "A &lt;rule&gt;" in differing._repr_html_()
    assert "<pre>" in differing._repr_html_()
    assert "<pre>" not in agreeing._repr_html_()


def test_indicators_are_shown_with_a_disagreement() -> None:
    rule = a_rule(IndicatorMatch(is_("x"), Present(B), (), ((Pair(USER, Field("u")),),)))
    verdicts = verify(rule, None, (Reference(), Other(Constant(value=False))))
    assert "indicator {" in str(verdicts)


def test_no_events() -> None:
    verdicts = verify(RULE, [])
    assert verdicts.agree
    assert verdicts.rows == ()
    assert "0 events" in str(verdicts)


def test_given_events_run_at_the_newest() -> None:
    recent = a_rule(Match(Compare(Field("d", Kind.DATE), Comparison.GE, Now(-5))))
    verdicts = verify(recent, [{"@timestamp": 100, "d": 95}, {"@timestamp": 90, "d": 94}])
    assert [row.verdicts for row in verdicts.rows] == [(True, True), (False, False)]


def test_indicators_with_date_math_run_at_the_moment_of_the_scene() -> None:
    indicators = Compare(Field("d", Kind.DATE), Comparison.GE, Now(-5))
    rule = a_rule(IndicatorMatch(is_("x"), indicators, (), ((Pair(USER, Field("u")),),)))
    verdicts = verify(rule)
    assert verdicts.agree, str(verdicts)


def test_a_refused_or_absent_python_target_cannot_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refuses:
        @staticmethod
        def emit(*_: object) -> Emission:
            return Emission("", (Diagnostic(_NOTE, "a note", Severity.NOTE), Diagnostic(_NOTE, "no")))

    python._emitted.cache_clear()
    monkeypatch.setattr(registry, "load", lambda _: Refuses())
    with pytest.raises(CannotJudgeError, match="T999 no"):
        PythonArtifact().run(RULE, Scene("s", ({},)))

    def absent(name: str) -> object:
        raise EmitError(Diagnostic(T001, f"no {name}"))

    monkeypatch.setattr(registry, "load", absent)
    with pytest.raises(CannotJudgeError, match="no python"):
        PythonArtifact().run(RULE, Scene("s", ({},)))
    python._emitted.cache_clear()


def test_minimise_stops() -> None:
    calls = []

    def never(scene: Scene) -> bool:
        calls.append(scene)
        return False

    big = Scene("s", tuple({"a": list(range(100))} for _ in range(30)))
    assert minimise(big, never) == big
    assert len(calls) == 400
    assert minimise(Scene("s", ({"a": "abcd", "b": {"c": 1}},)), lambda _: True).events == ({},)


def test_minimise_keeps_what_divides_and_nothing_else() -> None:
    def divides(scene: Scene) -> bool:
        return any("x" in str(event.get("a")) for event in scene.events)

    events = ({"z": 1}, {"a": [["vwxyz", "b"], {"c": 2}], "t": ("p",)}, {"a": 5})
    found = minimise(Scene("s", events, indicators=({"i": 1}, {"i": 2})), divides)
    assert (found.events, found.indicators) == (({"a": "x"},), ())
