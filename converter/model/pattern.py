"""How text is matched: wildcards and regular expressions as trees, case always explicit.

Values keep the spelling of the rule. No regular expression text is built before emission
(`converter.languages.regex.render` renders the trees for each dialect).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Case(Enum):
    """`INSENSITIVE` folds A-Z with a-z only, as Lucene's case_insensitive does (ASCII matching)."""

    SENSITIVE = "sensitive"
    INSENSITIVE = "insensitive"


class Wild(Enum):
    """A wildcard sign: `ANY_RUN` is zero or more characters, `ANY_ONE` exactly one; both take line breaks."""

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


def of(*parts: str | Wild) -> Pattern:
    """The pattern of these parts in normal form."""
    out: list[str | Wild] = []
    for part in parts:
        if part == "":
            continue
        last = out[-1] if out else None
        if isinstance(part, str) and isinstance(last, str):
            out[-1] = last + part
        elif part is Wild.ANY_ONE and last is Wild.ANY_RUN:
            out[-1:] = [Wild.ANY_ONE, Wild.ANY_RUN]
        elif not (part is Wild.ANY_RUN and last is Wild.ANY_RUN):
            out.append(part)
    return Pattern(tuple(out))


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

    With case-insensitive matching a class stays case-sensitive in Lucene: `folds` is False for a
    class that a rule wrote as `[...]`, so that dialects can switch folding off around it.
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
