"""Keys: hashes of all that decides what an entry holds."""

from __future__ import annotations

from collections.abc import Iterable

try:
    from _blake2 import blake2b  # hashlib's own; to import that loads OpenSSL, which takes as long as a hundred entries
except ImportError:  # pragma: no cover - an interpreter that has it elsewhere
    from hashlib import blake2b

FORMAT = 1
"""Raised when entries are written in another way."""
SIZE = 16
"""Bytes of a key: as many as make it certain that no two things that differ have one."""


def key(parts: Iterable[str | bytes]) -> str:
    """The hash of some texts and bytes in their order, in hexadecimal digits."""
    found = blake2b(digest_size=SIZE)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(b"%d:" % len(data))  # so that two parts are never taken for two others
        found.update(data)
    return found.hexdigest()
