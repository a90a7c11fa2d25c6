"""Names and values between the signs that SPL wants around them, and which names can stand there at all."""

from __future__ import annotations

import re

from converter.deferred import compiled
from converter.languages.spl.syntax import Quoting, Word

_EVAL_FIELD = compiled(r"[^\W\d]\w*\Z", re.ASCII)
_ANY_FIELD = compiled(r"[\w.{}@:/#+* -]+\Z", re.ASCII)
_SEARCH_FIELD = compiled(r"[^\W\d][\w.]*[*]?\Z", re.ASCII)
_EVAL_WORDS = frozenset({"and", "or", "not", "xor", "in", "like", "true", "false", "null"})
_SEARCH_WORDS = frozenset({"AND", "OR", "NOT", "XOR", "IN", "AS", "BY", "CASE", "TERM", "OUTPUT", "OUTPUTNEW"})
_BARE = compiled(r"[\w.*:@+/-]+\Z", re.ASCII)


def is_field(name: str) -> bool:
    """Whether a field name can be quoted: Splunk documents no escape inside its quotes."""
    return bool(_ANY_FIELD.match(name)) and name == name.strip() and "*" not in name


def eval_field(name: str) -> str:
    """A field as eval and where name it: in single quotes unless it is a plain word."""
    return name if _EVAL_FIELD.match(name) and name.lower() not in _EVAL_WORDS else f"'{name}'"


def search_field(name: str) -> str:
    """A field as `search` and the other commands name it: in double quotes unless it is a dotted word."""
    return name if _SEARCH_FIELD.match(name) and name.upper() not in _SEARCH_WORDS else f'"{name}"'


def is_bare(raw: str) -> bool:
    """Whether a value of `search` needs no quotation marks."""
    return bool(_BARE.match(raw)) and raw.upper() not in _SEARCH_WORDS


def word(value: Word) -> str:
    """A value of `search`."""
    match value.quoting:
        case Quoting.BARE:
            return value.raw
        case Quoting.QUOTED:
            return f'"{value.raw}"'
        case Quoting.CASE:
            return f"CASE({value.raw})"
