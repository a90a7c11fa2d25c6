"""Files that a user gives beside rules, settings and tables: what they hold decides, and may change in a run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from converter.cache import files
from converter.cache.key import key

LARGEST = 20_000_000
"""Bytes of a file that is read for this, as many as the program itself reads of one."""

Digests: TypeAlias = tuple[tuple[str, str], ...]
"""Files with the hashes of their bytes."""


def held(path: Path) -> bytes | None:
    """The bytes of a file; None for what is none, such as a pipe, which is never waited for, or cannot be read."""
    return files.read(path, LARGEST, links=True)


def digests(names: Iterable[str]) -> Digests | None:
    """Files with the hashes of their bytes; None where one cannot be read."""
    found: list[tuple[str, str]] = []
    for name in names:
        data = held(Path(name))
        if data is None:
            return None
        found.append((name, key((data,))))
    return tuple(found)


def are(known: Digests) -> bool:
    """Whether files hold what they held."""
    return digests(name for name, _ in known) == known
