"""Makes Windows event logs (EVTX), as the published description of the format has them.

The layout is that of libyal's "Windows XML Event Log (EVTX) format": a file header, chunks of 64 KiB, records in them,
each a tree in binary XML whose names are written where they are first used. With `templates`, as Windows writes them: a
tree with gaps stands once in its chunk, where the first record needs it, and records hold typed values for the gaps.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

CHUNK = 1 << 16
HEADER = 1 << 12
_RECORDS = 512
_FILETIME = 116_444_736_000_000_000  # 1970 in units of 100 ns since 1601
_FRAGMENT, _END, _OPEN, _CLOSE, _ELEMENT_END, _TEXT, _ATTRIBUTE, _MORE = b"\x0f\x01\x01\x00", 0, 1, 2, 4, 5, 6, 0x40
_TEMPLATE, _GAP = 0x0C, 0x0D
_GUID = bytes(range(16))
Row = Mapping[str, Sequence[tuple[str, object]]]


class Moment(int):
    """Milliseconds since 1970, kept as a FILETIME."""


class _Tree:
    """Binary XML that begins at a place of its chunk. `gaps`: with gaps for values, whose types and bytes it keeps."""

    def __init__(self, place: int, *, gaps: bool = False) -> None:
        self.place = place
        self.data = bytearray(_FRAGMENT)
        self.values: list[tuple[int, bytes]] | None = [] if gaps else None

    def _name(self, name: str) -> None:
        here = self.place + len(self.data) + 4
        hashed = 0
        for sign in name:
            hashed = (hashed * 65599 + ord(sign)) & 0xFFFF_FFFF
        self.data += struct.pack("<IIHH", here, 0, hashed & 0xFFFF, len(name)) + f"{name}\0".encode("utf-16-le")

    def _text(self, value: object) -> None:
        if self.values is not None:
            kind, data = _typed(value)
            self.data += struct.pack("<BHB", _GAP, len(self.values), kind)
            self.values.append((kind, data))
            return
        text = str(value)
        self.data += struct.pack("<BBH", _TEXT, 1, len(text)) + text.encode("utf-16-le")

    def element(self, name: str, attributes: Mapping[str, object], content: object) -> None:
        """An element with a value or a list of elements inside; a pair is a name and a value, attributes or a list."""
        self.data.append(_OPEN | (_MORE if attributes else 0))
        if self.values is not None:
            self.data += b"\xff\xff"  # on no gap depends whether it is there
        size = len(self.data)
        self.data += bytes(4)
        self._name(name)
        if attributes:
            length = len(self.data)
            self.data += bytes(4)
            for number, (key, value) in enumerate(attributes.items(), 1):
                self.data.append(_ATTRIBUTE | (_MORE if number < len(attributes) else 0))
                self._name(key)
                self._text(value)
            struct.pack_into("<I", self.data, length, len(self.data) - length - 4)
        self.data.append(_CLOSE)
        if isinstance(content, list):
            for inner, held in content:
                self._inside(name, inner, held)
        elif content is not None:
            self._text(content)
        self.data.append(_ELEMENT_END)
        struct.pack_into("<I", self.data, size, len(self.data) - size - 4)

    def _inside(self, outer: str, name: str, held: object) -> None:
        if outer == "EventData":
            self.element("Data", {"Name": name} if name else {}, held)
        elif isinstance(held, Mapping):
            attributes = {key: value for key, value in held.items() if key}
            self.element(name, attributes, held.get(""))
        else:
            self.element(name, {}, held)

    def event(self, parts: Row) -> None:
        """The whole tree."""
        inner = [(name, list(held)) for name, held in parts.items()]
        self.element("Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, inner)
        self.data.append(_END)


def _typed(value: object) -> tuple[int, bytes]:
    """The type and the bytes of a value: of texts and of numbers in 32 bits, of moments, of lists of texts."""
    if isinstance(value, Moment):
        return 0x11, struct.pack("<Q", _FILETIME + value * 10_000)
    if isinstance(value, int):
        return 0x08, struct.pack("<I", value)
    if isinstance(value, tuple):
        return 0x81, "".join(f"{text}\0" for text in value).encode("utf-16-le")
    return 0x01, str(value).encode("utf-16-le")


def _shape(parts: Row) -> tuple[object, ...]:
    """What two records have in common that share a template."""
    return tuple((name, tuple((key, type(value)) for key, value in held)) for name, held in parts.items())


def _with_template(place: int, parts: Row, templates: dict[tuple[object, ...], int]) -> bytes:
    """The tree of a record by a template: its definition where it is first used, its place later."""
    known = templates.get(_shape(parts))
    here = place + len(_FRAGMENT) + 10
    tree = _Tree(here + 24, gaps=True)
    tree.event(parts)
    values = tree.values or []
    data = _FRAGMENT + struct.pack("<BBII", _TEMPLATE, 1, 7, here if known is None else known)
    if known is None:
        templates[_shape(parts)] = here
        data += struct.pack("<I16sI", 0, _GUID, len(tree.data)) + tree.data
    data += struct.pack("<I", len(values)) + b"".join(struct.pack("<HBB", len(held), kind, 0) for kind, held in values)
    return data + b"".join(held for _, held in values) + bytes([_END])


def record(
    number: int, place: int, ms: int, parts: Row, templates: dict[tuple[object, ...], int] | None = None
) -> bytes:
    """A record that begins at a place of its chunk; `parts`: System, EventData and so on with what they hold.

    `templates`: the places of those that the chunk has already; None = it is written out.
    """
    if templates is None:
        tree = _Tree(place + 24)
        tree.event(parts)
        data = bytes(tree.data)
    else:
        data = _with_template(place + 24, parts, templates)
    data += bytes(-len(data) % 8 + 4)
    size = 24 + len(data) + 4
    return struct.pack("<IIQQ", 0x2A2A, size, number, _FILETIME + ms * 10_000) + data + struct.pack("<I", size)


def chunk(first: int, rows: Sequence[Row], ms: int, *, templates: bool) -> bytes:
    """A chunk of records that are numbered from `first`, one a second from `ms` on."""
    body, last = bytearray(), 0
    known: dict[tuple[object, ...], int] | None = {} if templates else None
    for number, row in enumerate(rows):
        last = _RECORDS + len(body)
        body += record(first + number, last, ms + 1000 * number, row, known)
    end = first + len(rows) - 1
    free = _RECORDS + len(body)
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, end, first, end, 128, last, free, zlib.crc32(body))
    head = head.ljust(120, b"\0")
    tables = bytes(_RECORDS - 128)
    return (head + struct.pack("<II", 0, zlib.crc32(head + tables)) + tables + body).ljust(CHUNK, b"\0")


def log(*chunks: Sequence[Row], ms: int = 1_772_438_400_000, templates: bool = False) -> bytes:
    """A log of chunks of records."""
    packed, number = b"", 1
    for rows in chunks:
        packed += chunk(number, rows, ms + 1000 * (number - 1), templates=templates)
        number += len(rows)
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, len(chunks) - 1, number, 128, 1, 3, HEADER, len(chunks))
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(HEADER, b"\0") + packed
