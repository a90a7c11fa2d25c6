"""Whatever stands in a rule file: a rule, or an error with code, place and caret; whatever is a rule: a verdict."""

from __future__ import annotations

import functools
import random
from functools import partial

import pytest
from fuzz.mutation import mutated, mutated_query
from fuzz.rule_text import read, rule_text, timed
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import corpus_rules, needs_shared

import converter
from converter import rulefile
from converter.diagnostics.errors import ConverterError, RuleFileError
from converter.model.rule import Rule

TARGETS = ("python", "splunk", "sentinel", "sigma")
SECONDS = 10.0


def judge(text: str) -> bool:
    """Whether the text is a rule; then every target says one of three things of it, twice the same."""
    found = timed(SECONDS, lambda: read(text))
    if not isinstance(found, Rule):
        return False
    before = repr(found)
    for target in TARGETS:
        for fields in ("ecs",) if target == "python" else ("ecs", None):
            one = timed(SECONDS, partial(converter.convert, found, target, fields=fields))
            again = converter.convert(found, target, fields=fields)
            assert one == again
            assert one.status in ("exact", "approximate", "refused")
            assert (one.status == "refused") == (not one.text)
            assert one.status == "exact" or any(d.severity.value != "note" for d in one.diagnostics)
    assert repr(found) == before
    return True


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_error_random_bytes(data: bytes) -> None:
    try:
        text = rulefile.decode(data, "r.toml")
    except RuleFileError as error:
        assert "^" in str(error)
        return
    assert isinstance(read(text), ConverterError)


def _is_text(text: str) -> bool:
    return all(not "\ud800" <= c <= "\udfff" for c in text)


@given(st.text(max_size=80).filter(_is_text), st.sampled_from(("kuery", "eql", "lucene")))
@settings(max_examples=300)
def test_random_text_as_a_query(query: str, language: str) -> None:
    judge(rule_text(query, language))


@functools.cache
def _corpus() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in corpus_rules())


@functools.cache
def _queries() -> tuple[tuple[str, str], ...]:
    found = []
    for text in _corpus():
        try:
            meta = rulefile.read_text(text, "r.toml").meta
        except ConverterError:
            continue
        if meta.language in ("kuery", "eql", "lucene") and meta.type in ("query", "eql"):
            found.append((meta.query, meta.language))
    return tuple(found)


def _files(seed: int, number: int) -> None:
    rng = random.Random(seed)
    rules = sum(judge(mutated(rng, rng.choice(_corpus()))) for _ in range(number))
    assert number // 10 < rules < number  # edits neither break all files nor spare all


def _broken_queries(seed: int, number: int) -> None:
    rng = random.Random(seed)
    rules = 0
    for _ in range(number):
        query, language = rng.choice(_queries())
        rules += judge(rule_text(mutated_query(rng, query), language))
    assert number // 20 < rules < number


@needs_shared
@pytest.mark.parametrize("seed", range(2))
def test_mutated_rule_files(seed: int) -> None:
    _files(seed, 150)


@needs_shared
@pytest.mark.parametrize("seed", range(2))
def test_mutated_queries(seed: int) -> None:
    _broken_queries(seed, 150)


@needs_shared
@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_mutated_rule_files(seed: int) -> None:
    _files(seed, 2_000)


@needs_shared
@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_mutated_queries(seed: int) -> None:
    _broken_queries(seed, 2_000)
