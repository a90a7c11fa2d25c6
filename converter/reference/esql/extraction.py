"""DISSECT and GROK on one text (rules Q47, Q48)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

from converter.model.pipeline import Capture, Capturing, Cutting, Extract, Type
from converter.reference.esql import text as convert
from converter.reference.esql.value import Scalar, Value, many, values_of

Cut = Callable[[str], Mapping[str, Value] | None]
"""The columns that a text gives; None where it does not fit."""


def extraction(stage: Extract) -> Callable[[Value], dict[str, Value]]:
    """The columns that a value gives; of several values each is cut, and what is found stands together."""
    cut: Cut
    how = stage.how
    cut = functools.partial(_dissect, how) if isinstance(how, Cutting) else functools.partial(_grok, how)
    names = [column.name for column in stage.columns]

    def compiled(value: Value) -> dict[str, Value]:
        found: dict[str, list[Scalar]] = {name: [] for name in names}
        for one in values_of(value):
            for name, part in (cut(str(one)) or {}).items():
                found[name] += values_of(part)
        return {name: many(values) for name, values in found.items()}

    return compiled


def _dissect(how: Cutting, text: str) -> dict[str, Value] | None:
    if not text.startswith(how.head):
        return None
    position = len(how.head)
    plain: dict[str, Value] = {}
    appended: dict[str, list[tuple[int, int, str]]] = {}
    for number, key in enumerate(how.keys):
        end = text.find(key.delimiter, position) if key.delimiter else len(text)
        if end < 0:
            return None
        part = text[position:end]
        position = end + len(key.delimiter)
        while key.padded and key.delimiter and text.startswith(key.delimiter, position):
            position += len(key.delimiter)
        if key.into and key.append:
            appended.setdefault(key.into, []).append((key.rank, number, part))
        elif key.into:
            plain[key.into] = part
    for name, parts in appended.items():
        first = [str(plain[name])] if name in plain else []
        plain[name] = how.separator.join([*first, *(part for _, _, part in sorted(parts))])
    return plain


@functools.lru_cache(maxsize=512)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


def _grok(how: tuple[Capturing, ...], text: str) -> dict[str, Value] | None:
    for one in how:
        found = _compiled(one.regex).search(text)
        if found is not None:
            return _captured(one.captures, found)
    return None


def _captured(captures: tuple[Capture, ...], found: re.Match[str]) -> dict[str, Value]:
    out: dict[str, list[Scalar | None]] = {}
    for capture in captures:
        part = found[capture.group]
        value: Scalar | None = part
        if part is not None and capture.type in (Type.INTEGER, Type.LONG):
            value = convert.whole(part, capture.type)
        elif part is not None and capture.type is Type.DOUBLE:
            value = convert.double(part)
        elif part is not None and capture.type is Type.BOOLEAN:
            value = convert.boolean(part)
        out.setdefault(capture.into, []).append(value)
    return {name: many(values) for name, values in out.items()}
