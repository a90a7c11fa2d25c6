"""A JSON array of events, read element by element."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from typing import Protocol

from converter.diagnostics import Diagnostic, Source
from converter.engine.codes import V001, V003
from converter.engine.sources.batch import Batch

_PIECE = 1 << 20
_LONGEST = 32 << 20
_BLANK = " \t\r\n"


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int) -> bytes:
        """At most so many; none at the end."""


def array_elements(name: str, piece: bytes, stream: Readable, report: Callable[[Diagnostic], None]) -> Iterator[Batch]:
    """The elements as lines of their own, one batch each piece. After broken JSON nothing more can be told apart."""
    decoder, text = json.JSONDecoder(), codecs.getincrementaldecoder("utf-8")("replace")
    held = text.decode(piece).lstrip(_BLANK + "\ufeff").removeprefix("[")
    count, found, ended, here = 0, list[bytes](), False, 0
    while True:
        at = _blank(held, here)
        if held[at : at + 1] == "]":
            break
        try:
            _, end = decoder.raw_decode(held, at)
            complete = ended or _blank(held, end) < len(held)  # a number may go on in the next piece
            problem = ""
        except json.JSONDecodeError as error:
            end, complete, problem = 0, False, error.msg
        except RecursionError:
            report(_broken(name, count + 1, "it is nested too deeply"))
            break
        if not complete:
            if ended or len(held) - at > _LONGEST:
                said = problem[:1].lower() + problem[1:] if ended else "an event is longer than 32 MB"
                report(_broken(name, count + 1, said, too_long=not ended))
                break
            if found:
                yield Batch(name, count - len(found) + 1, tuple(found), noun="element")
                found = []
            more = stream.read(_PIECE)
            ended = not more
            held, here = held[at:] + text.decode(more, final=ended), 0
            continue
        count += 1
        found.append(held[at:end].encode("utf-8", "surrogatepass"))
        at = _blank(held, end)
        if held[at : at + 1] not in (",", "]"):
            report(_broken(name, count + 1, "expecting ',' or ']' after an element"))
            break
        here = at + 1 if held[at] == "," else at
    if found:
        yield Batch(name, count - len(found) + 1, tuple(found), noun="element")


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _broken(name: str, number: int, said: str, *, too_long: bool = False) -> Diagnostic:
    message = f"element {number} of the array is broken, and what follows cannot be told apart: {said}"
    return Diagnostic(V003 if too_long else V001, message, source=Source(name, ""))
