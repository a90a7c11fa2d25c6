"""The tables at hand, loaded one by one when a rule needs them: loading all of them would be most of a short run.

What is needed before that (names, selectors, places, field types) is prepared for all tables together (`prepared`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from converter.datasets.reading import prepared
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.kept import kept
from converter.datasets.reading.table import Place, Selector, Table
from converter.datasets.rewriting.place import Site
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Source
from converter.fields.schema import Declared, Schema, is_in_ecs
from converter.fields.taxonomy import UNKNOWN, Vocabulary
from converter.model.metadata import LogSource


@dataclass(frozen=True, slots=True)
class Listing:
    """What is known of a table without loading it. `places`: platform -> ((place, mode), ...); no mode: see `instead`.

    `fields` are those that the table declares: (path, Elasticsearch type, may hold several values, analyzer). None:
    they are where the table is prepared, and its catalogue knows what all tables together declare.
    """

    name: str
    title: str
    family: str
    rank: int
    selector: Selector
    places: Mapping[str, tuple[tuple[str, str], ...]]
    fields: tuple[tuple[str, str, bool, str], ...] | None
    file: str = ""

    def declared(self) -> Sequence[tuple[str, str, bool, str]]:
        """The fields that the table declares."""
        return prepared.fields(self.file) if self.fields is None else self.fields


def listing(table: Table, file: str = "") -> Listing:
    """The listing of a table that has been read."""
    places = {p: tuple((place.name, place.offered) for place in places) for p, places in table.places.items()}
    fields = tuple((e.path, e.type, e.many, e.analyzer) for e in table.entries.values())
    return Listing(table.name, table.title, table.family, table.rank, table.selector, places, fields, file)


def _declared(listings: Iterable[Listing]) -> dict[str, Declared]:
    """What tables declare beyond ECS, the first of them first."""
    found: dict[str, Declared] = {}
    for one in listings:
        for path, kind, many, analyzer in one.declared():
            if path not in found and (analyzer or not is_in_ecs(path)):
                found[path] = (kind, many, analyzer)
    return found


class Catalogue:
    """What a run knows: tables by name, the better rank first, the types of platform columns, and ECS.

    It is handed to whoever reads, binds or shows a rule. Tables and sites are made once; everything else is read-only,
    but for what sites remember of the rule that is bound (`forget`).
    `own` names tables of the user, whose fields come before the package's. `declared` is what the fields of `listings`
    amount to, where that is known already. `placeholders` is what those of Sigma rules stand for, `messages` what is to
    be said of the mapping files.
    """

    def __init__(
        self,
        listings: Iterable[Listing],
        read: Iterable[Table] = (),
        own: Iterable[str] = (),
        placeholders: Mapping[str, tuple[str, ...]] | None = None,
        *,
        declared: Mapping[str, Declared] | None = None,
        messages: Iterable[Diagnostic] = (),
    ) -> None:
        self.messages = tuple(messages)
        self.placeholders: Mapping[str, tuple[str, ...]] = placeholders or {}
        self._own = frozenset(own)
        self._declared = declared
        self.listings = tuple(sorted(listings, key=lambda one: (one.rank, one.name)))
        self._tables = {table.name: table for table in read}
        self._files = {one.name: one.file for one in self.listings}
        self._served: dict[str, tuple[Listing, ...]] = {}
        self._modes: dict[str, tuple[str, ...]] = {}
        self._sites: dict[tuple[str, str, str], Site] = {}
        self._vocabularies: dict[LogSource, Vocabulary] = {}

    def served(self, platform: str) -> tuple[Listing, ...]:
        """The tables that have places on a platform."""
        if platform not in self._served:
            self._served[platform] = tuple(one for one in self.listings if platform in one.places)
        return self._served[platform]

    def modes(self, platform: str) -> tuple[str, ...]:
        """The ways to name fields for which tables have places on a platform."""
        if platform not in self._modes:
            places = (place for one in self.served(platform) for place in one.places[platform])
            self._modes[platform] = tuple(sorted({mode for _, mode in places if mode}))
        return self._modes[platform]

    def table(self, name: str) -> Table:
        """A table, loaded now if it has not been. Raises KeyError for an unknown name."""
        if name not in self._tables:
            self._tables[name] = prepared.table(self._files[name])
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

    def forget(self) -> None:
        """Sites forget what leaves have become: another rule asks for none of them, nor does another platform."""
        for site in self._sites.values():
            site.rewritten.clear()

    def vocabulary(self, source: LogSource) -> Vocabulary:
        """What is known of the log source of a Sigma rule: its table's names for Sigma, and what the taxonomy adds."""
        from converter.datasets.reading import taxonomy  # only rules of Sigma need it, and it reads YAML

        known = taxonomy.find(source)
        if known is None:
            return UNKNOWN
        if source not in self._vocabularies:
            names: dict[str, str] = {}
            if known.table:
                for name, path in taxonomy.names_of(self.table(known.table), known.place):
                    names.setdefault(name, path)
            words = known.words
            self._vocabularies[source] = replace(words, names={**names, **words.names})
        return self._vocabularies[source]

    def own_site(self, source: LogSource) -> Site:
        """A Sigma rule's own log source as a place, whose columns are the names that the rule was written in."""
        from converter.datasets.reading import taxonomy  # only rules of Sigma need it, and it reads YAML

        known = taxonomy.find(source)
        header = {**source.named, **({"definition": source.definition} if source.definition else {})}
        if known is not None and known.table:
            table = self.table(known.table)
            place = replace(_place(table, "sigma", known.place), header=header)
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
        if self._declared is not None:
            return Schema(prepared=self._declared)
        return Schema(prepared=_declared(sorted(self.listings, key=lambda one: one.name not in self._own)))

    def with_tables(self, own: Iterable[Table], placeholders: Mapping[str, tuple[str, ...]] | None = None) -> Catalogue:
        """This catalogue with more tables; one of a name that is there already takes its place."""
        mine = tuple(own)
        names = {table.name for table in mine}
        rest = [one for one in self.listings if one.name not in names]
        read = [table for name, table in self._tables.items() if name not in names]
        listings = [*(listing(table) for table in mine), *rest]
        words = {**self.placeholders, **(placeholders or {})}
        return Catalogue(listings, [*mine, *read], {*self._own, *names}, words, messages=self.messages)

    def with_messages(self, found: Iterable[Diagnostic]) -> Catalogue:
        """This catalogue with something more to be said of it."""
        said = (*self.messages, *found)
        tables = self._tables.values()
        return Catalogue(self.listings, tables, self._own, self.placeholders, declared=self._declared, messages=said)


def _place(table: Table, platform: str, name: str) -> Place:
    return next(place for place in table.places[platform] if place.name == name)


@functools.cache
def builtin() -> Catalogue:
    """The tables of the package."""
    sums = prepared.sums()
    made = kept(ALL, sums, lambda: _all(sums))
    return Catalogue(map(_listing, made["listings"]), declared=made["declared"])


ALL = "all.json"
"""The file of `prepared/` with what is needed of all tables."""


def _all(sums: Mapping[str, str]) -> dict[str, Any]:
    """What is needed of all tables, as JSON."""
    found = [dict(prepared.listed(file, key)) for file, key in sums.items()]
    whole = sorted(map(_listing, found), key=lambda one: (one.rank, one.name))
    return {"listings": [{**one, "fields": None} for one in found], "declared": _declared(whole)}


def _listing(made: Mapping[str, Any]) -> Listing:
    """A listing that was prepared. The file is the package's own, so its shape is trusted."""
    selector = Selector(**{"index": (), **{k: tuple(v) for k, v in made["selector"].items()}})
    places = {k: tuple((place, mode) for place, mode in v) for k, v in made["places"].items()}
    return Listing(**{**made, "selector": selector, "places": places})
