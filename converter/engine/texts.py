"""Tests of one text, compiled once: whole values, wildcards and regular expressions, in time linear in the text.

The meaning is `converter.model.pattern`'s; these functions only find it sooner. Regular expressions run on RE2 where
it can carry them; a text that is no Unicode (a lone surrogate) is left to the reference.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from converter.languages.regex.render import Dialect, Shape, render, shape
from converter.model.pattern import Case, Pattern, Regex, Wild, fold, like
from converter.reference.text import regex_matches

TextTest: TypeAlias = Callable[[str], bool]
_RE2 = Dialect()
_MOST_REPEATS = 1000
_FOLDED = frozenset("\u017f\u212a")
"""What Unicode folds with a letter of ASCII. RE2 takes `[sS]` beside another letter (`[sS]|[iI]`) for all of it."""


def folded(text: str) -> str:
    """A-Z in lower case and nothing else changed; quick for ASCII."""
    return text.lower() if text.isascii() else fold(text, Case.INSENSITIVE)


def like_any(patterns: Sequence[Pattern], case: Case) -> TextTest:
    """Whether a text matches one of the patterns: those of one plain shape are asked together."""
    exact: set[str] = set()
    prefixes: list[str] = []
    suffixes: list[str] = []
    parts: list[str] = []
    others: list[Pattern] = []
    for pattern in patterns:
        kind, literal = shape(pattern)
        literal = fold(literal, case)
        match kind:
            case Shape.EXACT:
                exact.add(literal)
            case Shape.PREFIX:
                prefixes.append(literal)
            case Shape.SUFFIX:
                suffixes.append(literal)
            case Shape.CONTAINS:
                parts.append(literal)
            case Shape.ANY:
                prefixes.append("")
            case Shape.OTHER:
                others.append(pattern)
    return _together(frozenset(exact), tuple(prefixes), tuple(suffixes), tuple(parts), _globs(others, case), case)


def _together(
    exact: frozenset[str],
    prefixes: tuple[str, ...],
    suffixes: tuple[str, ...],
    parts: tuple[str, ...],
    others: tuple[TextTest, ...],
    case: Case,
) -> TextTest:
    insensitive = case is Case.INSENSITIVE

    def test(text: str) -> bool:
        if insensitive:
            text = folded(text)
        if text in exact or (prefixes and text.startswith(prefixes)) or (suffixes and text.endswith(suffixes)):
            return True
        for part in parts:
            if part in text:
                return True
        for other in others:  # noqa: SIM110 - a loop takes half the time of a generator
            if other(text):
                return True
        return False

    return test


def _globs(patterns: Sequence[Pattern], case: Case) -> tuple[TextTest, ...]:
    """Tests of patterns that are of no plain shape: those with a fixed beginning at once, each other one alone.

    RE2 gives up on nearly every text at its first signs; of patterns that begin anywhere it would keep too many states.
    """
    fixed = [pattern for pattern in patterns if pattern.parts[0] is not Wild.ANY_RUN]
    source = "|".join(_source(pattern, case) for pattern in fixed)
    together = None
    if len(fixed) > 1:
        together = _by_re2(rf"(?s)\A(?:{source})\z", lambda text: any(like(text, one, case) for one in fixed))
    if together is None:
        return tuple(_glob(pattern, case) for pattern in patterns)
    return together, *(_glob(pattern, case) for pattern in patterns if pattern.parts[0] is Wild.ANY_RUN)


def _source(pattern: Pattern, case: Case) -> str:
    """The pattern in RE2's signs."""
    signs = {Wild.ANY_ONE: ".", Wild.ANY_RUN: ".*"}
    return "".join(re.escape(fold(part, case)) if isinstance(part, str) else signs[part] for part in pattern.parts)


def _glob(pattern: Pattern, case: Case) -> TextTest:
    """A pattern by its pieces between runs: the first and last stand at the ends, each other at its first place.

    Takes texts that are folded already. A piece with `ANY_ONE` is a regular expression of fixed length, in which
    nothing can be tried twice.
    """
    pieces: list[list[str | Wild]] = [[]]
    for part in pattern.parts:
        if part is Wild.ANY_RUN:
            pieces.append([])
        else:
            pieces[-1].append(fold(part, case) if isinstance(part, str) else part)
    found = [_Piece(piece) for piece in pieces]
    if len(found) == 1:
        only = found[0]
        return lambda text: len(text) == only.length and only.at(text, 0)
    first, *middle, last = found
    middle = [piece for piece in middle if piece.length]
    least = first.length + last.length

    def test(text: str) -> bool:
        if len(text) < least or not first.at(text, 0) or not last.at(text, len(text) - last.length):
            return False
        here, end = first.length, len(text) - last.length
        for piece in middle:
            here = piece.after(text, here, end)
            if here < 0:
                return False
        return True

    return test


class _Piece:
    """Text and single wildcard signs, of one length."""

    __slots__ = ("_literal", "_search", "length")

    def __init__(self, parts: Iterable[str | Wild]) -> None:
        listed = tuple(parts)
        self.length = sum(len(part) if isinstance(part, str) else 1 for part in listed)
        self._literal = (
            "".join(part for part in listed if isinstance(part, str)) if Wild.ANY_ONE not in listed else None
        )
        source = "".join(re.escape(part) if isinstance(part, str) else "." for part in listed)
        self._search = re.compile(source, re.DOTALL)

    def at(self, text: str, place: int) -> bool:
        """Whether it stands at a place."""
        if self._literal is not None:
            return text.startswith(self._literal, place)
        return self._search.match(text, place) is not None

    def after(self, text: str, start: int, end: int) -> int:
        """Where its first occurrence between two places ends; -1 if there is none."""
        if self._literal is not None:
            at = text.find(self._literal, start, end)
            return at + self.length if at >= 0 else -1
        found = self._search.search(text, start, end)
        return found.end() if found else -1


def regex_any(regexes: Sequence[Regex], case: Case) -> TextTest:
    """Whether a text matches one of the expressions as a whole."""
    tests = tuple(_regex(one, case) for one in regexes)
    return tests[0] if len(tests) == 1 else lambda text: any(test(text) for test in tests)


@functools.lru_cache(maxsize=4096)
def _regex(regex: Regex, case: Case) -> TextTest:
    def slow(text: str) -> bool:
        return regex_matches(text, regex, case)

    return _by_re2(render(regex, _RE2, case), slow) or slow


def _by_re2(source: str, slow: TextTest) -> TextTest | None:
    """Whether RE2 finds an expression; `slow` says the same of every text, and is asked where RE2 cannot say it.

    None where RE2 is not there (as in a browser) or cannot carry the expression: a repeat beyond its bound of 1000, too
    much for its memory, half a character.
    """
    try:
        import re2  # compiled; only plans with wildcards or regular expressions need it
    except ImportError:
        return None
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(source, options).search
    except (re2.error, UnicodeEncodeError):
        return None

    def test(text: str) -> bool:
        try:
            found = search(text) is not None
        except UnicodeEncodeError:
            return slow(text)
        if found and not (text.isascii() or _FOLDED.isdisjoint(text)):
            return slow(text)
        return found

    return test


def like_one(text: str, pattern: Pattern) -> bool:
    """One token against one pattern, case told."""
    literal = pattern.literal
    return text == literal if literal is not None else like(text, pattern, Case.SENSITIVE)
