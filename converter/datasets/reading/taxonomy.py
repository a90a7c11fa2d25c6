"""The words of log sources, from `converter/datasets/taxonomy/*.yaml` and the tables' own names for Sigma.

A source names a table's place for Sigma; the names that the place writes are read backwards, so that writing and
reading cannot disagree. The file adds what the table does not have, and the condition that the events satisfy.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

import yaml

from converter.datasets.codes import M005
from converter.datasets.reading.document import Document, known_keys
from converter.datasets.reading.table import Counterpart, Entry, Known, Place, Status, Table
from converter.deferred import dataclass, replace
from converter.fields.taxonomy import Vocabulary
from converter.model.fact import Fact
from converter.model.metadata import LogSource

FOLDER = Path(__file__).parent.parent / "taxonomy"
_KEYS = ("source", "table", "where", "index", "fields", "unlike", "other", "raw", "ev", "note")
_SOURCE_KEYS = ("product", "category", "service")
_FILE_KEYS = ("title", "evidence", "raw", "sources")


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of a file. `table` and `place` are those whose Sigma names are read backwards, "" for none."""

    source: LogSource
    table: str = ""
    place: str = ""
    words: Vocabulary = field(default_factory=Vocabulary)

    def fits(self, rule: LogSource) -> bool:
        """Whether the rule is about this log source, or a part of it."""
        return self.source.named.items() <= rule.named.items()


def read_sources(text: str, name: str) -> tuple[Source, ...]:
    """The sources of one file. Raises MappingError at the place of a slip."""
    doc = Document(text, name)
    if doc.root is None:
        raise doc.empty()
    found = dict(known_keys(doc, doc.root, "a taxonomy", _FILE_KEYS))
    raw = doc.text(found["raw"], "raw") if "raw" in found else ""
    evidence = {key for key, _, _ in doc.items(found["evidence"], "evidence")} if "evidence" in found else set()
    entries = found.get("sources")
    if not isinstance(entries, yaml.SequenceNode):
        raise doc.error(doc.root, M005, "a taxonomy needs a list 'sources'")
    return tuple(_source(doc, _merged(node), raw, evidence) for node in entries.value)


def _merged(node: yaml.Node) -> yaml.Node:
    """A map with the keys of the one that `<<` names, but for its own."""
    if not isinstance(node, yaml.MappingNode) or not any(key.value == "<<" for key, _ in node.value):
        return node
    own = [(key, value) for key, value in node.value if key.value != "<<"]
    names = {key.value for key, _ in own}
    given = [pair for key, value in node.value if key.value == "<<" for pair in value.value]
    found = yaml.MappingNode(node.tag, [*own, *(pair for pair in given if pair[0].value not in names)])
    found.start_mark, found.end_mark = node.start_mark, node.end_mark
    return found


def _source(doc: Document, node: yaml.Node, raw: str, evidence: set[str]) -> Source:
    found = dict(known_keys(doc, node, "a source", _KEYS))
    if "source" not in found:
        raise doc.error(node, M005, "a source needs the key 'source'")
    keys = {key: doc.text(value, key) for key, value in known_keys(doc, found["source"], "source", _SOURCE_KEYS)}
    for mark in doc.texts(found["ev"], "ev") if "ev" in found else ():
        if mark not in evidence:
            raise doc.error(found["ev"], M005, f"there is no evidence {mark!r} in the file")
    table, _, place = (doc.text(found["table"], "table") if "table" in found else "").partition("/")
    words = Vocabulary(
        where=doc.text(found["where"], "where") if "where" in found else "",
        index=doc.texts(found["index"], "index") if "index" in found else (),
        names={k: doc.text(v, k) for k, _, v in doc.items(found["fields"], "fields")} if "fields" in found else {},
        unlike={k: doc.texts(v, k) for k, _, v in doc.items(found["unlike"], "unlike")} if "unlike" in found else {},
        other=doc.text(found["other"], "other") if "other" in found else "{name}",
        raw=doc.text(found["raw"], "raw") if "raw" in found else raw,
        known=True,
    )
    return Source(LogSource(**keys), table, place, words)


@functools.cache
def builtin_sources() -> tuple[Source, ...]:
    """Every source of the package, those with more keys first."""
    found = [
        source
        for path in sorted(FOLDER.glob("*.yaml"))
        for source in read_sources(path.read_text(encoding="utf-8"), f"converter/datasets/taxonomy/{path.name}")
    ]
    return tuple(sorted(found, key=lambda one: -len(one.source.named)))


def find(rule: LogSource) -> Source | None:
    """What is known of a rule's log source."""
    return next((one for one in builtin_sources() if one.fits(rule)), None)


def names_of(table: Table, place: str) -> Iterator[tuple[str, str]]:
    """(name at a Sigma place, Elastic's field): those that stand for each other, the table's first one of a name."""
    for path, entry in table.entries.items():
        part = _part(entry, place)
        if part is not None and "*" not in path and part.status is Status.EXACT and not _changes(part):
            yield part.to, path


def _part(entry: Entry, place: str) -> Counterpart | None:
    places = entry.places.get("sigma", {})
    return places.get(place) or places.get("")


def _changes(part: Counterpart) -> bool:
    """Whether the place writes other values."""
    respelled = part.values or part.rewrite or part.endings or part.word or part.inside
    return bool(respelled) or part.computed or part.present is not None


_NUMBERS = frozenset({Fact.PLAIN_NUMBER})


def own_table(table: Table, place: Place, words: Vocabulary) -> Table:
    """A table whose place for Sigma has every name of a log source as it is, and assumes nothing of its values.

    A rule that was read in these words is written in them again, whatever the table knows of the place.
    """
    facts = {column: known & _NUMBERS for column, known in place.facts.items()}
    bare = replace(place, facts=facts, base="", missing=(), missing_in={}, variants={})
    plain = replace(bare, implies=(), lacks="", note="", known=Known.DOCUMENT)
    own: dict[str, str] = {}
    for name, path in words.names.items():
        own.setdefault(path, name)
    entries = {path: _exact(path, name) for path, name in own.items()}
    head, sign, tail = words.other.partition("{name}")
    if sign:
        entries[f"{head}*{tail}"] = _exact(f"{head}*{tail}", "{name}")
    if words.raw:
        entries[words.raw] = _exact(words.raw, KEYWORDS)
    return replace(table, places={"sigma": (plain,)}, entries=entries)


KEYWORDS = "|"
"""The column of a search in the whole event: a key of Sigma without a name."""


def _exact(path: str, to: str) -> Entry:
    return Entry(path, "keyword", many=True, analyzer="", places={"sigma": {"": Counterpart(Status.EXACT, to)}})
