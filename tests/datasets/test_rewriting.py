from __future__ import annotations

import pytest

from converter.datasets.choice.bind import bind, sources
from converter.datasets.reading.catalogue import Catalogue, listing
from converter.datasets.reading.load import load_table
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.rewrite import Rewriter
from converter.diagnostics import Severity, Source, Span
from converter.languages.esql.codes import Q001
from converter.languages.regex.render import pattern_regex
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
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
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Field, Function, Kind, Literal
from converter.model.walk import map_fields, walk
from converter.reference import matches
from converter.target import Bound

TABLE = r"""
dataset: acme
title: Acme
family: acme
match: {index: [logs-acme*], datasets: [acme], os: [windows]}
evidence: {AC: Acme's documentation}
platforms:
  box:
    main: {header: {table: Main}, base: 'Kind == "main"', numbers: [Size], closed: [Op], note: the main log,
      implies: [{when: 'Kind == "main"', then: 'Level in ("low", "high")', ev: [AC]}]}
fields:
  data_stream.dataset: {values: {acme: true, "*": false}, box: implied, ev: [AC]}
  host.os.type: {values: {windows: true, linux: false}, box: implied}
  event.action:
    values: {start: "1", stop: ["2", "3"], "file *": "9", odd: {when: 'Flag == "odd" and Size > 3'}, never: {none: gone}, unheard of: {lost: nobody writes it}}
    box: values Op
  event.open: {values: {begin: BEGIN, end: END}, open: true, box: values Op}
  event.outcome: {values: {success: {when: 'not Result in~ ("failed")'}, "*": false}, box: implied, ev: [AC]}
  process.name: {box: {status: tail, to: Image, separator: "\\"}}
  registry.path: {box: {status: exact, to: Key, rewrite: {'HKLM\': 'HKEY_LOCAL_MACHINE\', 'HKCU\': 'HKEY_CURRENT_USER\'}}}
  host.id: {box: key Id}
  acme.level: {box: exact Level}
  user.name: {box: exact Who}
  user.domain: {box: {status: expr, expr: upper(Who)}}
  file.size: {type: long, box: exact Size}
  related.user: {box: {status: approx, to: Who, note: only the first user}}
  source.ip: {type: ip, box: exact Addr}
  message: {type: match_only_text, box: exact Text}
  empty.field: {box: absent}
  lost.field: {box: none, note: nobody writes it}
  acme.deep.*: {box: "exact deep_{name}"}
  acme.map.*: {box: {status: expr, expr: 'get(map, "{name:regex}")'}}
  acme.list.name: {box: {status: elements, to: List, member: Name}}
  acme.when: {box: {status: exact, to: When, present: 'Kind != "none"'}, guess: [box]}
"""
SECOND = """
dataset: acme.net
title: Acme network
family: acme
match: {index: [logs-acme*], category: [network]}
platforms: {box: {net: {header: {table: Net}}, other: {header: {table: Other}, mode: alt}}}
fields:
  host.id: {box: key Host}
  event.category: {values: {network: true, "*": false}, box: implied}
  source.ip: {type: ip, box: exact Src}
  user.name: {box: exact Who}
"""
SOURCE = Source("rule", "text")


@pytest.fixture(scope="module")
def tables() -> Catalogue:
    read = [load_table(TABLE, "acme.yaml"), load_table(SECOND, "net.yaml")]
    return Catalogue([listing(t) for t in read], read)


def rule(detection: Detection) -> Rule:
    return Rule(Metadata("r", "query", index=("logs-acme*",), window=Window(1, 0, 1)), detection, SOURCE, SOURCE)


def bound(
    tables: Catalogue, where: Predicate, unmapped: str = "refuse"
) -> tuple[Predicate, dict[str, Severity], Bound]:
    found = bind(rule(Match(where)), "box", unmapped=Unmapped(unmapped), source="acme", tables=tables)
    assert isinstance(found.rule.detection, Match)
    renamed = map_fields(found.rule.detection.where, lambda f: Field(f.way.text if f.way else f.path, f.kind, f.many))
    return renamed, {d.code: d.severity for d in found.notes}, found


