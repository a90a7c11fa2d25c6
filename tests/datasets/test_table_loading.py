from __future__ import annotations

import re

import pytest

from converter.datasets.choice.choose import pinned
from converter.datasets.choice.index import globs_meet
from converter.datasets.reading.load import builtin_tables, load_table
from converter.datasets.reading.table import Always, Known, Raw, Status, Unknown, When
from converter.diagnostics.errors import MappingError
from converter.model.fact import Fact
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import And, Compare, Comparison, Constant, Like, Not, OneOf, Or
from converter.model.value import Field, Kind

GOOD = """\
dataset: acme.audit
title: Acme
match: {index: ["logs-acme*"], datasets: [acme.audit]}
evidence: {AC: a page}
platforms:
  splunk:
    audit: {header: {sourcetype: acme}, base: 'Kind == "audit"', numbers: [Count]}
fields:
  event.action:
    values: {start: "1", stop: ["2", "3"], always: true, odd: {when: 'Kind == "odd"'}, never: {none: no such}}
    splunk: values Op
    ev: [AC]
  user.name:
    splunk: {status: exact, to: User, closed: true, rewrite: {"a": "b"}, open: true, guess: true}
  host.name: {splunk: none}
"""


def error(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        load_table(text, "acme.yaml")
    return str(caught.value)


def test_table_is_read_into_values() -> None:
    table = load_table(GOOD, "acme.yaml")
    assert table.family == "acme.audit"
    part = table.entries["event.action"].places["splunk"][""]
    assert part.status is Status.VALUES
    assert part.to == "Op"
    assert part.values["stop"] == Raw(("2", "3"))
    assert part.values["always"] == Always(value=True)
    assert isinstance(part.values["odd"], When)
    assert part.values["never"] == Unknown("no such")
    user = table.entries["user.name"].places["splunk"][""]
    assert (Fact.ONE_SPELLING in user.facts, user.is_open, user.guess, user.rewrite) == (
        True,
        True,
        True,
        (("a", ("b",)),),
    )
    assert table.places["splunk"][0].numbers == ("Count",)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ("guess: true", Known.GUESS),
        ("row: true", Known.ROW),
        ("row: false", Known.DOCUMENT),
        ("guess: false, row: true", Known.ROW),
    ],
)
def test_a_counterpart_says_how_it_is_known(known: str, expected: Known) -> None:
    table = load_table(GOOD.replace("guess: true", known), "acme.yaml")
    assert table.entries["user.name"].places["splunk"][""].known is expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Acme", "titel: Acme", "acme.yaml:2:1: error[M004]: 'titel' is no key of a table"),
        ("title: Acme", "title: Acme\ntitle: Twice", "acme.yaml:3:1: error[M002]: the key 'title' stands twice"),
        ("dataset: acme.audit\n", "", "acme.yaml:1:1: error[M005]: the table has no 'dataset'"),
        ("values Op", "valuez Op", "acme.yaml:11:13: error[M004]: 'valuez' is no status"),
        ("exact, to: User", "exact", "acme.yaml:14:13: error[M007]: a counterpart that is exact needs a column"),
        ("splunk: none", "splunk: none Host", "acme.yaml:15:23: error[M007]: a counterpart that is none names no column"),
        ("ev: [AC]", "ev: [XX]", "acme.yaml:12:9: error[M006]: the evidence 'XX' is not declared"),
        ("closed: true", "closed: maybe", "acme.yaml:14:47: error[M003]: expected true or false for closed"),
        ("{sourcetype: acme}", "[acme]", "acme.yaml:7:21: error[M003]: expected a mapping for header"),
        ("  host.name: {", "  host.name: [", "acme.yaml"),
        ("match: {", "rank: high\nmatch: {", "acme.yaml:3:7: error[M003]: expected a number for the rank"),
        ("title: Acme", "title: [Acme]", "acme.yaml:2:8: error[M003]: expected text for the title"),
        ("{index: [", '{also: ["logs-*"], index: [', "acme.yaml:3:15: error[M004]: 'logs-*' would claim every data stream"),
        ("splunk: none}", "Splunk: none}", "acme.yaml:15:15: error[M004]: 'Splunk' is no key of a field and no platform"),
        ("{status: exact, to: User,", "{to: User,", "acme.yaml:14:13: error[M005]: the counterpart has no 'status'"),
        ("splunk: none}", "splunk: implied}", "acme.yaml:15:23: error[M007]: a counterpart that is implied needs values"),
        ("{none: no such}", "{none: no such, lost: x}", "acme.yaml:10:95: error[M007]: a value has one of when, none, lost, or differs beside when"),
        ("numbers: [Count]", "facts: {odd: [Count]}", "acme.yaml:7:74: error[M004]: 'odd' is no fact"),
        ("match: {", "include: [_none]\nmatch: {", "acme.yaml:3:10: error[M006]: there is no table '_none' to include"),
        ("  splunk:\n    audit", "  Splunk:\n    audit", "acme.yaml:6:3: error[M004]: 'Splunk' is no name of a platform"),
    ],
)  # fmt: skip
def test_error_in_table_names_its_place(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    text = error(GOOD.replace(old, new, 1))
    assert text.startswith(expected)
    assert "^" in text


@pytest.mark.parametrize(
    ("implies", "expected"),
    [
        ("{when: 'a == 1'}", "error[M003]: expected a list for implies"),
        ("[{when: 'a == 1'}]", "error[M005]: the implication has no 'then'"),
        ("[{when: 'a == 1', then: 'b == 2', so: x}]", "error[M004]: 'so' is no key of an implication"),
    ],
)
def test_error_in_implication_names_its_place(implies: str, expected: str) -> None:
    assert expected in error(GOOD.replace("numbers: [Count]", f"numbers: [Count], implies: {implies}", 1))


def test_what_a_place_and_its_log_hold_is_read() -> None:
    place = "numbers: [Count], os: [linux], missing_in: {Op: [none]}, implies: [{when: 'Op == \"9\"', then: 'Count > 1', ev: AC}]"
    text = GOOD.replace("numbers: [Count]", place, 1).replace(
        "match: {", 'match: {codes: ["1..9"], channels: [Acme], ', 1
    )
    table = load_table(text, "acme.yaml")
    (audit,) = table.places["splunk"]
    assert (table.selector.codes, table.selector.channels, table.watches) == (("1..9",), ("Acme",), "acme.audit")
    assert (audit.os, audit.missing_in) == (("linux",), {"Op": ("none",)})
    assert [(i.when, i.then, i.evidence) for i in audit.implies] == [('Op == "9"', "Count > 1", ("AC",))]


def test_error_empty_table() -> None:
    assert "M003" in error("")


def test_builtin_tables_load_with_evidence() -> None:
    tables = builtin_tables()
    assert "o365.audit" in {t.name for t in tables}
    for table in tables:
        for entry in table.entries.values():
            assert set(entry.evidence) <= {*table.evidence, "ECS", "SPL", "MSL"} or entry.span is not None


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("logs-a-*", "logs-a-b", True),
        ("logs-*", "*-windows", True),
        ("logs-a*", "logs-b*", False),
        ("*", "", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "acb", False),
        ("abc", "abc", True),
        ("ab", "abc", False),
        ("a**", "*a", True),
        ("logs-endpoint.events.*", "logs-endpoint.events.process*", True),
    ],
)
def test_globs_meet(one: str, other: str, *, meet: bool) -> None:
    assert globs_meet(one, other) is meet
    assert globs_meet(other, one) is meet


