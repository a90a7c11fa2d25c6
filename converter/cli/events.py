"""Events that a user gives: a JSON list, or JSON lines."""

from __future__ import annotations

import json
import re
from pathlib import Path

from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.rulefile.codes import F030

_LONGEST_NUMBER = 400
"""Digits of a number: more than a double has."""


def read_events(path: Path) -> list[dict[str, object]]:
    """Events from a file: a JSON list, or JSON lines, at least one. Raises RuleFileError."""
    from converter.rulefile import read_bounded

    text = read_bounded(path)
    source = Source(path.as_posix(), text)
    events = _read(text, source)
    if not events:
        hint = "without --events the events are made from the rule"
        raise RuleFileError(Diagnostic(F030, "the file holds no event", source=source, hint=hint))
    return events


def _read(text: str, source: Source) -> list[dict[str, object]]:
    if text.lstrip().startswith("["):
        return _objects(_json(text, source, 0), source, 0)
    found: list[dict[str, object]] = []
    start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):  # a line separator of Unicode may stand inside a text of JSON
        if line.strip():
            found += _objects([_json(line, source, start)], source, start)
        start += len(line)
    return found


def _json(text: str, source: Source, start: int) -> object:
    try:
        value: object = json.loads(text, parse_int=_whole)
        json.dumps(value, ensure_ascii=False).encode()  # half a character cannot be shown, nor sent to an engine
    except UnicodeEncodeError:
        half = re.search(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", text)
        at = start + (half.start() if half is not None else 0)
        hint = "\\uD800 to \\uDFFF come in pairs"
        message = "a text holds half a character"
        raise RuleFileError(Diagnostic(F030, message, span=Span(at, at + 6), source=source, hint=hint)) from None
    except _TooLongError as error:
        at = start + text.find(error.digits)
        hint = "no field of Elasticsearch holds such a number"
        raise RuleFileError(Diagnostic(F030, str(error), span=Span(at, at + 1), source=source, hint=hint)) from None
    except (json.JSONDecodeError, RecursionError) as error:
        at = start + getattr(error, "pos", 0)
        message = f"the events are no JSON: {getattr(error, 'msg', 'nested too deeply')}"
        hint = "give one JSON object a line, or a list of objects"
        raise RuleFileError(Diagnostic(F030, message, span=Span(at, at + 1), source=source, hint=hint)) from None
    return value


class _TooLongError(Exception):
    def __init__(self, digits: str) -> None:
        super().__init__(f"a number of {len(digits):,} digits")
        self.digits = digits


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise _TooLongError(digits)
    return int(digits)


def _objects(values: object, source: Source, start: int) -> list[dict[str, object]]:
    if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
        message = "an event must be a JSON object"
        raise RuleFileError(Diagnostic(F030, message, span=Span(start, start + 1), source=source))
    return values