def one(path: str, *values: str, case: Case = Case.SENSITIVE, kind: Kind = Kind.KEYWORD) -> OneOf:
    return OneOf(Field(path, kind), values, case)


def test_a_place_remembers_the_leaves_of_one_rule(tables: Catalogue) -> None:
    """What a rule's leaves have become is kept while it is bound; rule after rule, no more is."""
    for name in ("x", "y"):
        bound(tables, one("user.name", name))
        kept = [leaf for leaf, _ in tables.site("acme", "box", "main").rewritten.values()]
        assert kept == [one("user.name", name)]


BASE = OneOf(Field("Kind", many=False), ("main",), Case.SENSITIVE)
A, D = Case.SENSITIVE, Case.INSENSITIVE


def col(name: str, kind: Kind = Kind.KEYWORD, *, many: bool = False) -> Field:
    return Field(name, kind, many)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (one("user.name", "x"), OneOf(col("Who"), ("x",), A)),
        (one("event.action", "start"), OneOf(col("Op"), ("1",), A)),
        (one("event.action", "START", case=D), OneOf(col("Op"), ("1",), A)),
        (one("event.action", "start", "stop"), OneOf(col("Op"), ("1", "2", "3"), A)),
        (one("event.action", "file opened"), OneOf(col("Op"), ("9",), A)),
        (Like(Field("event.action"), (of("st", Wild.ANY_RUN),), A), OneOf(col("Op"), ("1", "2", "3"), A)),
        (Like(Field("event.action"), (of("file ", Wild.ANY_RUN),), A), OneOf(col("Op"), ("9",), A)),
        (one("event.open", "begin"), OneOf(col("Op"), ("BEGIN",), A)),
        (one("event.open", "other"), OneOf(col("Op"), ("other",), A)),
        (
            Like(Field("event.open"), (of(Wild.ANY_RUN, "EGI", Wild.ANY_RUN),), A),
            And((Like(col("Op"), (of(Wild.ANY_RUN, "EGI", Wild.ANY_RUN),), A), Not(OneOf(col("Op"), ("BEGIN",), A)))),
        ),
        (one("event.outcome", "success"), Not(OneOf(col("Result"), ("failed",), D))),
        (one("process.name", "a.exe", case=D), Like(col("Image"), (of(Wild.ANY_RUN, "\\a.exe"),), D)),
        (
            Like(Field("process.name"), (of(Wild.ANY_RUN, "a.exe"),), A),
            Like(col("Image"), (of(Wild.ANY_RUN, "a.exe"),), A),
        ),
        (one("registry.path", "hklm\\a", case=D), OneOf(col("Key"), ("HKEY_LOCAL_MACHINE\\a",), D)),
        (
            Like(Field("registry.path"), (of("HKLM\\a", Wild.ANY_RUN),), A),
            Like(col("Key"), (of("HKEY_LOCAL_MACHINE\\a", Wild.ANY_RUN),), A),
        ),
        (
            Like(Field("registry.path"), (of(Wild.ANY_RUN, "\\Run"),), A),
            Like(col("Key"), (of(Wild.ANY_RUN, "\\Run"),), A),
        ),
        (
            Like(Field("registry.path"), (of("HK", Wild.ANY_RUN, "x"),), A),
            Like(
                col("Key"),
                (of("HKEY_LOCAL_MACHINE\\", Wild.ANY_RUN, "x"), of("HKEY_CURRENT_USER\\", Wild.ANY_RUN, "x")),
                A,
            ),
        ),
        (one("user.domain", "X"), OneOf(col("upper(Who)"), ("X",), A)),
        (
            Compare(Field("file.size", Kind.LONG), Comparison.GT, 5),
            Compare(col("Size", Kind.LONG), Comparison.GT, 5),
        ),
        (InNetwork(Field("source.ip", Kind.IP), ("10.0.0.0/8",)), InNetwork(col("Addr", Kind.IP), ("10.0.0.0/8",))),
        (Present(Field("user.name")), Present(col("Who"))),
        (Present(Field("event.action")), Present(col("Op"))),
        (one("acme.deep.x", "v"), OneOf(col("deep_x"), ("v",), A)),
        (one("acme.map.a.b", "v"), OneOf(col('get(map, "a[.]b")'), ("v",), A)),
        (one("acme.list.name", "v"), OneOf(col("List", many=True), ("v",), A)),
        (one("acme.when", "v"), OneOf(col("When"), ("v",), A)),
        (Not(one("empty.field", "v")), None),
        (one("data_stream.dataset", "acme", "other"), None),
        (
            Holds(Call(Function.EQ, (Field("user.name"), Field("acme.deep.y")))),
            Holds(Call(Function.EQ, (col("Who"), col("deep_y")))),
        ),
        (
            Phrase(Field("message", Kind.TEXT), (of("a"),), Analyzer.STANDARD),
            Phrase(col("Text", Kind.TEXT), (of("a"),), Analyzer.STANDARD),
        ),
        (Matches(Field("user.name"), (pattern_regex(of("a")),), A), Matches(col("Who"), (pattern_regex(of("a")),), A)),
    ],
)
def test_leaf_in_the_places_fields(tables: Catalogue, where: Predicate, expected: Predicate | None) -> None:
    got, codes, _ = bound(tables, where)
    assert Severity.ERROR not in codes.values(), codes
    parts = () if expected is None else expected.terms if isinstance(expected, And) else (expected,)
    assert got == (And((BASE, *parts)) if parts else BASE)


