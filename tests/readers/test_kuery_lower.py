"""What a kuery means: rules K01 to K21, one by one."""

from __future__ import annotations

import pytest

from converter.diagnostics import Severity, Span
from converter.fields.schema import FieldInfo, Schema
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    InNetwork,
    Like,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind, Now
from converter.model.walk import walk
from converter.readers import kuery
from converter.readers.lowered import Lowered, refused

SCHEMA = Schema(
    [
        FieldInfo("k", Kind.KEYWORD, many=False),
        FieldInfo("t", Kind.TEXT, many=False),
        FieldInfo("ps", Kind.TEXT, many=False, analyzer=Analyzer.POWERSHELL),
        FieldInfo("n", Kind.LONG, many=False),
        FieldInfo("d", Kind.DOUBLE, many=False),
        FieldInfo("b", Kind.BOOLEAN, many=False),
        FieldInfo("ip", Kind.IP, many=False),
        FieldInfo("at", Kind.DATE, many=False),
        FieldInfo("dates", Kind.DATE, many=True),
        FieldInfo("array", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("array.x", Kind.KEYWORD, many=False),
        FieldInfo("array.y", Kind.LONG, many=False),
        FieldInfo("array.deep", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("array.deep.z", Kind.KEYWORD, many=False),
        FieldInfo("hash.md5", Kind.KEYWORD, many=False),
        FieldInfo("hash.sha1", Kind.KEYWORD, many=False),
    ]
)
STAR = Wild.ANY_RUN
NEVER = Constant(value=False)


def field(path: str) -> Field:
    return SCHEMA.info(path).field()


def lowered(query: str) -> Lowered:
    return kuery.lower(kuery.parse(query), SCHEMA)


def meaning(query: str) -> Predicate:
    found = lowered(query)
    assert not refused(found.diagnostics), found.diagnostics
    return found.predicate


def one(path: str, *values: str) -> OneOf:
    return OneOf(field(path), values, Case.SENSITIVE)


def like(path: str, *parts: str | Wild) -> Like:
    return Like(field(path), (patterns.of(*parts),), Case.SENSITIVE)


def phrase(path: str, *words: str, analyzer: Analyzer = Analyzer.STANDARD) -> Phrase:
    return Phrase(field(path), tuple(map(patterns.of, words)), analyzer)


def compare(path: str, comparison: Comparison, value: float | bool | str | Instant | Now) -> Compare:
    return Compare(field(path), comparison, value)


LT, LE, GT, GE, EQ = Comparison.LT, Comparison.LE, Comparison.GT, Comparison.GE, Comparison.EQ


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Constant(value=True)),
        ("*:*", Constant(value=True)),
        ("k:Abc", one("k", "Abc")),
        ("k:a b", one("k", "a b")),
        ('k:"a*?"', one("k", "a*?")),
        ("k:a?", one("k", "a?")),
        ("k:true", one("k", "true")),
        ("k:True", one("k", "True")),
        ("k:*", Present(field("k"))),
        ("k:**", Present(field("k"))),
        ('k:"*"', one("k", "*")),
        ("k:a*b", like("k", "a", STAR, "b")),
        ("k:a\\**", like("k", "a*", STAR)),
        ("k:(a or b or c*)", Or((one("k", "a", "b"), like("k", "c", STAR)))),
        ("k:(a and not (b or c))", And((one("k", "a"), Not(one("k", "b", "c"))))),
        ("k:(a and b)", And((one("k", "a"), one("k", "b")))),
        ("not k:a", Not(one("k", "a"))),
        ("k > 9", compare("k", GT, "9")),
        ("k <= a*", compare("k", LE, "a*")),
        ("k >= true", compare("k", GE, "true")),
        ("t:Foo", phrase("t", "foo")),
        ("t:Foo-Bar", Or((phrase("t", "foo"), phrase("t", "bar")))),
        ('t:"Foo-Bar baz"', phrase("t", "foo", "bar", "baz")),
        ("t:*", Present(field("t"))),
        ("t:Fo*", Phrase(field("t"), (patterns.of("fo", STAR),), Analyzer.STANDARD)),
        (
            "t:Fo* Ba-r",
            Or(
                (Phrase(field("t"), (patterns.of("fo", STAR),), Analyzer.STANDARD), phrase("t", "ba"), phrase("t", "r"))
            ),
        ),
        ('t:"..."', NEVER),
        ("t:...", NEVER),
        ("ps:Get-Item", phrase("ps", "get-item", analyzer=Analyzer.POWERSHELL)),
        ('ps:"[A.B]::C"', phrase("ps", "a", "b", "c", analyzer=Analyzer.POWERSHELL)),
        ("n:5", compare("n", EQ, 5)),
        ('n:"5"', compare("n", EQ, 5)),
        ("n:5.0", compare("n", EQ, 5)),
        ("n:5.5", compare("n", EQ, 5.5)),
        ("n:-1e2", compare("n", EQ, -100)),
        ("n > 5", compare("n", GT, 5)),
        ("n < 5.5", compare("n", LT, 5.5)),
        ("d:1.5", compare("d", EQ, 1.5)),
        ("d >= 1e300", compare("d", GE, 1e300)),
        ("b:true", compare("b", EQ, value=True)),
        ('b:"false"', compare("b", EQ, value=False)),
        ("ip:10.0.0.1", InNetwork(field("ip"), ("10.0.0.1/32",))),
        ("ip:10.1.2.3/8", InNetwork(field("ip"), ("10.0.0.0/8",))),
        ('ip:"2001:DB8::/32"', InNetwork(field("ip"), ("2001:db8::/32",))),
        ('ip:(10.0.0.0/8 or "::1")', InNetwork(field("ip"), ("10.0.0.0/8", "::1/128"))),
        ('ip:"::ffff:10.0.0.1"', InNetwork(field("ip"), ("10.0.0.1/32",))),
        ('ip:"::/0"', InNetwork(field("ip"), ("::/0", "0.0.0.0/0"))),
        ("ip:*", Present(field("ip"))),
        ('at:"2024-05-31T10:00:00.500Z"', compare("at", EQ, Instant(1717149600500))),
        ("dates:1717149600500", compare("dates", EQ, Instant(1717149600500))),
        (
            'at:"2024-05-31"',
            Between(field("at"), End(Instant(1717113600000)), End(Instant(1717199999999))),
        ),
        ("at < 2024", compare("at", LT, Instant(1704067200000))),
        ("at > 2024-02", compare("at", GT, Instant(1706831999999))),
        ("at >= now-30d/d", compare("at", GE, Now(-2592000000, "d"))),
        ("at > now-30d/d", compare("at", GE, Now(-2505600000, "d"))),
        ("at <= now/h", compare("at", LT, Now(3600000, "h"))),
        ("at < now+2w", compare("at", LT, Now(1209600000))),
        ("array:{ x:a and y > 1 }", Element("array", And((one("array.x", "a"), compare("array.y", GT, 1))))),
        ("not array:{ x:a }", Not(Element("array", one("array.x", "a")))),
        ("array:{ not x:* }", Element("array", Not(Present(field("array.x"))))),
        ("array:{ deep:{ z:a } }", Element("array", Element("array.deep", one("array.deep.z", "a")))),
        ("array.x*:a", Element("array", one("array.x", "a"))),
        ("array.y* > 1", Element("array", compare("array.y", GT, 1))),
        ("hash.*:a", Or((one("hash.md5", "a"), one("hash.sha1", "a")))),
        ("hash.*:*", Or((Present(field("hash.md5")), Present(field("hash.sha1"))))),
        ("hash.m* > a", compare("hash.md5", GT, "a")),
        ("nothing*:a", NEVER),
        ("not nothing*:a", Constant(value=True)),
    ],
)
def test_meaning(query: str, expected: Predicate) -> None:
    assert meaning(query) == expected


