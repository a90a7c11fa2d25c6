"""What a counterpart makes of the text that an entry's `*` stands for."""

from __future__ import annotations

import pytest

from converter.datasets.reading.load import load_table
from converter.datasets.rewriting.place import Site
from converter.fields.schema import Schema
from converter.model.value import Field

TABLE = """\
dataset: acme.audit
title: Acme
evidence: {AC: a page}
platforms:
  splunk: {audit: {header: {sourcetype: acme}}}
fields:
  acme.all.*: {splunk: {status: expr, expr: 'mvappend({name:arrays p.q{}.})', many: true}, ev: [AC]}
  acme.camel.*: {splunk: 'exact p.{name:camel}', ev: [AC]}
  acme.steps.*: {splunk: {status: expr, expr: 'p{name:brackets}'}, ev: [AC]}
  acme.plain.*: {splunk: 'exact p.{name}', ev: [AC]}
"""


def bound(path: str) -> str | None:
    table = load_table(TABLE, "acme.yaml")
    site = Site(table, "splunk", table.places["splunk"][0], {}, Schema())
    found = site.find(path)
    assert found is not None
    _, part, name = found
    target = site.target(Field(path), part, name)
    return None if target is None or target.way is None else target.way.text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("acme.all.a", "mvappend('p.q{}.a','p.q{}.a{}')"),
        ("acme.all.a.b", "mvappend('p.q{}.a.b','p.q{}.a.b{}','p.q{}.a{}.b','p.q{}.a{}.b{}')"),
        ("acme.camel.sign_in_state.is_ok", "p.signInState.isOk"),
        ("acme.camel.a-b", None),
        ("acme.steps.x-y.z", 'p["x-y"]["z"]'),
        ("acme.steps.x/y", None),
        ("acme.plain.gke.io/command", "p.gke.io/command"),
        ("acme.plain.a'b", None),
        ("acme.all.a.b.c.d.e.f", None),
    ],
)
def test_text_of_a_wildcard_is_put_into_the_counterpart(path: str, expected: str | None) -> None:
    assert bound(path) == expected
