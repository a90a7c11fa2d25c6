"""Random rules over the fields of data set tables, and tables with entries knocked out.

Every kind of leaf and of detection occurs; values are now and then those that the table rewrites, so that rules meet
what the table says. Some fields have no entry at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence as Sequence_
from functools import cache

from hypothesis import strategies as st
from strategies import NETWORKS, WORDS, cases, patterns, regexes

from converter.datasets.reading.catalogue import Catalogue, builtin
from converter.datasets.reading.table import Entry, Table
from converter.diagnostics import Source
from converter.model.metadata import Metadata, Window
from converter.model.normalise import normalise
from converter.model.pattern import of
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import Detection, Distinct, Key, Match, NewTerms, Rule, Sample, Sequence, Step, Threshold
from converter.model.value import Call, Field, Function, Instant, Kind, Literal

UNLISTED = (Field("process.pe.imphash", many=False), Field("url.fragment"), Field("faas.coldstart", Kind.BOOLEAN))
"""Fields of ECS that few tables have, beside those of the table."""

_WINDOW = Window(360_000, 0, 300_000)
_MOMENTS = (0, 1_600_000_000_000, 1_717_200_000_000)


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """A rule to be bound to one place of a table, in a catalogue in which some entries of the table are missing."""

    rule: Rule
    table: str
    target: str
    place: str
    known: Catalogue

    @property
    def source(self) -> str:
        """The place as `--source` names it."""
        return f"{self.table}/{self.place}"


@cache
def places(target: str) -> tuple[tuple[str, str], ...]:
    """Every table and native place of a target."""
    return tuple(
        (one.name, place)
        for one in builtin().listings
        for place, mode in one.places.get(target, ())
        if mode == "native"
    )


@cache
def fields_of(table: str) -> tuple[Field, ...]:
    """The fields of the table's own entries, as rules see them."""
    schema = builtin().schema
    paths = (path for path in builtin().table(table).entries if "*" not in path)
    infos = (schema.info(path) for path in paths)
    return tuple(Field(info.path, info.kind, info.many) for info in infos if not info.nested)


def _values(entry: Entry | None) -> st.SearchStrategy[str]:
    """Texts, and those that the entry rewrites."""
    known = [
        value
        for parts in (entry.places.values() if entry else ())
        for part in parts.values()
        for value in part.values
        if value != "*"
    ]
    words = st.sampled_from(WORDS)
    return st.one_of(words, st.sampled_from(sorted(set(known)))) if known else words


def leaf(field: Field, entry: Entry | None = None) -> st.SearchStrategy[Predicate]:
    """A leaf of any kind that fits the field."""
    present: st.SearchStrategy[Predicate] = st.just(Present(field))
    order = st.sampled_from(Comparison)
    match field.kind:
        case Kind.KEYWORD:
            values = st.lists(_values(entry), min_size=1, max_size=3, unique=True).map(tuple)
            several = st.lists(patterns, min_size=1, max_size=2).map(tuple)
            some = st.lists(regexes, min_size=1, max_size=2).map(tuple)
            starts = st.builds(lambda v, c: Call(Function.STARTS_WITH, (field, Literal(v)), c), _values(entry), cases)
            length = st.builds(lambda n: Call(Function.GT, (Call(Function.LENGTH, (field,)), Literal(n))), st.just(2))
            return st.one_of(
                present,
                st.builds(OneOf, st.just(field), values, cases),
                st.builds(OneOf, st.just(field), values, cases),
                st.builds(Like, st.just(field), several, cases),
                st.builds(Matches, st.just(field), some, cases),
                st.builds(Holds, st.one_of(starts, length)),
            )
        case Kind.TEXT:
            words = st.lists(st.sampled_from(("load", "b2")).map(of), min_size=1, max_size=2).map(tuple)
            return st.one_of(present, st.builds(Phrase, st.just(field), words, st.sampled_from(Analyzer)))
        case Kind.LONG:
            return st.one_of(present, st.builds(Compare, st.just(field), order, st.integers(-2, 70_000)))
        case Kind.DOUBLE:
            return st.one_of(present, st.builds(Compare, st.just(field), order, st.sampled_from((0.5, 7.0))))
        case Kind.BOOLEAN:
            return st.one_of(present, st.builds(Compare, st.just(field), st.just(Comparison.EQ), st.booleans()))
        case Kind.IP:
            networks = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True).map(tuple)
            return st.one_of(present, st.builds(InNetwork, st.just(field), networks))
        case Kind.DATE:
            return st.one_of(present, st.builds(Compare, st.just(field), order, st.sampled_from(_MOMENTS).map(Instant)))


