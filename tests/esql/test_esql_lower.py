"""What ES|QL means: columns, types, and the errors that Elasticsearch's verifier gives, each with its place."""

from __future__ import annotations

import pytest
from shared import corpus_rules, needs_shared

import converter
from converter.diagnostics import Severity
from converter.fields.schema import FieldInfo, Schema
from converter.model.operation import Operation
from converter.model.pattern import Case
from converter.model.pipeline import Apply, Compute, Filter, Pipeline, Type
from converter.model.predicate import And, Compare, Comparison, Constant, InNetwork, Like, Not, OneOf, Present
from converter.model.reduction import NeededError, without
from converter.model.rule import Distinct, Match, Threshold
from converter.model.value import Field, Kind, Now
from converter.readers.esql import lower, parse
from converter.readers.esql.detection import read
from converter.readers.esql.pattern import like_pattern

SCHEMA = Schema(
    [
        FieldInfo("host", Kind.KEYWORD, many=False),
        FieldInfo("user", Kind.KEYWORD, many=False),
        FieldInfo("tags", Kind.KEYWORD, many=True),
        FieldInfo("bytes", Kind.LONG, many=False),
        FieldInfo("at", Kind.DATE, many=False),
        FieldInfo("ip", Kind.IP, many=False),
        FieldInfo("ok", Kind.BOOLEAN, many=False),
    ]
)
HOST = Field("host", Kind.KEYWORD, many=False)
USER = Field("user", Kind.KEYWORD, many=False)
BYTES = Field("bytes", Kind.LONG, many=False)


def errors(query: str) -> list[tuple[str, str]]:
    """The codes of the errors, with the text that each points at."""
    found = lower(parse(query), SCHEMA).diagnostics
    assert all(d.span is not None for d in found)
    return [(d.code, query[d.span.start : d.span.end]) for d in found if d.severity is Severity.ERROR and d.span]


@pytest.mark.parametrize(
    ("query", "code", "at"),
    [
        ("from a | keep host | where user == 1", "Q020", "user"),
        ("from a | stats n = count() by host | where bytes > 1", "Q020", "bytes"),
        ("from a | where n > 1 | eval n = 1 | drop n | where n > 1", "Q020", "n"),
        ('from a | rename host as h | where host == "x"', "Q020", "host"),
        ("from a | where n > 3 | stats n = count(*) by host", "Q020", "n"),
        ("from a | eval m = n + 1 | inline stats n = count(*) by host", "Q020", "n"),
        ("from a metadata _no", "Q020", "from a metadata _no"),
        ("from a | where host > 5", "Q021", "host > 5"),
        ("from a | where ok > true", "Q021", "ok > true"),
        ("from a | eval x = bytes + host", "Q021", "host"),
        ("from a | eval x = at - at", "Q021", "at - at"),
        ("from a | where bytes", "Q021", "bytes"),
        ('from a | where bytes like "a*"', "Q021", "bytes"),
        ("from a | eval x = bytes::nothing", "Q021", "bytes::nothing"),
        ('from a | eval x = case(ok, 1, "a")', "Q021", 'case(ok, 1, "a")'),
        ("from a | eval x = lenght(host)", "Q022", "lenght"),
        ("from a | eval x = length(host, 1)", "Q023", "length(host, 1)"),
        ("from a | stats x = count(*) by categorize(bytes)", "Q024", "categorize"),
        ("from a | eval x = max(bytes)", "Q025", "max"),
        ("from a | stats x = bytes by host", "Q025", "bytes"),
        ("from a | stats x = length(host) by user", "Q025", "host"),
        ("from a | where host like user", "Q026", "user"),
        ('from a | where at > "yesterday"', "Q027", 'at > "yesterday"'),
        ('from a | where ip == "1.2.3"', "Q027", 'ip == "1.2.3"'),
        ("from a | eval x = 5 fortnights", "Q027", "5 fortnights"),
        ('from a | stats n = count() by host | where kql("host: a")', "Q028", 'kql("host: a")'),
        ('from a | eval x = host | where x : "a"', "Q028", "x"),
        (
            'from a | completion x = host with {"inference_id": "m"}',
            "Q029",
            'completion x = host with {"inference_id": "m"}',
        ),
        ("from a | enrich p on host", "Q030", "enrich p on host"),
        ("from a | lookup join i on host", "Q030", "lookup join i on host"),
        ('from a | where host rlike "(a"', "Q031", '"(a"'),
        ('from a | grok host "%{NOPE:x}"', "Q031", '"%{NOPE:x}"'),
        ('from a | dissect host "abc"', "Q031", '"abc"'),
        ("from a | fork (where ok) (where ok)", "Q032", "fork (where ok) (where ok)"),
        ('from a | where match(host, "a", {"fuzziness": 1})', "Q034", 'match(host, "a", {"fuzziness": 1})'),
        ('from a | where kql("host: a", {"x": 1})', "Q034", 'kql("host: a", {"x": 1})'),
        ("from a | where kql(host)", "Q026", "kql(host)"),
        ('from a | where kql("host: (")', "K001", '"host: ("'),
        ('from a | where qstr("host:[")', "L001", '"host:["'),
        ("from a | where match(host)", "Q026", "match(host)"),
        ("from a | where match(host, user)", "Q026", "match(host, user)"),
        ('from a | keep host | where user : "a"', "Q020", "user"),
        ('from a | eval x = [1, "a"]', "Q021", '[1, "a"]'),
        ("from a | where at > now() - host::date_period", "Q021", "host"),
        ('from a | where bytes in (1, "a")', "Q021", '"a"'),
        ("from a | eval x = case(ok)", "Q023", "case(ok)"),
        ("from a | eval x = at - y.span", "Q021", "at - y.span"),
        ("from a | stats x = nope by host", "Q025", "nope"),
        ("from a | keep host | stats x = nope by host", "Q020", "nope"),
        ('from a | dissect host "%{*a}:%{&a}"', "Q031", '"%{*a}:%{&a}"'),
        ('from a | dissect host "%{a}%{b}"', "Q031", '"%{a}%{b}"'),
        (
            'from a | grok host "%{NUMBER:x:int} %{NUMBER:x:float}"',
            "Q031",
            'grok host "%{NUMBER:x:int} %{NUMBER:x:float}"',
        ),
        ("from a | enrich p on host with x = y*", "Q030", "enrich p on host with x = y*"),
        ("show info", "Q032", "show info"),
        ("ts a", "Q032", "ts a"),
    ],
)
def test_error_with_its_place(query: str, code: str, at: str) -> None:
    assert errors(query)[0] == (code, at)


