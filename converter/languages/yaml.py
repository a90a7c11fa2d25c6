"""YAML text which every reader takes for the same values, in the shape that people write rules in.

Lists stand inside their key, lines end with LF; a text is plain where no reader of YAML 1.1 or 1.2 takes it for
something else, a text of several lines is a block where it can stand as it is; all else is in single quotes, or in
double quotes where it holds signs that have to be escaped. PyYAML's own writer needs ten times as long.
"""

from __future__ import annotations

import datetime as dt
import math
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
# All beyond ASCII but what ends a line to some reader, and what nobody sees (category Cf): reviewers would be misled.
_SIGNS = (
    r"\xa1-\xac\xae-\u05ff\u0606-\u061b\u061d-\u06dc\u06de-\u070e\u0710-\u088f\u0892-\u08e1\u08e3-\u180d\u180f-\u200a"
    r"\u2010-\u2027\u202f-\u205f\u2070-\ud7ff\ue000-\ufefe\uff00-\ufff8\ufffc\ufffd"
    r"\U00010000-\U000110bc\U000110be-\U000110cc\U000110ce-\U0001342f\U00013440-\U0001bc9f\U0001bca4-\U0001d172"
    r"\U0001d17b-\U000dffff\U000e0080-\U0010ffff"
)
_LINE = compiled(rf"[ -~\xa0{_SIGNS}]*(?<! )")
_PRINTABLE = compiled(rf"[ -~{_SIGNS}]*")
# What a reader may take for a key without a "?" before it: YAML 1.2, 7.4.2, where its limit is 1024 signs.
_LONGEST_KEY = 1000


def dump(document: Mapping[str, object], step: str = "    ") -> str:
    """One YAML document, keys in the given order. `step`: the blanks of an indent, at least two."""
    return "".join(f"{line}\n" for line in _mapping(document, "", step))


def _mapping(node: Mapping[str, object], indent: str, step: str) -> Iterator[str]:
    for key, value in node.items():
        name = _scalar(key)
        head = f"{indent}{name}:" if len(name) <= _LONGEST_KEY else f"{indent}? {name}\n{indent}:"
        match value:
            case str() if _is_block(value):
                yield f"{head} {'|' if value[-1] == chr(10) else '|-'}"
                yield from (f"{indent}{step}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
            case str():
                yield f"{head} {_text(value)}"
            case Mapping() if value:
                yield head
                yield from _mapping(value, indent + step, step)
            case Sequence() if value:
                yield head
                yield from _sequence(value, indent + step, step)
            case _:
                yield f"{head} {_scalar(value)}"


def _sequence(node: Sequence[object], indent: str, step: str) -> Iterator[str]:
    for value in node:
        match value:
            case str():
                yield f"{indent}- {_text(value)}"
            case Mapping() if value:
                first, *rest = _mapping(value, indent + "  ", step)
                yield f"{indent}- {first.removeprefix(indent + '  ')}"
                yield from rest
            case Sequence() if value:
                yield f"{indent}-"
                yield from _sequence(value, indent + "  ", step)
            case _:
                yield f"{indent}- {_scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is: the first line says how far in the block is."""
    if "\n" not in text:
        return False
    lines = text.removesuffix("\n").split("\n")
    edges = bool(lines[0]) and lines[0][0] != " " and bool(lines[-1])
    return edges and all(map(_LINE.fullmatch, lines))


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return repr(value)
        case float():
            return _number(value)
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


def _number(value: float) -> str:
    """A number that readers of YAML 1.1 take for one too: 1e+16 has no point, and is a text to them."""
    text = repr(value)
    if not math.isfinite(value):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    mantissa, letter, exponent = text.partition("e")
    return text if not letter or "." in mantissa else f"{mantissa}.0e{exponent}"


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
