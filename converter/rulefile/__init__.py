"""Elastic's rule files: TOML text to typed metadata, with every place kept.

`read_path` and `read_text` raise `RuleFileError` with one diagnostic for each thing that is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import tomli

from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.model.metadata import Metadata
from converter.rulefile.positions import Positions
from converter.rulefile.reading import read_metadata
from converter.rulefile.table import Findings, decode_key

LARGEST_FILE = 20_000_000
"""Bytes a rule file may have. Elastic's largest is 60 kB."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule file, read but not understood: its metadata, and where the query's spans count from.

    `query_source` at `query_offset` is the place of the query's first character: in the file if the text stands
    there verbatim, else in a source of its own.
    """

    meta: Metadata
    source: Source
    query_source: Source
    query_offset: int = 0
    notes: tuple[Diagnostic, ...] = ()

    def key(self, name: str) -> Span | None:
        """The place of one of the rule's keys, or of the table it would be in."""
        positions = Positions(self.source.text, decode_key)
        return positions.key(("rule", name)) or positions.key((name,))


def read_path(path: Path | str) -> RuleText:
    """Read a rule file."""
    path = Path(path)
    return read_text(read_bounded(path), path.as_posix())


def read_bounded(path: Path) -> str:
    """The text of a file; at most one byte more than allowed is read, whatever the path is."""
    name = path.as_posix()
    try:
        with path.open("rb") as stream:
            return decode(stream.read(LARGEST_FILE + 1), name)
    except OSError as error:
        reason = "it is a directory" if path.is_dir() else (error.strerror or "unknown reason").lower()
        message = f"the file cannot be read: {reason}"
        raise RuleFileError(Diagnostic("F001", message, source=Source(name, ""))) from error


def _check_size(size: int, name: str) -> None:
    if size > LARGEST_FILE:
        message = f"the file is larger than {LARGEST_FILE // 1_000_000} MB"
        hint = "give the file of one rule; Elastic's rules are a few kilobytes"
        raise RuleFileError(Diagnostic("F002", message, source=Source(name, ""), hint=hint))


def decode(data: bytes, name: str) -> str:
    """The text of the bytes of a file called `name`."""
    _check_size(len(data), name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = len(error.object[: error.start].decode("utf-8"))  # utf-8-sig has cut a byte order mark off
        source = Source(name, error.object.decode("utf-8", "replace"))
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8 text"
        hint = "save the file as UTF-8; a rule file is TOML text"
        raise RuleFileError(Diagnostic("F003", what, span=Span(start, start + 1), source=source, hint=hint)) from None


def read_text(text: str, name: str) -> RuleText:
    """Read a rule from TOML text; `name` stands for the file in messages."""
    _check_size(len(text), name)
    # TOML's line ends are normalised by tomli in every value; doing it first keeps values findable in the text.
    source = Source(name, text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n"))
    if (zero := source.text.find("\0")) >= 0:
        hint = "a rule file is TOML text; this looks like a binary file"
        raise RuleFileError(
            Diagnostic("F003", "a zero byte is not text", span=Span(zero, zero + 1), source=source, hint=hint)
        )
    document = parse_toml(source)
    if "rule" not in document and not ("type" in document and "name" in document):
        hint = "a detection rule has a [rule] table with name, type and query"
        span = Span(0, len(source.line(1))) if source.text else Span(0, 0)
        raise RuleFileError(Diagnostic("F006", "there is no [rule] table", span=span, source=source, hint=hint))
    findings = Findings(source)
    metadata = read_metadata(document, findings)
    if findings.errors:
        raise RuleFileError(findings.errors)
    if findings.unknown:
        metadata = replace(metadata, unknown=tuple(findings.unknown))
    return RuleText(metadata, source, *query_place(metadata, source), tuple(findings.found))


def query_place(metadata: Metadata, source: Source) -> tuple[Source, int]:
    """The source and offset that spans of the query count from."""
    if metadata.query_span is not None:
        return source, metadata.query_span.start
    return Source(f"{source.name} (query)", metadata.query), 0


# What tomli says, and what a user is told: a message of our own or tomli's, and a hint.
_SLIPS = (
    (r"Illegal character .\\n", "the string is not closed on its line", "close it, or use ''' for several lines"),
    ("(Expected .*('''|\"\"\")|Unterminated)", "the string that begins here is not closed", ""),
    ("overwrite|twice|Cannot (declare|mutate)", "", "the key or table is already there; keep one of them"),
    ("Invalid value", "", 'text needs quotes: key = "text"'),
    ("Expected '='", "", "a line is key = value, [table] or # comment"),
    ("Unclosed array", "", "a list is opened and not closed with ]"),
)


def parse_toml(source: Source) -> dict[str, object]:
    """The document of a TOML text. Raises RuleFileError at the slip."""
    try:
        return tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        raise RuleFileError(_slip(error, source)) from None
    except ValueError as error:  # of Python: a number of more digits than it converts
        long = re.search(r"[0-9_]{4000,}", source.text)
        span = Span(*long.span()) if long else Span(0, 0)
        message = "not valid TOML: a number has too many digits"
        raise RuleFileError(Diagnostic("F004", message, span=span, source=source)) from error
    except RecursionError:
        hint = "a rule needs a few levels of lists and tables"
        span = _deepest(source.text)
        raise RuleFileError(
            Diagnostic("F005", "the TOML is nested too deeply", span=span, source=source, hint=hint)
        ) from None


def _deepest(text: str) -> Span:
    """The bracket that opens the deepest level of a TOML text."""
    depth = most = at = 0
    for found in re.finditer(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|#.*|([\[{])|([\]}])""", text):
        if found[1]:
            depth += 1
            if depth > most:
                most, at = depth, found.start()
        elif found[2]:
            depth -= 1
    return Span(at, at + 1)


def _slip(error: tomli.TOMLDecodeError, source: Source) -> Diagnostic:
    """What is wrong with the TOML, at the place where it began if that can be told."""
    message = f"{error.msg[:1].lower()}{error.msg[1:]}"
    start, hint = error.pos, ""
    for pattern, said, advice in _SLIPS:
        if re.search(pattern, error.msg):
            message, hint = said or message, advice
            break
    if quotes := re.search("'''|\"\"\"", error.msg):
        start = max(source.text.rfind(quotes[0]), 0)  # nothing behind it closes it
        span = Span(start, start + 3)
    else:
        span = Span(start, max(start, min(start + 1, len(source.text))))
    return Diagnostic("F004", f"not valid TOML: {message}", span=span, source=source, hint=hint)
