from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaDetectionItem, SigmaRule
from sigma.types import SigmaString, SpecialChars
from strategies import DOUBLE, HOSTILE, LONG, WORDS, events, patterns, predicates

from backends.sigma import TARGET
from backends.sigma.condition.text import escaped, wildcard
from backends.sigma.detection.correlation import timespan
from converter.diagnostics import Diagnostic, Severity, Source
from converter.forms import Trust
from converter.languages.esql.codes import Q001
from converter.languages.regex.lucene import parse_lucene
from converter.languages.yaml import dump
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
from converter.model.walk import leaves
from converter.proof.judges.sigma import field_values, sigma_matches
from converter.reference import matches
from converter.target import Binding, Bound, Emission, Options
from converter.target.options import CaseForm

SOURCE = Source("rule", "")
OWN = "45a5a929"  # of the rule below
EXACT = Options(case=CaseForm.EXACT)
A = OneOf(Field("a", many=False), ("x",), Case.SENSITIVE)
B = OneOf(Field("b", many=False), ("y",), Case.INSENSITIVE)


def emit(detection: Detection, binding: Binding | None = None, options: Options = EXACT, **meta: object) -> Emission:
    rule = Rule(Metadata(name="A rule", type="query", **meta), detection, SOURCE, SOURCE)  # type: ignore[arg-type]
    return TARGET.emit(Bound.everywhere(rule, binding or Binding()), options)


def documents(emission: Emission) -> list[dict[str, object]]:
    return list(yaml.safe_load_all(emission.text))


def codes(emission: Emission) -> dict[str, Severity]:
    return {d.code: d.severity for d in emission.diagnostics}


TEXTS = (
    st.text(max_size=8)
    | st.text("aZ09 .:-_#'\"\n|>&*?!%@`{}[],\\\t\u2028\x85\xe9", max_size=8)
    | st.sampled_from(
        ("no", "1e5", "0x1f", "2024-01-01", "~", ".inf", "1_000", "12:30", "- a", "a: b", "a #b", "a|contains")
    )
)
SCALARS = TEXTS | st.integers() | st.booleans()
MAPS = st.recursive(
    st.dictionaries(TEXTS, SCALARS, min_size=1, max_size=3),
    lambda inner: st.dictionaries(TEXTS, inner | st.lists(SCALARS | inner, min_size=1, max_size=3), min_size=1),
    max_leaves=5,
)


def read_text(value: str) -> tuple[object, ...]:
    """The parts of a value as pySigma reads it: texts and signs."""
    detection = {"s": {"f": value}, "condition": "s"}
    rule = SigmaRule.from_dict({"title": "t", "logsource": {"product": "p"}, "detection": detection})
    item = rule.detection.detections["s"].detection_items[0]
    assert isinstance(item, SigmaDetectionItem)
    assert isinstance(item.value[0], SigmaString)
    return tuple(item.value[0].s)


@given(st.text(max_size=12) | st.sampled_from((*HOSTILE, *WORDS)))
def test_escaped_text_is_read_as_the_same_text(text: str) -> None:
    parts = read_text(escaped(text))
    assert "".join(map(str, parts)) == text
    assert all(isinstance(part, str) for part in parts)


@given(patterns)
def test_wildcards_are_read_as_the_same_pattern(pattern: Pattern) -> None:
    signs = {SpecialChars.WILDCARD_MULTI: Wild.ANY_RUN, SpecialChars.WILDCARD_SINGLE: Wild.ANY_ONE}
    read = read_text(wildcard(pattern))
    assert tuple(signs[part] if isinstance(part, SpecialChars) else part for part in read) == pattern.parts


@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("options", [EXACT, Options(), Options(trust=Trust.STRICT)], ids=["cased", "folded", "strict"])
@given(where=predicates(scripts=False, dates=False, elements=False), event=events())
def test_rule_read_back_gives_the_same_verdict(options: Options, where: Predicate, event: dict[str, object]) -> None:
    # What a value of the wrong type counts for, Elasticsearch's mapping says, Sigma cannot.
    assume(all(leaf.field.kind is Kind.KEYWORD for leaf in leaves(where) if isinstance(leaf, Present)))
    assume(not any(isinstance(value, str) for f in (LONG, DOUBLE) for value in field_values(event, f.path)))
    emission = emit(Match(normalise(where)), options=options)
    if not emission.text:
        assert Severity.ERROR in codes(emission).values()
        return
    assume(not {"T118", "T120"} & set(codes(emission)))  # each says what is given up
    (rule,) = SigmaCollection.from_yaml(emission.text).rules
    assert isinstance(rule, SigmaRule)
    assert sigma_matches(rule, event) is matches(where, event)


