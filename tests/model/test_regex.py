"""Lucene's regular expressions: what is read, what is refused, and what is written, judged by RE2 and Python's re."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.languages.regex import automaton, charset, elimination
from converter.languages.regex.render import (
    NEVER,
    Dialect,
    RegexSyntaxError,
    Shape,
    parse_lucene,
    pattern_regex,
    render,
    shape,
)
from converter.model import pattern as patterns
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild

RE2 = Dialect()
PYTHON = Dialect(end=r"\Z", fold="(?ai)", folds_unicode=False)
WRITTEN_OUT = Dialect(fold="")
UNGROUPED = Dialect(fold_off=None)
FOLD, EXACT = Case.INSENSITIVE, Case.SENSITIVE


def matched(text: str, value: str, case: Case = EXACT) -> bool:
    """Whether the expression matches the value, in every dialect alike."""
    tree = parse_lucene(text, case)
    verdicts = {
        bool(re2.search(render(tree, RE2, case), value)),
        bool(re2.search(render(tree, WRITTEN_OUT, case), value)),
        bool(re2.search(render(tree, UNGROUPED, case), value)),
        bool(re.search(render(tree, PYTHON, case), value)),
    }
    assert len(verdicts) == 1, text
    return verdicts.pop()


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Concat(())),
        ("()", Concat(())),
        ("a", Char("a")),
        ("ab", Concat((Char("a"), Char("b")))),
        (".", AnyChar()),
        ("@", Repeat(AnyChar(), 0, None)),
        ("#", NEVER),
        ("a#", NEVER),
        ("a|#", Char("a")),
        ("#*", Concat(())),
        ("a|b", Alternate((Char("a"), Char("b")))),
        ("a|b|a", Alternate((Char("a"), Char("b")))),
        ("a?", Repeat(Char("a"), 0, 1)),
        ("a*", Repeat(Char("a"), 0, None)),
        ("a+", Repeat(Char("a"), 1, None)),
        ("a{2}", Repeat(Char("a"), 2, 2)),
        ("a{2,}", Repeat(Char("a"), 2, None)),
        ("a{2,3}", Repeat(Char("a"), 2, 3)),
        ("a{1}", Char("a")),
        ("a{0}", Concat(())),
        ("a{3,2}", NEVER),
        ("a**", Repeat(Char("a"), 0, None)),
        (r"\.", Char(".")),
        (r"\\", Char("\\")),
        ('"a.b"', Concat((Char("a"), Char("."), Char("b")))),
        ('"a"', Char("a")),
        ("^$", Concat((Char("^"), Char("$")))),
        ("*a", Concat((Char("*"), Char("a")))),
        ("(?i)a", Concat((Char("?"), Char("i"), Char("a")))),
        ("[a-c]", CharClass((("a", "c"),))),
        ("[cab]", CharClass((("a", "c"),))),
        ("[^a]", CharClass((("a", "a"),), negated=True)),
        ("[]a]", CharClass((("]", "]"), ("a", "a")))),
        (r"[\]\-]", CharClass((("-", "-"), ("]", "]")))),
        ("[-a]", CharClass((("-", "-"), ("a", "a")))),
        (r"\d", CharClass((("0", "9"),))),
        (r"\D", CharClass((("0", "9"),), negated=True)),
        (r"[^\D]", CharClass((("0", "9"),))),
        (r"[\D]", CharClass((("0", "9"),), negated=True)),
        (r"\s", CharClass((("\t", "\n"), ("\r", "\r"), (" ", " ")))),
        (r"[\w.]", CharClass(((".", "."), ("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")))),
        ("~~a", Char("a")),
    ],
)
def test_lucene_expression_is_read(text: str, tree: Regex) -> None:
    assert parse_lucene(text) == tree


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("ab.", ["abc", "ab\n"], ["ab", "abcd"]),
        ("(get|post) .*", ["get /", "post "], ["GET /", "get"]),
        (r"C:\\(Windows|Temp)\\\w+\.exe", ["C:\\Temp\\a_1.exe"], ["C:\\Temp\\a-1.exe", "c:\\temp\\a.exe"]),
        ("[^/]+", ["a", "a\nb"], ["", "a/b"]),
        ("a{2,4}", ["aa", "aaaa"], ["a", "aaaaa"]),
        ("(ab){2}", ["abab"], ["ab", "ababab"]),
        ("<1-100>", ["1", "100", "007", "0100"], ["0", "101", "", "1000"]),
        ("<01-12>", ["01", "12", "09"], ["1", "13", "00", "012"]),
        ("a<5-15>b", ["a5b", "a15b", "a010b"], ["a4b", "a16b"]),
        ("<15-5>", ["5", "10"], ["16"]),
        ("~abc", ["", "abc", "abbc"][:1], ["bc"]),
        ("~(abc)", ["", "ab", "abcd", "x"], ["abc"]),
        (".*a.*&.*b.*", ["ab", "ba", "xbxax"], ["a", "b", ""]),
        ("[a-z]+&~(cat|dog)", ["cats", "do", "x"], ["cat", "dog", ""]),
        ("x(~(a|b)&.)y", ["xcy"], ["xay", "xby", "xccy"]),
        ("(~a){2}", ["", "aa", "b"], []),
        ("(a&b)|c", ["c"], ["a", "b"]),
        ("(~a&.)?z", ["z", "bz"], ["az"]),
        ("(~a&.)+", ["b", "bc"], ["", "a"]),
        ("(~a&.){1,2}", ["b", "bc"], ["", "bcd"]),
        ("a@b", ["ab", "axxb"], ["a"]),
        ('"[a]"+', ["[a]", "[a][a]"], ["a"]),
        ("https?://.*", ["http://x", "https://"], ["ftp://"]),
        ("é|[à-ü]", ["é", "à"], ["É", "e"]),
    ],
)
def test_lucene_expression_matches_whole_values(text: str, yes: list[str], no: list[str]) -> None:
    if text == "~abc":
        # ~ takes the next character only: not a, then bc.
        yes, no = ["bc", "aabc", "xbc"], ["abc", ""]
    assert [v for v in yes if not matched(text, v)] == []
    assert [v for v in no if matched(text, v)] == []


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("abc", ["ABC", "aBc"], ["ab"]),
        ("[a-c]x", ["aX", "bx"], ["Ax", "BX"]),
        ("[abc]x", ["Ax", "bX", "C" + "X"], ["dx"]),
        ("[^a]", ["b", "B"], ["a", "A"]),
        ("[^a-c]", ["A", "d"], ["a", "b"]),
        ("k", ["K", "k"], ["\N{KELVIN SIGN}"]),
        ("s[k-k]", ["Sk", "sk"], ["sK", "\N{LATIN SMALL LETTER LONG S}k"]),
        ("é", ["é"], ["É"]),
        ("ß.*", ["ßx"], ["ẞx"]),
        ("[à-ü]A", ["éa"], ["Éa"]),
        ("a&~b", ["A", "a"], ["b"]),
        ("~(ab)", ["a", "abc"], ["AB", "aB"]),
        (r"\w+\.EXE", ["Cmd.exe"], ["cmd.ex"]),
        ('"aB"', ["AB", "ab"], ["a"]),
        ("1-2", ["1-2"], ["1"]),
    ],
)
def test_lucene_expression_that_ignores_case(text: str, yes: list[str], no: list[str]) -> None:
    assert [v for v in yes if not matched(text, v, FOLD)] == []
    assert [v for v in no if matched(text, v, FOLD)] == []


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ("a)", 1, 2, "closes no group"),
        ("(a", 0, 1, "( is not closed"),
        ("(a|", 2, 3, "ends too early"),
        ("a|", 1, 2, "ends too early"),
        ("a&", 1, 2, "ends too early"),
        ("~", 0, 1, "ends too early"),
        ("[a", 0, 1, "[ is not closed"),
        ("[", 0, 1, "[ is not closed"),
        ("[^", 0, 1, "[ is not closed"),
        ("[b-a]", 1, 4, "runs backwards"),
        ("[a-]", 1, 4, "runs backwards"),
        ("a{", 1, 2, "needs a number"),
        ("a{x}", 1, 3, "needs a number"),
        ("a{2", 1, 3, "not closed by }"),
        ("a{1001}", 1, 7, "more than 1000"),
        ("a{1,1001}", 1, 9, "more than 1000"),
        ("a{99999}", 2, 7, "more than 1000"),
        ("a\\", 1, 2, "escapes nothing"),
        (r"a\n", 1, 3, "means nothing to Lucene"),
        (r"[\t]", 1, 3, "means nothing to Lucene"),
        (r"\bword\b", 0, 2, "means nothing to Lucene"),
        ('"abc', 0, 4, "not closed"),
        ("a<b>", 1, 2, "number range"),
        ("<1", 0, 1, "number range"),
        ("<1-x>", 0, 1, "number range"),
        ("<-5>", 0, 1, "number range"),
        ("<1-99999999999>", 0, 1, "number range"),
        ("(" * 101 + "a", 100, 101, "groups inside each other"),
    ],
)
def test_error_wrong_expression(text: str, start: int, end: int, message: str) -> None:
    with pytest.raises(RegexSyntaxError) as caught:
        parse_lucene(text)
    assert message in caught.value.message
    assert (caught.value.start, caught.value.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("~((a|b)*a(a|b){9})", "~"),
        ("(.*a.{12})&(.*b.{11})", "&"),
        ("~(a{900}b{900}c{900})", "~"),
        ("(~(ab)){1000}", "~"),
    ],
)
def test_error_too_large_without_its_operators(text: str, sign: str) -> None:
    with pytest.raises(RegexSyntaxError, match="too large") as caught:
        parse_lucene(text)
    assert text[caught.value.start] == sign
    assert caught.value.hint.startswith(f"write \\{sign}")


# ---- rendering ----


@pytest.mark.parametrize(
    ("text", "case", "dialect", "expected"),
    [
        ("abc", EXACT, RE2, r"\Aabc\z"),
        ("abc", FOLD, RE2, r"(?i)\Aabc\z"),
        ("123", FOLD, RE2, r"\A123\z"),
        ("skip", FOLD, RE2, r"(?i)\A(?-i:[sS])(?-i:[kK])ip\z"),
        ("skip", FOLD, PYTHON, r"(?ai)\Askip\Z"),
        ("ab", FOLD, WRITTEN_OUT, r"\A[aA][bB]\z"),
        ("a[b-d]", FOLD, UNGROUPED, r"\A[aA][b-d]\z"),
        ("a1", FOLD, UNGROUPED, r"(?i)\Aa1\z"),
        (".*abc.*", EXACT, RE2, "abc"),
        (".*abc", EXACT, RE2, r"abc\z"),
        ("abc.*", EXACT, RE2, r"\Aabc"),
        (".*", EXACT, RE2, ""),
        ("@@", EXACT, RE2, ""),
        (".+", EXACT, RE2, r"\A[\s\S]+\z"),
        ("a|b", EXACT, RE2, r"\A(?:a|b)\z"),
        ("(a|b)c", EXACT, RE2, r"\A(?:a|b)c\z"),
        (".*(a|b)", EXACT, RE2, r"(?:a|b)\z"),
        (".*(a|b).*", EXACT, RE2, "a|b"),
        ("(ab)+", EXACT, RE2, r"\A(?:ab)+\z"),
        ("(a+){2,3}", EXACT, RE2, r"\A(?:a+){2,3}\z"),
        ("a{2}b{3,}", EXACT, RE2, r"\Aa{2}b{3,}\z"),
        ("#", EXACT, RE2, r"\A[^\s\S]\z"),
        (r'[a\^\]\-]".$"', EXACT, RE2, r"\A[\-\]\^a]\.\$\z"),
        ("[ab]", EXACT, RE2, r"\A[ab]\z"),
        (".*abc.*", EXACT, Dialect(searches=False, any_char=".", start="^", end="$"), "^.*abc.*$"),
    ],
)
def test_expression_is_written_in_a_dialect(text: str, case: Case, dialect: Dialect, expected: str) -> None:
    assert render(parse_lucene(text, case), dialect, case) == expected


def test_expression_without_anchors() -> None:
    assert render(parse_lucene(".*a|b"), RE2, anchored=False) == r"[\s\S]*a|b"


def test_empty_class_is_never_and_its_negation_always() -> None:
    assert render(CharClass(()), RE2, anchored=False) == RE2.never
    assert render(CharClass((), negated=True), RE2, anchored=False) == RE2.any_char


# ---- properties ----

_PIECES = st.sampled_from(["a", "b", "k", "S", "1", ".", "[ab]", "[^a]", "[a-k]", r"\d", r"\.", "\n", "é", "(a|b1)"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouped = inner.map("({})".format)
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(grouped, min_size=2, max_size=3).map("|".join).map("({})".format),
        st.tuples(grouped, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{2,}"])).map("".join),
    )


_EXPRESSIONS = st.recursive(_PIECES, _grow, max_leaves=6)
_VALUES = st.lists(st.text("abkKsSBA1.\né\N{KELVIN SIGN}", max_size=6), min_size=1, max_size=8)


def plainly(text: str, value: str, case: Case) -> bool:
    """The same by Python alone: the signs used are common to both languages; only case is spelled out."""
    if case is FOLD:
        text = re.sub(r"\[[^]]*\]|[a-zA-Z]", lambda m: _both(m[0]), text.replace(r"\d", "[0-9]"))
    return re.fullmatch(text, value, re.DOTALL | re.ASCII) is not None


def _both(piece: str) -> str:
    if len(piece) == 1:
        return f"[{piece.lower()}{piece.upper()}]"
    return {"[ab]": "[abAB]", "[^a]": "[^aA]"}.get(piece, piece)


@given(_EXPRESSIONS, _VALUES, st.sampled_from(Case))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_any_expression_means_the_same_in_every_dialect(text: str, values: list[str], case: Case) -> None:
    for value in values:
        assert matched(text, value, case) == plainly(text, value, case)


@given(_EXPRESSIONS, _EXPRESSIONS, _VALUES, st.sampled_from(Case))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_intersection_and_complement_are_what_they_say(left: str, right: str, values: list[str], case: Case) -> None:
    try:
        both, neither = parse_lucene(f"({left})&({right})", case), parse_lucene(f"~(({left})|({right}))", case)
    except RegexSyntaxError as error:
        assert "too large" in error.message
        return
    both_text, neither_text = (re2.compile(render(r, RE2, case)) for r in (both, neither))
    for value in values:
        one, other = plainly(left, value, case), plainly(right, value, case)
        assert bool(both_text.search(value)) == (one and other)
        assert bool(neither_text.search(value)) == (not one and not other)


@given(st.integers(0, 400), st.integers(0, 400), st.booleans())
@settings(max_examples=120, derandomize=True, deadline=None)
def test_number_range_holds_exactly_its_numbers(one: int, other: int, padded: bool) -> None:
    width = max(len(str(one)), len(str(other))) if padded else 0
    text = f"<{one:0{width}d}-{other:0{width}d}>"
    low, high = min(one, other), max(one, other)
    regex = re2.compile(render(parse_lucene(text), RE2))
    fixed = len(f"{one:0{width}d}") if len(f"{one:0{width}d}") == len(f"{other:0{width}d}") else 0
    for number in range(0, 1100, 3):
        if fixed:
            assert bool(regex.search(f"{number:0{fixed}d}")) == (low <= number <= high)
        else:
            assert bool(regex.search(f"00{number}")) == bool(regex.search(str(number))) == (low <= number <= high)


@given(st.text("a*?.\\[]b\n", max_size=8), st.lists(st.text("a*?.\\[]b\n", max_size=8), min_size=1, max_size=6))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_wildcard_pattern_as_expression(text: str, values: list[str]) -> None:
    signs = {"*": Wild.ANY_RUN, "?": Wild.ANY_ONE}
    pattern = patterns.of(*(signs.get(c, c) for c in text))
    plain = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in text)
    regex = re2.compile(render(pattern_regex(pattern), RE2))
    for value in [*values, text]:
        assert bool(regex.search(value)) == bool(re.fullmatch(plain, value, re.DOTALL))


@given(st.lists(st.tuples(st.characters(), st.characters()).map(sorted).map(tuple), max_size=4), st.characters())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_character_sets(ranges: list[tuple[str, str]], char: str) -> None:
    def has(found: charset.Ranges) -> bool:
        return any(low <= char <= high for low, high in found)

    inside = any(low <= char <= high for low, high in ranges)
    normal = charset.merged(ranges)
    assert has(normal) == inside
    assert has(charset.complement(normal)) != inside
    assert charset.complement(charset.complement(normal)) == normal
    half = charset.intersect(normal, (("a", "z"),))
    assert has(half) == (inside and "a" <= char <= "z")


# ---- shapes ----


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), (Shape.EXACT, "")),
        (("a",), (Shape.EXACT, "a")),
        ((Wild.ANY_RUN,), (Shape.ANY, "")),
        (("a", Wild.ANY_RUN), (Shape.PREFIX, "a")),
        ((Wild.ANY_RUN, "a"), (Shape.SUFFIX, "a")),
        ((Wild.ANY_RUN, "a", Wild.ANY_RUN), (Shape.CONTAINS, "a")),
        (("a", Wild.ANY_RUN, "b"), (Shape.OTHER, "")),
        (("a", Wild.ANY_ONE), (Shape.OTHER, "")),
        ((Wild.ANY_ONE, "a"), (Shape.OTHER, "")),
        ((Wild.ANY_ONE,), (Shape.OTHER, "")),
        ((Wild.ANY_RUN, "a", Wild.ANY_ONE), (Shape.OTHER, "")),
    ],
)
def test_shape_of_a_pattern(parts: tuple[str | Wild, ...], expected: tuple[Shape, str]) -> None:
    assert shape(Pattern(parts)) == expected


def test_machine_of_nothing_is_never() -> None:
    assert elimination.to_regex(automaton.of_regex(NEVER, EXACT)) == NEVER
    assert elimination.to_regex(automaton.of_regex(CharClass(()), EXACT)) == NEVER
    assert elimination.to_regex(automaton.loop(automaton.of_regex(Char("a"), EXACT), 2, 1)) == NEVER


@pytest.mark.parametrize(
    "text",
    [
        "(a{1000}){1000}",
        "((a{10,}){10,}){11,}",
        "((a{0,9}){0,9}){0,13}&@",
        "((a&a){1000}){2}",
        "(~a{500}){3}",
        "(a&b)" + "?" * 5000,
        "(a{2}?)" * 9 + "a" + "{2}" * 400,
        "[ab]" * 2501,
        "(" + "|".join(f"a{i}" for i in range(100)) + "){1000}",
    ],
)
def test_error_expression_of_unbounded_size(text: str) -> None:
    with pytest.raises(RegexSyntaxError) as caught:
        parse_lucene(text)
    assert 0 <= caught.value.start < caught.value.end <= len(text)


def test_repetitions_within_bounds_are_read() -> None:
    assert matched("(a{10}){10}", "a" * 100)
    assert not matched("(a{10}){10}", "a" * 99)
    assert matched("&".join(["a*"] * 300), "aaa")