def test_condition_of_a_value_is_read_as_eql(tables: Catalogue) -> None:
    got, _, _ = bound(tables, one("event.action", "odd"))
    assert matches(got, {"Kind": "main", "Flag": "odd", "Size": 4})
    assert not matches(got, {"Kind": "main", "Flag": "odd", "Size": 3})
    assert not matches(got, {"Kind": "x", "Flag": "odd", "Size": 4})


def test_prefix_of_a_file_name_stays_inside_the_last_part(tables: Catalogue) -> None:
    got, _, _ = bound(tables, Like(Field("process.name"), (of("pow", Wild.ANY_RUN),), A))
    assert matches(got, {"Kind": "main", "Image": "C:\\x\\power.exe"})
    assert not matches(got, {"Kind": "main", "Image": "C:\\power\\x.exe"})


@pytest.mark.parametrize(
    ("where", "code", "severity"),
    [
        (one("lost.field", "v"), "M011", Severity.ERROR),
        (one("nowhere", "v"), "M011", Severity.ERROR),
        (one("event.action", "never"), "M011", Severity.ERROR),
        (one("event.action", "unheard"), "M011", Severity.ERROR),
        (one("host.id", "v"), "M011", Severity.ERROR),
        (one("acme.map.a b", "v"), "M011", Severity.ERROR),
        (Like(Field("event.action"), (of("zz", Wild.ANY_RUN),), A), "M011", Severity.ERROR),
        (Like(Field("event.action"), (of("nev", Wild.ANY_RUN),), A), "M011", Severity.ERROR),
        (Like(Field("registry.path"), (of(Wild.ANY_ONE, "x"),), A), "M011", Severity.ERROR),
        (Matches(Field("registry.path"), (pattern_regex(of("a")),), A), "M011", Severity.ERROR),
        (Matches(Field("event.action"), (pattern_regex(of("a")),), A), "M011", Severity.ERROR),
        (Element("acme.list", one("acme.list.name", "v")), "M016", Severity.WARNING),
        (Not(Element("acme.list", one("acme.list.name", "v"))), "M011", Severity.ERROR),
        (Element("acme.list", Not(one("acme.list.name", "v"))), "M011", Severity.ERROR),
        (Holds(Call(Function.EQ, (Field("lost.field"), Literal("a")))), "M011", Severity.ERROR),
        (one("related.user", "v"), "M016", Severity.WARNING),
        (Matches(Field("event.open"), (pattern_regex(of("a")),), A), "M016", Severity.WARNING),
        (one("acme.when", "v"), "M017", Severity.WARNING),
        (Not(one("empty.field", "v")), "M019", Severity.NOTE),
        (one("user.name", "v"), "M021", Severity.NOTE),
        (one("event.outcome", "failure"), "M012", Severity.ERROR),
        (And((one("empty.field", "v"), one("user.name", "x"))), "M012", Severity.ERROR),
    ],
)
def test_diagnostics_of_binding(tables: Catalogue, where: Predicate, code: str, severity: Severity) -> None:
    _, codes, found = bound(tables, where)
    assert codes[code] is severity
    for diagnostic in found.notes:
        if diagnostic.code in ("M011", "M012"):
            assert diagnostic.hint


