"""Files of the cache: read where they are whole and plain, written whole or not at all; nothing is raised."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from converter import atomic

_MODE, _FOLDER_MODE = 0o600, 0o700
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PLAIN = getattr(os, "O_NOFOLLOW", 0)


def read(path: Path | str, largest: int, *, links: bool = False) -> bytes | None:
    """The bytes of a file; None for a pipe, a folder, more bytes than `largest`, or what cannot be read.

    `links`: whether a link to a file is as good as the file.
    """
    try:
        handle = os.open(path, _READ if links else _READ | _PLAIN)
    except (OSError, ValueError):
        return None
    try:
        there = os.fstat(handle)
        if not stat.S_ISREG(there.st_mode) or there.st_size > largest:
            return None
        with open(handle, "rb", closefd=False) as stream:
            return stream.read()
    except (OSError, MemoryError):
        return None
    finally:
        os.close(handle)


def write(path: Path, data: bytes) -> bool:
    """Write a file that only its user reads, and say whether that could be done.

    What is on its way to the disk when power fails may be lost, or found to be broken: nobody waits for it.
    """
    try:
        _make(os.path.dirname(path))  # noqa: PTH120 - hot
        atomic.replace(path, data, _MODE)
    except (OSError, ValueError):
        return False
    return True


def _make(folder: str) -> None:
    """Make a folder that is its user's alone, and those above it. Raises OSError."""
    if not folder or os.path.isdir(folder):  # noqa: PTH112 - hot
        return
    _make(os.path.dirname(folder))  # noqa: PTH120 - hot
    with suppress(FileExistsError):  # another run was quicker
        os.mkdir(folder, _FOLDER_MODE)  # noqa: PTH102 - hot


def remove(path: Path | str) -> None:
    """Remove a file or an empty folder, if that can be done."""
    with suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114 - hot
            os.rmdir(path)  # noqa: PTH106 - as above
        else:
            os.unlink(path)  # noqa: PTH108 - as above
