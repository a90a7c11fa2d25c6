"""What a rule file says, as typed values."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import tomli
from shared import SHARED, corpus_rules, needs_shared

from converter import rulefile
from converter.diagnostics import Severity, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.model.metadata import (
    CardinalitySpec,
    ExceptionList,
    Metadata,
    RelatedIntegration,
    RequiredField,
    RiskMapping,
    SeverityMapping,
    Subtechnique,
    Technique,
    Threat,
    ThreatEntry,
    Window,
)

RULE = '[rule]\nname = "A rule"\ntype = "query"\n'


def read(text: str) -> Metadata:
    return rulefile.read_text(text, "x.toml").meta


@needs_shared
def test_corpus_loads_without_a_remark() -> None:
    paths = list(corpus_rules())
    assert len(paths) > 1000
    for path in paths:
        rule = rulefile.read_path(path)
        assert rule.notes == ()
        assert rule.meta.name
        assert rule.meta.window.from_ms > rule.meta.window.to_ms == 0
        if rule.meta.query:
            assert rule.query_source is rule.source
            assert rule.source.text.startswith(rule.meta.query, rule.query_offset)


@needs_shared
def test_every_string_of_the_corpus_is_kept() -> None:
    """No text that a rule holds is lost on the way into the typed values (wrong key, wrong branch)."""

    def strings(value: object) -> set[str]:
        match value:
            case str():
                return {value}
            case dict():
                return set().union(*(strings(v) for v in value.values()))
            case list():
                return set().union(*(strings(v) for v in value))
            case _:
                return set()

    # `[transform]` is kept as JSON, `$state` and the names inside `meta` are Kibana's display state; date math,
    # units and the constant keys below are kept as what they mean.
    said_otherwise = {"new_terms_fields", "history_window_start", "mapping", "s", "m", "h", "d"}
    for path in list(corpus_rules())[::7]:
        rule = rulefile.read_path(path)
        document = tomli.loads(rule.source.text)
        document.pop("transform", None)
        for key in ("filters", "threat_filters"):
            for kibana in document["rule"].get(key, ()):
                kibana.pop("meta", None)
                kibana.pop("$state", None)
        kept = repr(rule.meta)
        clauses = [json.loads(f.json) for f in rule.meta.filters]
        if rule.meta.threat_match:
            clauses += [json.loads(f.json) for f in rule.meta.threat_match.filters]
        for text in strings(document) - said_otherwise - strings(clauses):
            assert repr(text)[1:-1] in kept or json.dumps(text)[1:-1] in kept, (path.name, text)


@needs_shared
def test_seed_rule() -> None:
    seed = next((SHARED / "corpus" / "seed").glob("*.toml"))
    meta = rulefile.read_path(seed).meta
    assert meta.name == "M365 Exchange Mailbox Items Accessed Excessively"
    assert (meta.type, meta.language, meta.severity, meta.risk_score) == ("query", "kuery", "medium", 47)
    assert meta.index == ("filebeat-*", "logs-o365.audit-*")
    assert meta.integration == ("o365",)
    assert meta.window == Window(540_000, 0, 300_000)
    assert meta.timestamp_override == "event.ingested"
    sub = Subtechnique("T1114.002", "Remote Email Collection", "https://attack.mitre.org/techniques/T1114/002/")
    technique = Technique("T1114", "Email Collection", "https://attack.mitre.org/techniques/T1114/", (sub,))
    assert meta.threat == (
        Threat("MITRE ATT&CK", "TA0009", "Collection", "https://attack.mitre.org/tactics/TA0009/", (technique,)),
    )
    assert len(meta.investigation_fields) == 33


WHOLE = """
[metadata]
creation_date = "2025/06/17"
updated_date = "2026/04/10"
deprecation_date = "2026/05/01"
deprecated_reason = "old"
maturity = "production"
min_stack_version = "8.17.0"
min_stack_comments = "comment"
integration = "o365"
promotion = true
bypass_bbr_timing = true
os_type_list = ["linux"]

[transform]
osquery = [{ label = "x" }]