def test_events_that_are_not_recorded_are_missed_and_said(tables: Catalogue) -> None:
    """Where the rule asks for others too; alone it finds nothing, and what it excludes never comes."""
    renamed = OneOf(col("Op"), ("1",), A)
    message = "event.action: nobody writes it (box main): fewer events match"
    got, codes, found = bound(tables, one("event.action", "start", "unheard of"))
    assert got == And((BASE, renamed))
    assert codes["M022"] is Severity.WARNING
    assert [d.message for d in found.notes if d.code == "M022"] == [message]
    _, codes, _ = bound(tables, one("event.action", "unheard of"))
    assert codes["M012"] is Severity.ERROR
    got, codes, _ = bound(tables, And((one("event.action", "start"), Not(one("event.action", "unheard of")))))
    assert got == And((BASE, renamed))
    assert "M022" not in codes


def test_what_no_event_has_is_left_out_and_said(tables: Catalogue) -> None:
    """`implies`: where Kind is "main" (every event of the place), Level is "low" or "high"."""
    got, codes, found = bound(tables, Or((one("acme.level", "low"), one("acme.level", "other"))))
    assert got == And((BASE, OneOf(col("Level"), ("low",), A)))
    assert codes["M028"] is Severity.NOTE
    assert [d.message for d in found.notes if d.code == "M028"] == [
        'left out what no event of box main (acme) has: Kind == "main" without Level in ("low", "high")'
    ]
    assert "M028" not in bound(tables, one("acme.level", "low"))[1]


def test_message_says_what_the_leaf_is_for(tables: Catalogue) -> None:
    good, lost = one("user.name", "x"), one("lost.field", "v")

    def message(where: Predicate) -> str:
        return next(d.message for d in bound(tables, where)[2].notes if d.code == "M011")

    assert "every match needs it" in message(And((good, lost)))
    assert "it only excludes events" in message(And((good, Not(lost))))
    assert "it is one alternative of an or" in message(Or((good, lost)))
    assert "nobody writes it" in message(lost)


def test_unmapped_conditions_are_dropped_where_that_is_sound_to_say(tables: Catalogue) -> None:
    good, lost = one("user.name", "x"), one("lost.field", "v")
    renamed = OneOf(col("Who"), ("x",), A)
    got, codes, found = bound(tables, And((good, Not(lost))), "drop")
    assert got == And((BASE, renamed))
    assert codes["M018"] is Severity.WARNING
    assert any("more events match" in d.message for d in found.notes)
    got, codes, found = bound(tables, Or((good, lost)), "drop")
    assert got == And((BASE, renamed))
    assert any("fewer events match" in d.message for d in found.notes)
    _, codes, _ = bound(tables, And((good, lost)), "drop")
    assert codes["M011"] is Severity.ERROR


def test_unmapped_names_are_kept_when_asked(tables: Catalogue) -> None:
    got, codes, _ = bound(tables, one("lost.field", "v"), "keep")
    assert got == And((BASE, OneOf(Field("lost.field"), ("v",), A)))
    assert codes["M020"] is Severity.WARNING


def test_steps_bind_to_tables_of_one_family(tables: Catalogue) -> None:
    host = (Key(Field("host.id")),)
    here = Step(one("event.action", "start"), host)
    there = Step(And((one("event.category", "network"), Present(Field("source.ip", Kind.IP)))), host)
    found = bind(rule(Sequence((here, there), 1000, there)), "box", tables=tables)
    assert [b.header["table"] for b in found.bindings] == ["Main", "Net", "Net"]
    detection = found.rule.detection
    assert isinstance(detection, Sequence)
    assert [k.field.way.text for s in detection.steps for k in s.by if k.field.way] == ["Id", "Host"]
    assert detection.until is not None
    sample = bind(rule(Sample((here, there))), "box", tables=tables).rule.detection
    assert isinstance(sample, Sample)
    assert len(sample.steps) == 2


