"""Kusto text to tokens.

String literals: https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/string, with the escapes that
Microsoft's parser accepts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.values import TIMESPAN_UNITS

TokenKind = Literal["name", "string", "number", "timespan", "literal", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    start: int
    body: str = ""  # a literal's text between its parentheses


_HYPHENATED = (
    "mv-expand|mv-apply|project-away|project-keep|project-rename|project-reorder|project-smart|make-series|"
    "top-nested|top-hitters|sample-distinct|graph-match|make-graph|parse-where|parse-kv"
)
# A type's name before a parenthesis starts a literal whose inside has its own syntax.
_LITERAL_TYPES = "datetime|timespan|time|dynamic|bool|int|long|real|double|decimal|guid"

_TOKEN = re.compile(
    rf"""
    (?P<blank>\s+|//[^\n]*)
  | (?P<literal>(?:{_LITERAL_TYPES})\s*(?=\())
  | (?P<verbatim>[hH]?@(?:"[^"\n]*(?:""[^"\n]*)*"|'[^'\n]*(?:''[^'\n]*)*'))
  | (?P<fence>[hH]?```.*?```)
  | (?P<string>[hH]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<hyphenated>(?:{_HYPHENATED})\b)
  | (?P<timespan>\d+(?:\.\d+)?(?:{"|".join(TIMESPAN_UNITS)})\b)
  | (?P<number>0[xX][0-9a-fA-F]+\b|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z_0-9]))
  | (?P<negated>!(?:in~|in\b|between\b|(?:has|contains|startswith|endswith|hasprefix|hassuffix)(?:_cs)?\b))
  | (?P<insensitive>in~)
  | (?P<name>[A-Za-z_$][A-Za-z0-9_]*)
  | (?P<sign>==|!=|=~|!~|<=|>=|=>|\.\.|[-+*/%<>=(),;:|.\[\]{{}}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{2})|u(?P<u4>[0-9a-fA-F]{4})|"
    r"U(?P<u8>[0-9a-fA-F]{8})|(?P<one>.))",
    re.DOTALL,
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "'": "'"}


def tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise KustoError(f"cannot read {text[at : at + 20]!r} at {at}")
        kind, word = found.lastgroup, found[0]
        end = found.end()
        match kind:
            case "blank":
                pass
            case "literal":
                end = _closing(text, found.end()) + 1
                tokens.append(Token("literal", word.strip(), at, text[found.end() + 1 : end - 1]))
            case "verbatim" | "fence" | "string":
                _append_string(tokens, _string_value(word), at)
            case "timespan" | "number" | "name" | "sign":
                tokens.append(Token(kind, word, at))
            case _:
                tokens.append(Token("name", word, at))
        at = end
    tokens.append(Token("end", "", len(text)))
    return tokens


def _append_string(tokens: list[Token], value: str, at: int) -> None:
    if tokens and tokens[-1].kind == "string":  # adjacent literals are one
        last = tokens.pop()
        value, at = last.text + value, last.start
    tokens.append(Token("string", value, at))


def _closing(text: str, opening: int) -> int:
    """The parenthesis that closes the one at `opening`, strings skipped."""
    depth = 0
    at = opening
    while at < len(text):
        match text[at]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
                if depth == 0:
                    return at
            case "'" | '"' as quote:
                escape = "" if text[at - 1] == "@" else "\\"
                at += 1
                while at < len(text) and text[at] != quote:
                    at += 2 if text[at] == escape else 1
            case _:
                pass
        at += 1
    raise KustoError(f"parenthesis at {opening} is never closed")


def _string_value(word: str) -> str:
    word = word.lstrip("hH")
    if word.startswith("```"):
        return word[3:-3]
    if word.startswith("@"):
        quote = word[1]
        return word[2:-1].replace(quote * 2, quote)
    return _ESCAPE.sub(_unescape, word[1:-1])


def _unescape(found: re.Match[str]) -> str:
    if found["octal"]:
        return chr(int(found["octal"], 8))
    for group in ("hex", "u4", "u8"):
        if found[group]:
            return chr(int(found[group], 16))
    if found["one"] not in _SIMPLE:
        raise KustoError(f"unknown escape {found[0]}")
    return _SIMPLE[found["one"]]