@cache
def _leaf_of(table: str, field: Field) -> st.SearchStrategy[Predicate]:
    """Made once: to make and check a strategy takes longer than to draw from it."""
    return leaf(field, builtin().table(table).entries.get(field.path))


@st.composite
def conditions(draw: st.DrawFn, table: str, some: Sequence_[Field], *, most: int = 5) -> Predicate:
    """A predicate in normal form over these fields, with at most `most` leaves."""

    def tree(count: int) -> Predicate:
        node: Predicate
        if count == 1:
            node = draw(_leaf_of(table, draw(st.sampled_from(some))))
        else:
            first = draw(st.integers(1, count - 1))
            rest = count - first
            second = draw(st.integers(1, rest))
            parts = tuple(tree(size) for size in (first, second, rest - second) if size)
            node = And(parts) if draw(st.booleans()) else Or(parts)
        return Not(node) if draw(st.integers(0, 3)) == 0 else node

    return normalise(tree(min(most, draw(st.sampled_from((1, 1, 1, 2, 2, 3, 4, most))))))


def rule_of(table: Table, detection: Detection) -> Rule:
    """A rule around a detection, about the table's own indices."""
    source = Source("random.toml", "")
    index = table.selector.index or ("logs-*",)
    return Rule(Metadata(name="A random rule", type="query", window=_WINDOW, index=index), detection, source, source)


@st.composite
def detections(draw: st.DrawFn, table: Table, some: list[Field]) -> Detection:
    """A detection of any kind over these fields."""
    wheres = conditions(table.name, some)
    keys = st.lists(st.sampled_from(some), min_size=1, max_size=2, unique=True).map(tuple)
    match draw(st.integers(0, 7)):
        case 0:
            distinct = draw(st.one_of(st.none(), st.builds(Distinct, st.sampled_from(some), st.integers(2, 3))))
            return Threshold(draw(wheres), draw(keys), draw(st.integers(1, 5)), distinct)
        case 1:
            return NewTerms(draw(wheres), draw(keys), 604_800_000)
        case 2 | 3:
            by = tuple(Key(field) for field in draw(keys))
            runs = draw(st.integers(1, 2))
            steps = [
                Step(draw(wheres), by, runs=runs),
                *(Step(draw(wheres), by) for _ in range(draw(st.integers(1, 2)))),
            ]
            until = draw(st.one_of(st.none(), wheres.map(lambda where: Step(where, by))))
            return Sequence(tuple(steps), 60_000, until)
        case 4:
            by = tuple(Key(field) for field in draw(keys))
            return Sample((Step(draw(wheres), by), Step(draw(wheres), by)))
        case _:
            return Match(draw(wheres))


@st.composite
def settings_for(draw: st.DrawFn, target: str) -> Setting:
    """A rule, a place of the target, and a catalogue whose table lacks some of the entries that the rule needs."""
    name, place = draw(st.sampled_from(places(target)))
    whole = builtin().table(name)
    fields = fields_of(name)
    some = [*draw(st.lists(st.sampled_from(fields), min_size=2, max_size=4, unique=True))]
    if draw(st.integers(0, 3)) == 0:
        some.append(draw(st.sampled_from(UNLISTED)))
    out = {field.path for field in some if draw(st.integers(0, 5)) == 0}
    known = builtin()
    if out:
        rest = {path: entry for path, entry in whole.entries.items() if path not in out}
        known = builtin().with_tables([dataclasses.replace(whole, entries=rest)])
    rule = rule_of(whole, draw(detections(whole, some)))
    return Setting(rule, name, target, place, known)
