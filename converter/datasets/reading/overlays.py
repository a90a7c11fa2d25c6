"""Several mapping files, one over another: each changes what those before it made of the tables.

Where two files say different things of the same, the later one counts, and a message says which (M033).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from converter.datasets.codes import M033
from converter.datasets.reading.catalogue import Catalogue, builtin
from converter.datasets.reading.document import Document, documents
from converter.datasets.reading.overlay import PLACEHOLDERS, load_mapping, load_placeholders
from converter.diagnostics import Diagnostic, Severity
from converter.rulefile import read_bounded

Key = tuple[str, ...]
"""What a file says something of: a table, and in it a field on a platform, a key of a place, or a key of its own."""


@functools.lru_cache(maxsize=4)
def with_mappings(files: tuple[tuple[Path, int], ...]) -> Catalogue:
    """The package's tables under the mapping files in order; with each the time of its last change, for the cache.

    Raises MappingError with the place of a slip, RuleFileError for a file that cannot be read.
    """
    known = builtin()
    before: dict[Key, tuple[str, str]] = {}
    found: list[Diagnostic] = []
    for path, _ in files:
        text, name = read_bounded(path), path.as_posix()
        known = known.with_tables(load_mapping(text, name, known), load_placeholders(text, name))
        own: dict[Key, tuple[str, str]] = {}
        for document in documents(text, name):
            for key, node in _said(document):
                says = yaml.serialize(node)
                earlier, where = before.get(key, (says, ""))
                if earlier != says:
                    found.append(_conflict(document, node, key, where))
                own[key] = says, name
        before |= own
    return known.with_messages(found)


def _conflict(document: Document, node: yaml.Node, key: Key, where: str) -> Diagnostic:
    what = "the whole table" if len(key) == 1 else ".".join(key[1:])
    message = f"{where} says something else of {what} of {key[0]}; this file comes after it and counts"
    hint = "give the files in another order, or say it in one of them only"
    return Diagnostic(M033, message, Severity.ADVICE, span=document.span(node), source=document.source, hint=hint)


def _said(document: Document) -> Iterator[tuple[Key, yaml.Node]]:
    """What a document of a mapping file says something of, and what; the document has been read without errors."""
    parts = dict(_pairs(document.root))
    if (words := parts.get(PLACEHOLDERS)) is not None:
        yield from (((PLACEHOLDERS, word.strip("%")), node) for word, node in _pairs(words))
    if (whole := parts.get("dataset")) is not None and document.root is not None:
        yield (document.text(whole, "a name"),), document.root
    if (extended := parts.get("extends")) is None:
        return
    table = document.text(extended, "a name")
    for name, node in parts.items():
        match name:
            case "fields":
                yield from _inner((table, name), _pairs(node), 1)
            case "platforms":  # platform, place, key of the place, key of its header
                yield from _inner((table, name), _pairs(node), 3)
            case "extends" | "evidence" | "note":
                continue
            case _:
                yield (table, name), node


def _inner(above: Key, pairs: Iterable[tuple[str, yaml.Node]], depth: int) -> Iterator[tuple[Key, yaml.Node]]:
    """The values at a depth, or where a value of less depth holds no others, by the keys above them."""
    for name, node in pairs:
        if depth and isinstance(node, yaml.MappingNode):
            yield from _inner((*above, name), _pairs(node), depth - 1)
        else:
            yield (*above, name), node


def _pairs(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]
