"""Sigma's conditions, read by hand.

Grammar of the specification (sigma-rules-specification.md, "Condition"), least to most binding:

    Condition : And ('or' And)*
    And       : Term ('and' Term)*
    Term      : 'not' Term | '(' Condition ')' | Quantity 'of' ('them' | Pattern) | Name
    Quantity  : '1' | 'any' | 'all'

Keywords are read in any case, as pySigma does. A `|` begins an aggregation, which version 2 took out.
"""

from __future__ import annotations

import re
from typing import Final

from converter.deferred import compiled
from converter.languages.cursor import Codes, Cursor
from converter.languages.sigma.codes import S001, S002, S003, S005
from converter.languages.sigma.syntax import And, Condition, Named, Not, Or, Picked

_CODES: Final = Codes(syntax=S001, depth=S002, size=S003)
_BLANKS = compiled(r"\s*")
_NAME = compiled(r"[\w*?.-]+")
_OF = compiled(r"(1|any|all)\s+of\s+(?=[\w*])", re.IGNORECASE)
_WORDS = {word: compiled(rf"{word}(?![\w*?.-])", re.IGNORECASE) for word in ("and", "or", "not", "them")}
_RESERVED = ("and", "or", "not", "of")
_EXAMPLE = "Write names of searches joined by and, or, not, such as: selection and not 1 of filter_*"


def parse(text: str) -> Condition:
    """The tree of a condition. Raises QuerySyntaxError with the place in `text`."""
    return _Reader(text, _CODES).whole()


class _Reader(Cursor):
    """The grammar's rules as methods over the text."""

    __slots__ = ()

    def whole(self) -> Condition:
        """Condition, and nothing behind it"""
        found = self._condition()
        if self.starts("|"):
            message = "the condition counts events after |, which Sigma takes out of rules"
            hint = "write a correlation of type event_count or value_count that refers to this rule"
            self.fail(message, self.here(), hint, S005)
        if not self.at_end:
            self.expected("and, or, or the end of the condition", _EXAMPLE)
        return found

    def _word(self, word: str) -> bool:
        self.read(_BLANKS)
        found = self.read(_WORDS[word]) is not None
        self.read(_BLANKS)
        return found

    def _condition(self) -> Condition:
        """And ('or' And)*"""
        terms = [self._and()]
        while self._word("or"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _and(self) -> Condition:
        """Term ('and' Term)*"""
        terms = [self._term()]
        while self._word("and"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self) -> Condition:
        """'not' Term | '(' Condition ')' | Quantity 'of' ('them' | Pattern) | Name"""
        with self.deeper():
            return self._inner()

    def _inner(self) -> Condition:
        if self._word("not"):
            return Not(self._term())
        start = self.position
        if self.take("("):
            found = self._condition()
            self.expect_sign(")", "and, or, or the ) of this group", _EXAMPLE)
            self.read(_BLANKS)
            return found
        quantity = self.read(_OF)
        if quantity is not None:
            every = quantity.lower().startswith("all")
            pattern = None if self._word("them") else self.expect(_NAME, "a pattern of names, or them")
            picked = Picked(every, pattern, self.span(start))
            self.read(_BLANKS)
            return picked
        name = _NAME.match(self.text, start)
        if name is None or name[0].lower() in _RESERVED:
            self.expected("the name of a search, not, (, 1 of or all of", _EXAMPLE)
        self.position = name.end()
        named = Named(name[0], self.span(start))
        self.read(_BLANKS)
        return named
