"""Columns of the platform's own types, and what has no exact form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from targets.sentinel_cases import ARGS, NAME, PID, SCORE, emitted, query, rows, rule

from backends.sentinel import TARGET
from backends.sentinel.condition import leaf
from backends.sentinel.deploy.header import span
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.catalogue import all_codes
from converter.languages.kusto import literal, write
from converter.languages.kusto.filling import WIDTH
from converter.languages.lucene.codes import L042
from converter.model import pattern as patterns
from converter.model.pattern import AnyChar, Case, CharClass, Concat, Pattern, Repeat, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
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
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import (
    Call,
    Column,
    Computed,
    Field,
    Function,
    Instant,
    Kind,
    Literal,
    Members,
    Now,
    Value,
    Way,
)
from converter.proof.judges.kusto.rows import Table
from converter.proof.judges.kusto.run import run
from converter.reference import matches
from converter.target import Binding, Bound, Options

S, FOLD = Case.SENSITIVE, Case.INSENSITIVE
NATIVE = Binding("native", "d", "", {"table": "SecurityEvent"}, {"EventID": "int", "Time1": "string", "Key": "string"})


def at(
    text: str, kind: Kind = Kind.KEYWORD, column: str = "string", form: str = "column", *, many: bool = False
) -> Field:
    way: dict[str, Way] = {
        "column": Column(text, column),
        "expression": Computed(text, column),
        "elements": Members(text, column),
    }
    return Field("some.field", kind, many, way=way[form])


def where(predicate: Predicate) -> str:
    return emitted(Match(predicate), NATIVE, "query").text.partition("| where ")[2].strip()


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        (OneOf(at("EventID", column="int"), ("4624",), S), "EventID == 4624"),
        (OneOf(at("EventID", column="int"), ("4624", "4625"), S), "EventID in (4624, 4625)"),
        (Not(OneOf(at("EventID", column="int"), ("4624", "4625"), S)), "EventID !in (4624, 4625)"),
        (OneOf(at("EventID", column="int"), ("04624",), S), 'tostring(EventID) == "04624"'),
        (OneOf(at("IsOn", column="bool"), ("true",), S), "IsOn == true"),
        (OneOf(at("Raw.Some.Thing", column="dynamic"), ("a",), S), 'tostring(Raw.Some.Thing) == "a"'),
        (OneOf(at("Raw.some thing.x", column="dynamic"), ("a",), S), 'tostring(Raw["some thing"].x) == "a"'),
        (OneOf(at("f(X)", form="expression"), ("a",), S), 'f(X) == "a"'),
        (OneOf(at("where"), ("a",), S), "['where'] == \"a\""),
        (OneOf(at("Id", column="guid"), ("A",), FOLD), 'tostring(Id) =~ "A"'),
        (Compare(at("Raw.N", Kind.LONG, "dynamic"), Comparison.GE, 5), "isnotnull(SomeField) and SomeField >= 5\n| project-away SomeField"),
        (Compare(at("Raw.N", Kind.LONG, "dynamic"), Comparison.EQ, 0.5), "todouble(Raw.N) == 0.5"),
        (Compare(at("Raw.N", Kind.DOUBLE, "dynamic"), Comparison.EQ, 5), "todouble(Raw.N) == 5"),
        (Compare(at("Flag", Kind.BOOLEAN, "string"), Comparison.EQ, value=True), "tobool(Flag) == true"),
        (Compare(at("When", Kind.DATE, "string"), Comparison.EQ, Instant(1)), "todatetime(When) == datetime(1970-01-01T00:00:00.001Z)"),
        (Present(at("Raw.X", column="dynamic")), "isnotempty(tostring(Raw.X))"),
        (Not(Present(at("N", Kind.LONG, "long"))), "isnull(N)"),
        (InNetwork(at("Ip"), ("10.0.0.0/8",)), 'Ip !contains_cs "/"\n| where ipv4_is_in_range(Ip, "10.0.0.0/8")'),
        (InNetwork(at("Ip", Kind.IP), ("::1/128",)), 'ipv6_is_match(Ip, "::1")'),
        (Not(InNetwork(at("Ip", Kind.IP), ("fe80::/10",))), 'not(coalesce(ipv6_is_in_range(Ip, "fe80::/10"), false))'),
        (InNetwork(at("Ip", Kind.IP), ("::ffff:10.0.0.0/104",)), 'ipv4_is_in_range(Ip, "10.0.0.0/8")'),
        (InNetwork(at("Ip", Kind.IP), ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")), "ipv4_is_private(Ip)"),
        (Like(at("F"), (patterns.of(Wild.ANY_ONE, ":\\x.exe"), patterns.of(Wild.ANY_ONE, ":\\y\\", Wild.ANY_RUN)), FOLD),
         'SomeFieldPath =~ @":\\x.exe" or SomeFieldPath startswith @":\\y\\"\n| project-away SomeFieldPath'),
        (Like(at("F"), (patterns.of("ab", Wild.ANY_RUN, "c"),), FOLD), 'F startswith "ab" and F endswith "c"'),
        (Like(at("F"), (patterns.of("ab", Wild.ANY_RUN, "b"),), S), 'F startswith_cs "ab"\n| where substring(F, 2) endswith_cs "b"'),
        (Like(at("F"), (patterns.of("a", Wild.ANY_ONE, "b"),), S), 'F startswith_cs "a"\n| where substring(F, 2) == "b"'),
        (Like(at("F"), (patterns.of(Wild.ANY_ONE, Wild.ANY_RUN),), S), "isnotempty(F)"),
        (Like(at("F"), (Pattern((Wild.ANY_RUN,)),), S), "isnotempty(F)"),
        (Not(Like(at("F"), (patterns.of("a", Wild.ANY_RUN),), S)), 'F !startswith_cs "a"'),
        (Like(at("F"), (patterns.of(Wild.ANY_RUN, "é", Wild.ANY_RUN),), FOLD), 'F matches regex "é"'),
        (Like(at("F"), (patterns.of("a"), patterns.of("b"), patterns.of(Wild.ANY_RUN, "c")), S), 'F in ("a", "b") or F endswith_cs "c"'),
        (Matches(at("F"), (Repeat(AnyChar(), 0, None),), S), "isnotempty(F)"),
        (Matches(at("F"), (CharClass(()),), S), 'F matches regex @"^[^\\x{0}-\\x{10FFFF}]$"'),
        (Matches(at("F"), (Concat((CharClass((("a", "c"),), negated=True),)),), FOLD), 'F matches regex "^[^a-c]$"'),
        (Phrase(at("F", Kind.TEXT), (), Analyzer.STANDARD), "false"),
    ],
)  # fmt: skip
def test_typed_columns(predicate: Predicate, text: str) -> None:
    assert where(predicate) == text


def test_phrases_of_one_field_stand_together() -> None:
    field = at("F", Kind.TEXT)
    words = [Phrase(field, (patterns.of("a", w),), Analyzer.STANDARD) for w in ("one", "two")]
    script = [Phrase(field, (patterns.of(w),), Analyzer.POWERSHELL) for w in ("one", "two")]
    text = where(Or((words[0], OneOf(at("G"), ("x",), S), words[1])))
    assert text.count("matches regex") == 1
    text = where(Or((script[0], OneOf(at("G"), ("x",), S), script[1])))
    assert text.startswith('Words contains " one " or Words contains " two " or G == "x"')


def test_computed_names_avoid_columns() -> None:
    detection = Sequence((Step(OneOf(NAME, ("a",), S), (Key(PID),)), Step(OneOf(NAME, ("b",), S), (Key(PID),))))
    text = emitted(detection, NATIVE, "query").text
    assert "| sort by ['process.pid'] asc, TimeGenerated asc, Stage desc" in text
    assert "Time12 = prev(TimeGenerated)" in text


def _whole(detection: Detection) -> str:
    """The query with its closing columns."""
    return TARGET.emit(Bound.everywhere(rule(detection), NATIVE), Options("query")).text


def test_keys_of_computed_columns() -> None:
    computed = at("tolower(User)", form="expression")
    dynamic = at("Raw.User", column="dynamic")
    text = emitted(Threshold(OneOf(at("F"), ("a",), S), (computed, dynamic), 2), NATIVE, "query").text
    assert "| extend SomeField = tolower(User)\n| where isnotempty(SomeField)\n" in text
    assert "| extend SomeField2 = tostring(Raw.User)\n| where isnotempty(SomeField2)\n" in text
    assert "by SomeField, SomeField2" in text


def test_a_key_that_a_condition_compares_has_one_name() -> None:
    found = "coalesce(AccountObjectIdentifier, AccountUserPrincipalName, AccountDisplayName)"
    key = at(found, form="expression")
    text = _whole(NewTerms(Not(OneOf(key, ("a", "b"), S)), (key,), 86_400_000))
    assert text.count(found) == 1
    assert text.count("isnotempty(SomeField)") == 1
    assert "arg_min(TimeGenerated, *) by SomeField\n" in text


def test_a_column_of_one_value_is_not_shown() -> None:
    where = And((OneOf(at("EventName"), ("a",), S), Present(at("Actor")), Not(Present(at("ErrorCode")))))
    _, last = _whole(Match(where)).split("| project ")
    assert "Actor" in last
    assert "EventName" not in last
    assert "ErrorCode" not in last


def test_a_column_of_one_value_that_identifies_is_shown() -> None:
    where = And((OneOf(at("FileName"), ("a",), S), Present(at("Actor"))))
    files = Binding("native", "d", "", {"table": "DeviceFileEvents"}, {"FileName": "string", "Actor": "string"})
    text = TARGET.emit(Bound.everywhere(rule(Match(where)), files), Options("query")).text
    assert text.endswith("| project TimeGenerated, FileName, Actor\n")
    assert "FileName" not in _whole(Match(where)).split("| project ")[1]


def test_rows_that_would_show_their_time_alone_stay_whole() -> None:
    text = _whole(Match(OneOf(at("EventName"), ("a",), S)))
    assert "project" not in text
    assert text.endswith('| where EventName == "a"\n')


ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
UNESCAPED = "XmlText"
for old, new in ESCAPES:
    UNESCAPED = f"replace_string({UNESCAPED}, {literal.text(old)}, {literal.text(new)})"
XML = at(UNESCAPED, form="expression")
PLAIN = st.text(st.sampled_from("almptquos&;<\"'"), min_size=1, max_size=4)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@given(st.lists(PLAIN, max_size=5), PLAIN, st.sampled_from(("equal", "starts", "ends", "holds")))
def test_escaped_text_is_asked_as_it_stands(values: list[str], wanted: str, shape: str) -> None:
    some = Wild.ANY_RUN
    parts = {"equal": (wanted,), "starts": (wanted, some), "ends": (some, wanted), "holds": (some, wanted, some)}[shape]
    text = emitted(
        Match(Like(XML, (patterns.of(*parts),), S)), Binding("native", "d", "", {"table": "T"}), "query"
    ).text
    found = run(text, {"T": Table({"XmlText": "string"}, [{"XmlText": _escaped(v)} for v in values])})
    tests: dict[str, Callable[[str, str], bool]] = {
        "equal": str.__eq__,
        "starts": str.startswith,
        "ends": str.endswith,
        "holds": str.__contains__,
    }
    test = tests[shape]
    assert [r["XmlText"] for r in found] == [_escaped(v) for v in values if test(v, wanted)]


def test_escaped_text_needs_no_unescaping_for_plain_values() -> None:
    text = emitted(Match(OneOf(XML, ("a", "b"), FOLD)), NATIVE, "query").text
    assert 'XmlText in~ ("a", "b")' in text
    assert "replace_string" in emitted(Match(OneOf(XML, ("a&b",), FOLD)), NATIVE, "query").text


def test_new_terms_window_that_ends_early() -> None:
    from converter.model.metadata import Window

    text = emitted(NewTerms(OneOf(NAME, ("a",), S), (NAME,), 86_400_000), window=Window(600_000, 60_000, 300_000)).text
    assert "and ['@timestamp'] <= ago(1m)" in text


def _codes(predicate: Predicate) -> list[str]:
    return [d.code for d in query(predicate)[1]]


BAD_SCRIPTS: list[Call] = [
    Call(Function.BETWEEN, (NAME, NAME, Literal("a"))),
    Call(Function.LIKE, (NAME, NAME)),
    Call(Function.CIDR_MATCH, (NAME, NAME)),
    Call(Function.GT, (Call(Function.NUMBER, (NAME,)), Literal(1))),
    Call(Function.LT, (Call(Function.LIKE, (NAME, Literal(patterns.of("a")))), Literal(value=True))),
]


@pytest.mark.parametrize("call", BAD_SCRIPTS)
def test_error_script_without_form(call: Call) -> None:
    outer = call if call.function is not Function.BETWEEN else Call(Function.EQ, (call, Literal("x")))
    text, found = query(Holds(outer))
    assert not text
    assert "T311" in [d.code for d in found]


def test_error_wildcard_inside_phrase() -> None:
    phrase = Phrase(at("F", Kind.TEXT), (patterns.of("a", Wild.ANY_RUN, "b"),), Analyzer.STANDARD)
    assert _codes(phrase) == ["T312"]


def test_error_indicator_of_text_or_arrays() -> None:
    text = Field("message", Kind.TEXT, many=False)
    emission = emitted(IndicatorMatch(OneOf(NAME, ("a",), S), Present(NAME), ("i",), ((Pair(text, NAME),),)))
    assert [d.code for d in emission.diagnostics if d.severity is Severity.ERROR] == ["T363"]
    emission = emitted(
        IndicatorMatch(OneOf(NAME, ("a",), S), Present(NAME), ("i",), ((Pair(ARGS, NAME), Pair(NAME, NAME)),))
    )
    assert [d.code for d in emission.diagnostics if d.severity is Severity.ERROR] == ["T363"]


def test_indicators_under_native_names_are_approximate() -> None:
    detection = IndicatorMatch(OneOf(at("F"), ("a",), S), Present(NAME), ("i",), ((Pair(at("F"), NAME),),))
    assert "T361" in [d.code for d in emitted(detection, NATIVE).diagnostics]


def test_opaque_is_refused_with_its_reason() -> None:
    why = Diagnostic(L042, "a machine learning job")
    emission = emitted(Opaque("machine_learning", why))
    assert (emission.text, emission.diagnostics) == ("", (why,))


def test_tiebreaker_is_told() -> None:
    step = Step(OneOf(NAME, ("a",), S))
    assert "T341" in [d.code for d in emitted(Sequence((step, step)), tiebreaker_field="event.sequence").diagnostics]


# ---- scripts over values of a kind that they rarely meet

WHEN = Field("file.created", Kind.DATE, many=False)
SIGNED = Field("signed", Kind.BOOLEAN, many=False)
START_MS = 1_704_067_200_000
_VALUES: list[Value] = [NAME, SCORE, PID, WHEN, SIGNED, Literal(1.5), Literal(None), Literal(value=True), Literal(START_MS), Literal("a"),
                        Literal(Instant(START_MS)), Literal(""), Call(Function.STRING, (SIGNED,)), Call(Function.STRING, (SCORE,)),
                        Call(Function.NUMBER, (NAME, Literal(10))), Call(Function.SUBSTRING, (NAME, PID)),
                        Call(Function.INDEX_OF, (NAME, Literal("b"), PID)), Call(Function.INDEX_OF, (NAME, PID)),
                        Call(Function.SUBSTRING, (PID, PID)), Call(Function.LENGTH, (PID,)), Call(Function.CONCAT, ()),
                        Call(Function.ADD, (NAME, PID)), Call(Function.DIVIDE, (NAME, PID)), Call(Function.MODULO, (NAME, PID)),
                        Call(Function.DIVIDE, (SCORE, PID)), Call(Function.MODULO, (SCORE, PID)),
                        Call(Function.BETWEEN, (PID, Literal("a"), Literal("b"))),
                        Call(Function.BETWEEN, (NAME, Literal(""), Literal("b"))),
                        Call(Function.STARTS_WITH, (NAME, PID)), Call(Function.STRING_CONTAINS, (NAME, Literal(""))),
                        Call(Function.LIKE, (PID, Literal(patterns.of("a")))), Call(Function.CIDR_MATCH, (PID, Literal("10.0.0.0/8"))),
                        Call(Function.LIKE, (NAME, Literal(patterns.of(Wild.ANY_RUN)))),
                        Call(Function.STARTS_WITH, (NAME, Literal("É")), FOLD), Call(Function.ENDS_WITH, (NAME, Literal("É")), FOLD),
                        Call(Function.STRING_CONTAINS, (NAME, Literal("É")), FOLD)]  # fmt: skip
_EVENTS: list[dict[str, object]] = [
    {"process.name": n, "process.pid": p, "risk": r, "signed": b, "file.created": w}
    for n, p, r, b, w in [
        ("ab", 1, 1.5, True, "2024-01-01T00:00:00+00:00"),
        ("É1", -1, -2.5, False, "2024-01-02T00:00:00+00:00"),
        ("1.5", 0, 0.0, None, None),
        (None, None, None, None, None),
        ("bÉ", 2, 7.0, True, None),
        ("true", 5, None, True, None),
    ]
]


@given(
    st.sampled_from(_VALUES),
    st.sampled_from(_VALUES),
    st.sampled_from([Function.EQ, Function.NE]),
    st.sampled_from([None, Function.NOT, Function.IS_NULL]),
)
def test_script_of_rare_kinds(left: Value, right: Value, function: Function, around: Function | None) -> None:
    call = Call(function, (left, right))
    predicate = Holds(Call(around, (call,)) if around else call)
    text, _ = query(predicate)
    assert rows(text, _EVENTS) == [i for i, e in enumerate(_EVENTS) if matches(predicate, e)]


# ---- the empty text

EMPTY = OneOf(NAME, ("", "a"), S)
ONLY_EMPTY = OneOf(NAME, ("",), S)


@pytest.mark.parametrize(
    ("predicate", "settled"),
    [
        (And((Present(NAME), Not(ONLY_EMPTY))), True),
        (And((Present(NAME), Not(EMPTY))), True),
        (Or((Not(Present(NAME)), ONLY_EMPTY)), True),
        (Or((Present(NAME), Not(ONLY_EMPTY))), True),
        (And((Like(NAME, (Pattern((Wild.ANY_RUN,)),), S), Not(ONLY_EMPTY))), True),
        (And((Matches(NAME, (Repeat(AnyChar(), 0, None),), S), Not(ONLY_EMPTY))), True),
        (And((Compare(NAME, Comparison.LT, "m"), Not(ONLY_EMPTY), InNetwork(NAME, ("10.0.0.0/8",)))), True),
        (EMPTY, False),
        (Not(ONLY_EMPTY), False),
        (And((Not(ONLY_EMPTY), Compare(PID, Comparison.EQ, 1))), False),
        (And((ONLY_EMPTY, Holds(Call(Function.EQ, (Call(Function.LENGTH, (NAME,)), Literal(0)))))), False),
    ],
)  # fmt: skip
def test_empty_text(predicate: Predicate, settled: bool) -> None:
    text, found = query(predicate)
    assert ("T302" in [d.code for d in found]) is not settled
    if settled and "strcmp" not in text:
        events: list[dict[str, object]] = [{"process.name": v} for v in (None, "", "a", "b", "10.0.0.1")]
        assert rows(text, events) == [i for i, e in enumerate(events) if matches(predicate, e)]


def test_empty_text_in_arrays() -> None:
    predicate = Not(OneOf(ARGS, ("", "x"), S))
    events: list[dict[str, object]] = [{"process.args": v} for v in (["", "a"], [None, "a"], ["x"], ["y"], [], None)]
    text, found = query(predicate)
    assert "T302" not in [d.code for d in found]
    assert rows(text, events) == [1, 3, 4, 5]


# ---- literals and lines


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (-5, "-5"), (0.5, "0.5"), (1e300, "1e+300"), (5.0, "5.0"), (2**70, f"real({2**70})"), (float("inf"), "real(+inf)"),
     (float("-inf"), "real(-inf)"), (float("nan"), "real(nan)")],
)  # fmt: skip
def test_number(value: float, text: str) -> None:
    assert literal.number(value) == text


def test_time_outside_the_years() -> None:
    assert write.expression(leaf.instant(10**18)) == "datetime(9999-12-31T23:59:59.999Z)"
    assert write.expression(leaf.instant(-(10**18))) == "datetime(0001-01-01T00:00:00Z)"
    assert span(-1_500) == "-1500ms"


def test_date_math_in_the_future() -> None:
    assert where(Compare(at("When", Kind.DATE, "datetime"), Comparison.LE, Now(3_600_000, "h"))).endswith(
        "bin(ago(-1h), 1h)"
    )


def test_long_conditions_are_broken() -> None:
    many = OneOf(NAME, tuple(f"value-{i:03d}" for i in range(60)), S)
    deep: Predicate = Not(Or((many, And((many, Not(many))))))
    text = query(Or((deep, And((Present(PID), deep)))))[0]
    assert max(map(len, text.splitlines())) <= WIDTH


def test_every_code_is_in_the_catalogue() -> None:
    import re
    from pathlib import Path

    folder = Path(leaf.__file__).parent.parent
    said = {c for f in folder.rglob("*.py") for c in re.findall(r'"(T3\d\d)"', f.read_text("utf-8"))}
    assert said == {c for c in all_codes() if c.startswith("T3")}
