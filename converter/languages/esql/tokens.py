r"""ES|QL's tokens. The words after some commands are cut by other rules: sources of FROM, patterns of KEEP and DROP.

Keywords are case-insensitive, columns are not. Strings in one quote know the escapes `\t \n \r \" \\`; raw strings in
three quotes know none and may end in up to two quotes of their own; neither goes over its line.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Final, NoReturn

from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Span
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.languages.esql.codes import Q001, Q003, Q004, Q006, Q007

WORD, STRING, RAW, NUMBER, QUOTED, SIGN, BAD, END = "word", "string", "raw", "number", "quoted", "sign", "bad", "end"

RESERVED: Final = frozenset(
    (
        *("and", "asc", "by", "desc", "false", "first", "in", "is", "last", "like", "not", "null", "nulls"),
        *("or", "rlike", "true", "where", "as", "on", "with"),
    )
)
"""Words that are no names in expressions unless quoted."""

_KEYS: Final = {word: word for word in RESERVED}
_LONGEST_RESERVED = max(map(len, RESERVED))

_SKIP = r"(?: [ \t\r\n]++ | //[^\r\n]*+ | /\*.*?\*/ )*+"
_LITERAL = r"""
      | (?P<raw> \"{3} [^\r\n]*? \"{3,5} )
      | (?P<string> (?! \"{3} ) " (?: [^"\\\r\n] | \\[^\r\n] )*+ " )
      | (?P<quoted> ` (?: [^`] | `` )++ ` )
"""
_REST = r"| (?P<end> \Z ) | (?P<bad> . )"


def _pattern(words: str, signs: str) -> re.Pattern[str]:
    text = f"{_SKIP} (?: (?P<word> {words} ) {_LITERAL} {signs} {_REST} )"
    return re.compile(text, re.VERBOSE | re.DOTALL | re.ASCII)


_EXPRESSIONS = _pattern(
    r"(?: [A-Za-z]\w* | [_@]\w+ ) (?: \. (?: [A-Za-z]\w* | [_@]\w+ ) )*+",
    r"""
      | (?P<number> \d++ (?: \.\d*+ )? (?: [eE][+-]?\d++ )? | \.\d++ (?: [eE][+-]?\d++ )? )
      | (?P<sign> :: | == | =~ | != | <= | >= | \?\?? | [-<>:=+*%.,()\[\]{}|;] | / (?! \* ) )
    """,
)
_NAMES = _pattern(
    r"[A-Za-z_@*][\w@*]*+ (?: \. [A-Za-z_@*][\w@*]*+ )*+",
    r"| (?P<number> \d++ ) | (?P<sign> [-=.,()|?;] )",
)
_SOURCES = _pattern(
    r"(?: [^\s\"`=|,\[\]()/] | / (?! [*/] ) )++",
    r"| (?P<sign> [=|,()\[\]] ) | (?P<number> (?!) )",
)

_CUT: Final = {
    "from": _SOURCES,
    "ts": _SOURCES,
    "metrics": _SOURCES,
    "enrich": _SOURCES,
    "lookup": _SOURCES,
    "keep": _NAMES,
    "drop": _NAMES,
}
"""How the words after a command are cut, unless as expressions."""
_BACK: Final = {"lookup": ("on", _EXPRESSIONS), "enrich": ("", _NAMES)}
"""The word, or any word, after which the rest of a command is cut in another way."""


def fail(code: Code, message: str, span: Span, hint: str = "") -> NoReturn:
    """A syntax error at a place."""
    raise QuerySyntaxError(Diagnostic(code, message, span=span, hint=hint))


