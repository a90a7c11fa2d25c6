"""Data set tables from YAML, strictly: an unknown key, a wrong type or a key twice is an error at its place."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from converter.datasets.codes import M003, M004, M005, M006
from converter.datasets.reading import facts as facts_of
from converter.datasets.reading.counterpart import CounterpartReader, known_by
from converter.datasets.reading.document import Document, known_keys
from converter.datasets.reading.implications import implications
from converter.datasets.reading.lookups import beside, lookups
from converter.datasets.reading.table import Entry, Known, Place, Selector, Table
from converter.deferred import compiled, replace

FOLDER = Path(__file__).parent.parent / "tables"

_TABLE_KEYS = (
    "dataset", "title", "family", "rank", "include", "match", "platforms", "evidence", "facts", "fields", "note",
    "watches",
)  # fmt: skip
_MATCH_KEYS = (
    "index", "also", "datasets", "modules", "os", "category", "integrations", "codes", "channels", "providers",
    "entries",
)  # fmt: skip
_PLACE_KEYS = (
    "header", "base", "mode", "space", "columns", "arrays", "numbers", "closed", "missing", "lowered", "folded",
    "missing_in", "facts", "variants", "implies", "show", "lookups", "beside", "entities", "members", "os", "like",
    "lacks", "instead", "note", "guess", "row", "ev",
)  # fmt: skip
_ENTRY_KEYS = (
    "type", "many", "analyzer", "values", "open", "closed", "rewrite", "endings", "note", "ev", "guess", "row", "facts",
)  # fmt: skip
_EVERY_DATA_STREAM = "logs-*"
_PLATFORM = compiled(r"[a-z][a-z0-9_]*")


def load_table(text: str, name: str, shared: Mapping[str, Table] | None = None) -> Table:
    """The table of one YAML file; `shared` are the tables that `include` may name. Raises MappingError."""
    return TableReader(Document(text, name), shared or {}).table()


def _known(platform: str, guesses: Iterable[str], rows: Iterable[str]) -> Known:
    """How a field's counterparts on a platform are known, by the lists `guess` and `row` of the field."""
    if platform in guesses:
        return Known.GUESS
    return Known.ROW if platform in rows else Known.DOCUMENT


