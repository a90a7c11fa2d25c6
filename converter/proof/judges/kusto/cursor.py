"""A position in the tokens, with the questions both parsers ask."""

from __future__ import annotations

from typing import NoReturn

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.lexer import Token, tokenize


class Cursor:
    def __init__(self, text: str) -> None:
        self._tokens = tokenize(text)
        self._at = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def ahead(self, distance: int) -> Token:
        return self._tokens[min(self._at + distance, len(self._tokens) - 1)]

    def mark(self) -> int:
        return self._at

    def reset(self, mark: int) -> None:
        self._at = mark

    def next(self) -> Token:
        token = self.token
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def sees(self, *texts: str) -> bool:
        """Whether a word or sign with one of these texts comes next; a string literal never does."""
        return self.token.kind in ("name", "sign") and self.token.text in texts

    def take(self, *texts: str) -> bool:
        found = self.sees(*texts)
        if found:
            self.next()
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            self.fail(f"expected {text}")

    def name(self) -> str:
        """A plain or a bracketed name: Foo, ['a b']."""
        if self.sees("[") and self.ahead(1).kind == "string":
            self.next()
            name = self.next().text
            self.expect("]")
            return name
        # A type's word is a name too where no parenthesis follows: `declare (t: datetime)` is read elsewhere.
        if self.token.kind != "name":
            self.fail("expected a name")
        return self.next().text

    def is_named(self) -> bool:
        """Whether `name =` comes next (`==` is another sign)."""
        if self.sees("["):
            return self.ahead(1).kind == "string" and self.ahead(3).text == "=" and self.ahead(3).kind == "sign"
        return self.token.kind == "name" and self.ahead(1).kind == "sign" and self.ahead(1).text == "="

    def fail(self, message: str) -> NoReturn:
        raise self.error(message)

    def error(self, message: str) -> KustoError:
        found = self.token.text or "the end"
        return KustoError(f"{message}, found {found} at {self.token.start}")
