"""Regular expressions in the subset that the Sigma specification names: . ^ $ * + ? {n,m} [a-z] | ( )."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import assert_never

from converter.languages.regex.render import Dialect, pattern_regex, render
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)
from converter.model.predicate import Analyzer

# No flag for case: `re|i` would fold classes too, which Lucene does not; letters are written [aA] instead.
_DIALECT = Dialect(any_char=".", never="[^\\s\\S]", start="^", end="$", group=("(", ")"), fold="", fold_off=None)


def matching(regex: Regex, case: Case) -> str:
    """The expression for a whole value; `.` needs the `|s` modifier to take line breaks."""
    return render(regex, _DIALECT, case)


def uses_dot(regex: Regex) -> bool:
    """Whether the expression has an any-character sign, for which line breaks matter."""
    match regex:
        case AnyChar():
            return True
        case Char() | CharClass():
            return False
        case Concat(parts) | Alternate(parts):
            return any(map(uses_dot, parts))
        case Repeat(item):
            return uses_dot(item)
        case _:
            assert_never(regex)


def folds_whole(regex: Regex) -> bool:
    """Whether `re|i` means what Lucene means by ignoring case: no class holds a letter in one case only."""
    match regex:
        case AnyChar():
            return True
        case Char(char):
            return char.isascii() or char.lower() == char.upper()
        case CharClass(ranges):
            return all(high.isascii() and _both(low, high, ranges) for low, high in ranges)
        case Concat(parts) | Alternate(parts):
            return all(map(folds_whole, parts))
        case Repeat(item):
            return folds_whole(item)
        case _:
            assert_never(regex)


def _both(low: str, high: str, ranges: Sequence[tuple[str, str]]) -> bool:
    """Whether the letters of a range are in the class in their other case too."""
    letters = [c for c in ascii_letters if low <= c <= high]
    return all(any(a <= c.swapcase() <= b for a, b in ranges) for c in letters)


def longer_than(least: int) -> str:
    """The expression of texts with at least so many characters, for `re|s`."""
    return f"^.{{{least},}}"


_WORDS = {Analyzer.POWERSHELL: "A-Za-z0-9_\\-", Analyzer.STANDARD: "A-Za-z0-9_"}


def phrase(phrases: Sequence[Sequence[Pattern]], analyzer: Analyzer) -> str:
    """One of the phrases, its tokens one after another with only signs between, anywhere in the text.

    For `re|i`: analysed text is compared in lower case, and the classes hold both cases of every letter.
    """
    word = _WORDS[analyzer]
    texts = [f"[^{word}]+".join(_token(token, word) for token in tokens) for tokens in phrases]
    inner = texts[0] if len(texts) == 1 else f"({'|'.join(texts)})"
    return f"(^|[^{word}]){inner}([^{word}]|$)"


def _token(token: Pattern, word: str) -> str:
    parts = []
    for part in token.parts:
        if isinstance(part, Wild):
            parts.append(f"[{word}]*" if part is Wild.ANY_RUN else f"[{word}]")
        else:
            parts.append(render(pattern_regex(Pattern((part,))), _DIALECT, anchored=False))
    return "".join(parts)
