"""A pack: one file of many entries, since to make a file takes longer than to convert some rules.

A first line that says what it is; then, for each entry, a line with its key, the day of its last use, its length and
its checksum, and its bytes. What comes after a damage is not found, and an entry whose checksum is another is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from zlib import crc32

from converter.deferred import dataclass

_FIRST = b"siemglot cache 1\n"
LONGEST_HEAD = 120
"""Bytes of the line before an entry, at most."""
_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in a pack: the day of its last use, counted from 1970, its bytes and their checksum."""

    day: int
    data: bytes = field(repr=False)
    sum: int

    def whole(self, key: str) -> bytes | None:
        """Its bytes, if they are those that were written under this key."""
        return self.data if checksum(key, self.data) == self.sum else None


def checksum(key: str, data: bytes) -> int:
    """The checksum of an entry, which is of its key too. It is against accidents; a folder's owner is trusted."""
    return crc32(data, crc32(key.encode("ascii")))


def record(key: str, data: bytes, day: int) -> Record:
    """An entry to write."""
    return Record(day, data, checksum(key, data))


def packed(records: Mapping[str, Record]) -> bytes:
    """The file."""
    return b"".join((_FIRST, *_parts(records.items())))


def _parts(records: Iterable[tuple[str, Record]]) -> Iterable[bytes]:
    for key, one in records:
        yield b"%s %d %d %d\n" % (key.encode("ascii"), one.day, len(one.data), one.sum)
        yield one.data


def unpacked(data: bytes) -> dict[str, Record]:
    """The entries of a file by their keys, as far as they can be told."""
    found: dict[str, Record] = {}
    at = len(_FIRST) if data.startswith(_FIRST) else len(data)
    while at < len(data):
        end = data.find(b"\n", at, at + LONGEST_HEAD)
        words = data[at:end].split(b" ")
        if end < 0 or len(words) != _FIELDS:
            break
        try:
            key, (day, length, checked) = words[0].decode("ascii"), map(int, words[1:])
        except ValueError:
            break
        at = end + 1 + length
        if length < 0 or at > len(data):
            break
        found[key] = Record(day, data[end + 1 : at], checked)
    return found
