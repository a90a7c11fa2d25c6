"""The forms of a leaf: exact on every value that keeps their facts, and no fact is idle."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from targets.splunk_cases import ROW, emitted, found, text_of

from converter.forms.choose import Trust
from converter.model.fact import Fact
from converter.model.pattern import AnyChar, Case, Char, CharClass, Concat, Pattern, Repeat, Wild, of
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Phrase,
    Present,
)
from converter.model.value import Computed, Field, Kind
from converter.proof.assumption import violates
from converter.proof.judges.spl.run import READINGS, run
from converter.reference import matches
from converter.target import Options
from converter.target.options import ArgumentForm

CS, CI = Case.SENSITIVE, Case.INSENSITIVE
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE


def field(*facts: Fact, kind: Kind = Kind.KEYWORD) -> Field:
    return Field("f", kind, many=False, facts=frozenset(facts))


@dataclass(frozen=True, slots=True)
class Form:
    """A leaf, the facts that its form rests on, texts that are near it, and for each fact a value that breaks it."""

    leaf: Leaf
    facts: tuple[Fact, ...]
    near: tuple[str, ...]
    breaks: tuple[str, ...]
    spelled: tuple[str, ...] = ()


DRIVE = ":\\Windows\\System32\\cmd.exe"
FORMS = {
    "value": Form(
        OneOf(field(), ("Kick.exe", "b"), CI), (Fact.ASCII_CASE,), ("kick.exe", "B", "b "), ("\u212aick.exe",)
    ),
    "value_of_one_spelling": Form(
        OneOf(field(Fact.ONE_SPELLING), ("Add",), CS), (Fact.ONE_SPELLING,), ("Add", "Addx"), ("add",), ("Add",)
    ),
    "cased_value": Form(
        OneOf(field(), ("Add-x", "/etc/y=%1"), CS), (), ("Add-x", "add-x", "/etc/y=%1", "/etc/Y=%1"), ()
    ),
    "pattern": Form(Like(field(), (of("a", RUN, "d"),), CI), (), ("ad", "AxyD", "a\nd", "bad"), ()),
    "cased_pattern": Form(Like(field(), (of(RUN, "admin", RUN),), CS), (), ("xadminy", "Admin"), ()),
    "path": Form(
        Like(field(Fact.DRIVE_PATH), (of(ONE, DRIVE),), CI),
        (Fact.ASCII_CASE, Fact.DRIVE_PATH),
        (f"C{DRIVE}", f"d{DRIVE.upper()}", f"C{DRIVE}.x", "C:\\x"),
        (f"C{DRIVE}".replace("s", "\u017f", 1), f"C:\\D{DRIVE}"),
    ),
    "path_of_no_known_drive": Form(
        Like(field(), (of(ONE, DRIVE), of(ONE, "y", RUN, "z")), CI),
        (Fact.ASCII_CASE,),
        (f"C{DRIVE}", f"d{DRIVE.upper()}", DRIVE, f"C:\\D{DRIVE}", "xYz", "yaz"),
        (f"C{DRIVE}".replace("s", "\u017f", 1),),
    ),
    "present": Form(Present(field(Fact.NEVER_EMPTY)), (Fact.NEVER_EMPTY,), ("a", " "), ("",)),
    "number": Form(
        Compare(field(kind=Kind.LONG), Comparison.EQ, 5), (Fact.PLAIN_NUMBER,), ("5", "50", "-5", "0"), ("05",)
    ),
    "order": Form(Compare(field(kind=Kind.LONG), Comparison.GE, 5), (), ("5", "10", "4", "-6"), ()),
    "network": Form(
        InNetwork(field(kind=Kind.IP), ("10.0.0.0/8", "fe80::/10")), (), ("10.1.2.3", "11.0.0.1", "fe80::1", "::1"), ()
    ),
    "text_like_a_network": Form(OneOf(field(), ("10.0.0.0/8",), CS), (), ("10.0.0.0/8", "10.0.0.1"), ()),
    "dollar": Form(OneOf(field(), ("a$",), CI), (), ("a$", "A$", "a"), ()),
    "asterisk": Form(OneOf(field(), ("a*",), CI), (), ("a*", "ab", "A*"), ()),
    "signs": Form(
        Like(field(), (of(RUN, "ab (x) ", RUN), of("q ", ONE, "z"), of(RUN, " +")), CS),
        (),
        ("ab (x) y", "AB (x) y", "q xz", "q z", "Q xz", "y +", "y"),
        (),
    ),
    "signs_folded": Form(
        Like(field(), (of("k* (x)", RUN),), CI), (Fact.ASCII_CASE,), ("k* (x)", "K* (X)y", "ky (x)"), ("\u212a* (x)",)
    ),
    "quotes": Form(OneOf(field(), ('a"b\\c',), CI), (), ('a"b\\c', "a"), ()),
    "regex": Form(
        Matches(field(), (Concat((Char("a"), Repeat(Char("b"), 0, 1), CharClass((("1", "2"),)))),), CI),
        (),
        ("a1", "AB2", "ab3", "abb1"),
        (),
    ),
    "regex_without_end": Form(
        Matches(field(), (Concat((Char("a"), Repeat(AnyChar(), 0, None))),), CS), (), ("a", "ab\n", "ba"), ()
    ),
    "words": Form(
        Phrase(field(kind=Kind.TEXT), (of("ab"), of("c-d", RUN)), Analyzer.POWERSHELL),
        (),
        ("ab c-de", "(AB)|C-D\n", "xab c-d", "ab-c-d", "ab x c-d"),
        (),
    ),
}


def model(leaf: Leaf, value: str, *, negated: bool = False) -> bool:
    return matches(Not(leaf) if negated else leaf, {"f": value}, 0)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_form_rests_on_its_facts_and_has_no_regular_expression(name: str) -> None:
    form = FORMS[name]
    emission = emitted(form.leaf)
    assert {a.fact for a in emission.assumed} == set(form.facts)
    assert "match(" not in emission.text
    strict = emitted(form.leaf, options=Options("search", trust=Trust.STRICT, bare=True, inline_macros=True))
    assert strict.assumed == ()


@settings(max_examples=40)
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_form_is_exact_where_its_facts_hold(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    letters = "".join(form.near)[:40] + "x\\:. "
    some = st.one_of(st.sampled_from(form.near), st.text(letters, max_size=12))
    if form.leaf.field.kind in (Kind.LONG, Kind.IP):  # type: ignore[union-attr]
        some = st.sampled_from(form.near)
    values = data.draw(st.lists(some, min_size=1, max_size=5))
    assume(not any(violates(fact, value, form.spelled) for fact in form.facts for value in values))
    events = [{"f": value} for value in values]
    for negated in (False, True):
        leaf = Not(form.leaf) if negated else form.leaf
        wanted = [i for i, value in enumerate(values) if model(form.leaf, value, negated=negated)]
        assert found(text_of(leaf), events) == wanted


_PIECES = ["+x", "-f", "a[b]", "(x)", "Del", "del", "a b", "b", "a"]
_CUT = Field("f", Kind.KEYWORD, many=True, way=Computed('split(line," ")', "string"))
_patterns = st.one_of(
    st.sampled_from(_PIECES).map(of),
    st.sampled_from(_PIECES).map(lambda p: of(p, RUN)),
    st.sampled_from(_PIECES).map(lambda p: of(RUN, p)),
    st.sampled_from(_PIECES).map(lambda p: of(RUN, p, RUN)),
    st.sampled_from(_PIECES).map(lambda p: of(p, RUN, "x")),
)


@settings(max_examples=60)
@given(
    st.lists(_patterns, min_size=1, max_size=3),
    st.sampled_from(Case),
    st.booleans(),
    st.lists(st.lists(st.sampled_from([*_PIECES[:6], "b", "a"]), min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_pieces_of_a_text(some: list[Pattern], case: Case, negated: bool, lines: list[list[str]]) -> None:
    """Values that are cut at blanks hold none: what asks for one falls away; the others are parts of the text."""
    leaf = Like(_CUT, tuple(some), case)
    wanted = [i for i, a in enumerate(lines) if matches(Not(leaf) if negated else leaf, {"f": a}, 0)]
    assert found(text_of(Not(leaf) if negated else leaf), [{"line": " ".join(a)} for a in lines]) == wanted


def test_pieces_need_no_function_of_many_values() -> None:
    text = text_of(Like(_CUT, (of("+x"), of("(x)", RUN)), CS))
    assert 'like(" ".line." ", "% +x %")' in text
    assert "mvfind" not in text
    assert text_of(And((OneOf(_CUT, ("a b", "c"), CS), OneOf(field(), ("y",), CI)))).count("a b") == 0


@pytest.mark.parametrize(
    ("name", "fact", "value"),
    [(n, fact, value) for n, f in sorted(FORMS.items()) for fact, value in zip(f.facts, f.breaks, strict=True)],
)
def test_no_fact_is_idle(name: str, fact: Fact, value: str) -> None:
    """A value that breaks the fact is judged otherwise, under some reading."""
    form = FORMS[name]
    assert violates(fact, value, form.spelled)
    text = text_of(form.leaf)
    verdicts = {bool(run(text, [{"f": value, ROW: 0}], reading=reading)) for reading in READINGS}
    assert verdicts != {model(form.leaf, value)}


_OPEN = ["C:\\x", "d:\\X", ":\\x", "CC:\\x", "?:\\x", "-decode", "decode", "?", "", "a"]
_MANY = Field("f", many=True)
_SEVERAL = st.lists(st.sampled_from(_OPEN), min_size=1, max_size=4)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from([of(ONE, ":\\x"), of(ONE, "decode"), of(ONE, ":\\", RUN), of(ONE, RUN), of("a")]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.sampled_from(Case),
    st.booleans(),
    st.lists(_SEVERAL, min_size=1, max_size=3),
)
def test_first_character_of_several_values_is_left_open(
    some: list[Pattern], case: Case, negated: bool, values: list[list[str]]
) -> None:
    leaf = Not(Like(_MANY, tuple(some), case)) if negated else Like(_MANY, tuple(some), case)
    wanted = [i for i, own in enumerate(values) if matches(leaf, {"f": own}, 0)]
    assert found(text_of(leaf), [{"f": own} for own in values]) == wanted


def test_open_first_character_needs_no_function_of_many_values() -> None:
    emission = emitted(Like(_MANY, (of(ONE, ":\\Users\\", RUN), of(ONE, "decode")), CI))
    assert 'f_open IN ("?:\\\\Users\\\\*", "?decode")' in emission.text
    assert "mvfind" not in emission.text
    assert {a.fact for a in emission.assumed} == {Fact.ASCII_CASE, Fact.PLAIN_TEXT}
    broken = [{"f": ["x\x1fadecode"], ROW: 0}]
    assert violates(Fact.PLAIN_TEXT, broken[0]["f"][0], ())  # type: ignore[index]
    assert all(run(emission.text, broken, reading=reading) for reading in READINGS)
    assert not matches(Like(_MANY, (of(ONE, "decode"),), CI), {"f": ["x\x1fadecode"]}, 0)


def test_strict_facts_leave_the_regular_expression() -> None:
    strict = Options("search", trust=Trust.STRICT, bare=True, inline_macros=True)
    assert "mvfind" in emitted(Like(_MANY, (of(ONE, "decode"),), CI), options=strict).text


ARGS = Field("args", many=True, way=Computed('split(CommandLine, " ")'))


def test_arguments_as_words_stand_in_positive_places_only() -> None:
    words = Options("search", bare=True, arguments=ArgumentForm.WORDS)
    where = And((OneOf(ARGS, ("delete", "-x"), CI), Not(OneOf(ARGS, ("quiet",), CI))))
    emission = emitted(where, options=words)
    assert [d.code for d in emission.diagnostics] == ["T230"]
    assert 'CommandLine IN ("*delete*", "*-x*")' in emission.text
    assert 'NOT args="quiet"' in emission.text
    events = [{"CommandLine": line} for line in ("a delete", "a xdeletey", "a", "a delete quiet")]
    assert found(emission.text, events) == [0, 1]
    assert found(text_of(where), events) == [0]
