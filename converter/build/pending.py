"""A build's word of what it is about to write, kept beside its lock while it writes.

After a crash the lock is still that of the build before, and files of two builds are there. The next build reads here
which of them are ours, so that it can replace and remove them; a build that ends takes its word back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from converter.build.codes import B001, B003
from converter.build.files import digest, is_below, write
from converter.build.lock import Lock
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import RuleFileError

FILE = ".siemglot.pending"
_VERSION = 1

Hashes = Mapping[str, tuple[str, ...]]
"""By the path of a file, the hashes of what unfinished builds wrote there, or were about to."""


def begin(folder: Path, earlier: Hashes, wanted: Mapping[str, bytes], paths: Iterable[str]) -> None:
    """Say which of the wanted files will be written; `earlier` is what builds that did not end had said."""
    new = {path: tuple(dict.fromkeys((*earlier.get(path, ()), digest(wanted[path])))) for path in paths}
    document = {"pending": _VERSION, "files": dict(sorted({**earlier, **new}.items()))}
    write(folder / FILE, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def end(folder: Path) -> None:
    """All was written, and the lock says so."""
    (folder / FILE).unlink(missing_ok=True)


def read(folder: Path) -> dict[str, tuple[str, ...]]:
    """What builds that did not end had said; nothing if the last one did. Raises RuleFileError (B001, B003)."""
    path = folder / FILE
    try:
        document = json.loads(path.read_bytes())
        if document["pending"] != _VERSION:
            raise ValueError  # noqa: TRY301 - one message for all that no build writes
        files = {str(name): tuple(map(str, hashes)) for name, hashes in document["files"].items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        message = "it has not the shape that a build writes"
        raise RuleFileError(Diagnostic(B001, message, source=Source(path.as_posix(), ""))) from None
    for name in files:
        if not is_below(name):
            message = f"it names the file {name!r}, which is not below its folder"
            raise RuleFileError(Diagnostic(B003, message, source=Source(path.as_posix(), "")))
    return files


def owned(lock: Lock | None, pending: Hashes) -> dict[str, frozenset[str]]:
    """By path, the hashes of what builds wrote there: the last one that ended, and those after it."""
    files = lock.files if lock is not None else {}
    return {
        path: frozenset((*pending.get(path, ()), *([files[path]] if path in files else [])))
        for path in (*files, *pending)
    }
