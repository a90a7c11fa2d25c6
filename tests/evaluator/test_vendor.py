"""Rules over events as a vendor sends them: every kind of rule finds in raw events what it finds in Elastic's."""

from __future__ import annotations

from pathlib import Path

import pytest

import converter
from converter import api
from converter.datasets.reading.catalogue import Catalogue
from converter.engine.engine import Engine
from converter.engine.vendor import over_raw
from converter.model.rule import IndicatorMatch, NewTerms, Rule, Sample, Sequence, Threshold
from converter.model.walk import predicates

TABLE = """
dataset: acme.audit
title: Acme audit log
match: {index: ["logs-acme.audit-*"], datasets: [acme.audit]}
evidence: {AC: Acme's own documentation}
platforms:
  sigma: {audit: {header: {product: acme, service: audit}}}
fields:
  event.action: {sigma: exact Op, ev: [AC]}
  user.name: {sigma: exact Who, ev: [AC]}
  source.ip: {sigma: exact From, ev: [AC]}
  acme.part: {many: true, sigma: {status: elements, to: Parts, member: Name}, ev: [AC]}
  acme.size: {sigma: {status: expr, to: "lower(Op)"}, ev: [AC]}
  process.elf.sections.name: {sigma: exact Sections.Name, ev: [AC]}
"""
NEW = """
[rule.new_terms]
field = "new_terms_fields"
value = ["user.name"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-7d"
"""
COUNTED = """
[rule.threshold]
field = ["user.name"]
value = 3
[[rule.threshold.cardinality]]
field = "source.ip"
value = 2
"""
THREAT = """
threat_index = ["ti-*"]
threat_query = "threat.kind: bad"
threat_language = "kuery"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "user.name"
type = "mapping"
value = "threat.indicator.user"
"""
SEQUENCE = (
    'sequence by user.name with maxspan=5m [any where event.action == "a"] [any where event.action == "b"]'
    ' until [any where event.action == "c"]'
)


@pytest.fixture
def tables(tmp_path: Path) -> Catalogue:
    path = tmp_path / "acme.yaml"
    path.write_text(TABLE, encoding="utf-8")
    return api.catalogue(path)


def rule(tables: Catalogue, query: str, kind: str = "query", more: str = "") -> Rule:
    language = kind if kind in ("eql", "esql") else "kuery"
    head = (
        f'[rule]\nname = "A"\nrule_id = "a"\ntype = "{kind}"\nlanguage = "{language}"\nindex = ["logs-acme.audit-*"]\n'
    )
    return api.parse_rule(f"{head}query = '''{query}'''\n{more}", "a.toml", tables)


def raw(tables: Catalogue, query: str, kind: str = "query", more: str = "") -> Rule:
    found = over_raw(rule(tables, query, kind, more), "acme.audit", "When", tables)
    assert isinstance(found, Rule)
    return found


@pytest.mark.parametrize(
    ("query", "hit", "miss"),
    [
        ("event.action: a and not user.name: root", {"Op": "a", "Who": "ann"}, {"Op": "a", "Who": "root"}),
        # One member of the objects of an array.
        ("acme.part: x", {"Parts": [{"Name": "y"}, {"Name": "x"}]}, {"Parts": [{"Other": "x"}]}),
    ],
)
def test_one_event_decides(tables: Catalogue, query: str, hit: dict[str, object], miss: dict[str, object]) -> None:
    engine = Engine([raw(tables, query)])
    assert [bool(engine.match(event)) for event in (hit, miss)] == [True, False]


def test_a_sequence_is_joined_by_the_vendors_names(tables: Catalogue) -> None:
    found = raw(tables, SEQUENCE, "eql")
    assert isinstance(found.detection, Sequence)
    until = found.detection.until
    assert until is not None
    assert {key.field.path for step in (*found.detection.steps, until) for key in step.by} == {"Who"}
    assert (found.meta.timestamp_override, found.meta.timestamp_field, found.meta.tiebreaker_field) == (
        "When",
        "When",
        "",
    )


def test_a_sample_is_joined_by_the_vendors_names(tables: Catalogue) -> None:
    found = raw(tables, 'sample by user.name [any where event.action == "a"] [any where event.action == "b"]', "eql")
    assert isinstance(found.detection, Sample)
    assert [key.field.path for step in found.detection.steps for key in step.by] == ["Who", "Who"]


def test_a_threshold_counts_by_the_vendors_names(tables: Catalogue) -> None:
    found = raw(tables, "event.action: a", "threshold", COUNTED).detection
    assert isinstance(found, Threshold)
    assert found.distinct is not None
    assert ([f.path for f in found.group_by], found.distinct.field.path, found.distinct.at_least) == (
        ["Who"],
        "From",
        2,
    )
    plain = raw(tables, "event.action: a", "threshold", COUNTED.partition("[[")[0]).detection
    assert isinstance(plain, Threshold)
    assert plain.distinct is None


def test_new_terms_are_the_vendors_values(tables: Catalogue) -> None:
    found = raw(tables, "event.action: a", "new_terms", NEW).detection
    assert isinstance(found, NewTerms)
    assert [field.path for field in found.fields] == ["Who"]


def test_indicators_keep_elastics_names(tables: Catalogue) -> None:
    """Indicators are documents of Elastic's own, whatever the events are."""
    own = rule(tables, "event.action: a", "threat_match", THREAT)
    found = raw(tables, "event.action: a", "threat_match", THREAT).detection
    assert isinstance(found, IndicatorMatch)
    assert [(pair.field.path, pair.indicator.path) for arm in found.any_of for pair in arm] == [
        ("Who", "threat.indicator.user")
    ]
    assert found.indicators == predicates(own.detection)[1]


@pytest.mark.parametrize(
    ("query", "kind", "code", "said"),
    [
        (
            "acme.nope: a",
            "query",
            "M011",
            "the field acme.nope has no counterpart in sigma audit (acme.audit); every match needs it",
        ),
        (
            "from logs-acme.audit-* | stats n = count(*) by user.name | where n > 3",
            "esql",
            "V005",
            "ES|QL queries are evaluated over Elastic's own names only",
        ),
        (
            "acme.size: a",
            "query",
            "V005",
            "raw events hold acme.size under no single name: the table computes it",
        ),
        (
            "process.elf.sections: { name: a }",
            "query",
            "M016",
            "the conditions on process.elf.sections may hold of different elements of it: more events match",
        ),
    ],
)
def test_error_rules_that_raw_events_do_not_decide(
    tables: Catalogue, query: str, kind: str, code: str, said: str
) -> None:
    found = over_raw(rule(tables, query, kind), "acme.audit", "", tables)
    assert not isinstance(found, converter.Rule)
    assert [(str(d.code), d.message) for d in found] == [(code, said)]