class TableReader:
    """Reads one document; the state is the document and the evidence codes that it declares."""

    def __init__(self, document: Document, shared: Mapping[str, Table]) -> None:
        self.doc = document
        self.shared = shared

    def table(self) -> Table:
        """The whole table."""
        doc = self.doc
        if doc.root is None:
            raise doc.empty()
        parts = dict(known_keys(self.doc, doc.root, "a table", _TABLE_KEYS))
        for needed in ("dataset", "title", "fields"):
            if needed not in parts:
                raise doc.error(doc.root, M005, f"the table has no {needed!r}")
        name = doc.text(parts["dataset"], "the data set's name")
        evidence = self.evidence(parts.get("evidence"))
        included = self._included(parts.get("include"))
        entries = {path: entry for table in included for path, entry in table.entries.items()}
        known = set(evidence).union(*(t.evidence for t in included))
        for path, key, node in doc.items(parts["fields"], "fields"):
            entries[path] = self.entry(path, key, node, known)
        facts = facts_of.table(doc, parts.get("facts"), [t.facts for t in included])
        places: dict[str, tuple[Place, ...]] = {}
        for platform, key, node in self.items(parts.get("platforms"), "platforms"):
            if not _PLATFORM.fullmatch(platform):
                raise doc.error(key, M004, f"{platform!r} is no name of a platform")
            found = (self.place(n, k, v) for n, k, v in doc.items(node, f"the places of {platform}"))
            places[platform] = tuple(replace(p, facts=facts_of.joined(p.facts, facts.get(platform, {}))) for p in found)
        return Table(
            name=name,
            title=doc.text(parts["title"], "the title"),
            family=doc.text(parts["family"], "the family") if "family" in parts else name,
            selector=self.selector(parts.get("match")),
            places=places,
            entries=entries,
            evidence={
                code: text
                for table in (*included, None)
                for code, text in (table.evidence if table else evidence).items()
            },
            source=doc.source,
            rank=self.number(parts["rank"], "the rank") if "rank" in parts else 50,
            facts=facts,
            watches=doc.text(parts["watches"], "what is watched") if "watches" in parts else name,
        )

    def evidence(self, node: yaml.Node | None) -> dict[str, str]:
        """The evidence codes that a table declares."""
        return {k: self.doc.text(v, "evidence") for k, _, v in self.items(node, "evidence")}

    def items(self, node: yaml.Node | None, what: str) -> Iterable[tuple[str, yaml.Node, yaml.Node]]:
        """(key, key node, value node) of a mapping, nothing for none."""
        return () if node is None else self.doc.items(node, what)

    def number(self, node: yaml.Node, what: str) -> int:
        """A whole number."""
        text = self.doc.text(node, what)
        if not re.fullmatch(r"-?\d{1,6}", text):
            raise self.doc.error(node, M003, f"expected a number for {what}")
        return int(text)

    def _included(self, node: yaml.Node | None) -> tuple[Table, ...]:
        if node is None:
            return ()
        names = self.doc.texts(node, "include")
        for name in names:
            if name not in self.shared:
                raise self.doc.error(node, M006, f"there is no table {name!r} to include")
        return tuple(self.shared[name] for name in names)

    def selector(self, node: yaml.Node | None) -> Selector:
        """The `match` section."""
        if node is None:
            return Selector(())
        parts: dict[str, tuple[str, ...]] = {}
        for key, value in known_keys(self.doc, node, "match", _MATCH_KEYS):
            parts[key] = self.doc.texts(value, key)
            if key == "also" and _EVERY_DATA_STREAM in parts[key]:
                hint = "the data set's own patterns under `index` meet it; name shippers only"
                raise self.doc.error(value, M004, f"{_EVERY_DATA_STREAM!r} would claim every data stream", hint)
        return Selector(**{"index": (), **parts})

    def place(self, name: str, key: yaml.Node, node: yaml.Node) -> Place:
        """One place of a platform."""
        doc = self.doc
        parts = dict(known_keys(self.doc, node, f"the place {name}", _PLACE_KEYS))
        header = {k: doc.text(v, "a header value") for k, _, v in self.items(parts.get("header"), "header")}
        return Place(
            name=name,
            header=header,
            base=doc.text(parts["base"], "base") if "base" in parts else "",
            mode=doc.text(parts["mode"], "mode") if "mode" in parts else "native",
            space=doc.text(parts["space"], "space") if "space" in parts else "",
            columns={k: doc.text(v, "a column's type") for k, _, v in self.items(parts.get("columns"), "columns")},
            arrays=doc.texts(parts["arrays"], "arrays") if "arrays" in parts else (),
            numbers=doc.texts(parts["numbers"], "numbers") if "numbers" in parts else (),
            facts=facts_of.place(doc, parts),
            variants={k: doc.texts(v, "a value") for k, _, v in self.items(parts.get("variants"), "variants")},
            show=doc.texts(parts["show"], "show") if "show" in parts else (),
            like=doc.text(parts["like"], "like") if "like" in parts else "",
            lacks=doc.text(parts["lacks"], "lacks") if "lacks" in parts else "",
            lookups=lookups(doc, parts.get("lookups")),
            beside=beside(doc, parts.get("beside")),
            entities=doc.texts(parts["entities"], "entities") if "entities" in parts else (),
            folded=doc.texts(parts["folded"], "folded") if "folded" in parts else (),
            os=doc.texts(parts["os"], "os") if "os" in parts else (),
            missing=doc.texts(parts["missing"], "missing") if "missing" in parts else (),
            missing_in={k: doc.texts(v, "a text") for k, _, v in self.items(parts.get("missing_in"), "missing_in")},
            members={k: doc.text(v, "an expression") for k, _, v in self.items(parts.get("members"), "members")},
            implies=implications(doc, parts.get("implies")),
            instead=doc.text(parts["instead"], "instead") if "instead" in parts else "",
            note=doc.text(parts["note"], "a note") if "note" in parts else "",
            known=known_by(doc, parts, Known.DOCUMENT),
            span=doc.span(key),
        )

    def entry(self, path: str, key: yaml.Node, node: yaml.Node, evidence: set[str]) -> Entry:
        """One field."""
        doc = self.doc
        own: dict[str, yaml.Node] = {}
        platforms: dict[str, yaml.Node] = {}
        for name, name_node, value in doc.items(node, f"the field {path}"):
            if name in _ENTRY_KEYS:
                own[name] = value
            elif _PLATFORM.fullmatch(name):
                platforms[name] = value
            else:
                raise doc.error(name_node, M004, f"{name!r} is no key of a field and no platform")
        codes = doc.texts(own["ev"], "ev") if "ev" in own else ()
        for code in codes:
            if code not in evidence:
                raise doc.error(own["ev"], M006, f"the evidence {code!r} is not declared in this table")
        guesses = doc.texts(own["guess"], "guess") if "guess" in own else ()
        rows = doc.texts(own["row"], "row") if "row" in own else ()
        places = {
            platform: CounterpartReader(doc, platform, own, _known(platform, guesses, rows)).places(value)
            for platform, value in platforms.items()
        }
        return Entry(
            path=path,
            type=doc.text(own["type"], "type") if "type" in own else "keyword",
            many=doc.flag(own["many"], "many") if "many" in own else False,
            analyzer=doc.choice(own["analyzer"], "analyzer", ("standard", "powershell")) if "analyzer" in own else "",
            places=places,
            note=doc.text(own["note"], "a note") if "note" in own else "",
            evidence=codes,
            span=doc.span(key),
            source=doc.source,
        )


@functools.cache
def included_tables() -> Mapping[str, Table]:
    """The tables that others include: those whose file name starts with `_`. A later one may include an earlier."""
    shared: dict[str, Table] = {}
    for path in sorted(FOLDER.glob("_*.yaml")):
        text = path.read_text(encoding="utf-8")
        shared[path.stem] = load_table(text, f"converter/datasets/tables/{path.name}", shared)
    return shared


def read_table(file: str) -> Table:
    """A table of the package, from its YAML."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    return load_table(text, f"converter/datasets/tables/{file}", included_tables())


@functools.cache
def builtin_tables() -> tuple[Table, ...]:
    """Every table of the package, read, best rank first; `catalogue` reads only those that are needed."""
    found = [read_table(path.name) for path in sorted(FOLDER.glob("[!_]*.yaml"))]
    return tuple(sorted(found, key=lambda table: (table.rank, table.name)))
