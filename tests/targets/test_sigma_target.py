from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule
from strategies import HOSTILE, WORDS, events, patterns, predicates

from backends.sigma import TARGET
from backends.sigma.condition.text import escaped, wildcard
from backends.sigma.detection.correlation import timespan
from converter.diagnostics import Diagnostic, Severity, Source
from converter.model.fact import Fact
from converter.model.metadata import (
    ExceptionList,
    Metadata,
    SeverityMapping,
    Subtechnique,
    Suppression,
    Technique,
    Threat,
    Window,
)
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
)
from converter.model.rule import (
    Detection,
    Distinct,
    Key,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Column, Computed, Field, Function, Instant, Kind, Literal
from converter.proof.judges.sigma import sigma_matches
from converter.reference import matches
from converter.target import Binding, Bound, Emission, Options

SOURCE = Source("rule", "")
A = OneOf(Field("a", many=False), ("x",), Case.SENSITIVE)
B = OneOf(Field("b", many=False), ("y",), Case.INSENSITIVE)


def emit(detection: Detection, binding: Binding | None = None, **meta: object) -> Emission:
    rule = Rule(Metadata(name="A rule", type="query", **meta), detection, SOURCE, SOURCE)  # type: ignore[arg-type]
    return TARGET.emit(Bound(rule, ((binding or Binding()),) * 9), Options())


def documents(emission: Emission) -> list[dict[str, object]]:
    return list(yaml.safe_load_all(emission.text))


def codes(emission: Emission) -> dict[str, Severity]:
    return {d.code: d.severity for d in emission.diagnostics}


@given(st.text(max_size=12) | st.sampled_from((*HOSTILE, *WORDS)))
def test_escaped_text_is_read_as_the_same_text(text: str) -> None:
    detection = {"s": {"f": escaped(text)}, "condition": "s"}
    rule = SigmaRule.from_dict({"title": "t", "logsource": {"product": "p"}, "detection": detection})
    value = rule.detection.detections["s"].detection_items[0].value[0]
    assert "".join(str(part) for part in value.s) == text
    assert all(isinstance(part, str) for part in value.s)


@given(patterns)
def test_wildcards_are_read_as_the_same_pattern(pattern: Pattern) -> None:
    detection = {"s": {"f": wildcard(pattern)}, "condition": "s"}
    rule = SigmaRule.from_dict({"title": "t", "logsource": {"product": "p"}, "detection": detection})
    value = rule.detection.detections["s"].detection_items[0].value[0]
    signs = {"WILDCARD_MULTI": Wild.ANY_RUN, "WILDCARD_SINGLE": Wild.ANY_ONE}
    read = tuple(part if isinstance(part, str) else signs[part.name] for part in value.s)
    assert read == pattern.parts


@settings(max_examples=500, deadline=None)
@given(predicates(scripts=False, dates=False, elements=False), events())
def test_rule_read_back_gives_the_same_verdict(where: Predicate, event: dict[str, object]) -> None:
    emission = emit(Match(normalise(where)))
    if not emission.text:
        assert Severity.ERROR in codes(emission).values()
        return
    (rule,) = SigmaCollection.from_yaml(emission.text).rules
    assert isinstance(rule, SigmaRule)
    assert sigma_matches(rule, event) is matches(where, event)


def test_condition_names_selections_and_filters() -> None:
    emission = emit(Match(And((A, B, Not(Or((A, B)))))))
    (document,) = documents(emission)
    assert document["detection"] == {
        "filter": [{"a|cased": "x"}, {"b": "y"}],
        "selection": {"a|cased": "x", "b": "y"},
        "condition": "selection and not filter",
    }


def test_two_values_of_one_field_are_two_selections() -> None:
    many = Field("args")
    both = And((OneOf(many, ("-a",), Case.SENSITIVE), OneOf(many, ("-b",), Case.SENSITIVE)))
    (document,) = documents(emit(Match(both)))
    assert document["detection"] == {
        "selection": {"args|cased": "-a"},
        "selection_2": {"args|cased": "-b"},
        "condition": "selection and selection_2",
    }


def test_closed_vocabulary_needs_no_cased() -> None:
    field = Field("event.action", facts=frozenset({Fact.ONE_SPELLING}), way=Column("Operation"))
    (document,) = documents(emit(Match(OneOf(field, ("X",), Case.SENSITIVE))))
    assert document["detection"] == {"selection": {"Operation": "X"}, "condition": "selection"}


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (Element("n", A), "T101"),
        (Holds(Call(Function.GT, (Call(Function.LENGTH, (Field("a"),)), Literal(3)))), "T102"),
        (Compare(Field("a"), Comparison.LT, "m"), "T103"),
        (Compare(Field("d", Kind.DATE), Comparison.LT, Instant(0)), "T103"),
        (OneOf(Field("a|re"), ("x",), Case.SENSITIVE), "T104"),
        (OneOf(Field("a", way=Computed("lower(a)")), ("x",), Case.SENSITIVE), "T104"),
        (Constant(value=True), "T106"),
        (Holds(Call(Function.EQ, (Field("a"), Field("b|c")))), "T104"),
    ],
)
def test_error_what_sigma_cannot_say(where: Predicate, code: str) -> None:
    emission = emit(Match(where))
    assert emission.text == ""
    assert codes(emission)[code] is Severity.ERROR


