"""Anchors: what an event must hold before a predicate can hold of it, in terms that an index can look up.

An anchor is some atoms of which at least one is in every event that the predicate holds of. Texts in atoms are
in lower case: texts that differ in the case of A-Z alone have the same lower case, so an index over lower case misses
nothing, whatever case a rule asks for. Everything an anchor lets through is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from converter.engine.verify import required_parts
from converter.model.pattern import Char, Concat, Pattern, Regex
from converter.model.predicate import (
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
from converter.model.value import Kind

_SHORTEST = 3
_MOST_ATOMS = 4000


@dataclass(frozen=True, slots=True)
class Whole:
    """Some value at the path is this text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some value at the path holds this text, or is not ASCII."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """There is a value at the path."""

    path: str


@dataclass(frozen=True, slots=True)
class Number:
    """Some value at the path is this number, read as a field of whole numbers reads it."""

    path: str
    value: int


Atom: TypeAlias = Whole | Part | Held | Number
Anchor: TypeAlias = tuple[Atom, ...]
Price: TypeAlias = Callable[[Anchor], float]


class Leaves:
    """The anchor of each leaf, made once: the classes of a plan ask for the same leaves again and again."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Leaf, Anchor]] = {}  # the leaf is kept alive whose id is a key

    def anchor(self, leaf: Leaf) -> Anchor:
        """The anchor of a leaf; none of a script."""
        found = self._known.get(id(leaf))
        if found is None:
            found = self._known[id(leaf)] = leaf, _leaf(leaf)
        return found[1]


def anchors(where: Predicate, price: Price, avoid: frozenset[str], leaves: Leaves) -> list[Anchor]:
    """The anchors of a predicate; none if it may hold of an event without any of them.

    An Or has one: the cheapest of each of its terms together. Paths in `avoid` are not looked at.
    """
    match where:
        case And(terms):
            return [found for term in terms for found in anchors(term, price, avoid, leaves)]
        case Or(terms):
            chosen: dict[Atom, None] = {}
            for term in terms:
                found = anchors(term, price, avoid, leaves)
                if not found:
                    return []
                chosen |= dict.fromkeys(cheapest(found, price))
            return [tuple(chosen)] if len(chosen) <= _MOST_ATOMS else []
        case Element():
            # What holds of an element is found at the full path of the event too.
            return anchors(where.term, price, avoid, leaves)
        case Constant(value):
            return [] if value else [()]
        case Not() | Holds():
            return []
        case _:
            return [] if where.field.path in avoid else [leaves.anchor(where)]


def cheapest(found: list[Anchor], price: Price) -> Anchor:
    """The anchor of the least price, the first of several."""
    prices = [price(anchor) for anchor in found]
    return found[prices.index(min(prices))]


def _leaf(leaf: Leaf) -> Anchor:
    match leaf:
        case Holds():
            return ()
        case OneOf(field, values):
            return tuple([Whole(field.path, value) for value in dict.fromkeys(map(str.lower, values))])
        case Like(field, patterns):
            return _either(field.path, map(_like(field.path), patterns))
        case Matches(field, regexes):
            return _either(field.path, (_longest(field.path, _runs(regex)) for regex in regexes))
        case Phrase(field, tokens):
            return _either(field.path, [_longest(field.path, required_parts(tokens))])
        case Compare(field, Comparison.EQ, bool(value)):
            return tuple(Whole(field.path, text) for text in (("true",) if value else ("false", "")))
        case Compare(field, Comparison.EQ, int(value)) if field.kind is Kind.LONG:
            return (Number(field.path, value),)
        case Present(field) | Compare(field) | Between(field) | InNetwork(field):
            return (Held(field.path),)
        case _:
            assert_never(leaf)


def _either(path: str, atoms: Iterable[Atom]) -> Anchor:
    """All of the atoms, or that there is a value where one of them says no more."""
    found = dict.fromkeys(atoms)
    held = Held(path)
    return (held,) if held in found else tuple(found)


def _like(path: str) -> Callable[[Pattern], Atom]:
    def atom(pattern: Pattern) -> Atom:
        literal = pattern.literal
        if literal is not None:
            return Whole(path, literal.lower())
        return _longest(path, (part for part in pattern.parts if isinstance(part, str)))

    return atom


def _longest(path: str, texts: Iterable[str]) -> Atom:
    """The longest of the texts that must stand in a value, if it is long enough to tell something."""
    longest = max((text.lower() for text in texts), key=len, default="")
    return Part(path, longest) if len(longest) >= _SHORTEST else Held(path)


def _runs(regex: Regex) -> list[str]:
    """The texts that every match of a regular expression holds, as far as they are plain to see."""
    runs = [""]
    for part in regex.parts if isinstance(regex, Concat) else (regex,):
        if isinstance(part, Char):
            runs[-1] += part.char
        else:
            runs.append("")
    return runs
