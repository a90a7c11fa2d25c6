"""Elastic to Elastic: what is written reads back as the rule, and Elastic's side finds the same events for both."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from exported import ITEM, LIST, RULE, lines
from hypothesis import given, settings
from hypothesis import strategies as st
from meaning.choice import chosen, rules
from shared import ROOT, needs_shared, some_or_all
from strategies import events
from strategies import predicates as conditions

import converter
from backends.elastic.condition.names import names_for
from backends.elastic.detection import written
from converter import api
from converter.diagnostics import Source
from converter.languages.eql import parse as eql
from converter.languages.eql.write import write as write_eql
from converter.languages.esql import write as write_esql
from converter.languages.kuery import parse as kuery
from converter.languages.kuery.layout import layout
from converter.model.equivalence import same
from converter.model.metadata import Metadata, Window
from converter.model.predicate import And, Predicate
from converter.model.rule import AnyOf, Match, Rule
from converter.proof import CannotJudgeError, Reference, Scene
from converter.proof.elastic.osmem import OsmemServer
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.rule import OsmemJudge, RuleJudge
from converter.proof.scene import scenes
from converter.rulefile import read_collection
from converter.rulefile.exceptions import attached
from converter.target import Binding, Bound, Options, registry


def rule_of(query: str, language: str, more: str = "") -> Rule:
    kind = {"kuery": "query", "eql": "eql", "lucene": "query", "esql": "esql"}[language]
    text = f'[rule]\nname = "A rule"\nrisk_score = 1\ntype = "{kind}"\nlanguage = "{language}"\n'
    return converter.parse_rule(f"{text}query = '''\n{query}\n'''\n{more}", "a.toml")


def query_of(rule: Rule) -> str:
    artifact = converter.convert(rule, "elastic")
    assert artifact.status == "exact", artifact.diagnostics
    return converter.parse_rule(artifact.text).meta.query.strip()


@pytest.mark.parametrize(
    ("language", "query", "written"),
    [
        ("kuery", 'event.action:(a or "b c") AND NOT user.name:root*', 'event.action: ("a" or "b c") and not user.name: root*'),
        ("kuery", "process.pid >= 5 and not host.name:*", "process.pid >= 5 and not host.name: *"),
        ("kuery", 'source.ip:(10.0.0.0/8 or "1.2.3.4")', 'source.ip: ("10.0.0.0/8" or "1.2.3.4")'),
        ("kuery", "message:(Two words)", 'message: ("two" or "words")'),
        ("kuery", 'message:"Two words"', 'message: "two words"'),
        ("kuery", "@timestamp >= now-5m", "@timestamp >= now-5m"),
        ("kuery", "process.name.caseless:CMD.exe", 'process.name.caseless: "CMD.exe"'),
        ("kuery", "process.command_line.text:(foo)", 'process.command_line.text: "foo"'),
        ("eql", 'process where process.name : ("CMD.exe", "a*") and not user.id == null', 'process where process.name : ("CMD.exe", "a*") and user.id != null'),
        ("eql", "any where process.args_count > 3 and length(process.name) < -2", "any where process.args_count > 3 and length(process.name) < -2"),
        ("eql", 'any where process.name in~ ("a*b")', 'any where process.name in~ ("a*b")'),
        ("eql", 'any where endsWith~(process.name, "a*b")', 'any where endsWith~(process.name, "a*b")'),
        ("eql", r'any where file.path regex~ """C:\\[a-z]+\.exe"""', r'any where file.path regex~ "C:\\\\[a-z]+\\.exe"'),
        ("eql", 'any where cidrMatch(source.ip, "10.0.0.0/8") and ?acme.x != "1"', 'any where cidrMatch(source.ip, "10.0.0.0/8") and ?acme.x != "1"'),
        (
            "eql",
            'sequence by host.id with maxspan=90s [process where true] by user.id with runs=3 ![file where true] by user.id until [any where user.id == "x"] by user.id',
            'sequence by host.id, user.id with maxspan=90s\n  [process where true] with runs=3\n  ![file where true]\nuntil [any where user.id == "x"]',
        ),
        ("eql", "sample by host.id [process where true] by user.id [file where true] by user.name", "sample by host.id\n  [process where true] by user.id\n  [file where true] by user.name"),
        ("eql", "any where true", "any where true"),
        ("eql", "process where false", "any where false"),
        ("eql", 'any where process.name >= "a" and @timestamp <= "now-1d/d"', 'any where process.name >= "a" and @timestamp < "now/d"'),
        # A truth value that is an argument is a script of its own, three-valued inside.
        (
            "eql",
            'any where string(process.name == "a" and not process.pid > 5 or user.name in ("x")) == "true"',
            'any where string((process.name == "a" and not process.pid > 5) or user.name == "x") == "true"',
        ),
        ("eql", 'any where string(process.name : "a*") == "true"', 'any where string(process.name like~ "a*") == "true"'),
        ("eql", 'any where string(process.name like "a?") == "true"', 'any where string(process.name like "a?") == "true"'),
        ("eql", 'any where string(process.name in~ ("a")) == "true"', 'any where string(process.name in~ ("a")) == "true"'),
        ("eql", 'any where string(process.name == null) == "true"', 'any where string(process.name == null) == "true"'),
        ("eql", 'any where concat(user.name, true, null, 5, -2.5) == "x"', 'any where concat(user.name, true, null, 5, -2.5) == "x"'),
        ("lucene", "process.name:/ab?/", 'any where process.name regex "ab?"'),
    ],
)  # fmt: skip
def test_written_as_people_write_it(language: str, query: str, written: str) -> None:
    rule = rule_of(query, language)
    assert query_of(rule) == written
    assert converter.parse_rule(converter.convert(rule, "elastic").text).detection == rule.detection


SIGMA = """
title: Whoami
id: 502b42de-4306-40b4-9596-6f590c81f073
status: test
logsource:
    category: process_creation
    product: windows
