"""Kusto literals and names: any text of a rule stays a value, whatever it holds."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Sequence

# Q scalar-data-types/string.md: the escapes that a "..." literal knows.
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}

# Control, format, line and paragraph separators, surrogates: never written raw.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def hidden(char: str) -> bool:
    """Whether a character is written as an escape: it cannot be seen, or could end a line."""
    return unicodedata.category(char) in _HIDDEN


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if not hidden(char):
        return char
    short = char <= "\uffff"
    return f"\\u{ord(char):04x}" if short else f"\\U{ord(char):08x}"


def text(value: str) -> str:
    r"""A string literal; with backslashes and nothing that needs an escape the verbatim form `@"C:\x"`."""
    plain = value.isascii() and value.isprintable()
    if plain and "\\" not in value and '"' not in value:
        return f'"{value}"'
    if "\\" in value and (plain or not any(hidden(c) for c in value)):
        return verbatim(value)
    return '"' + "".join(map(_escaped, value)) + '"'


def verbatim(value: str) -> str:
    """`@"..."`, where only the quote is doubled; the value holds no line break."""
    return '@"' + value.replace('"', '""') + '"'


def texts(values: Sequence[str]) -> tuple[str, ...]:
    """The literals of several texts."""
    return tuple(map(text, values))


def array(values: Sequence[str]) -> str:
    """A dynamic literal that holds texts."""
    return f"dynamic({json.dumps(list(values))})"


def _bare(word: str) -> bool:
    """Whether a name may stand without quotes: no word of the language starts with a capital or an underscore."""
    return word.isascii() and word.isidentifier() and (word[:1].isupper() or word[:1] == "_")


_QUOTED = re.compile(r"\['(?:[^'\\]|\\.)*'\]")


def is_name(expression: str) -> bool:
    """Whether an expression is one column's name as `name` writes it."""
    return _bare(expression) or bool(_QUOTED.fullmatch(expression))


def name(column: str) -> str:
    """A column's or table's name, bare where it can be, else `['name']`."""
    if _bare(column):
        return column
    return "['" + "".join(_escaped_name(c) for c in column) + "']"


def _escaped_name(char: str) -> str:
    return r"\'" if char == "'" else char if char == '"' else _escaped(char)


def member(base: str, key: str) -> str:
    """A property of a dynamic value."""
    if _bare(key):
        return f"{base}.{key}"
    return f"{base}[{text(key)}]"


def path(parts: Sequence[str]) -> str:
    """A column and properties inside it."""
    out = name(parts[0])
    for part in parts[1:]:
        out = member(out, part)
    return out


def boolean(*, value: bool) -> str:
    """`true` or `false`."""
    return "true" if value else "false"


def number(value: float) -> str:
    """A long or real literal; a negative one stands in a form that needs no blank before it."""
    if isinstance(value, int):
        return str(value) if -(2**63) < value < 2**63 else f"real({value})"
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        return {"nan": "real(nan)", "inf": "real(+inf)", "-inf": "real(-inf)"}[str(value)]
    return str(int(value)) + ".0" if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST_MS = 253_402_300_799_999


def instant(ms: int) -> str:
    """A datetime literal; a time outside Kusto's years 1 to 9999 becomes the first or last of them."""
    first_ms = -62_135_596_800_000
    at = _EPOCH + dt.timedelta(milliseconds=min(max(ms, first_ms), _LAST_MS))
    fraction = f".{at.microsecond // 1000:03d}" if at.microsecond else ""
    return (
        f"datetime({at.year:04d}-{at.month:02d}-{at.day:02d}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}{fraction}Z)"
    )


_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))


def span(ms: int) -> str:
    """A timespan literal in the largest unit that says it whole."""
    unit, sign = next((size, sign) for size, sign in _UNITS if ms % size == 0)
    return f"{ms // unit}{sign}" if ms >= 0 else f"-{-ms // unit}{sign}"
