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


def _meets(selector: Selector, key: str, pins: Pins) -> bool | None:
    """Whether a value that the rule pins is one of the table's; None if one of them says nothing."""
    own: tuple[str, ...] = getattr(selector, key)
    values = pins[key]
    return any(_fits(o, v) for o in own for v in values) if own and values is not None else None


def holds(selector: Selector, key: str, value: str) -> bool:
    """Whether a table may have events with this value of a selecting key: it lists the value, or says nothing."""
    own: tuple[str, ...] = getattr(selector, key)
    return not own or any(_fits(o, value) for o in own)


def _pins(where: Predicate) -> Pins:
    """The values that a predicate pins of every selecting key."""
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


def _candidates(meta: Metadata, where: Predicate, tables: Iterable[Listing]) -> tuple[Candidate, ...]:
    """The tables that can serve a rule (or one step of it), those that the rule names plainly first.

    A rule names a data set by the value of a selecting field, by an index pattern of its own or by its integration;
    a pattern that many data sets share (`logs-*`, and a shipper's) makes it a candidate too.
    """
    found = []
    pins = _pins(where)
    asked = [key for key, values in pins.items() if values is not None]
    patterns = indices(meta.index)
    for table in tables:
        if table.selector.entries and "entries" not in asked:
            continue
        met = {key: _meets(table.selector, key, pins) for key in asked}
        if False not in met.values():
            named = _named(table.selector, meta, patterns, met)
            found += [Candidate(table, named)] if named is not None else []
    return tuple(sorted(found, key=lambda candidate: candidate.named))


def _named(
    selector: Selector, meta: Metadata, patterns: tuple[str, ...], met: Mapping[str, bool | None]
) -> Named | None:
    """By what the rule names a table. `met`: of each key whose value the rule pins, whether it is the table's."""
    read, plain = _reads(selector.index, selector.also, patterns)
    by_value = any(met.get(key) for key in _NAMING)
    if by_value and (read or "datasets" in met):
        return Named.BY_VALUE
    if plain:
        return Named.BY_INDEX
    if set(selector.integrations) & set(meta.integration) and (read or not patterns):
        return Named.BY_INTEGRATION
    return Named.BY_WIDE_PATTERN if read else None


@functools.lru_cache(maxsize=16384)
def _reads(index: tuple[str, ...], also: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether a rule's index patterns read a table, and whether one of them names it plainly."""
    own = [(mine, theirs) for mine in index for theirs in patterns if meet(mine, theirs)]
    read = bool(own) or any(meet(mine, theirs) for mine in also for theirs in patterns)
    return read, any(is_plain(mine, theirs) for mine, theirs in own)


def contradicted(meta: Metadata, where: Predicate, tables: Iterable[Listing]) -> tuple[Listing, ...]:
    """The tables that the rule plainly reads and that do not hold what it asks for, where it reads nothing else."""
    pins = _pins(where)
    patterns = indices(meta.index)
    found = [t for t in tables if any(_meets(t.selector, key, pins) is False for key in _HOLDING)]
    read = all(any(meet(o, p) and is_plain(o, p) for t in found for o in t.selector.index) for p in patterns)
    return tuple(t for t in found if any(meet(o, p) for o in t.selector.index for p in patterns)) if read else ()
