"""Files on disk: written whole or not at all, removed only where a lock says that a build wrote them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from converter import atomic
from converter.build.codes import B002
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F022

LICENCES = Path(__file__).parent.parent / "licences"
"""Elastic's licence and notice, which travel with every artifact made from one of Elastic's rules."""


def write(path: Path, content: str | bytes) -> None:
    """Replace a file in one step, so that nobody ever reads half of it. Raises EmitError.

    One that holds just that is left: to make a file takes ten times as long as to read it.
    """
    # A lone surrogate stands for a byte of a file's name that is no UTF-8; it is written out.
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        there = _there(path)
        if there is not None and stat.S_ISREG(there.st_mode):
            if there.st_size == len(data) and _holds(path, data):
                return
            atomic.replace(path, data)
        elif there is not None and _is_special(path):
            atomic.into(path, data)
        else:
            atomic.replace(path, data)
    except OSError as error:
        message = f"cannot be written: {reason(error)}"
        raise EmitError(Diagnostic(F022, message, source=Source(path.as_posix(), ""))) from error


def _there(path: Path) -> os.stat_result | None:
    """What stands at a place, a link as such; None for nothing. Raises OSError where that cannot be told."""
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file holds these bytes and no link has come into its place."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as stream:  # noqa: PTH123 - a handle, not a path
            return stream.read() == data
    except OSError:  # it may be replaced all the same
        return False


def _is_special(path: Path) -> bool:
    """Whether a pipe or a device stands there, or is linked to. Raises OSError where that cannot be told."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - hot
    except FileNotFoundError:
        return False
    except OSError:
        return path.exists()  # which knows what is as good as nothing there
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def reason(error: OSError) -> str:
    """Why the system refused, in its own words."""
    if error.errno == errno.ENXIO:
        return "nobody reads from the pipe"  # the system's words are "no such device or address"
    return (error.strerror or "unknown reason").lower()


def digest(data: bytes) -> str:
    """The hash under which a file is remembered."""
    import hashlib  # only builds remember files

    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a build would do to its folder, as sorted paths below it.

    `kept`: files of an earlier build that are no longer wanted but were changed by hand.
    """

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """The files that are not as they should be."""
        return (*self.created, *self.changed, *self.removed)

    def warnings(self, folder: Path) -> tuple[Diagnostic, ...]:
        """What is said of files that stay."""
        message = "the file is no longer made, and it was changed by hand: it stays"
        return tuple(
            Diagnostic(B002, message, Severity.WARNING, source=Source((folder / path).as_posix(), ""))
            for path in self.kept
        )


def compare(folder: Path, wanted: Mapping[str, bytes], owned: Mapping[str, Collection[str]]) -> Difference:
    """How the folder differs from the wanted files; `owned`: those of earlier builds, with their hashes."""
    created, changed = [], []
    for path, data in wanted.items():
        there = _content(folder, path)
        if there is None:
            created.append(path)
        elif there != data:
            changed.append(path)
    gone = {path: there for path in owned if path not in wanted and (there := _content(folder, path)) is not None}
    removed = [path for path, there in gone.items() if digest(there) in owned[path]]
    kept = [path for path in gone if path not in removed]
    return Difference(*(tuple(sorted(paths)) for paths in (created, changed, removed, kept)))


def apply(folder: Path, wanted: Mapping[str, bytes], difference: Difference) -> None:
    """Make the folder as it should be. Raises EmitError for what cannot be written or removed."""
    # Names that differ in case only are one file to some systems: what goes, goes before what comes.
    for path in difference.removed:
        try:
            (folder / path).unlink(missing_ok=True)
        except OSError as error:
            message = f"cannot be removed: {reason(error)}"
            raise EmitError(Diagnostic(F022, message, source=Source((folder / path).as_posix(), ""))) from error
    _prune(folder, difference.removed)
    for path in (*difference.created, *difference.changed):
        write(folder / path, wanted[path])


def clear(folder: Path, paths: Iterable[str]) -> None:
    """Remove what a build that was killed has left half written beside these files."""
    for parent in {(folder / path).parent for path in paths}:
        with suppress(OSError):
            atomic.clear(os.fspath(parent))


def is_below(path: str) -> bool:
    """Whether a path of a lock stays in its folder: relative, with no way up, in the one spelling that builds write."""
    pure = PurePosixPath(path)
    plain = bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and pure.as_posix() == path
    return plain and not any(c in path for c in ("\\", "\0", ":")) and pure.parts[0] != "."


def _content(folder: Path, path: str) -> bytes | None:
    """The bytes of a file of the folder; None if it is none, or one that a link leads out of the folder to."""
    place = folder / path
    try:
        if not place.resolve().is_relative_to(folder.resolve()):
            return None
        return place.read_bytes()
    except OSError:
        return None


def _prune(folder: Path, removed: Iterable[str]) -> None:
    """Remove the folders that have nothing left in them, from the inside out."""
    folders = {parent for path in removed for parent in PurePosixPath(path).parents if parent.parts}
    for parent in sorted(folders, key=lambda p: len(p.parts), reverse=True):
        try:
            (folder / parent).rmdir()
        except OSError:  # it holds something, or is gone
            continue


def one_name(path: str) -> str:
    """What two paths have in common that some file system takes for one."""
    if path.isascii():
        return path.lower()
    import unicodedata  # few paths need it

    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
