r"""EQL's tokens: one compiled expression cuts the text; strings are unescaped here.

Elasticsearch's lexer: ASCII identifiers that may start with `_` or `@`; a name with `~` right behind it is one
token; a raw string stays on its line and may end in up to two quotes of its own.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import NoReturn

from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Span
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.languages.eql.codes import E001, E003, E004, E006, E007

WORD, STRING, RAW, NUMBER, QUOTED, SIGN, BAD, END = "word", "string", "raw", "number", "quoted", "sign", "bad", "end"

_TOKEN = compiled(
    r"""
    (?: [ \t\r\n]+ | //[^\r\n]* | /\*.*?\*/ )*
    (?:
        (?P<word> [A-Za-z_@]\w* (?: \.[A-Za-z_@]\w* )* ~? )
      | (?P<raw> \"{3} [^\r\n]*? \"{3,5} )
      | (?P<string> (?! \"{3} ) " (?: [^"\\\r\n] | \\[^\r\n] )* " )
      | (?P<sign> == | != | <= | >= | !\[ | [-<>:=+*/%.,()\[\]|?] (?! (?<=\.) \d ) (?! (?<=/) \* ) )
      | (?P<number> \d+ (?: \.\d* )? (?: [eE][+-]?\d+ )? | \.\d+ (?: [eE][+-]?\d+ )? )
      | (?P<quoted> ` (?: [^`] | `` )+ ` )
      | (?P<end> \Z )
      | (?P<bad> . )
    )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def fail(code: Code, message: str, span: Span, hint: str = "") -> NoReturn:
    """A syntax error at a place."""
    raise QuerySyntaxError(Diagnostic(code, message, span=span, hint=hint))


@dataclass(slots=True)
class Tokens:
    """The tokens of a text, as lists side by side; the last one is an `END` of no text."""

    text: str
    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def span(self, index: int) -> Span:
        """The place of one token."""
        end = self.ends[index]
        return Span(end - len(self.texts[index]), end)


def tokenise(text: str) -> Tokens:
    """Cut a query into tokens. What is no token is a `BAD` one, told of when the parser gets there."""
    if len(text) > LONGEST_QUERY:
        message = f"this query has {len(text):,} characters; the longest that is read has {LONGEST_QUERY:,}"
        fail(E003, message, Span(0, 0), "Split the rule, or move long value lists into a lookup.")
    tokens = Tokens(text)
    add_kind, add_text, add_end = tokens.kinds.append, tokens.texts.append, tokens.ends.append
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:  # pragma: no cover -- every branch of the expression has a name
            continue
        add_kind(kind)
        add_text(match[kind])
        add_end(match.end())
        if kind == END:
            return tokens
        if kind == BAD:
            break
    # The parser stops at what is no token, so that nothing behind it need be looked at.
    add_kind(END)
    add_text("")
    add_end(len(text))
    return tokens


_ESCAPE = compiled(r"\\(?:u\{([0-9A-Fa-f]{2,8})\}|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def string_value(kind: str, text: str, start: int) -> str:
    """The value of a string token that starts at `start`."""
    if kind == RAW:
        return text[3:-3]
    inner = text[1:-1]
    return _ESCAPE.sub(lambda m: _unescape(m, start + 1), inner) if "\\" in inner else inner


def _unescape(match: re.Match[str], offset: int) -> str:
    span = Span(offset + match.start(), offset + match.end())
    if match[1] is not None:
        number = int(match[1], 16)
        if number > _LAST or number in _SURROGATES:
            fail(E007, f"{match[0]} is no Unicode character", span, "The largest is \\u{10FFFF}.")
        return chr(number)
    known = _ESCAPES.get(match[2])
    if known is not None:
        return known
    if match[2] == "u":
        fail(E007, "\\u needs 2 to 8 hexadecimal digits in braces after it", span, "Write \\u{200f}, for example.")
    fail(
        E007,
        f"\\{match[2]} is no escape that EQL knows",
        span,
        f'Write \\\\{match[2]} for a backslash, or use a raw string: """C:\\path""".',
    )


def quoted_name(text: str) -> str:
    """The name in backquotes."""
    return text[1:-1].replace("``", "`")


def bad_token(tokens: Tokens, index: int) -> NoReturn:
    """The error of a character that starts no token."""
    span = tokens.span(index)
    char = tokens.texts[index]
    line_end = tokens.text.find("\n", span.start)
    line = Span(span.start, line_end if line_end >= 0 else len(tokens.text))
    if char == "'":
        fail(E004, "EQL has no strings in single quotes", span, 'Use double quotes: "text", or """raw text""".')
    if char == '"':
        raw = tokens.text.startswith('"""', span.start)
        hint = (
            "A raw string ends in three double quotes on the same line."
            if raw
            else ('A string ends on its line: write \\" for a quote in it, \\n for a line break, \\\\ for a backslash.')
        )
        fail(E006, "this string does not end", line, hint)
    if char == "`":
        fail(E006, "this name in backquotes does not end", line, "Close it with `; a backquote in it is written ``.")
    if tokens.text.startswith("/*", span.start):
        fail(E006, "this comment does not end", line, "Close it with */.")
    if char == "!":
        fail(E001, "! stands alone", span, "Write not for a negation, != for unequal, or ![ for a missing event.")
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    fail(E001, f"{shown} means nothing here", span, "Put text in double quotes and unusual names in backquotes.")
