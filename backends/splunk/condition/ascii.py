"""Case-blind texts whose letters fold as in ASCII whatever a platform folds beyond it.

A letter that some folding takes for one beyond ASCII (the Kelvin sign, the long s, the Turkish i) becomes a class of
its two spellings; classes stay case-sensitive (rule E04).
"""

from __future__ import annotations

from typing import assert_never

from converter.model.pattern import (
    Alternate,
    AnyChar,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)

FOLDED_BEYOND = frozenset("kKsSiI")
"""Letters that some folding takes for letters beyond ASCII too."""


def folds_beyond(text: str) -> bool:
    """Whether the text has such a letter."""
    return not FOLDED_BEYOND.isdisjoint(text)


def pattern_regex(pattern: Pattern) -> Regex:
    """A wildcard pattern as a regular expression of such classes."""
    parts: list[Regex] = []
    for part in pattern.parts:
        match part:
            case Wild.ANY_RUN:
                parts.append(Repeat(AnyChar(), 0, None))
            case Wild.ANY_ONE:
                parts.append(AnyChar())
            case str():
                parts += [_letter(c) for c in part]
            case _:
                assert_never(part)
    return Concat(tuple(parts))


def regex_of_classes(regex: Regex) -> Regex:
    """A regular expression with such classes for its letters."""
    match regex:
        case Char(char):
            return _letter(char)
        case AnyChar() | CharClass():
            return regex
        case Concat(parts):
            return Concat(tuple(map(regex_of_classes, parts)))
        case Alternate(options):
            return Alternate(tuple(map(regex_of_classes, options)))
        case Repeat(item, least, most):
            return Repeat(regex_of_classes(item), least, most)
        case _:
            assert_never(regex)


def _letter(char: str) -> Regex:
    if char not in FOLDED_BEYOND:
        return Char(char)
    return CharClass(((char.lower(), char.lower()), (char.upper(), char.upper())))
