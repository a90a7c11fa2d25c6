"""The taxonomy of Sigma's log sources: read strictly, and every entry good for what it promises."""

from __future__ import annotations

import pytest

from converter.api import catalogue
from converter.datasets.reading.taxonomy import builtin_sources, find, read_sources
from converter.diagnostics.errors import MappingError
from converter.model.metadata import LogSource
from converter.model.walk import leaves
from converter.readers.sigma.events import of_source

SOURCES = builtin_sources()
IDS = ["-".join(one.source.named.values()) for one in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_a_source_is_good_for_what_it_promises(source: object) -> None:
    (one,) = [s for s in SOURCES if s is source]
    known = catalogue()
    words = known.vocabulary(one.source)
    assert words.known
    assert bool(list(leaves(of_source(words, known.schema)))) is bool(words.where)
    assert "{name}" in words.other
    assert not one.table or words.names
    listed = {pattern for listing in known.listings for pattern in (*listing.selector.index, *listing.selector.also)}
    assert words.index
    for pattern in words.index:
        assert any(pattern.startswith(mine.rstrip("*")) or mine.startswith(pattern.rstrip("*")) for mine in listed)


def test_each_source_stands_once() -> None:
    assert len({tuple(sorted(one.source.named.items())) for one in SOURCES}) == len(SOURCES)


def test_more_keys_win() -> None:
    found = find(LogSource("windows", "process_creation", "sysmon"))
    assert found is not None
    assert found.source.category == "process_creation"
    assert find(LogSource("acme")) is None


def test_names_are_read_backwards() -> None:
    words = catalogue().vocabulary(LogSource("windows", "process_creation"))
    assert words.path("Image") == "process.executable"
    assert words.path("IntegrityLevel") == "winlog.event_data.IntegrityLevel"
    assert words.path("Hashes") == "sigma.Hashes"  # three of Elastic's fields are inside it, none is it


def test_words_that_elastic_spells_otherwise() -> None:
    words = catalogue().vocabulary(LogSource("windows", "registry_set"))
    assert words.differs("TargetObject", "*\\currentcontrolset\\Services*")
    assert words.differs("TargetObject", "*\\Run\\")
    assert not words.differs("TargetObject", "*\\Run\\*")
    assert not words.differs("Image", "ControlSet")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: {a: b}", "needs a list 'sources'"),
        ("sources: [{where: 'a == 1'}]", "a source needs the key 'source'"),
        ("sources: [{source: {product: a}, wher: x}]", "'wher' is no key of a source"),
        ("sources: [{source: {product: a}, ev: [X]}]", "no evidence 'X'"),
        ("", "empty"),
    ],
)
def test_error_taxonomy(text: str, said: str) -> None:
    with pytest.raises(MappingError, match=said):
        read_sources(text, "mine.yaml")
