"""What was not used for long is removed: looked for once a day, and only among what the cache itself wrote.

The folder may be one in which the user has other things too: what does not lie and is not called as here stays.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from converter import atomic
from converter.cache import files
from converter.cache.key import SIZE

DAYS = 30
"""How long what is not used stays."""
_DAY = 86_400
_STAMP = "looked"
_MOST = 1_000_000_000
"""Bytes of all packs together; of more, the oldest go first."""
RUNS, PROGRAMS, PACK = "runs", "programs", ".pack"
_DIGITS = frozenset("0123456789abcdef")
_LENGTH = 2 * SIZE


def clear(root: Path) -> None:
    """Remove packs that no run wrote anew for so long, and the oldest of too many."""
    stamp, now = root / _STAMP, time.time()
    try:
        if abs(now - stamp.stat().st_mtime) < _DAY:
            return
    except OSError:
        pass
    if not files.write(stamp, b""):
        return
    size = 0
    for written, length, path in sorted(_files(root), reverse=True):
        size += length
        if written < now - DAYS * _DAY or size > _MOST:
            files.remove(path)
            files.remove(os.path.dirname(path))  # noqa: PTH120 - goes only if nothing else is in it


def _files(root: Path) -> Iterator[tuple[float, int, str]]:
    """When each file was written, its bytes, and its path."""
    runs = [
        entry.path for entry in _entries(root / RUNS) if is_hash(entry.name) and entry.is_dir(follow_symlinks=False)
    ]
    found = [entry for run in runs for entry in _entries(run) if entry.name.endswith((PACK, atomic.ENDING))]
    found += [entry for entry in _entries(root / PROGRAMS) if is_hash(entry.name)]
    for entry in found:
        try:
            there = entry.stat(follow_symlinks=False)
        except OSError:  # another run has removed it
            continue
        if entry.is_file(follow_symlinks=False):
            yield there.st_mtime, there.st_size, entry.path


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def is_hash(name: str) -> bool:
    """Whether a name is a key."""
    return len(name) == _LENGTH and set(name) <= _DIGITS
