"""The small programs of `is_match` as regular expressions again.

A split names the places that may come next. Two of them, the next step and one further on: a loop if the step before
that place goes back to the split, alternatives if it goes on beyond the place, else a part that may be left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.languages.regex.charset import ASCII_FOLD
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat
from converter.readers.unraised import UnraisedError

_DEEPEST = 100


def expression(steps: object, case: Case) -> Regex:
    """The expression of a program, which ends in `done`. Raises UnraisedError."""
    if not isinstance(steps, tuple) or not steps or steps[-1] != ("done",):
        raise UnraisedError("a program that does not end")
    return _Program(steps, case).between(0, len(steps) - 1, 0)


class _Program:
    def __init__(self, steps: Sequence[object], case: Case) -> None:
        self._steps = steps
        self._case = case

    def between(self, at: int, end: int, depth: int) -> Regex:
        """The steps from one place to another, which none of them leaves."""
        if depth > _DEEPEST:
            raise UnraisedError("a program that nests too deeply")
        parts: list[Regex] = []
        while at < end:
            match self._steps[at]:
                case ("char", str(char)):
                    parts.append(self._char(char))
                    at += 1
                case ("any",):
                    parts.append(AnyChar())
                    at += 1
                case ("class", bool(negated), tuple(ranges)):
                    parts.append(CharClass(_ranges(ranges), negated))
                    at += 1
                case ("split", tuple(places)):
                    found, at = self._split(at, places, end, depth)
                    parts.append(found)
                case _:
                    raise UnraisedError("a step that is not known")
        if at != end:
            raise UnraisedError("a step that leaves its part")
        return parts[0] if len(parts) == 1 else Concat(tuple(parts))

    def _char(self, char: str) -> Regex:
        if self._case is Case.INSENSITIVE and char in ASCII_FOLD and char != char.lower():
            raise UnraisedError("an upper-case letter where case is ignored")
        return Char(char)

    def _split(self, at: int, places: Sequence[object], end: int, depth: int) -> tuple[Regex, int]:
        numbers = [place for place in places if isinstance(place, int) and at < place <= end]
        if len(numbers) != len(places) or not numbers or numbers[0] != at + 1 or numbers != sorted(set(numbers)):
            raise UnraisedError("a split that goes elsewhere")
        last = numbers[-1]
        before = self._steps[last - 1] if len(numbers) > 1 else None
        match before:
            case ("split", (int(back),)) if back == at:
                return Repeat(self.between(at + 1, last - 1, depth + 1), 0, None), last
            case ("split", (int(on),)) if on > last:
                return self._alternatives(numbers, on, end, depth), on
            case _ if len(numbers) == 2:  # noqa: PLR2004 - with it and without
                return Repeat(self.between(at + 1, last, depth + 1), 0, 1), last
            case _:
                raise UnraisedError("a split of an unknown kind")

    def _alternatives(self, starts: Sequence[int], behind: int, end: int, depth: int) -> Regex:
        if behind > end:
            raise UnraisedError("a step that leaves its part")
        options: list[Regex] = []
        for start, stop in zip(starts, [*starts[1:], behind], strict=True):
            if self._steps[stop - 1] != ("split", (behind,)):
                raise UnraisedError("an alternative that does not end")
            options.append(self.between(start, stop - 1, depth + 1))
        return Alternate(tuple(options))


def _ranges(found: Sequence[object]) -> tuple[tuple[str, str], ...]:
    ranges: list[tuple[str, str]] = []
    for one in found:
        match one:
            case (str(low), str(high)):
                ranges.append((low, high))
            case _:
                raise UnraisedError("a class that is none")
    return tuple(ranges)