def test_condition_names_selections_and_filters() -> None:
    emission = emit(Match(And((A, B, Not(Or((A, B)))))))
    (document,) = documents(emission)
    assert document["detection"] == {
        "selection": {"a|cased": "x", "b": "y"},
        "filter_main_a": {"a|cased": "x"},
        "filter_main_b": {"b": "y"},
        "condition": "selection and not 1 of filter_main_*",
    }


def test_two_values_of_one_field_are_two_selections() -> None:
    many = Field("args")
    both = And((OneOf(many, ("-a",), Case.SENSITIVE), OneOf(many, ("-b",), Case.SENSITIVE)))
    (document,) = documents(emit(Match(both)))
    assert document["detection"] == {
        "selection_args": {"args|cased": "-a"},
        "selection_args_2": {"args|cased": "-b"},
        "condition": "all of selection_*",
    }


def test_closed_vocabulary_needs_no_cased() -> None:
    field = Field("event.action", facts=frozenset({Fact.ONE_SPELLING}), way=Column("Operation"))
    (document,) = documents(emit(Match(OneOf(field, ("X",), Case.SENSITIVE))))
    assert document["detection"] == {"selection": {"Operation": "X"}, "condition": "selection"}


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (Element("n", A), "T101"),
        (Holds(Call(Function.LT, (Call(Function.LENGTH, (Field("a"),)), Literal(3)))), "T102"),
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
    assert correlation.rules is not None
    assert correlation.rules[0].rule is base
    section = documents(emission)[1]["correlation"]
    assert section == {
        "type": "event_count",
        "rules": [f"a_rule_{OWN}_base"],
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
        "rules": [f"a_rule_{OWN}_base"],
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
        "rules": [f"a_rule_{OWN}_step_1", f"a_rule_{OWN}_step_2"],
        "group-by": ["k", "key_2"],
        "timespan": "90s",
        "aliases": {"key_2": {f"a_rule_{OWN}_step_1": "p", f"a_rule_{OWN}_step_2": "q"}},
    }
    assert codes(emission) == {"T111": Severity.WARNING}
    SigmaCollection.from_yaml(emission.text)


def test_sequence_of_one_step_that_runs_is_a_count() -> None:
    emission = emit(Sequence((Step(A, (Key(Field("k")),), runs=5),), 60_000))
    assert documents(emission)[1]["correlation"] == {
        "type": "event_count",
        "rules": [f"a_rule_{OWN}_step_1"],
        "group-by": ["k"],
        "timespan": "1m",
        "condition": {"gte": 5},
    }
    assert codes(emission)["T113"] is Severity.WARNING


def test_a_run_in_a_sequence_is_a_count_of_its_own() -> None:
    """Not one event for ten: what a correlation cannot order it still counts."""
    keys = (Key(Field("k")),)
    emission = emit(Sequence((Step(A, keys, runs=10), Step(B, keys)), 15_000))
    first, second, counted, whole = documents(emission)
    assert counted["name"] == f"{first['name']}_count"
    assert counted["correlation"] == {
        "type": "event_count",
        "rules": [first["name"]],
        "group-by": ["k"],
        "timespan": "15s",
        "condition": {"gte": 10},
    }
    assert whole["correlation"]["rules"] == [counted["name"], second["name"]]  # type: ignore[index]
    assert codes(emission)["T113"] is Severity.WARNING
    SigmaCollection.from_yaml(emission.text)


def test_equal_steps_in_succession_are_a_run() -> None:
    twice = emit(Sequence((Step(A), Step(A)), 60_000))
    assert twice == emit(Sequence((Step(A, runs=2),), 60_000))
    assert len(documents(emit(Sequence((Step(A), Step(B), Step(A)), 60_000)))) == 4


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


def test_a_sample_whose_steps_may_share_an_event_is_approximate() -> None:
    keys = (Key(Field("k")),)
    apart = emit(Sample((Step(A, keys), Step(Not(A), keys))), window=WINDOW)
    assert "T125" not in codes(apart)
    shared = emit(Sample((Step(A, keys), Step(Or((A, B)), keys))), window=WINDOW)
    assert codes(shared)["T125"] is Severity.WARNING
    assert codes(emit(Sample((Step(A, keys), Step(A, keys))), window=WINDOW))["T125"] is Severity.WARNING


def test_a_count_that_the_distinct_count_implies_is_left_out() -> None:
    threshold = Threshold(A, (Field("k", many=False),), 3, Distinct(Field("user.name", many=False), 3))
    assert [d.get("correlation", {}).get("type") for d in documents(emit(threshold))] == [None, "value_count"]  # type: ignore[attr-defined]


