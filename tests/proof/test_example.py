"""Values that satisfy a leaf, values one slip away, and values worth trying for a script."""

from __future__ import annotations

from converter.model.pattern import Case, Wild, of
from converter.model.predicate import Analyzer, Between, End, Holds, Leaf, Like, OneOf, Phrase, Present
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Value
from converter.proof.example import examples, near, script_values
from converter.reference import matches

A, N = Field("a", many=False), Field("n", Kind.LONG, many=False)


def script(function: Function, *arguments: Value) -> Call:
    return Call(function, (A, *arguments))


def test_a_long_list_is_tried_at_its_ends_and_between() -> None:
    listed = Like(A, tuple(of(f"{n:02d}", Wild.ANY_RUN) for n in range(40)), Case.SENSITIVE)
    found = list(examples(listed))
    starts = {str(one)[:2] for one in found}
    assert {"00", "39"} < starts
    assert len(starts) == 5
    assert all(matches(listed, {"a": one}) for one in found)


def test_a_script_alone_has_no_examples() -> None:
    assert list(examples(Holds(script(Function.LENGTH)))) == []


def test_what_is_near_a_range_is_around_both_its_ends() -> None:
    found = set(near(Between(N, End(10), End(20)), 15))
    assert {9, 10, 11, 19, 20, 21} <= found


def test_what_is_near_a_phrase_has_its_words_apart_or_turned() -> None:
    leaf = Phrase(A, (of("net"), of("user")), Analyzer.STANDARD)
    assert {"user net", "net and user", "xnet userx", "user", "NET USER", ""} <= set(near(leaf, "net user"))


def test_what_is_near_a_text_is_a_slip_away() -> None:
    leaves: list[Leaf] = [OneOf(A, ("1*",), Case.SENSITIVE), Present(A)]
    for leaf in leaves:
        assert {"1*x", "x1*", "1", "*", "1zz", ""} <= set(near(leaf, "1*"))
    assert "042" in set(near(OneOf(A, ("42",), Case.SENSITIVE), "42"))
    assert list(near(Present(N), 5)) == ["malformed"]


def test_values_for_a_script_come_from_its_constants() -> None:
    pattern = of("cmd", Wild.ANY_RUN, Wild.ANY_ONE)
    assert {"cmdx", "cmdxx"} <= set(script_values(script(Function.LIKE, Literal(pattern))))
    assert any(one is True for one in script_values(script(Function.EQ, Literal(value=True))))
    assert {"ab", "abx", "xab", "xaby", "AB", "abab"} <= set(script_values(script(Function.EQ, Literal("ab"))))
    plain = list(script_values(script(Function.EQ)))
    for literal in (Literal(None), Literal(Instant(5)), Literal(Now(0))):
        assert list(script_values(script(Function.EQ, literal))) == plain
