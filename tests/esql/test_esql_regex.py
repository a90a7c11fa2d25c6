"""Java's expressions in the dialects of the targets, by what they replace."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from backends.sentinel.condition.translation import UntranslatableError, translated
from converter.readers.esql.java import JavaRegexError, expression, replacement

PATTERNS = [
    "[0-9]",
    r"[^0-9A-Za-z\s#=-]",
    r"(?i)(bearer +)[^'\" ]+",
    r"\n\s+",
    r"[\s\$\{\}\+\@\=\(\)\^\\\"~\[\]\?\./%#`';\-!\*]",
    "a.b",
    "(?i)[a-f.-]x",
    r"\w+\d{2,3}|(?:ab)?c\.",
    # Possessive counts that never would give anything back, and an end that may stand before a last line break.
    r"\w++ ",
    r"(\w++=){1,2}\d",
    r"[a-f]{2,}+\.",
    r"[A-Za-z0-9_-]=(?![fk]|\r|\n|\d)[A-Za-z0-9_-]",
    "(?!a|[0-9])[a-f019]b?",
    "a$",
    r"^.*\\|\$$",
]
TEXTS = st.text(st.sampled_from("aAbBfFkKsSxX019 \n\r\t#=-.${}[]~'\"\\éſ\u212a\u2028"), max_size=14)


@given(st.sampled_from(PATTERNS), TEXTS)
def test_kusto_replaces_what_java_does(pattern: str, text: str) -> None:
    found = translated(pattern)
    put_back = "".join(f"\\{number}" for number in found.breaks)
    assert re2.sub(found.text, f"_{put_back}", text) == expression(pattern).sub("_", text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b",
        "(?<!a)b",
        "(?!a)[a-c]+",
        "(?!ab)[a-c]",
        "(?i)(?!a)[a-c]",
        "a++",
        r"\w++a",
        r"[a-c]++b",
        r"(a)\1",
        r"\bword\b",
        "[a[b]]",
        r"\p{L}",
    ],
)
def test_error_of_expressions_without_equal(pattern: str) -> None:
    with pytest.raises(UntranslatableError):
        translated(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "a\\", "[a&&b]", r"\p{Greek}"])
def test_error_of_what_java_or_python_cannot_read(pattern: str) -> None:
    with pytest.raises(JavaRegexError):
        expression(pattern)


@pytest.mark.parametrize(
    ("pattern", "members"),
    [
        ("[a~~b]", "a~b"),
        ("[a||b]+", "a|b"),
        ("[a&b]", "a&b"),
        ("[+--x]", "+,-x"),
        ("[--/a]", "-./a"),
        ("[a-b-]", "ab-"),
        ("[+--^-b]", "+,-^_`ab"),
        ("[^^-~+-/]", "&"),
    ],
)
def test_signs_that_other_dialects_give_a_meaning_in_a_class_are_members(pattern: str, members: str) -> None:
    """Python warns of them, which is an error in tests."""
    for sign in "ab~|&x+,-./^_`":
        assert (expression(pattern).fullmatch(sign) is not None) is (sign in members)
        assert (re2.fullmatch(translated(pattern).text, sign) is not None) is (sign in members)


@pytest.mark.parametrize("pattern", ["[a-z_-]", "[a-]", "[^x-]", r"[\w.-]+", "a-b|c&d"])
def test_what_everybody_writes_stays(pattern: str) -> None:
    assert expression(pattern).pattern == pattern


def test_replacement_is_texts_and_groups() -> None:
    assert replacement(r"$1\$x$12", 1) == (1, "$", "x", 1, "2")
    with pytest.raises(JavaRegexError):
        replacement("$x", 1)
