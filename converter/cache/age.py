"""What was not used for long is removed: looked for once a day, and only among what the cache itself wrote."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from converter.cache import files

DAYS = 30
"""How long what is not used stays."""
_DAY = 86_400
_STAMP = "looked"
_MOST = 1_000_000_000
"""Bytes of all packs together; of more, the oldest go first."""
_FOLDERS = ("runs", "programs")


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
    folders = [os.path.join(root, name) for name in _FOLDERS]  # noqa: PTH118 - as above
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        there = entry.stat(follow_symlinks=False)
                        yield there.st_mtime, there.st_size, entry.path
        except OSError:
            continue
