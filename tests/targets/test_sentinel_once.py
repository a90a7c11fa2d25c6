"""What several parts of a query have in common is said once: arms of one table, look-ups, values of other tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from targets.sentinel_cases import rule

from backends.sentinel import TARGET
from backends.sentinel.condition import tree
from converter.languages.kusto import parse
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import And, Compare, Comparison, Constant, Like, Not, OneOf, Predicate, Present
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Pair
from converter.model.value import Column, Computed, Field, Kind
from converter.target import Binding, Bound, Options
from converter.target.lookup import Lookup

S = Case.SENSITIVE
NAME = Field("file.name", Kind.KEYWORD, way=Column("FileName", "string"))


def _looked_up(*names: str) -> tuple[Binding, ...]:
    query = "DeviceInfo | where isnotempty(OSPlatform) | summarize arg_max(TimeGenerated, *) by DeviceId | where OSPlatform == "
    header, columns = {"table": "DeviceEvents"}, {"FileName": "string", "DeviceId": "string"}
    return tuple(
        Binding("native", "d", "", header, columns, (), (Lookup(n, "DeviceId", "DeviceId", f'{query}"{n}"', 7),))
        for n in names
    )


def _several(bindings: tuple[Binding, ...], *wheres: Predicate) -> str:
    found = rule(AnyOf(tuple(Match(w) for w in wheres)))
    return TARGET.emit(Bound(found, bindings), Options("query")).text


def test_arms_that_differ_in_look_ups_only_are_one() -> None:
    where = OneOf(NAME, ("a",), S)
    text = _several(_looked_up("Linux", "Mac"), where, where)
    assert text.count('FileName == "a"') == 1
    assert "| where DeviceId in (LinuxOrMac)\n" in text
    assert 'OSPlatform in ("Linux", "Mac")' in text
    assert "union" not in text


def test_arms_that_ask_for_other_values_stay_apart() -> None:
    text = _several(_looked_up("Linux", "Mac"), OneOf(NAME, ("a",), S), OneOf(NAME, ("b",), S))
    assert "union" in text
    assert text.count("DeviceId in (Linux)") == text.count("DeviceId in (Mac)") == 1


def test_an_arm_without_look_ups_takes_the_others_in() -> None:
    linux, plain = _looked_up("Linux")[0], replace(_looked_up("Linux")[0], lookups=())
    where = OneOf(NAME, ("a",), S)
    assert "DeviceId in" not in _several((linux, plain), where, where)


def test_look_ups_that_begin_alike_begin_once() -> None:
    text = _several(_looked_up("Linux", "Mac"), OneOf(NAME, ("a",), S), OneOf(NAME, ("b",), S))
    assert text.count("isnotempty(OSPlatform)") == 1
    assert 'let Linux = DeviceInfoRows | where OSPlatform == "Linux";' in text


def test_a_value_of_another_table_is_looked_up_once() -> None:
    text = "tostring(toscalar(Apps | summarize make_bag(bag_pack(IP, ISP)))[Address])"
    value = Field("some.field", Kind.KEYWORD, way=Computed(text, "string"))
    detection = NewTerms(Not(Like(value, (patterns.of("A", Wild.ANY_RUN),), S)), (value,), 86_400_000)
    binding = Binding("native", "d", "", {"table": "T"}, {"Address": "string"})
    text = TARGET.emit(Bound.everywhere(rule(detection), binding), Options("query")).text
    assert text.count("toscalar(") == 1
    assert "| extend SomeField = tostring(AppsValue[Address])\n" in text
    assert "by SomeField\n" in text


@pytest.mark.parametrize(
    ("test", "implies"),
    [
        ('f in ("a", "b")', True),
        ('f in~ ("a", "b")', True),
        ('f =~ "a"', True),
        ('f has "a"', True),
        ('f endswith_cs "a"', True),
        ('f in ("a", "")', False),
        ('f == ""', False),
        ('f contains ""', False),
        ('f !in ("a", "b")', False),
        ('f != "a"', False),
        ('g == "a"', False),
    ],
)
def test_a_column_with_a_text_is_not_asked_whether_it_has_one(test: str, implies: bool) -> None:
    some, told = parse.expression("isnotempty(f)"), parse.expression(test)
    assert tree.unasked([told, some], [told, some]) == ((told,) if implies else (told, some))


def test_lists_of_one_table_read_what_is_picked_once() -> None:
    listed = "(SHA1 in ((Certificates | where TimeGenerated > ago(14d) and {} == true | distinct SHA1)))"
    names = ("IsTrusted", "IsSigned")
    fields = [Field(n, Kind.BOOLEAN, way=Computed(listed.format(n), "bool")) for n in names]
    where = And(tuple(Compare(f, Comparison.EQ, value=True) for f in fields))
    binding = Binding("native", "d", "", {"table": "T"}, {"SHA1": "string"})
    text = TARGET.emit(Bound.everywhere(rule(Match(where)), binding), Options("query")).text
    assert text.count("ago(14d)") == 1
    assert "let CertificatesRows = Certificates | where TimeGenerated > ago(14d);\n" in text
    assert "= CertificatesRows | where IsTrusted == true | distinct SHA1;\n" in text
    alone = TARGET.emit(
        Bound.everywhere(rule(Match(Compare(fields[0], Comparison.EQ, value=True))), binding), Options("query")
    )
    assert "Rows" not in alone.text


def test_indicators_that_are_valid_are_told_once() -> None:
    pairs = (("file.hash.md5", "md5"), ("file.hash.sha256", "sha256"))
    fields = [Field(path, Kind.KEYWORD, way=Column(name.upper(), "string")) for path, name in pairs]
    kinds = [Field(f"threat.indicator.file.hash.{name}") for _, name in pairs]
    binding = Binding("native", "d", "", {"table": "T"}, {"MD5": "string", "SHA256": "string"})

    def text(count: int) -> str:
        any_of = tuple((Pair(f, k),) for f, k in zip(fields[:count], kinds, strict=False))
        detection = IndicatorMatch(Present(fields[0]), Constant(value=True), ("logs-ti_*",), any_of)
        return TARGET.emit(Bound.everywhere(rule(detection), binding), Options("query")).text

    both = text(2)
    assert both.count("arg_max(TimeGenerated, *) by Id, ObservableKey, ObservableValue") == 1
    assert both.count("= ValidIndicators\n") + both.count("= ValidIndicators |") == 2
    assert "ValidIndicators" not in text(1)
