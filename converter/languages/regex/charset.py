"""Sets of characters as sorted, disjoint, inclusive ranges."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[str, str], ...]

LAST = 0x10FFFF

ALL: Ranges = ((chr(0), chr(LAST)),)

ASCII_FOLD = {c: c.lower() + c.upper() for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
"""A letter to both of its cases."""


def merged(ranges: Iterable[tuple[str, str]]) -> Ranges:
    """The same characters in normal form: sorted, without overlaps and without neighbours left apart."""
    out: list[tuple[str, str]] = []
    for low, high in sorted(ranges):
        if out and ord(low) <= ord(out[-1][1]) + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def complement(ranges: Ranges) -> Ranges:
    """Every other character; `ranges` in normal form."""
    out: list[tuple[str, str]] = []
    start = 0
    for low, high in ranges:
        if ord(low) > start:
            out.append((chr(start), chr(ord(low) - 1)))
        start = ord(high) + 1
    if start <= LAST:
        out.append((chr(start), chr(LAST)))
    return tuple(out)


def intersect(left: Ranges, right: Ranges) -> Ranges:
    """The characters in both; each in normal form."""
    found: list[tuple[str, str]] = []
    at, other = 0, 0
    while at < len(left) and other < len(right):
        low, high = max(left[at][0], right[other][0]), min(left[at][1], right[other][1])
        if low <= high:
            found.append((low, high))
        if left[at][1] < right[other][1]:
            at += 1
        else:
            other += 1
    return tuple(found)  # in normal form: where one range ends, one of the two sets has a gap


def folded(ranges: Iterable[tuple[str, str]]) -> Ranges:
    """The same characters, each letter of ASCII in both of its cases, in normal form."""
    whole = merged(ranges)
    letters = intersect(whole, (("A", "Z"), ("a", "z")))
    return merged((*whole, *((low.swapcase(), high.swapcase()) for low, high in letters)))


def partition(sets: Iterable[Ranges]) -> tuple[Ranges, ...]:
    """The coarsest cut of all characters of `sets` into ranges that each set has whole or not at all."""
    starts = {0}
    for ranges in sets:
        for low, high in ranges:
            starts |= {ord(low), ord(high) + 1}
    cuts = sorted(s for s in starts if s <= LAST)
    ends = [c - 1 for c in cuts[1:]] + [LAST]
    return tuple(((chr(low), chr(high)),) for low, high in zip(cuts, ends, strict=True))


def classes(space: Ranges) -> dict[str, Ranges]:
    """What the letters of the classes d, s and w stand for, and in upper case all else; blanks differ by dialect."""
    digit: Ranges = (("0", "9"),)
    word: Ranges = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
    found = {"d": digit, "s": space, "w": word}
    return found | {letter.upper(): complement(ranges) for letter, ranges in found.items()}