def test_folded_sub_field_is_insensitive() -> None:
    found = kuery.lower(kuery.parse("process.name.caseless:(Cmd.exe or p*)"), Schema()).predicate
    assert isinstance(found, Or)
    assert [(t.field.path, t.case) for t in found.terms if isinstance(t, OneOf | Like)] == [
        ("process.name", Case.INSENSITIVE)
    ] * 2


def test_text_sub_field_is_analysed() -> None:
    found = kuery.lower(kuery.parse("process.name.text:Cmd"), Schema()).predicate
    assert isinstance(found, Phrase)
    assert (found.field.path, found.field.kind) == ("process.name", Kind.TEXT)


def test_spans_count_in_the_query() -> None:
    query = "k:(a or b) and  n > 5"
    spans = [getattr(node, "span", None) for node in walk(meaning(query))]
    assert [query[s.start : s.end] for s in spans if s is not None] == ["a", "n > 5"]
    (first, *_) = (node for node in walk(meaning(query)) if isinstance(node, OneOf))
    assert first.field.span == Span(0, 1)


@pytest.mark.parametrize(
    ("query", "code", "marked"),
    [
        ("powershell", "K013", "powershell"),
        ("k:a or b*", "K013", "b*"),
        ("k != a", "K013", "k != a"),
        ("*:a", "K013", "*:a"),
        ("array:{ a }", "K013", "a"),
        ("ar*:{ x:a }", "K013", "ar*"),
        ("array:{ not nothing*:a }", "K013", "array:{ not nothing*:a }"),
        ("array.x:a", "K014", "array.x"),
        ("array:{ deep.z:a }", "K014", "deep.z"),
        ("k:null", "K015", "null"),
        ("k > null", "K015", "null"),
        ("n:five", "K016", "n:five"),
        ("n:true", "K016", "n:true"),
        ("n:1e999", "K016", "n:1e999"),
        ("n > 99999999999999999999", "K016", "n > 99999999999999999999"),
        ("ip:10.0.0", "K017", "ip:10.0.0"),
        ("ip > 10.0.0.0/8", "K017", "ip > 10.0.0.0/8"),
        ('ip:"fe80::1%eth0"', "K017", 'ip:"fe80::1%eth0"'),
        ('ip > "fe80::1%eth0"', "K017", 'ip > "fe80::1%eth0"'),
        ("at:yesterday", "K018", "at:yesterday"),
        ("at > 2024-13-01", "K018", "at > 2024-13-01"),
        ("at > now-1M", "K018", "at > now-1M"),
        ("b:yes", "K019", "b:yes"),
        ("n:5*", "K020", "n:5*"),
        ("ip:10.*", "K020", "ip:10.*"),
        ("at:2024*", "K020", "at:2024*"),
        ("b:t*", "K020", "b:t*"),
        ("t > a", "K021", "t > a"),
        ("b > true", "K021", "b > true"),
        ("t:a* OR* AND", "K013", "t:a* OR* AND"),
    ],
)
def test_error_lowering(query: str, code: str, marked: str) -> None:
    errors = [d for d in lowered(query).diagnostics if d.severity is Severity.ERROR]
    assert {d.code for d in errors} == {code}
    span = errors[0].span
    assert span is not None
    assert query[span.start : span.end] == marked


