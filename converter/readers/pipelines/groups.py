"""The groups of an expression by its words: what they take at least, and whether they take part in what is found."""

from __future__ import annotations

from collections.abc import Sequence

from converter.readers.unraised import UnraisedError


def least(pattern: str, number: int) -> int:
    """How many characters the group of this number takes at least, by the words of its expression."""
    words = pattern.split("\n")
    starts = [at for at, word in enumerate(words) if word == "("]
    if number > len(starts):
        raise UnraisedError("a group that is none")
    return _least(words, starts[number - 1] + 1)[0]


def takes_part(pattern: str, number: int) -> bool:
    """Whether the group of this number is always a part of what the whole finds."""
    words = pattern.split("\n")
    open_: list[tuple[int, int]] = []
    groups: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    for at, word in enumerate(words):
        if word.startswith("("):
            open_.append((at, len(groups)))
            if word == "(":
                groups.append((at, at))
        elif word == ")":
            start, own = open_.pop()
            spans.append((start, at))
            if words[start] == "(":
                groups[own] = (start, at)
    if number > len(groups):
        raise UnraisedError("a group that is none")
    start, end = groups[number - 1]
    around = [span for span in spans if span[0] <= start and span[1] >= end]
    optional = any(_may_miss(words[span[1] + 1 : span[1] + 2]) for span in around)
    bars = [at for at, word in enumerate(words) if word == "|"]
    apart = any(
        all(not (inner[0] < bar < inner[1]) or (inner[0] <= start and inner[1] >= end) for inner in spans)
        for bar in bars
        if not start < bar < end
    )
    return not optional and not apart


def _may_miss(behind: Sequence[str]) -> bool:
    return bool(behind) and (behind[0] in ("*", "?") or behind[0].startswith("{0"))


def _least(words: Sequence[str], at: int) -> tuple[int, int]:
    """The least length of what stands up to the closing parenthesis, and where that is."""
    options: list[int] = []
    size, last = 0, 0
    while at < len(words) and words[at] != ")":
        word = words[at]
        if word == "|":
            options.append(size)
            size, last = 0, 0
        elif word.startswith("("):
            inner, at = _least(words, at + 1)
            last = 0 if word[:3] in ("(?=", "(?!", "(?<") else inner
            size += last
        elif word in ("*", "?") or word.startswith("{0"):
            size, last = size - last, 0
        elif word.startswith("[") or word == ".":
            last = 1
            size += 1
        at += 1
    return min([*options, size]), at
