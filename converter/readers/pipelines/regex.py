r"""Regular expressions of REPLACE and GROK sign by sign, so that those of several dialects can be compared.

Each sign of an expression becomes a word: a character, a set of characters, or a sign with a meaning of its own (a
count, a group). What dialects say in other signs has the same words: `\d` and `[0-9]`, `[.]` and `\.`, `$` and what
stands for it. An expression with a sign that is not known here has no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from converter.deferred import compiled, dataclass
from converter.languages.regex.charset import classes, folded, merged
from converter.readers.esql.java import JavaRegexError, replacement
from converter.readers.pipelines.values import Literal
from converter.readers.unraised import UnraisedError

_LISTED: Final = classes((("\t", "\r"), (" ", " ")))
_SETS: Final = {name: _LISTED[name] for name in "dws"} | {"h": (("\t", "\t"), (" ", " "), ("\xa0", "\xa0"))}
_CHARS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b", "v": "\v"}
_CODE = compiled(r"\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4}))")
_GROUP = compiled(r"\(\?P?<(?P<name>[A-Za-z]\w*)>|\(\?(?:<?[=!]|[:>]|[a-z]+[:)])|\(")
_COUNT = compiled(r"\{\d+(?:,\d*)?\}|[*+?]")
_LAST_BREAK: Final = r"(?=\n?\z)"
_ANY_BREAK: Final = r"(?=\n|\z)"
_JAVA_DOT: Final = r"[^\n\r\x{85}\x{2028}\x{2029}]"
_BOUNDARY: Final = "(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What signs stand for: outside of sets, by the text of the same expression in PCRE."""

    stands: Mapping[str, str]
    unicode: bool = False  # `\w`, `\d` and `\s` are not those of ASCII


_PERL: Final = Dialect({"\\b": _BOUNDARY})
_JAVA: Final = Dialect({"\\b": _BOUNDARY, "$": _LAST_BREAK, "\\Z": _LAST_BREAK, ".": _JAVA_DOT})
_COMMON: Final = Dialect({"\\b": _BOUNDARY, "$": _ANY_BREAK, "\\Z": "\\z"})
_RUST: Final = Dialect({}, unicode=True)


def java(text: str) -> Literal:
    """An expression of Java's, as REPLACE has them."""
    if "(?s" in text or "(?m" in text or "(?x" in text or "&&" in text:
        raise UnraisedError("a regular expression with other flags")
    return Literal(_words(text, _JAVA))


def common(text: str) -> Literal:
    """An expression as a pipeline of the model holds those of GROK."""
    return Literal(_words(text, _COMMON))


def perl(text: str) -> Literal:
    """An expression of PCRE."""
    return Literal(_words(text, _PERL))


def rust(text: str) -> Literal:
    """An expression of Kusto's."""
    return Literal(_words(text, _RUST))


def template(text: str, pattern: Literal) -> Literal:
    """A replacement of Java's: texts and the numbers of groups."""
    groups = str(pattern.value).split("\n").count("(")
    try:
        return pieces(replacement(text, groups))
    except JavaRegexError as error:
        raise UnraisedError("a replacement that is none") from error


def pieces(parts: Sequence[str | int]) -> Literal:
    """A replacement by its pieces, texts beside each other as one."""
    out: list[str | int] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, str) and isinstance(last, str):
            out[-1] = last + part
        elif part != "":
            out.append(part)
    return Literal(repr(out))


def _words(text: str, dialect: Dialect) -> str:
    words = list(_Scanner(text, dialect).words())
    if words[:1] == ["(?i)"]:
        words = [_folded(word) for word in words[1:]]
    words = _plain(words)
    if any(word.startswith("(?i") for word in words):
        raise UnraisedError("a regular expression with a part that ignores case")
    return "\n".join(words)