def test_errors_are_collected_and_do_not_follow_from_each_other() -> None:
    found = errors('from a | eval x = nope(host), y = length(x) | where y > "a" | eval z = y + user')
    assert [code for code, _ in found] == ["Q022", "Q021", "Q021"]


def read_one(query: str) -> object:
    detection, found = read(query, SCHEMA)
    assert not [d for d in found if d.severity is Severity.ERROR]
    return detection


def test_filter_of_single_values_is_a_match() -> None:
    detection = read_one('from a | where host == "x" and not user like "adm*" | keep host')
    absent = And((Present(USER), Not(Like(USER, (like_pattern("adm*"),), Case.SENSITIVE))))
    assert isinstance(detection, Match)
    assert detection.where == And((OneOf(HOST, ("x",), Case.SENSITIVE), *absent.terms))


def test_negation_of_null_is_null() -> None:
    detection = read_one("from a | where not (bytes > 5 or ok)")
    assert isinstance(detection, Match)
    less = Compare(BYTES, Comparison.GT, 5)
    ok = Field("ok", Kind.BOOLEAN, many=False)
    true = Compare(ok, Comparison.EQ, value=True)
    assert detection.where == And((Present(BYTES), Not(less), Present(ok), Not(true)))


TAGS = Field("tags", Kind.KEYWORD)
OK, AT, IP = (Field(n, k, many=False) for n, k in (("ok", Kind.BOOLEAN), ("at", Kind.DATE), ("ip", Kind.IP)))


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        # Search functions: match and : search a field as Elasticsearch's match query does, kql and qstr hold a query.
        ('match(host, "a")', OneOf(HOST, ("a",), Case.SENSITIVE)),
        ('match_phrase(host, "a")', OneOf(HOST, ("a",), Case.SENSITIVE)),
        ("match(ok, true)", Compare(OK, Comparison.EQ, value=True)),
        ("ok : false", Compare(OK, Comparison.EQ, value=False)),
        ("match(bytes, 5)", Compare(BYTES, Comparison.EQ, 5)),
        ('kql("host: a")', OneOf(HOST, ("a",), Case.SENSITIVE)),
        ('qstr("host:a")', OneOf(HOST, ("a",), Case.SENSITIVE)),
        # Constants take the type of what they stand beside; what is null is not true.
        ('"1.2.3.4" == ip', InNetwork(IP, ("1.2.3.4/32",))),
        ('at > now() - "2 hours"::time_duration', Compare(AT, Comparison.GT, Now(-7_200_000))),
        ("bytes < 18446744073709551615", Compare(BYTES, Comparison.LT, 18_446_744_073_709_551_615)),
        ("bytes > -99999999999999999999", Compare(BYTES, Comparison.GT, -1e20)),
        ("ok", Compare(OK, Comparison.EQ, value=True)),
        ("host in (null)", Constant(value=False)),
        ("host == null", Constant(value=False)),
        ("host is not null and 1 is not null and null is null", Present(HOST)),
        ("host is not null or 1 is null", Present(HOST)),
        ('mv_contains(tags, "a")', OneOf(TAGS, ("a",), Case.SENSITIVE)),
        ('starts_with(host, "a")', Like(HOST, (like_pattern("a*"),), Case.SENSITIVE)),
    ],
)
def test_condition_on_single_events(condition: str, where: object) -> None:
    detection = read_one(f"from a | where {condition}")
    assert isinstance(detection, Match)
    assert detection.where == where


