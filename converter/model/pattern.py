"""How text is matched: wildcards and regular expressions as trees, case always explicit.

Values keep the spelling of the rule. No regular expression text is built before emission
(`converter.languages.regex.render` renders the trees for each dialect).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from enum import Enum

from converter.deferred import dataclass


class Case(Enum):
    """`INSENSITIVE` folds A-Z with a-z only, as Lucene's case_insensitive does (ASCII matching)."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    SENSITIVE = "sensitive"
    INSENSITIVE = "insensitive"


class Wild(Enum):
    """A wildcard sign: `ANY_RUN` is zero or more characters, `ANY_ONE` exactly one; both take line breaks."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    ANY_RUN = "*"
    ANY_ONE = "?"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal text interleaved with wildcard signs, matched against a whole value.

    Normal form: no empty text part, no two text parts in a row, no two `ANY_RUN` in a row
    (use `pattern.of`).
    """

    parts: tuple[str | Wild, ...]

    @property
    def literal(self) -> str | None:
        """The text if the pattern has no wildcard sign, else None."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    @property
    def least(self) -> int:
        """The characters that a text must have to match."""
        return sum([len(part) if isinstance(part, str) else part is Wild.ANY_ONE for part in self.parts])


def of(*parts: str | Wild) -> Pattern:
    """The pattern of these parts in normal form."""
    if len(parts) == 1:
        return Pattern(parts if parts[0] else ())
    out: list[str | Wild] = []
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, str):
            if part:
                pieces.append(part)
            continue
        if pieces:
            out.append("".join(pieces))
            pieces.clear()
        last = out[-1] if out else None
        if part is Wild.ANY_ONE and last is Wild.ANY_RUN:
            out[-1:] = [Wild.ANY_ONE, Wild.ANY_RUN]
        elif not (part is Wild.ANY_RUN and last is Wild.ANY_RUN):
            out.append(part)
    if pieces:
        out.append("".join(pieces))
    return Pattern(tuple(out))


_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(text: str, case: Case) -> str:
    """`text` in the spelling that comparisons under `case` use: A-Z become a-z and nothing else changes."""
    if case is Case.SENSITIVE:
        return text
    return text.lower() if text.isascii() else text.translate(_FOLD)


def like(text: str, pattern: Pattern, case: Case) -> bool:
    """Whether the whole text matches the pattern, in time polynomial in both."""
    return matcher(pattern, case)(text)


def matcher(pattern: Pattern, case: Case) -> Callable[[str], bool]:
    """What says of a text whether all of it matches the pattern; for many texts the pattern is looked at once."""
    plain = _matcher(tuple([part if isinstance(part, Wild) else fold(part, case) for part in pattern.parts]))
    return plain if case is Case.SENSITIVE else lambda text: plain(fold(text, case))


def _matcher(parts: tuple[str | Wild, ...]) -> Callable[[str], bool]:
    """Most patterns ask how a text begins or ends, or what it holds."""
    match parts:
        case (str(whole),):
            return lambda text: text == whole
        case (str(head), Wild.ANY_RUN):
            return lambda text: text.startswith(head)
        case (Wild.ANY_RUN, str(tail)):
            return lambda text: text.endswith(tail)
        case (Wild.ANY_RUN, str(inner), Wild.ANY_RUN):
            return lambda text: inner in text
        case _ if Wild.ANY_ONE not in parts and parts:
            head = parts[0] if isinstance(parts[0], str) else ""
            tail = parts[-1] if isinstance(parts[-1], str) else ""
            between = [part for part in parts[bool(head) : len(parts) - bool(tail)] if isinstance(part, str)]
            return lambda text: holds(text, head, between, tail)
        case _:
            signs = [sign for part in parts for sign in ((part,) if isinstance(part, Wild) else part)]
            return lambda text: _matches(text, signs)


def holds(text: str, head: str, inner: Sequence[str], tail: str) -> bool:
    """Whether a text begins and ends so, and holds the others between, one behind the other."""
    at, end = len(head), len(text) - len(tail)
    if at > end or not text.startswith(head) or not text.endswith(tail):
        return False
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _matches(text: str, signs: Sequence[str | Wild]) -> bool:
    at = here = 0
    star, resume = -1, 0
    while here < len(text):
        sign = signs[at] if at < len(signs) else None
        if sign is Wild.ANY_RUN:
            star, resume = at, here
            at += 1
        elif sign is Wild.ANY_ONE or (sign is not None and sign == text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            # The last run takes one character more; earlier runs need no other try.
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(sign is Wild.ANY_RUN for sign in signs[at:])


@dataclass(frozen=True, slots=True)
class Char:
    """One literal character."""

    char: str


@dataclass(frozen=True, slots=True)
class AnyChar:
    """`.`: any one character, line breaks included (Lucene)."""


@dataclass(frozen=True, slots=True)
class CharClass:
    """`[...]`: one character inside (or, if `negated`, outside) the inclusive `ranges`.

    With case-insensitive matching a class stays case-sensitive in Lucene: dialects switch folding off around it.
    """

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Concat:
    """The parts one after another; empty = the empty text."""

    parts: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Alternate:
    """Any one of the options."""

    options: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`item` from `least` to `most` times; `most` None = without bound."""

    item: Regex
    least: int
    most: int | None


Regex = Char | AnyChar | CharClass | Concat | Alternate | Repeat
"""A regular expression that matches a whole value (anchored at both ends, Lucene)."""
