"""Guarded tests of a `where` stand alone without their guard, and the rows found stay the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from targets.splunk_cases import found

from backends.splunk.detection.plain import plain
from converter.languages.spl.parse import pipeline
from converter.languages.spl.write import write


def plainly(text: str) -> str:
    return write((plain(pipeline(text)),)).replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("search a=1 | where if(b==2, 1, 0)==1", "search a=1 | where b==2"),
        ("search a=1 | where isnotnull(c) AND if(b==2, 1, 0)==1", "search a=1 | where isnotnull(c) | where b==2"),
        ("search a=1 | where if(isnotnull(b) AND b>5, 1, 0)==1", "search a=1 | where b>5"),
        (
            "search a=1 | where if(b>5, 1, 0)==1 AND if(c<2, 1, 0)==1",
            "search a=1 | where b>5 | where c<2",
        ),
        # What a test does not compare keeps its guard of presence, and so does a part of an OR.
        ("search a=1 | where if(isnotnull(c) AND b>5, 1, 0)==1", "search a=1 | where isnotnull(c) | where b>5"),
        ("search a=1 | where if(b>5, 1, 0)==1 OR d==1", "search a=1 | where if(b>5, 1, 0)==1 OR d==1"),
        ("search a=1 | where NOT (if(b>5, 1, 0)==1)", "search a=1 | where NOT (if(b>5, 1, 0)==1)"),
        ("search a=1 | where if(b>5, 1, 2)==1", "search a=1 | where if(b>5, 1, 2)==1"),
        (
            "| multisearch [search a=1 | where if(b>5, 1, 0)==1] [search a=2]",
            "| multisearch [search a=1 | where b>5] [search a=2]",
        ),
    ],
)
def test_form(text: str, wanted: str) -> None:
    assert " ".join(plainly(text).replace("[ ", "[").split()) == wanted


VALUES = st.one_of(st.none(), st.integers(-3, 9))
TESTS = st.sampled_from(
    ["b>5", "isnotnull(b) AND b>5", "len(c)>0", "isnotnull(c) AND b==2", "b<c", "isnotnull(b) AND (b==2 OR c==5)"]
)


@given(st.lists(TESTS, min_size=1, max_size=3), st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=5))
def test_the_same_rows(tests: list[str], rows: list[tuple[object, object]]) -> None:
    text = "search * | where " + " AND ".join(f"if({test}, 1, 0)==1" for test in tests)
    events = [{k: v for k, v in {"b": b, "c": c}.items() if v is not None} for b, c in rows]
    before, after = (found(one, events) for one in (text, plainly(text)))
    assert before == after