@pytest.mark.parametrize(
    "condition",
    [
        'to_lower(host) == "é"',
        "starts_with(host, user)",
        "mv_contains(tags, user)",
        'cidr_match(ip, "nope")',
        "u.x == u.y",
    ],
)
def test_condition_that_no_leaf_says_stays_in_the_pipeline(condition: str) -> None:
    detection = read_one(f"from a | where {condition}")
    assert isinstance(detection, Pipeline)
    (stage,) = detection.stages
    assert isinstance(stage, Filter)
    assert not stage.guard
    assert detection.where == Constant(value=True)


@pytest.mark.parametrize("names", ["host* | keep *", "h*, u* | keep host, *", "host, u*"])
def test_columns_that_are_kept_change_no_condition(names: str) -> None:
    assert read_one(f'from a | keep {names} | where host == "a"') == Match(OneOf(HOST, ("a",), Case.SENSITIVE))


@pytest.mark.parametrize(
    ("commands", "types"),
    [
        # An undeclared field is what the value beside it is; of two undeclared ones nothing is known: keywords.
        ("eval x = y.at + 1 day", "x:date"),
        ("eval x = y.at - y.span", "x:double"),
        ('eval x = "2024-01-01" + 1 day', "x:date"),
        ('eval x = at + "1 day"::date_period', "x:date"),
        ('eval x = coalesce(at, "2024-01-01")', "x:date"),
        ("eval x = coalesce(y.a, host)", "x:keyword"),
        ("eval x = coalesce(y.a, bytes)", "x:long"),
        ("eval x = host == y.a", "x:boolean"),
        ("eval x = date_trunc(1 day, y.t)", "x:date"),
        ("eval x = ip_prefix(y.ip, 24, 0)", "x:ip"),
        ("eval x = bytes + 18446744073709551615", "x:unsigned_long"),
        ('stats x = max(host) like "a*" by user', "x:boolean user:keyword"),
        ('stats x = max(host) rlike "a.*" by user', "x:boolean user:keyword"),
        ("stats x = count(*) + bytes by bytes", "x:long bytes:long"),
        ("stats x = sum(bytes), m = min(at) by host", "x:long m:date host:keyword"),
        ("drop h* | eval x = length(user) | keep x", "x:integer"),
    ],
)
def test_types_of_columns(commands: str, types: str) -> None:
    found = lower(parse(f"from a | {commands}"), SCHEMA)
    assert not [d for d in found.diagnostics if d.severity is Severity.ERROR]
    assert " ".join(f"{c.name}:{c.type.value}" for c in found.pipeline.columns) == types


def test_error_of_a_rule_that_reads_no_events() -> None:
    _, found = read("row x = 1 | where x == 1", SCHEMA)
    assert [(d.code, d.message) for d in found] == [("Q032", "a query that begins with row reads no events")]


def test_match_all_pattern_asks_for_a_value() -> None:
    assert read_one('from a | where host like "*"') == Match(Present(HOST))
    assert read_one('from a | where host not rlike ".*"') == Match(Not(Present(HOST)))


def test_folded_text_matches_what_folding_leaves() -> None:
    assert read_one('from a | where to_lower(host) == "ab"') == Match(OneOf(HOST, ("ab",), Case.INSENSITIVE))
    assert read_one('from a | eval h = to_lower(host) | where h == "Ab"') == Match(Constant(value=False))


def test_fields_of_several_values_keep_their_guard() -> None:
    detection = read_one('from a | where tags == "x" and host == "y"')
    assert isinstance(detection, Pipeline)
    (stage,) = detection.stages
    assert isinstance(stage, Filter)
    assert stage.guard
    assert isinstance(stage.where, Apply)
    assert stage.where.operation is Operation.EQ
    assert isinstance(detection.where, And)
    assert len(detection.where.terms) == 2


