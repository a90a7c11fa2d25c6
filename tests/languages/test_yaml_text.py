"""YAML as we write it is read back equal by readers of YAML 1.1 (PyYAML's two) and of YAML 1.2 (ours)."""

from __future__ import annotations

import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.diagnostics import Source
from converter.languages.yaml import dump
from converter.rulefile.yamltext import documents

_SIGNS = st.sampled_from("a1_-.:, #&*!|>'\"%@`{}[]?=~\n\n \t\\\x07\x85\xa0\xad\u2028\ufeff\uff0e\U0001f600eExXnoYyN0")
_TEXTS = st.text(_SIGNS, max_size=12) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_SCALARS = _TEXTS | _NUMBERS | st.booleans() | st.none()


def _maps(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(_TEXTS.filter(bool), inner, max_size=3)


_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | _maps(inner), max_leaves=8)


@given(_maps(_VALUES).filter(bool), st.sampled_from(["  ", "    "]))
def test_every_reader_takes_it_for_the_same(document: dict[str, object], step: str) -> None:
    text = dump(document, step)
    assert yaml.load(text, yaml.SafeLoader) == document
    assert yaml.load(text, yaml.CSafeLoader) == document
    (read,) = documents(Source("r.yml", text))
    assert isinstance(read, tuple)
    assert read[0] == document


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "No",
        "1.5",
        "0x1f",
        "1e5",
        "12:30",
        "2026-11-29",
        "null",
        "~",
        "",
        " a",
        "a ",
        "a: b",
        "a #b",
        "- a",
        ".5",
    ],
)
def test_what_could_be_something_else_is_quoted(text: str) -> None:
    assert dump({"a": text}) == f"a: '{text}'\n"


@pytest.mark.parametrize("text", ["1.0.0", "14d", "PT1H", "T1059.001", "_ResourceId", "ATT&CK", "cafe"])
def test_plain_words_stand_plain(text: str) -> None:
    assert dump({"a": text}) == f"a: {text}\n"


def test_a_text_of_several_lines_is_a_block_with_its_own_end() -> None:
    assert dump({"a": "x\n  y\n", "b": {"c": "x\n\ny"}}, "  ") == "a: |\n  x\n    y\nb:\n  c: |-\n    x\n\n    y\n"


@pytest.mark.parametrize("text", [" a\nb", "a \nb", "\na", "a\n\n", "a\tb\nc", "a\rb\nc"])
def test_what_a_block_would_change_is_escaped(text: str) -> None:
    written = dump({"a": text})
    assert written.startswith('a: "')
    assert yaml.safe_load(written) == {"a": text}


def test_lists_in_lists_keep_their_members() -> None:
    assert dump({"a": [[1, [2]], []]}, "  ") == "a:\n  -\n    - 1\n    -\n      - 2\n  - []\n"


@pytest.mark.parametrize(
    ("value", "text"), [(1e16, "1.0e+16"), (1.5e-7, "1.5e-07"), (float("inf"), ".inf"), (float("-inf"), "-.inf")]
)
def test_numbers_are_numbers_to_readers_of_both_versions(value: float, text: str) -> None:
    assert dump({"a": value}) == f"a: {text}\n"
    assert yaml.safe_load(f"a: {text}") == {"a": value}


def test_a_key_that_is_too_long_for_its_line_is_read_back() -> None:
    document = {"b": [{"k" * 2000: {"c" * 2000: "d"}, "e": 1}]}
    text = dump(document)
    assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, yaml.CSafeLoader) == document


def test_what_nobody_sees_is_escaped() -> None:
    """Signs without a shape, and those that turn the order of others or end a line to some reader."""
    for sign in map(chr, (*range(0xD800), *range(0xE000, 0x110000))):
        if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} and sign != "\n":
            text = dump({"a": f"x{sign}y", "b": f"x\n{sign}y"})
            assert sign not in text
            assert yaml.load(text, yaml.CSafeLoader) == {"a": f"x{sign}y", "b": f"x\n{sign}y"}
    assert dump({"a": "é ☃ \U0001f600\nb"}) == "a: |-\n    é ☃ \U0001f600\n    b\n"
