"""Bytes of a file as text: what it may be, how large, and where the first wrong byte stands."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.rulefile.codes import F001, F002, F003

LARGEST_FILE = 20_000_000
"""Bytes that the file of one rule may have. Elastic's largest is 60 kB."""
LARGEST_EXPORT = 250_000_000
"""Bytes that an export of many rules may have. All of Elastic's rules are 25 MB."""

# First bytes that tell what a file is that is no text, and what a user may do about it.
_MAGIC = (
    (b"\x1f\x8b", "a gzip archive", "unpack it first: gunzip FILE"),
    (b"PK\x03\x04", "a zip archive", "unpack it first: unzip FILE"),
    (b"(\xb5/\xfd", "a zstd archive", "unpack it first: unzstd FILE"),
    (b"\x89PNG", "a picture", "give a rule file or an export of rules"),
    (b"\xff\xd8\xff", "a picture", "give a rule file or an export of rules"),
    (b"%PDF", "a PDF document", "give a rule file or an export of rules"),
)
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_bounded(path: Path, largest: int = LARGEST_FILE) -> str:
    """The text of a file; at most one byte more than allowed is read, and only of what is a file."""
    return decode(read_bytes(path, largest), path.as_posix(), largest)


def read_bytes(path: Path, largest: int) -> bytes:
    """The bytes of a file, one more than allowed at most. Raises RuleFileError (F001) for what cannot be read."""
    name = path.as_posix()
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise _unreadable(name, "it is a pipe or device, not a file", "use - to read a rule from a pipe")
        with path.open("rb") as stream:
            return stream.read(largest + 1)
    except OSError as error:
        reason = "it is a directory" if path.is_dir() else (error.strerror or "unknown reason").lower()
        raise _unreadable(name, reason) from error


def _unreadable(name: str, reason: str, hint: str = "") -> RuleFileError:
    message = f"the file cannot be read: {reason}"
    return RuleFileError(Diagnostic(F001, message, source=Source(name, ""), hint=hint))


def check_size(size: int, name: str, largest: int = LARGEST_FILE) -> None:
    """Raise RuleFileError (F002) for a text that is longer than allowed."""
    if size > largest:
        message = f"the file is larger than {largest // 1_000_000} MB"
        hint = "give the file of one rule, or an export in parts"
        raise RuleFileError(Diagnostic(F002, message, source=Source(name, ""), hint=hint))


def decode(data: bytes, name: str, largest: int = LARGEST_FILE) -> str:
    """The text of the bytes of a file called `name`: UTF-8, or UTF-16 that says so; line ends are single."""
    check_size(len(data), name, largest)
    for magic, what, hint in _MAGIC:
        if data.startswith(magic):
            source, span = Source(name, data[:40].decode("utf-8", "replace")), Span(0, len(magic))
            raise RuleFileError(Diagnostic(F003, f"this is {what}, not text", span=span, source=source, hint=hint))
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            return _clean(data.decode(encoding, "replace"), name)
    try:
        return _clean(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        start = len(error.object[: error.start].decode("utf-8"))  # utf-8-sig has cut a byte order mark off
        source = Source(name, error.object.decode("utf-8", "replace"))
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8 text"
        hint = "save the file as UTF-8; a rule file is text"
        raise RuleFileError(Diagnostic(F003, what, span=Span(start, start + 1), source=source, hint=hint)) from None


def _clean(text: str, name: str) -> str:
    # Line ends are normalised first: tomli does it in every value, and values must be findable in the text.
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n")
    if (zero := text.find("\0")) >= 0:
        span, source = Span(zero, zero + 1), Source(name, text)
        hint = "a rule file is text; this looks like a binary file"
        raise RuleFileError(Diagnostic(F003, "a zero byte is not text", span=span, source=source, hint=hint))
    return text
