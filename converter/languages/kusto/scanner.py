"""Words, signs and literals of Kusto text, read one at a time."""

from __future__ import annotations

import re
from typing import NoReturn

from converter.deferred import compiled
from converter.languages.cursor import Codes, Cursor
from converter.languages.kusto import literal
from converter.languages.kusto.codes import J001, J002, J003
from converter.languages.kusto.syntax import Duration, Number

CODES = Codes(syntax=J001, depth=J002, size=J003)

_BLANK = compiled(r"(?:\s+|//[^\n]*)+")
_WORD = compiled(r"[A-Za-z_$][A-Za-z0-9_]*", re.ASCII)
_OPERATOR_WORD = compiled(r"[a-z]+(?:-[a-z]+)*")
_NEGATED = compiled(r"![a-z_]+~?")
_TEXT_WORD = compiled(r"[a-z_]+~?")
_VERBATIM = compiled(r"""[hH]?@(?:"((?:[^"\n]|"")*)"|'((?:[^'\n]|'')*)')""")
_QUOTED = compiled(r"""[hH]?(?:"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)')""")
_FENCE = compiled(r"[hH]?```(.*?)```", re.DOTALL)
_DURATION = compiled(r"(\d+(?:\.\d+)?)(d|h|m|s|ms|microseconds?|ticks?|days?|hours?|minutes?|seconds?|milliseconds?)\b")
_NUMBER = compiled(r"0[xX][0-9a-fA-F]+\b|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z_0-9])")
_NAME_IN_BRACKETS = compiled(r"""\[\s*(?=["'])""")


class Scanner:
    """A place in the text; what is asked for is looked at behind blanks and comments."""

    def __init__(self, text: str) -> None:
        self._cursor = Cursor(text, CODES)
        self._skip()

    def _skip(self) -> None:
        self._cursor.read(_BLANK)

    @property
    def position(self) -> int:
        """Where it stands."""
        return self._cursor.position

    @position.setter
    def position(self, place: int) -> None:
        self._cursor.position = place

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._cursor.at_end

    def deeper(self) -> None:
        """One more level of nesting; `shallower` ends it."""
        self._cursor.enter()

    def shallower(self) -> None:
        """The level of nesting that began last ends."""
        self._cursor.leave()

    def expected(self, words: str) -> NoReturn:
        """A syntax error here."""
        self._cursor.expected(words)

    def sees(self, *signs: str) -> bool:
        """Whether one of the signs stands here."""
        return self._cursor.text.startswith(signs, self._cursor.position)

    def take(self, sign: str) -> bool:
        """Move past the sign if it stands here."""
        taken = self._cursor.take(sign)
        if taken:
            self._skip()
        return taken

    def expect(self, sign: str) -> None:
        """Move past the sign, which must stand here."""
        if not self.take(sign):
            self.expected(sign)

    def peek(self) -> str:
        """The word that stands here, else ""."""
        found = _WORD.match(self._cursor.text, self._cursor.position)
        return found[0] if found else ""

    def peek_operator(self) -> str:
        """The word, with parts joined by `-`, that stands here."""
        found = _OPERATOR_WORD.match(self._cursor.text, self._cursor.position)
        return found[0] if found else ""

    def peek_infix(self) -> str:
        """The word of an operator between operands: `has`, `!startswith_cs`, `in~`."""
        text, at = self._cursor.text, self._cursor.position
        found = _NEGATED.match(text, at) or _TEXT_WORD.match(text, at)
        return found[0] if found else ""

    def skip_text(self, text: str) -> None:
        """Move past a text that stands here."""
        self._cursor.position += len(text)
        self._skip()

    def take_word(self, *words: str) -> str:
        """Move past the word if it is one of these; else ""."""
        word = self.peek()
        if word not in words:
            return ""
        self.skip_text(word)
        return word

    def word(self, words: str = "a word") -> str:
        """The word that must stand here."""
        word = self.peek()
        if not word:
            self.expected(words)
        self.skip_text(word)
        return word

    def expect_word(self, word: str) -> None:
        """Move past the word, which must stand here."""
        if not self.take_word(word):
            self.expected(word)

    def is_named(self) -> bool:
        """Whether a name and one `=` stand here: an item that is given a name."""
        place = self.position
        named = bool(self.peek() or self._cursor.check(_NAME_IN_BRACKETS))
        if named:
            self.name()
            named = self.sees("=") and not self.sees("==", "=~", "=>")
        self.position = place
        return named

    def name(self, words: str = "a name") -> str:
        """A bare or quoted name."""
        if self._cursor.check(_NAME_IN_BRACKETS):
            self.expect("[")
            found = self.text()
            if found is None:
                self.expected("a quoted name")
            self.expect("]")
            return found
        return self.word(words)

    def text(self) -> str | None:
        """The string that stands here; several one after another are one."""
        found = self._one_text()
        while found is not None and (more := self._one_text()) is not None:
            found += more
        return found

    def _one_text(self) -> str | None:
        text, at = self._cursor.text, self._cursor.position
        value: str | None = None
        if match := _FENCE.match(text, at):
            value = match[1]
        elif match := _VERBATIM.match(text, at):
            value = match[1].replace('""', '"') if match[1] is not None else match[2].replace("''", "'")
        elif match := _QUOTED.match(text, at):
            value = literal.unescaped(match[1] if match[1] is not None else match[2])
            if value is None:
                self.expected("a string with escapes that Kusto knows")
        if match is not None:
            self.skip_text(match[0])
        return value

    def number(self) -> Number | Duration | None:
        """The number or timespan that stands here."""
        text, at = self._cursor.text, self._cursor.position
        if match := _DURATION.match(text, at):
            self.skip_text(match[0])
            amount = match[1]
            return Duration(float(amount) if "." in amount else int(amount), match[2])
        if match := _NUMBER.match(text, at):
            self.skip_text(match[0])
            word = match[0]
            if word[:2] in {"0x", "0X"}:
                return Number(int(word, 16))
            return Number(float(word) if any(c in word for c in ".eE") else int(word))
        return None

    def inside(self) -> str:
        """The text between the parenthesis that stands here and the one that closes it; strings are skipped."""
        self.expect("(")
        start = self.position
        depth = 1
        while depth:
            if self.at_end:
                self.expected(")")
            if self.text() is not None:
                continue
            depth += self.sees("(") - self.sees(")")
            if depth:
                self.skip_text(self._cursor.text[self.position])
        found = self._cursor.text[start : self.position].strip()
        self.expect(")")
        return found
