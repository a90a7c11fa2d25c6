"""What a table says is known of columns' values: facts of a whole table, of a place, of one counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import yaml

from converter.datasets.codes import M004
from converter.datasets.reading.document import Document
from converter.model.fact import Fact

ColumnFacts = Mapping[str, frozenset[Fact]]
"""The facts of each column, by its name."""

_FACTS = {fact.word: fact for fact in Fact}
_SHORT_FACTS = (("closed", Fact.ONE_SPELLING), ("lowered", Fact.LOWER_CASE))


def joined(one: ColumnFacts, other: ColumnFacts) -> ColumnFacts:
    """The facts of both, column by column."""
    return {column: one.get(column, frozenset()) | other.get(column, frozenset()) for column in {**one, **other}}


def table(
    doc: Document, node: yaml.Node | None, included: Iterable[Mapping[str, ColumnFacts]]
) -> dict[str, ColumnFacts]:
    """The facts of each platform's columns: the table's own and those of the tables that it includes."""
    found: dict[str, ColumnFacts] = {}
    for facts in included:
        for platform, columns in facts.items():
            found[platform] = joined(found.get(platform, {}), columns)
    if node is not None:
        for platform, _, listed in doc.items(node, "facts"):
            found[platform] = joined(found.get(platform, {}), _columns(doc, listed))
    return found


def place(doc: Document, parts: Mapping[str, yaml.Node]) -> ColumnFacts:
    """The facts of a place's columns: `closed` and `lowered` are lists, `facts` a list of columns for each fact."""
    found = _columns(doc, parts["facts"]) if "facts" in parts else {}
    for name, fact in _SHORT_FACTS:
        if name in parts:
            found = joined(found, dict.fromkeys(doc.texts(parts[name], "a column"), frozenset({fact})))
    return found


def counterpart(doc: Document, parts: Mapping[str, yaml.Node]) -> frozenset[Fact]:
    """The facts of one counterpart's values: `closed: true` and `facts: [drive_path]`."""
    closed = "closed" in parts and doc.flag(parts["closed"], "closed")
    words = doc.texts(parts["facts"], "facts") if "facts" in parts else ()
    return frozenset([*(_fact(doc, w, parts["facts"]) for w in words), *([Fact.ONE_SPELLING] if closed else [])])


def _columns(doc: Document, node: yaml.Node) -> ColumnFacts:
    """The facts of each column, from a list of columns for each fact."""
    found: ColumnFacts = {}
    for word, key, value in doc.items(node, "facts"):
        found = joined(found, dict.fromkeys(doc.texts(value, "a column"), frozenset({_fact(doc, word, key)})))
    return found


def _fact(doc: Document, word: str, node: yaml.Node) -> Fact:
    if word not in _FACTS:
        raise doc.error(node, M004, f"{word!r} is no fact", f"one of: {', '.join(_FACTS)}")
    return _FACTS[word]
