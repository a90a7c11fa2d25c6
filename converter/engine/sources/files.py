"""Files of events as batches: lines of JSON (plain, gzip, zstd), JSON arrays, and tables of rows.

What a file holds is told by its first bytes, and by its ending where those cannot tell (CSV). A file is read once, from
front to end, in pieces: memory does not grow with it.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.code import Code
from converter.engine.codes import V002, V003, V004
from converter.engine.sources.array import Readable, array_elements
from converter.engine.sources.batch import Batch

STDIN = "-"
LONGEST_LINE = 32 << 20
_PIECE = 1 << 20
SMALL_PIECE = 1 << 18
"""What one process reads at a time: the events of a piece are in memory together."""
_PACKED = 1 << 16

Report = Callable[[Diagnostic], None]


def batches(argument: str, report: Report, size: int = _PIECE, wanted: frozenset[str] | None = None) -> Iterator[Batch]:
    """The batches of a file, or of stdin for `-`. What is wrong with the file as a whole is reported.

    `wanted`: the paths that rules ask for, so that no other column of a table is read but for events that hit; None =
    all of them.
    """
    name = "<stdin>" if argument == STDIN else Path(argument).as_posix()
    try:
        with _opened(argument) as raw:
            yield from _held(name, raw, report, size, wanted)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        report(_problem(V002, name, f"the events cannot be read: {(error.strerror or str(error)).lower()}"))


def _problem(code: Code, name: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(code, message, source=Source(name, ""), hint=hint)


def _opened(argument: str) -> IO[bytes]:
    if argument == STDIN:
        return io.BufferedReader(_Unclosed(sys.stdin.buffer), _PIECE)
    return Path(argument).open("rb")


class _Unclosed(io.RawIOBase):
    """Stdin, which stays open."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        read = getattr(self._stream, "read1", self._stream.read)
        found = read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _held(name: str, raw: IO[bytes], report: Report, size: int, wanted: frozenset[str] | None) -> Iterator[Batch]:
    start = raw.peek(8)[:8] if isinstance(raw, io.BufferedReader) else b""
    lower = name.lower()
    if start.startswith(b"\x1f\x8b"):
        stream = _Unpacked(raw, lambda: zlib.decompressobj(wbits=31))
        yield from _text(name, stream, report, size, lower.removesuffix(".gz"), raw)
    elif start.startswith(b"\x28\xb5\x2f\xfd"):
        unpacker = _zstd()
        if unpacker is None:
            hint = "pip install 'siemglot[zstd]', or unpack it: zstd -dc FILE | siemglot evaluate RULES --events -"
            report(_problem(V004, name, "the events are packed with zstd, which needs the package zstandard", hint))
            return
        yield from _text(name, _Unpacked(raw, unpacker), report, size, lower.removesuffix(".zst"), raw)
    elif start.startswith((b"PAR1", b"ARROW1")):
        from converter.engine.sources.columns import column_batches  # needs pyarrow

        chosen = wanted if name != "<stdin>" else None
        yield from column_batches(name, raw, report, chosen, is_parquet=start.startswith(b"PAR1"))
    elif start.startswith(b"ElfFile\x00"):
        from converter.engine.sources.eventlog import eventlog_batches  # needs evtx

        yield from eventlog_batches(name, raw, report)
    else:
        yield from _text(name, raw, report, size, lower, raw)


def _zstd() -> Callable[[], Unpacker] | None:
    try:
        import zstandard  # the extra `zstd`
    except ImportError:
        return None
    return lambda: zstandard.ZstdDecompressor().decompressobj()


class Unpacker(Protocol):
    """What unpacks a frame, piece by piece."""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""

    @property
    def unused_data(self) -> bytes:
        """What follows the frame."""

    def decompress(self, data: bytes, /) -> bytes:
        """What the piece holds."""


class _Unpacked:
    """Packed data, frame after frame: all that could be unpacked is given before it is said that the rest is broken."""

    def __init__(self, raw: IO[bytes], frame: Callable[[], Unpacker]) -> None:
        self._raw = raw
        self._frame = frame
        self._unpacker = frame()
        self._begun = False

    def read(self, size: int) -> bytes:
        """Some bytes; none at the end. Raises EOFError where the packed data is cut off."""
        del size
        while True:
            packed = self._raw.read(_PACKED)
            if not packed:
                if self._begun and not self._unpacker.eof:
                    raise EOFError
                return b""
            found = b""
            while packed:
                if self._unpacker.eof:
                    self._unpacker = self._frame()
                self._begun = True
                found += self._unpacker.decompress(packed)
                packed = self._unpacker.unused_data if self._unpacker.eof else b""
                packed = b"" if not packed.strip(b"\0") else packed  # padding
            if found:
                return found


def _text(name: str, stream: Readable, report: Report, size: int, lower: str, raw: IO[bytes]) -> Iterator[Batch]:
    """Lines, an array or a table of text. A packed stream that is cut off is reported after what it held."""
    guarded = _Guarded(stream, name, report)
    if lower.endswith(".csv"):
        from converter.engine.sources.table import table_batches

        yield from table_batches(name, guarded, report)
        return
    piece = guarded.read(size)
    if piece.lstrip()[:1] == b"[":
        yield from array_elements(name, piece, guarded, report)
    else:
        yield from _lines(name, piece, guarded, report, size, raw)


class _Guarded:
    """A stream whose packed data may end too soon: that is reported, and the stream ends there."""

    def __init__(self, stream: Readable, name: str, report: Report) -> None:
        self._stream = stream
        self._name = name
        self._report = report

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        try:
            read = getattr(self._stream, "read1", self._stream.read)
            return bytes(read(size))
        except Exception as error:
            if not isinstance(error, (EOFError, zlib.error)) and type(error).__name__ != "ZstdError":
                raise
            said = "they end in the middle" if isinstance(error, EOFError) else str(error).lower()
            self._report(_problem(V002, self._name, f"the packed events cannot be read on: {said}"))
            return b""


def _lines(name: str, piece: bytes, stream: _Guarded, report: Report, size: int, raw: IO[bytes]) -> Iterator[Batch]:
    """Blocks of whole lines. Of a line that is too long the end of the line alone is left: it counts as one."""
    rest, number = b"", 1
    skipping = False
    while piece:
        if skipping:
            end = piece.find(b"\n")
            piece = piece[end:] if end >= 0 else b""
            skipping = end < 0
        found = rest + piece
        cut = found.rfind(b"\n") + 1
        block, rest = found[:cut], found[cut:]
        lines = block.count(b"\n")
        if len(rest) > LONGEST_LINE:
            place = f"{name}:{number + lines}"
            report(_problem(V003, place, f"the line is longer than {LONGEST_LINE >> 20} MB and is left out"))
            rest, skipping = b"", True
        if block:
            yield Batch(name, number, done=_place(raw), block=block)
            number += lines
        piece = stream.read(size)
    if rest:
        yield Batch(name, number, done=_place(raw), block=rest)


def _place(raw: IO[bytes]) -> int:
    try:
        return raw.tell()
    except (OSError, ValueError):
        return 0
