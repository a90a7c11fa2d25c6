"""A line that is parsed no further than rules ask: what stands at their paths is what a whole parse gives."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import samples
from strategies import events, predicates

from benchmarks.events import events as stream
from converter.engine.engine import Engine
from converter.engine.judging import judge
from converter.engine.matcher import Matcher
from converter.engine.narrow import narrow
from converter.engine.sources.batch import Batch
from converter.engine.sources.decode import BrokenEventError, decode
from converter.model.pattern import Case
from converter.model.predicate import Constant, Element, Not, OneOf, Predicate, Present
from converter.model.value import Field
from converter.model.walk import predicates as predicates_of
from converter.reference.event import raw_values

pytest.importorskip("msgspec", reason="msgspec is in the extra fast")

FIXED = settings(derandomize=True, deadline=None, max_examples=150, database=None)
NOW = 1_700_000_000_000
PATHS = ("a", "b.c", "b.d.e", "f.g")
_names = st.sampled_from(("a", "b", "c", "d", "e", "f", "g", "b.c", "d.e", "other", 'q"', "\u00e9"))
_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=4), st.sampled_from(("x.y", '":', '."', "\\", "\u00e9")),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_names, inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip


def narrowly(line: bytes, paths: tuple[str, ...] = PATHS) -> dict[str, object] | None:
    parse = narrow(paths, ())
    assert parse is not None
    return parse(line)


@FIXED
@given(st.dictionaries(_names, _values, max_size=6), st.booleans(), st.sampled_from((None, 1)))
def test_what_stands_at_the_paths_is_the_same(event: dict[str, object], escaped: bool, indent: int | None) -> None:
    line = json.dumps(event, ensure_ascii=escaped, indent=indent).encode()
    found = narrowly(line)
    if found is not None:
        whole = decode(line)
        for path in PATHS:
            assert list(map(repr, raw_values(found, path))) == list(map(repr, raw_values(whole, path)))


def test_names_that_no_path_leads_to_are_passed_over() -> None:
    line = b'{"x": [1, {"y": 2}], "b": {"c": 1, "z": 2}, "f": ["g"], "a": {"any": {"thing": 1}}}'
    assert narrowly(line) == {"b": {"c": 1}, "f": ["g"], "a": {"any": {"thing": 1}}}


@pytest.mark.parametrize(
    "line",
    [
        b'{"b.c": 1}',
        b'{"x": {"d.e" \t: 1}}',
        b'{"b\\u002ec": 1}',
        b'{"b": {"d\\u002Ee": 1}}',
        b'{"x": "\xff"}',
        b'{"x": {"\xed\xa0\x80": 1}}',
        b'{"x": "\\ud800"}',
        b'{"x": NaN}',
        b'{"x": 1} y',
        b'{"x": ' + b"1" * 4301 + b"}",
        b'{"a": 1e999}',
        b'{"x": ' + b"[" * 2000 + b"]" * 2000 + b"}",
        b"\xef\xbb\xbf{}",
        b"[1]",
    ],
)
def test_lines_that_only_a_whole_parse_tells(line: bytes) -> None:
    assert narrowly(line) is None


@pytest.mark.parametrize("path", ['a"b', "a\\b", "\u00e9", "a\nb"])
def test_paths_whose_letters_may_be_escaped(path: str) -> None:
    assert narrow((path,), ()) is None


def test_after_such_a_line_others_like_it_are_not_tried() -> None:
    parse = narrow(PATHS, ())
    assert parse is not None
    assert parse(b'{"b.c": 1}') is None
    assert [parse(b'{"a": 1}') for _ in range(65)] == [None] * 64 + [{"a": 1}]


@FIXED
@given(st.lists(predicates(), min_size=1, max_size=8), st.lists(events(), min_size=1, max_size=6))
def test_a_plan_finds_the_same_in_lines(wheres: list[Predicate], found: list[dict[str, object]]) -> None:
    lines = [line for event in found if (line := json.dumps(event).encode()) and b"NaN" not in line]
    _same(wheres, [line for line in lines if b"Infinity" not in line])


def _same(wheres: list[Predicate], lines: list[bytes]) -> int:
    """How many lines were parsed narrowly; a difference fails."""
    plan, whole = Matcher(wheres, sample=2), Matcher(wheres, sample=2)
    count = 0
    for line in lines * 2:
        found, event = plan.match_line(line, NOW)
        assert found == whole.match(decode(line), NOW)
        count += event is None
    return count


def test_the_rules_of_the_samples() -> None:
    rules = [sample.rule for sample in samples() if not sample.refused]
    wheres = list(dict.fromkeys(where for rule in rules for where in predicates_of(rule.detection)))
    scenes: list[Mapping[str, object]] = [
        event for sample in samples() for expected in sample.scenes for event in expected.scene.events
    ]
    lines = [json.dumps(event).encode() for event in (*stream(200), *scenes)]
    assert _same(wheres, lines) > 300


def test_an_array_of_objects_of_which_nothing_is_asked() -> None:
    """Whether there is an element is asked, and none of its members."""
    there = Element("a.b", Constant(value=True))
    wheres: list[Predicate] = [there, Not(there), Element("c", Not(Present(Field("c.d"))))]
    lines = [b'{"a": {"b": [{"x": 1}]}}', b'{"a": {"b": []}}', b'{"c": [{"d": 1}, {"e": 1}]}', b'{"c": [{"d": 1}]}']
    assert _same(wheres, lines) > 0


def test_a_hit_is_parsed_whole_and_a_key_in_it_looked_for_twice() -> None:
    rule = samples()[0].rule
    lines = (b'{"a": "y"}', b'{"a": "x", "b": 1}', b'{"a": "x", "b": 1, "b": 2}', b'{"a": "y", "b": 1, "b": 2}')
    plan = Engine([rule], sample=1)
    plan.matcher = Matcher([OneOf(Field("a"), ("x",), Case.SENSITIVE)], sample=1)
    found = judge(plan, Batch("events", 1, lines))
    assert [(hit.offset, hit.event) for hit in found.hits] == [(1, {"a": "x", "b": 1})]
    assert [one.message for one in found.broken] == ["the key 'b' stands twice in one object"]


def test_error_a_broken_line_says_what_it_said() -> None:
    plan = Matcher([OneOf(Field("a"), ("x",), Case.SENSITIVE)], sample=1)
    plan.match_line(b"{}")
    with pytest.raises(BrokenEventError, match="no UTF-8"):
        plan.match_line(b'{"other": "\xff"}')
