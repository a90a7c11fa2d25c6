r"""Regular expressions of pipelines in the same words: what dialects write differently, and what only looks alike."""

from __future__ import annotations

import pytest

from converter.readers.pipelines.regex import common, java, kusto_replaced, perl, pieces, rust, template
from converter.readers.unraised import UnraisedError

READ = {"java": java, "common": common, "perl": perl, "rust": rust}

SAME = [
    ("java", r"\d+", "rust", "[0-9]+"),
    ("java", r"[.]", "perl", r"\."),
    ("java", r"\w", "perl", "[A-Za-z0-9_]"),
    ("java", r"\W", "rust", "[^0-9A-Z_a-z]"),
    ("java", r"[\d_]", "rust", "[_0-9]"),
    ("java", r"\x41\u0042\x{43}", "rust", "ABC"),
    ("java", r"[\x41-\x43]", "perl", "[ABC]"),
    ("java", r"\Qa.b\Ec", "perl", r"a\.bc"),
    ("java", r"\Qa|b", "perl", r"a\|b"),
    ("java", r"\t\n", "rust", "\t\n"),
    ("java", r"[\t\]]", "perl", r"[\x09\x5d]"),
    ("java", "a$", "perl", r"a(?=\n?\z)"),
    ("java", r"a\Z", "java", "a$"),
    ("common", "a$", "perl", r"a(?=\n|\z)"),
    ("common", r"a\Z", "perl", r"a\z"),
    ("java", ".", "perl", r"[^\n\r\x{85}\x{2028}\x{2029}]"),
    ("java", "(?i)ab", "rust", "[Aa][bB]"),
    ("java", "(?i)[^b-d]", "perl", "[^b-dB-D]"),
    ("java", "(?i)1.", "java", "1."),
    ("java", "(?<name>a)b", "rust", "(?P<who>a)b"),
    ("java", "(?<name>a)b", "perl", "(a)b"),
    ("java", "[a-c]++[d-f]", "perl", "[a-c]+[d-f]"),
    ("java", "[^,]*+,", "perl", "[^,]*,"),
    ("perl", "(?!a|b)[a-d]", "rust", "[cd]"),
    ("perl", "[]a]", "rust", r"[a\]]"),
    ("perl", "[a-]", "rust", r"[\-a]"),
    ("java", "a{2,3}(?:b|c)*?", "rust", "a{2,3}(?:b|c)*?"),
]
DIFFERENT = [
    ("java", "a$", "rust", "a$"),
    ("java", "a.", "rust", "a."),
    ("common", "a$", "java", "a$"),
    ("java", "[a-c]++[b-f]", "perl", "[a-c]+[b-f]"),
    ("java", "[^,]*+[,a]", "perl", "[^,]*[,a]"),
    ("java", "a++", "perl", "a+"),
    ("java", "a++[^b]", "perl", "a+[^b]"),
    ("perl", "(?!ab)[a-d]+", "rust", "[cd]+"),
    ("perl", "(?![^a])[a-d]", "rust", "[a]"),
    ("perl", "(?!a)[^b]", "rust", "[^ab]"),
    ("java", "(a)b", "rust", "(?:a)b"),
    ("java", r"\d", "perl", r"\D"),
]


@pytest.mark.parametrize(("one", "text", "other", "said"), SAME)
def test_dialects_say_the_same(one: str, text: str, other: str, said: str) -> None:
    assert READ[one](text) == READ[other](said)


@pytest.mark.parametrize(("one", "text", "other", "said"), DIFFERENT)
def test_what_only_looks_alike(one: str, text: str, other: str, said: str) -> None:
    assert READ[one](text) != READ[other](said)


@pytest.mark.parametrize(
    ("dialect", "text", "why"),
    [
        ("java", "(?s)a", "a regular expression with other flags"),
        ("java", "[a&&b]", "a regular expression with other flags"),
        ("java", "a(?i)b", "a regular expression with a part that ignores case"),
        ("java", "a(?i:b)", "a regular expression with a part that ignores case"),
        ("rust", r"\d", "a class of Unicode"),
        ("rust", r"[\w.]", "a class of Unicode"),
        ("java", r"\p", "a regular expression with \\p"),
        ("java", r"[\p]", "a set with \\p"),
        ("java", "[a[b]]", "a set inside a set"),
        ("java", "[ab", "a set without an end"),
    ],
)
def test_what_has_no_words(dialect: str, text: str, why: str) -> None:
    with pytest.raises(UnraisedError, match=f"^{why.replace(chr(92), chr(92) * 2)}$"):
        READ[dialect](text)


def test_replacements() -> None:
    assert template("$1-$2", java("(a)(b)")) == pieces([1, "-", 2])
    assert template(r"\$1", java("(a)")) == pieces(["$1"])
    assert pieces(["a", "b", "", 1, "c"]) == pieces(["ab", 1, "c"])
    with pytest.raises(UnraisedError, match=r"^a replacement that is none$"):
        template("$7", java("(a)"))


BREAK = r"(\r\n|[\n\r\x{85}\x{2028}\x{2029}])?$"


def test_kusto_puts_a_last_line_break_back() -> None:
    """Java's `$` stands before it, Kusto's group takes it, and the replacement gives it back as the last piece."""
    assert kusto_replaced(f"(a)x{BREAK}", r"<\1>\2") == (java("(a)x$"), pieces(["<", 1, ">"]))
    assert kusto_replaced(r"a\((b)", r"\1\0") == (rust(r"a\((b)"), pieces([1, 0]))
    with pytest.raises(UnraisedError, match=r"^a replacement that takes line breaks away$"):
        kusto_replaced(f"(a){BREAK}", r"\1")
    with pytest.raises(UnraisedError, match=r"^a replacement that takes line breaks away$"):
        kusto_replaced(f"(a){BREAK}", r"\2\1")