def test_fields_are_compared_by_reference() -> None:
    (document,) = documents(emit(Match(Holds(Call(Function.EQ, (Field("a"), Field("b")))))))
    assert document["detection"] == {"selection": {"a|fieldref": "b"}, "condition": "selection"}


def test_words_of_the_standard_analyzer_are_approximate() -> None:
    phrase = Phrase(Field("message", Kind.TEXT), (Pattern(("a",)), Pattern(("b", Wild.ANY_RUN))), Analyzer.STANDARD)
    assert codes(emit(Match(phrase)))["T105"] is Severity.WARNING
    exact = Phrase(phrase.field, phrase.tokens, Analyzer.POWERSHELL)
    assert "T105" not in codes(emit(Match(exact)))


WINDOW = Window(540_000, 0, 300_000)


def test_threshold_is_a_count_of_its_base_rule() -> None:
    emission = emit(Threshold(A, (Field("user.name"),), 5), window=WINDOW)
    base, correlation = SigmaCollection.from_yaml(emission.text).rules
    assert isinstance(correlation, SigmaCorrelationRule)
    assert correlation.rules[0].rule is base
    section = documents(emission)[1]["correlation"]
    assert section == {
        "type": "event_count",
        "rules": ["a_rule_base"],
        "group-by": ["user.name"],
        "timespan": "9m",
        "condition": {"gte": 5},
    }
    assert codes(emission) == {"T112": Severity.NOTE}


def test_threshold_of_distinct_values_only() -> None:
    emission = emit(Threshold(A, (), 1, Distinct(Field("user.name"), 3)), window=WINDOW)
    section = documents(emission)[1]["correlation"]
    assert section == {
        "type": "value_count",
        "rules": ["a_rule_base"],
        "timespan": "9m",
        "condition": {"field": "user.name", "gte": 3},
    }


def test_threshold_of_both_counts_is_approximate() -> None:
    emission = emit(Threshold(A, (Field("k"),), 5, Distinct(Field("user.name"), 3)), window=WINDOW)
    assert [d.get("correlation", {}).get("type") for d in documents(emission)] == [  # type: ignore[attr-defined]
        None,
        "event_count",
        "value_count",
        "temporal",
    ]
    assert codes(emission)["T114"] is Severity.WARNING
    SigmaCollection.from_yaml(emission.text)


def test_sequence_is_an_ordered_correlation_with_aliases() -> None:
    steps = (Step(A, (Key(Field("k")), Key(Field("p")))), Step(B, (Key(Field("k")), Key(Field("q")))))
    emission = emit(Sequence(steps, 90_000))
    section = documents(emission)[2]["correlation"]
    assert section == {
        "type": "temporal_ordered",
        "rules": ["a_rule_step_1", "a_rule_step_2"],
        "group-by": ["k", "key_2"],
        "timespan": "90s",
        "aliases": {"key_2": {"a_rule_step_1": "p", "a_rule_step_2": "q"}},
    }
    assert codes(emission) == {"T111": Severity.WARNING}
    SigmaCollection.from_yaml(emission.text)


def test_sequence_of_one_step_that_runs_is_a_count() -> None:
    emission = emit(Sequence((Step(A, (Key(Field("k")),), runs=5),), 60_000))
    assert documents(emission)[1]["correlation"] == {
        "type": "event_count",
        "rules": ["a_rule_step_1"],
        "group-by": ["k"],
        "timespan": "1m",
        "condition": {"gte": 5},
    }
    assert codes(emission)["T113"] is Severity.WARNING


