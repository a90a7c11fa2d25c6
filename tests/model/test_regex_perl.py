"""Perl's regular expressions: the tree takes the same values as Python's engine finds something in, and what is refused."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.languages.regex.perl import Flags, parse_search
from converter.languages.regex.render import Dialect, RegexSyntaxError, render
from converter.model.pattern import AnyChar, Case, Char, Concat, Repeat

PYTHON = Dialect(end=r"\Z", fold="(?ai)", folds_unicode=False)
# Python's own way to say a construct where it differs from PCRE's: https://www.pcre.org/current/doc/html/pcre2pattern.html
SPELLINGS = {r"(?<name>": r"(?P<name>", r"\x{6b}": r"\x6b", r"\e": r"\x1b"}
# No value ends in a line break, which PCRE and Python let $ stand before.
VALUES = ["".join(signs) for length in range(4) for signs in itertools.product("aBk1-. ", repeat=length)] + [
    "_",
    "]",
    "_]",
    "a\nb",
    "\nk",
    "\t",
    "\x1b",
    "\b",
    "aaaa",
    "abab",
    "k\N{KELVIN SIGN}",
    "é",
    "É",
    "\\",
    "[",
    "a-b",
    "^a$",
]


def found(expression: str, value: str, flags: Flags) -> bool:
    for ours, theirs in SPELLINGS.items():
        expression = expression.replace(ours, theirs)
    kinds = re.ASCII | (re.IGNORECASE if flags.folds else re.NOFLAG) | (re.DOTALL if flags.every else re.NOFLAG)
    return re.search(expression, value, kinds) is not None


@pytest.mark.parametrize("flags", [Flags(), Flags(folds=True), Flags(every=True)], ids=["plain", "folds", "every"])
@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a",
        "^a",
        "a$",
        "^a$",
        "^",
        "$",
        "^$",
        "a|b",
        "^a|b$",
        "^(a|b)$",
        "(^a|b)",
        "(^a|^b)k",
        "^^a",
        "a$$",
        "^^",
        "$$",
        "^^$$",
        "(^)a",
        "a($)",
        "(^^(^a))k",
        "a(b$|k)",
        "^(^a|b)",
        "(a|)$",
        "(?:a|b)k",
        "(?P<name>a)",
        "(?<name>a)k",
        "x(a|b)k",
        "-(a|B)k",
        "a.k",
        "a.*k",
        "^.*a",
        "a.*$",
        ".*",
        "^.*$",
        ".+",
        "a*",
        "a+?",
        "a??k",
        "a*?",
        "a{2}",
        "^a{2,}$",
        "^a{1,2}?$",
        "a{x}",
        "[ab]",
        "[^ab]",
        "[a-k]",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[-a]",
        r"[\d-]",
        r"[a\-k]",
        r"^[\w.]+$",
        r"^[^\d]$",
        r"^[\D]$",
        r"[\x61-\x63]",
        r"[\b]",
        r"\x61",
        r"\x{6b}",
        r"\e",
        r"\t|\n",
        r"\d",
        r"\D",
        r"^\w+$",
        r"^\W$",
        r"\s",
        r"^\S+$",
        r"\.",
        r"\\",
        r"\[",
        r"^\^a\$$",
        "é",
        "[é]",
        "[^k]$",
    ],
)
def test_expression_takes_what_pythons_engine_finds(expression: str, flags: Flags) -> None:
    regex, case = parse_search(expression, flags)
    written = re.compile(render(regex, PYTHON, case))
    theirs = [value for value in VALUES if found(expression, value, flags)]
    assert [value for value in VALUES if written.search(value)] == theirs


@given(st.text(st.sampled_from("aabk^^$$|(().*+?"), max_size=12))
def test_any_expression_is_refused_or_takes_what_pythons_engine_finds(expression: str) -> None:
    try:
        regex, case = parse_search(expression, Flags())
        re.compile(expression)
    except (RegexSyntaxError, re.error):  # Python has no count of a count: a?*
        return
    written = re.compile(render(regex, PYTHON, case))
    theirs = [value for value in VALUES if found(expression, value, Flags())]
    assert [value for value in VALUES if written.search(value)] == theirs


ANY = Repeat(AnyChar(), 0, None)


def test_count_without_a_least_number_is_text() -> None:
    """Up to PCRE2 10.42 `{,2}` is no quantifier (pcre2pattern, "Repetition"); Python reads one."""
    regex, _ = parse_search("^a{,2}$", Flags())
    assert regex == Concat(tuple(map(Char, "a{,2}")))


@pytest.mark.parametrize(
    ("expression", "case", "value", "takes"),
    [
        ("(?i)ab", Case.INSENSITIVE, "xAB", True),
        ("(?i)(?s)a.b", Case.INSENSITIVE, "A\nB", True),
        ("(?is)a.b", Case.INSENSITIVE, "A\nB", True),
        ("(?s)a.b", Case.SENSITIVE, "A\nB", False),
        ("(?s)a.b", Case.SENSITIVE, "a\nb", True),
        ("(?m)a.b", Case.SENSITIVE, "a\nb", False),
    ],
)
def test_leading_flags_count_for_the_whole(expression: str, case: Case, value: str, takes: bool) -> None:
    regex, found = parse_search(expression, Flags())
    assert found is case
    assert bool(re.search(render(regex, PYTHON, found), value)) is takes


@pytest.mark.parametrize(
    ("expression", "message", "meant", "hint"),
    [
        ("(?ix)a", "the flag x is not one of i, m and s", "(?ix)", ""),
        ("a(?i)b", "look-around, or another kind of group that no target has", "(?i", ""),
        ("x(?=a)", "look-around, or another kind of group that no target has", "(?=", ""),
        ("(?<=a)b", "look-around, or another kind of group that no target has", "(?<", ""),
        ("(?m)^a", "an anchor at line breaks (the flag m)", "^", ""),
        ("(?m)a$", "an anchor at line breaks (the flag m)", "$", ""),
        ("ab)c", "this ) closes no group", ")", "write \\)"),
        ("(ab", "( is not closed by )", "(", "write \\( for the character"),
        ("x[ab", "[ is not closed by ]", "[", "write \\[ for the character"),
        ("[", "[ is not closed by ]", "[", "write \\[ for the character"),
        ("a++", "a possessive quantifier", "++", "leave the second + out"),
        ("*a", "* has nothing to repeat", "*", "write \\* for the character"),
        ("(+)", "+ has nothing to repeat", "+", "write \\+ for the character"),
        ("a|?", "? has nothing to repeat", "?", "write \\? for the character"),
        ("^*a", "an anchor is repeated", "^*", ""),
        ("a{1001}", "more than 1000 repetitions", "{1001}", ""),
        ("a{3,2}", "the counts run backwards", "{3,2}", "swap them"),
        ("a\\", "a backslash at the end escapes nothing", "\\", ""),
        ("[a-\\", "a backslash at the end escapes nothing", "\\", ""),
        (r"a\b", r"\b has no counterpart in other languages", r"\b", ""),
        (r"\p{L}", r"\p has no counterpart in other languages", r"\p", ""),
        (r"(a)\1", r"\1 has no counterpart in other languages", r"\1", ""),
        (r"\x{110000}", r"\x has no counterpart in other languages", r"\x", ""),
        ("[[:alpha:]]", "a class named [: :]", "[", ""),
        ("[k-a]", "the range k-a runs backwards", "k-a", "swap the two ends"),
        ("a^b", "an anchor inside the expression", "^", ""),
        ("(a$|b)k", "an anchor inside the expression", "$", ""),
        ("a(^b)", "an anchor inside the expression", "^", ""),
        ("a(k|(^b))", "an anchor inside the expression", "^", ""),
        ("(a$)k", "an anchor inside the expression", "$", ""),
        ("$a", "an anchor inside the expression", "$", ""),
        ("a^", "an anchor inside the expression", "^", ""),
        ("(?:^a){2}", "an anchor inside the expression", "^", ""),
        ("(" * 101, "more than 100 groups inside each other", "(", ""),
        ("a" * 10_001, "an expression of more than 10,000 characters", "a" * 10_001, ""),
    ],
)  # fmt: skip
def test_error_says_what_is_meant(expression: str, message: str, meant: str, hint: str) -> None:
    with pytest.raises(RegexSyntaxError) as caught:
        parse_search(expression, Flags())
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert expression[caught.value.start : caught.value.end] == meant


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        (r"[a-\d]", r"[a\-\d]"),  # PCRE2, "Square brackets": a hyphen beside a class is a literal
        (r"[\d-a]", r"[\d\-a]"),
        ("(?s).*a.*", "a"),
        (".*a.*", "a"),  # a run of what is no line break, beside a run of anything
        ("^", ""),
        ("$", ""),
    ],
)
def test_expressions_are_one(expression: str, same: str) -> None:
    assert parse_search(expression, Flags()) == parse_search(same, Flags())
