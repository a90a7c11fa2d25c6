"""Texts that end, open or mean something in some format that a target writes."""

from __future__ import annotations

import random
from collections.abc import Iterator

_SIGNS = (
    *('"', "'", "`", "\\", '\\"', "''", '"""', "'''", "\\\n", " \\", "|", "| delete", "[", "]", "[x]", "[[", "{", "}"),
    *("{{x}}", "${x}", "$x$", "$(x)", "%", "%s", "{0}", "<", "</a>", "&amp;", "#", " #", "# ", "//", "/*", "*/", "--"),
    *("---", "- ", ": ", ":", "?", "*", "!", "!!int", "&a", "*a", "@", "~", "=", ",", ";", "(", ")", "<!--", "```"),
    *("\n", "\r", "\r\n", "\t", "\v", "\f", "\0", "\x1f", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff"),
    *(
        "\u200b",
        "\u202e",
        "\u2066",
        "\u212a",
        "\u017f",
        "\u0130",
        "é",
        "É",
        "e\u0301",
        "ß",
        "中",
        "\U0001f600",
        "\ufffe",
    ),
    *("\ud7ff", "\ue000", "[rule]", "[default]", "\n[x]\na = b\n", "\nsearch = x", "concat('a')", "parameters('x')"),
    *("%COMSPEC%", "a.exe", "A", "b", " ", "  ", "or 1=1", "x: y", "\\n", "\\u0041", "\\x41", "\\1", "a*b", "^$", ".*"),
)
_WORDS = (
    "yes",
    "no",
    "on",
    "null",
    "~",
    "true",
    "1e3",
    "0x10",
    "0o7",
    "007",
    ".5",
    "2024-01-01",
    "12:30:45",
    "NaN",
    "=",
)


def values(rng: random.Random) -> Iterator[str]:
    """Hostile texts without end; none is empty, for some platforms have no empty text."""
    while True:
        parts = [rng.choice(_SIGNS) for _ in range(rng.choice((1, 1, 2, 3, 6)))]
        yield rng.choice(_WORDS) if rng.random() < 0.05 else "".join(parts)
