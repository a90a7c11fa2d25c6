"""What the rest of a conjunction says of a column, and what a condition is still worth beside it.

`EventName == "Subscribe" and not (EventName == "ConsoleLogin" and ...)` says the same without its second part. Only
single-valued columns count, and only equalities: what a column must be one of. Values are told apart without regard
to case, so that nothing is concluded from spelling alone.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar, assert_never

from converter.deferred import dataclass, replace
from converter.model.fact import Fact
from converter.model.pattern import Case, fold, matcher
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
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
from converter.model.value import Field

Column = tuple[str, str]
"""How a column is reached: its text, and the kind of way."""

TRUE, FALSE = Constant(value=True), Constant(value=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a column must be one of: without regard to case, and as spelled where that was asked."""

    folded: frozenset[str]
    spelled: frozenset[str] | None = None

    def __and__(self, other: Asked) -> Asked:
        """Both."""
        if self.spelled is None or other.spelled is None:
            return Asked(self.folded & other.folded, self.spelled if other.spelled is None else other.spelled)
        return Asked(self.folded & other.folded, self.spelled & other.spelled)

    def __or__(self, other: Asked) -> Asked:
        """Either."""
        if self.spelled is None or other.spelled is None:
            return Asked(self.folded | other.folded)
        return Asked(self.folded | other.folded, self.spelled | other.spelled)


Known = Mapping[Column, Asked]
_NOTHING: Known = {}


@dataclass(frozen=True, slots=True)
class Implication:
    """What a table declares: where `when` holds of an event of the place, `then` does too. `text` is for people."""

    when: Predicate
    then: Predicate
    text: str = ""


@dataclass(slots=True)
class Settler:
    """Simplifies what is decided by its surroundings; keeps count of the implications that it rested on."""

    implications: tuple[Implication, ...] = ()
    used: dict[Implication, None] = field(default_factory=dict)

    def settled(
        self, node: Predicate, known: Known | None = None, filled: frozenset[Column] = frozenset()
    ) -> Predicate:
        """The predicate, equal to `node` wherever `known` holds and the columns `filled` have a value.

        Not in normal form.
        """
        known = known or {}
        match node:
            case And():
                return self._conjunction(node, known, filled)
            case Or(terms):
                done = tuple([self.settled(term, known, filled) for term in terms])
                return node if all(map(operator.is_, done, terms)) else Or(done)
            case Not(term):
                inner = self.settled(term, known, filled)
                return node if inner is term else Not(inner)
            case Present(column):
                return TRUE if not column.many and (_column(column) in known or _column(column) in filled) else node
            case OneOf() | Compare() | Like():
                return self._leaf(node, known)
            case Constant() | Element() | Between() | Matches() | InNetwork() | Phrase() | Holds():
                return node
            case _:
                assert_never(node)

    def _conjunction(self, node: And, known: Known, filled: frozenset[Column]) -> Predicate:
        """The terms, each beside the others: those before it as they are left, those after it as they stand."""
        terms = node.terms
        # Only the terms that say something, of what may be thousands.
        asks = {at: said for at, term in enumerate(terms) if (said := asked(term))}
        fills = {at: columns for at, term in enumerate(terms) if (columns := compared(term))}
        whole, whole_filled = _both(known, *asks.values()), filled.union(*fills.values())
        if self._impossible(whole):
            return FALSE
        done: list[Predicate] = []
        for at, term in enumerate(terms):
            others = _both(known, *_without(asks, at)) if at in asks else whole
            filled_by = filled.union(*_without(fills, at)) if at in fills else whole_filled
            left = self.settled(term, others, filled_by)
            if left is not term and _told(asks, at, asked(left)):
                whole = _both(known, *_without(asks))
            if left is not term and _told(fills, at, compared(left)):
                whole_filled = filled.union(*_without(fills))
            done.append(left)
        return node if all(map(operator.is_, done, terms)) else And(tuple(done))

    def _leaf(self, leaf: OneOf | Compare | Like, known: Known) -> Predicate:
        """The leaf, or what is left of it beside what is known of its column."""
        there = None if leaf.field.many else known.get(_column(leaf.field))
        if there is None and not self.implications:
            return leaf
        if self._impossible(_both(known, asked(leaf))):
            return FALSE
        match leaf:
            case OneOf(column, values, case) if not column.many and len(values) > 1:
                kept = values
                if there is not None or self.implications:
                    each = [(v, OneOf(column, (v,), case)) for v in values]
                    kept = tuple([v for v, one in each if not self._impossible(_both(known, asked(one)))])
                if there is not None and _implied(there, kept, case, column):
                    return TRUE
                return leaf if len(kept) == len(values) else replace(leaf, values=kept)
            case OneOf(column, values, case):
                return TRUE if there is not None and _implied(there, values, case, column) else leaf
            case Like(column, patterns, case) if there is not None:
                tests = [matcher(p, Case.INSENSITIVE) for p in patterns]
                met = [v for v in there.folded if any(test(v) for test in tests)]
                if not met:
                    return FALSE
                loose = case is Case.INSENSITIVE or Fact.ONE_SPELLING in column.facts
                return TRUE if loose and len(met) == len(there.folded) else leaf
            case Compare() | Like():
                return leaf
            case _:
                assert_never(leaf)

    def _impossible(self, known: Known) -> bool:
        """Whether no event has these values, by themselves or by an implication."""
        inside = known
        for one in known.values():
            if not one.folded:
                return True
        for implication in self.implications:
            if all(c in inside and inside[c].folded <= v.folded for c, v in asked(implication.when).items()):
                inside = _both(inside, asked(implication.then))
                if any(not one.folded for one in inside.values()):
                    self.used[implication] = None
                    return True
        return False