def test_new_terms_find_every_event() -> None:
    emission = emit(NewTerms(A, (Field("k"),), 1))
    assert documents(emission)[0]["detection"] == documents(emit(Match(A)))[0]["detection"]
    assert codes(emission)["T107"] is Severity.WARNING


def test_error_detection_without_meaning() -> None:
    assert codes(emit(Opaque("esql", Diagnostic(Q001, "not yet"))))["Q001"] is Severity.ERROR


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
    assert document["fields"] == ["a", "user.name"]
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


def test_case_is_given_up_by_default_and_said_once() -> None:
    lower = Field("lower", facts=frozenset({Fact.ONE_SPELLING}), way=Column("Closed"))
    terms = [OneOf(f, ("Xy",), Case.SENSITIVE) for f in (Field("a"), lower, Field("b"))]
    digits = Like(Field("c"), (Pattern((Wild.ANY_RUN, "12-3")),), Case.SENSITIVE)
    detection = Threshold(And((*terms, digits, Not(terms[0]))), (), 2)
    emission = emit(detection, options=Options(), window=WINDOW)
    assert "cased" not in emission.text
    (warning,) = [d for d in emission.diagnostics if d.severity is Severity.WARNING]
    assert (warning.code, warning.message[:45]) == ("T118", "letters' case is not compared in a, b: the ru")
    assert [(used.fact, used.column) for used in emission.assumed] == [(Fact.ONE_SPELLING, "Closed")]
    assert "# Assumes: A07(Closed) " in emission.text
    exact = emit(detection, window=WINDOW)
    assert "T118" not in codes(exact)
    assert exact.text.count("|cased") == 3
    strict = emit(detection, options=Options(trust=Trust.STRICT), window=WINDOW)
    assert ("Closed" in next(d.message for d in strict.diagnostics if d.code == "T118"), strict.assumed) == (True, ())


def windows_paths(*patterns: Pattern, case: Case = Case.INSENSITIVE) -> dict[str, object]:
    field = Field("process.executable", many=False, facts=frozenset({Fact.DRIVE_PATH}), way=Column("Image"))
    (document,) = documents(emit(Match(Like(field, patterns, case)), options=Options()))
    return document["detection"]["selection"]  # type: ignore[index,no-any-return]


def test_drive_is_left_open_as_people_write_it() -> None:
    drive = (Wild.ANY_ONE, ":\\a\\")
    assert windows_paths(Pattern((*drive[:1], ":\\a\\b.exe"))) == {"Image|endswith": ":\\a\\b.exe"}
    assert windows_paths(Pattern((*drive, Wild.ANY_RUN))) == {"Image|contains": ":\\a\\"}
    assert windows_paths(Pattern((*drive, Wild.ANY_RUN, "b"))) == {"Image|endswith": r":\a\\*b"}
    free = Like(Field("f", many=False), (Pattern((*drive, Wild.ANY_RUN)),), Case.INSENSITIVE)
    (document,) = documents(emit(Match(free), options=Options()))
    assert document["detection"]["selection"] == {"f|startswith": "?:\\a\\"}  # type: ignore[index]


def test_texts_that_one_column_must_all_hold_are_one_item() -> None:
    parts = [Like(Field("c"), (Pattern((Wild.ANY_RUN, text, Wild.ANY_RUN)),), Case.INSENSITIVE) for text in "xyx"]
    (document,) = documents(emit(Match(And((*parts, B)))))
    assert document["detection"] == {"selection": {"c|contains|all": ["x", "y"], "b": "y"}, "condition": "selection"}


def test_finite_expressions_are_lists() -> None:
    regex = parse_lucene("C:.(Program Files( [(]x86[)])?|Temp).+")
    (document,) = documents(emit(Match(Matches(Field("f"), (regex,), Case.INSENSITIVE))))
    assert document["detection"]["selection"] == {  # type: ignore[index]
        "f": ["C:?Program Files?*", "C:?Program Files (x86)?*", "C:?Temp?*"]
    }


def test_nested_alternatives_keep_their_own_names() -> None:
    where = And((A, Or((And((B, Not(A))), OneOf(Field("c"), ("z",), Case.INSENSITIVE)))))
    (document,) = documents(emit(Match(where)))
    assert document["detection"]["condition"] == (  # type: ignore[index]
        "selection_a and (selection_b and not exclusion_a or selection_c)"
    )


