"""Which data set tables a rule may be bound to, by its index patterns and the values it pins."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path

from converter.datasets.choice.index import globs_meet, indices, is_plain, meet
from converter.datasets.reading.catalogue import Listing
from converter.datasets.reading.kept import kept
from converter.datasets.reading.table import Selector
from converter.deferred import compiled, dataclass
from converter.model.metadata import Metadata
from converter.model.pattern import Case
from converter.model.predicate import And, Compare, Comparison, Like, OneOf, Or, Predicate
from converter.model.walk import leaves

_FILE = Path(__file__).parent.parent / "selectors.yaml"
_NAMING = ("datasets", "modules", "codes", "channels", "providers", "entries")
_HOLDING = ("codes", "channels", "providers")
_RANGE = compiled(r"(\d+)\.\.(\d+)")


class Named(IntEnum):
    """By what a rule names a data set, the plainest first."""

    BY_VALUE = 0  # its data set, module, event ids, channel or provider is asked for
    BY_INDEX = 1  # an index pattern of its own
    BY_INTEGRATION = 2  # the rule's metadata
    BY_WORDS = 3  # fields or values that the data set has and others do not
    BY_WIDE_PATTERN = 4  # a pattern that holds many data sets


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table that can serve a rule."""

    listing: Listing
    named: Named


@functools.cache
def _selectors() -> Mapping[str, tuple[str, ...]]:
    text = _FILE.read_text(encoding="utf-8")
    made = kept("selectors.json", text, lambda: {"fields": _read_selectors(text)})
    return {name: tuple(fields) for name, fields in made["fields"].items()}


def _read_selectors(text: str) -> Mapping[str, tuple[str, ...]]:
    from converter.datasets.reading.document import Document  # what is prepared needs no YAML

    document = Document(text, _FILE.name)
    assert document.root is not None  # noqa: S101  # the file is part of the package
    return {name: document.texts(value, name) for name, _, value in document.items(document.root, "the file")}


@functools.cache
def selector_fields() -> Mapping[str, tuple[str, ...]]:
    """For each key of a table's `match` that values select: the Elastic fields that carry it."""
    return {name: fields for name, fields in _selectors().items() if name != "shared"}


@functools.cache
def shared_fields() -> frozenset[str]:
    """The fields whose values all data sets have in common: they name none."""
    return frozenset(_selectors()["shared"])


def pinned(where: Predicate, fields: Iterable[str]) -> frozenset[str] | None:
    """The values of which one of `fields` must have one for `where` to hold; None if nothing pins them.

    Only what the shape shows is used: a conjunct that is an equality, or an or of equalities.
    """
    names = frozenset(fields)
    match where:
        case And(terms):
            found = [p for t in terms if (p := pinned(t, names)) is not None]
            return min(found, key=len) if found else None
        case Or(terms):
            union: set[str] = set()
            for term in terms:
                part = pinned(term, names)
                if part is None:
                    return None
                union |= part
            return frozenset(union)
        case OneOf(field, values) if field.path in names:
            return frozenset(v.lower() for v in values)
        case Compare(field, Comparison.EQ, value) if field.path in names:
            return frozenset([str(value).lower()])
        case Like(field, patterns, case) if field.path in names and case in Case:
            texts = [p.literal for p in patterns]
            return None if any(t is None for t in texts) else frozenset(t.lower() for t in texts if t is not None)
        case _:
            return None


Pins = Mapping[str, frozenset[str] | None]


@functools.lru_cache(maxsize=65536)
def _fits(own: str, value: str) -> bool:
    """Whether a value is one that a table lists: a text, a pattern, or a range of numbers (`4608..6424`)."""
    ends = _RANGE.fullmatch(own)
    if ends is None:
        return globs_meet(own.lower(), value)
    digits = value.isdecimal() and len(ends[1]) <= len(value) <= len(ends[2])
    return digits and int(ends[1]) <= int(value) <= int(ends[2])


def _meets(selector: Selector, key: str, values: frozenset[str] | None) -> bool | None:
    """Whether one of the values that the rule pins is the table's; None if one of them says nothing."""
    own: tuple[str, ...] = getattr(selector, key)
    return any(_fits(o, v) for o in own for v in values) if own and values is not None else None


def holds(selector: Selector, key: str, value: str) -> bool:
    """Whether a table may have events with this value of a selecting key: it lists the value, or says nothing."""
    own: tuple[str, ...] = getattr(selector, key)
    return not own or any(_fits(o, value) for o in own)


_pinned: dict[int, tuple[Predicate, Pins]] = {}
"""What the predicates asked for last pin, by their ids. The predicate is kept, so that its id stays its own."""


