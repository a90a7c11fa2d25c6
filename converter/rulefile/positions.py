"""Where the keys and values of a TOML text stand: tomli has no positions, and messages need them.

The text is known to be valid TOML (tomli read it), so that the scan checks nothing: it only has to tell strings,
comments and brackets apart. Arrays and inline tables are kept on a list, never in recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.deferred import compiled
from converter.diagnostics import Span

Path = tuple[str | int, ...]
"""A key's way from the top: names of tables and keys, and the index in an array."""

_BLANK = compiled(r"(?:[ \t\n]++|#[^\n]*+)*+")
_BARE = compiled(r"[A-Za-z0-9_-]+")
_SCALAR = compiled(r"[^,\]}#\n]*[^,\]}#\s]|")
_STRING = compiled(
    r'"""(?:[^\\"]++|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']++|'(?!''))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class Positions:
    """The spans of keys and values, by path. A path that is not in the text has its nearest parent's span."""

    def __init__(self, text: str, decode: Callable[[str], str]) -> None:
        """`decode` turns a quoted key into its name."""
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        _Scan(text, decode, self).run()

    def key(self, path: Path) -> Span | None:
        """The span of a key, or of the nearest key above it."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path)

    def value(self, path: Path) -> Span | None:
        """The span of a value as written, quotes included."""
        return self.values.get(path)


class _Scan:
    """One pass over the text."""

    def __init__(self, text: str, decode: Callable[[str], str], found: Positions) -> None:
        self._text = text
        self._decode = decode
        self._found = found
        self._at = 0
        self._counts: dict[Path, int] = {}  # how many elements an array of tables has so far

    def run(self) -> None:
        """document = *(header / key-value), blanks and comments between"""
        table: Path = ()
        self._blank()
        before = -1
        while before < self._at < len(self._text):  # a scan that stands still would lose places, never hang
            before = self._at
            table = self._header() if self._text[self._at] == "[" else self._pair(table)
            self._blank()

    def _blank(self) -> None:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _skip(self, characters: str) -> bool:
        """Step over one of `characters` if it comes next, with the blanks behind it."""
        if self._at < len(self._text) and self._text[self._at] in characters:
            self._at += 1
            self._blank()
            return True
        return False

    def _header(self) -> Path:
        """header = "[[" key "]]" / "[" key "]" """
        array = self._text.startswith("[[", self._at)
        self._at += 2 if array else 1
        names, span = self._key()
        self._at = self._text.index("]", self._at) + (2 if array else 1)
        path: Path = ()
        for name in names[:-1]:
            path = self._last((*path, name))
            self._found.keys.setdefault(path, span)
        path = (*path, names[-1])
        if array:
            self._found.keys.setdefault(path, span)
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._last(path)
        self._found.keys.setdefault(path, span)
        return path

    def _last(self, path: Path) -> Path:
        """The path, or that of its newest element if it is an array of tables."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _key(self) -> tuple[tuple[str, ...], Span]:
        """key = simple-key *("." simple-key)"""
        names: list[str] = []
        self._blank()
        start = self._at
        end = start
        while found := _STRING.match(self._text, self._at) or _BARE.match(self._text, self._at):  # pragma: no branch
            names.append(self._decode(found[0]) if found[0][0] in "\"'" else found[0])
            end = self._at = found.end()
            self._blank()
            if not self._skip("."):
                break
        return tuple(names), Span(start, end)

    def _pair(self, table: Path) -> Path:
        """key-value = key "=" value"""
        self._value(self._named(table))
        return table

    def _named(self, table: Path) -> Path:
        """key "=", and the path of what follows"""
        names, span = self._key()
        self._skip("=")
        path = table
        for name in names:
            path = (*path, name)
            self._found.keys.setdefault(path, span)
        return path

    def _value(self, path: Path) -> None:
        """value = "[" *value "]" / "{" *key-value "}" / string / scalar; commas between"""
        opened: list[tuple[Path, str, int]] = []  # path, closing sign, start
        index: dict[Path, int] = {}
        while True:
            start = self._at
            if self._text.startswith(("[", "{"), start):
                opened.append((path, "]" if self._text[start] == "[" else "}", start))
                self._skip("[{")
            else:
                found = _STRING.match(self._text, start) or _SCALAR.match(self._text, start)
                self._at = found.end() if found else start + 1
                self._found.values[path] = Span(start, self._at)
            following = self._following(opened, index)
            if following is None:
                return
            path = following

    def _following(self, opened: list[tuple[Path, str, int]], index: dict[Path, int]) -> Path | None:
        """The path of the next value inside the innermost open bracket, closing those that end here."""
        while opened:
            path, sign, start = opened[-1]
            self._blank()
            self._skip(",")
            if self._text[self._at] != sign:
                if sign == "}":
                    return self._named(path)
                index[path] = index.get(path, -1) + 1
                element = (*path, index[path])
                self._found.keys.setdefault(element, Span(self._at, self._at + 1))
                return element
            opened.pop()
            self._at += 1
            self._found.values[path] = Span(start, self._at)
        return None
