"""A user's mapping file: tables of one's own, and changes to the package's tables.

The file holds one or more YAML documents. One with the key `dataset` is a table like the package's. One with the
key `extends` names a table and changes it: header keys are merged (an empty value removes one), `base`, `arrays`,
`numbers`, `show` and `columns` of a place are replaced, its facts are added, and a field's entry replaces the
platforms that it names. One with the key `placeholders` says what the placeholders of Sigma rules stand for.
"""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from converter.datasets.codes import M006
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.reading.document import Document, documents, known_keys
from converter.datasets.reading.load import TableReader, included_tables
from converter.datasets.reading.table import Entry, Place, Table
from converter.deferred import replace

_KEYS = ("extends", "platforms", "fields", "evidence", "note", "match", "rank")


def load_mapping(text: str, name: str, known: Catalogue) -> tuple[Table, ...]:
    """The tables of a mapping file, those it changes included. Raises MappingError with the place of a slip."""
    found: dict[str, Table] = {}
    for document in documents(text, name):
        if document.root is None:
            continue
        if _keyed(document, PLACEHOLDERS) is not None:
            continue
        extends = _keyed(document, "extends")
        if extends is None:
            table = TableReader(document, included_tables()).table()
        else:
            table = _overlay(document, extends, found, known)
        found[table.name] = table
    if not found and not load_placeholders(text, name):
        raise Document(text, name).empty()
    return tuple(found.values())


PLACEHOLDERS = "placeholders"


def load_placeholders(text: str, name: str) -> dict[str, tuple[str, ...]]:
    """The values of placeholders in a mapping file, by their name without percent signs. Raises MappingError."""
    found: dict[str, tuple[str, ...]] = {}
    for document in documents(text, name):
        node = _keyed(document, PLACEHOLDERS) if document.root is not None else None
        if node is None or document.root is None:
            continue
        for _ in known_keys(document, document.root, "a document of placeholders", (PLACEHOLDERS,)):
            for word, _, value in document.items(node, PLACEHOLDERS):
                found[word.strip("%")] = document.texts(value, word)
    return found


def _keyed(document: Document, wanted: str) -> yaml.Node | None:
    """The value of a key of the document, None where it lacks it."""
    assert document.root is not None  # noqa: S101  # checked by the caller
    for key, _, value in document.items(document.root, "the mapping"):
        if key == wanted:
            return value
    return None


def _overlay(document: Document, extends: yaml.Node, found: Mapping[str, Table], known: Catalogue) -> Table:
    assert document.root is not None  # noqa: S101  # checked by the caller
    reader = TableReader(document, {})
    parts = dict(known_keys(document, document.root, "a mapping that extends a table", _KEYS))
    name = document.text(extends, "the table to extend")
    try:
        base = found.get(name) or known.table(name)
    except KeyError:
        hint = "`siemglot fields` lists them"
        raise document.error(extends, M006, f"there is no table {name!r} to extend", hint) from None
    evidence = {**base.evidence, **reader.evidence(parts.get("evidence"))}
    entries = dict(base.entries)
    for path, key, node in reader.items(parts.get("fields"), "fields"):
        entries[path] = _merged(entries.get(path), reader.entry(path, key, node, set(evidence)))
    places = dict(base.places)
    for platform, _, node in reader.items(parts.get("platforms"), "platforms"):
        places[platform] = _places(document, reader, places.get(platform, ()), platform, node)
    changed = replace(base, entries=entries, places=places, evidence=evidence, source=document.source)
    if "match" in parts:
        changed = replace(changed, selector=reader.selector(parts["match"]))
    return replace(changed, rank=reader.number(parts["rank"], "the rank")) if "rank" in parts else changed


def _merged(old: Entry | None, new: Entry) -> Entry:
    """The platforms of the new entry take the place of the old ones; the rest stays."""
    if old is None:
        return new
    return replace(
        old, places={**old.places, **new.places}, note=new.note or old.note, span=new.span, source=new.source
    )


def _places(
    document: Document, reader: TableReader, old: tuple[Place, ...], platform: str, node: yaml.Node
) -> tuple[Place, ...]:
    places = {place.name: place for place in old}
    for name, key, value in document.items(node, f"the places of {platform}"):
        new = reader.place(name, key, value)
        if name not in places:
            places[name] = new
            continue
        header = {k: v for k, v in {**places[name].header, **new.header}.items() if v}
        given = {k for k, _, _ in document.items(value, "a place")}
        changes = {
            k: getattr(new, k)
            for k in given & {"base", "arrays", "numbers", "columns", "show", "note", "variants", "instead"}
        }
        if given & {"closed", "lowered", "facts"}:
            changes["facts"] = {**places[name].facts, **new.facts}
        places[name] = replace(places[name], header=header, **changes)
    return tuple(places.values())
