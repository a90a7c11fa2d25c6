"""A condition on one text as options: lists and alternatives apart, expressions as the plainest form that says them."""

from __future__ import annotations

import itertools

import pytest

from converter.forms.options import options
from converter.languages.regex.rust import searched
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import Like, Matches, OneOf, Or, Predicate, Present
from converter.model.value import Field
from converter.reference.predicate import matches

A = Field("a", many=False)
EXACT, FOLDED = Case.SENSITIVE, Case.INSENSITIVE
RUN, ONE = Wild.ANY_RUN, Wild.ANY_ONE
TEXTS = ["".join(signs) for length in range(4) for signs in itertools.product("aAb1", repeat=length)] + ["a\nb", "aaaa"]


def is_(value: str, case: Case = EXACT) -> OneOf:
    return OneOf(A, (value,), case)


def like(*parts: str | Wild, case: Case = EXACT) -> Like:
    return Like(A, (of(*parts),), case)


def regex(text: str, case: Case = EXACT) -> Matches:
    return Matches(A, (searched(text),), case)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OneOf(A, ("b", "a"), EXACT), {is_("a"), is_("b")}),
        (OneOf(A, ("Ab", "1"), FOLDED), {is_("ab", FOLDED), is_("1")}),
        (Like(A, (of("a", RUN), of("1", RUN)), FOLDED), {like("a", RUN, case=FOLDED), like("1", RUN)}),
        (Or((is_("a"), Or((is_("b"), Present(A))))), {is_("a"), is_("b"), Present(A)}),
        (regex("^(?:a|b)$"), {is_("a"), is_("b")}),
        (regex("(?s)^a.*b$"), {like("a", RUN, "b")}),
        (regex("(?s)^a.b$"), {like("a", ONE, "b")}),
        (regex("(?s)^a.{2,}$"), {like("a", ONE, ONE, RUN)}),
        (regex("(?i)^ab$"), {is_("ab", FOLDED)}),
        (regex("^(?:a|b)(?:a|1)"), {like("aa", RUN), like("a1", RUN), like("ba", RUN), like("b1", RUN)}),
    ],
)
def test_options_in_their_plainest_form(condition: Predicate, expected: set[Predicate]) -> None:
    assert options(condition) == expected


@pytest.mark.parametrize(
    "condition",
    [
        regex("^a(?i)b$"),  # letters of both kinds: no wildcard pattern says it
        regex("^[ab]$"),
        regex("^a{2,3}$"),
        regex("^(?:a|b|1|A)(?:a|b|1|A)(?:a|b|1|A)(?:a|b|1|A)(?:a|b|1|A)$"),  # more options than are taken apart
        regex("^ab$", FOLDED),
    ],
)
def test_what_no_pattern_says_stays_an_expression(condition: Matches) -> None:
    assert options(condition) == {condition}


@pytest.mark.parametrize(
    "condition",
    [
        regex("^(?:a|b)(?:a|1)?"),
        regex("(?i)a(?:b|1)"),
        regex("(?s)^a.+|b$"),
        Like(A, (of("A", RUN), of(ONE, "1")), FOLDED),
        OneOf(A, ("aA", "1"), FOLDED),
    ],
)
def test_options_together_take_the_same_texts(condition: Predicate) -> None:
    found = Or(tuple(options(condition)))
    events = [{"a": text} for text in TEXTS]
    assert [matches(found, event) for event in events] == [matches(condition, event) for event in events]
