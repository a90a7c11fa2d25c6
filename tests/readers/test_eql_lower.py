"""What EQL means: rules E01 to E22, each query beside its predicate."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from shared import corpus_rules, needs_shared

from converter.diagnostics import Severity
from converter.fields.schema import FieldInfo, Schema, ecs_schema
from converter.languages.eql.parse import parse
from converter.model import pattern as patterns
from converter.model import rule
from converter.model.pattern import Case, CharClass, Concat, Repeat, Wild
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    End,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.rule import Key, Match, Sample, Sequence, Step
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now
from converter.readers.eql import lower
from converter.readers.lowered import LoweredDetection

S, FOLD = Case.SENSITIVE, Case.INSENSITIVE
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE
K = Field("k", Kind.KEYWORD, many=False)
M = Field("m", Kind.KEYWORD, many=True)
N = Field("n", Kind.LONG, many=False)
R = Field("r", Kind.DOUBLE, many=False)
B = Field("b", Kind.BOOLEAN, many=False)
IP = Field("ip", Kind.IP, many=True)
D = Field("d", Kind.DATE, many=False)
YES, NO = Constant(value=True), Constant(value=False)
SCHEMA = Schema([FieldInfo(f.path, f.kind, f.many) for f in (K, M, N, R, B, IP, D)])


def lowered(query: str) -> LoweredDetection:
    return lower(parse(query), SCHEMA)


def where(text: str) -> Predicate:
    found = lowered(f"any where {text}")
    assert not [d for d in found.diagnostics if d.severity is not Severity.NOTE]
    assert isinstance(found.detection, Match)
    return found.detection.where


def one(field: Field, *values: str, case: Case = S) -> OneOf:
    return OneOf(field, values, case)


def like(field: Field, *parts: str | Wild, case: Case = S) -> Like:
    return Like(field, (patterns.of(*parts),), case)


def call(function: Function, *arguments: Any, case: Case = S) -> Call:
    return Call(function, tuple(a if isinstance(a, Field | Call) else Literal(a) for a in arguments), case)


def holds(function: Function, *arguments: Any, case: Case = S) -> Holds:
    return Holds(call(function, *arguments, case=case))


LENGTH = call(Function.LENGTH, K)
F = Function
_TRUE = True

MEANINGS: list[tuple[str, Predicate]] = [
    # E02, E03: case and wildcards by operator
    ('k == "A*?"', one(K, "A*?")),
    ('"a" == k', one(K, "a")),
    ('k in ("a", "B*", "a")', one(K, "a", "B*")),
    ('k in~ ("a", "B*")', one(K, "a", "B*", case=FOLD)),
    ('k : "a"', one(K, "a", case=FOLD)),
    ('k : "a*?b"', like(K, "a", RUN, ONE, "b", case=FOLD)),
    ('k : ("a", "b*", "c?", "d")', Or((one(K, "a", "d", case=FOLD), Like(K, (patterns.of("b", RUN), patterns.of("c", ONE)), FOLD)))),
    ('k : "C:\\\\Win*"', like(K, "C:\\Win", RUN, case=FOLD)),
    ('k like "a*"', like(K, "a", RUN)),
    ('k like "a"', one(K, "a")),
    ('k like~ ("a*", "a*")', like(K, "a", RUN, case=FOLD)),
    ('k : "*"', Present(K)),
    ('k : ("x", "*")', Present(K)),
    ('k == ""', one(K, "")),
    ('k : ""', one(K, "", case=FOLD)),
    ('k > "a"', Compare(K, Comparison.GT, "a")),
    ('"a" > k', Compare(K, Comparison.LT, "a")),
    ("k == 4624", one(K, "4624")),
    ("k == true", one(K, "true")),
    ('k in (1, 2.5, "x")', one(K, "1", "2.5", "x")),
    ("k <= 5", Compare(K, Comparison.LE, "5")),
    # E04: regular expressions
    ('k regex "a[b-c]+"', Matches(K, (Concat((patterns.Char("a"), Repeat(CharClass((("b", "c"),)), 1, None))),), S)),
    ('k regex~ "[b-ce]"', Matches(K, (CharClass((("E", "E"), ("b", "c"), ("e", "e"))),), FOLD)),
    ('k regex ("a", "#", "b")', Matches(K, (patterns.Char("a"), patterns.Char("b")), S)),
    ('k regex "#"', NO),
    # numbers, booleans, addresses, dates by the field's kind
    ("n == 5", Compare(N, Comparison.EQ, 5)),
    ('n == "5"', Compare(N, Comparison.EQ, 5)),
    ('n == "5.0"', Compare(N, Comparison.EQ, 5)),
    ("r >= 5.5", Compare(R, Comparison.GE, 5.5)),
    ('r < "5.5"', Compare(R, Comparison.LT, 5.5)),
    ("5 < n", Compare(N, Comparison.GT, 5)),
    ("n == -5", Compare(N, Comparison.EQ, -5)),
    ("n == 2 + 3 * 4", Compare(N, Comparison.EQ, 14)),
    ("n == 7 / 2", Compare(N, Comparison.EQ, 3)),
    ("n == -7 / 2", Compare(N, Comparison.EQ, -3)),
    ("n == -7 % 2", Compare(N, Comparison.EQ, -1)),
    ("r == 7.0 % 2", Compare(R, Comparison.EQ, 1.0)),
    ("r == 7.0 / 2", Compare(R, Comparison.EQ, 3.5)),
    ('n == number("0x32", 16)', Compare(N, Comparison.EQ, 50)),
    ('r == number("-32.5")', Compare(R, Comparison.EQ, -32.5)),
    ('n == length("abc") - 1', Compare(N, Comparison.EQ, 2)),
    ("n == subtract(5, 3)", Compare(N, Comparison.EQ, 2)),
    ('k == concat("a", 1, true)', one(K, "a1true")),
    ('k == substring("abcd", -3, -1)', one(K, "bc")),
    ('k == substring("abcd", 1, null)', one(K, "bcd")),
    ("k == string(5)", one(K, "5")),
    ("n in (1, null, 2)", Or((Compare(N, Comparison.EQ, 1), Compare(N, Comparison.EQ, 2)))),
    ("n in (null)", NO),
    ("b", Compare(B, Comparison.EQ, value=True)),
    ("b == false", Compare(B, Comparison.EQ, value=False)),
    ("b != true", Not(Compare(B, Comparison.EQ, value=True))),
    ('b == "true"', Compare(B, Comparison.EQ, value=True)),
    ('ip == "10.0.0.1"', InNetwork(IP, ("10.0.0.1/32",))),
    ('ip in ("::1", "10.0.0.0/8")', InNetwork(IP, ("::1/128", "10.0.0.0/8"))),
    ('ip : "10.0.0.1"', InNetwork(IP, ("10.0.0.1/32",))),
    ("d == 5", Compare(D, Comparison.EQ, Instant(5))),
    ('d >= "2024-01-01"', Compare(D, Comparison.GE, Instant(1_704_067_200_000))),
    ('d < "now-1d"', Compare(D, Comparison.LT, Now(-86_400_000))),
    (
        'd == "2024-01-01"',
        Between(D, End(Instant(1_704_067_200_000)), End(Instant(1_704_153_599_999))),
    ),
    # E05 to E08: negation and null
    ('k != "a"', Not(one(K, "a"))),
    ('not k : "a"', Not(one(K, "a", case=FOLD))),
    ('k not in ("a")', Not(one(K, "a"))),
    ("not (n > 5)", Not(Compare(N, Comparison.GT, 5))),
    ("not n > 5", Not(Compare(N, Comparison.GT, 5))),
    ("not (n > 5 and k == null)", Not(And((Compare(N, Comparison.GT, 5), Not(Present(K)))))),
    ("n != 5", Not(Compare(N, Comparison.EQ, 5))),
    ("k == null", Not(Present(K))),
    ("k != null", Present(K)),
    ("null == k", Not(Present(K))),
    ("not k == null", Not(Not(Present(K)))),
    ("n > null", NO),
    ("null == null", YES),
    ("null != null", NO),
    ("not null", NO),
    ("not (5 > null)", NO),
    ("null", NO),
    ("true", YES),
    ("false or b", Or((NO, Compare(B, Comparison.EQ, value=True)))),
    # functions as plain leaves: rules E10 and E11
    ('startsWith(k, "a*")', like(K, "a*", RUN)),
    ('startswith~(m, "a")', like(M, "a", RUN, case=FOLD)),
    ('endsWith(k, "a")', like(K, RUN, "a")),
    ('stringContains~(k, "a")', like(K, RUN, "a", RUN, case=FOLD)),
    ('stringContains(k, "")', NO),
    ('startsWith(k, "")', Present(K)),
    ('cidrMatch(ip, "10.0.0.0/8", "fe80::/10", "::1")', InNetwork(IP, ("10.0.0.0/8", "fe80::/10", "::1/128"))),
    ('CIDRMATCH(k, "10.1.2.3/8")', InNetwork(K, ("10.0.0.0/8",))),
    ('cidrMatch(ip, "10.0.0.0/8") == false', Not(InNetwork(IP, ("10.0.0.0/8",)))),
    ('cidrMatch(ip, "10.0.0.0/8") != false', InNetwork(IP, ("10.0.0.0/8",))),
    ('true != cidrMatch(ip, "10.0.0.0/8")', Not(InNetwork(IP, ("10.0.0.0/8",)))),
    ('(k == "a") == false', Not(one(K, "a"))),
    ('wildcard(k, "a*", "b")', Or((one(K, "b"), like(K, "a", RUN)))),
    ('wildcard~(k, "a*")', like(K, "a", RUN, case=FOLD)),
    ('startsWith(null, "a")', NO),
    ('not startsWith(null, "a")', NO),
    ("startsWith(k, null)", NO),
    # scripts: rule E10
    ("length(k) > 10", holds(F.GT, LENGTH, 10)),
    ("10 < length(k)", holds(F.GT, LENGTH, 10)),
    ("length(k) != 10", holds(F.NE, LENGTH, 10)),
    ("not length(k) == 10", Not(holds(F.EQ, LENGTH, 10))),
    ("length(k) == null", holds(F.IS_NULL, LENGTH)),
    ("length(k) != null", Not(holds(F.IS_NULL, LENGTH))),
    ("length(k) > null", NO),
    ('substring(k, -4) == ".exe"', holds(F.EQ, call(F.SUBSTRING, K, -4), ".exe")),
    ('substring(k, 0, null) : "x"', holds(F.EQ, call(F.SUBSTRING, K, 0), "x", case=FOLD)),
    ('substring(k, 0, 3) : "x*"', holds(F.LIKE, call(F.SUBSTRING, K, 0, 3), patterns.of("x", RUN), case=FOLD)),
    ('substring(k, 5) like ("a*", "b")', Or((holds(F.LIKE, call(F.SUBSTRING, K, 5), patterns.of("a", RUN)), holds(F.EQ, call(F.SUBSTRING, K, 5), "b")))),
    ('substring(k, 5) not in ("a*", "b")', Not(Or((holds(F.EQ, call(F.SUBSTRING, K, 5), "a*"), holds(F.EQ, call(F.SUBSTRING, K, 5), "b"))))),
    ("length(k) in (null)", holds(F.EQ, LENGTH, None)),
    ("stringContains~(k, m)", holds(F.STRING_CONTAINS, K, M, case=FOLD)),
    ('endsWith("abc", k)', holds(F.ENDS_WITH, "abc", K)),
    ("n + 1 == 5", holds(F.EQ, call(F.ADD, N, 1), 5)),
    ("5 == n * 2", holds(F.EQ, call(F.MULTIPLY, N, 2), 5)),
    ("-n < 5", holds(F.LT, call(F.SUBTRACT, 0, N), 5)),
    ("modulo(n, 2) >= 1", holds(F.GE, call(F.MODULO, N, 2), 1)),
    ("n / 2 <= 1", holds(F.LE, call(F.DIVIDE, N, 2), 1)),
    ('concat(k, ":", n) == "a:1"', holds(F.EQ, call(F.CONCAT, K, ":", N), "a:1")),
    ('string(cidrMatch(ip, "10.0.0.0/8")) : "true"', holds(F.EQ, call(F.STRING, call(F.CIDR_MATCH, IP, "10.0.0.0/8")), "true", case=FOLD)),
    ('cidrMatch(string(ip), "10.0.0.0/8")', holds(F.CIDR_MATCH, call(F.STRING, IP), "10.0.0.0/8")),
    ("endsWith(string(ip), string(m))", holds(F.ENDS_WITH, call(F.STRING, IP), call(F.STRING, M))),
    ('between~(k, "a", "b", true) == "x"', holds(F.EQ, call(F.BETWEEN, K, "a", "b", _TRUE, case=FOLD), "x")),
    ('indexOf(k, "a", 2) > 0', holds(F.GT, call(F.INDEX_OF, K, "a", 2), 0)),
    ("number(k, null) == 1", holds(F.EQ, call(F.NUMBER, K), 1)),
    (
        'string(k == "a" and not n > 5 or m in ("x") or b == null) == "true"',
        holds(
            F.EQ,
            call(
                F.STRING,
                call(
                    F.OR,
                    call(F.AND, call(F.EQ, K, "a"), call(F.NOT, call(F.GT, N, 5))),
                    call(F.EQ, M, "x"),
                    call(F.IS_NULL, B),
                ),
            ),
            "true",
        ),
    ),
    (
        'string(k != null or k not in ("a", "b") or wildcard(k, "c*")) == "true"',
        holds(
            F.EQ,
            call(
                F.STRING,
                call(
                    F.OR,
                    call(F.NOT, call(F.IS_NULL, K)),
                    call(F.NOT, call(F.OR, call(F.EQ, K, "a"), call(F.EQ, K, "b"))),
                    call(F.LIKE, K, patterns.of("c", RUN)),
                ),
            ),
            "true",
        ),
    ),
    ("k == -null", Not(Present(K))),
    ("k == 1 + null", Not(Present(K))),
    ("k == add(null, 1)", Not(Present(K))),
    ("k == length(null)", Not(Present(K))),
    ('r == number("1e3")', Compare(R, Comparison.EQ, 1000.0)),
    ("not not null", NO),
    # without a field
    ("1 < 2", YES),
    ("2 <= 1", NO),
    ('"a" >= "b"', NO),
    ('"b" > "a"', YES),
    ("1 == 1.0", YES),
    ("1 == true", NO),
    ('"a" != "b"', YES),
    ('"a" in ("b", null, "a")', YES),
    ('"A" in ("a")', NO),
    ('"A" in~ ("a")', YES),
    ("5 not in (1, 2)", Not(NO)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meaning"), MEANINGS, ids=[m[0] for m in MEANINGS])
def test_condition_means(text: str, meaning: Predicate) -> None:
    assert where(text) == meaning


def test_order_of_addresses_is_a_set_of_networks() -> None:
    assert where('ip >= "255.255.255.254" and ip <= "255.255.255.255"') != YES
    found = where('ip > "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd"')
    assert found == InNetwork(IP, ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",))


def test_field_indexed_in_lower_case_ignores_case() -> None:
    schema = ecs_schema()
    for text, expected in (('== "a"', OneOf), ('like "a*"', Like), ('regex "a"', Matches)):
        detection = lower(parse(f"any where process.name.caseless {text}"), schema).detection
        assert isinstance(detection, Match)
        assert isinstance(detection.where, expected)
        assert detection.where.case is FOLD
        assert detection.where.field.path == "process.name"


# ---- fields that nothing declares ----


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('x == "a"', Kind.KEYWORD),
        ("x == 1", Kind.LONG),
        ("x in (1, 2)", Kind.LONG),
        ("x == 1.5", Kind.DOUBLE),
        ("x == 1 and x == 1.5", Kind.DOUBLE),
        ("x <= 1", Kind.DOUBLE),
        ("1 >= x", Kind.DOUBLE),
        ("x", Kind.BOOLEAN),
        ("not x", Kind.BOOLEAN),
        ("x == false", Kind.BOOLEAN),
        ("x != null", Kind.KEYWORD),
        ("x + 1 == 2", Kind.LONG),
        ("-x == 2", Kind.LONG),
        ("add(x, 1) == 2", Kind.LONG),
        ("length(x) == 2", Kind.KEYWORD),
        ("length(string(x + 1)) == 2", Kind.LONG),
        ("(x + 1) in (2)", Kind.LONG),
        ("-(x + 1) == 2", Kind.LONG),
    ],
)
def test_undeclared_field_has_the_kind_of_what_it_is_compared_with(text: str, kind: Kind) -> None:
    found = lowered(f"any where {text} or x == null")
    assert isinstance(found.detection, Match)
    assert isinstance(found.detection.where, Or)
    last = found.detection.where.terms[-1]
    assert isinstance(last, Not)
    assert last.term == Present(Field("x", kind, many=True))
    assert [d.code for d in found.diagnostics] == ["E041"]


def test_notes_name_unknown_fields_once() -> None:
    found = lowered('any where ?x == "a" and y == "a" and ?x : "b" and ?z != null and k == "c"')
    notes = {str(d.code): d.message for d in found.diagnostics}
    assert all(d.severity is Severity.NOTE for d in found.diagnostics)
    assert len(found.diagnostics) == 2
    assert notes["E040"].startswith("x, z are optional")
    assert notes["E041"].startswith("y is not among")


def test_optional_field_that_is_declared_is_mapped() -> None:
    found = lowered('any where ?k != "a"')
    assert found == LoweredDetection(Match(Not(one(K, "a"))))


# ---- events, sequences, samples ----

CATEGORY = Field("event.category", Kind.KEYWORD, many=True)


def test_category_is_compared_with_case() -> None:
    assert lowered("Process where true").detection == Match(one(CATEGORY, "Process"))
    assert lowered("process where b").detection == Match(
        And((one(CATEGORY, "process"), Compare(B, Comparison.EQ, value=True)))
    )
    assert lowered('process where k == "a" and b').detection == Match(
        And((one(CATEGORY, "process"), one(K, "a"), Compare(B, Comparison.EQ, value=True)))
    )
    assert lowered("any where true").detection == Match(YES)


def test_category_field_can_be_another() -> None:
    assert lower(parse("a where true"), SCHEMA, "k").detection == Match(one(K, "a"))


def test_sequence_puts_the_keys_of_all_first() -> None:
    found = lowered(
        "sequence by k, ?m with maxspan=1m [any where b] by n ![any where true] by ?r [any where true] by n with runs=2 "
        "until [any where false] by n"
    )
    both = (Key(K), Key(M, optional=True))
    assert found.detection == Sequence(
        (
            Step(Compare(B, Comparison.EQ, value=True), (*both, Key(N))),
            Step(YES, (*both, Key(R, optional=True)), missing=True),
            Step(YES, (*both, Key(N)), runs=2),
        ),
        60_000,
        Step(NO, (*both, Key(N))),
    )
    assert isinstance(found.detection, rule.Sequence)
    assert all(s.span is not None for s in found.detection.steps)


def test_sequence_without_maxspan_or_keys() -> None:
    assert lowered("sequence [any where true] [any where b]").detection == Sequence(
        (Step(YES), Step(Compare(B, Comparison.EQ, value=True)))
    )


def test_sample_joins_by_keys() -> None:
    assert lowered("sample by k [any where true] by n [any where b] by r").detection == Sample(
        (Step(YES, (Key(K), Key(N))), Step(Compare(B, Comparison.EQ, value=True), (Key(K), Key(R))))
    )


def test_spans_of_leaves_and_fields_point_into_the_query() -> None:
    text = 'any where k != "a"'
    found = where('k != "a"')
    assert isinstance(found, Not)
    assert isinstance(found.term, OneOf)
    assert found.term.span is not None
    assert found.term.field.span is not None
    assert text[found.term.span.start : found.term.span.end] == 'k != "a"'
    assert text[found.term.field.span.start : found.term.field.span.end] == "k"


# ---- the corpus ----


@needs_shared
def test_every_rule_of_the_corpus_has_a_meaning() -> None:
    """Without a pipe, which a rule over a stream of events cannot have: one deprecated rule ends in `| tail 1`."""
    count, refused = 0, []
    for path in corpus_rules():
        read = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", {})
        if read.get("language") != "eql":
            continue
        count += 1
        found = lower(parse(read["query"]), ecs_schema(), read.get("event_category_override", "event.category"))
        refused += [(path.name, d.code) for d in found.diagnostics if d.severity is not Severity.NOTE]
    assert count >= 679
    assert refused == [("credential_access_potential_successful_linux_rdp_bruteforce.toml", "E020")]