[rule]
name = "A rule"
rule_id = "id"
type = "query"
query = "a: b"
language = "lucene"
author = ["Elastic"]
building_block_type = "default"
data_view_id = "view"
saved_id = "saved"
description = "Text"
enabled = false
event_category_override = "category"
tiebreaker_field = "tie"
timestamp_field = "time"
timestamp_override = "event.ingested"
timestamp_override_fallback_disabled = true
exceptions_list = [{ id = "a", list_id = "b", type = "detection", namespace_type = "agnostic" }]
false_positives = ["f"]
interval = "1h"
from = "now-1d-1h"
to = "now-1m"
license = "Elastic License v2"
max_signals = 10
note = "n"
setup = "s"
references = ["r"]
risk_score = 73
risk_score_mapping = [{ field = "event.risk_score", operator = "equals", value = "" }]
rule_name_override = "message"
severity = "high"
severity_mapping = [{ field = "event.severity", operator = "equals", value = "3", severity = "low" }]
tags = ["t"]
threat = [{ framework = "MITRE ATT&CK" }]
timeline_id = "ti"
timeline_title = "tt"
version = 3
throttle = "no_actions"
actions = [{ id = 1 }]
investigation_fields = { field_names = ["user.name"] }
related_integrations = [{ package = "o365", version = "^2.0", integration = "audit" }]
required_fields = [{ name = "user.name", type = "keyword", ecs = true }]
anomaly_threshold = 50
machine_learning_job_id = "job"
"""


def test_every_key_has_a_typed_value() -> None:
    rule = rulefile.read_text(WHOLE, "x.toml")
    meta = rule.meta
    assert rule.notes == ()
    assert meta.unknown == ()
    assert meta.exported == (("actions", '[{"id": 1}]'), ("throttle", '"no_actions"'), ("os_type_list", '["linux"]'))
    assert meta.transform == '{"osquery": [{"label": "x"}]}'
    assert meta.window == Window(90_000_000, 60_000, 3_600_000)
    assert meta.exceptions_list == (ExceptionList("a", "b", "detection", "agnostic"),)
    assert meta.risk_score_mapping == (RiskMapping("event.risk_score", "equals", ""),)
    assert meta.severity_mapping == (SeverityMapping("event.severity", "equals", "3", "low"),)
    assert meta.related_integrations == (RelatedIntegration("o365", "^2.0", "audit"),)
    assert meta.required_fields == (RequiredField("user.name", "keyword", ecs=True),)
    assert meta.integration == ("o365",)
    assert meta.machine_learning_job_id == ("job",)
    assert (meta.enabled, meta.promotion, meta.bypass_bbr_timing) == (False, True, True)
    unset = [
        name
        for name in Metadata.__dataclass_fields__
        if getattr(meta, name) in ("", (), None)
        and name not in {"unknown", "filters", "exceptions", "log_source", "name_tag", "id_tag"}  # by others
    ]
    assert unset == ["index", "threshold", "new_terms", "threat_match", "alert_suppression"]


def test_defaults_of_elastic() -> None:
    meta = read(RULE + 'query = "a: b"')
    assert (meta.language, meta.from_, meta.to, meta.interval) == ("kuery", "now-6m", "now", "5m")
    assert meta.window == Window(360_000, 0, 300_000)
    assert (meta.max_signals, meta.severity, meta.enabled) == (100, "low", None)


def test_rule_without_a_rule_table() -> None:
    rule = rulefile.read_text('name = "A rule"\ntype = "eql"\nquery = "any where true"\nnmae = 1', "x.toml")
    assert (rule.meta.name, rule.meta.language) == ("A rule", "eql")
    assert [d.message for d in rule.notes] == ["nmae is not a key of Elastic rules; it is kept and not used"]


def test_threshold() -> None:
    text = '[rule]\nname = "A rule"\ntype = "threshold"\nquery = "a: b"\n[rule.threshold]\nfield = {}\nvalue = 5\n'
    cardinality = '[[rule.threshold.cardinality]]\nfield = "user.name"\nvalue = 3\n'
    one = read(text.format('"host.name"')).threshold
    assert one is not None
    assert (one.fields, one.value, one.cardinality) == (("host.name",), 5, ())
    many = read(text.format('["host.name", "user.name"]') + cardinality).threshold
    assert many is not None
    assert many.fields == ("host.name", "user.name")
    assert many.cardinality == (CardinalitySpec("user.name", 3),)
    for none in ('""', "[]"):
        nothing = read(text.format(none)).threshold
        assert nothing is not None
        assert nothing.fields == ()


def test_new_terms_in_both_spellings() -> None:
    head = '[rule]\nname = "A rule"\ntype = "new_terms"\nquery = "a: b"\n'
    api = head + 'new_terms_fields = ["user.name"]\nhistory_window_start = "now-30d/d"\n'
    file = head + (
        '[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["user.name"]\n'
        '[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-30d/d"\n'
    )
    assert read(api).new_terms == read(file).new_terms
    spec = read(api).new_terms
    assert spec is not None
    assert (spec.fields, spec.history_window_start) == (("user.name",), "now-30d/d")


def test_filters_keep_their_clause() -> None:
    text = RULE + (
        'query = "a: b"\n'
        '[[rule.filters]]\n[rule.filters.meta]\nnegate = true\nkey = "x"\n[rule.filters.query.term]\n"file.path" = "v"\n'
        '[[rule.filters]]\nexists = { field = "file.path" }\nmeta = { disabled = true }\n"$state" = { store = "s" }\n'
    )
    first, second = read(text).filters
    assert (json.loads(first.json), first.negate, first.disabled) == ({"term": {"file.path": "v"}}, True, False)
    assert (json.loads(second.json), second.negate, second.disabled) == (
        {"exists": {"field": "file.path"}},
        False,
        True,
    )
    assert first.span is not None
    assert text[first.span.start : first.span.end] == "rule.filters"


@pytest.mark.parametrize(
    ("relation", "joined"),
    [
        (
            "AND",
            {"bool": {"filter": [{"exists": {"field": "a"}}, {"bool": {"must_not": [{"exists": {"field": "b"}}]}}]}},
        ),
        (
            "OR",
            {
                "bool": {
                    "should": [{"exists": {"field": "a"}}, {"bool": {"must_not": [{"exists": {"field": "b"}}]}}],
                    "minimum_should_match": 1,
                }
            },
        ),
    ],
)
def test_filters_that_join_others(relation: str, joined: dict[str, object]) -> None:
    """As Kibana's editor writes them: the joined filters stand in `meta.params`, each with its own switches."""
    params = [
        {"meta": {}, "query": {"exists": {"field": "a"}}},
        {"meta": {"negate": True}, "query": {"exists": {"field": "b"}}},
        {"meta": {"disabled": True}, "query": {"exists": {"field": "c"}}},
    ]
    made = {"meta": {"type": "combined", "relation": relation, "params": params}, "query": {}}
    text = json.dumps({"name": "n", "type": "query", "query": "a: b", "language": "kuery", "filters": [made]})
    (first,) = rulefile.read_text(text, "r.json").meta.filters
    assert json.loads(first.json) == joined


