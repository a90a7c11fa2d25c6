"""Every leaf of a rule is accounted for: as emitted, implied by a fact, or given up by a finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import converter
from converter.model.pattern import Case, Char, Wild, of
from converter.model.predicate import And, InNetwork, Leaf, Like, Matches, OneOf, Present
from converter.model.value import Field
from converter.model.walk import leaves, predicates
from converter.target.account import Ending, Leaves, Line, own_names, uncovered, unwritten

SILENT = {
    "bool": {
        "should": [
            {"term": {"event.action": "UserLoggedIn"}},
            {"bool": {"must": [{"term": {"process.pe.imphash": "a"}}, {"prefix": {"process.pe.imphash": "b"}}]}},
        ],
        "minimum_should_match": 1,
    }
}


def rule(query: str = "event.dataset: o365.audit", more: str = "") -> converter.Rule:
    head = f'[rule]\nname = "r"\ntype = "query"\nlanguage = "kuery"\nindex = ["logs-o365.audit-*"]\nquery = \'\'\'{query}\'\'\'\n'
    return converter.parse_rule(head + more)


def filtered(clause: object, *, negate: bool = False) -> converter.Rule:
    text = json.dumps(clause).replace('": ', '" = ')
    return rule(more=f"[[rule.filters]]\nmeta = {{negate = {str(negate).lower()}}}\nquery = {text}\n")


@pytest.mark.parametrize("target", ["splunk", "sentinel", "sigma"])
@pytest.mark.parametrize("negate", [False, True])
def test_leaves_of_a_filter_without_places_do_not_vanish(target: str, negate: bool) -> None:
    artifact = converter.convert(filtered(SILENT, negate=negate), target, "native")
    assert artifact.status == "refused"
    assert {d.code for d in artifact.diagnostics if d.severity.value == "error"} == {"M011"}


def test_two_conditions_that_say_the_same_have_a_line_each() -> None:
    artifact = converter.convert(filtered(SILENT), "splunk", "native")
    given_up = [line for line in artifact.account if line.ending is Ending.GIVEN_UP]
    assert [line.leaf.field.path for line in given_up] == ["process.pe.imphash"] * 2  # type: ignore[union-attr]
    assert all(line.finding is not None and line.finding.code == "M011" for line in given_up)


def test_a_line_says_where_a_leaf_went_and_on_what_it_rests() -> None:
    query = "event.dataset: o365.audit and event.provider: Exchange and event.action: (New-InboxRule or Set-InboxRule)"
    artifact = converter.convert(rule(query), "splunk", "native")
    lines = {getattr(line.leaf, "field").path: line for line in artifact.account}  # noqa: B009
    assert lines["event.dataset"].ending is Ending.IMPLIED
    assert lines["event.action"].ending is Ending.EMITTED
    assert lines["event.action"].columns == ("Operation",)
    file, _, number = lines["event.action"].entry.rpartition(":")
    line = Path(file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert "event.action" in line
    assert lines["event.action"].evidence
    assert lines["event.action"].known in ("row", "document")


@pytest.mark.parametrize("fields", ["native", "ecs"])
@pytest.mark.parametrize("target", ["splunk", "sentinel", "sigma", "python"])
def test_the_account_covers_the_seed_rule(target: str, fields: str) -> None:
    seed = converter.read_rule("rules/elastic/collection_exchange_excessive_mail_items_accessed.toml")
    artifact = converter.convert(seed, target, fields)
    (where,) = predicates(seed.detection)
    assert uncovered(where, artifact.account) == ()
    assert len(artifact.account) == len(list(leaves(where)))


def test_leaves_that_the_account_lacks_are_named_as_often_as_it_does() -> None:
    one, other = OneOf(A, ("x",), Case.SENSITIVE), Present(A)
    assert uncovered(And((one, other, one)), own_names(one)) == (other, one)
    assert uncovered(And((one, other)), own_names(And((other, one)))) == ()


A, B, RUN = Field("a"), Field("b"), Wild.ANY_RUN
X, Y = Char("x"), Char("y")


@pytest.mark.parametrize(
    ("one", "among", "there"),
    [
        (OneOf(A, ("x",), Case.SENSITIVE), OneOf(A, ("y", "x"), Case.SENSITIVE), True),
        (OneOf(A, ("x",), Case.SENSITIVE), OneOf(A, ("x", "y"), Case.INSENSITIVE), False),
        (OneOf(A, ("x",), Case.SENSITIVE), OneOf(B, ("x", "y"), Case.SENSITIVE), False),
        (OneOf(A, ("x", "z"), Case.SENSITIVE), OneOf(A, ("x", "y"), Case.SENSITIVE), False),
        (Like(A, (of("x", RUN),), Case.SENSITIVE), Like(A, (of("x", RUN), of("y", RUN)), Case.SENSITIVE), True),
        (Like(A, (of("x", RUN),), Case.SENSITIVE), Like(A, (of("y", RUN),), Case.SENSITIVE), False),
        (Matches(A, (X,), Case.SENSITIVE), Matches(A, (Y, X), Case.SENSITIVE), True),
        (Matches(A, (X,), Case.SENSITIVE), Matches(A, (Y, X), Case.INSENSITIVE), False),
        (InNetwork(A, ("10.0.0.0/8",)), InNetwork(A, ("10.0.0.0/8", "fe80::/10")), True),
        (InNetwork(A, ("10.0.0.0/8", "::/0")), InNetwork(A, ("10.0.0.0/8",)), False),
        (Present(A), Present(A), True),
        (Present(A), OneOf(A, ("x",), Case.SENSITIVE), False),
    ],
)
def test_a_leaf_is_written_by_itself_or_among_more(one: Leaf, among: Leaf, there: bool) -> None:
    assert Leaves([among]).hold(one) is there
    line = Line(one, Ending.EMITTED, (one,), ("a",))
    assert unwritten([line], frozenset([among])) == (() if there else (line,))


def test_a_leaf_beside_a_decided_one_is_implied() -> None:
    query = "event.dataset: o365.audit and (event.dataset: o365.audit or event.action: x)"
    artifact = converter.convert(rule(query), "splunk", "native")
    lines = [line for line in artifact.account if line.leaf.field.path == "event.action"]  # type: ignore[union-attr]
    assert [line.ending for line in lines] == [Ending.IMPLIED]
    assert "decided" in lines[0].why
