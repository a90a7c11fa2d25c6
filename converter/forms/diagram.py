"""Formulas over numbered atoms as decision diagrams: equal formulas are the same number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from converter.forms.language import UndecidedError

MOST_NODES: Final = 50_000
"""How large a decision diagram may get."""


class Diagram:
    """Reduced ordered decision diagrams: equal formulas are the same node. 0 is false, 1 true."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._parts: list[tuple[int, int, int]] = [(1 << 60, 0, 0), (1 << 60, 1, 1)]
        self._done: dict[tuple[int, int, int], int] = {}

    def variable(self, number: int) -> int:
        """The atom of a number."""
        return self._node(number, 0, 1)

    def negated(self, node: int) -> int:
        """Not the formula."""
        return self._choose(node, 0, 1)

    def all_of(self, nodes: Iterable[int]) -> int:
        """All of the formulas."""
        found = 1
        for node in nodes:
            found = self._choose(found, node, 0)
        return found

    def any_of(self, nodes: Iterable[int]) -> int:
        """One of the formulas."""
        found = 0
        for node in nodes:
            found = self._choose(found, 1, node)
        return found

    def _node(self, number: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (number, low, high)
        if key not in self._nodes:
            self._nodes[key] = len(self._parts)
            self._parts.append(key)
            if len(self._parts) > MOST_NODES:
                raise UndecidedError
        return self._nodes[key]

    def _choose(self, test: int, yes: int, no: int) -> int:
        """yes where the test holds, else no."""
        if test < 2:  # noqa: PLR2004 - a constant
            return yes if test else no
        if yes == no:
            return yes
        key = (test, yes, no)
        if key not in self._done:
            top = min(self._parts[n][0] for n in key)
            low = self._choose(*(self._branch(n, top, 1) for n in key))
            high = self._choose(*(self._branch(n, top, 2) for n in key))
            self._done[key] = self._node(top, low, high)
        return self._done[key]

    def _branch(self, node: int, top: int, way: int) -> int:
        return self._parts[node][way] if self._parts[node][0] == top else node