def test_error_all_are_collected() -> None:
    found = lowered("n:a or ip:b and not free or k:null").diagnostics
    assert [d.code for d in found if d.severity is Severity.ERROR] == ["K016", "K017", "K013", "K015"]


def test_error_free_text_hints_at_the_operator() -> None:
    assert "it has no = or !=" in lowered("k != a").diagnostics[0].hint
    assert "several values of one field" in lowered("k:a or b").diagnostics[0].hint


def test_notes_are_said_once() -> None:
    found = lowered("my.own:a or my.own:b or other:c or hash.*:a or hash.*:b or no*:a or no*:b").diagnostics
    assert [(d.code, d.severity) for d in found] == [
        ("K010", Severity.NOTE),
        ("K010", Severity.NOTE),
        ("K012", Severity.NOTE),
        ("K011", Severity.WARNING),
    ]


def test_note_no_word() -> None:
    assert [d.code for d in lowered('t:"..."').diagnostics] == ["K023"]


def test_day_on_field_with_many_dates_is_one_of_them() -> None:
    first, last = Instant(1717113600000), Instant(1717199999999)
    assert meaning("dates:2024-05-31") == Between(SCHEMA.info("dates").field(), End(first), End(last))
    assert not lowered("dates:2024-05-31").diagnostics


def test_unknown_field_is_many_valued_keyword() -> None:
    found = meaning("my.own:5")
    assert found == OneOf(Field("my.own", Kind.KEYWORD, many=True), ("5",), Case.SENSITIVE)


def test_pattern_keeps_escaped_star() -> None:
    found = meaning("k:*\\**")
    assert isinstance(found, Like)
    assert found.patterns == (Pattern((STAR, "*", STAR)),)
