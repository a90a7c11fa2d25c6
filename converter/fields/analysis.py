"""How the text of a TEXT field is cut into tokens: the two analyzers of the model."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterator

from converter.deferred import compiled
from converter.model.predicate import Analyzer

_POWERSHELL = compiled(r"[A-Za-z0-9_-]+")
# Splits inside the standard analyzer's longest token (max_token_length of the standard tokenizer).
_LONGEST = 255

# Lucene makes a token of an emoji; only the blocks made for them are told apart here.
_EMOJI = frozenset(chr(c) for c in range(0x1F300, 0x1FB00))
# Word_Break properties of UAX 29 that are no function of the general category.
_MID_LETTER = frozenset(":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a")
_MID_NUMBER = frozenset(",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b")
_MID_BOTH = frozenset("'.\u2018\u2019\u2024\ufe52\uff07\uff0e")


def tokens(text: str, analyzer: Analyzer) -> tuple[str, ...]:
    """The lower-cased tokens of `text` in order."""
    return tuple("".join(_lower(c) for c in word) for word in _CUT[analyzer](text))


_NEIGHBOURS = ("", "a", "0", "_")


def may_hold(part: str, analyzer: Analyzer) -> bool:
    """Whether some token has this text in it; False is certain.

    A wildcard on analysed text is matched against each token and is not cut itself (rule K13): one that asks for a
    sign at which the analyzer cuts is never found.
    """
    if not part or analyzer is Analyzer.POWERSHELL:
        return not part or _POWERSHELL.fullmatch(part) is not None
    # What joins two characters depends on their neighbours: one of each kind is tried on either side.
    around = (f"{left}{part}{right}" for left in _NEIGHBOURS for right in _NEIGHBOURS)
    return any(len(tuple(_standard(text))) == 1 and next(_standard(text)) == text for text in around)


def _lower(char: str) -> str:
    """One character in lower case; Lucene lower-cases by code point, so a character never becomes two."""
    return char.lower()[:1]


def spelled(char: str) -> tuple[str, ...]:
    """The characters that the analyzers lower-case to this one, itself first: `é` and `É`."""
    if char.isascii():
        return (char, char.upper(), *_OF_ASCII.get(char, ())) if char.islower() else (char,)
    return (char, *_capitals().get(char, ()))


_OF_ASCII = {"i": ("\u0130",), "k": ("\u212a",)}
"""The capitals beyond ASCII that become a letter of it: to find them, all capitals would be gone through."""


_CASED = 0x20000
"""Behind the last character with a capital: no script beyond the second plane has cases."""


@functools.cache
def _capitals() -> dict[str, tuple[str, ...]]:
    """Every character that is lower-cased to another one, by that one."""
    found: dict[str, tuple[str, ...]] = {}
    capitals = (char for char in map(chr, range(_CASED)) if char.isupper() or char.istitle())
    for char in capitals:
        if (lower := _lower(char)) != char:
            found[lower] = (*found.get(lower, ()), char)
    return found


def _powershell(text: str) -> Iterator[str]:
    yield from _POWERSHELL.findall(text)


def _standard(text: str) -> Iterator[str]:
    """Words of UAX 29 that hold a letter or a digit, as Lucene's StandardTokenizer yields them."""
    start = 0
    while start < len(text):
        end = _word_end(text, start)
        word = text[start:end]
        if any(_class(c) in "ANIK" for c in word):
            yield from (word[i : i + _LONGEST] for i in range(0, len(word), _LONGEST))
        start = end


def _word_end(text: str, start: int) -> int:
    """Where the word that begins at `start` ends (rules WB4 to WB13b)."""
    end = start + 1
    while end < len(text) and _class(text[end]) == "X":
        end += 1
    left = _class(text[start])
    while end < len(text):
        right = _class(text[end])
        if (left in "ANE" and right in "ANE") or (left == right == "K") or {left, right} == {"K", "E"}:
            after = end + 1
        elif (left, right) in _BRIDGES:
            after = end + 1
            while after < len(text) and _class(text[after]) == "X":
                after += 1
            if after >= len(text) or _class(text[after]) != left:
                return end
            after, right = after + 1, left
        else:
            return end
        while after < len(text) and _class(text[after]) == "X":
            after += 1
        end, left = after, right
    return end


_BRIDGES = frozenset({("A", "M"), ("A", "B"), ("N", "C"), ("N", "B")})


def _class(char: str) -> str:
    """The Word_Break class, as one letter.

    A letter, N digit, K katakana, E joins any of them (_), I stands alone, X belongs to what is before it,
    M, C and B join two letters, two digits and either; O is everything else.
    """
    if char in _MID_BOTH:
        return "B"
    if char in _MID_LETTER:
        return "M"
    if char in _MID_NUMBER:
        return "C"
    category = unicodedata.category(char)
    match category:
        case "Nd":
            return "N"
        case "Pc":
            return "E"
        case "Mn" | "Mc" | "Me" | "Cf":
            return "X"
        case "Lu" | "Ll" | "Lt" | "Lm" | "Lo" | "Nl":
            return _letter_class(char)
        case _:
            return "I" if char in _EMOJI else "O"


def _letter_class(char: str) -> str:
    if char.isascii():
        return "A"
    name = unicodedata.name(char, "")
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "K"
    if name.startswith(("CJK", "HIRAGANA")):
        return "I"
    return "A"


_CUT: dict[Analyzer, Callable[[str], Iterator[str]]] = {
    Analyzer.STANDARD: _standard,
    Analyzer.POWERSHELL: _powershell,
}
