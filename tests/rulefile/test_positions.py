"""Places of keys and values, judged by tomli: what stands at a value's place reads as that value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from shared import corpus_rules, needs_shared

from converter.rulefile.positions import Path, Positions
from converter.rulefile.table import decode_key


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    match value:
        case dict():
            for key, child in value.items():
                yield from leaves(child, (*path, key))
        case list():
            for i, child in enumerate(value):
                yield from leaves(child, (*path, i))
        case _:
            yield path, value


def check(text: str) -> int:
    positions = Positions(text, decode_key)
    count = 0
    for path, value in leaves(tomli.loads(text)):
        span = positions.value(path)
        assert span is not None, path
        assert tomli.loads(f"v = {text[span.start : span.end]}") == {"v": value}, path
        names = [p for p in path if isinstance(p, str)]
        key = positions.key(path)
        assert key is not None
        if isinstance(path[-1], str):
            written = tomli.loads(f"{text[key.start : key.end]} = 0")
            last = next(iter(leaves(written)))[0]
            assert list(last) == names[-len(last) :] or names[-1] in last, path
        count += 1
    return count


@needs_shared
def test_every_value_of_the_corpus_is_found() -> None:
    assert sum(check(path.read_text(encoding="utf-8")) for path in list(corpus_rules())[::5]) > 10_000


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nb=2 # c = 3\n[t]\na = 4",
        "a.b.c = 1\na.'b'.\"d\" = 2\n  [ x . y ]\n z . w = 3",
        "[[t]]\na = 1\n[[t]]\na = 2\n[t.u]\nb = 3\n[[t.v]]\nc = 4\n[[t.v]]\nc = 5\n[[t]]\n[[t.v]]\nc = 6",
        "a = [1, [2, 3], { b = 4, c.d = [5] }, # ] } comment\n 6,\n]\ne = 7",
        "a = {}\nb = []\nc = [ [], {} ]\nd = 1",
        'a = """\nx = 1\n[t]\n\\"""\\\\"""\nb = \'\'\'\n\'\'quoted\'\'\'\'\'\nc = "\\"#[" # "\nd = \'#\\\'\ne = 1',
        'a = """"quoted""""\nb = 1979-05-27 07:32:00Z\nc = 1979-05-27T07:32:00\nd = 07:32:00\ne = +1_000.5e-3\nf = inf',
        "'a b' = 1\n\"c\\u0041\" = 2\n[\"x.y\".'z']\nb = 3",
        "[a.b]\nc = 1\n[a]\nd = 2\n[a.b.e]\nf = 3",
        "a = {b = {c = [ { d = 1 }, { d = '}' } ] } }",
        "\n\n# only a comment\n",
        "",
    ],
)
def test_places(text: str) -> None:
    check(text)


@given(st.recursive(st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=12))
def test_places_in_any_nested_list(value: object) -> None:
    def written(item: object) -> str:
        match item:
            case list():
                return "[ " + ", ".join(written(i) for i in item) + " ]"
            case str():
                return '"' + "".join(f"\\U{ord(c):08X}" for c in item) + '"'
            case _:
                return str(item)

    check(f"a = {written(value)} # end\nb = 0")


def test_parent_stands_for_a_missing_key() -> None:
    positions = Positions("[rule]\nname = 1\n", decode_key)
    assert positions.key(("rule", "x", 3)) == positions.key(("rule",))
    assert positions.key(("metadata",)) is None
    assert positions.value(("rule",)) is None