detection:
    sel:
        Image|endswith: '\\whoami.exe'
        CommandLine|contains: ['-all', '/groups']
    filter:
        ParentImage|cased: 'C:\\x.exe'
    condition: sel and not filter
level: high
"""


def test_a_rule_of_sigma_becomes_one_of_elastic() -> None:
    rule = converter.parse_rule(SIGMA, "whoami.yml")
    artifact = converter.convert(rule, "elastic")
    assert artifact.status == "exact", artifact.diagnostics
    again = converter.parse_rule(artifact.text, artifact.filename)
    assert same(again.detection, rule.detection)
    assert again.meta.query.split() == [
        "process",
        "where",
        "host.os.type",
        "==",
        '"windows"',
        "and",
        "event.type",
        "==",
        '"start"',
        "and",
        "process.executable",
        ":",
        '"*\\\\whoami.exe"',
        "and",
        "process.command_line",
        ":",
        '("*-all*",',
        '"*/groups*")',
        "and",
        "process.parent.executable",
        "!=",
        '"C:\\\\x.exe"',
    ]
    assert (again.meta.description, again.meta.exported, again.meta.unknown) == ("Whoami", (), ())


def test_what_kuery_has_no_words_for_is_a_filter() -> None:
    """A threshold needs kuery: a range over one value and a condition without case go to the filters."""
    rule = converter.parse_rule(
        '[rule]\nname = "A rule"\ntype = "threshold"\nlanguage = "kuery"\nquery = "event.action: a"\n'
        '[rule.threshold]\nfield = ["user.name"]\nvalue = 5\n'
        '[[rule.filters]]\n[rule.filters.query.range."process.thread.id"]\ngte = 1\nlt = 9\n'
        '[[rule.filters]]\n[rule.filters.meta]\nnegate = true\n'
        '[rule.filters.query.wildcard."user.name"]\nvalue = "A\\\\*b*"\ncase_insensitive = true\n'
        '[[rule.filters]]\n[rule.filters.query.regexp]\n"host.name" = "a[0-9]+"\n'
    )  # fmt: skip
    artifact = converter.convert(rule, "elastic")
    again = converter.parse_rule(artifact.text)
    assert artifact.status == "exact"
    assert again.detection == rule.detection
    assert again.meta.query.strip() == 'event.action: "a"'
    assert [f.negate for f in again.meta.filters] == [False, True, False]


def test_two_languages_at_once_are_refused() -> None:
    """A word of analysed text is kuery's, a function is EQL's."""
    wheres = [
        detection.where
        for rule in (rule_of("message: a", "kuery"), rule_of("any where length(host.name) > 3", "eql"))
        if isinstance(detection := rule.detection, Match)
    ]
    artifact = converter.convert(rule_about(And(tuple(wheres))), "elastic")
    assert (len(wheres), artifact.status) == (2, "refused")
    assert {d.code for d in artifact.diagnostics} == {"T501"}


def rule_about(where: Predicate) -> Rule:
    source = Source("r.toml", "")
    meta = Metadata("A rule", "query", window=Window(360_000, 0, 300_000))
    return Rule(meta, Match(where), source, source)


def test_both_formats_keep_what_the_rule_says() -> None:
    seed = converter.read_rule(ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml")
    written = {form: converter.convert(seed, "elastic", format=form) for form in ("toml", "ndjson")}
    assert [a.filename.partition(".")[2] for a in written.values()] == ["elastic.toml", "elastic.ndjson"]
    for artifact in written.values():
        again = converter.parse_rule(artifact.text, artifact.filename)
        assert again.detection == seed.detection
        assert (again.meta.name, again.meta.threat, again.meta.window) == (
            seed.meta.name,
            seed.meta.threat,
            seed.meta.window,
        )
    again = converter.parse_rule(written["toml"].text)
    assert dataclasses.replace(again.meta, query="") == dataclasses.replace(seed.meta, query="")


def test_several_places_are_one_query() -> None:
    one, other = (rule_of(f"event.action: {word}", "kuery") for word in "ab")
    assert isinstance(one.detection, Match)
    assert isinstance(other.detection, Match)
    several = dataclasses.replace(one, detection=AnyOf((one.detection, other.detection)))
    emission = registry.load("elastic").emit(Bound(several, (Binding(), Binding())), Options())
    assert converter.parse_rule(emission.text).meta.query.strip() == 'event.action: ("a" or "b")'


@settings(max_examples=60)
@given(conditions(), st.lists(events(), min_size=1, max_size=4))
def test_conditions_mean_the_same_in_whatever_language_says_them(
    where: Predicate, given_events: list[dict[str, object]]
) -> None:
    rule = rule_about(where)
    artifact = converter.convert(rule, "elastic")
    if not artifact.text:
        assert {d.code for d in artifact.diagnostics} <= {"T501", "T503"}
        return
    scene = Scene("given", tuple(given_events))
    judge = RuleJudge(names_for("", (where,), ()).schema)
    assert judge.run(rule, artifact, scene) == Reference().run(rule, scene)


def test_a_rule_that_reads_back_differently_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "layout", lambda _tree: "event.action: b")
    artifact = converter.convert(rule_of("event.action: a", "kuery"), "elastic")
    assert converter.parse_rule(artifact.text).meta.language == "eql"  # the next way is taken
    monkeypatch.setattr(written, "event_query", lambda *_: "any where true")
    artifact = converter.convert(rule_of("event.action: a", "kuery"), "elastic")
    assert (artifact.text, {d.code for d in artifact.diagnostics}) == ("", {"T503"})


def test_exceptions_by_a_list_of_values_stay_with_the_rule() -> None:
    """What is in such a list is in Elastic only: the rule goes on naming its exceptions."""
    text = lines({**RULE, "exceptions_list": [VPN]}, LIST, {**ITEM, "entries": [BY_LIST]})
    found = read_collection(text, "e.ndjson")
    (one,) = found.rules
    rule = api.understand(dataclasses.replace(one, meta=attached(one.meta, found.lists, found.items)))
    kept = converter.parse_rule(converter.convert(rule, "elastic").text).meta.exceptions_list
    assert [one.list_id for one in kept] == ["vpn"]


VPN = {"id": "v", "list_id": "vpn", "type": "detection", "namespace_type": "single"}
BY_LIST = {"field": "source.ip", "type": "list", "operator": "included", "list": {"id": "exits", "type": "ip"}}


def test_error_a_pipeline_without_its_own_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elastic's pipelines are written from the rule's own query, in one layout that reads back as its tree."""
    rule = rule_of("from logs-* | stats n = count(*) by user.name | where n > 5", "esql")
    bare = dataclasses.replace(rule, meta=dataclasses.replace(rule.meta, query=""))
    assert [(d.code, d.message) for d in converter.convert(bare, "elastic").diagnostics if d.code[0] == "T"] == [
        ("T502", "Elastic has no such rule: a pipeline that is written from its meaning alone")
    ]
    monkeypatch.setattr(write_esql, "write", lambda _tree: "from other-*")
    artifact = converter.convert(rule, "elastic")
    assert artifact.text == ""
    assert [(d.code, d.message) for d in artifact.diagnostics if d.code[0] == "T"] == [
        ("T502", "Elastic has no such rule: the pipeline that was written reads back as another")
    ]


