"""The tables at hand, read one by one when a rule needs them: reading all of them would be most of a short run.

`index.json` holds what is needed before that (names, selectors, places, field types) and is written by
`python -m converter.datasets.reading.catalogue`. A table file whose size is not the one in the index, or that the
index does
not have, is read at once instead: a new table works without any other step.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from converter.datasets.reading import taxonomy
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.load import FOLDER, included_tables, load_table
from converter.datasets.reading.table import Place, Selector, Table
from converter.datasets.rewriting.place import Site
from converter.diagnostics import Source
from converter.fields.schema import FieldInfo, Schema, is_in_ecs, kind_of
from converter.fields.taxonomy import UNKNOWN, Vocabulary
from converter.model.metadata import LogSource
from converter.model.predicate import Analyzer

INDEX = Path(__file__).parent.parent / "index.json"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is known of a table without reading it. `places`: platform -> ((place, mode), ...)."""

    name: str
    title: str
    family: str
    rank: int
    selector: Selector
    places: Mapping[str, tuple[tuple[str, str], ...]]
    fields: tuple[tuple[str, str, bool, str], ...]
    file: str = ""


def listing(table: Table, file: str = "") -> Listing:
    """The listing of a table that has been read."""
    places = {p: tuple((place.name, place.mode) for place in places) for p, places in table.places.items()}
    fields = tuple((e.path, e.type, e.many, e.analyzer) for e in table.entries.values())
    return Listing(table.name, table.title, table.family, table.rank, table.selector, places, fields, file)


