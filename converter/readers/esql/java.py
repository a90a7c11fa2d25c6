"""Java's regular expressions and replacements, as REPLACE takes them, in Python's (rule Q26).

https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

import functools
import re
from typing import Final

from converter.deferred import compiled

_POSIX: Final = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\\x00-\\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": "!-/:-@\\[-`{-~",
    "Space": " \\t\\n\\x0b\\f\\r",
    "XDigit": "0-9a-fA-F",
}
_CLASS = compiled(r"\\([pP])\{(\w+)\}")
_ESCAPES: Final = {"\\h": "[ \\t\\xa0]", "\\R": "(?:\\r\\n|[\\n\\x0b\\f\\r\\x85\\u2028\\u2029])", "\\z": "\\Z"}
_ESCAPES_MORE: Final = {"\\Z": "(?=\\n?\\Z)", "\\e": "\\x1b"}
_DOT = "[^\\n\\r\\x85\\u2028\\u2029]"
"""Java's dot takes no line terminator of any kind."""
_QUOTE_END = "\\E"


class JavaRegexError(ValueError):
    """The text is no expression of Java's, or one that Python's cannot say."""


@functools.lru_cache(maxsize=1024)
def expression(text: str) -> re.Pattern[str]:
    """The expression, compiled. Raises JavaRegexError."""
    try:
        # Java's \\w, \\d, \\s and \\b are those of ASCII unless a flag says otherwise.
        return re.compile(_translated(text), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise JavaRegexError(str(error)) from error


def _translated(text: str) -> str:
    out: list[str] = []
    position = 0
    inside = False
    ranged = _Ranged()
    while position < len(text):
        char = text[position]
        if char == "\\":
            piece, position = _escape(text, position, inside=inside)
            out.append(piece)
            ranged.member()
            continue
        if inside and (char == "[" or text.startswith("&&", position)):
            raise JavaRegexError("a class inside a class")
        if char == "[" and not inside:
            inside = True
            ranged = _Ranged()
            if text.startswith("[^]", position) or text.startswith("[]", position):
                raise JavaRegexError("an empty class")
        elif char == "]" and inside:
            inside = False
        elif inside:
            char = ranged.sign(char, is_last=text.startswith("]", position + 1))
        elif char == "(" and re.match(r"\(\?<[A-Za-z]", text[position:]):
            out.append("(?P<")
            position += 3
            continue
        elif char == "." and "(?s" not in text:
            char = _DOT
        out.append(char)
        position += 1
    return "".join(out)


class _Ranged:
    """The signs of a class, of which Python wants those escaped that may come to have a meaning: `[+--]`, `[a~~]`."""

    def __init__(self) -> None:
        self._first = True  # whether nothing was yet
        self._begins = False  # whether what was last may begin a range
        self._within = False

    def member(self) -> None:
        """One more member, which ends a range or may begin one."""
        self._first = False
        self._begins = not self._within
        self._within = False

    def sign(self, char: str, *, is_last: bool) -> str:
        """What to write for a sign."""
        if char == "-" and self._begins and not is_last:
            self._begins, self._within = False, True
            return char
        if char == "^" and self._first:
            self._first = False
            return char  # it negates, and is no member
        plain = char == "-" and is_last and self._begins  # as everybody writes it: [a-z_-]
        self.member()
        return char if plain else f"\\{char}" if char in "-&~|" else char


def _escape(text: str, position: int, *, inside: bool) -> tuple[str, int]:
    """What a backslash and what follows it stand for, and where they end."""
    if position + 1 >= len(text):
        raise JavaRegexError("it ends in a backslash")
    if text.startswith("\\Q", position):
        end = text.find(_QUOTE_END, position)
        end = len(text) if end < 0 else end
        return re.escape(text[position + 2 : end]), end + 2
    found = _CLASS.match(text, position)
    if found is not None:
        members = _POSIX.get(found[2])
        if members is None or (inside and found[1] == "P"):
            raise JavaRegexError(f"it uses {found[0]}")
        negation = "^" if found[1] == "P" else ""
        return (members if inside else f"[{negation}{members}]"), found.end()
    pair = text[position : position + 2]
    if pair[1] in "GXkKNVHv":
        raise JavaRegexError(f"it uses {pair}")
    if inside:
        return pair, position + 2
    return _ESCAPES.get(pair) or _ESCAPES_MORE.get(pair, pair), position + 2


@functools.lru_cache(maxsize=1024)
def replacement(text: str, groups: int) -> tuple[str | int, ...]:
    """A replacement as texts and numbers of groups: `$1` is a group, a backslash makes the next character plain."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            if position + 1 >= len(text):
                raise JavaRegexError("the replacement ends in a backslash")
            parts.append(text[position + 1])
            position += 2
        elif char == "$":
            end = position + 1
            while end < len(text) and text[end].isdigit() and int(text[position + 1 : end + 1]) <= groups:
                end += 1
            if end == position + 1:
                raise JavaRegexError("$ in the replacement needs the number of a group")
            parts.append(int(text[position + 1 : end]))
            position = end
        else:
            parts.append(char)
            position += 1
    return tuple(parts)