@needs_shared
@some_or_all
def test_every_rule_reads_back_equal(everything: bool) -> None:
    """Strictly equal normal forms, for every rule of the corpus with a meaning."""
    found: Counter[str] = Counter()
    for rule in rules() if everything else rules()[::16]:
        artifact = converter.convert(rule, "elastic")
        assert artifact.text, (rule.source.name, artifact.diagnostics)
        again = converter.parse_rule(artifact.text, artifact.filename)
        assert again.detection == rule.detection, rule.source.name
        found[f"{rule.meta.language} as {again.meta.language}"] += 1
    sys.stdout.write(f"\nread back equal: {sum(found.values())} ({dict(found)})")
    assert sum(found.values()) > 70


@needs_shared
def test_every_query_has_a_layout_that_reads_back_as_its_tree() -> None:
    count = 0
    for rule in rules()[::8]:
        if rule.meta.language == "kuery":
            tree = kuery.parse(rule.meta.query)
            assert kuery.parse(layout(tree)) == tree
            count += 1
        elif rule.meta.language == "eql":
            query = eql.parse(rule.meta.query)
            assert eql.parse(write_eql(query)) == query
            count += 1
    assert count > 100


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            yield running
    except EngineUnavailable as why:
        pytest.skip(str(why))


@needs_shared
@pytest.mark.engine
@some_or_all
def test_elastics_side_finds_the_same_events_for_both(server: OsmemServer, everything: bool) -> None:
    schema = api.catalogue().schema
    own, judge = Osmem(server), OsmemJudge(Osmem(server), schema)
    judged = 0
    for rule in chosen((Match,), everything=everything, wanted=8):
        artifact = converter.convert(rule, "elastic")
        assert artifact.text
        for scene in scenes(rule.detection):
            try:
                expected = own.run(rule, scene)
            except CannotJudgeError:
                continue
            assert judge.run(rule, artifact, scene) == expected, rule.source.name
            assert RuleJudge(schema).run(rule, artifact, scene) == Reference().run(rule, scene)
            judged += len(expected)
    sys.stdout.write(f"\nevents with the same verdict of osmem for both: {judged}")
    assert judged > 500
