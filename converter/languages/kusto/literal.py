"""Literals and names of Kusto: a value stays a value, whatever text it is.

https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/string and .../schema-entities/entity-names
"""

from __future__ import annotations

import functools
import re
import unicodedata

from converter.deferred import compiled

_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}

# Control, format, line and paragraph separators, surrogates: never written raw.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}

# Words that the language may read as its own where a column stands: written as ['word'].
_RESERVED = frozenset(
    word
    for line in (
        "access accumulate aggregate alias all alter and append as asc assert bagexpansion between bin bin_legacy",
        "bool boolean by bytes callout cluster consume contains contains_cs containscs count create database",
        "dataexport datascope datatable date datetime day decimal declare default define delete desc distinct",
        "double drop dynamic edges elif else endswith endswith_cs entity evaluate exact execute extend external",
        "externaldata extract facet false filter find first flags float fork format from function graph guid has",
        "has_all has_any has_any_index has_cs has_ipv4 hasprefix hasprefix_cs hassuffix hassuffix_cs hint hour id",
        "iff iif in int into invoke is isfuzzy join key kind last legend let like likecs limit linear list load",
        "long lookup macro make map match matches materialize max min mv mvapply mvexpand node nodes none not",
        "notcontains notcontainscs notlike null nulls of on only or order others output over pack parse partition",
        "pathformat pattern persist policy print project query queryparameters range real reduce regex relaxed",
        "render restrict sample scan search sec select serialize series set shards simple sort startswith",
        "startswith_cs step string sum summarize table take time timeline timespan title to top toscalar true type",
        "typeof uint ulong union until using uuid verbose view viewers views where with with_itemindex",
        "with_match_id with_source with_step_name withsource year",
    )
    for word in line.split()
)
_WORD = compiled(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NEVER = frozenset({"_"})


def hidden(char: str) -> bool:
    """Whether a character is written as an escape: it cannot be seen, or could end a line."""
    return unicodedata.category(char) in _HIDDEN


def _is_plain(value: str) -> bool:
    """Whether no character is hidden, asked in one go: what can be printed is not."""
    return value.isprintable()


def visible(text: str) -> str:
    """A text with a blank in the place of every hidden character."""
    return text if text.isprintable() else "".join(" " if hidden(c) else c for c in text)


def escaped(char: str) -> str:
    """A character inside of `"..."`."""
    if char in _ESCAPES:
        return _ESCAPES[char]
    if not hidden(char):
        return char
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def text(value: str) -> str:
    r"""A string literal; with backslashes and nothing that needs an escape the verbatim form `@"C:\x"`."""
    if "\\" in value and (_is_plain(value) or not any(map(hidden, value))):
        return verbatim(value)
    return quoted(value)


def quoted(value: str) -> str:
    """`"..."`, whatever the text is."""
    if _is_plain(value):
        inside = value.replace("\\", r"\\").replace('"', r"\"")
        return f'"{inside}"'
    return '"' + "".join(map(escaped, value)) + '"'


def verbatim(value: str) -> str:
    """`@"..."`, where only the quote is doubled; the value holds no line break."""
    return '@"' + value.replace('"', '""') + '"'


def is_bare(word: str) -> bool:
    """Whether a name may stand without quotes."""
    return bool(_WORD.fullmatch(word)) and word not in _RESERVED and word not in _NEVER


@functools.lru_cache(maxsize=4096)
def name(column: str) -> str:
    """A column's or table's name, bare where it can be, else `['name']`."""
    if is_bare(column) or column in {"$left", "$right"}:
        return column
    if _is_plain(column) and "'" not in column and "\\" not in column:
        return f"['{column}']"
    return "['" + "".join(_escaped_name(c) for c in column) + "']"


def _escaped_name(char: str) -> str:
    return r"\'" if char == "'" else char if char == '"' else escaped(char)


def number(value: float) -> str:
    """A long or real literal."""
    if isinstance(value, int):
        return str(value) if -(2**63) < value < 2**63 else f"real({value})"
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        return {"nan": "real(nan)", "inf": "real(+inf)", "-inf": "real(-inf)"}[str(value)]
    return str(int(value)) + ".0" if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004


_UNESCAPED = {
    "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
_ESCAPE = compiled(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


def unescaped(body: str) -> str | None:
    """The value of what stands between the quotes of `"..."`; None if an escape is none of the language's."""
    wrong = [found[5] for found in _ESCAPE.finditer(body) if found[5] is not None and found[5] not in _UNESCAPED]
    return None if wrong else _ESCAPE.sub(_value, body)


def _value(found: re.Match[str]) -> str:
    if found[1] is not None:
        return chr(int(found[1], 8))
    code = found[2] or found[3] or found[4]
    return chr(int(code, 16)) if code is not None else _UNESCAPED[found[5]]
