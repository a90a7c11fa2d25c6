"""YAML text which every reader takes for the same values, in the shape that people write rules in.

Lists stand inside their key, lines end with LF; a text is plain where no reader of YAML 1.1 or 1.2 takes it for
something else, a text of several lines is a block where it can stand as it is; all else is in single quotes, or in
double quotes where it holds signs that have to be escaped. PyYAML's own writer needs ten times as long.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import compiled

_ASTRAL = 0x10000

# A text may stand plain if it begins with a letter, digit or "_", and holds nothing that YAML gives a meaning.
_PLAIN = compiled(r"[A-Za-z0-9_](?:[A-Za-z0-9 _.,/()'+@$<>=&*-]|:(?! |$)|\|(?=[a-z]))*(?<! )")
# Plain scalars that YAML 1.1 or YAML 1.2 readers take for something else than text; a version (1.0.0) none does.
_AMBIGUOUS = compiled(
    r"(?!\d+\.\d+\.\d+$)[-+]?(?:0x[\da-f_]+|(?:0[ob])?[\d_.,:]+(?:e[-+]?\d+)?|\.(?:inf|nan))"
    r"|null|true|false|yes|no|on|off|y|n"
    r"|\d{4}-\d\d?-\d\d?.*",
    re.IGNORECASE,
)
_SIGNS = r"\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_LINE = compiled(rf"[ -~\xa0{_SIGNS}]*(?<! )")
_PRINTABLE = compiled(rf"[ -~{_SIGNS}]*")


def dump(document: Mapping[str, object], step: str = "    ") -> str:
    """One YAML document, keys in the given order. `step`: the blanks of an indent, at least two."""
    return "".join(f"{line}\n" for line in _mapping(document, "", step))


def _mapping(node: Mapping[str, object], indent: str, step: str) -> Iterator[str]:
    for key, value in node.items():
        head = f"{indent}{_scalar(key)}:"
        match value:
            case Mapping() if value:
                yield head
                yield from _mapping(value, indent + step, step)
            case str() if _is_block(value):
                yield f"{head} {'|' if value[-1] == chr(10) else '|-'}"
                yield from (f"{indent}{step}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
            case Sequence() if value and not isinstance(value, str):
                yield head
                yield from _sequence(value, indent + step, step)
            case _:
                yield f"{head} {_scalar(value)}"


def _sequence(node: Sequence[object], indent: str, step: str) -> Iterator[str]:
    for value in node:
        if isinstance(value, Mapping) and value:
            first, *rest = _mapping(value, indent + "  ", step)
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is: the first line says how far in the block is."""
    lines = text.removesuffix("\n").split("\n")
    edges = bool(lines[0]) and lines[0][0] != " " and bool(lines[-1])
    return "\n" in text and edges and all(map(_LINE.fullmatch, lines))


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
