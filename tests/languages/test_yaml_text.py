"""YAML as we write it is read back equal by readers of YAML 1.1 (PyYAML's two) and of YAML 1.2 (ours)."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.diagnostics import Source
from converter.languages.yaml import dump
from converter.rulefile.yamltext import documents

_SIGNS = st.sampled_from("a1_-.:, #&*!|>'\"%@`{}[]?=~\n\n \t\\\x07\x85\xa0\xad\u2028\ufeff\uff0e\U0001f600eExXnoYyN0")
_TEXTS = st.text(_SIGNS, max_size=12) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SCALARS = _TEXTS | st.integers() | st.booleans() | st.none()


def _maps(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(_TEXTS.filter(bool), inner, max_size=3)


_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | _maps(inner), max_leaves=8)


def _flat(value: object) -> bool:
    """Whether no list stands in a list: no document of ours has one."""
    match value:
        case dict():
            return all(map(_flat, value.values()))
        case list():
            return all(not (isinstance(one, list) and one) and _flat(one) for one in value)
        case _:
            return True


@given(_maps(_VALUES).filter(_flat).filter(bool), st.sampled_from(["  ", "    "]))
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