_Said = TypeVar("_Said")


def _told(said: dict[int, _Said], place: int, now: _Said) -> bool:
    """Take what the term at a place says now; whether that is something else."""
    before = said.pop(place, None)
    if now:
        said[place] = now
    return bool(before or now) and before != now


def _without(said: Mapping[int, _Said], place: int | None = None) -> Iterator[_Said]:
    """What the terms say, in their order, but for the one at a place."""
    return (said[at] for at in sorted(said) if at != place)


def _implied(there: Asked, values: Iterable[str], case: Case, column: Field) -> bool:
    """Whether a column that is one of `there` is one of the values."""
    texts = frozenset(values)
    if case is Case.INSENSITIVE or Fact.ONE_SPELLING in column.facts:
        return there.folded <= {fold(t, Case.INSENSITIVE) for t in texts}
    return there.spelled is not None and there.spelled <= texts


def _both(*parts: Known) -> Known:
    """What several conditions ask together."""
    said = [part for part in parts if part]
    if len(said) <= 1:
        return said[0] if said else _NOTHING
    found: dict[Column, Asked] = {}
    for part in said:
        for column, values in part.items():
            found[column] = found[column] & values if column in found else values
    return found


def compared(node: Predicate) -> frozenset[Column]:
    """The columns that must have a value for `node` to hold, because it compares them with one."""
    match node:
        case OneOf(column) | Compare(column) | Between(column) | Like(column) | Matches(column):
            return frozenset() if column.many else frozenset([_column(column)])
        case InNetwork(column) | Phrase(column):
            return frozenset() if column.many else frozenset([_column(column)])
        case And(terms):
            return frozenset().union(*map(compared, terms))
        case Or(terms) if terms:
            return frozenset.intersection(*map(compared, terms))
        case Or() | Not() | Constant() | Element() | Present() | Holds():
            return frozenset()
        case _:
            assert_never(node)


def asked(node: Predicate) -> Known:
    """What the columns must be one of for `node` to hold."""
    match node:
        case OneOf(column, values, case) if not column.many:
            return {_column(column): _one_of(values, case)}
        case Compare(column, Comparison.EQ, value) if not column.many and isinstance(value, int | str):
            return {_column(column): Asked(frozenset([fold(str(value), Case.INSENSITIVE)]))}
        case And(terms):
            return _both(*map(asked, terms))
        case Or(terms) if terms:
            first, *rest = map(asked, terms)
            found = dict(first)
            for other in rest:
                found = {column: found[column] | other[column] for column in found if column in other}
            return found
        case _:
            return {}


@functools.lru_cache(maxsize=16384)
def _one_of(values: tuple[str, ...], case: Case) -> Asked:
    """What a list of values asks of its column."""
    spelled = frozenset(values) if case is Case.SENSITIVE else None
    return Asked(frozenset(fold(v, Case.INSENSITIVE) for v in values), spelled)


def _column(column: Field) -> Column:
    return (column.way.text, type(column.way).__name__) if column.way is not None else (column.path, "")