def test_empty_query_with_filters_means_the_filters() -> None:
    assert read(RULE + 'query = ""\nfilters = [{ query = { exists = { field = "a" } } }]').query == ""


def test_saved_query_and_machine_learning_need_no_query() -> None:
    assert read('[rule]\nname = "A rule"\ntype = "saved_query"\nsaved_id = "x"').query == ""
    job = read('[rule]\nname = "A rule"\ntype = "machine_learning"\nmachine_learning_job_id = ["a", "b"]')
    assert job.machine_learning_job_id == ("a", "b")


def test_threat_match() -> None:
    text = """[rule]
name = "A rule"
type = "threat_match"
query = "a: b"
threat_index = ["logs-ti_*"]
threat_query = "@timestamp >= \\"now-30d/d\\""
threat_mapping = [{ entries = [{ field = "a", type = "mapping", value = "b" }] },
    { entries = [{ field = "c", value = "d", negate = true }] }]
"""
    spec = read(text).threat_match
    assert spec is not None
    assert spec.mapping == ((ThreatEntry("a", "b"),), (ThreatEntry("c", "d", negate=True),))
    assert (spec.index, spec.language, spec.indicator_path) == (("logs-ti_*",), "kuery", "threat.indicator")
    assert spec.query_span is None  # written with escapes
    plain = read(text.replace('"@timestamp >= \\"now-30d/d\\""', '"b: x"')).threat_match
    assert plain is not None
    assert plain.query_span is not None
    default = read("\n".join(line for line in text.split("\n") if "threat_query" not in line)).threat_match
    assert default is not None
    assert (default.query, default.query_span) == ("*:*", None)


