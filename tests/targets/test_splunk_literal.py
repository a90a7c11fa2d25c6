"""Values stay values: what is written is read back as the same text and can end nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets.splunk_cases import emitted, found, text_of

from backends.splunk.deploy.header import comment, harmless
from converter.languages.spl.write import write
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import Like, Not, OneOf
from converter.model.rule import Match
from converter.model.value import Field

HOSTILE = [
    'a"b',
    "back\\slash",
    "C:\\new\\table",
    "\\\\server\\share",
    "ends in \\",
    "line\nbreak",
    "\r\ttab",
    "x | delete",
    "`macro`",
    "```comment```",
    "$token$",
    "[search index=*]",
    "(a OR b)",
    "NOT",
    "*",
    "a*b",
    "a?b%c_d",
    "5",
    "05.0",
    "1e3",
    "",
    " ",
    " a ",
    "\x00\x01\x7f",
    "é",
    "日本",
    "😀",
    "\u2028",
    "^a$",
    "[a-z]+",
    "x{2}",
    "(?i)x",
    "a,b",
    "'q'",
    "=",
    "inf",
    "0x10",
]
characters = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.one_of(st.sampled_from(HOSTILE), st.text("ab\"\\'`$|[](){}*?+.^-\n\t%_5 ", max_size=5), characters)
fields = st.sampled_from([Field("s", many=False), Field("m.n", many=True), Field("q{}.r", many=True)])


@settings(max_examples=120)
@given(fields, st.lists(values, min_size=1, max_size=3, unique=True), st.sampled_from(Case), values)
def test_values_are_read_back(field: Field, wanted: list[str], case: Case, other: str) -> None:
    events = [*({field.path: v} for v in wanted), {field.path: other + "x"}, {field.path: "x" + other}, {}]
    text = text_of(OneOf(field, tuple(wanted), case))
    others = [number for number in (len(wanted), len(wanted) + 1) if _same(events[number][field.path], wanted, case)]
    assert found(text, events) == [*range(len(wanted)), *others]


def _same(value: str, wanted: list[str], case: Case) -> bool:
    def fold(text: str) -> str:
        return "".join(c.lower() if c.isascii() else c for c in text) if case is Case.INSENSITIVE else text

    return fold(value) in {fold(w) for w in wanted}


@settings(max_examples=60)
@given(fields, values, values, st.sampled_from(Case))
def test_values_inside_patterns_are_read_back(field: Field, left: str, right: str, case: Case) -> None:
    where = Like(field, (of(left, Wild.ANY_RUN, right),), case)
    assert 0 in found(text_of(where), [{field.path: f"{left}{right}"}])
    assert found(text_of(Not(where)), [{field.path: f"{left}\n{right}"}, {}]) == [1]


def test_lone_surrogate_matches_nothing() -> None:
    text = text_of(OneOf(Field("s", many=False), ("a\ud800", "b"), Case.SENSITIVE))
    text.encode("utf-8")
    assert found(text, [{"s": "b"}, {"s": "a"}, {"s": "a?"}]) == [0]


@given(st.one_of(st.sampled_from(HOSTILE), characters))
def test_comments_cannot_be_left(name: str) -> None:
    written = write((comment([name, f"``` | delete {name}"]),))
    assert written.count("```") == 2
    assert not set(harmless(name)) & set('`$|[]"\\\n')


@pytest.mark.parametrize("name", HOSTILE)
def test_name_and_author_stay_comments(name: str) -> None:
    where = Match(OneOf(Field("a", many=False), ("x",), Case.SENSITIVE))
    keys: dict[str, Any] = {
        "author": (name,),
        "license": name,
        "references": (name,),
        "rule_id": name,
        "description": name,
    }
    text = emitted(where, "", name=name or "n", **keys).text
    assert found(text, [{"a": "x"}, {"a": "y"}]) == [0]
