r"""LIKE's wildcards and RLIKE's regular expressions as trees (rules Q03, Q28).

In a LIKE pattern `*` is any run, `?` one character, and a backslash makes the character after it a plain one.
"""

from __future__ import annotations

from converter.diagnostics import Span
from converter.languages.esql.codes import Q031
from converter.languages.regex.lucene import RegexSyntaxError, parse_lucene
from converter.model import pattern as patterns
from converter.model.pattern import AnyChar, Concat, Pattern, Regex, Repeat, Wild
from converter.readers.esql.context import Context

_SIGNS = {"*": Wild.ANY_RUN, "?": Wild.ANY_ONE}


def like_pattern(text: str) -> Pattern:
    """The pattern of a LIKE."""
    parts: list[str | Wild] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\" and position + 1 < len(text):
            position += 1
            parts.append(text[position])
        else:
            parts.append(_SIGNS.get(char, char))
        position += 1
    return patterns.of(*parts)


def lucene_regex(context: Context, text: str, span: Span) -> Regex | None:
    """The tree of an RLIKE; None, reported, where it is none that can be carried."""
    try:
        return parse_lucene(text)
    except RegexSyntaxError as error:
        hint = error.hint or "RLIKE takes Lucene's regular expressions."
        context.refuse(Q031, f"this regular expression cannot be read: {error.message}", span, hint)
        return None


def takes_all(regex: Regex) -> bool:
    """Whether an expression is `.*`, however often it is written."""
    if isinstance(regex, Concat):
        return bool(regex.parts) and all(map(takes_all, regex.parts))
    return regex == Repeat(AnyChar(), 0, None)
