"""Arguments looked for in the command line that holds them, for places that have nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.datasets.rewriting.values import fits, within, word
from converter.model import pattern
from converter.model.pattern import Case, Pattern, Wild

ARGUMENTS = st.text("ab-/=.\\", min_size=1, max_size=4)


def found(wanted: Pattern, line: str) -> bool:
    return any(fits(one, line, Case.SENSITIVE) for one in word(wanted))


@given(st.lists(ARGUMENTS, min_size=1, max_size=4), ARGUMENTS)
def test_argument_after_the_program_is_found_between_blanks(arguments: list[str], wanted: str) -> None:
    line = " ".join(("x.exe", *arguments))
    assert found(pattern.of(wanted), line) is (wanted in arguments)


@given(st.lists(ARGUMENTS, min_size=1, max_size=4), ARGUMENTS)
def test_wildcards_find_every_argument_that_they_match(arguments: list[str], part: str) -> None:
    line = " ".join(("x.exe", *arguments))
    for parts in ((part, Wild.ANY_RUN), (Wild.ANY_RUN, part), (Wild.ANY_RUN, part, Wild.ANY_RUN)):
        wanted = pattern.of(*parts)
        if any(fits(wanted, argument, Case.SENSITIVE) for argument in arguments):
            assert found(wanted, line)


@pytest.mark.parametrize("line", ['x.exe "a b"', "x.exe -c a b", "x.exe a b c"])
def test_value_with_blanks_is_some_part_of_the_text(line: str) -> None:
    assert word(pattern.of("a b")) == (within(pattern.of("a b")),)
    assert found(pattern.of("a b"), line)
