"""Texts in codes: percent signs, Base64, digests, JSON."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import urllib.parse

_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STEP = re.compile(r"""\.?([^.\[\]'"]+)|\[([0-9]+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")


class _Raw(str):
    """A number as it stands in the JSON text."""


def url_decoded(text):
    if _BAD_PERCENT.search(text):
        return None
    return urllib.parse.unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def url_encoded(text):
    return urllib.parse.quote_plus(text)


def from_base64(text):
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def to_base64(text):
    return base64.b64encode(text.encode()).decode()


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _object(pairs):
    """Of keys that repeat the first counts."""
    found = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def json_value(text, path):
    """The value at a path as text; None for null and for none."""
    path = path.removeprefix("$")
    steps, position = [], 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return None
        names = [part for part in (step[1], step[3], step[4]) if part is not None]
        steps.append(int(step[2]) if step[2] is not None else names[0])
        position = step.end()
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_float=_Raw, parse_int=_Raw)
    except (ValueError, RecursionError):
        return None
    for step in steps:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            return None
    return str(found) if isinstance(found, str) else _written(found)


def _written(value):
    if isinstance(value, _Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + _written(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