def test_suppression() -> None:
    table = '[rule.alert_suppression]\ngroup_by = ["host.name"]\n'
    spec = read(RULE + 'query = "a: b"\n' + table + 'duration = { value = 5, unit = "h" }\n').alert_suppression
    assert spec is not None
    assert (spec.group_by, spec.duration_ms, spec.missing_fields_strategy) == (("host.name",), 18_000_000, "suppress")
    per_run = read(RULE + 'query = "a: b"\n' + table + 'missing_fields_strategy = "doNotSuppress"').alert_suppression
    assert per_run is not None
    assert (per_run.duration_ms, per_run.missing_fields_strategy) == (None, "doNotSuppress")


def test_rounded_from_is_a_warning_and_the_longest_window() -> None:
    rule = rulefile.read_text(RULE + 'query = "a: b"\nfrom = "now-1d/d"\nto = "now/h"\n', "x.toml")
    assert rule.meta.window == Window(2 * 86_400_000, 0, 300_000)
    assert [(d.code, d.severity, d.place) for d in rule.notes] == [
        ("F012", Severity.WARNING, "x.toml:5:1"),
        ("F012", Severity.WARNING, "x.toml:6:1"),
    ]


def test_unknown_keys_are_kept_and_said() -> None:
    text = RULE + 'query = "a: b"\nsevertiy = "low"\n[rule.threat2]\nx = 1979-05-27\n[other]\nz = [1]\n'
    rule = rulefile.read_text(text, "x.toml")
    assert rule.meta.unknown == (
        ("rule.severtiy", '"low"'),
        ("rule.threat2", '{"x": "1979-05-27"}'),
        ("other", '{"z": [1]}'),
    )
    assert [(d.code, d.severity, d.place, d.hint) for d in rule.notes] == [
        ("F013", Severity.NOTE, "x.toml:5:1", "did you mean severity?"),
        ("F013", Severity.NOTE, "x.toml:6:2", "did you mean threat?"),
        ("F013", Severity.NOTE, "x.toml:8:2", ""),
    ]


@pytest.mark.parametrize(
    ("query", "verbatim"),
    [
        ("query = '''\na: b\n'''", True),
        ('query = "a: b"', True),
        ('query = "a: \\"b\\""', False),
        ('note = "a: b"\nquery = "a: b"', True),
        ("query = '''a: b''' # a: b", True),
    ],
)
def test_place_of_the_query(query: str, verbatim: bool) -> None:
    rule = rulefile.read_text(RULE + query, "x.toml")
    if not verbatim:
        assert (rule.query_source, rule.query_offset) == (Source("x.toml (query)", rule.meta.query), 0)
        assert rule.meta.query_span is None
        return
    assert rule.query_source is rule.source
    start = rule.source.text.rindex("query =")
    assert start < rule.query_offset < start + 15
    assert rule.meta.query_span == Span(rule.query_offset, rule.query_offset + len(rule.meta.query))


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (RULE + "query = '''\na: b and\nc: d\n'''\n").replace("\n", "\r\n").encode())
    rule = rulefile.read_path(path)
    assert rule.meta.query == "a: b and\nc: d\n"
    assert rule.source.place(rule.query_offset + rule.meta.query.index("c: d")) == (6, 1)


def test_ten_megabytes_are_read_quickly() -> None:
    start = time.process_time()
    rule = rulefile.read_text(RULE + "query = '''\n" + "a: b or\n" * 1_250_000 + "c: d'''\nbogus = 1\n", "x.toml")
    assert len(rule.meta.query) > 10_000_000
    assert rule.notes[0].place == "x.toml:1250006:1"
    assert time.process_time() - start < 10


def test_error_missing_key_of_a_table_that_only_its_children_name() -> None:
    with pytest.raises(RuleFileError) as caught:
        rulefile.read_text('[rule.threshold]\nfield = ["a"]\nvalue = 1\n', "r.toml")
    assert {d.place for d in caught.value.diagnostics} == {"r.toml:1:2"}


def test_error_number_of_more_digits_than_python_converts() -> None:
    with pytest.raises(RuleFileError) as caught:
        rulefile.read_text(f"[rule]\nrisk_score = {'9' * 5000}\n", "r.toml")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.place) == ("F004", "r.toml:2:14")
