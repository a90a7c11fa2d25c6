"""Which data set tables a rule may be bound to, by its index patterns and the values it pins."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from converter.datasets.reading.catalogue import Listing
from converter.datasets.reading.document import Document
from converter.datasets.reading.table import Selector
from converter.model.metadata import Metadata
from converter.model.pattern import Case
from converter.model.predicate import And, Like, OneOf, Or, Predicate

_FILE = Path(__file__).parent.parent / "selectors.yaml"


@functools.cache
def selector_fields() -> Mapping[str, tuple[str, ...]]:
    """For each key of a table's `match` that values select: the Elastic fields that carry it."""
    document = Document(_FILE.read_text(encoding="utf-8"), _FILE.name)
    assert document.root is not None  # noqa: S101  # the file is part of the package
    return {name: document.texts(value, name) for name, _, value in document.items(document.root, "the file")}


@functools.lru_cache(maxsize=65536)
def globs_meet(one: str, other: str) -> bool:
    """Whether some name matches both patterns, where `*` stands for any run of characters."""
    reach = {0}  # positions in `other` that the part of `one` read so far can stand at
    for char in one:
        if char == "*":
            reach = set(range(min(reach), len(other) + 1)) if reach else set()
            continue
        step: set[int] = set()
        for at in _closed(reach, other):
            if at < len(other) and other[at] == "*":
                step.add(at)
            elif at < len(other) and other[at] == char:
                step.add(at + 1)
        reach = step
    return len(other) in _closed(reach, other)


def _closed(reach: Iterable[int], pattern: str) -> set[int]:
    """Also the positions after stars, which may stand for nothing."""
    closed = set(reach)
    for at in sorted(closed):
        while at < len(pattern) and pattern[at] == "*":
            at += 1  # noqa: PLW2901  # walks over consecutive stars
            closed.add(at)
    return closed


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
            parts = [pinned(t, names) for t in terms]
            return None if any(p is None for p in parts) else frozenset().union(*(p for p in parts if p is not None))
        case OneOf(field, values) if field.path in names:
            return frozenset(v.lower() for v in values)
        case Like(field, patterns, case) if field.path in names and case in Case:
            texts = [p.literal for p in patterns]
            return None if any(t is None for t in texts) else frozenset(t.lower() for t in texts if t is not None)
        case _:
            return None


def _contradicts(selector: Selector, pins: Mapping[str, frozenset[str] | None]) -> bool:
    for key, values in pins.items():
        own: tuple[str, ...] = getattr(selector, key)
        if own and values is not None and not any(globs_meet(o.lower(), v) for o in own for v in values):
            return True
    return False


def candidates(meta: Metadata, where: Predicate, tables: Iterable[Listing]) -> tuple[Listing, ...]:
    """The tables that can serve a rule (or one step of it), those that the rule names first.

    A rule names a data set by an index pattern of its own or by the value of a selecting field; a pattern that
    many data sets share (`also`, and any `*` pattern as wide) or the rule's integration makes it a candidate too.
    """
    named: list[Listing] = []
    possible: list[Listing] = []
    pins = {key: pinned(where, fields) for key, fields in selector_fields().items()}
    values = pins["datasets"] or frozenset()
    for table in tables:
        selector = table.selector
        if _contradicts(selector, pins):
            continue
        says_so = bool(values & {d.lower() for d in selector.datasets})
        if says_so or _any_meet(selector.index, meta.index):
            named.append(table)
        elif _any_meet(selector.also, meta.index) or set(selector.integrations) & set(meta.integration):
            possible.append(table)
    return (*named, *possible)


def _any_meet(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return any(globs_meet(one, other) for one in ours for other in theirs)
