"""Analysed text: tokens in lower case, cut as Elasticsearch's analyzers cut them."""

from __future__ import annotations

import re
import unicodedata

from backends.python.runtime.matching import like
from backends.python.runtime.reading import texts

_POWERSHELL = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 255
_MID_LETTER = frozenset(":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a")
_MID_NUMBER = frozenset(",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b")
_MID_BOTH = frozenset("'.\u2018\u2019\u2024\ufe52\uff07\uff0e")
_CATEGORIES = {"Nd": "digit", "Pc": "joint", "Mn": "mark", "Mc": "mark", "Me": "mark", "Cf": "mark"}


def lower(word):
    """Lower case, one character for one."""
    return "".join(char.lower()[:1] for char in word)


def powershell_words(text):
    """Runs of letters, digits, _ and -."""
    return [lower(word) for word in _POWERSHELL.findall(text)]


def _kind(char):
    """The part a character plays in a word (Unicode Standard Annex 29)."""
    if char in _MID_BOTH:
        return "mid"
    if char in _MID_LETTER:
        return "mid letter"
    if char in _MID_NUMBER:
        return "mid number"
    category = unicodedata.category(char)
    if category in _CATEGORIES:
        return _CATEGORIES[category]
    if category[0] != "L" and category != "Nl":
        return "alone" if "\U0001f300" <= char < "\U0001fb00" else "other"
    if char.isascii():
        return "letter"
    name = unicodedata.name(char, "")
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "katakana"
    return "alone" if name.startswith(("CJK", "HIRAGANA")) else "letter"


def _joins(left, right):
    """Whether no word ends between two characters."""
    word = ("letter", "digit", "joint")
    if left in word and right in word:
        return True
    return left == right == "katakana" or {left, right} == {"katakana", "joint"}


def _bridges(left, middle, right):
    """Whether a sign between two characters belongs to their word."""
    if left != right:
        return False
    return (left == "letter" and middle in ("mid", "mid letter")) or (
        left == "digit" and middle in ("mid", "mid number")
    )


def standard_words(text):
    """Unicode words that hold a letter or a digit."""
    chars = []  # characters with the marks that belong to them
    for char in text:
        kind = _kind(char)
        if kind == "mark" and chars:
            chars[-1] = (chars[-1][0] + char, chars[-1][1])
        else:
            chars.append((char, kind))
    found = []
    start = 0
    while start < len(chars):
        end = start + 1
        while end < len(chars):
            left = chars[end - 1][1]
            if _joins(left, chars[end][1]):
                end += 1
            elif end + 1 < len(chars) and _bridges(left, chars[end][1], chars[end + 1][1]):
                end += 2
            else:
                break
        if any(kind in ("letter", "digit", "alone", "katakana") for _, kind in chars[start:end]):
            word = "".join(char for char, _ in chars[start:end])
            found.extend(lower(word[i : i + _LONGEST]) for i in range(0, len(word), _LONGEST))
        start = end
    return found


def has_phrase(event, path, cut, phrase):
    """Some text of the field has the phrase's words one after another."""
    for text in texts(event, path):
        words = cut(text)
        for at in range(len(words) - len(phrase) + 1):
            if all(like(words[at + i], pattern) for i, pattern in enumerate(phrase)):
                return True
    return False
