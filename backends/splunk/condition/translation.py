r"""Regular expressions that a query holds as text, in PCRE inside a Splunk string literal.

The text is of the dialect that Python and PCRE share. What is not sure in a literal (see `literal`) is written another
way: `\b`, which a string may read as a backspace, by what stands beside it, and `$` by what follows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from backends.splunk.condition.literal import class_char, regex_char
from converter.deferred import compiled

_TOKEN = compiled(
    r"\\x(?P<hex>[0-9A-Fa-f]{2})|\\u(?P<unicode>[0-9A-Fa-f]{4})|\\(?P<escape>.)|\(\?P<(?P<group>\w+)>|(?P<char>.)",
    re.DOTALL,
)
_OUTSIDE: Final = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": "[ \\t-\\r]",
    "S": "[^ \\t-\\r]",
    "b": "(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))",
    "Z": "\\z",
    "A": "\\A",
    "n": "\\n",
    "t": "\\t",
    "r": "\\r",
}
_INSIDE: Final = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t-\\r", "n": "\\n", "t": "\\t", "r": "\\r"}


class UntranslatableError(ValueError):
    """The expression has no sure form; the message says what has none."""


def translated(text: str, groups: Mapping[str, str], end: str) -> str:
    """The expression; `groups` are the new names of its named groups, `end` is what stands for `$`."""
    out: list[str] = []
    inside = False
    for found in _TOKEN.finditer(text):
        if found["group"] is not None and not inside:
            out.append(f"(?<{groups[found['group']]}>")
        elif found["hex"] or found["unicode"]:
            char = chr(int(found["hex"] or found["unicode"], 16))
            out.append(class_char(char) if inside else regex_char(char))
        elif found["escape"] is not None:
            out.append(_escaped(found["escape"], inside=inside))
        else:
            char = found["char"] if found["char"] is not None else found[0]
            opens = char == "[" and not inside
            closes = char == "]" and inside
            out.append(_plain(char, end, inside=inside))
            inside = (inside or opens) and not closes
    return "".join(out)


def _escaped(char: str, *, inside: bool) -> str:
    known = (_INSIDE if inside else _OUTSIDE).get(char)
    if known is not None:
        return known
    if char.isalnum():
        raise UntranslatableError(f"\\{char}")
    return class_char(char) if inside else regex_char(char)


def _plain(char: str, end: str, *, inside: bool) -> str:
    if inside:
        return char if char in "]-^" or char.isalnum() else class_char(char)
    if char == "$":
        return end
    if char in '"`' or char < " ":
        return regex_char(char)
    return char
