r"""`matches regex` and the functions that take a regex.

Kusto's dialect is documented on https://learn.microsoft.com/en-us/kusto/query/regex and is the syntax of the Rust
regex crate. It runs here on RE2 (no look-around, no back-reference either), after the pieces where the two differ are
translated or refused: Unicode \d \w \s (inside a negated class \W \D \S stay ASCII), class set operators and nested
classes (refused: we never write them), a lone {, more than 16 groups.
"""

from __future__ import annotations

import re
from functools import cache
from types import ModuleType

from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto.errors import KustoError

_MAX_GROUPS = 16
_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{M}\p{Nd}\p{Pc}", "s": r"\t-\r \x{85}\p{Z}"}
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")


def _re2() -> ModuleType:
    try:
        import re2
    except ImportError as error:
        raise EngineUnavailable("google-re2 is not installed (pip install google-re2)") from error
    module: ModuleType = re2
    return module


class Pattern:
    """A compiled pattern; spans are in characters."""

    def __init__(self, source: str) -> None:
        re2 = _re2()
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(_translate(source), options)
        except re2.error as error:
            raise KustoError(f"bad regex {source!r}: {error}") from None
        if self._compiled.groups > _MAX_GROUPS:
            raise KustoError(f"regex {source!r} has more than {_MAX_GROUPS} groups")
        self.groups: int = self._compiled.groups

    def found_in(self, text: str) -> bool:
        return self._compiled.search(text) is not None

    def first(self, text: str, group: int) -> str | None:
        found = self._compiled.search(text)
        return None if found is None else found.group(group) or ""

    def all(self, text: str) -> list[tuple[str, ...]]:
        return [tuple(one or "" for one in found.groups()) for found in self._compiled.finditer(text)]

    def substitute(self, text: str, rewrite: str) -> str:
        return str(self._compiled.sub(rewrite, text))

    def strip(self, text: str, *, start: bool, end: bool) -> str:
        """trim(): what matches at the ends, once."""
        spans = [found.span() for found in self._compiled.finditer(text)]
        low, high = 0, len(text)
        if start and spans and spans[0][0] == 0:
            low = spans[0][1]
        if end and spans and spans[-1][1] == len(text) and spans[-1][0] >= low:
            high = spans[-1][0]
        return text[low:high]


@cache
def pattern(source: str) -> Pattern:
    return Pattern(source)


def _translate(source: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(source):
        sign = source[at]
        if sign == "\\":
            piece, at = _escape(source, at, inside=False)
        elif source.startswith(_ASCII_FOLDED, at):
            piece, at = _ascii_folded(source, at + len(_ASCII_FOLDED))
        elif sign == "[":
            piece, at = _class(source, at)
        elif sign == "{" and not _REPEAT.match(source, at):
            raise KustoError(f"bad regex {source!r}: {{ repeats nothing")
        else:
            piece, at = sign, at + 1
        out.append(piece)
    return "".join(out)


_ASCII_FOLDED = "(?i-u:"


def _ascii_folded(source: str, at: int) -> tuple[str, int]:
    """A group without flag u folds A-Z with a-z and nothing else; RE2 has no such flag. Only literals may stand in it.

    Flags i, u: https://learn.microsoft.com/en-us/kusto/query/regex (grouping and flags).
    """
    out: list[str] = []
    while at < len(source) and source[at] != ")":
        sign = source[at]
        if sign in "([.{*+?|^$" or not sign.isascii():
            raise KustoError(f"regex {source!r}: only literals of ASCII are interpreted in {_ASCII_FOLDED}...)")
        if sign == "\\":
            piece, at = _escape(source, at, inside=False)
            if not piece.startswith("\\x{") and (len(piece) != len("\\x") or piece[1].isalnum()):
                raise KustoError(f"regex {source!r}: {piece} is not interpreted in {_ASCII_FOLDED}...)")
        else:
            piece, at = f"(?:{sign.lower()}|{sign.upper()})" if sign.isalpha() else sign, at + 1
        out.append(piece)
    if at >= len(source):
        raise KustoError(f"bad regex {source!r}: a group is never closed")
    return f"(?-i:{''.join(out)})", at + 1


def _escape(source: str, at: int, *, inside: bool) -> tuple[str, int]:
    following = source[at + 1 : at + 2]
    if not following:
        raise KustoError(f"bad regex {source!r}: ends with a backslash")
    if following in "<>" or (following.isdigit() and following.isascii()):
        raise KustoError(f"bad regex {source!r}: \\{following} is no character")
    if following in "pPx" and source[at + 2 : at + 3] == "{":
        end = source.find("}", at) + 1
        return source[at:end], end
    members = _CLASSES.get(following.lower())
    if members is None or (inside and following.isupper()):
        return source[at : at + 2], at + 2
    if inside:
        return members, at + 2
    return f"[{'^' if following.isupper() else ''}{members}]", at + 2


def _plain(found: str) -> str:
    """A class in other words where RE2 takes `[sS]` beside another letter for all that Unicode folds with it."""
    both = _BOTH_CASES.fullmatch(found)
    return f"(?:{both[1]}|{both[2]})" if both and both[1] == both[2].swapcase() else found


_BOTH_CASES = re.compile(r"\[([A-Za-z])([A-Za-z])\]")


def _class(source: str, at: int) -> tuple[str, int]:
    """A character class: the set operators && -- ~~ and nested classes are Rust's, to RE2 they are plain signs."""
    start = at
    at += 2 if source[at + 1 : at + 2] == "^" else 1
    out = [source[start:at]]
    first = True
    while at < len(source):
        sign = source[at]
        if sign == "]" and not first:
            return _plain("".join(out) + "]"), at + 1
        if sign == "[" and source[at + 1 : at + 2] != ":":
            raise KustoError(f"regex {source!r} nests classes")
        if source[at : at + 2] in ("&&", "--", "~~"):
            raise KustoError(f"regex {source!r} uses the set operator {source[at : at + 2]}")
        if sign == "[":
            piece, at = source[at : source.find(":]", at) + 2], source.find(":]", at) + 2
        elif sign == "\\":
            piece, at = _escape(source, at, inside=True)
        else:
            piece, at = ("\\]" if sign == "]" else sign), at + 1
        out.append(piece)
        first = False
    raise KustoError(f"bad regex {source!r}: class is never closed")
