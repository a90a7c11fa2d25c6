"""YAML text in the shape of Sigma's own rules, which every reader takes for the same values.

Four blanks an indent, lists inside their key, LF; a text is plain where no reader of YAML 1.1 or 1.2 takes it for
something else, else in single quotes; in double quotes only where it holds signs that have to be escaped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import compiled

_STEP = "    "
_ASTRAL = 0x10000

# A text may stand plain if it begins with a letter or digit, and holds nothing that YAML gives a meaning.
_PLAIN = compiled(r"[A-Za-z0-9](?:[A-Za-z0-9 _.,/()'+@$<>=*-]|:(?! |$)|\|(?=[a-z]))*(?<! )")
# Plain scalars that YAML 1.1 or YAML 1.2 readers take for something else than text.
_AMBIGUOUS = compiled(
    r"(?:[-+]?(?:0[xob])?[\da-f_.,:]+(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|nan)|null|true|false|yes|no|on|off|y|n)"
    r"|\d{4}-\d\d?-\d\d?.*",
    re.IGNORECASE,
)
_SIGNS = r"\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe"
_BLOCK = compiled(rf"(?:[!-~{_SIGNS}][ !-~{_SIGNS}]*)?(?<! )")
_PRINTABLE = compiled(rf"[ -~{_SIGNS}\U00010000-\U0010ffff]*")


def dump(document: Mapping[str, object]) -> str:
    """One YAML document, keys in the given order."""
    return "".join(f"{line}\n" for line in _mapping(document, ""))


def _mapping(node: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in node.items():
        head = f"{indent}{_scalar(key)}:"
        match value:
            case Mapping() if value:
                yield head
                yield from _mapping(value, indent + _STEP)
            case str() if _is_block(value):
                yield f"{head} |-"
                yield from (f"{indent}{_STEP}{line}" if line else "" for line in value.split("\n"))
            case Sequence() if value and not isinstance(value, str):
                yield head
                yield from _sequence(value, indent + _STEP)
            case _:
                yield f"{head} {_scalar(value)}"


def _sequence(node: Sequence[object], indent: str) -> Iterator[str]:
    for value in node:
        if isinstance(value, Mapping) and value:
            first, *rest = _mapping(value, indent + "  ")
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is."""
    return "\n" in text and all(map(_BLOCK.fullmatch, text.split("\n"))) and text[-1] != "\n" and text[0] != "\n"


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case dt.date():
            return value.isoformat()
        case str():
            return _text(value)
        case None:
            return "null"
        case Mapping():
            return "{}"
        case Sequence():
            return "[]"
        case _:
            raise AssertionError(f"no document holds {value!r}")


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return text
    if _PRINTABLE.fullmatch(text):
        quoted = text.replace("'", "''")
        return f"'{quoted}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if _PRINTABLE.fullmatch(char):
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < _ASTRAL else f"\\U{code:08x}"


def date(text: str) -> dt.date | None:
    """A rule file's date (2025/06/17), None if it is none."""
    found = re.fullmatch(r"(\d{4})[/-](\d{2})[/-](\d{2})", text)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
