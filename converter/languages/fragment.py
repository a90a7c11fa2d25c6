"""Text that knows how tightly it binds, so that parentheses are computed in one place."""

from __future__ import annotations

from collections.abc import Sequence

from converter.deferred import dataclass

ATOM = 100
"""The binding strength of text that never needs parentheses."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of target text and the strength of its weakest operator (larger binds tighter)."""

    text: str
    binds: int = ATOM

    def within(self, binds: int) -> str:
        """The text, in parentheses if it binds less tightly than `binds`."""
        return self.text if self.binds >= binds else f"({self.text})"


def join(operator: str, binds: int, parts: Sequence[Fragment]) -> Fragment:
    """The parts joined by an associative operator of strength `binds`; one part stays as it is.

    A part of the same strength is put in parentheses too: a mixed chain is never left to the reader.
    """
    if len(parts) == 1:
        return parts[0]
    return Fragment(operator.join(p.within(binds + 1) for p in parts), binds)
