r"""Text that a rule controls, written so that Splunk reads it back as the same text and nothing else.

What Splunk's documents leave open about literals (which escapes a string knows besides ``\\``, ``\"``, whether the
string layer halves a backslash before the regular expression is compiled) is avoided, not guessed:

* a string literal is used only for characters on which all readings agree (`is_plain`);
* a regular expression escapes by class, ``[.]``, writes a backslash as ``[\\\\]`` (one backslash, halved or not) and
  the signs that dashboards and macros expand, ``$`` and the backtick, as ``[\x24]`` and ``[\x60]``, which is the same
  class whether the string layer or the regular expression reads ``\x24``.
"""

from __future__ import annotations

import re

_UNSAFE_IN_STRING = re.compile(r"[\x00-\x1f\x7f$`\ud800-\udfff]")
_NUMBER_LIKE = re.compile(r"\s*[+-]?(?:[.]?\d|inf|nan)", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

NEVER = "(?!)"
"""A regular expression that matches nothing: for a lone surrogate, which no event can hold."""


def is_plain(text: str) -> bool:
    """Whether `string` writes `text` with certainty and `==` compares it as text.

    A text that begins like a number may be compared as a number; an empty one is not settled either.
    """
    return bool(text) and not _UNSAFE_IN_STRING.search(text) and not _NUMBER_LIKE.match(text)


def string(text: str) -> str:
    """A string literal of eval and where."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_EVAL_FIELD = re.compile(r"[^\W\d][\w]*\Z", re.ASCII)
_ANY_FIELD = re.compile(r"[\w.{}@:/#+ -]+\Z")


def is_field(name: str) -> bool:
    """Whether a field name can be quoted: Splunk documents no escape inside its quotes."""
    return bool(_ANY_FIELD.match(name)) and name == name.strip()


def eval_field(name: str) -> str:
    """A field as eval and where name it: in single quotes unless it is a plain word."""
    return name if _EVAL_FIELD.match(name) and name.lower() not in _EVAL_WORDS else f"'{name}'"


_EVAL_WORDS = frozenset({"and", "or", "not", "xor", "in", "like", "true", "false", "null"})
_SEARCH_FIELD = re.compile(r"[^\W\d][\w.]*\Z", re.ASCII)

SEARCH_RESERVED = frozenset(
    {"and", "or", "not", "xor", "in", "where", "earliest", "latest", "_index_earliest", "_index_latest", "tag"}
    | {"eventtype", "savedsearch", "search", "starttime", "endtime", "hosttag", "timeformat", "minutesago", "daysago"}
)
"""Names that `search` reads as keywords, time modifiers or tags and not as fields."""


def search_field(name: str) -> str:
    """A field as `search` and the by-clauses name it: in double quotes unless it is a dotted word."""
    return name if _SEARCH_FIELD.match(name) else f'"{name}"'


def search_value(text: str) -> str:
    """A value of `search`; only for texts that `is_searchable`."""
    return f'"{text}"'


_SEARCHABLE = re.compile(r"[ !#%&'()+,\-./0-9:;<=>?@A-Z^_a-z{}~]+\Z")


def is_searchable(text: str) -> bool:
    """Whether `search f="text"` compares the whole value with `text`, upper and lower case alike, and nothing else.

    `search` cannot escape an asterisk, folds case beyond ASCII, and expands `$` and backticks in some places.
    """
    return bool(_SEARCHABLE.match(text)) and text == text.strip()


_CLASSED = frozenset(".*+?()|{}[")
_CONTROLS = {"\n": "\\n", "\t": "\\t"}


def regex_char(char: str) -> str:
    """One literal character in a regular expression."""
    if char in _CLASSED:
        return f"[{char}]"
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char == "\\":
        return "[\\\\\\\\]"
    if char in '"^]':
        return "\\" + char
    if char in "$`" or char < " " or char == "\x7f":
        return f"[\\x{ord(char):02X}]"
    return NEVER if _SURROGATE.match(char) else char


def class_char(char: str) -> str:
    """One literal character inside the brackets of a regular expression's class."""
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char == "\\":
        return "\\\\\\\\"
    if char in '"^]-[':
        return "\\" + char
    if char in "$`" or char < " " or char == "\x7f":
        return f"\\x{ord(char):02X}"
    return char
