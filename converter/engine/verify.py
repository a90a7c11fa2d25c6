"""A predicate as one function of an event: readers and tests composed, equal leaves shared.

`Verifiers.compile` gives `test(event, now)`, which says what `converter.reference.matches` says. `now` is the moment
of date math in milliseconds, None = the clock. Terms of And and Or are asked cheapest first: none of them can fail.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

from converter.engine.reading import Reader, reader, text
from converter.engine.texts import TextTest, folded, like_any, like_one, regex_any
from converter.fields import analysis
from converter.model.pattern import Case, Pattern, fold
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind, Now
from converter.reference.event import Event, Indexed, address, coerce, elements, network
from converter.reference.predicate import date_math
from converter.reference.script import outcomes

Test: TypeAlias = Callable[[Event, int | None], bool]
_Relation: TypeAlias = Callable[[Indexed, int | None], bool]

_RELATIONS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQ: operator.eq,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
}


class Verifiers:
    """Compiles predicates; a leaf that several rules have is compiled once, and a field has one reader."""

    def __init__(self) -> None:
        self._leaves: dict[Leaf, Test] = {}
        self._readers: dict[str, Reader] = {}

    def reader(self, path: str) -> Reader:
        """The reader of a path."""
        found = self._readers.get(path)
        if found is None:
            found = self._readers[path] = reader(path)
        return found

    def compile(self, predicate: Predicate) -> Test:
        """The predicate as a function."""
        match predicate:
            case And(terms):
                return _all([self.compile(term) for term in sorted(terms, key=cost)])
            case Or(terms):
                return _any([self.compile(term) for term in sorted(terms, key=cost)])
            case Not(term):
                inner = self.compile(term)
                return lambda event, now: not inner(event, now)
            case Constant(value):
                return lambda _event, _now: value
            case Element(path, term):
                inside = self.compile(term)
                return lambda event, now: any(inside(element, now) for element in elements(event, path))
            case _:
                found = self._leaves.get(predicate)
                if found is None:
                    found = self._leaves[predicate] = self._leaf(predicate)
                return found

    def _leaf(self, leaf: Leaf) -> Test:
        if isinstance(leaf, Holds):
            call = leaf.call
            return lambda event, _now: any(outcome is True for outcome in outcomes(call, event))
        read = self.reader(leaf.field.path)
        match leaf:
            case Present(field):
                return _present(read, field.kind)
            case Compare(field):
                return _value(read, field.kind, _relation(leaf))
            case Between(field):
                low, high = map(_relation, leaf.ends)
                return _value(read, field.kind, lambda found, now: low(found, now) and high(found, now))
            case OneOf(_, values, case):
                return _one_of(read, frozenset(fold(value, case) for value in values), case)
            case Like(_, patterns, case):
                return _texts(read, like_any(patterns, case))
            case Matches(_, regexes, case):
                return _texts(read, regex_any(regexes, case))
            case InNetwork(_, networks):
                return _in_network(read, tuple(found for one in networks if (found := network(one)) is not None))
            case Phrase(_, tokens, analyzer):
                return _texts(read, _phrase(tokens, analyzer))
            case _:
                assert_never(leaf)


_COSTS: dict[type, int] = {Constant: 0, Present: 1, OneOf: 1, Compare: 2, Between: 2, Like: 3, InNetwork: 4, Phrase: 6}


def cost(predicate: Predicate) -> int:
    """About how long a term takes to decide, to ask the cheap ones first."""
    match predicate:
        case And(terms) | Or(terms):
            return 1 + sum(map(cost, terms))
        case Not(term):
            return cost(term)
        case Element():
            return 10 + cost(predicate.term)
        case _:
            return _COSTS.get(type(predicate), 8)


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:  # noqa: PLR2004
        first, second = tests
        return lambda event, now: first(event, now) and second(event, now)

    def test(event: Event, now: int | None) -> bool:
        for one in tests:  # noqa: SIM110 - a loop takes half the time of a generator
            if not one(event, now):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    if len(tests) == 2:  # noqa: PLR2004
        first, second = tests
        return lambda event, now: first(event, now) or second(event, now)

    def test(event: Event, now: int | None) -> bool:
        for one in tests:  # noqa: SIM110 - a loop takes half the time of a generator
            if one(event, now):
                return True
        return False

    return test


def _present(read: Reader, kind: Kind) -> Test:
    if kind in (Kind.KEYWORD, Kind.TEXT):
        return lambda event, _now: any(text(raw) is not None for raw in read(event))
    return lambda event, _now: any(coerce(raw, kind) is not None for raw in read(event))


def _one_of(read: Reader, wanted: frozenset[str], case: Case) -> Test:
    insensitive = case is Case.INSENSITIVE

    def test(event: Event, _now: int | None) -> bool:
        for raw in read(event):
            shown = text(raw)
            if shown is not None and (folded(shown) if insensitive else shown) in wanted:
                return True
        return False

    return test


def _texts(read: Reader, accepts: TextTest) -> Test:
    def test(event: Event, _now: int | None) -> bool:
        for raw in read(event):
            shown = text(raw)
            if shown is not None and accepts(shown):
                return True
        return False

    return test


def _value(read: Reader, kind: Kind, holds: _Relation) -> Test:
    def test(event: Event, now: int | None) -> bool:
        for raw in read(event):
            found = coerce(raw, kind)
            if found is not None and holds(found, now):
                return True
        return False

    return test


def _relation(leaf: Compare) -> _Relation:
    relation, value, kind = _RELATIONS[leaf.comparison], leaf.value, leaf.field.kind
    if isinstance(value, Now):
        return lambda found, now: _stands(relation, found, date_math(value.offset_ms, value.round_to, now))
    wanted: Indexed | None
    if isinstance(value, Instant):
        wanted = value.ms
    else:
        wanted = address(value) if isinstance(value, str) and kind is Kind.IP else value
    if wanted is None:
        return lambda _found, _now: False
    return lambda found, _now: _stands(relation, found, wanted)


def _stands(relation: Callable[[Any, Any], bool], left: Indexed, right: Indexed) -> bool:
    """Text and numbers are in no relation."""
    return isinstance(left, str) == isinstance(right, str) and relation(left, right)


def _in_network(read: Reader, ranges: tuple[range, ...]) -> Test:
    def test(event: Event, _now: int | None) -> bool:
        for raw in read(event):
            bits = address(raw) if isinstance(raw, str) else None
            if bits is not None and any(bits in one for one in ranges):
                return True
        return False

    return test


@functools.lru_cache(maxsize=64)
def _words(shown: str, analyzer: Analyzer) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a text, for the many phrases that are asked of one script after another."""
    words = analysis.tokens(shown, analyzer)
    return words, frozenset(words)


def required_parts(tokens: tuple[Pattern, ...]) -> tuple[str, ...]:
    """Texts that stand in the lower case of every ASCII text that has the phrase: a token is a piece of its text."""
    return tuple(part for token in tokens for part in token.parts if isinstance(part, str))


def _phrase(tokens: tuple[Pattern, ...], analyzer: Analyzer) -> TextTest:
    parts = required_parts(tokens)
    literals = [token.literal for token in tokens]
    whole = frozenset(one for one in literals if one is not None)

    def accepts(shown: str) -> bool:
        if not tokens:
            return False
        if shown.isascii():
            lower = shown.lower()
            for part in parts:
                if part not in lower:
                    return False
        words, known = _words(shown, analyzer)
        if not whole <= known:
            return False
        if len(tokens) == len(whole) == 1:
            return True
        return any(
            all(like_one(words[at + i], token) for i, token in enumerate(tokens))
            for at in range(len(words) - len(tokens) + 1)
        )

    return accepts


def field_of(leaf: Leaf) -> Field | None:
    """The one field that a leaf looks at; None for a script."""
    return None if isinstance(leaf, Holds) else leaf.field
