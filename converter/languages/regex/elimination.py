"""Expressions of machines: states are taken away one by one, their ways through written on edges.

The choice of the next state looks at prices that are kept, and only those beside the last one change: a machine of n
states costs about n squared, not n squared times its edges.
"""

from __future__ import annotations

from typing import assert_never

from converter.languages.regex.automaton import (
    EMPTY,
    NEVER,
    Machine,
    TooLargeError,
    alternate,
    character,
    concat,
    repeat,
)
from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Regex, Repeat

MAX_SIZE = 4000
"""The longest expression, in nodes, that is worth emitting."""


def to_regex(machine: Machine) -> Regex:
    """An expression for a machine: the cheapest state goes first. Raises TooLargeError."""
    count = len(machine.moves)
    start, end = count, count + 1
    edges = _Edges(count + 2)
    edges.put(start, 0, EMPTY)
    for state, moves in enumerate(machine.moves):
        for ranges, to in moves:
            edges.put(state, to, character(ranges))
    for state in machine.final:
        edges.put(state, end, EMPTY)
    prices = [edges.price(state) for state in range(count)]
    left = set(range(count))
    while left:
        state = min(left, key=lambda s: (prices[s], s))
        left.discard(state)
        beside = edges.remove(state)
        if edges.size > MAX_SIZE:
            raise TooLargeError
        for one in beside & left:
            prices[one] = edges.price(one)
    return edges.way(start, end)


class _Edges:
    """Expressions on edges between states, with their sizes by where they begin and where they end."""

    def __init__(self, count: int) -> None:
        self._ways: dict[tuple[int, int], Regex] = {}
        self._out: list[dict[int, int]] = [{} for _ in range(count)]
        self._into: list[dict[int, int]] = [{} for _ in range(count)]
        self.size = 0

    def put(self, start: int, end: int, way: Regex) -> None:
        """The way from a state to another, in place of the one that was known."""
        size = _size(way)
        self.size += size - self._out[start].get(end, 0)
        self._ways[start, end] = way
        self._out[start][end] = self._into[end][start] = size

    def way(self, start: int, end: int) -> Regex:
        """What leads from a state to another."""
        return self._ways.get((start, end), NEVER)

    def price(self, state: int) -> int:
        """About what taking the state away adds to the expressions."""
        into = [size for other, size in self._into[state].items() if other != state]
        out = [size for other, size in self._out[state].items() if other != state]
        return sum(into) * len(out) + sum(out) * len(into)

    def remove(self, state: int) -> set[int]:
        """Take a state away, with new ways between those beside it, which are given."""
        around = self._take(state, state)
        turn = EMPTY if around is None else repeat(around, 0, None)
        into = {other: self._take(other, state) for other in list(self._into[state])}
        out = {other: self._take(state, other) for other in list(self._out[state])}
        for start, before in into.items():
            for end, after in out.items():
                assert before is not None and after is not None  # noqa: S101, PT018 - both stood there
                way = concat([before, turn, after])
                known = self._ways.get((start, end))
                self.put(start, end, way if known is None else _either(known, way))
        return {*into, *out}

    def _take(self, start: int, end: int) -> Regex | None:
        self.size -= self._out[start].pop(end, 0)
        self._into[end].pop(start, None)
        return self._ways.pop((start, end), None)


def _either(left: Regex, right: Regex) -> Regex:
    """Two ways: an empty one makes the other optional."""
    if EMPTY in (left, right):
        other = right if left == EMPTY else left
        if other == EMPTY or (isinstance(other, Repeat) and other.least == 0):
            return other
        if isinstance(other, Repeat) and other.least == 1 and other.most is None:
            return Repeat(other.item, 0, None)
        return Repeat(other, 0, 1)
    return alternate([left, right])


def _size(regex: Regex) -> int:
    match regex:
        case Char() | AnyChar():
            return 1
        case CharClass(ranges):
            return 1 + len(ranges)
        case Concat(parts) | Alternate(parts):
            return 1 + sum(map(_size, parts))
        case Repeat(item):
            return 1 + _size(item)
        case _:
            assert_never(regex)
