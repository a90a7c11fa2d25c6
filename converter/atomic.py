"""Files written in one step, so that nobody ever reads half of one: a new file, moved to its place."""

from __future__ import annotations

import functools
import os
from contextlib import suppress
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
ENDING = ".siemglot"
"""Of files that are on their way to their place."""
_LONGEST = 40
"""Characters of a name that a temporary file keeps: with four bytes each it stays under every system's limit."""


def replace(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a new file beside the place and move it there; folders are made. Raises OSError.

    `mode`: who may do what with it, without what the user's mask takes away.
    """
    name = os.fspath(path)
    folder = os.path.dirname(name)  # noqa: PTH120 - hot
    temporary = os.path.join(folder, f".{path.name[:_LONGEST]}.{os.getpid()}{ENDING}")  # noqa: PTH118 - hot
    try:
        clear(folder)
        handle = _opened(temporary, mode)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _opened(temporary, mode)
    try:
        with open(handle, "wb") as stream:  # noqa: PTH123 - a handle, not a path
            stream.write(data)
        os.replace(temporary, name)  # noqa: PTH105 - hot
    except BaseException:
        with suppress(FileNotFoundError):  # an interruption may come after the file has moved
            os.unlink(temporary)  # noqa: PTH108 - see above
        raise


def _opened(temporary: str, mode: int) -> int:
    """A file that nobody had before: one that stands at its name, or a link planted there, is taken away."""
    try:
        return os.open(temporary, _NEW, mode)
    except FileExistsError:
        os.unlink(temporary)  # noqa: PTH108 - hot
        return os.open(temporary, _NEW, mode)


@functools.cache
def clear(folder: str) -> None:
    """Remove what a run that was killed has left half written in a folder; looked at once a run."""
    with os.scandir(folder or ".") as entries:
        left = [entry.name for entry in entries if entry.name.endswith(ENDING) and entry.name.startswith(".")]
    for name in left:
        number = name.removesuffix(ENDING).rpartition(".")[2]
        if number.isascii() and number.isdigit() and not _lives(int(number)):
            Path(folder, name).unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Whether a process of this number runs; "yes" where it cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def into(path: Path, data: bytes) -> None:
    """Write into a pipe or device, which is never replaced; a pipe that nobody reads is an error and no wait.

    Raises OSError.
    """
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "wb") as stream:  # noqa: PTH123 - a handle, not a path
        os.set_blocking(handle, True)
        stream.write(data)
