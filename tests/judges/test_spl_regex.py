"""PCRE patterns and the literal layer above them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.pcre import compile_pattern
from converter.proof.judges.spl.run import READINGS, Reading, run


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc\n", True),
        ("c$", "abc\n\n", False),
        (r"c\z", "abc\n", False),
        (r"c\z", "abc", True),
        (r"^[\x{E000}]\ue001\z".replace(r"\ue001", "\ue001"), "\ue000\ue001", True),
        ("\ue001", "a", False),
        (r"c\Z", "abc\n", True),
        (r"\Aa", "abc", True),
        (r"^b", "a\nb", False),
        (r"(?m)^b$", "a\nb\nc", True),
        ("a.c", "a\nc", False),
        ("(?s)a.c", "a\nc", True),
        ("(?s:a.)c.", "a\nc\n", False),
        ("(?i)ABC", "abc", True),
        ("(?i)é", "É", False),
        ("(?i)k", "\u212a", False),
        ("(?i)^(?:s|i)+$", "\u017f", False),
        ("(?i)^(?:s|i)+$", "sI", True),
        ("[sS]|[iI]", "\u017f", False),
        ("^(?:[sS]|[kK])+$", "SsKk", True),
        ("[^sS]|[iI]", "\u017f", True),
        ("(?i)[a-f]+[^x]", "DEAX", True),
        ("(?i)^[^x]$", "X", False),
        ("(?i:a)b", "AB", False),
        ("(?i:a)b", "Ab", True),
        ("(?i)a(?-i:b)c", "AbC", True),
        ("(?i)a(?-i:b)c", "ABC", False),
        ("a(?i)b|c", "C", True),
        ("(a(?i)b)c", "aBc", True),
        ("(a(?i)b)c", "aBC", False),
        (r"^\w+$", "é", False),
        (r"^\d$", "\u0665", False),
        (r"^\s$", "\v", True),
        (r"^\S$", "x", True),
        (r"^[\D]$", "1", False),
        (r"^[^\D]$", "1", True),
        (r"^[\w.-]+\z", "a.b-c", True),
        (r"[.] [*] [+] [?] [(] [|] [$] [{] [[] \] \^".replace(" ", ""), ".*+?(|${[]^", True),
        (r"^[\\]$", "\\", True),
        (r"^[\\\\]$", "\\", True),
        (r"^[]a]+$", "]a", True),
        (r"^[^]a]$", "]", False),
        (r"^[[:alpha:][:digit:]]+$", "a1", True),
        (r"\x41\x{42}", "AB", True),
        (r"^\Qa.b\E.$", "a.bx", True),
        (r"^\Qa.b\E.$", "axbx", False),
        (r"(a)\1", "aa", True),
        (r"a(?=b)", "ab", True),
        (r"a(?!b)", "ab", False),
        (r"(?<=a)b", "ab", True),
        (r"(?<name>a)(?P<other>b)", "ab", True),
        (r"a{2}", "aa", True),
        (r"a{2}", "a", False),
        (r"^a{,2}$", "a{,2}", True),
        (r"^{x}$", "{x}", True),
        (r"(?x) a b # comment", "ab", True),
        (r"a++b", "aab", True),
        (r"\bfoo\b", "a foo b", True),
        (r"\t\n", "\t\n", True),
        (r"^a\Rb$", "a\r\nb", True),
        (r"^\N$", "\n", False),
        (r"^\Qa\z", "a", False),
        (r"^[\b]$", "\b", True),
        (r"^[\x41-\x43]$", "B", True),
        (r"^\101$", "A", True),
        (r"^\0101?$", "\x081", True),
        (r"(?i)^(a)\1$", "aA", True),
        (r"^[a-\d]+$", "a-1", True),
        (r"^[+--]+$", "+,-", True),
        ("^(?:a|bc)\\z", "bc", True),
        ("(?#comment)a", "a", True),
        ("é", "é", True),
        ("^.$", "😀", True),
    ],
)
def test_pattern(pattern: str, subject: str, *, expected: bool) -> None:
    assert (compile_pattern(pattern).search(subject) is not None) is expected


@pytest.mark.parametrize(
    "pattern", ["(", ")", "[a", "a\\", "(?P=x)", "*a(", "[z-a]", r"\y", "(?Ua)", "(?#", "[[:nope:]]"]
)
def test_error_pattern(pattern: str) -> None:
    with pytest.raises(SplError):
        compile_pattern(pattern)


_PIECES = st.sampled_from(
    ["a", "B", ".", "[a-c]", "[^b]", r"\d", r"\w", "(?:a|B)", "x*", "b+", "a?", "1", r"\.", "(?i:b)"]
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(_PIECES, max_size=5),
    st.text(alphabet="aAbBcx1.\n", max_size=6),
    st.sampled_from(["", "^", "(?s)", "(?i)"]),
)
def test_same_as_python_where_both_mean_the_same(pieces: list[str], subject: str, prefix: str) -> None:
    pattern = prefix + "".join(pieces)
    assert (compile_pattern(pattern).search(subject) is None) is (re.search(pattern, subject, re.ASCII) is None)


def matches(condition: str, subject: str, reading: Reading) -> bool:
    return bool(run(f"* | where {condition}", [{"f": subject}], reading=reading))


@pytest.mark.parametrize(
    ("literal", "subject"),
    [
        (r"^C:[\\\\]Windows[\\\\]x[.]exe\z", r"C:\Windows\x.exe"),
        (r"^say \"x\"\z", 'say "x"'),
        (r"^\d\s\w\z", "1 x"),
        (r"^a\tb\z", "a\tb"),
        (r"^[.][*][+][?][(][)][|][$][{][}][[]\]\^\z", ".*+?()|${}[]^"),
    ],
)
def test_literal_without_backslash_trouble_is_stable(literal: str, subject: str) -> None:
    for reading in READINGS:
        assert matches(f'isnotnull(f) AND isnotnull(mvfind(f,"{literal}"))', subject, reading), reading.name
        assert not matches(f'isnotnull(f) AND isnotnull(mvfind(f,"{literal}"))', subject + "\n", reading)


def test_word_boundary_depends_on_the_reading() -> None:
    condition = r'match(f,"\bfoo")'
    assert matches(condition, "a foo", Reading())
    assert not matches(condition, "a foo", Reading(literal_escapes="all"))
    assert matches(condition, "\bfoo", Reading(literal_escapes="all"))
    assert matches(r'match(f,"^\x5b$")', "[", Reading())
    with pytest.raises(SplError):
        matches(r'match(f,"^\x5b$")', "[", Reading(literal_escapes="all"))


def test_doubled_backslash_depends_on_the_reading() -> None:
    condition = r'match(f,"^a\\\\b$")'
    assert matches(condition, r"a\b", Reading())
    assert not matches(condition, r"a\b", Reading(regex_backslash="raw"))
    assert matches(condition, r"a\\b", Reading(regex_backslash="raw"))
    assert matches(r'match(f,"^\\d$")', "1", Reading())
    assert not matches(r'match(f,"^\\d$")', "1", Reading(regex_backslash="raw"))
