r"""Java's regular expressions, as REPLACE has them, in the dialect of Kusto (see `regex`).

Java's classes and its case folding are those of ASCII, Kusto's of Unicode: both are written out. Kusto has neither
look-around nor possessive counts, and its `$` does not stand before a last line break: it is written out.
"""

from __future__ import annotations

import re
from typing import Final

from converter.deferred import compiled, dataclass

_TOKEN = compiled(r"\\(?P<escape>.)|(?P<group>\(\?:)|(?P<char>.)", re.DOTALL)
_UNSAYABLE = compiled(r"\(\?(?!:)|[+*?}][+]|\\[1-9kGQEXRpPAZzBb]|\\x|\\u|&&")
_POSSESSIVE = compiled(
    r"(?P<atom>\\[dws]|\[[^\]\[\\]+\])(?P<count>[+*?]|\{\d+(?:,\d*)?\})[+]"
    r"(?=\\(?P<escaped>[^\w\s])|(?P<plain>[^\\()\[.*+?{|$^]))"
)
_ONE: Final = r"(?:\\[dwsnrt]|\[[^\]\[\\^]+\]|[^\W_])"
_EXCEPT = compiled(rf"\(\?!(?P<less>{_ONE}(?:\|{_ONE})*)\)(?P<atom>\[[^\]\[\\^]+\])(?![*+?{{])")
"""One character of a class, but for some: Kusto looks nowhere, the rest of the class can be written out."""
_FLAG = "(?i)"
_SETS: Final = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n\\x0B\\f\\r"}
_CONTROLS: Final = {"n": "\\n", "t": "\\t", "r": "\\r", "f": "\\f"}
_DOT: Final = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]"
_END: Final = "(\\r\\n|[\\n\\r\\x{85}\\x{2028}\\x{2029}])?$"
"""Java's `$` stands before a last line break too, which is put back behind the replacement."""
_MOST_GROUPS: Final = 9
_META: Final = frozenset("\\.+*?()|[]{}^$")


class UntranslatableError(ValueError):
    """The expression has no equal in Kusto; the message says what has none."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The expression; the numbers that its groups have now, and those of the line breaks that `$` stands before."""

    text: str
    groups: tuple[int, ...]
    breaks: tuple[int, ...]


def translated(text: str) -> Translation:
    """The expression in Kusto's dialect."""
    folds = text.startswith(_FLAG)
    body = _POSSESSIVE.sub(_backing, text.removeprefix(_FLAG))
    body = body if folds else _EXCEPT.sub(_difference, body)
    if found := _UNSAYABLE.search(body):
        raise UntranslatableError(found[0])
    out: list[str] = []
    groups: list[int] = []
    breaks: list[int] = []
    position = 0
    while position < len(body):
        if body[position] in "($" and not body.startswith("(?:", position):
            (groups if body[position] == "(" else breaks).append(len(groups) + len(breaks) + 1)
        if body[position] == "[":
            piece, position = _class(body, position, folds=folds)
        else:
            token = _TOKEN.match(body, position)
            if token is None:
                raise UntranslatableError(body[position])
            piece, position = _piece(token, folds=folds), token.end()
        out.append(piece)
    if len(groups) + len(breaks) > _MOST_GROUPS:
        raise UntranslatableError("more than nine groups")
    return Translation("".join(out), tuple(groups), tuple(breaks))


def _backing(found: re.Match[str]) -> str:
    """A count that gives nothing back as one that may: what follows is no part of it, so that it never does."""
    if re.fullmatch(found["atom"], found["escaped"] or found["plain"], re.ASCII):
        return found[0]
    return found["atom"] + found["count"]


def _difference(found: re.Match[str]) -> str:
    """The characters of the class that the look-ahead leaves; of a class beyond ASCII, what was there."""
    if not found["atom"].isascii():
        return found[0]
    left = [c for c in map(chr, range(128)) if re.fullmatch(found["atom"], c) and not re.fullmatch(found["less"], c)]
    return f"[{''.join(map(_escaped, left))}]" if left else found[0]


def _escaped(char: str) -> str:
    return char if char.isalnum() else f"\\{char}"


def _piece(token: re.Match[str], *, folds: bool) -> str:
    escape, char = token["escape"], token["char"]
    if token["group"]:
        return "(?:"
    if escape is not None:
        lowered = escape.lower()
        if lowered in _SETS:
            return f"[{'^' if escape.isupper() else ''}{_SETS[lowered]}]"
        return _CONTROLS.get(escape) or _literal(escape, folds=folds)
    if char == "$":
        return _END
    if char == ".":
        return _DOT
    return _literal(char, folds=folds) if char.isalpha() or char not in _META else char


def _literal(char: str, *, folds: bool) -> str:
    if folds and char.isascii() and char.isalpha():
        return f"[{char.lower()}{char.upper()}]"
    return f"\\{char}" if char in _META else char


def _class(text: str, position: int, *, folds: bool) -> tuple[str, int]:
    """A class and where it ends; letters in both cases if they fold."""
    end = position + 1
    negation = "^" if text.startswith("^", end) else ""
    end += len(negation)
    members: list[str] = []
    while end < len(text) and text[end] != "]":
        if text[end] == "[":
            raise UntranslatableError("a class inside a class")
        if text[end] == "\\" and end + 1 < len(text):
            escape = text[end + 1]
            members.append(_SETS.get(escape) or _CONTROLS.get(escape) or f"\\{escape}")
            if escape.isalpha() and escape not in _SETS and escape not in _CONTROLS:
                raise UntranslatableError(f"\\{escape}")
            end += 2
        elif text[end + 1 : end + 2] == "-" and text[end + 2 : end + 3] not in ("]", "", "\\"):
            members.append(f"{_inside(text[end])}-{_inside(text[end + 2])}")
            end += 3
        else:
            members.append(_inside(text[end]))
            end += 1
    if end >= len(text) or not members:
        raise UntranslatableError("[")
    if folds:
        members += [m.swapcase() for m in members if m.swapcase() != m and not m.startswith("\\")]
    return f"[{negation}{''.join(dict.fromkeys(members))}]", end + 1


def _inside(char: str) -> str:
    return char if char.isalnum() or char in " _" or not char.isascii() else f"\\{char}"
