"""Broken rule files: texts of the corpus with characters, tokens, lines and values out of place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_VALUES = (
    *('""', '"x"', "''", "0", "-1", "1.5", "nan", "inf", "true", "[]", "[[]]", "[1]", '[""]', '["a", 1]', "{}"),
    *("{a = 1}", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "9223372036854775808", '"\\u0000"', '"\\u202e"'),
    *('"[[["', '"now-1d/w"', '"now-99999999999999999999d"', '["a", ["b"]]', "[{a = 1}, {b = [2]}]", '"1"', '"%"'),
)
_JUNK = (
    *('"', "'", '"""', "'''", "(", ")", "[", "]", "{", "}", "\\", "\n", "\r", "\t", "\0", "\x7f", "\u2028", "\ufeff"),
    *(
        "#",
        "=",
        ".",
        ",",
        "*",
        "?",
        "|",
        ":",
        "~",
        "<=",
        ">",
        "!",
        "`",
        "and",
        "or",
        "not",
        "where",
        "sequence by",
        "/",
    ),
    *("\U0001f600", "\u202e", "1e9", "-", "null", "\\u{d800}", "[any where true]", "with runs=3", "/* ", "//", "++"),
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


def _junk(rng: random.Random, parts: list[str]) -> None:
    parts.insert(rng.randrange(len(parts) + 1), rng.choice(_JUNK))


def _end(rng: random.Random, parts: list[str]) -> None:
    del parts[rng.randrange(len(parts)) :]


_EDITS: Sequence[Callable[[random.Random, list[str]], None]] = (_cut, _twice, _swap, _junk, _junk, _end)


def mutated(rng: random.Random, text: str) -> str:
    """The text after one to four edits of lines, tokens or characters, or with the value of a key replaced."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        choice = rng.randrange(4)
        if choice == 0:
            text = _other_value(rng, text)
            continue
        parts = text.splitlines(keepends=True) if choice == 1 else _TOKEN.findall(text) if choice == 2 else list(text)
        if not parts:
            return text
        rng.choice(_EDITS)(rng, parts)
        text = "".join(parts)
    return text


def _other_value(rng: random.Random, text: str) -> str:
    keys = list(re.finditer(r"^(\w+ = )(.*)$", text, re.MULTILINE))
    if not keys:
        return text
    key = rng.choice(keys)
    return text[: key.start(2)] + rng.choice(_VALUES) + text[key.end(2) :]


def mutated_query(rng: random.Random, query: str) -> str:
    """The query after one to three edits of its tokens."""
    parts = _TOKEN.findall(query)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if parts:
            rng.choice(_EDITS)(rng, parts)
    return "".join(parts)
