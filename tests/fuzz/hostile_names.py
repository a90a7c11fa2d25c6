"""Names of fields that a platform takes for something else, or that end what they stand in."""

from __future__ import annotations

NUMBERS = ("1e3", "1d", "1h", "0x1F", "1.5", "-1", "1tick", "10.0.0.1", "1", "1.b")
WORDS = ("true", "null", "dynamic", "datetime", "print", "let", "by", "and", "NOT", "as", "where", "case", "$left")
BROKEN = (
    "a b",
    "a]b",
    "a[b",
    "a['b']",
    "a'b",
    'a"b',
    "a\nb",
    "a\\b",
    "a`b",
    "a|b",
    "a,b",
    "a//b",
    "a{}",
    "*",
    "a*b",
    "é",
)
NAMES = (*NUMBERS, *WORDS, *BROKEN)