class Catalogue:
    """What a run knows: tables by name, the better rank first, the types of platform columns, and ECS.

    It is handed to whoever reads, binds or shows a rule. Tables and sites are made once; everything else is read-only.
    `own` names tables of the user, whose fields come before the package's; `placeholders` is what those of Sigma
    rules stand for.
    """

    def __init__(
        self,
        listings: Iterable[Listing],
        read: Iterable[Table] = (),
        own: Iterable[str] = (),
        placeholders: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.placeholders: Mapping[str, tuple[str, ...]] = placeholders or {}
        self._own = frozenset(own)
        self.listings = tuple(sorted(listings, key=lambda one: (one.rank, one.name)))
        self._tables = {table.name: table for table in read}
        self._files = {one.name: one.file for one in self.listings}
        self._sites: dict[tuple[str, str, str], Site] = {}
        self._vocabularies: dict[LogSource, Vocabulary] = {}

    def table(self, name: str) -> Table:
        """A table, read now if it has not been. Raises KeyError for an unknown name."""
        if name not in self._tables:
            self._tables[name] = _read(FOLDER / self._files[name])
        return self._tables[name]

    def site(self, name: str, platform: str, place: str) -> Site:
        """A place of a table, ready to bind to."""
        key = (name, platform, place)
        if key not in self._sites:
            table = self.table(name)
            at = _place(table, platform, place)
            columns = self._columns.get(at.header.get("table", ""), {})
            self._sites[key] = Site(table, platform, at, columns, self.schema)
        return self._sites[key]

    def vocabulary(self, source: LogSource) -> Vocabulary:
        """What is known of the log source of a Sigma rule: its table's names for Sigma, and what the taxonomy adds."""
        known = taxonomy.find(source)
        if known is None:
            return UNKNOWN
        if source not in self._vocabularies:
            names: dict[str, str] = {}
            if known.table:
                for name, path in taxonomy.names_of(self.table(known.table), known.place):
                    names.setdefault(name, path)
            words = known.words
            self._vocabularies[source] = dataclasses.replace(words, names={**names, **words.names})
        return self._vocabularies[source]

    def own_site(self, source: LogSource) -> Site:
        """A Sigma rule's own log source as a place, whose columns are the names that the rule was written in."""
        known = taxonomy.find(source)
        header = {**source.named, **({"definition": source.definition} if source.definition else {})}
        if known is not None and known.table:
            table = self.table(known.table)
            place = dataclasses.replace(_place(table, "sigma", known.place), header=header)
        else:
            place = Place("own", header)
            table = Table("sigma", "", "", Selector(()), {}, {}, {}, Source("", ""))
        own = taxonomy.own_table(table, place, self.vocabulary(source))
        return Site(own, "sigma", own.places["sigma"][0], {}, self.schema)

    @functools.cached_property
    def _columns(self) -> Mapping[str, Mapping[str, str]]:
        """The types of the columns of the platforms' tables."""
        return read_columns()

    @functools.cached_property
    def schema(self) -> Schema:
        """ECS, and the fields that tables declare beyond it: the user's own first, then those of the better rank."""
        found: dict[str, FieldInfo] = {}
        for one in sorted(self.listings, key=lambda one: one.name not in self._own):
            for path, kind, many, analyzer in one.fields:
                if path in found or (not analyzer and is_in_ecs(path)):
                    continue
                how = Analyzer(analyzer) if analyzer else Analyzer.STANDARD
                is_nested, is_wildcard = kind == "nested", kind == "wildcard"
                found[path] = FieldInfo(path, kind_of(kind), many, analyzer=how, nested=is_nested, wildcard=is_wildcard)
        return Schema(found.values())

    def with_tables(self, own: Iterable[Table], placeholders: Mapping[str, tuple[str, ...]] | None = None) -> Catalogue:
        """This catalogue with more tables; one of a name that is there already takes its place."""
        mine = tuple(own)
        names = {table.name for table in mine}
        rest = [one for one in self.listings if one.name not in names]
        read = [table for name, table in self._tables.items() if name not in names]
        listings = [*(listing(table) for table in mine), *rest]
        return Catalogue(listings, [*mine, *read], {*self._own, *names}, {**self.placeholders, **(placeholders or {})})


def _place(table: Table, platform: str, name: str) -> Place:
    return next(place for place in table.places[platform] if place.name == name)


def _read(path: Path) -> Table:
    return load_table(path.read_text(encoding="utf-8"), f"converter/datasets/tables/{path.name}", included_tables())


@functools.cache
def builtin() -> Catalogue:
    """The tables of the package."""
    known = {entry["file"]: entry for entry in json.loads(INDEX.read_text(encoding="utf-8"))} if INDEX.exists() else {}
    shared = sum(path.stat().st_size for path in FOLDER.glob("_*.yaml"))
    listings, read = [], []
    for path in sorted(FOLDER.glob("[!_]*.yaml")):
        entry = known.get(path.name)
        if entry is not None and entry["size"] == [path.stat().st_size, shared]:
            listings.append(_from_json(entry))
        else:
            table = _read(path)
            read.append(table)
            listings.append(listing(table, path.name))
    return Catalogue(listings, read)


def _from_json(entry: dict[str, object]) -> Listing:
    """A listing of the index. The file is the package's own, so its shape is trusted."""
    values = dict(entry)
    del values["size"]
    selector = Selector(**{k: tuple(v) for k, v in values.pop("selector").items()})  # type: ignore[attr-defined]
    places = {k: tuple(tuple(p) for p in v) for k, v in values.pop("places").items()}  # type: ignore[attr-defined]
    fields = tuple(tuple(f) for f in values.pop("fields"))  # type: ignore[attr-defined]
    return Listing(selector=selector, places=places, fields=fields, **values)  # type: ignore[arg-type]


def index_text() -> str:
    """The index of the table files as they are."""
    shared = sum(path.stat().st_size for path in FOLDER.glob("_*.yaml"))
    rows = []
    for path in sorted(FOLDER.glob("[!_]*.yaml")):
        values = dataclasses.asdict(listing(_read(path), path.name))
        rows.append(json.dumps({**values, "size": [path.stat().st_size, shared]}, ensure_ascii=True))
    return "[\n" + ",\n".join(rows) + "\n]\n"


if __name__ == "__main__":
    INDEX.write_text(index_text(), encoding="utf-8", newline="\n")
    sys.exit(0)
