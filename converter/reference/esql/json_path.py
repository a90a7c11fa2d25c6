"""JSON_EXTRACT: one value of a JSON text by its path, as text (rule Q27)."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

_STEP = re.compile(r"""\.?([^.\[\]'"]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")
_Json: TypeAlias = Any


class _Number(str):
    """A number as it stands in the text."""

    __slots__ = ()


def _pairs(found: list[tuple[str, _Json]]) -> dict[str, _Json]:
    """An object; of keys that repeat the first counts."""
    out: dict[str, _Json] = {}
    for key, value in found:
        out.setdefault(key, value)
    return out


def _steps(path: str) -> list[str | int] | None:
    text = path.removeprefix("$")
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            return None
        name, index, single, double = found.groups()
        steps.append(int(index) if index is not None else next(p for p in (name, single, double) if p is not None))
        position = found.end()
    return steps


def json_extract(text: str, path: str) -> str | None:
    """The value at `path`: text without quotes, numbers as written, objects and arrays as JSON; null for none."""
    steps = _steps(path)
    if steps is None:
        return None
    try:
        found: _Json = json.loads(text, object_pairs_hook=_pairs, parse_float=_Number, parse_int=_Number)
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


def _written(value: _Json) -> str:
    """A value as compact JSON."""
    match value:
        case _Number():
            return str(value)
        case dict():
            return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_written(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