def test_group_fields_are_bound_or_refused(tables: Catalogue) -> None:
    where = one("event.action", "start")
    fields = (Field("host.id"), Field("host.os.type"))
    found = bind(
        rule(Threshold(where, fields, 3, Distinct(Field("user.name"), 2))), "box", source="acme", tables=tables
    )
    detection = found.rule.detection
    assert isinstance(detection, Threshold)
    assert [f.way.text for f in detection.group_by if f.way] == ["Id"]
    assert detection.distinct is not None
    terms = bind(rule(NewTerms(where, (Field("user.name"),), 9)), "box", source="acme", tables=tables).rule.detection
    assert isinstance(terms, NewTerms)
    assert terms.history_ms == 9
    for lost in ("lost.field", "nowhere", "process.name", "empty.field"):
        refused = bind(rule(NewTerms(where, (Field(lost),), 9)), "box", source="acme", tables=tables)
        assert any(d.code == "M013" and d.severity is Severity.ERROR for d in refused.notes), lost


def test_indicator_pairs_are_bound(tables: Catalogue) -> None:
    pairs = ((Pair(Field("source.ip", Kind.IP), Field("threat.ip", Kind.IP)),),)
    match = IndicatorMatch(one("event.action", "start"), Constant(value=True), ("i",), pairs)
    detection = bind(rule(match), "box", source="acme", tables=tables).rule.detection
    assert isinstance(detection, IndicatorMatch)
    ((pair,),) = detection.any_of
    assert pair.field.way is not None
    assert pair.field.way.text == "Addr"


def test_choice_of_source(tables: Catalogue) -> None:
    both = rule(Match(one("user.name", "x")))
    found = bind(both, "box", tables=tables)
    assert found.binding.dataset == "acme"
    assert {d.code for d in found.notes} == {"M021", "M024"}
    assert sources(both, "box", tables=tables) == ("acme", "acme.net")
    assert sources(both, "box", "ecs", tables=tables) == ()
    assert bind(both, "box", source="acme/main", tables=tables).binding.dataset == "acme"
    assert bind(both, "box", source="other", tables=tables).binding.header == {"table": "Other"}
    assert bind(both, "box", "alt", tables=tables).binding.header == {"table": "Other"}
    assert [d.code for d in bind(both, "box", source="zzz", tables=tables).notes] == ["M030"]
    assert [d.code for d in bind(both, "shelf", tables=tables).notes] == ["M010"]
    linux = rule(Match(one("host.os.type", "linux")))
    assert bind(linux, "box", tables=tables).binding.dataset == "acme.net"


def test_ecs_and_opaque_rules_are_not_looked_up(tables: Catalogue) -> None:
    step = Step(one("lost.field", "v"))
    assert len(bind(rule(Sequence((step, step), 1)), "box", "ecs", tables=tables).bindings) == 2
    from converter.diagnostics import Diagnostic

    assert bind(rule(Opaque("esql", Diagnostic(Q001, "m"))), "box", tables=tables).notes == ()


@pytest.mark.parametrize(("value", "placed"), [("start", True), ("unheard of", True), ("success", False)])
def test_what_is_remembered_of_a_leaf_is_never_the_place_of_another(
    tables: Catalogue, value: str, *, placed: bool
) -> None:
    site = tables.site("acme", "box", "main")
    path = "event.outcome" if value == "success" else "event.action"
    spans = Span(1, 5), Span(11, 15), Span(21, 25)
    leaves = [OneOf(Field(path, span=span), (value,), A, span) for span in spans]
    found = [Rewriter(site).predicate(leaf) for leaf in leaves]
    for leaf, one_found in zip(leaves, found, strict=True):
        assert [fate.leaf for fate in one_found.fates] == [leaf]
        assert one_found.fates[0].leaf is leaf
        told = [f.span for f in one_found.findings] or [
            w.span for w in walk(one_found.predicate) if isinstance(w, OneOf)
        ]
        assert not placed or told == [leaf.span]
    assert len({id(one_found.predicate) for one_found in found}) == (3 if placed else 1)