@dataclass(slots=True)
class Tokens:
    """The tokens of a text, as lists side by side; the last one is an `END` of no text.

    `keys` holds the sign of a sign, a reserved word in lower case, and "" for everything else.
    """

    text: str
    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def span(self, index: int) -> Span:
        """The place of one token."""
        end = self.ends[index]
        return Span(end - len(self.texts[index]), end)

    def add(self, kind: str, text: str, end: int) -> None:
        """One more token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.ends.append(end)
        if kind == SIGN:
            self.keys.append(text)
        else:
            lowered = text.lower() if kind == WORD else ""
            self.keys.append(lowered if lowered in RESERVED else "")


def tokenise(text: str) -> Tokens:
    """Cut a query into tokens. What is no token is a `BAD` one, told of when the parser gets there."""
    if len(text) > LONGEST_QUERY:
        message = f"this query has {len(text):,} characters; the longest that is read has {LONGEST_QUERY:,}"
        fail(Q003, message, Span(0, 0), "Split the rule, or move long value lists into a lookup.")
    tokens = Tokens(text)
    position = 0
    while position >= 0:
        position = _command(tokens, position)
    return tokens


def _command(tokens: Tokens, position: int) -> int:
    """The tokens of one command with the `|` after it; where the next begins, or -1 at the end."""
    text = tokens.text
    first = _EXPRESSIONS.match(text, position)
    pattern, name = _EXPRESSIONS, ""
    if first is not None and first.lastgroup == WORD:
        name = first[WORD].lower()
        pattern = _CUT.get(name, _EXPRESSIONS)
        tokens.add(WORD, first[WORD], first.end())
        position = first.end()
    back = _BACK.get(name)
    while back is not None:
        match = pattern.match(text, position)
        kind = END if match is None else match.lastgroup or BAD
        if match is None or kind in (END, BAD) or match[kind] == "|":
            break
        tokens.add(kind, match[kind], match.end())
        position = match.end()
        if back[0] in ("", match[kind].lower()):
            pattern, back = back[1], None
    return _rest(tokens, pattern, position)


def _rest(tokens: Tokens, pattern: re.Pattern[str], position: int) -> int:
    """The tokens up to the `|` that ends the command; where the next begins, or -1 at the end of the query."""
    add_kind, add_text = tokens.kinds.append, tokens.texts.append
    add_end, add_key = tokens.ends.append, tokens.keys.append
    reserved = _KEYS.get
    for match in pattern.finditer(tokens.text, position):
        kind = match.lastgroup or BAD
        text = match[kind]
        add_kind(kind)
        add_text(text)
        add_end(match.end())
        if kind == WORD:
            add_key(reserved(text) or reserved(text.lower(), "") if len(text) <= _LONGEST_RESERVED else "")
        elif kind == SIGN:
            add_key(text)
            if text == "|":
                return match.end()
        else:
            add_key("")
            if kind in (END, BAD):
                break
    # The parser stops at what is no token, so that nothing behind it need be looked at.
    if tokens.kinds[-1] != END:
        tokens.add(END, "", len(tokens.text))
    return -1


_ESCAPE = compiled(r"\\(.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}


def string_value(kind: str, text: str, start: int) -> str:
    """The value of a string token that starts at `start`."""
    if kind == RAW:
        return text[3:-3]
    inner = text[1:-1]
    return _ESCAPE.sub(lambda m: _unescape(m, start + 1), inner) if "\\" in inner else inner


def _unescape(match: re.Match[str], offset: int) -> str:
    known = _ESCAPES.get(match[1])
    if known is not None:
        return known
    fail(
        Q007,
        f"\\{match[1]} is no escape that ES|QL knows",
        Span(offset + match.start(), offset + match.end()),
        f'Write \\\\{match[1]} for a backslash, or use a raw string: """C:\\path""".',
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
        fail(Q004, "ES|QL has no strings in single quotes", span, 'Use double quotes: "text", or """raw text""".')
    if char == '"':
        raw = tokens.text.startswith('"""', span.start)
        hint = (
            "A raw string ends in three double quotes on the same line."
            if raw
            else 'A string ends on its line: write \\" for a quote in it, \\n for a line break, \\\\ for a backslash.'
        )
        fail(Q006, "this string does not end", line, hint)
    if char == "`":
        fail(Q006, "this name in backquotes does not end", line, "Close it with `; a backquote in it is written ``.")
    if tokens.text.startswith("/*", span.start):
        fail(Q006, "this comment does not end", line, "Close it with */.")
    if char == "!":
        fail(Q001, "! stands alone", span, "Write not for a negation, != for unequal.")
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    fail(Q001, f"{shown} means nothing here", span, "Put text in double quotes and unusual names in backquotes.")
