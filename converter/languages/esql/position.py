"""A place among the tokens of a query, moved forward by the parser."""

from __future__ import annotations

from dataclasses import field
from typing import NoReturn

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.languages.cursor import DEEPEST_NESTING
from converter.languages.esql.codes import Q001, Q002, Q005, Q011
from converter.languages.esql.tokens import BAD, END, Tokens, bad_token, fail


@dataclass(slots=True)
class Position:
    """A place among the tokens."""

    tokens: Tokens
    index: int = 0
    depth: int = 0
    kind: str = field(init=False)
    text: str = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.kind, self.text, self.key = self.tokens.kinds[0], self.tokens.texts[0], self.tokens.keys[0]

    def advance(self) -> None:
        """Go to the next token."""
        self.index += 1
        self.kind = self.tokens.kinds[self.index]
        self.text = self.tokens.texts[self.index]
        self.key = self.tokens.keys[self.index]

    def take(self, key: str) -> bool:
        """Go past a sign or keyword if it stands here."""
        if self.key != key:
            return False
        self.advance()
        return True

    def expect(self, key: str, words: str, hint: str = "") -> None:
        """Go past a sign or keyword, or fail with what was expected."""
        if not self.take(key):
            self.expected(words, hint)

    def following(self) -> str:
        """The sign or keyword after this token."""
        return "" if self.kind == END else self.tokens.keys[self.index + 1]

    @property
    def start(self) -> int:
        """Where this token starts."""
        return self.tokens.ends[self.index] - len(self.text)

    @property
    def here(self) -> Span:
        """The place of this token."""
        return Span(self.start, self.tokens.ends[self.index])

    def span(self, start: int) -> Span:
        """From `start` to the end of the token before this one."""
        return Span(start, self.tokens.ends[self.index - 1])

    def expected(self, words: str, hint: str = "") -> NoReturn:
        """Fail: something else stands here."""
        if self.kind == BAD:
            bad_token(self.tokens, self.index)
        if self.key.startswith("?"):
            hint = "A rule runs without parameters: write the value."
            fail(Q011, "this query has a parameter", self.here, hint)
        if self.key == "=":
            fail(Q005, "= does not compare", self.here, "Write == to compare; = names a column of eval or stats.")
        if self.key == "=~":
            hint = "Compare to_lower(column) with text in lower case."
            fail(Q005, "ES|QL has no =~", self.here, hint)
        found = "the query ends" if self.kind == END else f"found {self.text[:40]}"
        fail(Q001, f"expected {words}, but {found}", self.here, hint)

    def enter(self) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            message = f"this query nests deeper than {DEEPEST_NESTING} levels"
            fail(Q002, message, self.here, "Remove the parentheses that do not group anything.")