def test_whole_numbers_are_numbers() -> None:
    values = ("4688", "007", "0", "-1", "1e3", "99999999999999999999")
    (document,) = documents(emit(Match(OneOf(Field("f"), values, Case.SENSITIVE)), options=Options()))
    selection = document["detection"]["selection"]["f"]  # type: ignore[index]
    assert selection == [4688, "007", 0, "-1", "1e3", "99999999999999999999"]


def test_base_names_of_rules_in_other_alphabets_differ() -> None:
    def names(title: str) -> set[object]:
        rule = Rule(Metadata(name=title, type="eql"), Sequence((Step(A), Step(B)), 1_000), SOURCE, SOURCE)
        text = TARGET.emit(Bound(rule, (Binding(),) * 2), Options()).text
        return {d["name"] for d in yaml.safe_load_all(text) if "name" in d}

    assert len(names("\u5947\u602a") | names("\u767b\u5f55")) == 4


def test_rules_of_several_places_have_their_own_id_and_title() -> None:
    headers = ({"category": "driver_load"}, {"category": "image_load"}, {"category": "image_load"})
    bindings = tuple(Binding("native", "windows.sysmon", "", {"product": "windows", **h}) for h in headers)
    rule = Rule(Metadata(name="A rule", type="query"), AnyOf((Match(A),) * 3), SOURCE, SOURCE)
    found = list(yaml.safe_load_all(TARGET.emit(Bound(rule, bindings), Options()).text))
    assert [d["title"] for d in found] == ["A rule - Driver Load", "A rule - Image Load 1", "A rule - Image Load 2"]
    assert len({d["id"] for d in found}) == 3


def test_deprecated_rule_says_so_in_its_title() -> None:
    titles = [documents(emit(Match(A), maturity=m))[0]["title"] for m in ("production", "deprecated")]
    assert titles == ["A rule", "A rule - Deprecated"]
    named = Rule(Metadata(name="Deprecated - A rule", type="query", maturity="deprecated"), Match(A), SOURCE, SOURCE)
    text = TARGET.emit(Bound(named, (Binding(),)), Options()).text
    assert yaml.safe_load(text)["title"] == "Deprecated - A rule"
    long = Rule(Metadata(name="x" * 300, type="eql"), Sequence((Step(A), Step(B)), 1_000), SOURCE, SOURCE)
    found = list(yaml.safe_load_all(TARGET.emit(Bound(long, (Binding(),) * 2), Options()).text))
    assert {len(d["title"]) for d in found} == {256}
    assert len({d["title"] for d in found}) == 3


@given(MAPS)
def test_written_documents_are_read_as_the_same_values(document: dict[str, object]) -> None:
    text = dump(document)
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(text, loader) == document  # noqa: S506 - a safe one


def test_what_is_empty_or_missing_in_a_document_stays_so() -> None:
    document: dict[str, object] = {"a": None, "b": {}, "c": [], "d": [None, {}, []], "e": [{"f": None, "g": 1}]}
    assert yaml.safe_load(dump(document)) == document


@pytest.mark.parametrize(("text", "found"), [("2024/02/29", "2024-02-29"), ("2023/02/29", None), ("soon", None)])
def test_a_rules_date_is_a_day_of_the_calendar(text: str, found: str | None) -> None:
    (document,) = documents(emit(Match(A), creation_date=text))
    assert (str(document["date"]) if "date" in document else None) == found


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


def test_every_tactic_of_a_technique_is_named() -> None:
    threat = Threat("MITRE ATT&CK", "TA0002", "Execution", "", (Technique("T1078", "Valid Accounts", ""),))
    (document,) = documents(emit(Match(A), threat=(threat,)))
    more = ("defense-evasion", "initial-access", "persistence", "privilege-escalation")
    assert document["tags"] == ["attack.execution", "attack.t1078", *(f"attack.{tactic}" for tactic in more)]


def test_rules_of_one_name_and_id_have_ids_of_their_own() -> None:
    (first,), (second,) = (documents(emit(Match(A), rule_id="x", id_tag=t, name_tag=t)) for t in ("", "copy"))
    assert first["id"] != second["id"]
    assert (first["title"], second["title"]) == ("A rule", "A rule (copy)")


def test_base_rules_named_in_other_scripts_are_told_apart() -> None:
    counted = Threshold(A, (), 3)
    names = []
    for name in ("규칙 하나", "правило два"):
        rule = Rule(Metadata(name=name, type="threshold"), counted, SOURCE, SOURCE)
        base, correlation = documents(TARGET.emit(Bound.everywhere(rule, Binding()), EXACT))
        assert correlation["correlation"]["rules"] == [base["name"]]  # type: ignore[index]
        names.append(base["name"])
    assert len(set(names)) == 2