def _plain(words: list[str]) -> list[str]:
    """The words without what says nothing more.

    A count that gives nothing back before what is no part of it is a plain one, and a set behind a look at which of its
    characters it may not be is one without these.
    """
    out: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "+" and len(out) > 1 and _is_count(out[-1]) and _apart(out[-2], words[at + 1 : at + 2]):
            at += 1
            continue
        if word == "(?!" and (found := _less(words, at)) is not None:
            less, at = found
            out.append(less)
            continue
        out.append(word)
        at += 1
    return out


def _is_count(word: str) -> bool:
    return word in ("*", "+", "?") or word.startswith("{")


def _apart(one: str, behind: Sequence[str]) -> bool:
    """Whether no character is in a set and in the one behind it."""
    if not one.startswith("[") or not behind or not behind[0].startswith("[") or behind[0].startswith("[^"):
        return False
    inside = _codes(behind[0])
    held = _codes(one)
    return inside <= held if one.startswith("[^") else held.isdisjoint(inside)


def _less(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """The set that a look-ahead at single characters leaves of the next, and where that ends."""
    end = at + 1
    banned: set[int] = set()
    while end < len(words) and words[end] != ")":
        if words[end] != "|":
            if not words[end].startswith("[") or words[end].startswith("[^"):
                return None
            banned |= _codes(words[end])
        end += 1
    behind = words[end + 1 : end + 3]
    if not behind or not behind[0].startswith("[") or behind[0].startswith("[^") or any(map(_is_count, behind[1:])):
        return None
    return _of_ranges([(chr(c), chr(c)) for c in sorted(_codes(behind[0]) - banned)], negated=False), end + 2


def _codes(word: str) -> set[int]:
    """The characters that a set lists."""
    found = _RANGE.finditer(word.strip("[^]"))
    return {code for one in found for code in range(int(one[1], 16), int(one[2] or one[1], 16) + 1)}


class _Scanner:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._at = 0

    def words(self) -> Iterator[str]:
        """The words, in order. Raises UnraisedError."""
        while self._at < len(self._text):
            yield from self._next()

    def _next(self) -> Iterator[str]:
        text, at = self._text, self._at
        char = text[at]
        pair = text[at : at + 2]
        sign = pair if char == "\\" else char
        if sign in self._dialect.stands:
            self._at += len(sign)
            yield from _Scanner(self._dialect.stands[sign], _PERL).words()
        elif char == "\\":
            yield from self._escaped(pair)
        elif char == "[":
            yield self._set()
        elif found := _GROUP.match(text, at):
            self._at = found.end()
            yield "(" if found["name"] else found[0]
        elif found := _COUNT.match(text, at):
            self._at = found.end()
            yield found[0]
        else:
            self._at += 1
            yield char if char in "|)^$." else _single(char)

    def _escaped(self, pair: str) -> Iterator[str]:
        if code := _CODE.match(self._text, self._at):
            self._at = code.end()
            yield _single(chr(int(code[1] or code[2] or code[3], 16)))
            return
        if pair == "\\Q":
            end = self._text.find("\\E", self._at)
            end = len(self._text) if end < 0 else end
            yield from map(_single, self._text[self._at + 2 : end])
            self._at = end + 2
            return
        self._at += 2
        kind = pair[1:]
        if kind.lower() in _SETS:
            if self._dialect.unicode:
                raise UnraisedError("a class of Unicode")
            yield _of_ranges(_SETS[kind.lower()], negated=kind.isupper())
        elif kind in ("z", "A"):
            yield pair
        elif kind in _CHARS:
            yield _single(_CHARS[kind])
        elif kind and not kind.isalnum():
            yield _single(kind)
        else:
            raise UnraisedError(f"a regular expression with {pair}")

    def _set(self) -> str:
        """`[...]`"""
        text = self._text
        self._at += 1
        negated = text.startswith("^", self._at)
        self._at += negated
        found: list[tuple[str, str]] = []
        first = True
        while self._at < len(text) and (text[self._at] != "]" or first):
            first = False
            ranges = self._member()
            if (
                len(ranges) == 1
                and ranges[0][0] == ranges[0][1]
                and text[self._at : self._at + 1] == "-"
                and text[self._at + 1 : self._at + 2] not in ("]", "")
            ):
                self._at += 1
                last = self._member()
                ranges = [(ranges[0][0], last[0][1])]
            found += ranges
        if self._at >= len(text):
            raise UnraisedError("a set without an end")
        self._at += 1
        return _of_ranges(found, negated=negated)

    def _member(self) -> list[tuple[str, str]]:
        text, at = self._text, self._at
        if code := _CODE.match(text, at):
            self._at = code.end()
            char = chr(int(code[1] or code[2] or code[3], 16))
            return [(char, char)]
        if text[at] == "[":
            raise UnraisedError("a set inside a set")
        if text[at] != "\\":
            self._at += 1
            return [(text[at], text[at])]
        kind = text[at + 1 : at + 2]
        self._at += 2
        if kind in _SETS:
            if self._dialect.unicode:
                raise UnraisedError("a class of Unicode")
            return list(_SETS[kind])
        if kind in _CHARS:
            return [(_CHARS[kind], _CHARS[kind])]
        if not kind or kind.isalnum():
            raise UnraisedError(f"a set with \\{kind}")
        return [(kind, kind)]


def _single(char: str) -> str:
    return _of_ranges([(char, char)], negated=False)


def _of_ranges(found: Iterable[tuple[str, str]], *, negated: bool) -> str:
    """A set of characters, its ranges in order and without gaps where they touch."""
    inside = " ".join(f"{ord(a):x}-{ord(b):x}" if b > a else f"{ord(a):x}" for a, b in merged(found))
    return f"[{'^' if negated else ''}{inside}]"


_RANGE = compiled(r"([0-9a-f]+)(?:-([0-9a-f]+))?")


def _folded(word: str) -> str:
    """A set with its letters in both cases."""
    if not word.startswith("["):
        return word
    ranges = [(chr(int(f[1], 16)), chr(int(f[2] or f[1], 16))) for f in _RANGE.finditer(word.strip("[^]"))]
    return _of_ranges(folded(ranges), negated=word.startswith("[^"))


# ---- Kusto's replacements


_JAVA_END: Final = "(\\r\\n|[\\n\\r\\x{85}\\x{2028}\\x{2029}])?$"
_BACK = compiled(r"\\(\d)")


def kusto_replaced(text: str, new: str) -> tuple[Literal, Literal]:
    """Pattern and replacement. A `$` before a last line break is a group there, which the replacement puts back."""
    groups: list[int] = []
    breaks: list[int] = []
    plain, at = "", 0
    while at < len(text):
        if text.startswith(_JAVA_END, at):
            breaks.append(len(groups) + len(breaks) + 1)
            plain, at = plain + "$", at + len(_JAVA_END)
            continue
        if text[at] == "\\":
            plain, at = plain + text[at : at + 2], at + 2
            continue
        if text[at] == "(" and not text.startswith("(?", at):
            groups.append(len(groups) + len(breaks) + 1)
        plain, at = plain + text[at], at + 1
    parts: list[str | int] = []
    end = 0
    for found in _BACK.finditer(new):
        parts += [new[end : found.start()], int(found[1])]
        end = found.end()
    parts.append(new[end:])
    behind = (
        [part for part in parts if part != ""][len([p for p in parts if p != ""]) - len(breaks) :] if breaks else []
    )
    if behind != breaks:
        raise UnraisedError("a replacement that takes line breaks away")
    kept = [part for part in parts if part != ""]
    kept = kept[: len(kept) - len(breaks)]
    numbered = [part if isinstance(part, str) or not part else groups.index(part) + 1 for part in kept]
    dialect = Dialect({"$": _LAST_BREAK}, unicode=True) if breaks else _RUST
    return Literal(_words(plain, dialect)), pieces(numbered)
