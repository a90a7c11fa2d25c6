"""Whether two conditions on one text hold of the same texts: decided for all texts, not tried on some.

Each pattern is run as a machine over positions (Glushkov's construction); all machines of both conditions run side by
side over classes of characters that no pattern tells apart, and wherever they can get, both conditions must be equal.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, assert_never

from converter.deferred import dataclass
from converter.languages.regex.charset import ALL, Ranges, complement, intersect, merged, partition
from converter.languages.regex.render import pattern_regex
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Regex,
    Repeat,
)
from converter.model.predicate import And, Constant, Like, Matches, Not, OneOf, Or, Predicate, Present

MOST_STATES: Final = 6_000
"""How many combinations of machines' states are looked at before the question is left open."""

_MOST_STEPS: Final = 800_000
"""How many steps of machines are taken at most."""

_UNROLLED: Final = 4_000
"""How many positions an expression may have."""


class UndecidedError(Exception):
    """The question is too large, or about something that is no condition on a text."""


@dataclass(slots=True)
class _Positions:
    """A machine under construction: what each position reads, and which may follow it."""

    reads: list[Ranges]
    follow: list[int]

    def add(self, ranges: Ranges) -> int:
        self.reads.append(ranges)
        self.follow.append(0)
        if len(self.reads) > _UNROLLED:
            raise UndecidedError
        return 1 << (len(self.reads) - 1)

    def join(self, last: int, first: int) -> None:
        """What may stand last is followed by what may stand first."""
        while last:
            low = last & -last
            self.follow[low.bit_length() - 1] |= first
            last ^= low


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an expression: the positions that may begin and end it, and whether it takes the empty text."""

    first: int
    last: int
    empty: bool


@dataclass(frozen=True, slots=True)
class _Machine:
    """Positions as bits; the bit above them all is the start."""

    reads: tuple[Ranges, ...]
    follow: tuple[int, ...]
    first: int
    last: int
    empty: bool

    @property
    def start(self) -> int:
        return 1 << len(self.reads)

    def accepts(self, state: int) -> bool:
        return bool(state & self.last) or (self.empty and state == self.start)

    def ahead(self, state: int) -> int:
        """The positions that may read the next character: those that do are where it leads to."""
        found = self.first if state == self.start else 0
        rest = state & (self.start - 1)
        while rest:
            low = rest & -rest
            found |= self.follow[low.bit_length() - 1]
            rest ^= low
        return found


@functools.lru_cache(maxsize=4096)
def _machine(regex: Regex, case: Case) -> _Machine:
    positions = _Positions([], [])
    piece = _piece(regex, case, positions)
    return _Machine(tuple(positions.reads), tuple(positions.follow), piece.first, piece.last, piece.empty)


def _piece(regex: Regex, case: Case, positions: _Positions) -> _Piece:
    match regex:
        case Char(char):
            both = {char, char.lower(), char.upper()} if case is Case.INSENSITIVE and char.isascii() else {char}
            bit = positions.add(merged((c, c) for c in both))
            return _Piece(bit, bit, empty=False)
        case AnyChar():
            bit = positions.add(ALL)
            return _Piece(bit, bit, empty=False)
        case CharClass(ranges, negated):
            bit = positions.add(complement(merged(ranges)) if negated else merged(ranges))
            return _Piece(bit, bit, empty=False)
        case Concat(parts):
            return _sequence([_piece(p, case, positions) for p in parts], positions)
        case Alternate(options):
            some = [_piece(o, case, positions) for o in options]
            return _Piece(_bits(p.first for p in some), _bits(p.last for p in some), any(p.empty for p in some))
        case Repeat(item, least, most):
            return _repeated(item, least, most, case, positions)
        case _:
            assert_never(regex)


def _repeated(item: Regex, least: int, most: int | None, case: Case, positions: _Positions) -> _Piece:
    parts = [_piece(item, case, positions) for _ in range(least)]
    if most is None:
        more = _piece(item, case, positions)
        positions.join(more.last, more.first)
        parts.append(_Piece(more.first, more.last, empty=True))
    else:
        optional = [_piece(item, case, positions) for _ in range(most - least)]
        parts += [_Piece(p.first, p.last, empty=True) for p in optional]
    return _sequence(parts, positions)


def _sequence(parts: Sequence[_Piece], positions: _Positions) -> _Piece:
    found = _Piece(0, 0, empty=True)
    for part in parts:
        positions.join(found.last, part.first)
        found = _Piece(
            found.first | (part.first if found.empty else 0),
            part.last | (found.last if part.empty else 0),
            found.empty and part.empty,
        )
    return found


def _bits(some: Iterable[int]) -> int:
    found = 0
    for one in some:
        found |= one
    return found


def accepts(regex: Regex, case: Case, text: str) -> bool:
    """Whether the whole text matches. Raises UndecidedError for an expression that is too large."""
    machine = _machine(regex, case)
    state = machine.start
    for char in text:
        reading = _bits(1 << i for i, ranges in enumerate(machine.reads) if _reads(ranges, char))
        state = machine.ahead(state) & reading
        if not state:
            return False
    return machine.accepts(state)


def _reads(ranges: Ranges, char: str) -> bool:
    return any(low <= char <= high for low, high in ranges)


# ---- conditions


def same_texts(
    one: Predicate, other: Predicate, within: Regex | None = None, *, most: int = MOST_STATES, empty: bool = False
) -> bool:
    """Whether both conditions hold of the same texts (the empty one left out, unless `empty`) that match `within`.

    Both speak of one field, and of whole texts only. `most`: how many states are looked at. Raises
    UndecidedError.
    """
    machines: dict[tuple[object, Case], int] = {}
    made: list[_Machine] = []
    for part in (one, other):
        for key, regex, case in _members(part):
            if (key, case) not in machines:
                machines[key, case] = len(made)
                made.append(_machine(regex, case))
    if not made:  # they ask no text for anything
        return _holds(one, machines, ()) == _holds(other, machines, ())
    bound = None if within is None else len(made)
    if within is not None:
        made.append(_machine(within, Case.SENSITIVE))
    classes = {
        tuple(_bits(1 << i for i, ranges in enumerate(m.reads) if intersect(part, ranges)) for m in made)
        for part in _alphabet(made)
    }
    most = min(most, _MOST_STEPS // max(1, len(classes) * len(made)))
    start = tuple(m.start for m in made)
    seen, todo = {start}, [start]
    while todo:
        state = todo.pop()
        if (empty or state != start) and (bound is None or made[bound].accepts(state[bound])):
            held = [m.accepts(s) for m, s in zip(made, state, strict=True)]
            if _holds(one, machines, held) != _holds(other, machines, held):
                return False
        ahead = [m.ahead(s) for m, s in zip(made, state, strict=True)]
        for reading in classes:
            after = tuple(map(operator.and_, ahead, reading))
            if after not in seen and (bound is None or after[bound]):
                seen.add(after)
                todo.append(after)
        if len(seen) > most:
            raise UndecidedError
    return True


def _alphabet(machines: Sequence[_Machine]) -> tuple[Ranges, ...]:
    """Classes of characters of which no machine tells two apart."""
    every = {ranges for machine in machines for ranges in machine.reads}
    return partition([*every, ALL])


def _members(part: Predicate) -> Iterable[tuple[object, Regex, Case]]:
    match part:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _members(term)
        case Not(term):
            yield from _members(term)
        case OneOf(_, values, case):
            yield from ((v, Concat(tuple(map(Char, v))), case) for v in values)
        case Like(_, patterns, case):
            yield from ((p, pattern_regex(p), case) for p in patterns)
        case Matches(_, regexes, case):
            yield from ((r, r, case) for r in regexes)
        case Present() | Constant():
            return
        case _:
            raise UndecidedError


def _holds(part: Predicate, machines: Mapping[tuple[object, Case], int], held: Sequence[bool]) -> bool:
    """Whether a condition holds of a text that the machines have read."""

    def some(members: Iterable[object], case: Case) -> bool:
        return any(held[machines[one, case]] for one in members)

    match part:
        case And(terms):
            return all(_holds(t, machines, held) for t in terms)
        case Or(terms):
            return any(_holds(t, machines, held) for t in terms)
        case Not(term):
            return not _holds(term, machines, held)
        case OneOf(_, values, case):
            return some(values, case)
        case Like(_, patterns, case):
            return some(patterns, case)
        case Matches(_, regexes, case):
            return some(regexes, case)
        case Present():
            return True
        case Constant(value):
            return value
        case _:
            raise UndecidedError
