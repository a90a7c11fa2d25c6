"""One place of a data set on a platform, ready to bind to: its columns as fields, its conditions as predicates."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from converter.datasets.codes import M008, M016, M017
from converter.datasets.reading.table import Counterpart, Entry, Place, Status, Table
from converter.datasets.rewriting.knowledge import Implication
from converter.datasets.rewriting.outcome import Ending, Rewritten
from converter.deferred import compiled
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.errors import MappingError, QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema, kind_of
from converter.model.predicate import Leaf, Predicate
from converter.model.rule import Match
from converter.model.value import Column, Computed, Field, Kind, Members, Way
from converter.model.walk import map_fields

_COLUMN_KINDS: Mapping[str, str] = {
    "int": "long",
    "long": "long",
    "real": "double",
    "decimal": "double",
    "bool": "boolean",
    "datetime": "date",
}
_ARRAY_SIGN = "{}"
_SAFE_NAME = compiled(r"[A-Za-z0-9_.:\-]+")
_QUOTABLE_NAME = compiled(r"[A-Za-z0-9_.:@/\-]+")  # of a column, which the emitter quotes
_ARRAYS = compiled(r"\{name:arrays ((?:[^{}]|\{\})*)\}")
_CAMEL = "{name:camel}"
_MOST_PARTS = 5  # a path of n parts has 2^n names


def _array_names(prefix: str, name: str) -> list[str]:
    """Every name of a path in which any part may be an array."""
    names = [prefix.removesuffix(".")]
    for part in name.split("."):
        names = [f"{head}.{part}{sign}" for head in names for sign in ("", _ARRAY_SIGN)]
    return names


@functools.lru_cache(maxsize=4096)
def _filled(text: str, name: str) -> str:
    """A counterpart with the text that a `*` of its entry stands for.

    `{name}` as it is, `{name:regex}` for a regular expression (a class escapes alike in every dialect),
    `{name:separators}` the same where Elastic wrote blanks and dots of the name as underscores, `{name:brackets}` as
    steps into an object (`["a"]["b"]`), `{name:camel}` in camel case where Elastic wrote it in snake case,
    `{name:arrays p.}` as every name under `p.` that automatic extraction gives the path, whichever of its parts are
    arrays ('p.a.b','p.a{}.b', ...).
    """
    if "{" not in text:
        return text
    regex = "".join(c if c.isalnum() or c == "_" else f"[{c}]" for c in name)
    text = _ARRAYS.sub(lambda found: ",".join(f"'{n}'" for n in _array_names(found[1], name)), text)
    text = text.replace(_CAMEL, re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name))
    text = text.replace("{name:brackets}", "".join(f'["{part}"]' for part in name.split(".")))
    text = text.replace("{name}", name).replace("{name:regex}", regex)
    return text.replace("{name:separators}", regex.replace("_", "[ ._]"))


Remembered = tuple[int, str, bool, bool]
"""A leaf's id, what happens to fields without counterpart, and the leaf's role: negated, optional."""


class PlaceSchema(Schema):
    """The columns of a place, for the conditions that a table states over them."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site

    def info(self, path: str) -> FieldInfo:
        """A column's kind by its declared type; a name that is not declared is text."""
        site = self._site
        kind = kind_of(_COLUMN_KINDS.get(site.column_type(path), "keyword"))
        if path in site.place.numbers:
            kind = Kind.DOUBLE
        return FieldInfo(path, kind, site.is_many(path))


