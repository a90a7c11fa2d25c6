"""Two builds never write one folder at a time: the files would be of both, and the lock of one.

The system keeps the claim for as long as the process lives, so that nothing has to be cleaned up after a crash.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from converter.build.codes import B007
from converter.build.files import reason
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F022


@contextmanager
def alone(folder: Path, *, writes: bool) -> Iterator[None]:
    """Hold a folder, which is made if it is to be written. One that only reads shares it with others that do.

    Raises EmitError: B007 if another build holds it, F022 if it cannot be made. Where a system knows no such claims,
    there is none.
    """
    if writes:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot be written: {reason(error)}"
            raise EmitError(Diagnostic(F022, message, source=Source(folder.as_posix(), ""))) from error
    handle = _opened(folder)
    try:
        if handle is not None:
            _claim(handle, folder, writes=writes)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY)
    except OSError:  # there is none yet, or the system opens no directories
        return None


def _claim(handle: int, folder: Path, *, writes: bool) -> None:
    try:
        import fcntl  # POSIX only
    except ImportError:
        return
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if writes else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
            return  # a file system without claims
        verb = "writing to" if not writes else "using"
        message = f"another build is {verb} this folder"
        hint = "wait until it has ended, or give this one another output folder"
        raise EmitError(Diagnostic(B007, message, source=Source(folder.as_posix(), ""), hint=hint)) from error