def test_count_with_a_least_number_is_a_threshold() -> None:
    text = "from a | where host is not null | stats n = count(), u = count_distinct(user), v = values(bytes) by host"
    assert read_one(f"{text} | where n > 4 and u >= 2") == Threshold(Present(HOST), (HOST,), 5, Distinct(USER, 2))


@pytest.mark.parametrize(
    "query",
    [
        "from a | stats n = count() by host | where n > 4",
        "from a | where host is not null | stats n = count() by host | where n == 4",
        "from a | where host is not null | stats n = count(bytes) by host | where n > 4",
        "from a | where host is not null | stats n = count() where ok by host | where n > 4",
        "from a | where host is not null | eval h = host | stats n = count() by h | where n > 4",
        "from a | where host is not null | limit 10 | stats n = count() by host | where n > 4",
    ],
    ids=["null key", "equal", "values", "filtered", "computed key", "limit"],
)
def test_other_counts_are_pipelines(query: str) -> None:
    assert isinstance(read_one(query), Pipeline)


def test_types_of_undeclared_fields_come_from_their_use() -> None:
    found = lower(
        parse("from a | eval n = x.size | stats m = max(n), t = max(y.size) by host | where m > 5 and t > 2"), SCHEMA
    )
    assert not [d for d in found.diagnostics if d.severity is Severity.ERROR]
    compute = found.pipeline.stages[0]
    assert isinstance(compute, Compute)
    assert compute.columns[0].column.type in (Type.LONG, Type.INTEGER, Type.DOUBLE)


def test_columns_that_decorate_can_go_and_others_cannot() -> None:
    pipeline = read_one(
        "from a | stats n = count(), v = values(user), w = max(bytes) by tags | eval x = mv_count(v) | where w > 1"
    )
    assert isinstance(pipeline, Pipeline)
    left = without(pipeline, ["user"])
    assert [c.name for c in left.columns] == ["n", "w", "tags"]
    with pytest.raises(NeededError):
        without(pipeline, ["bytes"])
    with pytest.raises(NeededError):
        without(pipeline, ["tags"])


@pytest.mark.parametrize(
    ("query", "lost", "left"),
    [
        ("from a | where ok | rename user as owner | keep host, owner", "user", "from a | where ok | keep host"),
        ("from a | where ok | rename user as owner, host as h | keep h", "user", "from a | where ok | rename host as h | keep h"),
        ("from a | where ok | sort user, bytes | keep host", "user", "from a | where ok | sort bytes | keep host"),
        ("from a | where ok | sort user | keep host", "user", "from a | where ok | keep host"),
        ('from a | where ok | dissect user "%{x} %{y}" | keep host, x', "user", "from a | where ok | keep host"),
        ("from a | where ok | eval u = user, h = host | keep h, u", "user", "from a | where ok | eval h = host | keep h"),
        ("from a | where ok | eval u = user, u = host | keep u", "user", "from a | where ok | eval u = host | keep u"),
    ],
)  # fmt: skip
def test_what_only_fills_the_alert_goes_with_its_field(query: str, lost: str, left: str) -> None:
    pipeline, expected = (lower(parse(text), SCHEMA).pipeline for text in (query, left))
    found = without(pipeline, [lost])
    assert found.stages == expected.stages
    assert found.columns == expected.columns


@pytest.mark.parametrize("query", ["from a | where ok | mv_expand tags", 'from a | where tags == "x"'])
def test_error_a_field_that_decides_cannot_go(query: str) -> None:
    pipeline = lower(parse(query), SCHEMA).pipeline
    with pytest.raises(NeededError):
        without(pipeline, ["tags"])


@needs_shared
def test_shared_rules_are_understood() -> None:
    """All but those that ask a language model, a fuzzy search, and one expression too large for any target."""
    refused = []
    for path in corpus_rules():
        if "esql" not in path.read_text(encoding="utf-8"):
            continue
        rule = converter.read_rule(path)
        if rule.meta.type == "esql":
            codes = {d.code for d in rule.notes if d.severity is Severity.ERROR}
            refused += [tuple(sorted(codes))] if codes else []
    assert sorted(refused) == [("Q029",)] * 4 + [("Q031",), ("Q034",)]


@pytest.mark.parametrize(
    "query",
    [
        "from a | where n > 3 | stats n = sum(n) by host",
        "from a | where x.n > 3 | stats x.n = count(*) by host",
        "from a | where bytes > 3 | stats bytes = count(*) by host",
        "from a | where n > 3 | eval n = 1 | stats m = count(*) by n",
    ],
)
def test_a_field_may_have_the_name_of_a_later_column(query: str) -> None:
    assert not errors(query)
