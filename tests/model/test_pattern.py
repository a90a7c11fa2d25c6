"""A pattern and a text: the quick ways of `matcher` say what trying every way says."""

from __future__ import annotations

import itertools

import pytest

from converter.model.pattern import Case, Pattern, Wild, fold, like, matcher, of

SIGNS: tuple[str | Wild, ...] = ("a", "B", Wild.ANY_RUN, Wild.ANY_ONE)
TEXTS = ["".join(signs) for length in range(5) for signs in itertools.product("aBb", repeat=length)]


def slowly(text: str, signs: tuple[str | Wild, ...]) -> bool:
    """By trying everything that each sign can stand for."""
    if not signs:
        return not text
    first, *rest = signs
    if first is Wild.ANY_RUN:
        return any(slowly(text[at:], tuple(rest)) for at in range(len(text) + 1))
    return bool(text) and first in (Wild.ANY_ONE, text[0]) and slowly(text[1:], tuple(rest))


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("length", range(5))
def test_a_matcher_says_what_trying_everything_says(length: int, case: Case) -> None:
    for signs in itertools.product(SIGNS, repeat=length):
        test = matcher(of(*signs), case)
        plain = tuple(fold(s, case) if isinstance(s, str) else s for s in signs)
        for text in TEXTS:
            assert test(text) is slowly(fold(text, case), plain), (signs, text)
            assert not test(text) or of(*signs).least <= len(text)


def test_parts_become_one_text_and_runs_one_run() -> None:
    run, one = Wild.ANY_RUN, Wild.ANY_ONE
    assert of("a", "", "b", run, "", run, "c") == Pattern(("ab", run, "c"))
    assert of(run, one, run, one) == Pattern((one, one, run))
    assert of("", "") == Pattern(())


def test_letters_beyond_ascii_keep_their_case() -> None:
    assert fold("ÄBc", Case.INSENSITIVE) == "Äbc"
    assert fold("ABc", Case.SENSITIVE) == "ABc"
    assert not like("äb", of("Ä", Wild.ANY_RUN), Case.INSENSITIVE)
    assert like("ÄB", of("Ä", Wild.ANY_RUN), Case.INSENSITIVE)