class Site:
    """A place of a table on a platform. Reads conditions once, and remembers what leaves have become.

    `columns` are the types of the platform table's columns, `schema` the Elastic fields that are known.
    """

    def __init__(self, table: Table, platform: str, place: Place, columns: Mapping[str, str], schema: Schema) -> None:
        self.table = table
        self.platform = platform
        self.place = place
        self.schema = schema
        self.columns = {**columns, **place.columns}
        self._conditions: dict[str, Predicate] = {}
        self._bare: dict[str, Field] = {}
        self._found: dict[str, tuple[Entry, Counterpart, str] | None] = {}
        self.rewritten: dict[Remembered, tuple[Leaf, Rewritten]] = {}
        """What the leaves of the rule that is bound have become here. A leaf is kept, so that its id stays its own."""
        self.alike: dict[tuple[Leaf, bool, bool], tuple[Predicate, Ending]] = {}
        """What leaves of any rule have become where nothing of it tells where the leaf stands, by leaf and role."""
        wild = (table.entries[path] for path in table.entries if "*" in path)
        self._patterns = sorted(wild, key=lambda entry: -len(entry.path))

    def column_type(self, name: str) -> str:
        """The declared type of a column; of a path inside a dynamic column: dynamic; else ""."""
        if name in self.columns:
            return self.columns[name]
        root = re.split(r"[.\[]", name, maxsplit=1)[0]
        return "dynamic" if self.columns.get(root) == "dynamic" else ""

    def is_many(self, name: str) -> bool:
        """Whether a column holds several values."""
        return _ARRAY_SIGN in name or name in self.place.arrays or self.columns.get(name) == "dynamic"

    def column(self, name: str) -> Field:
        """The field for a column, under the column's own name."""
        bare = self._bare.get(name)
        if bare is None:
            info = PlaceSchema(self).info(name)
            facts = self.place.facts.get(name, frozenset())
            member = self._member(name)
            way = Column(name, self.column_type(name)) if member is None else Computed(member, "string")
            bare = self._bare[name] = Field(name, info.kind, info.many, facts, way)
        return bare

    def _member(self, name: str) -> str | None:
        """The expression for a member of a column that holds a structure as text; None for anything else."""
        root, dot, member = name.partition(".")
        template = self.place.members.get(name) or self.place.members.get(root) if dot else None
        return None if template is None else template.replace("{name}", member)

    def _with_members(self, text: str) -> str:
        """An expression of the table with those for such members."""
        for named in self._members:
            text = named.sub(lambda found: self._member(found[1] or found[2]) or found[0], text)
        return text

    @functools.cached_property
    def _members(self) -> tuple[re.Pattern[str], ...]:
        """What finds the members of each column that holds a structure as text."""
        roots = map(re.escape, dict.fromkeys(name.partition(".")[0] for name in self.place.members))
        return tuple(re.compile(rf"tostring\(({root}\.\w+)\)|\b({root}\.\w+)") for root in roots)

    def condition(self, text: str, span: Span | None) -> Predicate:
        """The predicate of an EQL condition over the place's columns. Raises MappingError at its place."""
        if text not in self._conditions:
            from converter.readers import eql  # few places state conditions

            try:
                lowered = eql.lower(eql.parse(f"any where {text}"), PlaceSchema(self), "")
            except QuerySyntaxError as error:
                raise self._bad_condition(error.diagnostics, span) from None
            errors = [d for d in lowered.diagnostics if d.severity is Severity.ERROR]
            if errors or not isinstance(lowered.detection, Match):
                raise self._bad_condition(errors, span)
            self._conditions[text] = map_fields(lowered.detection.where, lambda f: self.column(f.path))
        return self._conditions[text]

    @functools.cached_property
    def implications(self) -> tuple[Implication, ...]:
        """What the events of the place obey. Raises MappingError at the condition that cannot be used."""
        return tuple(
            Implication(self.condition(i.when, i.span), self.condition(i.then, i.span), f"{i.when} without {i.then}")
            for i in self.place.implies
        )

    def _bad_condition(self, found: Iterable[Diagnostic], span: Span | None) -> MappingError:
        """What is wrong with a condition, at its place in the table."""
        why = "; ".join(d.message for d in found) or "it is no condition on single events"
        message = f"the condition cannot be used: {why}"
        return MappingError(Diagnostic(M008, message, span=span, source=self.table.source))

    def faith(self, path: str, entry: Entry, part: Counterpart, span: Span | None) -> list[Diagnostic]:
        """What is to be said of resting on a counterpart: that it is approximate, that nothing shows it."""
        said = []
        note = part.note or entry.note
        if part.status is Status.APPROX:
            message = f"{path} is approximated by {part.to or 'values'}: {note}"
            said.append(Diagnostic(M016, message, Severity.WARNING, span))
        if part.guess:
            where = f"{self.platform} {self.place.name}"
            message = f"the counterpart of {path} in {where} is not verified"
            said.append(Diagnostic(M017, message, Severity.WARNING, span))
        return said

    def find(self, path: str) -> tuple[Entry, Counterpart, str] | None:
        """The entry for an Elastic field here, its counterpart, and the text a `*` of the entry stands for."""
        if path not in self._found:
            self._found[path] = self._searched(path)
        return self._found[path]

    def _searched(self, path: str) -> tuple[Entry, Counterpart, str] | None:
        entries = self.table.entries
        if path in entries:
            part = self._counterpart(entries[path])
            return (entries[path], part, "") if part is not None else None
        for entry in self._patterns:
            head, _, tail = entry.path.partition("*")
            fits = path.startswith(head) and path.endswith(tail) and len(path) > len(head) + len(tail)
            if fits and (part := self._counterpart(entry)) is not None:
                return entry, part, path[len(head) : len(path) - len(tail)]
        return None

    def _counterpart(self, entry: Entry) -> Counterpart | None:
        places = entry.places.get(self.platform)
        if places is None:
            return None
        return places.get(self.place.name) or places.get(self.place.like) or places.get("")

    def target(self, field: Field, part: Counterpart, name: str) -> Field | None:
        """The field in the place's words; None if the wildcard's text cannot be put into an expression."""
        if name and not (_SAFE_NAME if part.computed else _QUOTABLE_NAME).fullmatch(name):
            return None
        if name.count(".") >= _MOST_PARTS and _ARRAYS.search(part.to):
            return None
        if _CAMEL in part.to and not re.fullmatch(r"[\w.]*", name):
            return None  # in an expression a hyphen would be an operator
        text = _filled(part.to, name)
        if part.status is Status.ELEMENTS:
            way: Way = Members(text, _filled(part.member, name))
            return Field(field.path, field.kind, many=True, facts=part.facts, way=way, span=field.span)
        if part.computed:
            text, many = self._with_members(text), bool(part.many)
            called = _filled(part.called, name)
            way = Computed(text, part.type or ("dynamic" if many else "string"), called, part.macros)
            return Field(field.path, field.kind, many, part.facts, way, field.span)
        bound = self.column(text)
        many = bound.many if part.many is None else part.many
        return Field(field.path, field.kind, many, part.facts | bound.facts, bound.way, field.span)
