"""A leaf in plain words, as people read it in a report."""

from __future__ import annotations

import pytest

from converter.model.pattern import Case, Char, Wild, of
from converter.model.predicate import (
    Analyzer,
    Between,
    Compare,
    Comparison,
    End,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    OneOf,
    Phrase,
    Present,
)
from converter.model.value import Call, Field, Function, Instant, Literal, Now, Value
from converter.model.words import words

F = Field("process.name")
N = Field("process.pid")
T = Field("@timestamp")
FOLD, EXACT = Case.INSENSITIVE, Case.SENSITIVE
RUN = of("cmd", Wild.ANY_RUN, Wild.ANY_ONE)


def script(*arguments: Value) -> Call:
    return Call(Function.LENGTH, arguments)


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (Present(F), "process.name exists"),
        (Compare(N, Comparison.GE, 5), "process.pid >= 5"),
        (Compare(N, Comparison.EQ, value=True), "process.pid == true"),
        (Compare(T, Comparison.LT, Instant(1000)), "@timestamp < 1000 ms since 1970"),
        (Compare(T, Comparison.LT, Now(0)), "@timestamp < now"),
        (Compare(T, Comparison.GT, Now(-60_000)), "@timestamp > now -60000 ms"),
        (Between(N, End(1), End(5)), "process.pid from 1 to 5"),
        (Between(N, End(1, included=False), End(5, included=False)), "process.pid from (1) to (5)"),
        (OneOf(F, ("cmd.exe",), EXACT), "process.name is cmd.exe"),
        (OneOf(F, ("cmd.exe", ""), FOLD), 'process.name is cmd.exe or "" (case ignored)'),
        (OneOf(F, ("1", "2"), FOLD), "process.name is 1 or 2"),  # no letter whose case could be ignored
        (OneOf(F, tuple("abcdef"), EXACT), "process.name is a or b or c or d or 2 more"),
        (Like(F, (RUN,), FOLD), "process.name is like cmd?* (case ignored)"),
        (Matches(F, (Char("a"),), EXACT), "process.name matches a regular expression"),
        (Matches(F, (Char("a"), Char("b")), EXACT), "process.name matches a regular expression (one of 2)"),
        (InNetwork(F, ("10.0.0.0/8", "::1/128")), "process.name is in 10.0.0.0/8 or ::1/128"),
        (Phrase(F, (of("net"), of("user", Wild.ANY_RUN)), Analyzer.STANDARD), "process.name has the words net user*"),
        (Holds(script(F, Literal(5))), "length(process.name, 5)"),
        (Holds(script(Literal(RUN), Literal(None), script(Literal(value=True)))), "length(cmd?*, null, length(true))"),
    ],
)  # fmt: skip
def test_leaf_in_words(leaf: Leaf, text: str) -> None:
    assert words(leaf) == text
