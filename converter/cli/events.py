"""Events that a user gives: a JSON list, or JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.rulefile.codes import F030


def read_events(path: Path) -> list[dict[str, object]]:
    """Events from a file: a JSON list, or JSON lines. Raises RuleFileError."""
    from converter.rulefile import read_bounded

    text = read_bounded(path)
    source = Source(path.as_posix(), text)
    if text.lstrip().startswith("["):
        return _objects(_json(text, source, 0), source, 0)
    found: list[dict[str, object]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            found += _objects([_json(line, source, start)], source, start)
        start += len(line)
    return found


def _json(text: str, source: Source, start: int) -> object:
    try:
        value: object = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = start + getattr(error, "pos", 0)
        message = f"the events are no JSON: {getattr(error, 'msg', 'nested too deeply')}"
        hint = "give one JSON object a line, or a list of objects"
        raise RuleFileError(Diagnostic(F030, message, span=Span(at, at + 1), source=source, hint=hint)) from None
    return value


def _objects(values: object, source: Source, start: int) -> list[dict[str, object]]:
    if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
        message = "an event must be a JSON object"
        raise RuleFileError(Diagnostic(F030, message, span=Span(start, start + 1), source=source))
    return values
