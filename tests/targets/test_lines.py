"""Texts of a rule where a line is all there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from converter.target.lines import one_line


@given(st.text(st.sampled_from("ab \t\n\r\x00\x1c\x85\xa0\u2028\u200b\u202e\xad\ud800\N{SNOWMAN}")))
def test_one_line_has_no_other_blanks_than_single_ones(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable()
    assert shown.split(" ") == ("".join(c if c.isprintable() else " " for c in text).split() or [""])
