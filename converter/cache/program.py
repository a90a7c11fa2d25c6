"""Which program an entry was made by: what its files hold, which Python runs it, and what is installed beside it.

To read six megabytes in every run would cost more than the rules. Like Python for its bytecode, a run therefore
looks at sizes and times of the files; what they held when they last had those is kept as one hash. Entries are filed
under that hash, so that they serve another checkout or a fresh installation of the same code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from converter.cache import files
from converter.cache.age import PROGRAMS, is_hash
from converter.cache.key import FORMAT, SIZE, key

PACKAGES = ("converter", "backends")
_NOT_READ = ("__pycache__", "prepared")  # both are made out of the rest, which they are checked against


def identity(cache: Path) -> str | None:
    """The hash of the program that runs, with the help of what `cache` knows of its files; None if they cannot be seen.

    Files are kept by the hash of their sizes and times.
    """
    try:
        found = sorted(_files())
        stamp = key(("\n".join(f"{name} {size} {time}" for name, _, size, time in found),))
        known = cache / PROGRAMS / stamp
        content = _known(known)
        if content is None:
            content = key(part for name, path, _, _ in found for part in (name, Path(path).read_bytes()))
            files.write(known, content.encode("ascii"))
        return key((str(FORMAT), content, *_surroundings()))
    except (OSError, ValueError):
        return None


def _known(path: Path) -> str | None:
    """The hash of the files' content, if it was found before."""
    data = files.read(path, 2 * SIZE)
    text = data.decode("ascii", "replace") if data is not None else ""
    return text if is_hash(text) else None


def _files() -> Iterator[tuple[str, str, int, int]]:
    """Every file of the program: its name, its path, its size in bytes, and when it was changed in nanoseconds."""
    for package in PACKAGES:
        spec = find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec is not None else ():
            folders = [root]
            while folders:
                with os.scandir(folders.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir():
                            if entry.name not in _NOT_READ:
                                folders.append(entry.path)
                        else:
                            there = entry.stat()
                            yield package + entry.path[len(root) :], entry.path, there.st_size, there.st_mtime_ns


def _surroundings() -> list[str]:
    """Python, and every distribution with its version, as the folders say that hold their metadata."""
    found = [sys.version, sys.implementation.cache_tag or "", str(sys.flags.optimize)]
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - hot
        except OSError:  # an archive, or nothing
            continue
        found += sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return found
