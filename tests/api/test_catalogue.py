"""Facts are handed in: a user's tables are known to whoever reads, binds and shows a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

import converter
from converter.api import catalogue, read_rule

MAPPING = """
extends: o365.audit
evidence: {X: mine}
fields:
  acme.count: {type: long, many: false, splunk: exact cnt, sentinel: exact Acme, ev: [X]}
  acme.ip: {type: ip, many: false, splunk: exact ip, sentinel: exact Tenant, ev: [X]}
  acme.tenant: {type: keyword, many: false, splunk: exact tenant, sentinel: exact Tenant, ev: [X]}
platforms: {sentinel: {CloudAppEvents: {columns: {Acme: long, Tenant: string}}}}
"""
RULE = """[rule]
name = "n"
type = "query"
language = "kuery"
index = ["logs-o365.audit-*"]
query = '''data_stream.dataset: o365.audit and {query}'''
[rule.investigation_fields]
field_names = ["user.id", "acme.tenant"]
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def artifact(mapping: Path, query: str, target: str, format_: str = "") -> converter.Artifact:
    rule = mapping.parent / "rule.toml"
    rule.write_text(RULE.replace("{query}", query), encoding="utf-8")
    known = catalogue(mapping)
    return converter.convert(read_rule(rule, known), target, known=known, format=format_)


def test_a_number_of_the_user_is_compared_as_a_number(mapping: Path) -> None:
    assert "cnt>=5" in artifact(mapping, "acme.count >= 5", "splunk").text
    assert "Acme >= 5" in artifact(mapping, "acme.count >= 5", "sentinel").text
    assert not [d for d in artifact(mapping, "acme.count >= 5", "splunk").diagnostics if d.code == "K010"]


def test_an_address_of_the_user_is_looked_for_in_a_network(mapping: Path) -> None:
    assert "ipv4_is_in_range(Tenant" in artifact(mapping, 'acme.ip: "10.0.0.0/8"', "sentinel").text
    assert 'ip="10.0.0.0/8"' in artifact(mapping, 'acme.ip: "10.0.0.0/8"', "splunk").text


def test_without_the_mapping_the_field_is_not_known(mapping: Path) -> None:
    rule = mapping.parent / "rule.toml"
    rule.write_text(RULE.replace("{query}", "acme.count >= 5"), encoding="utf-8")
    assert [d.code for d in read_rule(rule).notes] == ["K010"]


def test_investigation_fields_of_the_user_are_handed_to_the_target(mapping: Path) -> None:
    from converter.datasets.choice.bind import bind

    rule = mapping.parent / "rule.toml"
    rule.write_text(RULE.replace("{query}", "user.id: x"), encoding="utf-8")
    known = catalogue(mapping)
    bound = bind(read_rule(rule, known), "sentinel", tables=known)
    assert set(bound.binding.fields) == {"user.id", "acme.tenant"}
    assert bound.binding.fields["acme.tenant"].way is not None
