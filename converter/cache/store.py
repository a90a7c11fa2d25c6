"""The entries of one kind of run: found in packs, gathered, and written as one more pack when the run is over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from converter.cache import age, files
from converter.cache.pack import LONGEST_HEAD, Record, packed, record, unpacked

LARGEST = 256_000_000
"""Bytes of a pack."""
PART = 2_000_000
"""Bytes that a run gathers before it writes a pack: what is kept for later is not to be what takes most memory."""
_MOST_PACKS = 8
_DAY = 86_400
_RENEWED = 7
"""Days after which an entry that is used is written anew, so that it is known to be used."""


class Store:
    """The entries below `root` that a program made under the same choices, whose hash is `run`.

    `sure`: whether what `run` is a hash of is still so, asked before anything is written. If not, nobody knows what
    the entries were made of, and they are forgotten.
    """

    def __init__(self, root: Path, run: str, sure: Callable[[], bool] = lambda: True) -> None:
        self._root = root
        self._sure = sure
        self._doubtful = False
        self._folder = root / age.RUNS / run
        self._today = int(time.time()) // _DAY
        self._packs: list[str] = []
        self._found: dict[str, Record] = {}
        self._used: set[str] = set()
        self._new: dict[str, Record] = {}
        self._size = 0
        self._load()

    def _load(self) -> None:
        try:
            names = sorted(name for name in os.listdir(self._folder) if name.endswith(age.PACK))  # noqa: PTH208 - hot
        except OSError:
            return
        for name in names:
            data = files.read(self._folder / name, LARGEST)
            if data is not None:
                self._packs.append(name)
                self._found |= unpacked(data)

    def find(self, key: str) -> bytes | None:
        """The bytes of an entry; None for one that is not there or not whole."""
        one = self._new.get(key) or self._found.get(key)
        data = one.whole(key) if one is not None else None
        if data is not None and key in self._found:
            self._used.add(key)
        return data

    def holds(self, key: str) -> bool:
        """Whether there is such an entry, found or new, and whole."""
        return self.find(key) is not None

    def add(self, key: str, data: bytes) -> None:
        """Keep an entry, which is written at the end."""
        self._new[key] = record(key, data, self._today)
        self._size += len(data)
        if self._size > PART:
            self._write(self._new)
            self._new, self._size = {}, 0

    def close(self) -> None:
        """Write what is new. Once a day, see what is old."""
        stale = any(self._found[key].day + _RENEWED <= self._today for key in self._used)
        if stale or len(self._packs) >= _MOST_PACKS:
            self._merge()
        elif self._new:
            self._write(self._new)
        self._new = {}
        age.clear(self._root)

    def _merge(self) -> None:
        """One pack in place of all, or as few as can be read again.

        They are without entries that were not used for long, and without any that are not whole.
        """
        kept = {
            key: Record(self._today, one.data, one.sum) if key in self._used else one
            for key, one in self._found.items()
            if (key in self._used or one.day + age.DAYS > self._today) and one.whole(key) is not None
        }
        kept |= self._new
        if sum(len(one.data) for one in kept.values()) > LARGEST // 2:
            kept = {key: one for key, one in kept.items() if one.day == self._today}
        if all(self._write(part) for part in _parts(kept)):
            for name in self._packs:
                files.remove(self._folder / name)

    def _write(self, records: dict[str, Record]) -> bool:
        """A pack under a name that none had before: in the order of their names, the later counts."""
        self._doubtful = self._doubtful or not self._sure()
        if self._doubtful:
            return False
        name = f"{time.time_ns():016x}{os.getpid():08x}{age.PACK}"
        return files.write(self._folder / name, packed(records))


def _parts(records: dict[str, Record]) -> list[dict[str, Record]]:
    """Entries as packs that are not too large to be read."""
    parts: list[dict[str, Record]] = [{}]
    size = 0
    for key, one in records.items():
        size += len(one.data) + LONGEST_HEAD
        if size > LARGEST // 2 and parts[-1]:
            parts.append({})
            size = len(one.data) + LONGEST_HEAD
        parts[-1][key] = one
    return parts
