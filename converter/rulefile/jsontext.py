"""JSON as people hold it: one object, a list, or objects one after another, with the place of every key.

Objects may follow each other without a line break. A slip spoils its own line only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Source, Span
from converter.rulefile.codes import F004
from converter.rulefile.positions import Path

_SPACE = compiled(r"[ \t\r\n,]*+")
_STRING = compiled(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = compiled(r"[^\s,\]}]+")
# The words of Python's reader, in a user's.
_WORDS = {
    "Invalid control character at": "a string is not closed on its line",
    "Unterminated string starting at": "the string that begins here is not closed",
    "Expecting value": "a value is missing here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Expecting ',' delimiter": "a comma is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
}
_OPEN = ("Invalid control character at", "Unterminated string starting at")
_CUT = "the export may be cut off here: export the rules again"


@dataclass(frozen=True, slots=True)
class Part:
    """One JSON value of a text, and the characters that it stands in."""

    value: object
    start: int
    end: int


def parts(source: Source) -> Iterator[Part | Diagnostic]:
    """The values of a text in order; a slip is a diagnostic, and reading goes on at the next line."""
    text, at = source.text, 0
    decoder = json.JSONDecoder()
    while True:
        at = _end(_SPACE, text, at)
        if at >= len(text):
            return
        try:
            value, end = decoder.raw_decode(text, at)
            yield Part(value, at, end)
            at = end
        except json.JSONDecodeError as error:
            yield _slip(error, source, at)
            at = _next_object(text, at)
        except (RecursionError, ValueError):
            message = "the JSON is nested too deeply, or a number in it has too many digits"
            yield Diagnostic(F004, message, span=Span(at, at + 1), source=source)
            at = _next_object(text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _next_object(text: str, at: int) -> int:
    """The next line that begins with an object: what stands between belongs to the one that is spoilt."""
    found = text.find("\n{", at)
    return len(text) if found < 0 else found + 1


def _slip(error: json.JSONDecodeError, source: Source, start: int) -> Diagnostic:
    """The slip in the object that begins at `start`: in its own line, where another object follows on the next."""
    stop = _next_object(source.text, start)
    at, said, hint = min(error.pos, len(source.text)), _WORDS.get(error.msg, error.msg), ""
    if at >= stop:
        at, said, hint = stop - 1, "the object is not closed on its line", _CUT
    elif error.msg in _OPEN or at >= len(source.text.rstrip()):
        hint = _CUT
    span = Span(at, max(at, min(at + 1, len(source.text))))
    message = f"not valid JSON: {said[:1].lower()}{said[1:]}"
    return Diagnostic(F004, message, span=span, source=source, hint=hint)


class JsonPositions:
    """The spans of keys and values of one JSON value in a text, by path; found when first asked for."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._keys: dict[Path, Span] = {}
        self._values: dict[Path, Span] = {}
        self._whole = Span(start, end)
        _scan(text, start, end, self._keys, self._values)

    def key(self, path: Path) -> Span | None:
        """The span of a key, or of the nearest key above it; else the beginning of the value."""
        while path and path not in self._keys:
            path = path[:-1]
        return self._keys.get(path, Span(self._whole.start, self._whole.start + 1))

    def value(self, path: Path) -> Span | None:
        """The span of a value as written, quotes included."""
        return self._values.get(path)


def _scan(text: str, start: int, end: int, keys: dict[Path, Span], values: dict[Path, Span]) -> None:
    """One pass with a list of open brackets: no recursion, whatever the depth."""
    opened: list[tuple[Path, bool, int]] = []  # path, whether an object, elements so far
    at = start
    while at < end:
        at = _end(_SPACE, text, at)
        if text[at : at + 1] in ("}", "]"):
            opened.pop()
            at += 1
        else:
            path, at = _placed(text, at, opened, keys)
            if text[at : at + 1] in ("{", "["):
                opened.append((path, text[at] == "{", 0))
                at += 1
            else:
                stop = _end(_STRING, text, at) if text[at : at + 1] == '"' else _end(_SCALAR, text, at)
                values[path] = Span(at, stop)
                at = max(stop, at + 1)
        if not opened:
            return


def _placed(text: str, at: int, opened: list[tuple[Path, bool, int]], keys: dict[Path, Span]) -> tuple[Path, int]:
    """The path of the value that comes next, and where it begins: behind its key inside an object."""
    if not opened:
        return (), at
    parent, is_object, count = opened[-1]
    opened[-1] = (parent, is_object, count + 1)
    if not is_object:
        path = (*parent, count)
        keys.setdefault(path, Span(at, at + 1))
        return path, at
    stop = _end(_STRING, text, at)
    path = (*parent, json.loads(text[at:stop]))
    keys.setdefault(path, Span(at, stop))
    at = _end(_SPACE, text, stop)
    return path, _end(_SPACE, text, at + 1)
