"""What breaks a declared fact, and which events an artifact that rests on facts is not judged by."""

from __future__ import annotations

import pytest

from converter.forms.choose import Assumption
from converter.model import pattern
from converter.model.fact import Fact
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Repeat, Wild
from converter.model.predicate import And, Holds, Like, Matches, Not, OneOf
from converter.model.value import Call, Field, Function, Literal
from converter.proof.assumption import contradicted, respelled, spellings, violates

KEEPS = [
    (Fact.ASCII_CASE, "Cmd.EXE é", ()),
    (Fact.ASCII_CASE, "É", ("É",)),
    (Fact.LOWER_CASE, "cmd.exe É", ()),
    (Fact.DRIVE_PATH, r"C:\Windows\a:b", ()),
    (Fact.DRIVE_PATH, "c:\\", ()),
    (Fact.POSIX_PATH, "/", ()),
    (Fact.ONE_LINE, "a\tb", ()),
    (Fact.NEVER_EMPTY, " ", ()),
    (Fact.ONE_SPELLING, "CMD.exe", ("CMD", "other")),
    (Fact.ADDRESS, "::1", ()),
    (Fact.ADDRESS, "10.1.2.3", ()),
    (Fact.WRITTEN_COMPACT, '{"a":[1,"x y"]}', ()),
    (Fact.WRITTEN_COMPACT, "<a><b>x y</b></a>", ()),
    (Fact.WRITTEN_COMPACT, "plain text", ()),
    (Fact.IDENTIFIER, "S-1-5-21-1", ()),
    (Fact.IDENTIFIER, "{0F5B3A4E-0000-0000-0000-000000000000}", ()),
    (Fact.ALWAYS, "", ()),
    (Fact.PLAIN_NUMBER, "-12", ()),
    (Fact.PLAIN_TEXT, "a\n\tb", ()),
    (Fact.NEVER_EMPTY, None, ()),
    (Fact.DRIVE_PATH, None, ()),
]
BREAKS = [
    (Fact.ASCII_CASE, "\u212aernel", ()),
    (Fact.ASCII_CASE, "É", ("é",)),
    (Fact.LOWER_CASE, "cmd.EXE", ()),
    (Fact.DRIVE_PATH, r"\\server\share", ()),
    (Fact.DRIVE_PATH, r"C:\a\D:\b", ()),
    (Fact.DRIVE_PATH, "C:/x", ()),
    (Fact.DRIVE_PATH, "", ()),
    (Fact.POSIX_PATH, "usr/bin", ()),
    (Fact.ONE_LINE, "a\nb", ()),
    (Fact.ONE_LINE, "a\r", ()),
    (Fact.NEVER_EMPTY, "", ()),
    (Fact.ONE_SPELLING, "cmd.exe", ("CMD",)),
    (Fact.ADDRESS, "10.1.2.3:80", ()),
    (Fact.ADDRESS, 5, ()),
    (Fact.WRITTEN_COMPACT, '{"a": 1}', ()),
    (Fact.WRITTEN_COMPACT, r'{"a":"c:\\x"}', ()),
    (Fact.WRITTEN_COMPACT, "{a}", ()),
    (Fact.WRITTEN_COMPACT, "<a>\n <b/></a>", ()),
    (Fact.IDENTIFIER, "two words", ()),
    (Fact.IDENTIFIER, "é", ()),
    (Fact.ALWAYS, None, ()),
    (Fact.PLAIN_NUMBER, "1e5", ()),
    (Fact.PLAIN_TEXT, "a\x1fb", ()),
]


@pytest.mark.parametrize(("fact", "value", "spelled"), KEEPS)
def test_value_keeps_to_fact(fact: Fact, value: object, spelled: tuple[str, ...]) -> None:
    assert not violates(fact, value, spelled)


@pytest.mark.parametrize(("fact", "value", "spelled"), BREAKS)
def test_value_breaks_fact(fact: Fact, value: object, spelled: tuple[str, ...]) -> None:
    assert violates(fact, value, spelled)


def test_every_fact_can_be_kept_and_broken() -> None:
    assert {fact for fact, _, _ in KEEPS} == set(Fact)
    assert {fact for fact, _, _ in BREAKS} == set(Fact)


PATH, NAME = Field("process.executable"), Field("process.name")
COLUMNS = {"Image": (PATH,), "Name": (NAME,)}


def test_event_is_judged_by_the_columns_that_are_assumed() -> None:
    assumed = (Assumption(Fact.DRIVE_PATH, "Image"),)
    event = {"process": {"executable": r"C:\x", "name": "not a path"}}
    assert contradicted(assumed, event, COLUMNS, {}) is None
    assert contradicted(assumed, {"process.executable": ["C:\\x", "y"]}, COLUMNS, {}) == assumed[0]
    assert contradicted((), {"process.executable": "y"}, COLUMNS, {}) is None


def test_assumption_of_the_platform_is_one_of_every_field() -> None:
    assumed = (Assumption(Fact.ASCII_CASE),)
    assert contradicted(assumed, {"process.name": "\u017f"}, COLUMNS, {}) == assumed[0]
    assert contradicted(assumed, {"message": "\u017f"}, COLUMNS, {}) is None


def test_assumption_that_every_event_has_a_value() -> None:
    assumed = (Assumption(Fact.ALWAYS, "Name"),)
    assert contradicted(assumed, {"process.name": None}, COLUMNS, {}) == assumed[0]
    assert contradicted(assumed, {"process.name": ""}, COLUMNS, {}) is None


def test_spellings_of_a_predicate() -> None:
    like = Like(NAME, (pattern.of("Ab", Wild.ANY_RUN, "c"),), Case.SENSITIVE)
    script = Holds(Call(Function.STARTS_WITH, (PATH, Literal("S")), Case.SENSITIVE))
    found = spellings([And((OneOf(NAME, ("X", ""), Case.SENSITIVE), Not(like), script))])
    assert found == {"process.name": {"X", "Ab", "c"}, "process.executable": {"S"}}


def test_respelled_is_a_value_whose_verdict_turns_on_case() -> None:
    exact = Matches(NAME, (Concat((Char("a"), Char("b"))),), Case.SENSITIVE)
    assert respelled(exact, {"process.name": "AB"})
    assert not respelled(exact, {"process.name": "ab"})
    assert not respelled(exact, {"process.name": "xy"})


@pytest.mark.parametrize(
    ("ranges", "negated", "value", "is_respelled"),
    [
        ((("a", "b"),), False, "B", True),
        ((("a", "b"),), False, "b", False),
        ((("a", "b"),), False, "C", False),
        ((("0", "c"),), False, "B", False),
        ((("0", "B"),), False, "a", True),
        ((("a", "b"),), True, "B", True),
        ((("a", "b"),), True, "c", False),
        ((("0", "9"),), False, "x", False),
    ],
)
def test_classes_of_an_expression_have_letters_of_both_cases_too(
    ranges: tuple[tuple[str, str], ...], negated: bool, value: str, is_respelled: bool
) -> None:
    """Lucene compares a class as it is written, whatever the case of the rest; a platform does not."""
    regex = Concat((Alternate((Char("x"), CharClass(ranges, negated))), Repeat(AnyChar(), 0, None)))
    for case in Case:
        assert respelled(Matches(NAME, (regex,), case), {"process.name": value}) is is_respelled
