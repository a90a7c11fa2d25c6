"""A place in a text, moved forward by a hand-written reader.

The reader asks (`check`), takes (`read`) or insists (`expect`) with compiled regular expressions that are
matched at the place, so what counts as a word depends on where the reader stands. Every failure is a
`QuerySyntaxError` that says what was expected and what was found, in the user's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Span
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError

LONGEST_QUERY = 1_000_000
"""Characters. Elasticsearch refuses far shorter ones (indices.query.bool.max_clause_count)."""

DEEPEST_NESTING = 50
"""Levels of parentheses and braces. A level may be three nodes of the tree (or, and, not), and every later stage
recurses a few frames a node. Elasticsearch takes 30 (indices.query.bool.max_nested_depth)."""

_WORD = compiled(r"[^\W\d]\w*|\d[\w.]*")


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes under which a language reports what every reader can find."""

    syntax: Code
    depth: Code
    size: Code


class Cursor:
    """`text` and a `position` in it."""

    __slots__ = ("_codes", "_depth", "position", "text")

    def __init__(self, text: str, codes: Codes) -> None:
        self.text = text
        self.position = 0
        self._codes = codes
        self._depth = 0
        if len(text) > LONGEST_QUERY:
            self.fail(
                f"this query has {len(text):,} characters; the longest that is read has {LONGEST_QUERY:,}",
                Span(0, 0),
                "Split the rule, or move long value lists into a lookup.",
                codes.size,
            )

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self.text)

    def check(self, pattern: re.Pattern[str]) -> bool:
        """Whether `pattern` matches here; stays."""
        return pattern.match(self.text, self.position) is not None

    def starts(self, sign: str) -> bool:
        """Whether the text goes on with `sign`; stays."""
        return self.text.startswith(sign, self.position)

    def read(self, pattern: re.Pattern[str]) -> str | None:
        """The text that `pattern` matches here, moving past it; None, staying, if it does not."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match[0]

    def take(self, sign: str) -> bool:
        """Move past `sign` if the text goes on with it."""
        if not self.text.startswith(sign, self.position):
            return False
        self.position += len(sign)
        return True

    def expect(self, pattern: re.Pattern[str], words: str, hint: str = "") -> str:
        """Like `read`, but a failure that `words` describe is a syntax error here."""
        found = self.read(pattern)
        if found is None:
            self.expected(words, hint)
        return found

    def expect_sign(self, sign: str, words: str, hint: str = "") -> None:
        """Like `take`, but a failure that `words` describe is a syntax error here."""
        if not self.take(sign):
            self.expected(words, hint)

    def span(self, start: int) -> Span:
        """From `start` to here."""
        return Span(start, self.position)

    def here(self) -> Span:
        """What stands here, for an error: a word, one character, or one past the end."""
        if self.at_end:
            return Span(len(self.text), len(self.text))
        match = _WORD.match(self.text, self.position)
        return Span(self.position, match.end() if match else self.position + 1)

    def found(self) -> str:
        """What stands here, in words."""
        span = self.here()
        if span.start == span.end:
            return "the query ends"
        text = self.text[span.start : span.end]
        if text in "\r\n":
            return "found a line break"
        if text.isspace():
            return "found a blank"
        return f"found {text if len(text) <= 40 else text[:40] + '...'}"  # noqa: PLR2004 -- as long as reads well

    def expected(self, words: str, hint: str = "") -> NoReturn:
        """A syntax error: `words` were expected, something else stands here."""
        self.fail(f"expected {words}, but {self.found()}", self.here(), hint)

    def fail(self, message: str, span: Span, hint: str = "", code: Code | None = None) -> NoReturn:
        """A syntax error with its own message and place."""
        raise QuerySyntaxError(Diagnostic(code or self._codes.syntax, message, span=span, hint=hint))

    def enter(self) -> None:
        """One level of nesting begins here; an error where there are too many. `leave` ends it."""
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            self.fail(
                f"this query nests deeper than {DEEPEST_NESTING} levels",
                self.here(),
                "Remove the parentheses that do not group anything.",
                self._codes.depth,
            )

    def leave(self) -> None:
        """The level of nesting that began last ends."""
        self._depth -= 1

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level of nesting, as a context. An error ends the reading, so nothing is undone after one."""
        self.enter()
        yield
        self.leave()
