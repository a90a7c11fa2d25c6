"""Makes Windows event logs (EVTX), as the published description of the format has them, without templates.

The layout is that of libyal's "Windows XML Event Log (EVTX) format": a file header, chunks of 64 KiB, records in them,
each a tree in binary XML whose names are written where they are first used.
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
_DATA, _PLACED = ("Data", "Name"), {"Provider": "Name", "TimeCreated": "SystemTime"}


class _Tree:
    """Binary XML that begins at a place of its chunk."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.data = bytearray(_FRAGMENT)

    def _name(self, name: str) -> None:
        here = self.place + len(self.data) + 4
        hashed = 0
        for sign in name:
            hashed = (hashed * 65599 + ord(sign)) & 0xFFFF_FFFF
        self.data += struct.pack("<IIHH", here, 0, hashed & 0xFFFF, len(name)) + f"{name}\0".encode("utf-16-le")

    def _text(self, text: str) -> None:
        self.data += struct.pack("<BBH", _TEXT, 1, len(text)) + text.encode("utf-16-le")

    def element(self, name: str, attributes: Mapping[str, str], content: str | Sequence[tuple[str, object]]) -> None:
        """An element with text or elements inside; a pair is a name and text, or attributes, or elements."""
        self.data.append(_OPEN | (_MORE if attributes else 0))  # without the number that elements of templates have
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
        if isinstance(content, str):
            self._text(content)
        else:
            for inner, held in content:
                self._inside(name, inner, held)
        self.data.append(_ELEMENT_END)
        struct.pack_into("<I", self.data, size, len(self.data) - size - 4)

    def _inside(self, outer: str, name: str, held: object) -> None:
        if outer == "EventData":
            self.element("Data", {"Name": name}, str(held))
        elif isinstance(held, Mapping):
            self.element(name, held, ())
        else:
            self.element(name, {}, held if isinstance(held, list) else str(held))


def record(number: int, place: int, ms: int, parts: Mapping[str, Sequence[tuple[str, object]]]) -> bytes:
    """A record that begins at a place of its chunk; `parts`: System, EventData and so on with what they hold."""
    tree = _Tree(place + 24)
    tree.element(
        "Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, [*map(_part, parts.items())]
    )
    tree.data.append(_END)
    tree.data += bytes(-len(tree.data) % 8 + 4)
    size = 24 + len(tree.data) + 4
    return struct.pack("<IIQQ", 0x2A2A, size, number, _FILETIME + ms * 10_000) + tree.data + struct.pack("<I", size)


def _part(part: tuple[str, Sequence[tuple[str, object]]]) -> tuple[str, object]:
    return part[0], list(part[1])


def chunk(first: int, rows: Sequence[Mapping[str, Sequence[tuple[str, object]]]], ms: int) -> bytes:
    """A chunk of records that are numbered from `first`, one a second from `ms` on."""
    body, last = bytearray(), 0
    for number, row in enumerate(rows):
        last = _RECORDS + len(body)
        body += record(first + number, last, ms + 1000 * number, row)
    end = first + len(rows) - 1
    free = _RECORDS + len(body)
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, end, first, end, 128, last, free, zlib.crc32(body))
    head = head.ljust(120, b"\0")
    tables = bytes(_RECORDS - 128)
    return (head + struct.pack("<II", 0, zlib.crc32(head + tables)) + tables + body).ljust(CHUNK, b"\0")


def log(*chunks: Sequence[Mapping[str, Sequence[tuple[str, object]]]], ms: int = 1_772_438_400_000) -> bytes:
    """A log of chunks of records."""
    packed, number = b"", 1
    for rows in chunks:
        packed += chunk(number, rows, ms + 1000 * (number - 1))
        number += len(rows)
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, len(chunks) - 1, number, 128, 1, 3, HEADER, len(chunks))
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(HEADER, b"\0") + packed