@pytest.mark.parametrize(
    "detection",
    [
        Sequence((Step(A), Step(B)), 1_000, Step(A)),
        Sequence((Step(A), Step(B, missing=True)), 1_000),
    ],
)
def test_error_sequence_that_would_mislead(detection: Detection) -> None:
    emission = emit(detection)
    assert emission.text == ""
    assert codes(emission)["T110"] is Severity.ERROR


def test_sample_is_a_temporal_correlation() -> None:
    emission = emit(Sample((Step(A, (Key(Field("k")),)), Step(B, (Key(Field("k")),)))), window=WINDOW)
    assert documents(emission)[2]["correlation"]["type"] == "temporal"  # type: ignore[index]


def test_new_terms_find_every_event() -> None:
    emission = emit(NewTerms(A, (Field("k"),), 1))
    assert documents(emission)[0]["detection"] == documents(emit(Match(A)))[0]["detection"]
    assert codes(emission)["T107"] is Severity.WARNING


def test_error_detection_without_meaning() -> None:
    assert codes(emit(Opaque("esql", Diagnostic("Q001", "not yet"))))["Q001"] is Severity.ERROR


def test_metadata_is_carried_or_said() -> None:
    threat = Threat(
        "MITRE ATT&CK",
        "TA0006",
        "Credential Access",
        "",
        (Technique("T1003", "", "", (Subtechnique("T1003.001", "", ""),)),),
    )
    atlas = Threat("MITRE ATLAS", "AML.TA0000", "Other", "")
    emission = emit(
        Match(A),
        rule_id="7fc95782-4bd1-11f0-9838-f661ea17fbcd",
        threat=(threat, atlas),
        author=("Elastic", "Somebody"),
        license="Elastic License v2",
        creation_date="2025/06/17",
        updated_date="2025/06/18",
        references=("https://attack.mitre.org/techniques/T1003/", "https://example.org"),
        false_positives=("x", " Backups "),
        severity="high",
        investigation_fields=("user.name",),
        exceptions_list=(ExceptionList("e", "e", "endpoint", "agnostic"),),
        alert_suppression=Suppression(("user.name",), None),
        severity_mapping=(SeverityMapping("f", "equals", "v", "high"),),
        description=" Says\nwhat. ",
    )
    (document,) = documents(emission)
    assert emission.text.startswith("# A rule\n# Converted (modified) by siemglot from a rule of Elasticsearch B.V.")
    assert document["related"] == [{"id": "7fc95782-4bd1-11f0-9838-f661ea17fbcd", "type": "derived"}]
    assert document["id"] != "7fc95782-4bd1-11f0-9838-f661ea17fbcd"
    assert document["tags"] == ["attack.credential-access", "attack.t1003", "attack.t1003.001"]
    assert document["author"] == "Elastic, Somebody"
    assert document["license"] == "Elastic-2.0"
    assert (str(document["date"]), str(document["modified"])) == ("2025-06-17", "2025-06-18")
    assert document["references"] == ["https://example.org"]
    assert document["falsepositives"] == ["Backups"]
    assert document["fields"] == ["user.name"]
    assert document["description"] == "Says\nwhat."
    assert sum(d.code == "T115" for d in emission.diagnostics) == 3


def test_name_cannot_leave_the_comment() -> None:
    rule = Rule(Metadata(name="x\ntitle: evil\u2028a: b", type="query"), Match(A), SOURCE, SOURCE)
    text = TARGET.emit(Bound(rule, (Binding(),)), Options()).text
    assert text.splitlines()[0].startswith("# x title: evil a: b")
    assert yaml.safe_load(text)["title"] == "x\ntitle: evil\u2028a: b"


def test_native_log_source_is_the_tables() -> None:
    binding = Binding("native", "o365.audit", "", {"product": "m365", "service": "audit"})
    (document,) = documents(emit(Match(A), binding, building_block_type="default", license="MIT"))
    assert document["logsource"] == {"product": "m365", "service": "audit"}
    assert "taxonomy" not in document
    assert document["level"] == "informational"
    assert document["license"] == "MIT"


def test_error_pysigma_does_not_take_the_rule() -> None:
    emission = emit(Match(A), severity="unheard")
    assert emission.text == ""
    assert codes(emission)["T116"] is Severity.ERROR


@pytest.mark.parametrize(
    ("ms", "text"),
    [(500, "1s"), (90_000, "90s"), (540_000, "9m"), (7_200_000, "2h"), (172_800_000, "2d"), (1_500, "2s")],
)
def test_timespans(ms: int, text: str) -> None:
    assert timespan(ms) == text
    assert re.fullmatch(r"\d+[smhd]", text)
