"""The functions on text (rules Q23 to Q27)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, unquote_to_bytes

from converter.model.operation import Operation
from converter.readers.esql.java import JavaRegexError, expression, replacement
from converter.reference.esql.json_path import json_extract
from converter.reference.esql.value import Value, many

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_JAVA_SPACE = "".join(map(chr, (*range(9, 14), *range(28, 33))))
_LONGEST = 1 << 20
"""What SPACE and REPEAT may make (elastic: 1 MB)."""


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if length is not None and length < 0:
        return None
    first = start - 1 if start > 0 else max(len(text) + start, 0) if start < 0 else 0
    return text[first : None if length is None else first + length]


def _locate(text: str, part: str, start: int = 0) -> int:
    return text.find(part, max(start - 1, 0)) + 1


def _right(text: str, length: int) -> str:
    return text[len(text) - length :] if 0 < length < len(text) else text if length > 0 else ""


def _replace(text: str, regex: str, template: str) -> str | None:
    try:
        found = expression(regex)
        parts = replacement(template, found.groups)
    except JavaRegexError:
        return None
    return found.sub(lambda m: "".join(p if isinstance(p, str) else (m[p] or "") for p in parts), text)


def _count_matches(text: str, regex: str) -> int | None:
    try:
        return sum(1 for _ in expression(regex).finditer(text))
    except JavaRegexError:
        return None


def _split(text: str, delimiter: str) -> Value:
    if not delimiter:
        return many(list(text)) if text else text
    return many(text.split(delimiter))


def _url_decode(text: str) -> str | None:
    if _PERCENT.search(text):
        return None
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def _from_base64(text: str) -> str | None:
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _hash(algorithm: str, text: str) -> str | None:
    """By a name of Java's: MD5, SHA-1, SHA-256 and their like."""
    name = algorithm.lower().removeprefix("sha-")
    name = name.replace("/", "_").replace("-", "_")
    name = f"sha{name}" if name[:1].isdigit() else name
    known = name in hashlib.algorithms_available
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest() if known else None


def _digest(name: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


TEXTUAL: Mapping[Operation, Callable[..., Value]] = {
    Operation.LENGTH: len,
    Operation.BYTE_LENGTH: lambda t: len(t.encode()),
    Operation.BIT_LENGTH: lambda t: 8 * len(t.encode()),
    Operation.SUBSTRING: _substring,
    Operation.LEFT: lambda t, n: t[: max(n, 0)],
    Operation.RIGHT: _right,
    Operation.LOCATE: _locate,
    Operation.CONTAINS: lambda t, p: p in t,
    Operation.STARTS_WITH: lambda t, p: t.startswith(p),
    Operation.ENDS_WITH: lambda t, p: t.endswith(p),
    Operation.CONCAT: lambda *t: "".join(t),
    Operation.TO_LOWER: lambda t: t.lower(),
    Operation.TO_UPPER: lambda t: t.upper(),
    Operation.TRIM: lambda t: t.strip(_JAVA_SPACE),
    Operation.LEFT_TRIM: lambda t: t.lstrip(_JAVA_SPACE),
    Operation.RIGHT_TRIM: lambda t: t.rstrip(_JAVA_SPACE),
    Operation.REPLACE: _replace,
    Operation.COUNT_MATCHES: _count_matches,
    Operation.SPLIT: _split,
    Operation.SPACE: lambda n: " " * n if 0 <= n <= _LONGEST else None,
    Operation.REPEAT: lambda t, n: t * n if n >= 0 and len(t) * n <= _LONGEST else None,
    Operation.REVERSE: lambda t: t[::-1],
    Operation.URL_DECODE: _url_decode,
    Operation.URL_ENCODE: quote_plus,
    Operation.URL_ENCODE_COMPONENT: lambda t: quote(t, safe=""),
    Operation.FROM_BASE64: _from_base64,
    Operation.TO_BASE64: lambda t: base64.b64encode(t.encode()).decode(),
    Operation.JSON_EXTRACT: json_extract,
    Operation.MD5: _digest("md5"),
    Operation.SHA1: _digest("sha1"),
    Operation.SHA256: _digest("sha256"),
    Operation.HASH: _hash,
}
