r"""GROK's patterns as regular expressions of the common dialect of Python and PCRE (rule Q48).

`%{NAME}`, `%{NAME:column}` and `%{NAME:column:type}` stand for named expressions, `(?<column>...)` captures. The
language is Oniguruma's Ruby syntax: `^` and `$` are the ends of lines, the flag m lets `.` take line breaks, a flag
in the middle of a group holds up to its end, plain parentheses do not capture beside named ones, `\h` is a
hexadecimal digit. elastic.co/docs/reference/enrich-processor/grok-processor
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from converter.deferred import compiled, dataclass
from converter.languages.esql.codes import Q031
from converter.languages.esql.syntax import Text
from converter.model.pipeline import Capture, Capturing, Type
from converter.readers.esql.context import Context
from converter.readers.esql.grok_library import LIBRARY

_TYPES: Final[Mapping[str, Type]] = {
    "int": Type.INTEGER,
    "integer": Type.INTEGER,
    "long": Type.LONG,
    "float": Type.DOUBLE,
    "double": Type.DOUBLE,
    "boolean": Type.BOOLEAN,
    "": Type.KEYWORD,
}
_REFERENCE = compiled(r"%\{(\w+)(?::([^:}]+))?(?::(\w+))?\}", re.ASCII)
_NAMED = compiled(r"\(\?<([^=!>][^>]*)>")
_FLAGS = compiled(r"\(\?([imx]*)(?:-([imx]+))?([:)])")
_OPEN = compiled(r"\(\?(?:[:=!>]|<[=!])")
_COMMENT = compiled(r"\(\?#[^)]*\)")
_ESCAPE = compiled(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_POSIX: Final = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9A-Fa-f",
    "word": r"\w",
}
_POSIX_CLASS = compiled(r"\[:(\w+):\]")
_ESCAPES: Final = {r"\h": "[0-9A-Fa-f]", r"\H": "[^0-9A-Fa-f]", r"\z": r"\Z", r"\Z": r"(?=\n?\Z)"}
_DEEPEST = 20


class _UnreadableError(ValueError):
    """The pattern is none that can be carried; the message says why."""


def capturing(context: Context, text: Text) -> Capturing | None:
    """The expression of a GROK pattern; None, reported, where it cannot be carried."""
    try:
        translation = _Translation()
        translation.text(text.value, 0)
        regex = "".join(("(?m:", *translation.out, ")"))
        re.compile(regex)
    except (_UnreadableError, re.error, RecursionError) as error:
        message = f"this grok pattern cannot be carried: {error}"
        context.refuse(Q031, message, text.span, "Write the expression with plain groups and classes.")
        return None
    return Capturing(regex, tuple(translation.captures))


@dataclass(slots=True)
class _Translation:
    out: list[str] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)

    def text(self, pattern: str, depth: int) -> None:
        """A whole pattern: the query's own, or one of the library."""
        if depth > _DEEPEST:
            raise _UnreadableError("its names stand for each other")
        closes = [0]  # what a ) of each open group closes beside itself
        position = 0
        while position < len(pattern):
            position = self._step(pattern, position, closes, depth)
        self.out.append(")" * closes[0])

    def _step(self, pattern: str, position: int, closes: list[int], depth: int) -> int:
        """Translate what stands at `position`; where it ends."""
        char = pattern[position]
        if char == "%" and (found := _REFERENCE.match(pattern, position)):
            self._reference(found, depth)
            return found.end()
        if char == "\\":
            return self._escape(pattern, position)
        if char == "[":
            return self._class(pattern, position)
        if char == "(":
            return self._group(pattern, position, closes)
        if char == ")":
            self.out.append(")" * (1 + (closes.pop() if len(closes) > 1 else 0)))
        else:
            self.out.append(char)
        return position + 1

    def _reference(self, found: re.Match[str], depth: int) -> None:
        definition = LIBRARY.get(found[1])
        if definition is None:
            raise _UnreadableError(f"there is no pattern {found[1]}")
        kind = _TYPES.get((found[3] or "").lower())
        if kind is None:
            raise _UnreadableError(f"{found[3]} is no type")
        self.out.append(self._opened(found[2], kind) if found[2] else "(?:")
        self.text(definition, depth + 1)
        self.out.append(")")

    def _opened(self, name: str, kind: Type) -> str:
        group = f"g{len(self.captures)}"
        self.captures.append(Capture(group, name, kind))
        return f"(?P<{group}>"

    def _escape(self, pattern: str, position: int) -> int:
        found = _ESCAPE.match(pattern, position)
        if found is None:
            raise _UnreadableError("it ends in a backslash")
        if found[0][1] in "kgpPGRXK123456789":
            raise _UnreadableError(f"it uses {found[0]}")
        self.out.append(_ESCAPES.get(found[0], found[0]))
        return found.end()

    def _class(self, pattern: str, position: int) -> int:
        """A class; one inside another, or two that are intersected, cannot be said."""
        end = position + 1
        out = ["["]
        if pattern.startswith("^", end):
            out.append("^")
            end += 1
        if pattern.startswith("]", end):
            out.append("\\]")
            end += 1
        while end < len(pattern) and pattern[end] != "]":
            posix = _POSIX_CLASS.match(pattern, end)
            escape = _ESCAPE.match(pattern, end)
            if posix is not None and posix[1] in _POSIX:
                out.append(_POSIX[posix[1]])
                end = posix.end()
            elif escape is not None:
                out.append("0-9A-Fa-f" if escape[0] == r"\h" else escape[0])
                end = escape.end()
            elif pattern[end] == "[" or pattern.startswith("&&", end):
                raise _UnreadableError("it has a class inside a class")
            elif pattern.startswith("--", end):  # to Python the difference of two classes, some day
                raise _UnreadableError("it has -- in a class")
            else:
                out.append("\\" + pattern[end] if pattern[end] in "&~|" else pattern[end])
                end += 1
        if end >= len(pattern):
            raise _UnreadableError("a [ is not closed")
        self.out += (*out, "]")
        return end + 1

    def _group(self, pattern: str, position: int, closes: list[int]) -> int:
        comment = _COMMENT.match(pattern, position)
        if comment is not None:
            return comment.end()
        named = _NAMED.match(pattern, position)
        if named is not None:
            closes.append(0)
            self.out.append(self._opened(named[1], Type.KEYWORD))
            return named.end()
        flags = _FLAGS.match(pattern, position)
        if flags is not None and flags[0] != "(?:":
            self.out.append(_flags(flags))
            if flags[3] == ":":
                closes.append(0)
            else:
                closes[-1] += 1
            return flags.end()
        opened = _OPEN.match(pattern, position)
        if opened is None and pattern.startswith("(?", position):
            raise _UnreadableError(f"it has a group {pattern[position : position + 3]}")
        closes.append(0)
        self.out.append(opened[0] if opened else "(?:")
        return opened.end() if opened else position + 1


def _flags(found: re.Match[str]) -> str:
    """Ruby's m is s elsewhere."""
    on = found[1].replace("m", "s")
    off = (found[2] or "").replace("m", "s")
    return f"(?{on}{'-' + off if off else ''}:"
