r"""Text that a rule controls, written so that Splunk reads it back as the same text and nothing else.

What Splunk's documents leave open about literals (which escapes a string knows besides ``\\``, ``\"``, whether the
string layer halves a backslash before the regular expression is compiled) is avoided, not guessed:

* a string literal is used only for characters on which all readings agree (`is_plain`);
* a regular expression escapes by class, ``[.]``, writes a backslash as ``[\\\\]`` (one backslash, halved or not) and
  the signs that dashboards and macros expand, ``$`` and the backtick, as ``[\x24]`` and ``[\x60]``, which is the same
  class whether the string layer or the regular expression reads ``\x24``; signs that do not show, and those that
  some readers of .conf files take for the end of a line, are written as their numbers too;
* a value of ``search`` escapes the backslash and the quotation mark, as its page says, and holds no asterisk but as a
  wildcard, for which it has no escape (Search Manual, "Backslashes").
"""

from __future__ import annotations

import ipaddress
import re

from converter.deferred import compiled
from converter.languages.spl.quoting import is_bare
from converter.languages.spl.syntax import Quoting, Text, Word
from converter.model.pattern import Pattern, Wild

_UNSAFE_IN_STRING = compiled(r"[\x00-\x1f\x7f-\x9f$`\u2028\u2029\ud800-\udfff]")
_NUMBER_LIKE = compiled(r"\s*[+-]?(?:[.]?\d|inf|nan)", re.IGNORECASE)
_SURROGATE = compiled(r"[\ud800-\udfff]")

_ONE_BYTE = 0xFF

NEVER = "(?!)"
"""A regular expression that matches nothing: for a lone surrogate, which no event can hold."""

RESERVED = frozenset(
    {"and", "or", "not", "xor", "in", "where", "earliest", "latest", "_index_earliest", "_index_latest", "eventtype"}
    | {"savedsearch", "search", "starttime", "endtime", "hosttag", "timeformat", "minutesago", "daysago"}
)
"""Names that `search` reads as keywords, time modifiers or tags and not as fields. Names of fields have a case."""


def is_plain(text: str) -> bool:
    """Whether `string` writes `text` with certainty and `==` compares it as text.

    A text that begins like a number may be compared as a number; an empty one is not settled either.
    """
    return bool(text) and not _UNSAFE_IN_STRING.search(text) and not _NUMBER_LIKE.match(text)


def string(text: str) -> Text:
    """A string literal of eval and where."""
    return Text(text.replace("\\", "\\\\").replace('"', '\\"'))


_SEARCHABLE = compiled(r"[ !#$%&'()+,\-./0-9:;<=>?@A-Z\[\]^_a-z{}~|\\\"]*\Z")
_CASED = compiled(r"[A-Za-z0-9_.:@/=#%-]*\Z")
_NETWORK = compiled(r"[0-9A-Fa-f:.]+/\d{1,3}\Z")


def is_searchable(text: str) -> bool:
    """Whether a quoted value of `search` can hold the text.

    It folds case beyond ASCII, expands backticks and what stands between two dollar signs in some places, and cannot
    escape an asterisk.
    """
    return bool(_SEARCHABLE.match(text)) and text.count("$") <= 1


def blind_word(parts: Pattern) -> Word | None:
    """The pattern as `search` compares it with a whole value, upper and lower case alike; None if it cannot say it.

    A text that looks like a network would be read as one ("CIDR matching" on the page of `search`).
    """
    raw = _wildcards(parts, is_searchable)
    if raw is not None and raw.count("$") > 1:
        return None
    if raw is None or raw != raw.strip() or _is_network(parts):
        return None
    if raw.isascii() and raw.isdigit():
        return Word(raw, Quoting.BARE)
    return Word(raw.replace("\\", "\\\\").replace('"', '\\"'))


def case_word(parts: Pattern) -> Word | None:
    """The pattern inside `CASE()`, which compares letters as they are (page of `search`, "CASE() and TERM()").

    Its page shows neither quotation marks nor escapes there, so that only signs that break no major segment and have
    no meaning of their own are written.
    """
    raw = _wildcards(parts, lambda text: bool(_CASED.match(text)))
    if raw is None or _is_network(parts):
        return None
    return Word(raw, Quoting.CASE)


def _wildcards(parts: Pattern, fits: object) -> str | None:
    out = ""
    for part in parts.parts:
        if part is Wild.ANY_RUN:
            out += "*"
        elif isinstance(part, str) and fits(part):  # type: ignore[operator]
            out += part
        else:
            return None
    return out if out.strip("*") else None


def _is_network(parts: Pattern) -> bool:
    text = parts.literal
    if text is None or not _NETWORK.match(text):
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def constant(text: str) -> Word:
    """A constant of a table or of the platform: bare if that is possible."""
    return Word(text, Quoting.BARE) if is_bare(text) else Word(text.replace("\\", "\\\\").replace('"', '\\"'))


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
    if _SURROGATE.match(char):
        return NEVER
    return f"[{_numbered(char)}]" if char in "$`" or not char.isprintable() else char


def class_char(char: str) -> str:
    """One literal character inside the brackets of a regular expression's class."""
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char == "\\":
        return "\\\\\\\\"
    if char in '"^]-[':
        return "\\" + char
    return _numbered(char) if char in "$`" or not (char.isprintable() or _SURROGATE.match(char)) else char


def _numbered(char: str) -> str:
    """A character by its number (PCRE: "Non-printing characters")."""
    code = ord(char)
    return f"\\x{code:02X}" if code <= _ONE_BYTE else f"\\x{{{code:X}}}"
