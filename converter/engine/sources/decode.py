"""One line of JSON as an event, by the quickest parser at hand; what it refuses, the standard library judges.

msgspec (the extra `fast`) keeps whole numbers whole at any length, as the standard library does; parsers that make
floats of long numbers would change what a keyword field holds.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from converter.deferred import compiled

Event: TypeAlias = dict[str, object]
_DEEPEST = 500


class BrokenEventError(ValueError):
    """What is wrong with a line, and at which character (from 0)."""

    def __init__(self, message: str, place: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def _no_constant(name: str) -> object:
    raise BrokenEventError(f"{name} is no JSON number")


def _pairs(pairs: list[tuple[str, object]]) -> Event:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise BrokenEventError(f"the key {twice!r} stands twice in one object")
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_HALF = compiled(r"\\u[dD][89a-fA-F]")
_STRICT = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_pairs)


def decode(line: bytes) -> Event:
    """The event of a line. Raises BrokenEventError."""
    try:
        event = _quick()(line)
    except BrokenEventError:
        raise
    except Exception:  # noqa: BLE001 - whatever the quick parser says, the slow one says it with a place
        event = _slow(line)
    if type(event) is dict:
        return event
    raise BrokenEventError("an event must be a JSON object")


def check(line: bytes) -> None:
    """Raise BrokenEventError if a key stands twice in an object; Elasticsearch takes no such event.

    It takes as long as parsing, so it is asked of events that are about to be alerts.
    """
    try:
        _STRICT.decode(line.decode("utf-8"))
    except RecursionError:
        raise BrokenEventError("it is nested too deeply") from None


@functools.cache
def _quick() -> Callable[[bytes], Any]:
    try:
        import msgspec  # the extra `fast`
    except ImportError:
        return _slow
    return cast("Callable[[bytes], Any]", msgspec.json.Decoder().decode)


def _slow(line: bytes) -> object:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = f"it is no UTF-8 text: byte {line[error.start]:#04x}"
        raise BrokenEventError(shown, len(line[: error.start].decode("utf-8", "replace"))) from None
    try:
        value: object = _DECODER.decode(text.removeprefix("\ufeff"))
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()  # what cannot be said is no text
    except json.JSONDecodeError as error:
        raise BrokenEventError(error.msg[:1].lower() + error.msg[1:], error.pos) from None
    except RecursionError:
        raise BrokenEventError("it is nested too deeply") from None
    except BrokenEventError:
        raise
    except UnicodeEncodeError:
        raise BrokenEventError("a text holds half a character") from None
    except ValueError:  # a number of more than 4,300 digits
        raise BrokenEventError("it holds a number that no field can hold") from None
    return value


def is_shallow(value: object, left: int = _DEEPEST) -> bool:
    """Whether an event is nested no deeper than the evaluation of paths can follow."""
    if left == 0:
        return False
    if isinstance(value, dict):
        return all(is_shallow(one, left - 1) for one in value.values())
    return all(is_shallow(one, left - 1) for one in value) if isinstance(value, list) else True
