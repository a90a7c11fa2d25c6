"""What a language has no words for."""

from __future__ import annotations

from converter.model.predicate import Predicate


class UnsaidError(Exception):
    """The language cannot say this part of a condition; `why` in words for the user."""

    def __init__(self, part: Predicate, why: str) -> None:
        super().__init__(why)
        self.part = part
        self.why = why