def brute_meet(one: str, other: str) -> bool:
    regexes = [re.compile(re.escape(g).replace(r"\*", ".*")) for g in (one, other)]
    letters = "ab"
    words = [""]
    for _ in range(5):
        words += [w + c for w in words for c in letters if len(w) < 5]
    return any(all(r.fullmatch(w) for r in regexes) for w in set(words))


def test_globs_meet_as_a_search_for_a_common_name_says() -> None:
    globs = ["", "a", "b", "*", "a*", "*a", "a*b", "ab", "b*a*", "*b*", "aa*", "*ab"]
    for one in globs:
        for other in globs:
            assert globs_meet(one, other) is brute_meet(one, other), (one, other)


def test_pinned_values_come_from_conjuncts_only() -> None:
    field, other = Field("event.dataset"), Field("x")
    is_a = OneOf(field, ("A",), Case.SENSITIVE)
    is_b = OneOf(field, ("b", "c"), Case.SENSITIVE)
    free = OneOf(other, ("z",), Case.SENSITIVE)
    assert pinned(And((free, is_a)), ["event.dataset"]) == frozenset({"a"})
    assert pinned(Or((is_a, is_b)), ["event.dataset"]) == frozenset({"a", "b", "c"})
    assert pinned(Or((is_a, free)), ["event.dataset"]) is None
    number = Compare(Field("event.code", Kind.LONG), Comparison.EQ, 4624)
    assert pinned(And((free, number)), ["event.code"]) == frozenset({"4624"})
    assert pinned(Like(Field("event.dataset"), (of("A"), of("b")), Case.SENSITIVE), ["event.dataset"]) == {"a", "b"}
    assert pinned(Like(Field("event.dataset"), (of("a", Wild.ANY_RUN),), Case.SENSITIVE), ["event.dataset"]) is None
    assert pinned(Not(is_a), ["event.dataset"]) is None
    assert pinned(Constant(value=True), ["event.dataset"]) is None
