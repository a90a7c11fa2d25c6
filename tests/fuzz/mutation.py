"""Broken texts: those of a seed corpus with characters, tokens, lines and values out of place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_HALVES = re.compile("[\ud800-\udfff]")
_KEYED = re.compile(r"\w+ = .")
_VALUES = (
    *('""', '"x"', "''", "0", "-1", "1.5", "nan", "inf", "true", "[]", "[[]]", "[1]", '[""]', '["a", 1]', "{}"),
    *("{a = 1}", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "9223372036854775808", '"\\u0000"', '"\\u202e"'),
    *('"[[["', '"now-1d/w"', '"now-99999999999999999999d"', '["a", ["b"]]', "[{a = 1}, {b = [2]}]", '"1"', '"%"'),
)
_JUNK = (
    *('"', "'", '"""', "'''", "(", ")", "[", "]", "{", "}", "\\", "\n", "\r", "\t", "\0", "\x7f", "\u2028", "\ufeff"),
    *("#", "=", ".", ",", "*", "?", "|", ":", "~", "<=", ">", "!", "`", "/", "-", "++", "/* ", "//", "&", "- ", "  "),
    *("and", "or", "not", "where", "sequence by", "null", "[any where true]", "with runs=3", "TO", "BY", "--- "),
    *("\U0001f600", "\u202e", "1e9", "\\u{d800}", "\\ud800", "1" * 400, "*" * 40, "(" * 60, "." * 60, "a.b.text"),
)


def _cut(rng: random.Random, parts: list[str]) -> None:
    start = rng.randrange(len(parts))
    del parts[start : start + rng.choice((1, 1, 2, 5))]


def _twice(rng: random.Random, parts: list[str]) -> None:
    start = rng.randrange(len(parts))
    parts[start:start] = parts[start : start + rng.choice((1, 1, 3))]


def _swap(rng: random.Random, parts: list[str]) -> None:
    a, b = rng.randrange(len(parts)), rng.randrange(len(parts))
    parts[a], parts[b] = parts[b], parts[a]


def _copy(rng: random.Random, parts: list[str]) -> None:
    parts[rng.randrange(len(parts))] = parts[rng.randrange(len(parts))]


def _junk(rng: random.Random, parts: list[str]) -> None:
    parts.insert(rng.randrange(len(parts) + 1), rng.choice(_JUNK))


def _other(rng: random.Random, parts: list[str]) -> None:
    parts[rng.randrange(len(parts))] = rng.choice(rng.choice((_VALUES, _JUNK)))


def _end(rng: random.Random, parts: list[str]) -> None:
    del parts[rng.randrange(len(parts)) :]


_EDITS: Sequence[Callable[[random.Random, list[str]], None]] = (_cut, _twice, _swap, _copy, _other, _junk, _junk, _end)


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in its tokens and its lines, made once for the many texts that come of it.

    `keyed`: the lines of which each is a key and its value.
    """

    tokens: tuple[str, ...]
    lines: tuple[str, ...]
    keyed: tuple[int, ...]


def cut(text: str) -> Cut:
    """The text in pieces; halves of characters are left out, which no file can hold."""
    text = _HALVES.sub("", text)
    lines = tuple(text.splitlines(keepends=True))
    keyed = tuple(number for number, line in enumerate(lines) if _KEYED.match(line))
    return Cut(tuple(_TOKEN.findall(text)), lines, keyed)


def edited(rng: random.Random, one: Cut, other: Callable[[], Cut]) -> str:
    """A text after one to eight edits of its tokens, lines or values, at times with the end of another text."""
    way = rng.random()
    if one.keyed and way < 0.2:
        parts = list(one.lines)
        for _ in range(rng.choice((1, 1, 2))):
            at = rng.choice(one.keyed)
            parts[at] = f"{one.lines[at].partition(' = ')[0]} = {rng.choice(_VALUES)}\n"
    else:
        lines = len(one.lines) > 1 and way < 0.4
        parts = list(one.lines if lines else one.tokens)
        if way > 0.95 and (end := other().tokens):
            parts[rng.randrange(len(parts) + 1) :] = end[rng.randrange(len(end)) :]
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            if parts:
                rng.choice(_EDITS)(rng, parts)
    text = "".join(parts)
    return _characters(rng, text) if rng.random() < 0.2 else text


def _characters(rng: random.Random, text: str) -> str:
    """The text with one to four characters out of place."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, much = rng.randrange(len(text) + 1), rng.choice((1, 1, 1, 3))
        piece = rng.choice(("", "", text[at : at + much] * 2, rng.choice(_JUNK), chr(rng.randrange(0x20, 0x7F))))
        text = text[:at] + piece + text[at + much :]
    return text


def mutated(rng: random.Random, text: str) -> str:
    """The text after edits of its tokens, lines, values or characters."""
    pieces = cut(text)
    return edited(rng, pieces, lambda: pieces)


def mutated_query(rng: random.Random, query: str) -> str:
    """The query after one to three edits of its tokens."""
    parts = _TOKEN.findall(query)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if parts:
            rng.choice(_EDITS)(rng, parts)
    return "".join(parts)
