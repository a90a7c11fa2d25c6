"""Reading one search text from left to right: no token list, for each command has its own word shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NoReturn

from converter.proof.judges.spl.errors import SplError

_SPACE: Final = re.compile(r"\s+")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_BACKTICKS: Final = re.compile(r"`([^`]+)`")


class Cursor:
    """A position in a text, with the few moves the parsers need."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise SplError(message, self.at if at is None else at, self.text)

    def space(self) -> None:
        if found := _SPACE.match(self.text, self.at):
            self.at = found.end()

    def peek(self, literal: str) -> bool:
        """Whether `literal` comes next; spaces before it are passed over."""
        self.space()
        return self.text.startswith(literal, self.at)

    def accept(self, literal: str) -> bool:
        if not self.peek(literal):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str, where: str) -> None:
        if not self.accept(literal):
            self.fail(f"expected {literal} {where}")

    def read(self, pattern: re.Pattern[str]) -> str | None:
        """The text of `pattern` at this place, or None; spaces before it are passed over."""
        self.space()
        found = pattern.match(self.text, self.at)
        if found is None or found.end() == self.at:
            return None
        self.at = found.end()
        return found.group()

    def look(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.space()
        return pattern.match(self.text, self.at)

    def _enclosed(self, pattern: re.Pattern[str]) -> str | None:
        self.space()
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group(1)

    def quoted(self) -> str | None:
        """quoted = '"' ... '"', escapes left as they are."""
        text = self._enclosed(_QUOTED)
        if text is None and self.peek('"'):
            self.fail("this quotation mark is never closed")
        return text

    def single_quoted(self) -> str | None:
        text = self._enclosed(_SINGLE)
        if text is None and self.peek("'"):
            self.fail("this single quotation mark is never closed")
        return text

    def macro(self) -> str | None:
        return self._enclosed(_BACKTICKS)

    def at_end(self) -> bool:
        """Whether the arguments of the present command are over."""
        self.space()
        return self.at >= len(self.text) or self.text[self.at] in "|]"

    def rest(self) -> str:
        """Everything up to the next bar or closing bracket outside quotes and inner brackets."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.quoted()
                continue
            if character == "[":
                depth += 1
            elif character == "]" and depth == 0:
                break
            elif character == "]":
                depth -= 1
            elif character == "|" and depth == 0:
                break
            self.at += 1
        if depth:
            self.fail("this bracket is never closed", start)
        return self.text[start : self.at]

    def bracketed(self) -> str | None:
        """'[' ... ']' as text, for templates that are read later."""
        if not self.accept("["):
            return None
        start = self.at
        self.rest()
        while self.accept("|"):
            self.rest()
        if not self.accept("]"):
            self.fail("this bracket is never closed", start - 1)
        return self.text[start : self.at - 1]


def unescape(raw: str, known: Iterable[tuple[str, str]]) -> str:
    r"""`raw` with each `\x` of `known` replaced; an unknown sequence stays as it is."""
    table = dict(known)
    return re.sub(r"\\(.)", lambda m: table.get(m.group(1), m.group()), raw, flags=re.DOTALL)


# help.splunk.com search-manual/10.0/expressions-and-predicates: "C:\\windows" is C:\windows, \t in a literal is a tab.
_EVAL_ESCAPES: Final = (("\\", "\\"), ('"', '"'), ("t", "\t"), ("n", "\n"), ("r", "\r"))
_C_ESCAPES: Final = dict(_EVAL_ESCAPES) | {"a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
# help.splunk.com spl-search-reference/10.0/search-commands/search, quotes and escaping: \" \| \\ and no others.
_SEARCH_ESCAPES: Final = (("\\", "\\"), ('"', '"'), ("|", "|"))


def cook_eval(raw: str, *, every_escape: bool = False) -> str:
    """A string literal of eval; no full list of its escapes is documented, so a reading takes C's."""
    if not every_escape:
        return unescape(raw, _EVAL_ESCAPES)

    def one(found: re.Match[str]) -> str:
        if found.group(2):
            return chr(int(found.group(2), 16))
        return _C_ESCAPES.get(found.group(1), found.group())

    return re.sub(r"\\(x([0-9A-Fa-f]{2})|.)", one, raw, flags=re.DOTALL)


def cook_search(raw: str) -> str:
    return unescape(raw, _SEARCH_ESCAPES)


def cook_quotes(raw: str) -> str:
    """Only the escaped quotation mark is resolved: the reading in which regex literals are left alone."""
    return re.sub(r'\\(\\|")', lambda m: m.group(1) if m.group(1) == '"' else m.group(), raw)
