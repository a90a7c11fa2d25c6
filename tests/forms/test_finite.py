"""Regular expressions as wildcard patterns: the same texts, or none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import regexes

from converter.forms.finite import MOST, patterns
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
    like,
    of,
)
from converter.reference.text import regex_matches

CS, CI = Case.SENSITIVE, Case.INSENSITIVE


@settings(max_examples=300)
@given(regexes, st.sampled_from(Case), st.text("abAB1?*.", max_size=6))
def test_patterns_match_the_same_texts(regex: Regex, case: Case, text: str) -> None:
    found = patterns((regex,), case)
    if found is not None:
        assert any(like(text, p, case) for p in found) == regex_matches(text, regex, case)


AB = Concat((Char("a"), Char("b")))
X86 = Concat((AB, Repeat(Concat((Char(" "), Char("x"))), 0, 1)))


@pytest.mark.parametrize(
    ("regex", "case", "expected"),
    [
        (AB, CS, (of("ab"),)),
        (X86, CI, (of("ab"), of("ab x"))),
        (Concat((AB, Repeat(AnyChar(), 0, None))), CI, (of("ab", Wild.ANY_RUN),)),
        (Repeat(AnyChar(), 2, None), CS, (of(Wild.ANY_ONE, Wild.ANY_ONE, Wild.ANY_RUN),)),
        (Alternate((AB, Char("c"))), CS, (of("ab"), of("c"))),
        (CharClass((("1", "2"),)), CI, (of("1"), of("2"))),
        (CharClass((("a", "b"),)), CI, None),
        (CharClass((("a", "z"),)), CS, None),
        (CharClass((("a", "b"),), negated=True), CS, None),
        (Repeat(Char("a"), 1, None), CS, None),
        (Repeat(CharClass((("0", "3"),)), 1, 4), CS, None),
    ],
)
def test_what_is_finite(regex: Regex, case: Case, expected: tuple[Pattern, ...] | None) -> None:
    assert patterns((regex,), case) == expected


def test_too_many_patterns_are_none() -> None:
    assert patterns(tuple(Char(chr(97 + i)) for i in range(MOST)), CS) is not None
    assert patterns(tuple(Char(chr(97 + i)) for i in range(MOST + 1)), CS) is None
