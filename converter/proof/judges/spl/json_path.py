"""JSON as Splunk names it: `a.b`, `list{}` for every element, `list{0}` for one."""

from __future__ import annotations

import json
import re
from typing import Final

from converter.proof.judges.spl.values import Scalar, Stored, many

_STEP: Final = re.compile(r"([^.{}]*)((?:\{\d*\})*)(?:\.|$)")


def shown(value: object) -> Scalar | None:
    """One JSON value as text: true and false by name, objects and arrays as compact JSON, null not at all."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def read_path(source: str, path: str) -> Stored | None:
    """The values at `path`, or None for text that is not JSON or has nothing there."""
    try:
        document: object = json.loads(source)
    except ValueError:
        return None
    found: list[object] = [document]
    for name, indexes in (one for one in _STEP.findall(path) if one != ("", "")):
        if name:
            found = [one[name] for one in found if isinstance(one, dict) and name in one]
        for index in re.findall(r"\{(\d*)\}", indexes):
            lists = [one for one in found if isinstance(one, list)]
            if index:
                found = [one[int(index)] for one in lists if int(index) < len(one)]
            else:
                found = [element for one in lists for element in one]
    return many(text for one in found if (text := shown(one)) is not None)