def pins_of(where: Predicate) -> Pins:
    """The values that a predicate pins of every selecting key: see `pinned`. Remembered for the next target."""
    known = _pinned.get(id(where))
    if known is None:
        if len(_pinned) >= _MOST_FOUND:
            _pinned.clear()
        known = _pinned[id(where)] = (where, _pins(where))
    return known[1]


def _pins(where: Predicate) -> Pins:
    paths = {leaf.field.path for leaf in leaves(where) if isinstance(leaf, OneOf | Compare | Like)}
    return {
        key: None if paths.isdisjoint(fields) else pinned(where, fields) for key, fields in selector_fields().items()
    }


_Asked = tuple[Metadata, Predicate, tuple[Listing, ...]]
_found: dict[tuple[int, int, int], tuple[_Asked, tuple[Candidate, ...]]] = {}
"""What was found for the rules asked for last, by the ids of what was asked: every target asks the same.

What was asked is kept, so that its ids stay its own.
"""
_MOST_FOUND = 64


def candidates(meta: Metadata, where: Predicate, tables: tuple[Listing, ...]) -> tuple[Candidate, ...]:
    """The tables that can serve a rule (or one step of it): see `_candidates`. Remembered for the next target."""
    key = (id(meta), id(where), id(tables))
    known = _found.get(key)
    if known is None:
        if len(_found) >= _MOST_FOUND:
            _found.clear()
        known = _found[key] = ((meta, where, tables), _candidates(meta, where, tables))
    return known[1]


def _candidates(meta: Metadata, where: Predicate, tables: tuple[Listing, ...]) -> tuple[Candidate, ...]:
    """The tables that can serve a rule (or one step of it), those that the rule names plainly first.

    A rule names a data set by the value of a selecting field, by an index pattern of its own or by its integration;
    a pattern that many data sets share (`logs-*`, and a shipper's) makes it a candidate too.
    """
    found = []
    given = pins_of(where)
    asked = [key for key, values in given.items() if values is not None]
    for table, (read, named) in zip(tables, _named(meta, tables), strict=True):
        valued = read or "datasets" in asked  # whether a value can name it
        if (table.selector.entries and "entries" not in asked) or not (valued or named):
            continue
        met = {key: _meets(table.selector, key, given[key]) for key in asked}
        if False in met.values():
            continue
        by = Named.BY_VALUE if valued and any(met.get(key) for key in _NAMING) else named
        found += [Candidate(table, by)] if by is not None else []
    return tuple(sorted(found, key=lambda candidate: candidate.named))


_By = tuple[bool, Named | None]
"""Whether a rule's index patterns read a table, and by which of its metadata it names the table."""
_named_before: dict[tuple[int, tuple[str, ...], tuple[str, ...]], tuple[tuple[Listing, ...], tuple[_By, ...]]] = {}
"""What was found for the tables (kept, so that their id stays their own) and metadata that many rules share."""


def _named(meta: Metadata, tables: tuple[Listing, ...]) -> tuple[_By, ...]:
    """By what a rule's metadata names each table."""
    key = (id(tables), meta.index, meta.integration)
    known = _named_before.get(key)
    if known is None:
        if len(_named_before) >= _MOST_FOUND:
            _named_before.clear()
        patterns, integrations = indices(meta.index), frozenset(meta.integration)
        known = (tables, tuple(_by(table.selector, patterns, integrations) for table in tables))
        _named_before[key] = known
    return known[1]


def _by(selector: Selector, patterns: tuple[str, ...], integrations: frozenset[str]) -> _By:
    own = [(mine, theirs) for mine in selector.index for theirs in patterns if meet(mine, theirs)]
    if own and any(is_plain(mine, theirs) for mine, theirs in own):
        return True, Named.BY_INDEX
    read = bool(own or (selector.also and any(meet(mine, theirs) for mine in selector.also for theirs in patterns)))
    if not integrations.isdisjoint(selector.integrations) and (read or not patterns):
        return read, Named.BY_INTEGRATION
    return read, Named.BY_WIDE_PATTERN if read else None


def contradicted(meta: Metadata, where: Predicate, tables: Iterable[Listing]) -> tuple[Listing, ...]:
    """The tables that the rule plainly reads and that do not hold what it asks for, where it reads nothing else."""
    given = pins_of(where)
    patterns = indices(meta.index)
    found = [t for t in tables if any(_meets(t.selector, key, given[key]) is False for key in _HOLDING)]
    read = all(any(meet(o, p) and is_plain(o, p) for t in found for o in t.selector.index) for p in patterns)
    return tuple(t for t in found if any(meet(o, p) for o in t.selector.index for p in patterns)) if read else ()
